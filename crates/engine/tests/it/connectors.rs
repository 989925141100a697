//! Operations of connectors against a service on loopback and a real database: pages in every way that the format has,
//! answers in XML, statements.

use flero_engine::Finished;
use flero_model::{Timestamp, credential::AuthType, execution::ExecutionStatus};
use flero_openapi::{Document, Summary, Tier, compile, pack};
use flero_store::{ConnectorStore, connectors::NewConnector};
use serde_json::{Value, json};

use super::{
    databases::{PASSWORD, password_of, postgres},
    harness::{World, ada, edges, node, workspace},
    mariadb::{self, Mariadb},
    service::{Answer, Seen, Service},
};

/// Imports a description under the name `paged`.
pub(crate) async fn import(world: &World, document: Value) {
    let compiled = compile(&Document::of(document).unwrap()).unwrap();
    let summary = Summary::of("paged", Tier::Imported, &compiled.connector);
    let connector = NewConnector {
        workspace: workspace(),
        id: "paged".to_owned(),
        summary: serde_json::to_string(&summary).unwrap(),
        pack: pack::write(summary, compiled.connector, ""),
        by: ada(),
        at: Timestamp::from_millis(0),
    };
    world.store.put_connector(connector, Vec::new()).await.unwrap();
}

pub(crate) fn call(id: &str, connector: &str, operation: &str, inputs: Value) -> Value {
    let mut call = node(id, "Connector", inputs);
    (call["connector"], call["operation"]) = (json!(connector), json!(operation));
    call
}

async fn run(world: &World, operation: &str, inputs: Value) -> Finished {
    let nodes = json!([node("s", "Start", json!({})), call("c", "paged", operation, inputs)]);
    let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
    world.run(&workflow, json!({})).await
}

/// Seven items, three a page, by what the request says.
fn paged(seen: &Seen) -> Answer {
    let url = url::Url::parse(&format!("http://x{}", seen.path)).unwrap();
    let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
    let in_query =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let in_form = |name: &str| {
        url::form_urlencoded::parse(seen.body.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let slice = |from: usize| (from..7).take(3).map(|id| json!({ "id": id })).collect::<Vec<_>>();
    let number = |text: Option<String>| text.and_then(|text| text.parse::<usize>().ok());
    match url.path() {
        "/json" => {
            let from = body["start"]["at"].as_u64().unwrap_or(0) as usize;
            let next = if from + 3 < 7 { json!({"at": from + 3}) } else { json!({}) };
            Answer::json(&json!({"items": slice(from), "next": next, "kept": body["filter"]}))
        }
        "/form" => Answer::json(&json!({"items": slice(number(in_form("offset")).unwrap_or(0))})),
        "/last" => {
            let from = number(in_query("after")).map_or(0, |last| last + 1);
            Answer::json(&json!({"items": slice(from), "more": from + 3 < 7}))
        }
        "/graph" => {
            let from = body["variables"]["after"].as_str().and_then(|after| after.parse().ok()).unwrap_or(0);
            // Of the last page a cursor is told too, as the Relay specification has it.
            let page = json!({"endCursor": (from + 3).to_string(), "hasNextPage": from + 3 < 7});
            Answer::json(&json!({"data": {"things": {"nodes": slice(from), "pageInfo": page}}}))
        }
        "/loop" => Answer::json(&json!({"items": [1], "next": {"at": 1}})),
        _ => {
            let from = number(in_query("token")).unwrap_or(0);
            let items: String = (from..7).take(3).map(|id| format!("<Item><id>{id}</id></Item>")).collect();
            let next = if from + 3 < 7 { format!("<Next>{}</Next>", from + 3) } else { String::new() };
            let (status, body) = match seen.path.contains("bucket=none") {
                true => (404, "<Error><Code>NoSuchBucket</Code></Error>".to_owned()),
                false => (200, format!("<List>{items}{next}</List>")),
            };
            let headers = "content-type: application/xml\r\n".to_owned();
            Answer { status, headers, body: body.into_bytes(), delay_ms: 0 }
        }
    }
}

fn description(url: &str) -> Value {
    let list =
        json!({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}});
    let posted = |kind: &str, id: &str, properties: Value, paging: Value| {
        json!({"post": {"operationId": id, "x-flero-operation": {"pagination": paging},
            "requestBody": {"content": {kind: {"schema": {"type": "object", "properties": properties}}}}}})
    };
    let got = |id: &str, names: &[&str], answer: Value, paging: Value| {
        let parameters: Vec<Value> = names
            .iter()
            .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}))
            .collect();
        json!({"get": {"operationId": id, "parameters": parameters, "x-flero-operation": {"pagination": paging},
            "responses": {"200": {"description": "ok", "content": answer}}}})
    };
    let start = json!({"start": {"type": "object"}, "filter": {"type": "string"}});
    let cursor = json!({"type": "cursor", "items": "/items", "next": "/next", "input": "start"});
    let relay = json!({"type": "cursor", "items": "/data/things/nodes", "next": "/data/things/pageInfo/endCursor",
        "more": "/data/things/pageInfo/hasNextPage", "input": "/variables/after"});
    let graph =
        json!({"query": {"type": "string", "const": "query { things }"}, "variables": {"type": "object"}});
    let offset = json!({"type": "offset", "items": "/items", "input": "offset"});
    let last = json!({"type": "lastItem", "items": "/items", "id": "/id", "input": "after", "more": "/more"});
    let token = json!({"type": "cursor", "items": "/Item", "next": "/Next", "input": "token"});
    let xml = json!({"application/xml": {"schema": {"type": "object", "properties": {"Item": list}}}});
    json!({"openapi": "3.1.0", "info": {"title": "Paged", "version": "1"}, "servers": [{"url": url}],
    "x-flero": {"errors": {"code": "/Code", "codes": {"NoSuchBucket": "notFound"}}},
    "paths": {
        "/json": posted("application/json", "json", start.clone(), cursor.clone()),
        "/loop": posted("application/json", "loop", start, cursor),
        "/graph": posted("application/json", "graph", graph, relay),
        "/form": posted("application/x-www-form-urlencoded", "form", json!({"offset": {"type": "integer"}, "q": {"type": "string"}}), offset),
        "/last": got("last", &["after"], json!({}), last),
        "/xml": got("xml", &["token", "bucket"], xml, token),
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_followed_by_bodies_by_the_last_item_and_in_xml() {
    let service = Service::start(paged).await;
    let world = World::new().await;
    import(&world, description(&service.url)).await;
    let all: Value = (0..7).map(|id| json!({ "id": id })).collect();
    for (operation, inputs) in [
        ("json", json!({"filter": "open"})),
        ("graph", json!({"variables": {"team": "a"}})),
        ("form", json!({"q": "a b"})),
        ("last", json!({})),
        ("xml", json!({"bucket": "some"})),
    ] {
        let end = run(&world, operation, inputs).await;
        assert_eq!(end.status, ExecutionStatus::Success, "{operation}: {:?}", end.error);
        assert_eq!((&end.output["body"], &end.output["truncated"]), (&all, &json!(false)), "{operation}");
    }
    let seen = service.seen();
    assert!(
        seen.iter().filter(|seen| seen.path == "/json").all(|seen| seen.body.contains("\"filter\":\"open\""))
    );
    assert!(seen.iter().filter(|seen| seen.path == "/form").all(|seen| seen.body.starts_with("q=a")));
    let graph: Vec<&String> =
        seen.iter().filter(|seen| seen.path == "/graph").map(|seen| &seen.body).collect();
    assert!(graph.len() == 3 && graph.iter().all(|body| body.contains("\"team\":\"a\"")), "{graph:?}");
    // Whoever chooses a page gets that page.
    let end = run(&world, "graph", json!({"variables": {"after": "3"}})).await;
    assert_eq!(end.output["body"]["data"]["things"]["nodes"].as_array().unwrap().len(), 3);
    let end = run(&world, "last", json!({"after": "3"})).await;
    assert_eq!(end.output["body"]["items"].as_array().unwrap().len(), 3);
    let end = run(&world, "loop", json!({"filter": "x"})).await;
    assert_eq!(end.error.unwrap().code.as_str(), "http.pagination_loop");
    let end = run(&world, "xml", json!({"bucket": "none"})).await;
    assert_eq!(end.error.unwrap().code.as_str(), "connector.not_found", "the code stands in XML");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_postgresql_connector_reads_and_changes_rows_of_a_real_database() {
    let (server, world) = (postgres(), World::new().await);
    let id = password_of(&world, &server, PASSWORD).await.to_string();
    let step = |name: &str, operation: &str, inputs: Value| {
        let mut call = call(name, "postgresql", operation, inputs);
        call["credentialId"] = json!(id);
        call
    };
    let mut table = node(
        "t",
        "Database",
        json!({"query": "CREATE TABLE \"odd \"\"name\" (id int PRIMARY KEY, note text)"}),
    );
    table["credentialId"] = json!(id);
    let evil = "'); DROP TABLE x; --";
    let odd = "public.odd \"name";
    let nodes = json!([
        node("s", "Start", json!({})),
        table,
        step("a", "insertRow", json!({"table": odd, "row": {"id": 1, "note": evil}})),
        step("b", "upsertRow", json!({"table": odd, "row": {"id": 2, "note": "two"}, "keys": ["id"]})),
        step("c", "upsertRow", json!({"table": odd, "row": {"id": 2, "note": "zwei"}, "keys": ["id"]})),
        step("d", "updateRows", json!({"table": odd, "row": {"note": null}, "where": {"id": 2}})),
        step("e", "selectRows", json!({"table": odd, "columns": ["note"], "order": ["-id"], "limit": 5})),
        step("f", "countRows", json!({"table": odd, "where": {"note": evil}})),
        step("g", "deleteRows", json!({"table": odd, "where": {"note": null}})),
        step("h", "listColumns", json!({"schema": "public", "table": "odd \"name"})),
        step("i", "listTables", json!({})),
        step("j", "notify", json!({"channel": "c", "payload": "p"})),
    ]);
    let list = ["s>t", "t>a", "a>b", "b>c", "c>d", "d>e", "e>f", "f>g", "g>h", "h>i", "i>j"];
    let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&list)})).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(end.status, ExecutionStatus::Success, "{:?}", end.error);
    let report = world.report(end.id).await;
    let rows = |id: &str| report.nodes.iter().find(|node| node.node_id == id).unwrap().output["rows"].clone();
    assert_eq!(rows("a"), json!([{"id": 1, "note": evil}]));
    assert_eq!(rows("c"), json!([{"id": 2, "note": "zwei"}]));
    assert_eq!(rows("e"), json!([{"note": null}, {"note": evil}]));
    assert_eq!(rows("f"), json!([{"count": 1}]));
    assert_eq!(rows("g"), json!([{"id": 2, "note": null}]));
    assert_eq!(rows("h")[0]["name"], "id");
    assert_eq!(rows("i")[0]["name"], "odd \"name");

    let mut without = call("c", "postgresql", "selectRows", json!({"table": "x"}));
    without["credentialId"] = Value::Null;
    let nodes = json!([node("s", "Start", json!({})), without]);
    let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(end.error.unwrap().code.as_str(), "node.credential_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mysql_connector_reads_and_changes_rows_of_a_real_database() {
    let (server, world) = (mariadb(), World::new().await);
    let parameters = server.parameters(json!({"host": "127.0.0.1"}));
    let secret = json!({ "password": mariadb::PASSWORD });
    let id = world.credential(AuthType::Database, parameters, "127.0.0.1", secret).await.to_string();
    let step = |name: &str, operation: &str, inputs: Value| {
        let mut call = call(name, "mysql", operation, inputs);
        call["credentialId"] = json!(id);
        call
    };
    let create = "CREATE TABLE `odd ``name` (id int AUTO_INCREMENT PRIMARY KEY, note text)";
    let mut table = node("t", "Database", json!({ "query": create }));
    table["credentialId"] = json!(id);
    let evil = "'); DROP TABLE x; --";
    let odd = "shop.odd `name";
    let nodes = json!([
        node("s", "Start", json!({})),
        table,
        step("a", "insertRow", json!({"table": odd, "row": {"note": evil}})),
        step("b", "upsertRow", json!({"table": odd, "row": {"id": 2, "note": "two"}})),
        step("c", "upsertRow", json!({"table": odd, "row": {"id": 2, "note": "zwei"}})),
        step("d", "updateRows", json!({"table": odd, "row": {"note": null}, "where": {"id": 2}})),
        step("e", "selectRows", json!({"table": odd, "columns": ["note"], "order": ["-id"], "limit": 5})),
        step("f", "countRows", json!({"table": odd, "where": {"note": evil}})),
        step("g", "deleteRows", json!({"table": odd, "where": {"note": null}})),
        step("h", "selectRows", json!({"table": odd})),
        step("i", "insertRow", json!({"table": odd, "row": {}})),
        step("j", "listColumns", json!({"table": "odd `name"})),
        step("k", "listTables", json!({})),
    ]);
    let list = ["s>t", "t>a", "a>b", "b>c", "c>d", "d>e", "e>f", "f>g", "g>h", "h>i", "i>j", "j>k"];
    let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&list)})).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(end.status, ExecutionStatus::Success, "{:?}", end.error);
    let report = world.report(end.id).await;
    let output = |id: &str| report.nodes.iter().find(|node| node.node_id == id).unwrap().output.clone();
    let rows = |id: &str| output(id)["rows"].clone();
    assert_eq!(output("a"), json!({"rows": [], "rowCount": 1, "truncated": false, "insertId": 1}));
    assert_eq!(output("d")["rowCount"], 1);
    assert_eq!(rows("e"), json!([{"note": null}, {"note": evil}]));
    assert_eq!(rows("f"), json!([{"count": 1}]));
    assert_eq!(output("g")["rowCount"], 1);
    assert_eq!(rows("h"), json!([{"id": 1, "note": evil}]));
    assert_eq!(output("i")["insertId"], 3);
    assert_eq!(rows("j")[0]["name"], "id");
    assert_eq!(rows("k")[0]["name"], "odd `name");
}

/// A MariaDB whose certificate has this name.
fn mariadb() -> Mariadb {
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    Mariadb::start(tempfile::tempdir().unwrap(), own.cert.pem(), &own.signing_key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_shared_by_everything_that_calls_with_the_same_credential() {
    let service = Service::start(|seen| {
        let headers =
            if seen.path == "/good" { "x-left: 0\r\nx-reset: 60\r\n" } else { "retry-after: 60\r\n" };
        let status = if seen.path == "/good" { 200 } else { 429 };
        Answer { status, headers: headers.to_owned(), body: Vec::new(), delay_ms: 0 }
    })
    .await;
    let world = World::new().await;
    let operation =
        |id: &str| json!({"get": {"operationId": id, "responses": {"200": {"description": "ok"}}}});
    import(&world, json!({"openapi": "3.1.0", "info": {"title": "Paged", "version": "1"}, "servers": [{"url": service.url}],
        "x-flero": {"rateLimit": {"remaining": "x-left", "reset": "x-reset"}},
        "paths": {"/good": operation("good"), "/limited": operation("limited")}})).await;
    let run = async |operation: &str, credential: &str| {
        let mut call = call("c", "paged", operation, json!({}));
        call["credentialId"] = json!(credential);
        let nodes = json!([node("s", "Start", json!({})), call]);
        let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
        let end = world.run(&workflow, json!({})).await;
        end.error.map(|error| error.code.to_string())
    };
    let limited = Some("connector.rate_limit".to_owned());
    let mut sent = 0;
    // Told by a refusal, and told by the last good answer.
    for first in ["limited", "good"] {
        let (one, other) =
            (world.bearer("http://127.0.0.1", "a").await, world.bearer("http://127.0.0.1", "b").await);
        let (one, other) = (one.to_string(), other.to_string());
        assert_eq!(run(first, &one).await, if first == "good" { None } else { limited.clone() });
        assert_eq!(run("good", &one).await, limited, "not sent");
        sent += 1;
        assert_eq!(service.seen().len(), sent);
        assert_eq!(run("good", &other).await, None, "another credential has its own limit");
        sent += 1;
        world.clock.jump(60_000);
        assert_eq!(run("good", &one).await, None, "the limit is over");
        sent += 1;
        assert_eq!(service.seen().len(), sent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_told_to_a_request_holds_for_operations_and_the_other_way_round() {
    let service = Service::start(|seen| {
        let (status, headers) = match seen.path.as_str() {
            "/429" => (429, "retry-after: 60\r\n"),
            "/503" => (503, "retry-after: 60\r\n"),
            // An answer that is to be asked for again is no limit of the service.
            "/202" => (202, "retry-after: 60\r\n"),
            // Sixty seconds, in the milliseconds of this service.
            "/last" => (200, "x-left: 0\r\nx-reset: 60000\r\n"),
            _ => (200, "x-left: 1\r\nx-reset: 60000\r\n"),
        };
        Answer { status, headers: headers.to_owned(), body: Vec::new(), delay_ms: 0 }
    })
    .await;
    let world = World::new().await;
    let operation =
        |id: &str| json!({"get": {"operationId": id, "responses": {"200": {"description": "ok"}}}});
    import(&world, json!({"openapi": "3.1.0", "info": {"title": "Paged", "version": "1"}, "servers": [{"url": service.url}],
        "x-flero": {"rateLimit": {"remaining": "x-left", "reset": "x-reset", "resetUnit": "milliseconds"}},
        "paths": {"/429": operation("429"), "/503": operation("503"), "/fine": operation("fine")}})).await;
    let run = async |mut call: Value, credential: &str| {
        call["credentialId"] = json!(credential);
        let nodes = json!([node("s", "Start", json!({})), call]);
        let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
        world.run(&workflow, json!({})).await.error.map(|error| error.code.to_string())
    };
    let request = |path: &str| {
        node("c", "HTTPRequest", json!({"url": format!("{}/{path}", service.url), "failOnError": false}))
    };
    let asked = |operation: &str| call("c", "paged", operation, json!({}));
    let limited = Some("connector.rate_limit".to_owned());
    for (first, refused) in [
        (request("429"), None),
        (request("503"), None),
        (request("last"), None),
        (asked("429"), limited.clone()),
        (asked("503"), Some("connector.server".to_owned())),
    ] {
        let secret = json!({"token": "a"});
        let id = world
            .credential_of("paged", AuthType::Bearer, json!({}), "http://127.0.0.1", secret)
            .await
            .to_string();
        assert_eq!(run(request("fine"), &id).await, None);
        assert_eq!(run(request("202"), &id).await, None);
        assert_eq!(run(first.clone(), &id).await, refused, "{first}");
        let sent = service.seen().len();
        assert_eq!(run(request("fine"), &id).await, limited, "{first}");
        assert_eq!(run(asked("fine"), &id).await, limited, "{first}");
        assert_eq!(service.seen().len(), sent, "{first}: nothing was sent");
        world.clock.jump(60_000);
        assert_eq!(run(request("fine"), &id).await, None, "{first}");
        assert_eq!(run(asked("fine"), &id).await, None, "{first}");
    }
    // Whoever calls without a credential is nobody in particular.
    let nobody = json!([
        node("s", "Start", json!({})),
        request("429"),
        node("d", "HTTPRequest", json!({"url": service.url}))
    ]);
    let workflow = world.workflow(json!({"nodes": nobody, "edges": edges(&["s>c", "c>d"])})).await;
    assert_eq!(world.run(&workflow, json!({})).await.status, ExecutionStatus::Success);
}
