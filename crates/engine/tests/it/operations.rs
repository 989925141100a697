//! What operations of connectors say of their requests, against services on loopback: keys by which a repetition is
//! known, hosts and header fields of their own, links that lead nowhere.

use std::sync::atomic::{AtomicU64, Ordering};

use flero_model::execution::ExecutionStatus;
use flero_store::ExecutionStore as _;
use serde_json::{Value, json};

use super::{
    connectors::{call, import},
    harness::{World, edges, node},
    service::{Answer, Service},
};

fn described(url: &str, paths: Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "Paged", "version": "1"}, "servers": [{"url": url}], "paths": paths})
}

fn with_body(id: &str, hints: Value) -> Value {
    let schema =
        json!({"type": "object", "properties": {"n": {"type": "integer"}, "requestId": {"type": "string"}}});
    json!({"operationId": id, "x-flero-operation": hints, "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "ok"}}})
}

/// A repeated attempt has the key of the first one, wherever the operation takes it; another run has another key.
#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_of_an_operation_has_the_same_key() {
    let count = AtomicU64::new(0);
    let service = Service::start(move |_| {
        let status = if count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) { 503 } else { 200 };
        Answer::json(&json!({})).status(status)
    })
    .await;
    let world = World::new().await;
    let own = json!({"idempotency": {"header": "X-Request-Key"}});
    let input = json!({"idempotency": {"input": "requestId"}});
    let paths = json!({"/usual": {"post": with_body("usual", json!({}))}, "/own": {"post": with_body("own", own)},
        "/input": {"put": with_body("input", input)}, "/read": {"get": {"operationId": "read", "responses": {"200": {"description": "ok"}}}}});
    import(&world, described(&service.url, paths)).await;
    let run = async |operation: &str, inputs: Value| {
        let before = service.seen().len();
        let mut call = call("c", "paged", operation, inputs);
        (call["retries"], call["retryDelayMs"]) = (json!(1), json!(0));
        let workflow = world
            .workflow(json!({"nodes": [node("s", "Start", json!({})), call], "edges": edges(&["s>c"])}))
            .await;
        let end = world.run(&workflow, json!({})).await;
        assert_eq!(end.status, ExecutionStatus::Success, "{operation}: {:?}", end.error);
        let seen = service.seen().split_off(before);
        assert_eq!(seen.len(), 2, "{operation}");
        seen.into_iter()
            .map(|seen| {
                let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
                let field = |name: &str| seen.header(name).map(str::to_owned);
                (
                    field("idempotency-key"),
                    field("x-request-key"),
                    body["requestId"].as_str().map(str::to_owned),
                )
            })
            .collect::<Vec<_>>()
    };
    let usual = run("usual", json!({"n": 1})).await;
    assert_eq!(usual[0], usual[1]);
    assert!(usual[0].0.as_ref().is_some_and(|key| key.len() > 20) && usual[0].1.is_none(), "{usual:?}");
    assert_ne!(run("usual", json!({"n": 1})).await[0], usual[0], "another run");
    let own = run("own", json!({"n": 1})).await;
    assert_eq!(own[0], own[1]);
    assert!(own[0].0.is_none() && own[0].1.is_some(), "{own:?}");
    let input = run("input", json!({"n": 1})).await;
    assert_eq!(input[0], input[1]);
    assert!(input[0].0.is_none() && input[0].2.is_some(), "{input:?}");
    let chosen = run("input", json!({"n": 1, "requestId": "mine"})).await;
    assert_eq!(chosen[0].2.as_deref(), Some("mine"), "a person's own key counts");
    assert_eq!(run("read", json!({})).await[0], (None, None, None), "reading may be repeated as it is");
}

/// An operation whose path names a server of its own goes there, and one that names header fields sends them.
#[tokio::test(flavor = "multi_thread")]
async fn an_operation_has_a_host_and_header_fields_of_its_own() {
    let (one, other) = (
        Service::start(|_| Answer::json(&json!({}))).await,
        Service::start(|_| Answer::json(&json!({}))).await,
    );
    let world = World::new().await;
    let got = |id: &str| json!({"operationId": id, "responses": {"200": {"description": "ok"}}});
    let mut typed = got("typed");
    typed["x-flero-operation"] = json!({"headers": {"Content-Type": "application/json", "X-Version": "2"}});
    let mut paths = json!({"/a": {"get": got("here")}, "/b": {"get": got("there")}, "/c": {"post": typed}});
    paths["/b"]["servers"] = json!([{"url": other.url}]);
    let mut document = described(&one.url, paths);
    document["x-flero"] = json!({"headers": {"X-Version": "1"}});
    import(&world, document).await;
    for operation in ["here", "there", "typed"] {
        let nodes = json!([node("s", "Start", json!({})), call("c", "paged", operation, json!({}))]);
        let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
        let end = world.run(&workflow, json!({})).await;
        assert_eq!(end.status, ExecutionStatus::Success, "{operation}: {:?}", end.error);
    }
    let paths = |service: &Service| service.seen().into_iter().map(|seen| seen.path).collect::<Vec<_>>();
    assert_eq!((paths(&one), paths(&other)), (vec!["/a".to_owned(), "/c".to_owned()], vec!["/b".to_owned()]));
    let seen = one.seen();
    assert_eq!((seen[0].header("x-version"), seen[0].header("content-type")), (Some("1"), None));
    assert_eq!(
        (seen[1].header("x-version"), seen[1].header("content-type")),
        (Some("2"), Some("application/json"))
    );
    assert_eq!(seen[1].body, "");
}

/// A service whose links go on for ever and bring nothing is not followed for ever.
#[tokio::test(flavor = "multi_thread")]
async fn links_that_bring_nothing_end() {
    let service = Service::start(|seen| {
        let number: u64 = seen.path.rsplit('=').next().and_then(|text| text.parse().ok()).unwrap_or(0);
        let items = if number == 1 { vec![7] } else { Vec::new() };
        Answer::json(&json!({"items": items, "next": format!("/list?page={}", number + 1)}))
    })
    .await;
    let world = World::new().await;
    let mut list = json!({"operationId": "list", "responses": {"200": {"description": "ok"}}});
    list["x-flero-operation"] =
        json!({"pagination": {"type": "nextLink", "items": "/items", "next": "/next"}});
    import(&world, described(&service.url, json!({"/list": {"get": list}}))).await;
    let nodes = json!([node("s", "Start", json!({})), call("c", "paged", "list", json!({}))]);
    let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(
        (&end.output["body"], &end.output["truncated"]),
        (&json!([7]), &json!(true)),
        "{:?}",
        end.error
    );
    assert_eq!(service.seen().len(), 22, "the page with an item, one before it, and twenty without any");
}

/// A service that refuses what lies behind its limit is read up to there, one that tells its last page again is read once,
/// and one that tells everything without a page is asked for the first one.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_ends_where_the_service_has_no_further_page() {
    let service = Service::start(|seen| {
        let url = url::Url::parse(&format!("http://x{}", seen.path)).unwrap();
        let given = url.query_pairs().find_map(|(_, value)| value.parse::<u64>().ok());
        let refused = Answer::json(&json!({"error": "too far"})).status(400);
        match (url.path(), given) {
            ("/greatest", Some(4..)) | ("/most", None | Some(5..)) => refused,
            ("/counted", Some(number)) => Answer::json(&json!({"items": [number.min(2)], "total": 2})),
            ("/first", None) => Answer::json(&json!({"items": ["everything, in short"]})),
            ("/first", Some(3..)) => Answer::json(&json!({"items": []})),
            ("/most", Some(from)) => Answer::json(&json!({"items": [from, from + 1]})),
            (_, number) => Answer::json(&json!({"items": [number.unwrap_or(1)], "total": 2})),
        }
    })
    .await;
    let world = World::new().await;
    let page = |more: Value| {
        let mut hint = json!({"type": "page", "items": "/items", "input": "page"});
        hint.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        hint
    };
    let list = |id: &str, hint: Value, parameter: Value| {
        json!({"get": {"operationId": id, "parameters": [parameter], "x-flero-operation": {"pagination": hint},
            "responses": {"200": {"description": "ok"}}}})
    };
    let number = |more: Value| json!({"name": "page", "in": "query", "schema": more});
    let offset =
        json!({"name": "skip", "in": "query", "required": true, "schema": {"type": "integer", "default": 0}});
    let most = json!({"type": "offset", "items": "/items", "input": "skip", "maxItems": 6});
    let paths = json!({
        "/greatest": list("greatest", page(json!({})), number(json!({"type": "integer", "maximum": 3}))),
        "/most": list("most", most, offset),
        "/counted": list("counted", page(json!({"pages": "/total"})), number(json!({"type": "integer"}))),
        "/first": list("first", page(json!({"first": true})), number(json!({"type": "integer"}))),
    });
    import(&world, described(&service.url, paths)).await;
    for (operation, inputs, all, reason) in [
        ("greatest", json!({}), json!([1, 2, 3]), Some("`page` above 3")),
        ("most", json!({"skip": 0}), json!([0, 1, 2, 3, 4, 5]), Some("no more than 6 items")),
        ("most", json!({}), json!([0, 1, 2, 3, 4, 5]), Some("no more than 6 items")),
        ("counted", json!({}), json!([1, 2]), None),
        ("first", json!({}), json!([1, 2]), None),
    ] {
        let nodes = json!([node("s", "Start", json!({})), call("c", "paged", operation, inputs)]);
        let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
        let end = world.run(&workflow, json!({})).await;
        assert_eq!(end.status, ExecutionStatus::Success, "{operation}: {:?}", end.error);
        assert_eq!(
            (&end.output["body"], &end.output["truncated"]),
            (&all, &json!(reason.is_some())),
            "{operation}"
        );
        let told = end.output["truncatedReason"].as_str();
        assert_eq!(told.is_some(), reason.is_some(), "{operation}: {told:?}");
        assert!(told.unwrap_or_default().contains(reason.unwrap_or_default()), "{operation}: {told:?}");
    }
}

/// A list whose second page is refused, in words or by status, is no shorter list. What a page says of the service's limit
/// holds for every request with the same credential.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_service_refuses_is_the_failure_of_the_whole_list() {
    let service = Service::start(|seen| {
        let refused = json!({"ok": false, "error": "ratelimited"});
        let limit = "content-type: application/json\r\nretry-after: 60\r\n".to_owned();
        match seen.path.as_str() {
            "/words?cursor=2" => Answer { headers: limit, ..Answer::json(&refused) },
            "/status?cursor=2" => Answer { headers: limit, ..Answer::json(&json!({})).status(429) },
            "/broken?cursor=2" => Answer::json(&json!({"ok": false, "error": "no_such_thing"})),
            _ => Answer::json(&json!({"ok": true, "items": [1], "next": "2"})),
        }
    })
    .await;
    let world = World::new().await;
    let list = |id: &str| {
        json!({"get": {"operationId": id, "responses": {"200": {"description": "ok"}},
            "parameters": [{"name": "cursor", "in": "query", "schema": {"type": "string"}}],
            "x-flero-operation": {"pagination": {"type": "cursor", "items": "/items", "next": "/next", "input": "cursor"}}}})
    };
    let paths = json!({"/words": list("words"), "/status": list("status"), "/broken": list("broken")});
    let mut document = described(&service.url, paths);
    document["x-flero"] = json!({"errors": {"ok": "/ok", "code": "/error", "codes": {"ratelimited": "rateLimit", "no_such_thing": "notFound"}}});
    import(&world, document).await;
    for (operation, code, is_limit) in [
        ("words", "connector.rate_limit", true),
        ("status", "connector.rate_limit", true),
        ("broken", "connector.not_found", false),
    ] {
        let mut call = call("c", "paged", operation, json!({}));
        call["credentialId"] = json!(world.bearer("http://127.0.0.1", "a").await.to_string());
        let nodes = json!([node("s", "Start", json!({})), call]);
        let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
        let run = async || world.run(&workflow, json!({})).await.error.map(|error| error.code.to_string());
        assert_eq!(run().await.as_deref(), Some(code), "{operation}");
        let before = service.seen().len();
        assert_eq!(run().await.as_deref(), Some(code), "{operation}");
        assert_eq!(service.seen().len() == before, is_limit, "{operation}: asked again within the limit");
    }
}

/// Files go from a service to blob storage and on to another one as every kind of body has them, and nowhere else: the
/// journal has their names alone.
#[tokio::test(flavor = "multi_thread")]
async fn operations_take_and_send_files_in_every_kind_of_body() {
    const LENGTH: usize = 9 << 20;
    let service = Service::start(|seen| match seen.path.as_str() {
        "/file" => Answer {
            status: 200,
            headers:
                "content-type: application/pdf\r\ncontent-disposition: attachment; filename=\"a.pdf\"\r\n"
                    .to_owned(),
            body: vec![b'x'; LENGTH],
            delay_ms: 0,
        },
        _ => Answer::json(&json!({"type": seen.header("content-type"), "length": seen.body.len(),
            "part": seen.body.contains("name=\"doc\"; filename=\"a.pdf\""),
            "text": seen.body.chars().take(40).collect::<String>(),
            "json": seen.body.contains("name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n"),
            "typed": seen.body.contains("name=\"page\"\r\nContent-Type: text/html\r\n\r\n<p>\r\n"),
            "plain": seen.body.contains("name=\"n\"\r\n\r\n2\r\n")})),
    })
    .await;
    let world = World::new().await;
    let sends = |id: &str, kind: &str, schema: Value| {
        json!({"post": {"operationId": id, "requestBody": {"required": true, "content": {kind: {"schema": schema}}},
            "responses": {"200": {"description": "ok"}}}})
    };
    let binary = json!({"type": "string", "format": "binary"});
    let parts = json!({"type": "object", "properties": {"doc": binary, "meta": {"type": "object"}, "n": {"type": "integer"}, "page": {"type": "string"}}});
    let fields = json!({"type": "object", "properties": {"a": {"type": "string"}, "l": {"type": "array", "items": {"type": "string"}}}});
    let paths = json!({
        "/file": {"get": {"operationId": "file", "responses": {"200": {"description": "ok", "content": {"application/pdf": {}}}}}},
        "/binary": sends("binary", "application/octet-stream", binary),
        "/parts": sends("parts", "multipart/form-data", parts),
        "/text": sends("text", "text/plain", json!({"type": "string"})),
        "/form": sends("form", "application/x-www-form-urlencoded", fields),
    });
    let mut paths = paths;
    paths["/parts"]["post"]["requestBody"]["content"]["multipart/form-data"]["encoding"] =
        json!({"page": {"contentType": "text/html"}});
    import(&world, described(&service.url, paths)).await;
    let doc = "{{ $node[\"A\"].json.body }}";
    let nodes = json!([
        node("s", "Start", json!({})),
        call("a", "paged", "file", json!({})),
        call("b", "paged", "binary", json!({ "body": doc })),
        call("c", "paged", "parts", json!({"doc": doc, "meta": {"a": 1}, "n": 2, "page": "<p>"})),
        call("d", "paged", "text", json!({"body": "ä b"})),
        call("e", "paged", "form", json!({"a": "x y", "l": ["1", "2"]})),
    ]);
    let edges = edges(&["s>a", "a>b", "b>c", "c>d", "d>e"]);
    let workflow = world.workflow(json!({"nodes": nodes, "edges": edges})).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(end.status, ExecutionStatus::Success, "{:?}", end.error);
    let report = world.report(end.id).await.nodes;
    let body = |id: &str| report.iter().find(|node| node.node_id == id).unwrap().output["body"].clone();
    assert_eq!((&body("a")["bytes"], &body("a")["name"]), (&json!(LENGTH), &json!("a.pdf")), "{}", body("a"));
    assert_eq!((&body("b")["type"], &body("b")["length"]), (&json!("application/pdf"), &json!(LENGTH)));
    assert_eq!((&body("c")["part"], &body("c")["json"]), (&json!(true), &json!(true)), "{}", body("c"));
    assert_eq!((&body("c")["typed"], &body("c")["plain"]), (&json!(true), &json!(true)), "{}", body("c"));
    assert!(body("c")["type"].as_str().unwrap().starts_with("multipart/form-data; boundary="));
    assert_eq!((&body("d")["type"], &body("d")["text"]), (&json!("text/plain"), &json!("ä b")));
    assert_eq!(body("e")["text"], "a=x%20y&l=1&l=2");
    let journal = world.store.execution_journal(end.id).await.unwrap();
    assert!(journal.iter().map(Vec::len).sum::<usize>() < 10_000, "the file stands in the journal");
}
