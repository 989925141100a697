//! Database nodes: bound values, the port for errors, and no password in anything that is kept.

use std::time::Duration;

use flero_model::{
    audit::AuditAction,
    credential::AuthType,
    execution::{ExecutionStatus, NodeStatus},
};
use serde_json::{Value, json};

pub(super) use super::postgres::PASSWORD;
use super::{
    harness::{World, edges, node},
    postgres::Postgres,
};

/// A PostgreSQL whose certificate has this name.
pub(super) fn postgres() -> Postgres {
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    Postgres::start(tempfile::tempdir().unwrap(), own.cert.pem(), &own.signing_key.serialize_pem())
}

pub(super) async fn password_of(
    world: &World,
    server: &Postgres,
    password: &str,
) -> flero_model::CredentialId {
    let parameters = server.parameters(json!({"host": "127.0.0.1"}));
    world.credential(AuthType::Database, parameters, "127.0.0.1", json!({ "password": password })).await
}

fn query(id: &str, credential: impl std::fmt::Display, sql: &str, values: Value) -> Value {
    let mut made = node(id, "Database", json!({"query": sql, "values": values}));
    made["credentialId"] = json!(credential.to_string());
    made
}

fn assert_nothing_kept(world: &World, secret: &str) {
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_gets_its_values_bound_and_its_rows_are_the_output() {
    let (server, world) = (postgres(), World::new().await);
    let id = password_of(&world, &server, PASSWORD).await;
    let table = query("a", id, "CREATE TABLE people (name text, age int)", json!([]));
    let insert = "INSERT INTO people VALUES ($1, $2), ('b', 1), ('c', 2)";
    let insert = query("b", id, insert, json!(["{{ $trigger.name }}", "{{ $trigger.age }}"]));
    let mut select = query(
        "c",
        id,
        "SELECT name, age, $2::text AS echo FROM people WHERE name = $1 OR age < 5 ORDER BY age DESC",
        json!("{{ [$trigger.name, $trigger.word] }}"),
    );
    select["parameters"]["maxRows"] = json!(2);
    let nodes = json!([node("s", "Start", json!({})), table, insert, select]);
    let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>a", "a>b", "b>c"])})).await;
    let nasty = "x'); DROP TABLE people; --";
    let end = world.run(&workflow, json!({"name": nasty, "age": 41, "word": "plain"})).await;
    assert_eq!(end.status, ExecutionStatus::Success, "{:?}", end.error);
    let report = world.report(end.id).await;
    let output = |id: &str| report.nodes.iter().find(|node| node.node_id == id).unwrap().output.clone();
    assert_eq!(output("b"), json!({"rows": [], "rowCount": 3, "truncated": false}));
    let rows = json!([{"name": nasty, "age": 41, "echo": "plain"}, {"name": "c", "age": 2, "echo": "plain"}]);
    assert_eq!((&end.output["rows"], &end.output["truncated"]), (&rows, &json!(true)));
    let actions: Vec<AuditAction> = world.audit().await.iter().map(|row| row.action).collect();
    assert_eq!(actions, [AuditAction::CredentialUseIntent, AuditAction::CredentialUsed].repeat(3));
}

/// Security test 38: neither a database that repeats the password, nor the error of a refused statement, brings it into
/// what is kept of a run.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_statement_leaves_by_the_error_port_and_no_password_is_kept() {
    let (server, world) = (postgres(), World::new().await);
    let id = password_of(&world, &server, PASSWORD).await;
    let wrong = password_of(&world, &server, "cnry-wrong-4e1f9b").await;
    // The halves meet at the database alone, so that the workflow itself does not hold the password.
    let (left, right) = PASSWORD.split_at(9);
    let halves = json!([left, right]);
    let nodes = json!([
        node("s", "Start", json!({})),
        query("a", id, "SELECT $1::text || $2 AS whole", halves.clone()),
        query("b", id, "SELECT ($1::text || $2)::int", halves),
        query("c", wrong, "SELECT 1", json!([])),
        node("t", "Terminal", json!({"output": "{{ $input }}"})),
    ]);
    let list = edges(&["s>a", "a>b", "b.error>c", "c.error>t"]);
    let workflow = world.workflow(json!({"nodes": nodes, "edges": list})).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(end.status, ExecutionStatus::Success, "{:?}", end.error);
    let report = world.report(end.id).await;
    let of = |id: &str| report.nodes.iter().find(|node| node.node_id == id).unwrap();
    assert_eq!((of("b").status, of("b").port.as_deref()), (NodeStatus::Success, Some("error")));
    let refused = &of("b").output["error"];
    assert_eq!((&refused["code"], &refused["class"]), (&json!("database.refused"), &json!("validation")));
    assert!(refused["message"].as_str().unwrap().contains("22P02"), "{refused}");
    assert_eq!(end.output["error"]["class"], "authentication");
    assert!(end.output["error"]["message"].as_str().unwrap().contains("28P01"));
    let told = serde_json::to_string(&report).unwrap();
    assert!(of("a").output["rows"][0]["whole"].is_string());
    assert!(!told.contains(PASSWORD) && !told.contains("cnry-wrong"), "{told}");
    assert!(world.audit().await.iter().all(|row| !format!("{row:?}").contains(PASSWORD)));
    world.engine.shutdown(Duration::from_secs(5)).await;
    assert_nothing_kept(&world, PASSWORD);
    assert_nothing_kept(&world, "cnry-wrong-4e1f9b");
}
