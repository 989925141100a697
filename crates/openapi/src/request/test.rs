//! The request that tests a credential, made of the connector's test operation.

use std::collections::BTreeMap;

use flero_model::service::{Template, TestRequest};
use serde_json::{Map, Value};

use super::{Base, RequestBody, build};
use crate::{connector::Operation, extension::TestHint};

/// Makes it; places for parameters of the connection stay open.
pub(crate) fn test_request(
    base_url: &str,
    operation: &Operation,
    test: &TestHint,
    headers: &BTreeMap<String, String>,
) -> Result<TestRequest, String> {
    let connection = Map::new();
    // Without fields, the places of the base address stay as they are.
    let base = Base { url: base_url, connection: &connection, defaults: &[], headers };
    let built = build(&base, operation, &test.inputs).map_err(|fault| fault.message)?;
    let template = |text: String| Template::new(text).map_err(|fault| fault.to_string());
    let mut fields = BTreeMap::new();
    for (name, value) in built.headers {
        fields.insert(name, template(value)?);
    }
    let body = match built.body {
        RequestBody::Empty => None,
        RequestBody::Text { media_type, text } if media_type.contains("json") => {
            Some(serde_json::from_str::<Value>(&text).map_err(|fault| fault.to_string())?)
        }
        _ => return Err("a test sends JSON or nothing.".to_owned()),
    };
    Ok(TestRequest {
        method: built.method,
        url: template(built.url)?,
        headers: fields,
        body,
        accept: test.accept.clone(),
        account: test.account.clone(),
        scopes_header: test.scopes_header.clone(),
    })
}
