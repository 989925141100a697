//! A cURL command as a description: one operation, whose way of authentication is that of the command.

use flero_engine::curl::{self, SecretKind};
use flero_openapi::{
    Document,
    recorded::{self, Pair, Recorded, RecordedBody, Recording},
};
use serde_json::{Map, Value, json};
use url::Url;

/// The description of what a command does. Secrets in it are dropped.
///
/// # Errors
/// A sentence that says what to change; the command is not quoted.
pub fn document_of_curl(command: &str) -> Result<Document, String> {
    let imported = curl::parse(command).map_err(|fault| fault.to_string())?;
    let parameters = &imported.parameters;
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    let url = Url::parse(text("url")).map_err(|_| "the URL in the command cannot be called".to_owned())?;
    let mut schemes = Map::new();
    for found in &imported.secrets {
        let scheme = match &found.kind {
            SecretKind::Bearer => json!({"type": "http", "scheme": "bearer"}),
            SecretKind::Basic { .. } => json!({"type": "http", "scheme": "basic"}),
            SecretKind::Header { name, prefix } if prefix.is_empty() => {
                json!({"type": "apiKey", "in": "header", "name": name})
            }
            SecretKind::Header { name, prefix } => json!({"type": "apiKey", "in": "header", "name": name,
                "x-flero-auth": {"parameters": {"in": "header", "name": name, "prefix": prefix}}}),
            SecretKind::Query { name } => json!({"type": "apiKey", "in": "query", "name": name}),
            SecretKind::Cookie { name } => json!({"type": "apiKey", "in": "cookie", "name": name}),
        };
        // A command that proves itself twice asks for the first credential; an operation takes one.
        if schemes.is_empty() {
            schemes.insert("credential".to_owned(), scheme);
        }
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    // Braces of the command's URL mean themselves; as places of a path they would be inputs.
    let path = url.path().replace("%7B", "{").replace("%7D", "}");
    let request = Recorded {
        name: format!("{} {}", text("method"), url.path()),
        method: text("method").to_owned(),
        server: Some(url.origin().ascii_serialization()),
        path,
        query: pairs(parameters.get("query")),
        headers: pairs(parameters.get("headers")),
        body: body(text("bodyType"), parameters.get("body")),
        scheme: (!schemes.is_empty()).then(|| "credential".to_owned()),
        ..Recorded::default()
    };
    let recording = Recording { title: host, description: String::new(), schemes, requests: vec![request] };
    Document::of(recorded::document(&recording)).map_err(|fault| fault.to_string())
}

/// Names and values; a name with several values stands several times.
fn pairs(given: Option<&Value>) -> Vec<Pair> {
    let mut all = Vec::new();
    for (name, value) in given.and_then(Value::as_object).into_iter().flatten() {
        let values = value.as_array().map_or_else(|| vec![value.clone()], Clone::clone);
        for value in values {
            let example = value.as_str().map(str::to_owned).filter(|text| text.len() <= 200);
            all.push(Pair { name: name.clone(), example, ..Pair::default() });
        }
    }
    all
}

fn body(kind: &str, value: Option<&Value>) -> Option<RecordedBody> {
    let value = value?;
    Some(match kind {
        "json" => RecordedBody::Json(value.clone()),
        "form" => RecordedBody::Form(pairs(Some(value))),
        "multipart" => RecordedBody::Multipart(pairs(Some(value))),
        _ => RecordedBody::Text("text/plain".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use flero_openapi::compile::check;

    use super::*;

    #[test]
    fn a_command_becomes_one_operation_without_its_secrets() {
        let command = "curl -X POST 'https://api.acme.example/v1/users?limit=5' -H 'Authorization: Bearer s3cr3tvalue' \
                       -H 'X-Version: 2' -H 'Content-Type: application/json' -d '{\"name\": \"Ada\", \"age\": 3}'";
        let document = document_of_curl(command).unwrap();
        assert!(!document.root.to_string().contains("s3cr3tvalue"));
        let compiled = check(&document);
        assert_eq!((compiled.report.operations, compiled.report.total), (1, 1), "{:?}", compiled.report);
        let connector = compiled.connector;
        assert_eq!(
            (connector.name.as_str(), connector.base_url.as_str()),
            ("api.acme.example", "https://api.acme.example")
        );
        assert_eq!(connector.auth[0].auth_type, flero_model::credential::AuthType::Bearer);
        let input = &connector.operations[0].input["properties"];
        for name in ["limit", "X-Version", "name", "age"] {
            assert!(input.get(name).is_some(), "{name}: {input}");
        }
        let told = document_of_curl("wget https://a.example").unwrap_err();
        assert!(told.contains("cURL"), "{told}");
    }
}
