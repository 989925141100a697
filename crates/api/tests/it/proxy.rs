//! The authenticated proxy.

use flero_testing::{Service, TestServer};
use serde_json::json;

use crate::{TOKEN, stored};

#[tokio::test]
async fn a_service_is_called_with_a_secret_that_the_caller_never_sees() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    let path = format!("/api/proxy/{id}/{}", service.address);
    assert_eq!(server.owner.get(&format!("{path}/me")).await.expect(200)["account"], "ada");
    let headers = [("content-type", "text/plain"), ("cookie", "mine=1"), ("x-kept", "yes")];
    let answer = server.owner.send("PUT", &format!("{path}/echo/a%2Fb?x=%20y"), &headers, "the body").await;
    let echoed = answer.expect(200);
    assert_eq!(
        (&echoed["method"], &echoed["target"], &echoed["body"]),
        (&json!("PUT"), &json!("/echo/a%2Fb?x=%20y"), &json!("the body"))
    );
    assert_eq!(echoed["headers"]["x-kept"], "yes");
    assert!(echoed["headers"].get("cookie").is_none());
    assert!(!answer.text().contains(TOKEN), "the echo is scrubbed");
    let seen = service.seen();
    assert!(seen.iter().all(|one| one.headers["authorization"] == format!("Bearer {TOKEN}").as_str()));
    let _ = server.owner.get(&path).await.expect(200);
}

/// Security test 19: the proxy sends a credential nowhere else than to its hosts.
#[tokio::test]
async fn another_host_is_refused_and_recorded() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let other = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    for host in [other.address.as_str(), "evil.example.com", "169.254.169.254", "localhost"] {
        let answer = server.owner.get(&format!("/api/proxy/{id}/{host}/me")).await;
        assert_eq!(answer.problem(403), "destination_refused", "{host}");
    }
    for host in ["a@b", "%31%32%37.0.0.1", "127.1:80"] {
        assert!(
            server.owner.get(&format!("/api/proxy/{id}/{host}/me")).await.status.is_client_error(),
            "{host}"
        );
    }
    assert!(other.seen().is_empty());
    let refused = server
        .owner
        .get(&format!("/api/audit?credentialId={id}&action=credential.use_refused"))
        .await
        .expect(200);
    assert!(refused["total"].as_u64().unwrap() >= 1);
}

/// What a service says of its limit is the credential's: whoever is told, everybody keeps to it.
#[tokio::test]
async fn a_limit_that_a_service_tells_is_shared_with_workflows() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let (id, other) = (stored(&server, &service).await, stored(&server, &service).await);
    let path = |id: &str, to: &str| format!("/api/proxy/{id}/{}{to}", service.address);
    let run = async || {
        let mut call = crate::node("call", "HTTPRequest", json!({"url": service.url("/status/429?wait=60")}));
        call["credentialId"] = json!(id);
        let document = crate::chain(vec![crate::node("s", "Start", json!({})), call]);
        let workflow = crate::made(&server, document).await;
        let path = format!("/api/workflows/{workflow}/run?wait=true");
        server.owner.post(&path, json!({})).await.expect(200)["nodes"][1]["error"]["code"].clone()
    };
    // The service's own answer is passed on as it is.
    let told = server.owner.get(&path(&id, "/status/429?wait=60")).await;
    assert_eq!((told.status.as_u16(), &told.headers["retry-after"]), (429, &"60".parse().unwrap()));
    let before = service.seen().len();
    let held = server.owner.get(&path(&id, "/me")).await;
    assert_eq!(
        (held.problem(429), &held.headers["retry-after"]),
        ("service_limit".into(), &"60".parse().unwrap())
    );
    assert_eq!(run().await, "connector.rate_limit");
    assert_eq!(service.seen().len(), before, "nothing was sent");
    let _ = server.owner.get(&path(&other, "/me")).await.expect(200);
    server.clock.advance(60_000);
    let _ = server.owner.get(&path(&id, "/me")).await.expect(200);
    // The other way round: a workflow is told, and the proxy keeps to it.
    let _ = run().await;
    assert_eq!(server.owner.get(&path(&id, "/me")).await.problem(429), "service_limit");
    // An answer that tells no limit is none, whatever its status.
    server.clock.advance(60_000);
    assert_eq!(server.owner.get(&path(&id, "/status/503")).await.status, 503);
    let _ = server.owner.get(&path(&id, "/me")).await.expect(200);
}
