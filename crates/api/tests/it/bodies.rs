//! What is refused before any use case sees it.

use flero_testing::TestServer;
use serde_json::{Value, json};

/// Security test 64: unknown fields are refused with their place, and what a GET gave may be sent back.
#[tokio::test]
async fn unknown_fields_are_refused_and_read_only_ones_are_ignored() {
    let server = TestServer::start().await;
    let document = json!({"name": "x", "nodes": [{"id": "s", "name": "s", "type": "Start", "surprise": "hunter2"}], "edges": [], "more": 1});
    let answer = server.owner.post("/api/workflows", document).await;
    assert_eq!(answer.problem(422), "invalid_fields");
    assert!(!answer.text().contains("hunter2"));
    let pointers: Vec<String> = pointers(&answer.json());
    assert_eq!(pointers, ["/more", "/nodes/0/surprise"]);
    let answer = server
        .owner
        .post("/api/api-keys", json!({"name": "x", "scopes": ["audit:read"], "isAdmin": true}))
        .await;
    assert_eq!(pointers_of(&answer, 422), ["/isAdmin"]);
    let answer = server.owner.post("/api/api-keys", json!({"name": "x", "scopes": ["everything"]})).await;
    assert_eq!(pointers_of(&answer, 422), ["/scopes/0"]);

    let id = crate::made(&server, crate::chain(vec![crate::node("s", "Start", json!({}))])).await;
    let got = server.owner.get(&format!("/api/workflows/{id}")).await.expect(200);
    let _ = server.owner.json("PUT", &format!("/api/workflows/{id}"), &got).await.expect(200);
}

fn pointers(problem: &Value) -> Vec<String> {
    problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect()
}

fn pointers_of(answer: &flero_testing::Answer, status: u16) -> Vec<String> {
    pointers(&answer.expect(status))
}

/// Security test 65: hostile JSON is refused with its line and without being quoted.
#[tokio::test]
async fn hostile_json_is_refused() {
    let server = TestServer::start().await;
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    for body in
        ["", "{", "nul", "{\"a\":1,\"a\":2}", "{\"name\": \"hunter2\" x}", deep.as_str(), "\u{feff}{}"]
    {
        let answer = server
            .owner
            .send("POST", "/api/workflows", &[("content-type", "application/json")], body.to_owned())
            .await;
        assert_eq!(answer.problem(400), "invalid_json");
        assert!(!answer.text().contains("hunter2"));
    }
    let big = format!("{{\"name\":\"{}\"}}", "x".repeat(6 << 20));
    let answer =
        server.owner.send("POST", "/api/workflows", &[("content-type", "application/json")], big).await;
    assert_eq!(answer.problem(413), "body_too_large");
}

/// Security test 66: the content type decides, not the look of the body.
#[tokio::test]
async fn a_body_of_another_content_type_is_refused() {
    let server = TestServer::start().await;
    let body = json!({"name": "x", "scopes": ["audit:read"]}).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
    ] {
        let answer =
            server.owner.send("POST", "/api/api-keys", &[("content-type", kind)], body.clone()).await;
        assert_eq!(answer.problem(415), "unsupported_media_type", "{kind}");
    }
    assert_eq!(
        server.owner.send("POST", "/api/api-keys", &[], body).await.problem(415),
        "unsupported_media_type"
    );
}

#[tokio::test]
async fn wrong_query_parameters_are_refused() {
    let server = TestServer::start().await;
    for path in [
        "/api/workflows?limit=0",
        "/api/workflows?limit=201",
        "/api/workflows?limit=ten",
        "/api/workflows?stauts=active",
        "/api/workflows?limit=1&limit=2",
        "/api/credentials?status=hunter2",
        "/api/executions?status=ended",
        "/api/audit?action=nope",
    ] {
        let answer = server.owner.get(path).await;
        assert_eq!(answer.problem(400), "invalid_query", "{path}");
        assert!(!answer.text().contains("hunter2"));
    }
    assert_eq!(server.owner.get("/api/workflows?cursor=forged").await.problem(400), "invalid_cursor");
}

#[tokio::test]
async fn a_request_cut_off_in_the_middle_leaves_nothing() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = TestServer::start().await;
    let me = server.owner.get("/api/me").await.expect(200);
    assert_eq!(me["role"], "owner");
    let key = crate::key_with(&server, &["workflows:write", "workflows:read"]).await;
    let address = server.address();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/workflows HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{{\"name\":"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert_eq!(server.owner.get("/api/workflows").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn variables_are_replaced_whole_and_only_as_they_were_read() {
    let server = TestServer::start().await;
    let first = server.owner.get("/api/variables").await;
    assert_eq!(first.expect(200), json!({}));
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let put = |body: &'static str, tag: String| {
        let client = server.owner.clone();
        async move {
            client
                .send(
                    "PUT",
                    "/api/variables",
                    &[("content-type", "application/json"), ("if-match", &tag)],
                    body,
                )
                .await
        }
    };
    assert_eq!(put("{\"BASE\":\"https://x\"}", tag.clone()).await.expect(200), json!({"BASE": "https://x"}));
    assert_eq!(put("{}", tag).await.problem(412), "changed");
    assert_eq!(put("{\"1x\":1}", "*".into()).await.problem(422), "invalid_fields");
    assert_eq!(put("[]", "*".into()).await.problem(422), "invalid_fields");
    assert_eq!(put("{}", "tag".into()).await.problem(400), "invalid_header");
}
