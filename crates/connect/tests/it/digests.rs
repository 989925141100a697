//! Digest authentication through the door: the challenge, the count, and what is not sent.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use flero_connect::Request;
use flero_model::{CredentialId, credential::AuthType};
use http::Method;
use serde_json::json;

use super::harness::{Answer, Server, World};

/// Asks for digest, and takes whatever answers its present nonce. The nonce changes every third time, with `stale`.
async fn service() -> Server {
    let served = AtomicU64::new(0);
    Server::start(move |seen| {
        let epoch = served.load(Ordering::Relaxed) / 3;
        let answered = seen.header("authorization").unwrap_or_default();
        if answered.contains(&format!("nonce=\"n{epoch}\"")) {
            served.fetch_add(1, Ordering::Relaxed);
            return Answer::new(200, answered.to_owned());
        }
        let stale = if answered.is_empty() { "" } else { ", stale=true" };
        let challenge =
            format!("Digest realm=\"r\", qop=\"auth\", algorithm=SHA-256, nonce=\"n{epoch}\"{stale}");
        Answer::new(401, "who?").header("www-authenticate", challenge)
    })
    .await
}

fn ada(world: &World, password: &str) -> CredentialId {
    let parameters = json!({"username": "ada"});
    world.credential(AuthType::Digest, parameters, json!({ "password": password }), &["http://digest.test"])
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_its_nonce_used_again() {
    let (service, world) = (service().await, World::new());
    let id = ada(&world, "correct-horse-1");
    for _ in 0..5 {
        let mut request = Request::new(Method::POST, service.url("digest.test", "/x?y=1"));
        request.body = Bytes::from_static(b"body");
        let reply = world.send(Some(id), request).await.unwrap();
        assert_eq!(reply.status, 200);
    }
    let seen = service.seen();
    // One challenge at the beginning, one where the nonce got stale.
    assert_eq!(seen.len(), 7);
    assert!(seen.iter().all(|one| one.body == "body" && !one.everything().contains("correct-horse-1")));
    assert!(seen[0].header("authorization").is_none());
    let counts: Vec<bool> = seen[1..4]
        .iter()
        .zip(1..)
        .map(|(one, count)| one.header("authorization").unwrap().contains(&format!("nc={count:08x}")))
        .collect();
    assert_eq!(counts, [true; 3]);
}

#[tokio::test]
async fn a_refused_password_is_one_refusal() {
    let refuser = Server::start(|seen| {
        let realm = if seen.header("authorization").is_some() { "again" } else { "first" };
        Answer::new(401, "no")
            .header("www-authenticate", format!("Digest realm=\"{realm}\", nonce=\"{realm}\""))
    })
    .await;
    let world = World::new();
    let reply = world.get(Some(ada(&world, "wrong-horse-1")), refuser.url("digest.test", "/")).await.unwrap();
    assert_eq!((reply.status, refuser.seen().len()), (401, 2));
}

#[tokio::test]
async fn credentials_do_not_share_what_a_service_said() {
    let (service, world) = (service().await, World::new());
    let (one, two) = (ada(&world, "correct-horse-1"), ada(&world, "correct-horse-2"));
    for id in [one, two] {
        assert_eq!(world.get(Some(id), service.url("digest.test", "/")).await.unwrap().status, 200);
    }
    let bare = service.seen().iter().filter(|one| one.header("authorization").is_none()).count();
    assert_eq!(bare, 2);
}
