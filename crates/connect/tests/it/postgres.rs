//! A PostgreSQL with TLS and a password, on loopback; the tests of several crates include this file.

use std::{
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::as_user::{as_user, write_as};

/// The password of the user `flero`.
pub(crate) const PASSWORD: &str = "cnry-pg-7f3d9a1b5c8e";

/// A server that ends with the test.
pub(crate) struct Postgres {
    child: Child,
    _folder: tempfile::TempDir,
    address: SocketAddr,
    certificate: String,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is a fast shutdown; the server's own children end with it.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn as_server(program: &Path) -> Command {
    as_user("postgres", program)
}

fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("install the package postgresql-15");
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.unwrap().path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().expect("install the package postgresql-15")
}

impl Postgres {
    /// Starts a server with a database in an empty folder, with a certificate and its key as PEM, and waits until it
    /// takes connections.
    pub(crate) fn start(folder: tempfile::TempDir, certificate: String, key: &str) -> Self {
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let at = |name: &str| folder.path().join(name);
        write_as("postgres", &at("password"), PASSWORD);
        let made = as_server(&binary("initdb"))
            .args([
                "--username=flero",
                "--auth=scram-sha-256",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ])
            .arg(format!("--pwfile={}", at("password").display()))
            .arg("-D")
            .arg(at("data"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        write_as("postgres", &at("server.crt"), &certificate);
        write_as("postgres", &at("server.key"), key);
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", address.port()),
            "unix_socket_directories=".to_owned(),
            "fsync=off".to_owned(),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", at("server.crt").display()),
            format!("ssl_key_file={}", at("server.key").display()),
        ];
        let mut command = as_server(&binary("postgres"));
        command.arg("-D").arg(at("data")).current_dir(folder.path());
        for setting in &settings {
            command.args(["-c", setting]);
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { child, address, certificate, _folder: folder };
        let start = Instant::now();
        while !server.is_ready() {
            assert!(start.elapsed() < Duration::from_secs(60), "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// The parameters of a credential for it, with some set otherwise.
    pub(crate) fn parameters(&self, more: Value) -> Value {
        let mut all = json!({"engine": "postgresql", "host": "pg.test", "port": self.address.port(), "database": "postgres", "user": "flero", "ca": self.certificate});
        all.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        all
    }

    /// A server that listens may still refuse everybody because it starts (SQLSTATE 57P03).
    fn is_ready(&self) -> bool {
        let port = self.address.port().to_string();
        let mut ask = Command::new(binary("pg_isready"));
        let said = ask.args(["-q", "-h", "127.0.0.1", "-p", &port]).status();
        said.is_ok_and(|status| status.success())
    }
}
