//! Runs programs: what they say is shown as they say it, and none may run for ever.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A command of the project: run at its root, without standard input, with the project's tools on its path.
pub(crate) fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(crate::files::root()).stdin(Stdio::null()).env("PATH", path());
    command
}

/// The folder that `cargo install --root` fills: `flero/tools` in `$XDG_CACHE_HOME`, or in `.cache` of the home
/// folder, so that all checkouts share it.
pub(crate) fn tools() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    base.unwrap_or_else(std::env::temp_dir).join("flero/tools")
}

/// The search path with our tools in front.
fn path() -> OsString {
    let own = tools().join("bin");
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own).chain(std::env::split_paths(&rest));
    std::env::join_paths(all).unwrap_or(rest)
}

/// Whether a program is there and answers to `args`.
pub(crate) fn answers(program: &str, args: &[&str]) -> bool {
    let mut command = command(program, args);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// What a program writes to standard output.
///
/// # Errors
/// When it cannot be started or fails; its standard error is part of the message.
pub(crate) fn output(program: &str, args: &[&str]) -> Result<String> {
    let output = command(program, args).output().with_context(|| format!("starting {program}"))?;
    if !output.status.success() {
        bail!("{program} {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command for at most `limit`, shows all it writes, and returns the lines with its status.
///
/// # Errors
/// When it cannot be started or has to be killed.
pub(crate) fn show(mut command: Command, limit: Duration) -> Result<(ExitStatus, Vec<String>)> {
    let name = format!("{command:?}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    let (lines, inbox) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        forward(out, lines.clone());
    }
    if let Some(err) = child.stderr.take() {
        forward(err, lines.clone());
    }
    drop(lines);
    let status = wait(&mut child, limit).with_context(|| name)?;
    // Both pipes end with the program; a grandchild that keeps one open is not waited for.
    let mut kept = Vec::new();
    while let Ok(line) = inbox.recv_timeout(Duration::from_secs(5)) {
        kept.push(line);
    }
    Ok((status, kept))
}

/// Prints and keeps every line of a pipe.
fn forward(pipe: impl Read + Send + 'static, lines: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(std::result::Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

/// Waits for the end, or kills.
fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("killed after {} minutes", limit.as_secs() / 60);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_shown_and_kept() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo out; echo err >&2; exit 3"]);
        let (status, mut lines) = show(shell, Duration::from_secs(60)).expect("it runs");
        lines.sort();
        assert_eq!((status.code(), lines), (Some(3), vec!["err".to_owned(), "out".to_owned()]));
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let mut sleep = Command::new("sleep");
        sleep.arg("60");
        let error = show(sleep, Duration::from_millis(100)).expect_err("it is killed");
        assert!(format!("{error:#}").contains("killed"), "{error:#}");
    }

    #[test]
    fn a_missing_program_is_an_error() {
        assert!(show(Command::new("no-such-program-here"), Duration::from_secs(1)).is_err());
        assert!(!answers("no-such-program-here", &[]));
    }
}
