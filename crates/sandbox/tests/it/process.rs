//! What is left to somebody who has taken the engine over and makes system calls of their own.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use super::{CHILD, run, sandbox};

/// A value that the test's own environment has and no child may see.
const CANARY: &str = "canary-5fb1c0de";

/// `SIGSYS`: the kernel ended the process because of a system call.
const SIGSYS: i32 = 31;

/// Tries something in a child; `mode` is `probe` (locked) or `free`.
fn attempt(mode: &str, what: &[&str]) -> Output {
    let mut command = Command::new(CHILD);
    if mode == "probe" {
        command.env_clear().current_dir("/");
    }
    command.arg(mode).args(what).output().expect("the child starts")
}

/// What a child says that has every right.
fn can_when_free(what: &[&str]) -> bool {
    attempt("free", what).stdout == b"could"
}

/// Security test 45: a child has no argument, variable, open file or directory that says anything.
#[tokio::test]
async fn a_child_holds_nothing_that_proc_shows() {
    let sandbox = sandbox();
    let file = tempfile::NamedTempFile::new().expect("a file");
    run(&sandbox, "return 1").await.expect("a result");
    let pid = sandbox.idle_children()[0].1;
    let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();

    assert_eq!(String::from_utf8_lossy(&read("environ")), "", "the environment is empty");
    let expected = format!("{CHILD}\0sandbox-child\0");
    let cmdline = read("cmdline");
    assert!(cmdline.is_empty() || cmdline == expected.as_bytes(), "{}", String::from_utf8_lossy(&cmdline));

    let mut files = Vec::new();
    if let Ok(list) = std::fs::read_dir(format!("/proc/{pid}/fd")) {
        for entry in list.flatten() {
            let target = std::fs::read_link(entry.path()).unwrap_or_default();
            files.push((entry.file_name().into_string().unwrap_or_default(), target));
        }
        files.sort();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["0", "1", "2"], "{files:?}");
        // The pipes of a child are a socket pair or pipes, according to the system; the third is the null device.
        assert!(files.iter().take(2).all(|(_, to)| to.to_string_lossy().contains(':')), "{files:?}");
        assert_eq!(files[2].1.to_string_lossy(), "/dev/null");
        assert!(files.iter().all(|(_, to)| to != file.path()));
    }
    if let Ok(directory) = std::fs::read_link(format!("/proc/{pid}/cwd")) {
        assert_eq!(directory.to_string_lossy(), "/");
    }
    let status = String::from_utf8(read("status")).expect("text");
    for line in
        ["NoNewPrivs:\t1", "Seccomp:\t2", "Seccomp_filters:\t2", "CapEff:\t0000000000000000", "Threads:\t1"]
    {
        assert!(status.contains(line), "{line} is missing in {status}");
    }
    for line in [
        "Max core file size        0                    0",
        "Max file size             0                    0",
    ] {
        let limits = String::from_utf8(read("limits")).expect("text");
        assert!(limits.contains(line), "{line} is missing in {limits}");
    }
}

/// Security test 45: a child cannot open, list, write or remove a file, and starts without a variable.
#[test]
fn a_locked_child_can_open_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret");
    std::fs::write(&path, CANARY).expect("written");
    let path = path.to_str().expect("text");
    let list = folder.path().to_str().expect("text");
    let environ = "/proc/self/environ";
    for what in
        [["read", path], ["list", list], ["write", path], ["read", environ], ["stat", path], ["remove", path]]
    {
        let locked = attempt("probe", &what);
        assert_eq!(String::from_utf8_lossy(&locked.stdout), "could not", "{what:?}: {:?}", locked.status);
        assert!(can_when_free(&what), "{what:?} is no attempt at all");
        std::fs::write(path, CANARY).expect("written");
    }
    assert_eq!(attempt("probe", &["environment"]).stdout, b"could not");
    assert!(can_when_free(&["environment"]));
    assert_eq!(attempt("probe", &["nothing"]).stdout, b"could", "a locked child still runs and answers");
}

/// Security test 46: a child that opens a socket, starts a program or starts a thread is ended by the kernel.
#[test]
fn a_locked_child_that_reaches_out_is_ended() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    for what in [vec!["connect", &address], vec!["udp"], vec!["unix"], vec!["exec"], vec!["thread"]] {
        let locked = attempt("probe", &what);
        assert_eq!(locked.status.signal(), Some(SIGSYS), "{what:?}: {locked:?}");
        assert!(locked.stdout.is_empty(), "{what:?}");
        assert!(can_when_free(&what), "{what:?} is no attempt at all");
    }
}

/// Security test 45: a child cannot take more memory than its limit, whoever asks for it.
#[test]
fn a_locked_child_can_take_a_bounded_amount_of_memory() {
    assert_eq!(attempt("probe", &["memory", "16"]).stdout, b"could");
    assert_eq!(attempt("probe", &["memory", "2000"]).stdout, b"could not");
    assert!(can_when_free(&["memory", "2000"]));
}

/// Security test 45: a server's secrets in its environment are not in a child, and code cannot name them.
#[tokio::test]
async fn a_child_sees_no_variable_of_the_server() {
    // The variable belongs to cargo's own environment of this test, so nothing is changed for other tests.
    let name = "CARGO_MANIFEST_DIR";
    let secret = std::env::var(name).expect("cargo sets it");
    let sandbox = sandbox();
    let source = "return [typeof process, typeof require, typeof Deno, typeof std, typeof os, typeof fetch, typeof \
                  setTimeout, typeof WebAssembly, typeof scriptArgs, typeof print, typeof performance]";
    let seen = run(&sandbox, source).await.expect("a result").value;
    assert!(seen.as_array().expect("a list").iter().all(|kind| kind == "undefined"), "{seen}");
    let pid = sandbox.idle_children()[0].1;
    let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&environ).contains(&secret));
}
