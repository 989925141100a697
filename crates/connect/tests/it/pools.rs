//! Security test 35: connections are never shared between credentials or workspaces.

use std::collections::{HashMap, HashSet};

use flero_connect::{Config, Request};
use flero_model::WorkspaceId;
use http::Method;

use super::harness::{Answer, Server, World, call, workspace};

/// Security test 35: each connection only ever carries one identity, also under load and after evictions.
#[tokio::test]
async fn a_connection_carries_one_identity_only() {
    let server = Server::start(|_| Answer::new(200, "ok").header("set-cookie", "session=1")).await;
    let world =
        World::with(Config { allow: "127.0.0.0/8".parse().unwrap(), max_pools: 3, ..Config::default() });
    let url = server.url("ok.test", "/");
    let credentials: Vec<_> = (0..4)
        .map(|number| {
            let token = format!("canary-token-{number}");
            world.credential(
                flero_model::credential::AuthType::Bearer,
                serde_json::json!({}),
                serde_json::json!({"token": token}),
                &["http://ok.test"],
            )
        })
        .collect();
    for _ in 0..5 {
        let mut calls = Vec::new();
        for credential in &credentials {
            for _ in 0..3 {
                calls.push(world.get(Some(*credential), &url));
            }
            calls.push(world.get(None, &url));
        }
        for reply in futures_util::future::join_all(calls).await {
            assert_eq!(reply.unwrap().status, 200);
        }
    }
    let mut identities: HashMap<u64, HashSet<Option<String>>> = HashMap::new();
    for seen in server.seen() {
        assert_eq!(seen.header("cookie"), None, "there is no cookie jar");
        identities
            .entry(seen.connection)
            .or_default()
            .insert(seen.header("authorization").map(str::to_owned));
    }
    assert!(identities.values().all(|identities| identities.len() == 1), "{identities:?}");
    assert!(identities.len() < server.seen().len(), "connections are used again");
}

#[tokio::test]
async fn a_replaced_secret_gets_new_connections() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let url = server.url("ok.test", "/");
    world.get(Some(credential), &url).await.unwrap();
    world.get(Some(credential), &url).await.unwrap();
    {
        let mut rows = world.memory.rows.lock().unwrap();
        let mut row = (*rows[&credential]).clone();
        row.credential.secret_revision = 2;
        rows.insert(credential, std::sync::Arc::new(row));
    }
    world.get(Some(credential), &url).await.unwrap();
    world.door.forget(credential);
    world.get(Some(credential), &url).await.unwrap();
    let connections: Vec<u64> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 0, 1, 2]);
}

#[tokio::test]
async fn two_workspaces_share_no_connection() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let url = server.url("ok.test", "/");
    for number in [2, 9, 2, 9] {
        let mut call = call(None, Request::new(Method::GET, &url));
        call.principal.workspace =
            if number == 2 { workspace() } else { WorkspaceId::new(flero_model::Timestamp::default(), 9) };
        world.door.send(call).await.unwrap();
    }
    let connections: Vec<u64> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 1, 0, 1]);
}
