//! Programs under another user: databases do not run as the administrator, who runs tests in containers. The tests of
//! several crates include this file.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
};

/// A program as this user where the tests run as the administrator, else as whoever runs them.
pub(crate) fn as_user(user: &str, program: &Path) -> Command {
    static IS_ROOT: OnceLock<bool> = OnceLock::new();
    let is_root = *IS_ROOT.get_or_init(|| {
        Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout.trim_ascii() == b"0")
    });
    if is_root {
        let mut command = Command::new("setpriv");
        let (user, group) = (format!("--reuid={user}"), format!("--regid={user}"));
        command.args([&user, &group, "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Writes a file that this user alone can read.
pub(crate) fn write_as(user: &str, path: &Path, content: &str) {
    let script = format!("umask 077; cat > '{}'", path.display());
    let mut shell =
        as_user(user, Path::new("/bin/sh")).args(["-c", &script]).stdin(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(content.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success());
}
