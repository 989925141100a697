//! Webhooks: the way in for everybody else.

use flero_testing::{Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, node, set_status};

/// An active workflow that answers what it got.
async fn echo(server: &TestServer, parameters: Value) -> String {
    let mut trigger = node("in", "WebhookTrigger", json!({"responseMode": "onCompletion"}));
    for (name, value) in parameters.as_object().unwrap() {
        trigger["parameters"][name] = value.clone();
    }
    let end = node("end", "Terminal", json!({"output": "{{ $trigger }}"}));
    let id = made(server, chain(vec![trigger, end])).await;
    set_status(server, &id, "active").await;
    id
}

#[tokio::test]
async fn a_webhook_answers_what_its_workflow_returns() {
    let server = TestServer::start().await;
    let open = server.owner.anonymous();
    let id = echo(&server, json!({"path": "orders/new", "method": "POST", "responseCode": 201})).await;
    let view = server.owner.get(&format!("/api/workflows/{id}")).await.expect(200);
    assert!(view["webhookUrl"].as_str().unwrap().ends_with("/webhook/orders/new"));
    let answer = open.post("/webhook/orders/new?b=2", json!({"a": 1})).await.expect(201);
    assert_eq!(
        (&answer["body"], &answer["query"], &answer["method"], &answer["path"]),
        (&json!({"a": 1}), &json!({"b": "2"}), &json!("POST"), &json!("orders/new"))
    );
    assert_eq!(answer["headers"]["content-type"], "application/json");
    let wrong = open.get("/webhook/orders/new").await;
    assert_eq!(
        (wrong.problem(405), wrong.headers["allow"].to_str().unwrap()),
        ("method_not_allowed".into(), "POST")
    );
    assert_eq!(open.post("/webhook/orders", json!({})).await.problem(404), "not_found");
    let broken =
        open.send("POST", "/webhook/orders/new", &[("content-type", "application/json")], "hunter2").await;
    assert_eq!(broken.problem(400), "invalid_body");
    assert!(!broken.text().contains("hunter2"));
    set_status(&server, &id, "inactive").await;
    assert_eq!(open.post("/webhook/orders/new", json!({})).await.problem(404), "not_found");
}

#[tokio::test]
async fn an_immediate_answer_does_not_wait_and_a_failed_run_tells_nothing() {
    let server = TestServer::start().await;
    let open = server.owner.anonymous();
    let trigger = node("in", "WebhookTrigger", json!({"path": "now"}));
    let id = made(&server, chain(vec![trigger, node("w", "Wait", json!({"durationMs": 3_600_000}))])).await;
    set_status(&server, &id, "active").await;
    let answer = open.post("/webhook/now", json!({})).await.expect(200);
    assert!(answer["executionId"].as_str().unwrap().starts_with("exec_"));
    let trigger = node("in", "WebhookTrigger", json!({"path": "fails", "responseMode": "onCompletion"}));
    let call = node("call", "HTTPRequest", json!({"url": "http://10.1.2.3/internal-name"}));
    let id = made(&server, chain(vec![trigger, call])).await;
    set_status(&server, &id, "active").await;
    let answer = open.post("/webhook/fails", json!({})).await;
    assert_eq!(answer.problem(500), "execution_failed");
    assert!(!answer.text().contains("10.1.2.3"));
}

#[tokio::test]
async fn a_new_version_and_new_variables_are_seen_by_the_next_request() {
    let server = TestServer::start().await;
    let open = server.owner.anonymous();
    let document = |output: Value| {
        chain(vec![
            node("in", "WebhookTrigger", json!({"path": "fresh", "responseMode": "onCompletion"})),
            node("end", "Terminal", json!({ "output": output })),
        ])
    };
    let id = made(&server, document(json!({"v": "{{ $env.V }}"}))).await;
    let _ = server.owner.json("PUT", "/api/variables", &json!({"V": 1})).await.expect(200);
    set_status(&server, &id, "active").await;
    assert_eq!(open.post("/webhook/fresh", json!({})).await.expect(200), json!({"v": 1}));
    let _ = server.owner.json("PUT", "/api/variables", &json!({"V": 2})).await.expect(200);
    assert_eq!(open.post("/webhook/fresh", json!({})).await.expect(200), json!({"v": 2}));
    // A save alone changes nothing: somebody has to activate it.
    let _ = server
        .owner
        .json("PUT", &format!("/api/workflows/{id}"), &document(json!({"v": "new"})))
        .await
        .expect(200);
    assert_eq!(open.post("/webhook/fresh", json!({})).await.expect(200), json!({"v": 2}));
    set_status(&server, &id, "active").await;
    assert_eq!(open.post("/webhook/fresh", json!({})).await.expect(200), json!({"v": "new"}));
}

#[tokio::test]
async fn an_inbound_credential_is_asked_for_and_never_becomes_data() {
    let server = TestServer::start().await;
    let open = server.owner.anonymous();
    let body = json!({"name": "In", "service": "http", "authType": "apiKey", "parameters": {"in": "header", "name": "X-Webhook-Secret"}, "data": {"key": TOKEN}, "allowedHosts": ["hooks.example.com"]});
    let credential = server.owner.post("/api/credentials", body).await.expect(201)["id"].clone();
    let mut trigger =
        node("in", "WebhookTrigger", json!({"path": "guarded", "responseMode": "onCompletion"}));
    trigger["credentialId"] = credential.clone();
    let id =
        made(&server, chain(vec![trigger, node("end", "Terminal", json!({"output": "{{ $trigger }}"}))]))
            .await;
    set_status(&server, &id, "active").await;
    for headers in [
        &[][..],
        &[("x-webhook-secret", "wrong")],
        &[("x-webhook-secret", ""), ("authorization", "Bearer x")],
    ] {
        assert_eq!(
            open.send("POST", "/webhook/guarded", headers, "").await.problem(401),
            "authentication_required"
        );
    }
    let headers = [
        ("x-webhook-secret", TOKEN),
        ("authorization", "Bearer other-secret-1"),
        ("cookie", "s=other-secret-1"),
        ("x-hub-signature-256", "other-secret-1"),
        ("x-kept", "yes"),
    ];
    let answer = open.send("POST", "/webhook/guarded?token=other-secret-1&kept=yes", &headers, "").await;
    let echoed = answer.expect(200);
    assert_eq!((&echoed["headers"]["x-kept"], &echoed["query"]), (&json!("yes"), &json!({"kept": "yes"})));
    assert!(!answer.text().contains(TOKEN) && !answer.text().contains("other-secret-1"));
    let listed = server.owner.get("/api/executions").await.expect(200);
    let run =
        server.owner.get(&format!("/api/executions/{}", listed["items"][0]["id"].as_str().unwrap())).await;
    assert!(!run.text().contains(TOKEN) && !run.text().contains("other-secret-1"));
    let uses = server
        .owner
        .get(&format!("/api/audit?credentialId={}&action=credential.used", credential.as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(uses["items"][0]["detail"]["purpose"], "inbound");
}

/// What authenticates a request to a webhook becomes no data, wherever else it stands.
#[tokio::test]
async fn a_repeated_inbound_secret_never_becomes_data() {
    let server = TestServer::start().await;
    let open = server.owner.anonymous();
    let body = json!({"name": "In", "service": "http", "authType": "apiKey", "parameters": {"in": "header", "name": "X-Webhook-Secret"}, "data": {"key": TOKEN}, "allowedHosts": ["hooks.example.com"]});
    let credential = server.owner.post("/api/credentials", body).await.expect(201)["id"].clone();
    for (path, kind) in [("json", "auto"), ("raw", "binary")] {
        let parameters = json!({"path": path, "responseMode": "onCompletion", "payloadType": kind});
        let mut trigger = node("in", "WebhookTrigger", parameters);
        trigger["credentialId"] = credential.clone();
        let end = node("end", "Terminal", json!({"output": "{{ $trigger }}"}));
        let id = made(&server, chain(vec![trigger, end])).await;
        set_status(&server, &id, "active").await;
    }
    let link = format!("https://shop.example.com/?key={TOKEN}");
    let headers = [
        ("content-type", "application/json"),
        ("x-webhook-secret", TOKEN),
        ("referer", link.as_str()),
        ("x-original-uri", link.as_str()),
    ];
    // The second field spells the secret's first letter as an escape; the last one's name is the secret.
    let escaped = format!("\\u0063{}", &TOKEN[1..]);
    let body = format!(r#"{{"a":"x {TOKEN}","b":["{escaped}"],"kept":1,"{TOKEN}":2}}"#);
    let query = format!("?kept=yes&again={TOKEN}&odd=%63{}", &TOKEN[1..]);
    let echoed = open.send("POST", &format!("/webhook/json{query}"), &headers, body.clone()).await;
    assert_eq!(
        echoed.expect(200)["body"],
        json!({"a": "x [REDACTED]", "b": ["[REDACTED]"], "kept": 1, "[REDACTED]": 2})
    );
    assert_eq!(echoed.json()["query"], json!({"kept": "yes", "again": "[REDACTED]", "odd": "[REDACTED]"}));
    assert_eq!(echoed.json()["headers"]["referer"], "https://shop.example.com/?key=[REDACTED]");
    let binary = open.send("POST", "/webhook/raw", &headers, format!("x{TOKEN}")).await;
    assert_eq!(binary.expect(200)["body"], data_encoding::BASE64.encode(b"x[REDACTED]"));
    let listed = server.owner.get("/api/executions").await.expect(200);
    assert_eq!(listed["total"], 2);
    for run in listed["items"].as_array().unwrap() {
        let report = server.owner.get(&format!("/api/executions/{}", run["id"].as_str().unwrap())).await;
        assert!(report.text().contains("[REDACTED]") && !report.text().contains(TOKEN));
    }
}

#[tokio::test]
async fn browsers_may_call_from_the_listed_origins_alone() {
    let server = TestServer::start().await;
    let open = server.owner.anonymous();
    let _ = echo(&server, json!({"path": "cors", "allowedOrigins": ["https://app.example.com"]})).await;
    let ask = [
        ("origin", "https://app.example.com"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let answer = open.send("OPTIONS", "/webhook/cors", &ask, "").await;
    assert_eq!(
        (
            answer.status.as_u16(),
            &answer.headers["access-control-allow-origin"],
            &answer.headers["access-control-allow-methods"]
        ),
        (204, &"https://app.example.com".parse().unwrap(), &"POST".parse().unwrap())
    );
    let other = [("origin", "https://evil.example.com"), ("access-control-request-method", "POST")];
    assert!(
        !open
            .send("OPTIONS", "/webhook/cors", &other, "")
            .await
            .headers
            .contains_key("access-control-allow-origin")
    );
    let sent = open.send("POST", "/webhook/cors", &[("origin", "https://app.example.com")], "").await;
    assert_eq!(sent.headers["access-control-allow-origin"], "https://app.example.com");
}

#[tokio::test]
async fn a_webhook_calls_a_service_and_answers_its_body() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let credential = crate::stored(&server, &service).await;
    let mut call = node("call", "HTTPRequest", json!({"method": "GET", "url": service.url("/me")}));
    call["credentialId"] = json!(credential);
    let trigger =
        node("in", "WebhookTrigger", json!({"path": "w1", "method": "GET", "responseMode": "onCompletion"}));
    let id = made(
        &server,
        chain(vec![trigger, call, node("end", "Terminal", json!({"output": "{{ $input.body }}"}))]),
    )
    .await;
    set_status(&server, &id, "active").await;
    for _ in 0..5 {
        assert_eq!(
            server.owner.anonymous().get("/webhook/w1").await.expect(200),
            json!({"account": "ada", "id": 7})
        );
    }
    assert!(
        service.seen().iter().all(|seen| seen.headers["authorization"] == format!("Bearer {TOKEN}").as_str())
    );
}
