//! The description is generated, complete, and changes on purpose only.

use serde_json::Value;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_description_is_the_one_that_was_reviewed() {
    let mut text = serde_json::to_string_pretty(&flero_api::description()).unwrap();
    text.push('\n');
    if std::env::var_os("FLERO_BLESS").is_some() {
        std::fs::write(SNAPSHOT, &text).unwrap();
    }
    let reviewed = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert!(
        text == reviewed,
        "the description changed; review it with FLERO_BLESS=1 cargo test -p flero-api and commit openapi.json"
    );
}

#[test]
fn the_description_names_title_licence_and_key() {
    let document = serde_json::to_value(flero_api::description()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["title"], "Flero");
    assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    assert!(document["info"].get("contact").is_none_or(Value::is_null));
    assert_eq!(document["components"]["securitySchemes"]["apiKey"]["scheme"], "bearer");
}

#[tokio::test]
async fn the_description_and_the_pages_of_codes_are_served() {
    let server = flero_testing::TestServer::start().await;
    let open = server.owner.anonymous();
    let served = open.get("/api/openapi.json").await.expect(200);
    assert_eq!(served, serde_json::to_value(flero_api::description()).unwrap());
    for code in flero_api::error::codes::ALL {
        let page = open.get(&format!("/docs/errors/{}", code.code)).await;
        assert_eq!(page.status, 200);
        assert!(page.text().starts_with(&format!("# {}", code.code)));
    }
    for name in ["executions", "executions.md", "http.dns", "credential.destination_refused"] {
        let page = open.get(&format!("/docs/errors/{name}")).await;
        assert_eq!(
            (page.status.as_u16(), page.text().starts_with("# Codes of steps")),
            (200, true),
            "{name}"
        );
    }
    for name in ["http.nope", "http.", ".", "http"] {
        assert_eq!(open.get(&format!("/docs/errors/{name}")).await.status, 404, "{name}");
    }
    assert_eq!(open.get("/docs/errors/nope").await.problem(404), "not_found");
}

/// Security test 67: a name in a path is looked up in a table and never becomes a file.
#[tokio::test]
async fn a_path_that_climbs_out_finds_nothing() {
    let server = flero_testing::TestServer::start().await;
    for path in [
        "/docs/errors/..%2F..%2FCargo.toml",
        "/docs/errors/%2Fetc%2Fpasswd",
        "/webhook/../api/me",
        "/webhook/..%2F..%2Fx",
        "/docs/errors/not_found%00",
    ] {
        assert_eq!(server.owner.anonymous().get(path).await.status, 404, "{path}");
    }
}
