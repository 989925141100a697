//! Inbound credentials: what the caller of a webhook presents.

use flero_connect::{Connect, Presented};
use flero_model::{
    CredentialId, Timestamp, WorkflowId,
    audit::AuditAction,
    credential::{AuthType, Status},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use super::harness::{World, principal};

async fn accepts(
    door: &Connect,
    credential: CredentialId,
    headers: &[(&str, &str)],
    query: Option<&str>,
) -> bool {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let workflow = WorkflowId::new(Timestamp::default(), 1);
    let presented = Presented { headers: &map, query };
    let verified = door.verify_inbound(&principal(), workflow, credential, presented).await.unwrap();
    if let Some(verified) = &verified {
        let used = &verified.outcome;
        assert_eq!((used.action, used.credential), (AuditAction::CredentialUsed, credential));
        assert_eq!(used.detail.purpose.as_deref(), Some("inbound"));
    }
    verified.is_some()
}

#[tokio::test]
async fn only_the_very_secret_in_its_place_is_accepted() {
    let world = World::new();
    let door = &world.door;
    let key = |parameters| world.credential(AuthType::ApiKey, parameters, json!({"key": "s3cret"}), &[]);
    let webhook = key(json!({"in": "header", "name": "X-Webhook-Secret"}));
    assert!(accepts(door, webhook, &[("x-webhook-secret", "s3cret")], None).await);
    for wrong in ["", "s3cre", "s3crett", "S3cret", " s3cret2"] {
        assert!(!accepts(door, webhook, &[("x-webhook-secret", wrong)], None).await, "{wrong}");
    }
    assert!(!accepts(door, webhook, &[], None).await);
    assert!(!accepts(door, webhook, &[("x-other", "s3cret")], Some("X-Webhook-Secret=s3cret")).await);
    // Twice could mean one thing here and another behind a proxy.
    assert!(
        !accepts(door, webhook, &[("x-webhook-secret", "s3cret"), ("x-webhook-secret", "s3cret")], None)
            .await
    );

    let query = key(json!({"in": "query", "name": "token"}));
    assert!(accepts(door, query, &[], Some("a=1&token=s3cret")).await);
    assert!(!accepts(door, query, &[], Some("token=s3cre")).await);
    assert!(!accepts(door, query, &[], Some("token=s3cret&token=s3cret")).await);
    assert!(!accepts(door, query, &[], None).await);

    let cookie = key(json!({"in": "cookie", "name": "k"}));
    assert!(accepts(door, cookie, &[("cookie", "a=1; k=s3cret")], None).await);
    assert!(!accepts(door, cookie, &[("cookie", "k=x; k=s3cret")], None).await);

    let bearer = world.credential(AuthType::Bearer, json!({}), json!({"token": "s3cret"}), &[]);
    assert!(accepts(door, bearer, &[("authorization", "Bearer s3cret")], None).await);
    assert!(accepts(door, bearer, &[("authorization", "bearer s3cret")], None).await);
    assert!(!accepts(door, bearer, &[("authorization", "Basic s3cret")], None).await);
    assert!(!accepts(door, bearer, &[("authorization", "s3cret")], None).await);

    let basic = world.credential(
        AuthType::Basic,
        json!({"username": "Aladdin"}),
        json!({"password": "open sesame"}),
        &[],
    );
    assert!(accepts(door, basic, &[("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")], None).await);
    assert!(!accepts(door, basic, &[("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZR==")], None).await);

    let both = world.credential(
        AuthType::CustomHeaders,
        json!({}),
        json!({"headers": {"x-a": "1", "x-b": "2"}}),
        &[],
    );
    assert!(accepts(door, both, &[("x-a", "1"), ("x-b", "2")], None).await);
    assert!(!accepts(door, both, &[("x-a", "1")], None).await);
    assert!(world.trail().is_empty(), "a stranger cannot fill the trail");
}

#[tokio::test]
async fn an_inbound_credential_that_cannot_be_used_is_an_error() {
    let world = World::new();
    let revoked =
        world.credential_with(AuthType::Bearer, json!({}), json!({"token": "s3cret"}), &[], |credential| {
            credential.status = Status::Revoked;
        });
    let workflow = WorkflowId::new(Timestamp::default(), 1);
    let presented = Presented { headers: &HeaderMap::new(), query: None };
    for credential in [revoked, CredentialId::new(Timestamp::default(), 1)] {
        let refused =
            world.door.verify_inbound(&principal(), workflow, credential, presented).await.unwrap_err();
        assert_eq!(refused.code(), "credential.not_found");
    }
}

#[tokio::test]
async fn an_accepted_caller_comes_with_the_scrubber_of_the_secret() {
    let world = World::new();
    let secret = "inbound-secret-1234";
    let key = json!({"in": "header", "name": "X-Webhook-Secret"});
    let credential = world.credential(AuthType::ApiKey, key, json!({ "key": secret }), &[]);
    let headers = HeaderMap::from_iter([(
        HeaderName::from_static("x-webhook-secret"),
        HeaderValue::from_str(secret).unwrap(),
    )]);
    let presented = Presented { headers: &headers, query: None };
    let workflow = WorkflowId::new(Timestamp::default(), 1);
    let verified =
        world.door.verify_inbound(&principal(), workflow, credential, presented).await.unwrap().unwrap();
    let body = format!("a={secret}&b=1");
    assert_eq!(verified.scrubber.scrub(body.into()), "a=[REDACTED]&b=1");
}
