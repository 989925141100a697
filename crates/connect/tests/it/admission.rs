//! Who may use which credential, and what the audit trail says of it.

use bytes::Bytes;
use flero_connect::{
    CredentialSignal, Intent, Kind, RecordedIntent, Request, call::Credential as Chosen, source::OpenFailure,
};
use flero_model::{
    CredentialId, OrganizationId, Timestamp, UserId, WorkspaceId,
    audit::AuditAction,
    credential::{AuthType, Scope, Status},
    role::Role,
    secret::SecretBytes,
};
use http::Method;
use serde_json::json;

use super::harness::{Answer, Server, World, ascii_canary, call};

const OTHER: Timestamp = Timestamp::from_millis(0);

/// Security test 21: a credential that is foreign, missing, deleted or revoked gives one and the same error, and
/// each attempt is audited.
#[tokio::test]
async fn a_foreign_credential_is_not_told_from_a_missing_one() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let data = || json!({"token": ascii_canary()});
    let hosts = ["http://ok.test"];
    let with = |change: fn(&mut flero_model::credential::Credential)| {
        world.credential_with(AuthType::Bearer, json!({}), data(), &hosts, change)
    };
    let hidden = [
        with(|credential| credential.workspace_id = WorkspaceId::new(OTHER, 1)),
        with(|credential| {
            credential.scope = Scope::Personal;
            credential.owner_id = UserId::new(OTHER, 1);
        }),
        with(|credential| {
            credential.scope = Scope::Organization;
            credential.organization_id = OrganizationId::new(OTHER, 1);
        }),
        with(|credential| credential.status = Status::Revoked),
        CredentialId::new(OTHER, 77),
    ];
    let mut texts = Vec::new();
    for credential in hidden {
        let refused = world.get(Some(credential), server.url("ok.test", "/")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::CredentialNotFound);
        texts.push(refused.to_string());
        let row = world.trail().pop().unwrap();
        assert_eq!((row.action, row.target), (AuditAction::CredentialDenied, credential.to_string()));
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(server.seen().is_empty());
}

/// Security test 19: no use outside the policy, whatever the purpose.
#[tokio::test]
async fn a_destination_outside_the_policy_is_refused_before_the_secret_is_opened() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    *world.memory.open_failure.lock().unwrap() = Some(OpenFailure::Tampered);
    let credential = world.bearer(&["ok.test", "http://ok.test:1", "http://other.test"]);
    let refused = world.get(Some(credential), server.url("ok.test", "/")).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.code()),
        (Kind::DestinationRefused, "credential.destination_refused")
    );
    assert_eq!(refused.destination(), Some(format!("http://ok.test:{}", server.port()).as_str()));
    let row = world.trail().pop().unwrap();
    assert_eq!(row.action, AuditAction::CredentialUseRefused);
    assert_eq!(row.detail.outcome.as_deref(), Some("credential.destination_refused"));
    assert_eq!(world.trail().len(), 1, "there is no intent for a use that is refused");
    assert!(server.seen().is_empty());
}

/// Security test 23: a right that ends is seen at the next use.
#[tokio::test]
async fn a_right_that_ends_is_seen_at_the_next_use() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let url = server.url("ok.test", "/");
    assert!(world.get(Some(credential), &url).await.is_ok());
    let mut viewer = call(Some(credential), Request::new(Method::GET, &url));
    viewer.principal.role = Role::Viewer;
    assert_eq!(world.door.send(viewer).await.unwrap_err().kind(), Kind::CredentialForbidden);
    {
        let mut rows = world.memory.rows.lock().unwrap();
        let mut row = (*rows[&credential]).clone();
        row.credential.expires_at = Some(OTHER);
        rows.insert(credential, std::sync::Arc::new(row));
    }
    assert_eq!(world.get(Some(credential), &url).await.unwrap_err().kind(), Kind::CredentialExpired);
    world.memory.rows.lock().unwrap().remove(&credential);
    assert_eq!(world.get(Some(credential), &url).await.unwrap_err().kind(), Kind::CredentialNotFound);
    assert_eq!(server.seen().len(), 1);
}

/// No row, no use.
#[tokio::test]
async fn nothing_is_sent_when_the_intent_cannot_be_recorded() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    *world.memory.trail_is_down.lock().unwrap() = true;
    let refused = world.get(Some(credential), server.url("ok.test", "/")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::AuditUnavailable);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_intent_for_another_credential_is_no_intent() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let mut wrong = call(Some(credential), Request::new(Method::GET, server.url("ok.test", "/")));
    wrong.intent = Intent::Recorded(RecordedIntent::committed(CredentialId::new(OTHER, 5)));
    let refused = world.door.send(wrong).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::AuditUnavailable);
    assert!(server.seen().is_empty());
}

/// The engine's way: it wrote the intent, so the outcome comes back with the result, and the door writes nothing.
#[tokio::test]
async fn a_recorded_intent_gets_its_outcome_with_the_result() {
    let server = Server::start(|seen| match seen.uri.as_str() {
        "/401" => Answer::new(401, ""),
        "/403" => Answer::new(403, ""),
        "/500" => Answer::new(500, ""),
        _ => Answer::new(200, "ok"),
    })
    .await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    for (path, status, signal) in [
        ("/", 200, Some(CredentialSignal::Accepted)),
        ("/401", 401, Some(CredentialSignal::Refused)),
        ("/403", 403, Some(CredentialSignal::Refused)),
        ("/500", 500, None),
    ] {
        let mut ours = call(Some(credential), Request::new(Method::GET, server.url("ok.test", path)));
        ours.intent = Intent::Recorded(RecordedIntent::committed(credential));
        let used = world.door.send(ours).await.unwrap().used.unwrap();
        assert_eq!(
            (used.detail.status, used.signal, used.action),
            (Some(status), signal, AuditAction::CredentialUsed)
        );
        assert_eq!(used.detail.outcome.as_deref(), Some("success"));
        assert_eq!(used.detail.secret_revision, Some(1));
        assert_eq!(used.detail.node.as_deref(), Some("call"));
    }
    let mut refused = call(Some(credential), Request::new(Method::GET, "http://evil.test/"));
    refused.intent = Intent::Recorded(RecordedIntent::committed(credential));
    let used = world.door.send(refused).await.unwrap_err().used.unwrap();
    assert_eq!(used.action, AuditAction::CredentialUseRefused);
    assert!(world.trail().is_empty());
}

#[tokio::test]
async fn a_recorded_use_has_its_intent_before_and_its_outcome_after() {
    let server = Server::start(|_| Answer::new(401, "")).await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let reply = world.get(Some(credential), server.url("ok.test", "/")).await.unwrap();
    assert_eq!(reply.used, None);
    let trail = world.trail();
    assert_eq!(
        trail.iter().map(|row| row.action).collect::<Vec<_>>(),
        [AuditAction::CredentialUseIntent, AuditAction::CredentialUsed]
    );
    assert_eq!(trail[0].detail.host, Some(format!("http://ok.test:{}", server.port())));
    assert_eq!(trail[1].detail.status, Some(401));
    assert_eq!(trail[0].actor, trail[1].actor);
    assert_eq!(CredentialSignal::Refused.status_after(Status::Active), Some(Status::Failing));
    assert_eq!(CredentialSignal::Accepted.status_after(Status::Failing), Some(Status::Active));
    assert_eq!(CredentialSignal::Accepted.status_after(Status::Revoked), None);
}

/// A secret that does not open is an alarm of its own in the trail; a sealed vault is not.
#[tokio::test]
async fn a_secret_that_does_not_open_is_an_alarm() {
    let world = World::new();
    let credential = world.bearer(&["ok.test"]);
    for (failure, kind, action) in [
        (OpenFailure::Tampered, Kind::VaultTampered, AuditAction::VaultTampering),
        (OpenFailure::Unavailable, Kind::VaultUnavailable, AuditAction::CredentialUseRefused),
    ] {
        *world.memory.open_failure.lock().unwrap() = Some(failure);
        let refused = world.get(Some(credential), "https://ok.test/").await.unwrap_err();
        assert_eq!((refused.kind(), world.trail().pop().unwrap().action), (kind, action));
    }
}

/// The test of a form, and of a new secret before a rotation.
#[tokio::test]
async fn an_unsaved_credential_goes_through_the_same_policy() {
    let server = Server::start(|seen| Answer::new(200, seen.everything())).await;
    let world = World::new();
    let stored = world.bearer(&["http://ok.test"]);
    let policy = world.memory.rows.lock().unwrap()[&stored].credential.policy.clone();
    let unsaved = |url: String| {
        let mut call = call(None, Request::new(Method::GET, url));
        let data = SecretBytes::new(br#"{"token":"canary-unsaved-1"}"#.to_vec());
        call.credential = Chosen::Unsaved { policy: Box::new(policy.clone()), data };
        call
    };
    let reply = world.door.send(unsaved(server.url("ok.test", "/"))).await.unwrap();
    assert!(!reply.body.windows(6).any(|window| window == b"canary"));
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer canary-unsaved-1"));
    let refused = world.door.send(unsaved(server.url("evil.test", "/"))).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::DestinationRefused);
}

/// Each type puts its secret where it belongs, in place of what the caller put there.
#[tokio::test]
async fn every_type_is_injected_where_it_belongs() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    let hosts = ["http://ok.test"];
    let key =
        |parameters, key: &str| world.credential(AuthType::ApiKey, parameters, json!({"key": key}), &hosts);
    let basic = world.credential(
        AuthType::Basic,
        json!({"username": "Aladdin"}),
        json!({"password": "open sesame"}),
        &hosts,
    );
    let custom = world.credential(
        AuthType::CustomHeaders,
        json!({}),
        json!({"headers": {"X-A": "1", "X-B": "2"}}),
        &hosts,
    );
    let send = |credential, path: &str, content_type: &str, body: &str| {
        let mut request = Request::new(Method::POST, server.url("ok.test", path));
        request.headers = vec![
            ("X-Key".to_owned(), "typed".to_owned()),
            ("Cookie".to_owned(), "a=1; k=typed; b=2".to_owned()),
            ("Authorization".to_owned(), "typed".to_owned()),
            ("Content-Type".to_owned(), content_type.to_owned()),
        ];
        request.body = Bytes::copy_from_slice(body.as_bytes());
        world.send(Some(credential), request)
    };
    send(basic, "/", "text/plain", "").await.unwrap();
    // The example of RFC 7617 section 2.
    assert_eq!(
        server.seen().pop().unwrap().header("authorization"),
        Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    );
    for (prefix, value) in
        [("", "abc"), ("Token", "Token abc"), ("Token token=", "Token token=abc"), ("Key ", "Key abc")]
    {
        let credential = key(json!({"in": "header", "name": "X-Key", "prefix": prefix}), "abc");
        send(credential, "/", "text/plain", "").await.unwrap();
        assert_eq!(server.seen().pop().unwrap().header("x-key"), Some(value));
    }
    send(custom, "/", "text/plain", "").await.unwrap();
    let seen = server.seen().pop().unwrap();
    assert_eq!((seen.header("x-a"), seen.header("x-b")), (Some("1"), Some("2")));
    send(key(json!({"in": "query", "name": "k"}), "a b&c"), "/p?x=%2f&k=typed&%6B=typed&y", "text/plain", "")
        .await
        .unwrap();
    assert_eq!(server.seen().pop().unwrap().uri, "/p?x=%2f&y&k=a+b%26c");
    send(key(json!({"in": "cookie", "name": "k"}), "abc"), "/", "text/plain", "").await.unwrap();
    assert_eq!(server.seen().pop().unwrap().header("cookie"), Some("a=1; b=2; k=abc"));
    let in_path = key(json!({"in": "path", "name": "token"}), "12:a/b");
    send(in_path, "/bot{token}/send?x={token}", "text/plain", "").await.unwrap();
    assert_eq!(server.seen().pop().unwrap().uri, "/bot12%3Aa%2Fb/send?x={token}");
    let in_body = key(json!({"in": "body", "name": "k"}), "a b");
    send(in_body, "/", "application/json; charset=utf-8", r#"{"x":1,"k":"typed"}"#).await.unwrap();
    assert_eq!(server.seen().pop().unwrap().body.as_ref(), br#"{"x":1,"k":"a b"}"#);
    send(in_body, "/", "application/x-www-form-urlencoded", "x=1&k=typed").await.unwrap();
    assert_eq!(server.seen().pop().unwrap().body.as_ref(), b"x=1&k=a+b");
    for (credential, path, kind) in [
        (in_path, "/no/place", Kind::CredentialPlacement),
        (in_body, "/", Kind::CredentialPlacement),
        (key(json!({"in": "path", "name": "token"}), ".."), "/a/{token}/b", Kind::CredentialMalformed),
        (key(json!({"in": "cookie", "name": "k"}), "a;b"), "/", Kind::CredentialMalformed),
        (key(json!({"in": "header", "name": "X-Key"}), "a\nb"), "/", Kind::CredentialMalformed),
        (key(json!({"in": "header", "name": "Host"}), "ab"), "/", Kind::CredentialMalformed),
        (key(json!({"in": "nowhere", "name": "k"}), "ab"), "/", Kind::CredentialMalformed),
        (key(json!({"in": "header"}), "ab"), "/", Kind::CredentialMalformed),
        (world.credential(AuthType::Bearer, json!({}), json!({}), &hosts), "/", Kind::CredentialMalformed),
        (
            world.credential(AuthType::Oauth2, json!({}), json!({}), &hosts),
            "/",
            Kind::CredentialTypeUnsupported,
        ),
    ] {
        assert_eq!(send(credential, path, "text/plain", "x").await.unwrap_err().kind(), kind, "{path}");
    }
}

/// The organization's policy about hosts is asked of every request, with and without a credential, before the secret is
/// opened, and of every redirect; a use that it refuses is recorded.
#[tokio::test]
async fn a_host_that_the_organization_does_not_list_is_not_called_for_any_reason() {
    let elsewhere = Server::start(|_| Answer::new(200, "elsewhere")).await;
    let target = elsewhere.url("else.test", "/");
    let server = Server::start(move |seen| match seen.uri.as_str() {
        "/away" => Answer::new(302, "").header("location", &target),
        _ => Answer::new(200, "ok"),
    })
    .await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test", "http://else.test"]);
    let allow = |hosts: &[&str]| {
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        world.memory.policies.lock().unwrap().allowed_egress_hosts = hosts;
    };
    for chosen in [None, Some(credential)] {
        allow(&["ok.test"]);
        assert!(world.get(chosen, server.url("ok.test", "/")).await.is_ok());
        let before = elsewhere.seen().len();
        let refused = world.get(chosen, elsewhere.url("else.test", "/")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::EgressPolicy);
        assert!(refused.to_string().contains("allowedEgressHosts"), "{refused}");
        let refused = world.get(chosen, server.url("ok.test", "/away")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::EgressPolicy);
        assert_eq!(elsewhere.seen().len(), before, "nothing was sent there");
        allow(&[]);
        assert!(world.get(chosen, elsewhere.url("else.test", "/")).await.is_ok());
    }
    let refused: Vec<_> =
        world.trail().into_iter().filter(|row| row.action == AuditAction::CredentialUseRefused).collect();
    assert_eq!(refused[0].detail.outcome.as_deref(), Some("egress.policy"), "{refused:?}");
}
