//! Independent programs that judge what the door sends: Python packages in a virtual environment that the first test
//! to need it makes. The tests of several crates include this file.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../connect/tests/peers/requirements.txt");

/// The interpreter of the environment. Tests that start together wait for the one that makes it.
pub(crate) fn python() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers-python");
    let (interpreter, done) = (folder.join("bin/python"), folder.join("requirements.txt"));
    let wanted = std::fs::read(REQUIREMENTS).unwrap();
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if std::fs::read(&done).is_ok_and(|installed| installed == wanted) {
        return interpreter;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS];
    run(Command::new(&interpreter).args(install));
    std::fs::write(done, wanted).unwrap();
    interpreter
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?} failed; python3 with venv and pip is needed");
}

/// A program that ends with the test.
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    /// Starts one of our scripts, which prints its port.
    pub(crate) fn script(name: &str, arguments: &[&str]) -> Self {
        let script = [env!("CARGO_MANIFEST_DIR"), "/../connect/tests/peers/", name].concat();
        let mut child =
            Command::new(python()).arg(script).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port: u16 = line.trim().parse().unwrap_or_else(|_| panic!("{name} did not start: {line}"));
        Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    /// Starts a module or command line that listens on the port that it is given.
    pub(crate) fn listening(arguments: impl Fn(u16) -> Vec<String>, variables: &[(&str, &str)]) -> Self {
        let interpreter = python();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(interpreter)
            .args(arguments(address.port()))
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let peer = Self { child, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(start.elapsed() < Duration::from_secs(90), "the peer does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        peer
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
