//! The authenticated proxy.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use flero_connect::{
    Kind, ProxyCall, ProxyReply,
    body::{BoxedBody, UploadFailed},
    scrub::MARKER,
};
use flero_model::{
    CredentialId,
    audit::AuditAction,
    credential::AuthType,
    policy::Via,
    role::{KeyScope, Role},
};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, StreamBody};
use serde_json::json;

use super::harness::{Answer, Server, World, ascii_canary, principal};

pub(crate) fn empty() -> BoxedBody {
    Box::pin(Empty::<Bytes>::new().map_err(|never| match never {}))
}

fn call(world_credential: CredentialId, server: &Server, path: &str) -> ProxyCall {
    let mut principal = principal();
    principal.via = Via::Session { id: flero_model::SessionId::from_u128(1), fresh: false };
    ProxyCall {
        principal,
        credential: world_credential,
        method: Method::GET,
        host: format!("ok.test:{}", server.port()),
        path_and_query: path.to_owned(),
        headers: HeaderMap::new(),
        body: empty(),
        timeout: Duration::from_secs(5),
        errors: None,
    }
}

async fn body(reply: ProxyReply) -> Result<String, flero_connect::Error> {
    let mut whole = Vec::new();
    let mut pieces: Pin<Box<_>> = reply.body;
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece?);
    }
    Ok(String::from_utf8_lossy(&whole).into_owned())
}

#[tokio::test]
async fn a_streamed_upload_arrives_and_the_answer_streams_back_scrubbed() {
    let server = Server::start(|seen| {
        let echo = seen.header("authorization").unwrap_or_default().to_owned();
        let mut answer = Answer::new(201, "").header("x-echo", echo.as_bytes());
        // One byte at a time: every split point of the secret.
        answer.pieces =
            format!("<{echo}>").into_bytes().into_iter().map(|byte| Bytes::from(vec![byte])).collect();
        answer.pieces.push(seen.body.clone());
        answer.trailers = vec![("x-trailer".to_owned(), echo.into_bytes())];
        answer
    })
    .await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let mut upload = call(credential, &server, "/a%2Fb/../c?x=%20y");
    upload.method = Method::POST;
    let pieces =
        ["one ", "two ", "three"].map(|piece| Ok::<_, UploadFailed>(Frame::data(Bytes::from(piece))));
    upload.body = Box::pin(StreamBody::new(stream::iter(pieces)));
    upload.headers.insert("authorization", "Bearer flero_key_of_the_caller".parse().unwrap());
    upload.headers.insert("cookie", "flero=1".parse().unwrap());
    upload.headers.insert("x-forwarded-for", "10.1.1.1".parse().unwrap());
    upload.headers.insert("connection", "x-hop".parse().unwrap());
    upload.headers.insert("x-hop", "1".parse().unwrap());
    upload.headers.insert("x-kept", "1".parse().unwrap());
    let reply = world.door.proxy(upload).await.unwrap();
    assert_eq!(reply.status, 201);
    assert_eq!(reply.headers["x-echo"], MARKER);
    assert_eq!(body(reply).await.unwrap(), format!("<Bearer {MARKER}>one two three"));
    let seen = server.seen().pop().unwrap();
    assert_eq!(seen.uri, "/c?x=%20y");
    assert_eq!(seen.header("authorization"), Some(format!("Bearer {}", ascii_canary()).as_str()));
    for gone in ["cookie", "x-forwarded-for", "x-hop"] {
        assert_eq!(seen.header(gone), None, "{gone}");
    }
    assert_eq!(seen.header("x-kept"), Some("1"));
    let actions: Vec<_> = world.trail().iter().map(|row| row.action).collect();
    assert_eq!(actions, [AuditAction::CredentialUseIntent, AuditAction::CredentialUsed]);
    assert_eq!(world.trail()[1].detail.purpose.as_deref(), Some("proxy"));
}

#[tokio::test]
async fn a_compressed_answer_is_decompressed_and_scrubbed_while_it_streams() {
    use tokio::io::AsyncReadExt;
    let text = format!("{}{}{}", "a".repeat(100_000), ascii_canary(), "b".repeat(100_000));
    let mut packed = Vec::new();
    async_compression::tokio::bufread::GzipEncoder::new(text.as_bytes())
        .read_to_end(&mut packed)
        .await
        .unwrap();
    let server = Server::start(move |_| {
        let mut answer = Answer::new(200, "").header("content-encoding", "gzip");
        answer.pieces = packed.chunks(7).map(Bytes::copy_from_slice).collect();
        answer
    })
    .await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let reply = world.door.proxy(call(credential, &server, "/")).await.unwrap();
    assert_eq!(reply.headers.get("content-encoding"), None);
    let expected = format!("{}{MARKER}{}", "a".repeat(100_000), "b".repeat(100_000));
    assert_eq!(body(reply).await.unwrap(), expected);
}

#[tokio::test]
async fn redirects_are_passed_on_and_unknown_codings_are_refused() {
    let server = Server::start(|seen| match seen.uri.as_str() {
        "/moved" => Answer::new(302, "")
            .header("location", format!("https://evil.test/?{}", ascii_canary()).as_bytes()),
        _ => Answer::new(200, "data").header("content-encoding", "compress"),
    })
    .await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let reply = world.door.proxy(call(credential, &server, "/moved")).await.unwrap();
    assert_eq!(
        (reply.status, reply.headers["location"].to_str().unwrap()),
        (302, "https://evil.test/?[REDACTED]")
    );
    let refused = world.door.proxy(call(credential, &server, "/odd")).await.err().unwrap();
    assert_eq!(refused.kind(), Kind::EncodingUnsupported);
}

#[tokio::test]
async fn the_proxy_asks_the_same_policy() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let with_scopes = |scopes: Vec<KeyScope>| {
        let mut call = call(credential, &server, "/");
        let id = flero_model::ApiKeyId::new(flero_model::Timestamp::default(), 1);
        call.principal.via = Via::ApiKey { id, scopes, workflow_ids: None };
        call
    };
    let refused = world.door.proxy(with_scopes(vec![KeyScope::CredentialsRead])).await.err().unwrap();
    assert_eq!(refused.kind(), Kind::CredentialForbidden);
    assert!(world.door.proxy(with_scopes(vec![KeyScope::ProxyUse])).await.is_ok());
    let mut viewer = call(credential, &server, "/");
    viewer.principal.role = Role::Viewer;
    assert_eq!(world.door.proxy(viewer).await.err().unwrap().kind(), Kind::CredentialForbidden);
    let mut elsewhere = call(credential, &server, "/");
    elsewhere.host = format!("evil.test:{}", server.port());
    assert_eq!(world.door.proxy(elsewhere).await.err().unwrap().kind(), Kind::DestinationRefused);
    assert_eq!(server.seen().len(), 1);
}

/// `https` unless the policy says `http` for this very host.
#[tokio::test]
async fn clear_text_needs_an_entry_that_says_so() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let both = world.bearer(&["ok.test", "http://ok.test"]);
    // Both are allowed, so TLS is spoken, which this server does not.
    assert_eq!(world.door.proxy(call(both, &server, "/")).await.err().unwrap().kind(), Kind::Tls);
    let key = world.credential(
        AuthType::ApiKey,
        json!({"in": "query", "name": "k"}),
        json!({"key": ascii_canary()}),
        &["http://ok.test"],
    );
    assert_eq!(world.door.proxy(call(key, &server, "/?k=typed&x=1")).await.unwrap().status, 200);
    let seen = server.seen().pop().unwrap();
    assert!(seen.uri.starts_with("/?x=1&k=cnry") && !seen.uri.contains("typed"), "{}", seen.uri);
}
