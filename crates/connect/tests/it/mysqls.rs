//! The door to MySQL: against a real MariaDB with TLS and passwords, and against servers that mean harm.

use std::time::{Duration, Instant};

use flero_connect::{AccountReply, Error, Kind, Rows, SqlError, Statement};
use flero_model::{CredentialId, audit::AuditAction, credential::AuthType};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    harness::World,
    mariadb::{Mariadb, PASSWORD},
    statements::{ask, rows, state, statement},
};

impl Mariadb {
    fn credential(&self, world: &World, password: &str, more: Value) -> CredentialId {
        made(world, self.parameters(more), password)
    }
}

pub(super) fn made(world: &World, parameters: Value, password: &str) -> CredentialId {
    let hosts = ["my.test", "other.test", "http://my.test"];
    world.credential(AuthType::Database, parameters, json!({ "password": password }), &hosts)
}

/// A MariaDB whose certificate has this name.
fn mariadb() -> Mariadb {
    let own = rcgen::generate_simple_self_signed(vec!["my.test".to_owned()]).unwrap();
    Mariadb::start(tempfile::tempdir().unwrap(), own.cert.pem(), &own.signing_key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_statements_run_with_their_values_bound() {
    let (server, world) = (mariadb(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let nasty = "x'); DROP TABLE people; -- \\' 😀";
    let table = "CREATE TABLE people (id int AUTO_INCREMENT PRIMARY KEY, name text, doc json, born date, height decimal(5,2), seen timestamp(3) NULL, at datetime, lasts time(1), raw varbinary(9), bits bit(9), big bigint unsigned, f double, y year, e enum('a','b'), small float)";
    let _ = rows(&world, id, table, json!([])).await;
    let insert = "INSERT INTO people (name, doc, born, height, seen, at, lasts, raw, bits, big, f, y, e, small) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = json!([nasty, {"k": [1, null]}, "2000-02-29", 1.75, "2024-01-02 03:04:05.6", "1999-12-31 23:59:59", "-100:00:01.5", "ab", 257, 18_446_744_073_709_551_615_u64, 1.5, 2024, "b", 0.5]);
    let added = ask(&world, id, statement(insert, values)).await.unwrap().answer.unwrap();
    assert_eq!((added.affected, added.inserted, added.rows.len()), (1, Some(1), 0));
    let select = "SELECT *, id > ? AS more, ? AS nothing, ? AS truth FROM people WHERE name = ?";
    let found = rows(&world, id, select, json!([0, null, true, nasty])).await;
    let expected = json!({"id": 1, "name": nasty, "doc": "{\"k\":[1,null]}", "born": "2000-02-29", "height": "1.75", "seen": "2024-01-02T03:04:05.6Z", "at": "1999-12-31T23:59:59", "lasts": "-100:00:01.5", "raw": "YWI=", "bits": 257, "big": "18446744073709551615", "f": 1.5, "y": 2024, "e": "b", "small": 0.5, "more": 1, "nothing": null, "truth": 1});
    assert_eq!(found, [expected]);
    // A row that stays as it is was found all the same.
    let same = ask(&world, id, statement("UPDATE people SET name = ?", json!([nasty]))).await.unwrap();
    assert_eq!(same.answer.unwrap().affected, 1);
    let nulls = "INSERT INTO people (name) VALUES (NULL) RETURNING id, name, doc, bits, seen";
    assert_eq!(
        rows(&world, id, nulls, json!([])).await,
        [json!({"id": 2, "name": null, "doc": null, "bits": null, "seen": null})]
    );
    // A procedure gives several results; the first counts, and the connection is read to its end.
    let procedure =
        "CREATE PROCEDURE two() BEGIN SELECT 1 AS a; SELECT 2 AS b; UPDATE people SET y = 2000; END";
    let _ = rows(&world, id, procedure, json!([])).await;
    assert_eq!(rows(&world, id, "CALL two()", json!([])).await, [json!({"a": 1})]);
    assert_eq!(rows(&world, id, "SELECT DISTINCT y FROM people", json!([])).await, [json!({"y": 2000})]);
    // One statement, so many values as it has places, and what the server says of a wrong one.
    assert_eq!(state(&world, id, "SELECT 1; DROP TABLE people", json!([])).await, "42000");
    assert_eq!(state(&world, id, "SELECT ?", json!([])).await, "07001");
    assert_eq!(state(&world, id, "SELECT * FROM nowhere", json!([])).await, "42S02");
    assert_eq!(state(&world, id, "INSERT INTO people (id) VALUES (?)", json!([1])).await, "23000");
}

/// Security test 38: a MySQL server that repeats the password does not bring it into the run's data; security test 39:
/// no error holds it.
#[tokio::test(flavor = "multi_thread")]
async fn a_mysql_password_never_comes_back() {
    let (server, world) = (mariadb(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let echo = "SELECT ? AS a, to_base64(?) AS b, hex(?) AS c";
    let echo = rows(&world, id, echo, json!([PASSWORD, PASSWORD, PASSWORD])).await;
    let coded = data_encoding::BASE64.encode(PASSWORD.as_bytes());
    let hex = data_encoding::HEXUPPER.encode(PASSWORD.as_bytes());
    let told = json!(echo).to_string();
    assert!(!told.contains("cnry") && !told.contains(&coded) && !told.contains(&hex), "{told}");
    let refused =
        ask(&world, id, statement(&format!("SELECT * FROM `{PASSWORD}`"), json!([]))).await.unwrap();
    assert!(refused.answer.is_err() && !format!("{refused:?}").contains("cnry"), "{refused:?}");
    let wrong = server.credential(&world, "cnry-wrong-password", json!({}));
    let reply = ask(&world, wrong, statement("SELECT 1", json!([]))).await.unwrap();
    assert!(reply.answer.as_ref().unwrap_err().is_refusal() && !format!("{reply:?}").contains("cnry"));
    let trail = world.trail();
    let count = |action| trail.iter().filter(|row| row.action == action).count();
    assert_eq!((count(AuditAction::CredentialUseIntent), count(AuditAction::CredentialUsed)), (3, 3));
    assert!(trail.iter().all(|row| !format!("{row:?}").contains("cnry")));
}

/// Security test 19: a MySQL password goes only where its policy says, over TLS with that name, to an address that the
/// guard has checked.
#[tokio::test(flavor = "multi_thread")]
async fn a_mysql_connection_goes_where_the_policy_says_and_nowhere_else() {
    let (server, world) = (mariadb(), World::new());
    let kind = |more: Value| {
        let id = server.credential(&world, PASSWORD, more);
        let world = &world;
        async move {
            let encrypted = "SHOW SESSION STATUS LIKE 'Ssl_version'";
            let reply = ask(world, id, statement(encrypted, json!([]))).await?;
            Ok::<_, Error>(reply.answer.unwrap().rows[0]["Value"].clone())
        }
    };
    assert_eq!(kind(json!({})).await.unwrap(), "TLSv1.3");
    assert_eq!(kind(json!({"tls": "disable"})).await.unwrap(), "");
    assert_eq!(kind(json!({"host": "other.test"})).await.unwrap_err().kind(), Kind::Tls);
    assert_eq!(kind(json!({"ca": ""})).await.unwrap_err().kind(), Kind::Tls);
    assert_eq!(kind(json!({"host": "evil.test"})).await.unwrap_err().kind(), Kind::DestinationRefused);
    // A name that leads to a private address is closed unless the operator opens it.
    let closed = World::with(flero_connect::Config::default());
    let id = server.credential(&closed, PASSWORD, json!({}));
    let error = ask(&closed, id, statement("SELECT 1", json!([]))).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Blocked(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_rows_bytes_and_time_are_limited() {
    let (server, world) = (mariadb(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let limited = |sql: &str, change: fn(&mut Statement)| {
        let mut statement = statement(sql, json!([]));
        change(&mut statement);
        ask(&world, id, statement)
    };
    let start = Instant::now();
    let many = limited("SELECT seq FROM seq_1_to_100000000", |one| one.max_rows = 10).await.unwrap();
    let many = many.answer.unwrap();
    assert_eq!((many.rows.len(), many.affected, many.is_truncated), (10, 10, true));
    assert!(start.elapsed() < Duration::from_secs(5), "the server sends no rows in vain");
    // What is given back in part is done as a whole.
    let _ = rows(&world, id, "CREATE TABLE numbers (n int)", json!([])).await;
    let insert = "INSERT INTO numbers SELECT seq FROM seq_1_to_1000 RETURNING n";
    let some = limited(insert, |one| one.max_rows = 10).await.unwrap().answer.unwrap();
    assert_eq!((some.rows.len(), some.is_truncated), (10, true));
    let count = rows(&world, id, "SELECT count(*) AS c FROM numbers", json!([])).await;
    assert_eq!(count, [json!({"c": 1_000})]);
    let large = limited("SELECT repeat('x', 15000000) AS x", |_| {}).await.unwrap_err();
    assert_eq!(large.kind(), Kind::DatabaseTooLarge);
    let start = Instant::now();
    let slow = limited("SELECT sleep(30)", |one| one.timeout = Duration::from_millis(500)).await;
    assert_eq!(slow.unwrap_err().kind(), Kind::Timeout);
    assert!(start.elapsed() < Duration::from_secs(10));
    let long = json!(["x".repeat(17 << 20)]);
    assert_eq!(state(&world, id, "SELECT length(?)", long).await, "54000");
}

/// Nobody's file leaves this machine: the server is told that files are not sent, and is refused when it asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_cannot_be_made_to_ask_for_a_file() {
    let (server, world) = (mariadb(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let _ = rows(&world, id, "CREATE TABLE passwd (entry text)", json!([])).await;
    let load = "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE passwd";
    assert!(ask(&world, id, statement(load, json!([]))).await.unwrap().answer.is_err());
    assert_eq!(rows(&world, id, "SELECT * FROM passwd", json!([])).await, Vec::<Value>::new());
}

/// What a hostile or a special server says, packet by packet; each but the first answers one packet.
struct Script {
    world: World,
    id: CredentialId,
    server: tokio::task::JoinHandle<Vec<Vec<u8>>>,
}

trait Line: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Line for S {}

async fn tell(line: &mut impl Line, sequence: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let packet = [&length[..3], &[sequence], payload].concat();
    let _ = line.write_all(&packet).await;
}

async fn hear(line: &mut impl Line) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 4];
    line.read_exact(&mut head).await.ok()?;
    let mut payload = vec![0; u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize];
    line.read_exact(&mut payload).await.ok()?;
    Some((head[3], payload))
}

const OK: &[u8] = &[0, 0, 0, 2, 0, 0, 0];
/// The scramble of the greeting: 20 bytes.
const NONCE: &[u8; 20] = b"abcdefghijklmnopqrst";

/// A greeting of protocol 10 (MySQL Internals, "HandshakeV10").
fn greeting(capabilities: u32, plugin: &str) -> Vec<u8> {
    let [a, b, c, d] = capabilities.to_le_bytes();
    let mut packet =
        [&[10][..], b"8.4.0\0", &[7, 0, 0, 0], &NONCE[..8], &[0, a, b, 45, 2, 0, c, d, 21]].concat();
    packet.extend([0; 10]);
    packet.extend(&NONCE[8..]);
    packet.push(0);
    packet.extend(plugin.as_bytes());
    packet.push(0);
    packet
}

/// A demand to prove the password in another way (MySQL Internals, "AuthSwitchRequest").
fn switch(plugin: &str) -> Vec<u8> {
    [&[0xfe][..], plugin.as_bytes(), b"\0", NONCE, b"\0"].concat()
}

/// All that a server of today offers, besides TLS (0x0800) and compression.
const OFFERED: u32 = 0x00ff_f7df & !0x20;

impl Script {
    /// Greets, and then answers each packet with the next of these.
    async fn start(greeting: Vec<u8>, answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (mut line, _) = listener.accept().await.unwrap();
            tell(&mut line, 0, &greeting).await;
            let mut heard = Vec::new();
            for answer in answers {
                let Some((sequence, payload)) = hear(&mut line).await else { return heard };
                heard.push(payload);
                tell(&mut line, sequence + 1, &answer).await;
            }
            while let Some((_, payload)) = hear(&mut line).await {
                heard.push(payload);
            }
            heard
        });
        let world = World::new();
        let parameters = json!({"engine": "mysql", "host": "my.test", "port": port, "database": "d", "user": "u", "tls": "disable"});
        let id = made(&world, parameters, PASSWORD);
        Self { world, id, server }
    }

    /// What comes of a statement, and every packet that reached the server.
    async fn run(self) -> (Result<AccountReply<Rows, SqlError>, Error>, Vec<Vec<u8>>) {
        let mut asked = statement("SELECT 1", json!([]));
        asked.timeout = Duration::from_secs(5);
        let result = ask(&self.world, self.id, asked).await;
        (result, self.server.await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_server_gets_no_file_and_no_clear_password() {
    // It asks for a file in place of a result (MySQL Internals, "LOCAL INFILE Request").
    let file = [&[0xfb][..], b"/etc/passwd"].concat();
    let prepared = vec![0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let answers = vec![OK.to_vec(), OK.to_vec(), prepared, file];
    let native = "mysql_native_password";
    let (result, heard) = Script::start(greeting(OFFERED, native), answers).await.run().await;
    assert_eq!(result.unwrap_err().kind(), Kind::DatabaseProtocol);
    // Log-in, settings, prepare, execute, and nothing after the demand. Files were never offered (0x80).
    assert_eq!(heard.len(), 4);
    assert_eq!(heard[0][0] & 0x80, 0);
    // It asks for the password itself, in the clear, by each of the ways that there are.
    for plugin in
        ["mysql_clear_password", "sha256_password", "mysql_old_password", "dialog", "client_ed25519"]
    {
        let script = Script::start(greeting(OFFERED, native), vec![switch(plugin)]);
        let (result, heard) = script.await.run().await;
        let error = result.unwrap().answer.unwrap_err();
        assert!(error.state == "08004" && error.message.contains(plugin), "{error:?}");
        assert_eq!(heard.len(), 1, "{plugin}");
    }
    let sha2 = "caching_sha2_password";
    let (result, heard) = Script::start(greeting(OFFERED, sha2), vec![vec![1, 4]]).await.run().await;
    assert!(result.unwrap().answer.unwrap_err().message.contains("TLS"));
    assert_eq!(heard.len(), 1);
    assert!(heard.concat().windows(PASSWORD.len()).all(|part| part != PASSWORD.as_bytes()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_mysql_is_refused_and_harms_nobody() {
    let native = "mysql_native_password";
    let column_flood = vec![0xfe, 255, 255, 255, 255, 255, 255, 255, 255];
    let mut long_scramble = greeting(OFFERED, native);
    long_scramble[7 + 20] = 0x84;
    let prepared = vec![0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let good = greeting(OFFERED, native);
    for (name, hello, answers) in [
        ("an old protocol", vec![9, 0], vec![]),
        ("half a greeting", good[..30].to_vec(), vec![]),
        ("a scramble without an end", long_scramble, vec![]),
        ("without plugins", greeting(OFFERED & !0x0008_0000, native), vec![]),
        ("an empty packet", good.clone(), vec![vec![]]),
        ("columns without an end", good.clone(), vec![OK.into(), OK.into(), prepared.clone(), column_flood]),
        ("nonsense", good.clone(), vec![OK.into(), OK.into(), vec![0, 1]]),
        ("questions without an end", good.clone(), vec![switch(native); 9]),
    ] {
        let (result, _) = Script::start(hello, answers).await.run().await;
        assert_eq!(result.unwrap_err().kind(), Kind::DatabaseProtocol, "{name}");
    }
    // A server that takes nobody any more says so before it greets, and without a state.
    let full = [&[0xff, 0x10, 0x04][..], b"Too many connections"].concat();
    let (result, _) = Script::start(full, vec![]).await.run().await;
    assert_eq!(result.unwrap().answer.unwrap_err().state, "08004");
}

/// Nobody between can talk a credential that wants TLS out of it, or say something before it begins.
#[tokio::test(flavor = "multi_thread")]
async fn tls_is_not_given_up_for_a_server_that_offers_none() {
    for offers in [false, true] {
        let capabilities = if offers { OFFERED | 0x0800 } else { OFFERED };
        let hello = greeting(capabilities, "mysql_native_password");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (mut line, _) = listener.accept().await.unwrap();
            tell(&mut line, 0, &hello).await;
            if offers {
                // A packet that comes together with the greeting was not said inside TLS.
                tell(&mut line, 2, OK).await;
            }
            let mut heard = Vec::new();
            let _ = line.read_to_end(&mut heard).await;
            heard
        });
        let world = World::new();
        let parameters = json!({"engine": "mysql", "host": "my.test", "port": port, "database": "d", "user": "cnry-user", "ca": ""});
        let id = made(&world, parameters, PASSWORD);
        let mut asked = statement("SELECT 1", json!([]));
        asked.timeout = Duration::from_secs(2);
        let error = ask(&world, id, asked).await.unwrap_err();
        let expected: &[Kind] =
            if offers { &[Kind::DatabaseProtocol, Kind::Tls, Kind::ConnectionClosed] } else { &[Kind::Tls] };
        assert!(expected.contains(&error.kind()), "{error}");
        let heard = server.await.unwrap();
        assert!(heard.windows(9).all(|part| part != b"cnry-user"), "the account is told inside TLS alone");
    }
}

/// `caching_sha2_password`, the only way of MySQL 9, which MariaDB does not have: the digest as its documentation has
/// it, and the password itself inside TLS where the server does not know the digest.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_today_gets_a_digest_and_inside_tls_the_password() {
    let own = rcgen::generate_simple_self_signed(vec!["my.test".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        tell(&mut line, 0, &greeting(OFFERED | 0x0800, "caching_sha2_password")).await;
        let (sequence, request) = hear(&mut line).await.unwrap();
        assert_eq!((sequence, request.len()), (1, 32));
        let mut line = acceptor.accept(line).await.unwrap();
        let (sequence, response) = hear(&mut line).await.unwrap();
        assert_eq!(sequence, 2);
        tell(&mut line, 3, &[1, 4]).await;
        let (_, password) = hear(&mut line).await.unwrap();
        tell(&mut line, 5, OK).await;
        for _ in 0..3 {
            let Some((_, _)) = hear(&mut line).await else { break };
            tell(&mut line, 1, &[&[0xff, 0x48, 0x04][..], b"#42000no"].concat()).await;
        }
        (response, password)
    });
    let world = World::new();
    let parameters = json!({"engine": "mysql", "host": "my.test", "port": port, "database": "d", "user": "u", "ca": own.cert.pem()});
    let id = made(&world, parameters, PASSWORD);
    let error = ask(&world, id, statement("SELECT 1", json!([]))).await.unwrap().answer.unwrap_err();
    assert_eq!((error.state.as_str(), error.message.as_str()), ("42000", "no (error 1096)"));
    let (response, password) = server.await.unwrap();
    assert_eq!(password, [PASSWORD.as_bytes(), b"\0"].concat());
    // XOR(SHA256(password), SHA256(SHA256(SHA256(password)), nonce)).
    let sha = |parts: &[&[u8]]| {
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &parts.concat()).as_ref().to_vec()
    };
    let once = sha(&[PASSWORD.as_bytes()]);
    let mask = sha(&[&sha(&[&once]), NONCE]);
    let digest: Vec<u8> = once.iter().zip(&mask).map(|(left, right)| left ^ right).collect();
    assert!(response.windows(33).any(|part| part[0] == 32 && part[1..] == digest));
}
