//! A MariaDB with TLS and a password, on loopback; the tests of several crates include this file.

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
pub(crate) const PASSWORD: &str = "cnry-my-2b8e6d0f4a7c";

/// A server that ends with the test.
pub(crate) struct Mariadb {
    child: Child,
    _folder: tempfile::TempDir,
    address: SocketAddr,
    certificate: String,
}

impl Drop for Mariadb {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn as_server(program: &Path) -> Command {
    as_user("mysql", program)
}

fn binary(names: &[&str]) -> PathBuf {
    let places = ["/usr/sbin", "/usr/bin", "/usr/libexec"];
    let found = places.iter().flat_map(|place| names.iter().map(move |name| Path::new(place).join(name)));
    let mut found = found.filter(|path| path.exists());
    found.next().expect("install the package mariadb-server")
}

impl Mariadb {
    /// Starts a server with the database `shop` in an empty folder, with a certificate and its key as PEM, and waits
    /// until it takes connections.
    pub(crate) fn start(folder: tempfile::TempDir, certificate: String, key: &str) -> Self {
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let at = |name: &str| folder.path().join(name);
        let data = format!("--datadir={}", at("data").display());
        let made = as_server(&binary(&["mariadb-install-db"]))
            .args(["--no-defaults", &data, "--skip-test-db", "--auth-root-authentication-method=normal"])
            // A server that starts removes the temporary tables of all others from the folder that they share.
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        write_as("mysql", &at("server.crt"), &certificate);
        write_as("mysql", &at("server.key"), key);
        write_as(
            "mysql",
            &at("start.sql"),
            &format!(
                "CREATE DATABASE shop;\nCREATE USER 'flero'@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON shop.* TO 'flero'@'%';\n"
            ),
        );
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = as_server(&binary(&["mariadbd", "mysqld"]))
            .args(["--no-defaults", &data, "--bind-address=127.0.0.1", "--skip-name-resolve"])
            .arg(format!("--port={}", address.port()))
            .arg(format!("--socket={}", at("socket").display()))
            .arg(format!("--pid-file={}", at("pid").display()))
            .arg(format!("--init-file={}", at("start.sql").display()))
            .arg(format!("--ssl-cert={}", at("server.crt").display()))
            .arg(format!("--ssl-key={}", at("server.key").display()))
            // What tests do not need of a server takes its time and its memory.
            .args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--skip-log-bin"])
            .args(["--character-set-server=utf8mb4", "--local-infile=ON"])
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, address, certificate, _folder: folder };
        let start = Instant::now();
        // It listens when the file with the user has been run.
        while std::net::TcpStream::connect(server.address).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "MariaDB does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// The parameters of a credential for it, with some set otherwise.
    pub(crate) fn parameters(&self, more: Value) -> Value {
        let mut all = json!({"engine": "mysql", "host": "my.test", "port": self.address.port(), "database": "shop", "user": "flero", "ca": self.certificate});
        all.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        all
    }
}
