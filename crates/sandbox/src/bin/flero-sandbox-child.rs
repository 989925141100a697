//! The child of this crate's tests. Without arguments it is what the product's hidden command is; with
//! `probe NAME` it gives its rights away and then tries one thing that must fail, and with `free NAME` it
//! tries the same thing with all its rights, which shows that the attempt itself is sound.
//!
//! A probe answers on standard output: `could` or `could not`. No answer means that the kernel ended it.

use std::io::Write;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["probe", rest @ ..] => {
            let Ok(_defences) = flero_sandbox::lock_down(&flero_sandbox::Limits::default()) else {
                std::process::exit(9)
            };
            answer(rest);
        }
        ["free", rest @ ..] => answer(rest),
        _ => flero_sandbox::child_main(),
    }
}

/// Tries and tells.
fn answer(what: &[&str]) {
    let text = if attempt(what) { "could" } else { "could not" };
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Whether the thing can be done.
fn attempt(what: &[&str]) -> bool {
    match what {
        ["read", path] => std::fs::read(path).is_ok(),
        ["list", path] => std::fs::read_dir(path).is_ok(),
        ["write", path] => std::fs::write(path, "x").is_ok(),
        ["remove", path] => std::fs::remove_file(path).is_ok(),
        ["stat", path] => std::fs::metadata(path).is_ok(),
        ["connect", address] => std::net::TcpStream::connect(address).is_ok(),
        ["udp"] => std::net::UdpSocket::bind("127.0.0.1:0").is_ok(),
        #[cfg(unix)]
        ["unix"] => std::os::unix::net::UnixStream::pair().is_ok(),
        ["exec"] => std::process::Command::new("/bin/true").status().is_ok(),
        ["thread"] => std::thread::Builder::new().spawn(|| ()).is_ok(),
        // Nothing forbidden is tried: a probe that fails here would make every other one worthless.
        ["nothing"] => true,
        ["memory", mib] => {
            let bytes = mib.parse::<usize>().unwrap_or(0) << 20;
            let mut block: Vec<u8> = Vec::new();
            let got = block.try_reserve_exact(bytes).is_ok();
            std::hint::black_box(&block);
            got
        }
        ["environment"] => std::env::vars_os().any(|(name, _)| name != "TZ"),
        _ => std::process::exit(8),
    }
}
