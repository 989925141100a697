//! Connectors: listed, imported, called.

use flero_testing::{Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, bearer, chain, made, node};

/// A description of the practice service.
fn description(service: &Service) -> Value {
    json!({
        "openapi": "3.0.3", "info": {"title": "Practice Shop", "version": "1"}, "servers": [{"url": service.url("")}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}, "security": [{"token": []}],
        "paths": {
            "/orders/{id}": {"put": {"operationId": "putOrder", "tags": ["orders"],
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                    {"name": "tags", "in": "query", "style": "pipeDelimited", "explode": false, "schema": {"type": "array", "items": {"type": "string"}}}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["amount"],
                    "properties": {"amount": {"type": "integer", "minimum": 1}, "note": {"type": "string", "nullable": true}}}}}}}},
            "/status/{code}": {"get": {"operationId": "status", "parameters": [{"name": "code", "in": "path", "required": true, "schema": {"type": "string"}}]}},
            "/broken": {"trace": {}}
        }
    })
}

fn operation(operation: &str, credential: &str, parameters: Value) -> Value {
    let mut call = node("call", "Connector", parameters);
    call["connector"] = json!("practice-shop");
    call["operation"] = json!(operation);
    call["credentialId"] = json!(credential);
    chain(vec![node("s", "Start", json!({})), call])
}

async fn run(server: &TestServer, document: Value) -> Value {
    let id = made(server, document).await;
    server
        .owner
        .post(&format!("/api/workflows/{id}/run?wait=true"), json!({"input": {"n": 7}}))
        .await
        .expect(200)
}

#[tokio::test]
async fn an_imported_description_is_usable_at_once() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let imported = server.owner.post("/api/connectors/import", description(&service)).await.expect(201);
    assert_eq!(imported["connector"]["id"], "practice-shop");
    assert_eq!((&imported["report"]["operations"], &imported["report"]["total"]), (&json!(2), &json!(3)));
    assert_eq!(imported["report"]["leftOut"][0]["pointer"], "/paths/~1broken/trace");
    let read = server.owner.get("/api/connectors/practice-shop").await.expect(200);
    assert_eq!(read["auth"][0]["authType"], "bearer");
    assert_eq!(read["operations"][0]["id"], "putOrder");
    let form = server.owner.get("/api/connectors/practice-shop/operations/putOrder").await.expect(200);
    assert_eq!(form["input"]["required"], json!(["id", "amount"]));

    let mut body = bearer(&service);
    body["service"] = json!("practice-shop");
    body.as_object_mut().unwrap().remove("allowedHosts");
    let credential = server.owner.post("/api/credentials", body.clone()).await.expect(201);
    assert_eq!(credential["allowedHosts"], json!([service.host()]), "the description's hosts are proposed");
    body["allowedHosts"] = json!(["evil.example.com"]);
    let refused = server.owner.post("/api/credentials", body).await;
    assert_eq!(refused.status, 422, "a host that is not described is not taken: {}", refused.text());
    let credential = credential["id"].as_str().unwrap();

    let inputs = json!({"id": "a/b", "amount": "{{ $trigger.n }}", "tags": ["x", "y"]});
    let done = run(&server, operation("putOrder", credential, inputs)).await;
    assert_eq!(done["status"], "success", "{done}");
    let seen = service.seen().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("PUT", "/orders/a%2Fb?tags=x%7Cy"));
    assert_eq!(seen.headers["authorization"], format!("Bearer {TOKEN}"));
    assert!(seen.headers.contains_key("idempotency-key"));
    assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap(), json!({"amount": 7}));
}

#[tokio::test]
async fn inputs_are_checked_before_a_request_is_made() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let _ = server.owner.post("/api/connectors/import", description(&service)).await.expect(201);
    let credential = crate::stored(&server, &service).await;
    let before = service.seen().len();
    let done =
        run(&server, operation("putOrder", &credential, json!({"id": "1", "amount": "{{ 0 }}"}))).await;
    let error = &done["nodes"][1]["error"];
    assert_eq!(error["code"], "connector.input", "{done}");
    assert!(error["message"].as_str().unwrap().contains("/amount"));
    assert_eq!(service.seen().len(), before, "nothing was sent");

    let faults = |document: Value| {
        let client = server.owner.clone();
        async move {
            let answer = client.post("/api/workflows", document).await;
            assert_eq!(answer.status, 422, "{}", answer.text());
            answer.json()["errors"][0]["pointer"].clone()
        }
    };
    assert_eq!(
        faults(operation("putOrder", &credential, json!({"id": "1"}))).await,
        "/nodes/1/parameters/amount"
    );
    let unknown = json!({"id": "1", "amount": 1, "amuont": 2});
    assert_eq!(faults(operation("putOrder", &credential, unknown)).await, "/nodes/1/parameters/amuont");
    assert_eq!(faults(operation("none", &credential, json!({}))).await, "/nodes/1/operation");
    let mut other = operation("putOrder", &credential, json!({}));
    other["nodes"][1]["connector"] = json!("../../etc/passwd");
    assert_eq!(faults(other).await, "/nodes/1/connector");
}

/// Security test 39: every kind of failure of a connector has a code of its own, and no error holds the secret.
#[tokio::test]
async fn errors_of_a_service_have_a_kind_and_never_a_secret() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let _ = server.owner.post("/api/connectors/import", description(&service)).await.expect(201);
    let credential = crate::stored(&server, &service).await;
    for (code, expected) in [
        ("401", "connector.authentication"),
        ("403", "connector.permission"),
        ("404", "connector.not_found"),
        ("409", "connector.conflict"),
        ("422", "connector.validation"),
        ("429", "connector.rate_limit"),
        ("500", "connector.server"),
        ("503", "connector.server"),
    ] {
        let done = run(&server, operation("status", &credential, json!({ "code": code }))).await;
        assert_eq!(done["nodes"][1]["error"]["code"], expected, "{code}");
        assert!(!done.to_string().contains(TOKEN), "{code}");
    }
}

#[tokio::test]
async fn the_catalog_is_searched_and_filtered() {
    let server = TestServer::start().await;
    let names = |query: &str| {
        let (client, path) = (server.owner.clone(), format!("/api/connectors{query}"));
        async move {
            let listed = client.get(&path).await.expect(200);
            let items = listed["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(names("?q=slak").await.first().map(String::as_str), Some("slack"));
    assert!(names("?category=communication").await.contains(&"telegram".to_owned()));
    assert!(names("?tier=imported").await.is_empty());
    // A service that is only known how to authenticate at is listed and read as a connector without operations.
    assert!(names("?tier=known&q=workable").await.contains(&"workable".to_owned()));
    let known = server.owner.get("/api/connectors/workable").await.expect(200);
    assert_eq!((&known["tier"], &known["operations"]), (&json!("known"), &json!([])));
    assert_eq!(names("?limit=1").await.len(), 1);
    assert_eq!(server.owner.get("/api/connectors?tier=none").await.status, 400);
    assert_eq!(server.owner.get("/api/connectors/none").await.problem(404), "not_found");
    let slack = server.owner.get("/api/connectors/slack").await.expect(200);
    assert!(slack["guide"].as_str().unwrap().contains("## Get a credential"));
    let page = server.owner.get("/api/connectors/github/operations/issues%2Fcreate").await.expect(200);
    assert_eq!(page["id"], "issues/create");
}

#[tokio::test]
async fn what_is_no_description_is_refused_with_the_reason() {
    let server = TestServer::start().await;
    for document in [json!({}), json!({"openapi": "9.0"}), json!({"openapi": "3.1.0", "paths": {}})] {
        let answer = server.owner.post("/api/connectors/import", document).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
    let private =
        server.owner.post("/api/connectors/import", json!({"url": "http://169.254.169.254/"})).await;
    assert!(!private.status.is_success() && private.status != 500, "{}", private.text());
}

/// The three ways in besides a file: an address, pasted YAML, and every version, each with the operations of the others.
#[tokio::test]
async fn a_description_comes_from_an_address_or_is_pasted_in_any_version_as_json_or_yaml() {
    let server = TestServer::start().await;
    let two = "swagger: '2.0'\ninfo: {title: Pets, version: '1'}\nhost: pets.example\nschemes: [https]\n\
        securityDefinitions: {key: {type: apiKey, in: header, name: X-Key}}\nsecurity: [{key: []}]\n\
        paths:\n  /pets/{id}:\n    get: {operationId: pet, parameters: [{name: id, in: path, required: true, type: integer}]}\n";
    let three = |version: &str| {
        format!(
            "openapi: {version}\ninfo: {{title: Pets, version: '1'}}\nservers: [{{url: https://pets.example}}]\n\
            components: {{securitySchemes: {{key: {{type: apiKey, in: header, name: X-Key}}}}}}\nsecurity: [{{key: []}}]\n\
            paths:\n  /pets/{{id}}:\n    get: {{operationId: pet, parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]}}\n"
        )
    };
    let mut known: Option<Value> = None;
    for text in [two.to_owned(), three("3.0.4"), three("3.1.1"), three("3.2.0")] {
        let value: Value = flero_openapi::text::read(text.as_bytes()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/openapi.yaml", listener.local_addr().unwrap());
        let served = text.clone();
        let router =
            axum::Router::new().route("/openapi.yaml", axum::routing::get(async move || served.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        for (kind, body) in [
            ("application/yaml", text),
            ("application/json", value.to_string()),
            ("application/json", json!({ "url": url }).to_string()),
        ] {
            let headers = [("content-type", kind)];
            let imported = server.owner.send("POST", "/api/connectors/import", &headers, body.clone()).await;
            let imported = imported.expect(201);
            assert_eq!(
                (&imported["report"]["operations"], &imported["report"]["leftOut"]),
                (&json!(1), &json!([])),
                "{body}"
            );
            let read = server.owner.get("/api/connectors/pets").await.expect(200);
            let form = server.owner.get("/api/connectors/pets/operations/pet").await.expect(200);
            assert_eq!(read["auth"][0]["authType"], "apiKey", "{body}");
            let is = json!([read["auth"], read["hosts"], read["operations"], form["input"]]);
            assert_eq!(known.get_or_insert_with(|| is.clone()), &is, "{body}");
        }
    }
    let none = format!("http://{}/api/none", server.address());
    let missing = server.owner.post("/api/connectors/import", json!({ "url": none })).await;
    assert_eq!(missing.status, 422, "{}", missing.text());
    assert!(missing.text().contains("could not be fetched (status 4"), "{}", missing.text());
}

/// Documents that were made to exhaust a machine are refused with the reason, and the server goes on.
#[tokio::test]
async fn hostile_documents_are_refused_in_bounded_time() {
    let server = TestServer::start().await;
    let mut bomb = String::from("openapi: 3.1.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(", ")));
    }
    let deep = format!("{{\"openapi\": \"3.1.0\", \"paths\": {}", "{\"a\":".repeat(100_000));
    let flow = format!("openapi: 3.1.0\npaths: {}", "[".repeat(100_000));
    let lone =
        "openapi: 3.1.0\ninfo: {title: Lone, version: '1'}\npaths:\n  /a: {$ref: '#/paths/~1a'}\n".to_owned();
    let send = async |kind: &str, body: String| {
        server.owner.send("POST", "/api/connectors/import", &[("content-type", kind)], body).await
    };
    for (kind, body, reason) in [
        ("application/yaml", bomb, "repeat too much"),
        ("application/json", deep, "deeper than 128 levels"),
        ("application/yaml", flow, "repeat too much"),
        ("application/yaml", lone, "None of the document's 1 operations"),
    ] {
        let refused = send(kind, body).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert!(refused.text().contains(reason), "{reason}: {}", refused.text());
    }
    // Fifty megabytes are read, and one sign more is not.
    let whole = |size: usize| {
        let head =
            "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Large\",\"version\":\"1\",\"description\":\"";
        let tail = "\"},\"servers\":[{\"url\":\"https://large.example\"}],\"paths\":{\"/a\":{\"get\":{}}}}";
        format!("{head}{}{tail}", "x".repeat(size - head.len() - tail.len()))
    };
    let most = 50 << 20;
    let taken = send("application/json", whole(most)).await.expect(201);
    assert_eq!(taken["report"]["operations"], 1);
    let read = server.owner.get("/api/connectors/large").await.expect(200);
    assert!(read.to_string().len() < 10_000, "what nobody reads is not kept");
    assert_eq!(send("application/json", whole(most + 1)).await.problem(413), "body_too_large");
    assert_eq!(server.owner.get("/api/connectors?limit=1").await.status, 200);
}

#[tokio::test]
async fn an_import_hides_no_built_in_connector() {
    let server = TestServer::start().await;
    for (title, id) in [("Slack", "slack-imported"), ("HTTP", "http-imported")] {
        let document = json!({"openapi": "3.1.0", "info": {"title": title, "version": "1"},
            "servers": [{"url": "https://evil.example"}], "paths": {"/a": {"get": {}}}});
        let imported = server.owner.post("/api/connectors/import", document).await.expect(201);
        assert_eq!(imported["connector"]["id"], id);
    }
    let slack = server.owner.get("/api/connectors/slack").await.expect(200);
    assert_eq!(slack["tier"], "curated");
    assert!(!slack.to_string().contains("evil.example"));
}

#[tokio::test]
async fn a_credential_outlives_its_connector() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let _ = server.owner.post("/api/connectors/import", description(&service)).await.expect(201);
    let mut body = bearer(&service);
    body["service"] = json!("practice-shop");
    let made = server.owner.post("/api/credentials", body.clone()).await.expect(201);
    let path = format!("/api/credentials/{}", made["id"].as_str().unwrap());
    assert_eq!(server.owner.delete("/api/connectors/practice-shop").await.status, 204);
    let renamed = server.owner.patch(&path, json!({"name": "Old shop"})).await.expect(200);
    assert_eq!(renamed["allowedHosts"], made["allowedHosts"], "a rename changes no policy");
    let wider = server.owner.patch(&path, json!({"allowedHosts": ["evil.example"]})).await;
    assert_eq!(wider.status, 422, "{}", wider.text());
    let again = server.owner.post("/api/credentials", body).await;
    assert_eq!(again.status, 422, "nothing describes a new one: {}", again.text());
}

/// A newer description proposes hosts to new credentials and adds none to those that are there.
#[tokio::test]
async fn a_newer_description_adds_no_host_to_a_credential() {
    let server = TestServer::start().await;
    let (service, newer) = (Service::start(TOKEN).await, Service::start(TOKEN).await);
    let _ = server.owner.post("/api/connectors/import", description(&service)).await.expect(201);
    let mut body = bearer(&service);
    body["service"] = json!("practice-shop");
    body.as_object_mut().unwrap().remove("allowedHosts");
    let made = server.owner.post("/api/credentials", body).await.expect(201);
    let (id, path) =
        (made["id"].as_str().unwrap(), format!("/api/credentials/{}", made["id"].as_str().unwrap()));
    let moved = description(&newer);
    let _ = server.owner.post("/api/connectors/import", moved).await.expect(201);

    let kept = server.owner.get(&path).await.expect(200);
    assert_eq!(kept["allowedHosts"], json!([service.host()]));
    let done = run(&server, operation("status", id, json!({"code": "200"}))).await;
    assert_eq!(done["nodes"][1]["error"]["code"], "credential.destination_refused", "{done}");
    assert_eq!(newer.seen().len(), 0, "nothing reached the new host");
    let _ = server.owner.patch(&path, json!({"name": "Renamed"})).await.expect(200);
    let renamed = server.owner.get(&path).await.expect(200);
    assert_eq!(renamed["allowedHosts"], json!([service.host()]), "an edit of the name adds none either");

    let mut body = bearer(&newer);
    body["service"] = json!("practice-shop");
    body.as_object_mut().unwrap().remove("allowedHosts");
    let proposed = server.owner.post("/api/credentials", body).await.expect(201);
    assert_eq!(proposed["allowedHosts"], json!([newer.host()]));
}

#[tokio::test]
async fn curl_commands_and_postman_collections_are_imported_without_their_secrets() {
    let server = TestServer::start().await;
    let command = "curl https://api.acme.example/v1/items?limit=5 -H 'Authorization: Bearer cnry-4411aa'";
    let imported = server.owner.post("/api/connectors/import", json!({ "curl": command })).await.expect(201);
    assert_eq!(
        (&imported["connector"]["id"], &imported["report"]["operations"]),
        (&json!("api-acme-example"), &json!(1))
    );
    let read = server.owner.get("/api/connectors/api-acme-example").await.expect(200);
    assert_eq!(read["auth"][0]["authType"], "bearer");
    assert!(!read.to_string().contains("cnry-4411aa"));
    let refused = server.owner.post("/api/connectors/import", json!({"curl": "rm -rf /"})).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    let collection = json!({"info": {"name": "Acme", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": [{"name": "List", "request": {"method": "GET", "url": "https://api.acme.example/items"}}]});
    let imported = server.owner.post("/api/connectors/import", collection).await.expect(201);
    assert_eq!(imported["connector"]["id"], "acme");
}

/// The description with an operation that lists the choices of an order's `id`, by its `note`.
fn listing(service: &Service) -> Value {
    let mut document = description(service);
    document["paths"]["/pages"] = json!({"get": {"operationId": "things", "parameters":
        [{"name": "from", "in": "query", "schema": {"type": "integer"}}, {"name": "of", "in": "query", "required": true, "schema": {"type": "string"}}],
        "x-flero-operation": {"pagination": {"type": "cursor", "items": "/things", "next": "/next", "input": "from"}}}});
    document["paths"]["/orders/{id}"]["put"]["x-flero-operation"] =
        json!({"options": {"id": things("{{note}}")}});
    document
}

fn things(of: &str) -> Value {
    json!({"operation": "things", "inputs": {"of": of}, "items": "/things", "value": "/id", "label": "/name"})
}

#[tokio::test]
async fn the_choices_of_an_input_are_listed_page_after_page_with_the_credential() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let mut document = listing(&service);
    let options = &mut document["paths"]["/orders/{id}"]["put"]["x-flero-operation"]["options"];
    options["note"] = json!({"operation": "status", "inputs": {"code": "429", "wait": "60"}, "items": "", "value": "/id", "label": "/id"});
    let wait = json!({"name": "wait", "in": "query", "schema": {"type": "string"}});
    document["paths"]["/status/{code}"]["get"]["parameters"].as_array_mut().unwrap().push(wait);
    let _ = server.owner.post("/api/connectors/import", document).await.expect(201);
    let credential = crate::stored(&server, &service).await;
    let path = |input: &str| format!("/api/connectors/practice-shop/operations/putOrder/options/{input}");
    let body = json!({"credentialId": credential, "inputs": {"note": "shelf 1"}});
    let told = server.owner.post(&path("id"), body.clone()).await.expect(200);
    assert_eq!((told["items"].as_array().unwrap().len(), &told["truncated"]), (7, &json!(false)));
    assert_eq!(told["items"][6], json!({"value": "t6", "label": "Thing 6"}));
    let asked: Vec<String> = service.seen().into_iter().map(|seen| seen.target).collect();
    assert!(asked.iter().all(|target| target.contains("of=shelf%201")), "{asked:?}");

    // Whoever may use the credential in the node may choose with it, though not test or change it.
    let (editor, _) = crate::matrix::guest(&server, "bob@example.com", "editor").await;
    let chosen = editor.post(&path("id"), body.clone()).await.expect(200);
    assert_eq!(chosen, told);
    let tested = editor.post(&format!("/api/credentials/{credential}/test"), json!({})).await;
    assert_eq!(tested.problem(403), "role_insufficient");
    let (viewer, _) = crate::matrix::guest(&server, "eve@example.com", "viewer").await;
    assert_eq!(viewer.post(&path("id"), body.clone()).await.problem(403), "role_insufficient");

    let missing = server.owner.post(&path("id"), json!({"credentialId": credential})).await;
    assert_eq!(missing.status, 422, "what the list depends on: {}", missing.text());
    assert_eq!(server.owner.post(&path("amount"), body.clone()).await.problem(404), "not_found");
    let nobody = server.owner.post(&path("id"), json!({"inputs": {"note": "x"}})).await.expect(200);
    assert_eq!(nobody["items"], json!([]), "the service tells nothing to whom it does not know");

    // The service's limit is the credential's: whoever meets it, everybody keeps to it.
    assert_eq!(server.owner.post(&path("note"), body.clone()).await.status, 422);
    let before = service.seen().len();
    assert_eq!(server.owner.post(&path("id"), body.clone()).await.status, 422);
    let done = run(&server, operation("status", &credential, json!({"code": "200"}))).await;
    assert_eq!(done["nodes"][1]["error"]["code"], "connector.rate_limit");
    assert_eq!(service.seen().len(), before, "nothing was sent");
    server.clock.advance(60_000);
    let _ = server.owner.post(&path("id"), body).await.expect(200);
}

/// S3 and others tell their lists in XML, which means what the operation's schema says: a single element is a list too.
#[tokio::test]
async fn choices_that_a_service_tells_in_xml_are_read_by_the_schema() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let mut document = description(&service);
    let shelf =
        json!({"type": "object", "properties": {"Id": {"type": "integer"}, "Name": {"type": "string"}}});
    let shelves = json!({"type": "object", "properties": {"Shelf": {"type": "array", "items": {"$ref": "#/components/schemas/Shelf"}}}});
    document["components"]["schemas"] = json!({ "Shelf": shelf });
    document["paths"]["/shelves"] = json!({"get": {"operationId": "shelves", "responses": {"200": {"description": "ok",
        "content": {"application/xml": {"schema": shelves}}}}}});
    document["paths"]["/orders/{id}"]["put"]["x-flero-operation"] = json!({"options": {"id":
        {"operation": "shelves", "inputs": {}, "items": "/Shelf", "value": "/Id", "label": "/Name"}}});
    let _ = server.owner.post("/api/connectors/import", document).await.expect(201);
    let credential = crate::stored(&server, &service).await;
    let path = "/api/connectors/practice-shop/operations/putOrder/options/id";
    let told = server.owner.post(path, json!({"credentialId": credential})).await.expect(200);
    assert_eq!(told["items"], json!([{"value": 1, "label": "Near & far"}]));
}

/// The event calls the order `order` and fills in its note by `shelf`: what lists orders by note is asked for that note.
#[tokio::test]
async fn the_choices_of_an_events_input_are_listed_as_those_of_the_operation_that_gets_it() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let mut document = listing(&service);
    document["webhooks"] = json!({"made": {"post": {"x-flero-trigger": {
        "verification": {"type": "token", "header": "x-token"},
        "registration": {"operation": "putOrder", "remove": "putOrder", "id": "/id",
            "inputs": {"id": "{{order}}", "amount": 1, "note": "at {{shelf}}"}},
        "options": {"shelf": things("everything")}}}}});
    let _ = server.owner.post("/api/connectors/import", document).await.expect(201);
    let read = server.owner.get("/api/connectors/practice-shop").await.expect(200);
    assert_eq!(
        read["triggers"][0]["options"],
        json!({"order": things("at {{shelf}}"), "shelf": things("everything")})
    );
    let credential = crate::stored(&server, &service).await;
    let choices = async |event: &str, input: &str| {
        let path = format!("/api/connectors/practice-shop/events/{event}/options/{input}");
        let body = json!({"credentialId": credential, "inputs": {"shelf": "7"}});
        server.owner.post(&path, body).await
    };
    for (input, of) in [("order", "of=at%207"), ("shelf", "of=everything")] {
        let told = choices("made", input).await.expect(200);
        assert_eq!(told["items"][0], json!({"value": "t0", "label": "Thing 0"}));
        let asked = service.seen().pop().unwrap().target;
        assert!(asked.contains(of), "{asked}");
    }
    for (event, input) in [("made", "amount"), ("gone", "order"), ("putOrder", "id")] {
        assert_eq!(choices(event, input).await.problem(404), "not_found", "{event} {input}");
    }
}
