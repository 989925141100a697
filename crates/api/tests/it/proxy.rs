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
