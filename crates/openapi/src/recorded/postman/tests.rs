use serde_json::json;

use crate::{
    Document,
    compile::check,
    report::Check,
    request::{Base, RequestBody, build},
};

fn collection() -> serde_json::Value {
    json!({
        "info": {"name": "Acme", "_postman_id": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "variable": [{"key": "baseUrl", "value": "https://api.acme.example/v1"}, {"key": "token", "value": "sup3rsecret"}],
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "sup3rsecret", "type": "string"}]},
        "item": [
            {"name": "Users", "item": [
                {"name": "Get a user", "request": {"method": "GET", "description": "Reads one.",
                    "header": [{"key": "X-Version", "value": "2"}, {"key": "Authorization", "value": "Bearer sup3rsecret"}],
                    "url": {"raw": "{{baseUrl}}/users/:id?expand=all&access_token=sup3rsecret", "variable": [{"key": "id", "description": "Whose"}],
                        "query": [{"key": "expand", "value": "all", "description": "What besides"}, {"key": "page", "value": "1", "disabled": true}]}},
                 "response": [{"code": 200, "body": "{\"id\": 1, \"name\": \"Ada\"}"}]},
                {"name": "Make a user", "request": {"method": "POST", "header": [], "url": "{{baseUrl}}/users",
                    "body": {"mode": "raw", "raw": "{\"name\": \"sup3rsecret\", \"age\": {{age}}, \"tags\": [\"a\"]}", "options": {"raw": {"language": "json"}}}}},
                {"name": "Make it again", "request": {"method": "POST", "url": "{{baseUrl}}/users",
                    "body": {"mode": "urlencoded", "urlencoded": [{"key": "name", "value": "x"}]}}},
            ]},
            {"name": "Upload", "request": {"method": "PUT", "auth": {"type": "noauth"}, "url": "https://files.acme.example/f",
                "body": {"mode": "formdata", "formdata": [{"key": "file", "type": "file", "src": "/a"}, {"key": "note", "value": "n"}]}}},
            {"name": "Odd", "request": {"method": "SPY", "url": "https://files.acme.example/f"}},
            {"name": "Nowhere", "request": {"method": "GET", "url": ""}},
        ],
    })
}

#[test]
fn a_collection_becomes_operations_with_types_and_without_values() {
    let document = Document::of(collection()).unwrap();
    let text = document.root.to_string();
    assert!(!text.contains("sup3rsecret"), "{text}");
    let compiled = check(&document);
    let connector = &compiled.connector;
    assert_eq!((compiled.report.operations, compiled.report.total), (4, 6), "{:?}", compiled.report);
    assert_eq!(compiled.report.left_out.len(), 2);
    assert_eq!(compiled.report.left_out[0].pointer, "/item/2");
    assert_eq!((connector.name.as_str(), connector.base_url.as_str()), ("Acme", "https://api.acme.example"));
    let one = connector.operations.iter().find(|one| one.name == "Get a user").unwrap();
    assert_eq!((one.group.as_str(), one.path.as_str()), ("Users", "/v1/users/{id}"));
    assert_eq!(one.input["properties"]["id"]["description"], "Whose");
    assert!(one.input["properties"].get("access_token").is_none());
    assert!(one.output.is_some());
    assert_eq!(one.security, [[("bearer".to_owned(), Vec::new())]]);
    let again = connector.operations.iter().find(|one| one.name == "Make it again").unwrap();
    let inputs = json!({"name": "Ada"}).as_object().cloned().unwrap();
    let (connection, headers) = Default::default();
    let base = Base { url: &connector.base_url, connection: &connection, defaults: &[], headers: &headers };
    let built = build(&base, again, &inputs).unwrap();
    assert_eq!(built.url, "https://api.acme.example/v1/users");
    let RequestBody::Text { text, .. } = built.body else { panic!("{:?}", built.body) };
    assert_eq!(text, "name=Ada");
    let upload = connector.operations.iter().find(|one| one.name == "Upload").unwrap();
    assert_eq!(upload.base_url.as_deref(), Some("https://files.acme.example"));
    assert!(upload.security.is_empty());
}

#[test]
fn a_collection_without_a_request_is_no_success() {
    let empty = json!({"info": {"name": "E", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": []});
    let told = Check::of(empty.to_string().as_bytes());
    assert!(!told.ok && told.error.is_some());
    for odd in [
        json!(1),
        json!([1, {"request": 5}, {"item": 3}, {"request": {"url": {"raw": 5}, "body": {"mode": 1}}}]),
    ] {
        let mut collection = collection();
        collection["item"] = odd;
        assert!(!Check::of(collection.to_string().as_bytes()).ok);
    }
}
