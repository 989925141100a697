//! The state of the vault, as its owner sees it.

use flero_testing::{Service, TestServer};
use serde_json::json;

#[tokio::test]
async fn the_owner_sees_slots_and_versions_of_keys_and_no_key() {
    let server = TestServer::start().await;
    let service = Service::start("x").await;
    let _ = crate::stored(&server, &service).await;
    let vault = server.owner.get("/api/vault").await.expect(200);
    assert!(vault["sealed"].is_null());
    assert_eq!(vault["slots"][0]["opensHere"], true);
    let keys = vault["keys"].as_array().unwrap();
    let own = keys.iter().find(|key| key["id"] == server.workspace.to_string()).unwrap();
    assert_eq!((&own["scope"], &own["opens"]), (&json!("workspace"), &json!(true)));
    assert_eq!(own["versions"][0]["state"], "active");
    assert!(own["versions"][0]["secrets"].as_u64().unwrap() >= 1);
    assert!(keys.iter().all(|key| key["scope"] != "personal"));
    assert!(!vault.to_string().contains("blob") && !vault.to_string().contains("wrapped"));
}
