//! The door to MySQL against a real one, whose `caching_sha2_password` MariaDB does not have.
//!
//! `cargo xtask test` unpacks the server and names its folder in `FLERO_PEER_MYSQL`.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use flero_connect::Kind;
use flero_model::CredentialId;
use serde_json::{Value, json};

use super::{
    harness::World,
    mysqls::made,
    statements::{ask, rows, state, statement},
};

/// The password of the user `flero`.
const PASSWORD: &str = "cnry-real-my-7d2e91a4";

/// A server that ends with the test.
struct Mysql {
    child: Child,
    folder: tempfile::TempDir,
    address: SocketAddr,
    certificate: String,
}

impl Drop for Mysql {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server's program, started by the loader and with the libraries that came with it.
fn server(root: &Path, data: &Path) -> Command {
    let entries = |folder: &Path| fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let libraries = entries(&root.join("usr/lib")).find(|path| path.join("libc.so.6").exists()).unwrap();
    let is_loader = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("ld-linux");
    let mut command = Command::new(entries(&libraries).find(is_loader).unwrap());
    command.arg("--library-path").arg(&libraries).arg(root.join("usr/sbin/mysqld"));
    command.args(["--no-defaults", "--user=root"]).arg(format!("--datadir={}", data.display()));
    command.arg(format!("--plugin-dir={}", root.join("usr/lib/mysql/plugin").display()));
    // What tests do not need of a server takes its time and its memory.
    command.args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--skip-log-bin"]);
    // Debian's default is a folder that an installation makes.
    command.args(["--mysqlx=OFF", "--secure-file-priv=NULL"]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

impl Mysql {
    /// Starts one with the database `shop`, whose certificate has the name `my.test`.
    fn start() -> Self {
        let root = PathBuf::from(std::env::var_os("FLERO_PEER_MYSQL").expect("see the module"));
        let own = rcgen::generate_simple_self_signed(vec!["my.test".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let log = |name: &str| fs::File::create(at(name)).unwrap();
        let data = at("data");
        let made =
            server(&root, &data).arg("--initialize-insecure").stderr(log("made.log")).status().unwrap();
        assert!(made.success(), "{}", fs::read_to_string(at("made.log")).unwrap());
        fs::write(at("server.crt"), own.cert.pem()).unwrap();
        fs::write(at("server.key"), own.signing_key.serialize_pem()).unwrap();
        let users = format!(
            "CREATE DATABASE shop;\nCREATE USER flero IDENTIFIED WITH caching_sha2_password BY '{PASSWORD}';\nGRANT ALL ON shop.* TO flero;\nGRANT RELOAD ON *.* TO flero;\n"
        );
        fs::write(at("start.sql"), users).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = server(&root, &data)
            .args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--local-infile=ON"])
            .arg(format!("--port={}", address.port()))
            .arg(format!("--socket={}", at("socket").display()))
            .arg(format!("--pid-file={}", at("pid").display()))
            .arg(format!("--init-file={}", at("start.sql").display()))
            .arg(format!("--ssl-cert={}", at("server.crt").display()))
            .arg(format!("--ssl-key={}", at("server.key").display()))
            .stderr(log("server.log"))
            .spawn()
            .unwrap();
        let mut server = Self { child, folder, address, certificate: own.cert.pem() };
        let start = Instant::now();
        // It listens when the file with the user has been run.
        while TcpStream::connect(address).is_err() {
            let has_ended = server.child.try_wait().unwrap().is_some();
            assert!(!has_ended && start.elapsed() < Duration::from_secs(180), "{}", server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap()
    }

    fn credential(&self, world: &World, password: &str, more: Value) -> CredentialId {
        let mut all = json!({"engine": "mysql", "host": "my.test", "port": self.address.port(), "database": "shop", "user": "flero", "ca": self.certificate});
        all.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        made(world, all, password)
    }
}

/// `caching_sha2_password` in its two ways: the whole password inside TLS as long as the server knows nothing, and from then
/// on the scramble alone, which may go in the clear. The first way without TLS is refused by us: nobody on the way gets
/// the password for a key of their own.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn a_real_mysql_takes_a_password_by_caching_sha2() {
    let (server, world) = (Mysql::start(), World::new());
    let plain = server.credential(&world, PASSWORD, json!({"tls": "disable"}));
    let sealed = server.credential(&world, PASSWORD, json!({}));
    let refused = ask(&world, plain, statement("SELECT 1", json!([]))).await.unwrap().answer.unwrap_err();
    assert!(refused.message.contains("caching_sha2_password") && refused.message.contains("verify-full"));
    for _ in 0..2 {
        let cipher = rows(&world, sealed, "SHOW SESSION STATUS LIKE 'Ssl_version'", json!([])).await;
        assert_eq!(cipher[0]["Value"], "TLSv1.3");
    }
    let plugin = "SELECT @@version LIKE '%MariaDB%' AS other, current_user() AS who";
    assert_eq!(rows(&world, plain, plugin, json!([])).await, [json!({"other": 0, "who": "flero@%"})]);
    // What is kept of the password is forgotten: the whole one is wanted again.
    let _ = rows(&world, sealed, "FLUSH PRIVILEGES", json!([])).await;
    let refused = ask(&world, plain, statement("SELECT 1", json!([]))).await.unwrap().answer.unwrap_err();
    assert!(refused.message.contains("verify-full"), "{}", refused.message);
    assert_eq!(rows(&world, sealed, "SELECT 1 AS one", json!([])).await, [json!({"one": 1})]);
    // A wrong one is refused by the server, which wants the whole of it first, and stands in no error.
    for (more, is_refusal) in [(json!({}), true), (json!({"tls": "disable"}), false)] {
        let wrong = server.credential(&world, "cnry-wrong-password", more);
        let reply = ask(&world, wrong, statement("SELECT 1", json!([]))).await.unwrap();
        assert_eq!(reply.answer.as_ref().unwrap_err().is_refusal(), is_refusal, "{reply:?}");
        assert!(!format!("{reply:?}").contains("cnry"));
    }
    assert!(!server.log().contains("cnry"));
}

/// The values, the limits and the refusal of files, where MySQL is not MariaDB.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn a_real_mysql_runs_statements_within_their_limits() {
    let (server, world) = (Mysql::start(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let nasty = "x'); DROP TABLE people; -- \\' 😀";
    let table = "CREATE TABLE people (id int AUTO_INCREMENT PRIMARY KEY, name text, doc json, born date, height decimal(5,2), seen timestamp(3) NULL, lasts time(1), raw varbinary(9), bits bit(9), big bigint unsigned, f double, y year, small float)";
    let _ = rows(&world, id, table, json!([])).await;
    let insert = "INSERT INTO people (name, doc, born, height, seen, lasts, raw, bits, big, f, y, small) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = json!([nasty, {"k": [1, null]}, "2000-02-29", 1.75, "2024-01-02 03:04:05.6", "-100:00:01.5", "ab", 257, 18_446_744_073_709_551_615_u64, 1.5, 2024, 0.5]);
    let added = ask(&world, id, statement(insert, values)).await.unwrap().answer.unwrap();
    assert_eq!((added.affected, added.inserted, added.rows.len()), (1, Some(1), 0));
    let found = rows(&world, id, "SELECT * FROM people WHERE name = ?", json!([nasty])).await;
    let expected = json!({"id": 1, "name": nasty, "doc": {"k": [1, null]}, "born": "2000-02-29", "height": "1.75", "seen": "2024-01-02T03:04:05.6Z", "lasts": "-100:00:01.5", "raw": "YWI=", "bits": 257, "big": "18446744073709551615", "f": 1.5, "y": 2024, "small": 0.5});
    assert_eq!(found, [expected]);
    assert_eq!(state(&world, id, "SELECT 1; DROP TABLE people", json!([])).await, "42000");
    assert_eq!(state(&world, id, "SELECT * FROM nowhere", json!([])).await, "42S02");
    // Rows, time, files.
    let mut many = statement(
        "WITH RECURSIVE n AS (SELECT 1 AS v UNION ALL SELECT v + 1 FROM n WHERE v < 900) SELECT v FROM n",
        json!([]),
    );
    many.max_rows = 10;
    let many = ask(&world, id, many).await.unwrap().answer.unwrap();
    assert_eq!((many.rows.len(), many.is_truncated), (10, true));
    let start = Instant::now();
    let mut slow = statement("SELECT sleep(30)", json!([]));
    slow.timeout = Duration::from_millis(500);
    // The door gives up, or MySQL wakes the sleep (reference manual, "sleep()": it returns 1 then); it does not end well.
    let slow = ask(&world, id, slow).await.ok().and_then(|reply| reply.answer.ok());
    assert!(slow.is_none_or(|rows| rows.rows == [json!({"sleep(30)": 1})]));
    assert!(start.elapsed() < Duration::from_secs(10));
    let load = "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE people (name)";
    assert!(ask(&world, id, statement(load, json!([]))).await.unwrap().answer.is_err());
    let wrong = server.credential(&world, PASSWORD, json!({"host": "other.test"}));
    assert_eq!(ask(&world, wrong, statement("SELECT 1", json!([]))).await.unwrap_err().kind(), Kind::Tls);
}
