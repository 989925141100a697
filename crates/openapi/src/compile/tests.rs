use flero_model::{credential::AuthType, service::HostClass};
use serde_json::{Value, json};

use super::*;
use crate::connector::{BodyKind, Operation, Place, Style};

fn compiled(document: Value) -> Compiled {
    check(&Document::of(document).unwrap())
}

fn operation(document: Value) -> Operation {
    compiled(document).connector.operations.remove(0)
}

fn with_paths(paths: Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "servers": [{"url": "https://api.example.com/v1/"}], "paths": paths})
}

#[test]
fn every_version_gives_the_same_operation() {
    let three = json!({"get": {"operationId": "listPets", "summary": "List pets.", "tags": ["pets"], "parameters": [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array"}}}}}}});
    let two = json!({"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "api.example.com", "basePath": "/v1",
        "schemes": ["http", "https"], "paths": {"/pets": {"get": {"operationId": "listPets", "summary": "List pets.", "tags": ["pets"],
        "parameters": [{"name": "limit", "in": "query", "type": "integer", "maximum": 100}],
        "responses": {"200": {"description": "", "schema": {"type": "array"}}}}}}});
    let first = compiled(two).connector;
    for version in ["3.0.3", "3.1.0", "3.2.0"] {
        let mut document = with_paths(json!({"/pets": three}));
        document["openapi"] = json!(version);
        let mut other = compiled(document).connector;
        other.operations[0].parameters[0].explode = first.operations[0].parameters[0].explode;
        assert_eq!(other, first, "{version}");
    }
    assert_eq!(first.base_url, "https://api.example.com/v1");
    assert_eq!(first.operations[0].name, "List pets");
    assert_eq!(
        first.operations[0].input,
        json!({"type": "object", "additionalProperties": false,
        "properties": {"limit": {"type": "integer", "maximum": 100}}})
    );
}

#[test]
fn words_of_3_0_become_words_of_json_schema() {
    let mut document = with_paths(
        json!({"/a": {"post": {"requestBody": {"required": true, "content": {"application/json": {"schema": {
        "type": "object", "required": ["n", "made"], "properties": {
            "n": {"type": "integer", "nullable": true, "minimum": 0, "exclusiveMinimum": true, "enum": [1, 2]},
            "made": {"type": "string", "readOnly": true}, "kind": {"type": "string", "enum": ["only"]}}}}}}}}}),
    );
    document["openapi"] = json!("3.0.1");
    let operation = operation(document);
    assert_eq!(operation.id, "post_a");
    assert_eq!(
        operation.input["properties"]["n"],
        json!({"type": ["integer", "null"], "exclusiveMinimum": 0, "enum": [1, 2, null]})
    );
    assert_eq!(operation.input["required"], json!(["n"]));
    assert!(operation.input["properties"].get("made").is_none(), "what only the service writes is no input");
    assert_eq!(operation.body.unwrap().fields.len(), 2);
}

#[test]
fn inputs_with_one_name_in_two_places_are_told_apart() {
    let operation = operation(with_paths(
        json!({"/a/{id}": {"put": {"requestBody": {"content": {"application/json": {"schema": {
        "properties": {"id": {"type": "string"}, "body": {"type": "string"}}}}}},
        "parameters": [{"name": "id", "in": "query", "schema": {}}]}}}),
    ));
    let names: Vec<&String> = operation.input["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "path_id", "body_id", "body"]);
    assert_eq!(
        operation.input["required"],
        json!(["path_id"]),
        "a place of the path that nobody declared is asked for"
    );
}

#[test]
fn a_secret_is_never_an_input() {
    let document = json!({"swagger": "2.0", "info": {}, "host": "slack.com", "securityDefinitions": {"auth": {"type": "oauth2",
        "flow": "accessCode", "authorizationUrl": "https://slack.com/a", "tokenUrl": "https://slack.com/t", "scopes": {"chat:write": "Send."}}},
        "paths": {"/m": {"post": {"parameters": [{"name": "token", "in": "header", "type": "string", "required": true},
            {"name": "page_token", "in": "query", "type": "string"}]}}}});
    let connector = compiled(document).connector;
    assert_eq!(connector.operations[0].parameters.len(), 1);
    let oauth = connector.auth[0].oauth.as_ref().unwrap();
    assert_eq!(oauth.token_url.as_ref().unwrap().as_str(), "https://slack.com/t");
    assert_eq!(oauth.permissions[0].scope, "chat:write");

    let header = |name: &str| json!({"name": name, "in": "header", "schema": {"type": "string"}});
    let document = with_paths(
        json!({"/p": {"get": {"parameters": [header("Api-Key"), header("Api-Username"), header("X-Other")]}}}),
    );
    let connector = compiled(document).connector;
    assert_eq!(connector.operations[0].parameters.len(), 1);
    let kind = &connector.auth[0];
    assert_eq!(kind.auth_type, AuthType::Custom);
    let placed: Vec<&str> = kind.placements.iter().map(|placement| placement.name.as_str()).collect();
    assert_eq!(placed, ["Api-Key", "Api-Username"]);
    assert!(kind.fields.iter().all(|field| field.secret));
}

#[test]
fn servers_say_where_a_credential_may_go_and_what_a_person_has_to_tell() {
    let base = |servers: Value| {
        let mut document = with_paths(json!({"/a": {"get": {}}}));
        document["servers"] = servers;
        compiled(document).connector
    };
    let class =
        |connector: &Connector| (connector.hosts[0].host.as_str().to_owned(), connector.hosts[0].class);
    let one = base(json!([{"url": "https://{sub}.example.com/v2", "variables": {"sub": {"default": "my"}}}]));
    assert_eq!(class(&one), ("{sub}.example.com".to_owned(), HostClass::Label));
    let typed = base(json!([{"url": "/api/v1"}]));
    assert_eq!(class(&typed), ("{host}".to_owned(), HostClass::Typed));
    assert_eq!(typed.base_url, "https://{host}/api/v1");
    let open = base(json!([{"url": "https://{instance}/x", "variables": {"instance": {"default": ""}}}]));
    assert_eq!(class(&open), ("{instance}".to_owned(), HostClass::Typed));
    let two = base(
        json!([{"url": "http://eu.example.com"}, {"url": "https://eu.example.com/"}, {"url": "https://us.example.com"}]),
    );
    assert_eq!((two.base_url.as_str(), two.hosts.len()), ("https://{host}", 2));
    assert_eq!(two.connection[0].choices, ["eu.example.com", "us.example.com"]);
    let tricked = base(json!([{"url": "https://good.example@evil.example/"}]));
    assert_eq!(class(&tricked).1, HostClass::Typed, "what stands before an @ is no host");
}

#[test]
fn swagger_forms_and_bodies_keep_their_kind() {
    let of = |operation: Value| {
        let document =
            json!({"swagger": "2.0", "info": {}, "host": "a.example", "paths": {"/a": {"post": operation}}});
        compiled(document).connector.operations.remove(0)
    };
    let form = of(
        json!({"parameters": [{"name": "ids", "in": "formData", "type": "array", "items": {"type": "string"}, "collectionFormat": "pipes"}]}),
    );
    let body = form.body.unwrap();
    assert_eq!((body.kind, body.fields[0].style), (BodyKind::Form, Some((Style::PipeDelimited, false))));
    let file =
        of(json!({"parameters": [{"name": "file", "in": "formData", "type": "file", "required": true}]}));
    assert_eq!(file.body.unwrap().kind, BodyKind::Multipart);
    assert_eq!(file.input["properties"]["file"]["format"], "binary");
    let text = of(
        json!({"consumes": ["text/plain"], "parameters": [{"name": "b", "in": "body", "schema": {"type": "string"}}]}),
    );
    assert_eq!(text.body.unwrap().kind, BodyKind::Text);
    let header = of(json!({"parameters": [{"name": "X", "in": "header", "type": "array", "items": {}}]}));
    assert_eq!((header.parameters[0].place, header.parameters[0].style), (Place::Header, Style::Simple));
}

#[test]
fn faults_are_told_with_their_place_and_the_rest_is_taken() {
    let compiled = compiled(with_paths(json!({
        "/good": {"get": {"parameters": [{"$ref": "#/components/parameters/none"}],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "other.yaml#/X"}}}}}},
        "/odd": 5,
        "/none": {"$ref": "#/components/pathItems/none"},
        "/worse": {"get": [], "trace": {}, "post": {"operationId": "p", "x-flero-operation": {"pagnation": 1}}},
    })));
    let report = compiled.report;
    assert_eq!((report.operations, report.total), (2, 5));
    let places: Vec<&str> = report.left_out.iter().map(|entry| entry.pointer.as_str()).collect();
    assert_eq!(
        places,
        [
            "/paths/~1good/get/parameters/0",
            "/paths/~1good/get/requestBody/content/application~1json/schema",
            "/paths/~1odd",
            "/paths/~1none",
            "/paths/~1worse/get",
            "/paths/~1worse/trace",
            "/paths/~1worse/post/x-flero-operation",
            "/paths/~1good/get/parameters/0",
            "/paths/~1none",
        ]
    );
}

#[test]
fn a_success_is_never_empty() {
    let error = |document: Value| compile(&Document::of(document).unwrap()).unwrap_err().to_string();
    assert!(error(with_paths(json!({}))).contains("no paths"));
    let mut webhooks = with_paths(json!({}));
    webhooks["webhooks"] = json!({"a": {"post": {}}});
    assert!(error(webhooks).contains("only 1 events"));
    assert!(error(with_paths(json!({"/a": {"trace": {}}}))).contains("None of the document's 1 operations"));
}

#[test]
fn cycles_of_references_end() {
    let mut document = with_paths(
        json!({"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}),
    );
    document["components"] = json!({"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"},
        "C": {"allOf": [{"$ref": "#/components/schemas/C"}], "properties": {"x": {"$ref": "#/components/schemas/C"}}}}});
    let report = compiled(document.clone()).report;
    assert!(report.left_out[0].reason.contains("back to itself"), "{report:?}");
    document["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"] =
        json!("#/components/schemas/C");
    let compiled = compiled(document);
    assert_eq!(compiled.report.operations, 1);
    assert!(compiled.report.left_out[0].reason.contains("contains itself"), "{:?}", compiled.report);
}

#[test]
fn aws_signatures_and_operations_in_fragments_are_understood() {
    let mut document =
        with_paths(json!({"/#Action=SendMessage": {"post": {}}, "/#Action=ListQueues": {"post": {}}}));
    document["components"] = json!({"securitySchemes": {"hmac": {"type": "apiKey", "in": "header", "name": "Authorization",
        "x-amazon-apigateway-authtype": "awsSigv4"}}});
    let connector = compiled(document).connector;
    assert_eq!(connector.auth[0].auth_type, AuthType::AwsSigV4);
    let send = &connector.operations[0];
    assert_eq!((send.path.as_str(), send.parameters[0].constant.clone()), ("/", Some(json!("SendMessage"))));
}

/// What OpenAPI 3.2 has and no version before it: the method QUERY, further methods, the whole query as one parameter.
#[test]
fn what_is_new_in_3_2_is_called_and_in_3_1_not_mistaken_for_a_method() {
    let mut document = with_paths(json!({"/a": {
        "query": {"operationId": "find", "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {"q": {}}}}}}},
        "additionalOperations": {"PURGE": {"operationId": "purge"}, "bad method": {}},
        "get": {"operationId": "list", "parameters": [{"name": "all", "in": "querystring",
            "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}]}}}));
    let former = compiled(document.clone());
    assert_eq!((former.report.operations, former.report.total), (1, 1));
    document["openapi"] = json!("3.2.0");
    let newer = compiled(document);
    let methods: Vec<&str> = newer.connector.operations.iter().map(|one| one.method.as_str()).collect();
    assert_eq!(methods, ["QUERY", "GET", "PURGE"]);
    assert_eq!(newer.connector.operations[1].parameters[0].place, Place::QueryString);
    assert_eq!(newer.report.left_out[0].pointer, "/paths/~1a/additionalOperations/bad method");
}

#[test]
fn operations_beyond_the_bound_are_told_and_the_rest_is_taken() {
    let paths: serde_json::Map<String, Value> = (0..crate::limits::MAX_OPERATIONS + 600)
        .map(|number| (format!("/p{number}"), json!({"get": {}})))
        .collect();
    let report = compiled(with_paths(Value::Object(paths))).report;
    assert_eq!((report.operations, report.total), (20_000, 20_600));
    assert_eq!(report.left_out.len() + report.more_left_out, 600);
    assert!(report.left_out[0].reason.contains("at most 20000 operations"), "{:?}", report.left_out[0]);
    assert!(!report.is_whole());
}

/// References in a circle through every part that may be one: each ends, is told, and leaves the rest callable.
#[test]
fn circles_of_references_in_every_part_end() {
    let mut document = with_paths(json!({
        "/paths": {"$ref": "#/paths/~1paths"},
        "/one": {"$ref": "#/paths/~1two"}, "/two": {"$ref": "#/paths/~1one"},
        "/parts": {"parameters": [{"$ref": "#/components/parameters/a"}], "post": {
            "requestBody": {"$ref": "#/components/requestBodies/a"}, "responses": {"200": {"$ref": "#/components/responses/a"}}}},
        "/tree": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/tree"}}}}}},
    }));
    let circle = |section: &str| json!({"a": {"$ref": format!("#/components/{section}/b")}, "b": {"$ref": format!("#/components/{section}/a")}});
    let mut components = serde_json::Map::new();
    for section in ["parameters", "requestBodies", "responses", "securitySchemes"] {
        components.insert(section.to_owned(), circle(section));
    }
    // A tree of itself is no fault: its circle goes through members.
    let tree = json!({"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/tree"}}}});
    components.insert("schemas".to_owned(), json!({ "tree": tree }));
    document["components"] = Value::Object(components);
    document["security"] = json!([{"a": []}]);
    let compiled = compiled(document);
    assert_eq!((compiled.report.operations, compiled.report.total), (2, 5), "{:?}", compiled.report);
    for place in ["/paths/~1paths", "/paths/~1one", "/paths/~1two", "/paths/~1parts/parameters/0"] {
        assert!(
            compiled.report.left_out.iter().any(|entry| entry.pointer == place),
            "{place}: {:?}",
            compiled.report
        );
    }
    assert!(compiled.report.left_out.iter().all(|entry| !entry.pointer.starts_with("/components/schemas")));
}

#[test]
fn the_connectors_way_of_paging_is_that_of_operations_with_pages_that_say_nothing() {
    let answer = |kind: &str| json!({"200": {"description": "", "content": {"application/json": {"schema": {"properties": {"data": {"type": kind}}}}}}});
    let page = json!({"name": "page", "in": "query", "schema": {"type": "integer"}});
    let mut document = with_paths(json!({
        "/list": {"get": {"parameters": [page], "responses": answer("array")}},
        "/own": {"get": {"parameters": [page], "x-flero-operation": {"pagination": {"type": "linkHeader"}}}},
        "/one": {"get": {"responses": answer("object")}}, "/all": {"get": {"responses": answer("array")}}}));
    let mut paged = |hint: Value| {
        document["x-flero"] = json!({ "pagination": hint });
        let operations = compiled(document.clone()).connector.operations;
        let of =
            |one: Operation| one.hints.pagination.map_or(Value::Null, |hint| json!(hint)["type"].clone());
        operations.into_iter().map(of).collect::<Vec<_>>()
    };
    let by_input = paged(json!({"type": "page", "items": "/data", "input": "page"}));
    assert_eq!(by_input, [json!("page"), json!("linkHeader"), Value::Null, Value::Null]);
    let by_link = paged(json!({"type": "nextLink", "items": "/data", "next": "/next"}));
    assert_eq!(by_link, [json!("nextLink"), json!("linkHeader"), Value::Null, json!("nextLink")]);
    // The input of a link chooses a page where the operation has it, and nothing where it has not.
    document["x-flero"] =
        json!({"pagination": {"type": "nextLink", "items": "/data", "next": "/next", "input": "page"}});
    let operations = compiled(document).connector.operations;
    let input = |place: usize| operations[place].hints.pagination.as_ref().and_then(|hint| hint.input());
    assert_eq!((input(0), input(3)), (Some("page"), None));
}
