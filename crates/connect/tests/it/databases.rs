//! The door to databases, against a real PostgreSQL with TLS and passwords.

use std::time::{Duration, Instant};

use flero_connect::{Kind, Statement};
use flero_model::{CredentialId, audit::AuditAction, credential::AuthType};
use serde_json::{Value, json};

use super::{
    harness::World,
    postgres::{PASSWORD, Postgres},
    statements::{ask, rows, state, statement},
};

impl Postgres {
    fn credential(&self, world: &World, password: &str, more: Value) -> CredentialId {
        let secret = json!({ "password": password });
        world.credential(
            AuthType::Database,
            self.parameters(more),
            secret,
            &["pg.test", "other.test", "http://pg.test"],
        )
    }
}

/// A PostgreSQL whose certificate has this name.
fn postgres() -> Postgres {
    let own = rcgen::generate_simple_self_signed(vec!["pg.test".to_owned()]).unwrap();
    Postgres::start(tempfile::tempdir().unwrap(), own.cert.pem(), &own.signing_key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_run_with_their_values_bound() {
    let (server, world) = (postgres(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let nasty = "x'); DROP TABLE people; --";
    let _ = rows(&world, id, "CREATE TABLE people (id serial PRIMARY KEY, name text, tags text[], doc jsonb, born date, height numeric(5,2))", json!([])).await;
    let insert =
        "INSERT INTO people (name, tags, doc, born, height) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let values = json!([nasty, ["a", "b\"c\\", null], {"k": [1, null]}, "2000-02-29", 1.75]);
    assert_eq!(rows(&world, id, insert, values).await, [json!({"id": 1})]);
    let found = rows(
        &world,
        id,
        "SELECT name, tags, doc, born, height, id > $2 AS more FROM people WHERE name = $1",
        json!([nasty, 0]),
    )
    .await;
    assert_eq!(
        found,
        [
            json!({"name": nasty, "tags": ["a", "b\"c\\", null], "doc": {"k": [1, null]}, "born": "2000-02-29", "height": "1.75", "more": true})
        ]
    );
    let types = rows(
        &world,
        id,
        "SELECT 9007199254740993::int8 AS big, -5::int2 AS small, 1.5::float8 AS f, 'NaN'::float8 AS nan, '\\x00ff'::bytea AS b, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS u, '2024-01-02 03:04:05.6+00'::timestamptz AS t, ARRAY[[1,2],[3,4]] AS m, NULL::int AS n",
        json!([]),
    )
    .await;
    assert_eq!(
        types,
        [
            json!({"big": "9007199254740993", "small": -5, "f": 1.5, "nan": "NaN", "b": "AP8=", "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "t": "2024-01-02T03:04:05.6Z", "m": [[1, 2], [3, 4]], "n": null})
        ]
    );
    let changed = ask(&world, id, statement("UPDATE people SET name = $1", json!(["y"]))).await.unwrap();
    assert_eq!(changed.answer.unwrap().affected, 1);
    // One statement, so many values as it has places, and what the server says of a wrong one.
    assert_eq!(state(&world, id, "SELECT 1; DROP TABLE people", json!([])).await, "42601");
    assert_eq!(state(&world, id, "SELECT $1::int", json!([])).await, "08P01");
    assert_eq!(state(&world, id, "SELECT $1::int", json!(["no number"])).await, "22P02");
    assert_eq!(state(&world, id, "SELECT * FROM nowhere", json!([])).await, "42P01");
}

/// Security test 38: a database that repeats the password does not bring it into the run's data; security test 39: no
/// error holds it.
#[tokio::test(flavor = "multi_thread")]
async fn the_password_never_comes_back() {
    let (server, world) = (postgres(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let echo = rows(
        &world,
        id,
        "SELECT $1::text AS a, encode(convert_to($1, 'UTF8'), 'base64') AS b",
        json!([PASSWORD]),
    )
    .await;
    let hex = data_encoding::BASE64.encode(PASSWORD.as_bytes());
    assert!(!json!(echo).to_string().contains("cnry") && !json!(echo).to_string().contains(&hex), "{echo:?}");
    let refused = ask(&world, id, statement("SELECT ($1)::int", json!([PASSWORD]))).await.unwrap();
    assert!(!format!("{refused:?}").contains("cnry"));
    let wrong = server.credential(&world, "cnry-wrong-password", json!({}));
    let reply = ask(&world, wrong, statement("SELECT 1", json!([]))).await.unwrap();
    assert!(reply.answer.as_ref().unwrap_err().is_refusal() && !format!("{reply:?}").contains("cnry"));
    let trail = world.trail();
    assert!(trail.iter().any(|row| row.action == AuditAction::CredentialUsed));
    assert!(trail.iter().all(|row| !format!("{row:?}").contains("cnry")));
}

/// Security test 19: a database's password goes only where its policy says, over TLS with that name, to an address that
/// the guard has checked.
#[tokio::test(flavor = "multi_thread")]
async fn the_connection_goes_where_the_policy_says_and_nowhere_else() {
    let (server, world) = (postgres(), World::new());
    let kind = |more: Value| {
        let id = server.credential(&world, PASSWORD, more);
        let world = &world;
        async move {
            ask(world, id, statement("SELECT 1 AS one", json!([]))).await.map(|reply| reply.answer.is_ok())
        }
    };
    assert!(kind(json!({})).await.unwrap());
    assert!(kind(json!({"tls": "disable"})).await.unwrap());
    assert_eq!(kind(json!({"host": "other.test"})).await.unwrap_err().kind(), Kind::Tls);
    assert_eq!(kind(json!({"ca": ""})).await.unwrap_err().kind(), Kind::Tls);
    assert_eq!(kind(json!({"host": "evil.test"})).await.unwrap_err().kind(), Kind::DestinationRefused);
    let bearer = world.bearer(&["pg.test"]);
    let other = ask(&world, bearer, statement("SELECT 1", json!([]))).await.unwrap_err();
    assert_eq!(other.kind(), Kind::DatabaseCredentialNeeded);
    // A name that leads to a private address is closed unless the operator opens it.
    let closed = World::with(flero_connect::Config::default());
    let id = server.credential(&closed, PASSWORD, json!({}));
    let error = ask(&closed, id, statement("SELECT 1", json!([]))).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Blocked(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_bytes_and_time_are_limited() {
    let (server, world) = (postgres(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let limited = |sql: &str, change: fn(&mut Statement)| {
        let mut statement = statement(sql, json!([]));
        change(&mut statement);
        ask(&world, id, statement)
    };
    let many = limited("SELECT generate_series(1, 1000000) AS n", |one| one.max_rows = 10).await.unwrap();
    let many = many.answer.unwrap();
    assert_eq!((many.rows.len(), many.is_truncated), (10, true));
    let large = limited("SELECT repeat('x', 50000000) AS x", |_| {}).await.unwrap_err();
    assert_eq!(large.kind(), Kind::DatabaseTooLarge);
    let start = Instant::now();
    let slow = limited("SELECT pg_sleep(30)", |one| one.timeout = Duration::from_millis(500)).await;
    let stopped = match &slow {
        Err(error) => error.kind() == Kind::Timeout,
        Ok(reply) => matches!(&reply.answer, Err(error) if error.state == "57014"),
    };
    assert!(stopped && start.elapsed() < Duration::from_secs(10));
}
