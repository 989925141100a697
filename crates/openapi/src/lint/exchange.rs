//! Every operation's example makes the request of its fixture, and the fixture's answer is one.

use std::collections::BTreeMap;

use flero_model::{database::Engine, mail::Protocol};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::{Add, rules::place};
use crate::{
    answer::error_of,
    compile::Compiled,
    connector::{Connector, Operation},
    document::Document,
    fixture::Fixture,
    request::{Base, Built, RequestBody, build},
};

/// One operation's example, held against its fixture.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Exchange {
    /// The operation.
    pub operation: String,
    /// The file of the folder; empty where the operation names none.
    pub fixture: String,
    /// The vendor's page on which the exchange stands.
    pub page: String,
    /// Whether the exchange was composed by the page's rules because it shows no whole example.
    pub composed: bool,
    /// What is wrong; empty when the request is the documented one and the answer is as the operation says.
    pub faults: Vec<String>,
}

/// Holds every operation's example against its fixture. Those of a database and of a mail server have none: their
/// example has to make a statement, or a piece of work.
#[must_use]
pub fn exchanges(compiled: &Compiled, files: &BTreeMap<String, Vec<u8>>) -> Vec<Exchange> {
    let connector = &compiled.connector;
    let schemas = connector.schemas.read();
    let of = |operation| match (connector.flero.database, connector.flero.mail) {
        (Some(engine), _) => prepared(operation, statement_fault(engine, operation)),
        (None, Some(protocol)) => prepared(operation, mail_fault(protocol, operation)),
        (None, None) => exchange(connector, &schemas, operation, files),
    };
    connector.operations.iter().map(of).collect()
}

/// The inputs of an operation's example.
fn example(operation: &Operation) -> Map<String, Value> {
    operation.hints.example.as_ref().map(|example| example.inputs.clone()).unwrap_or_default()
}

/// An operation of a database: its example makes a statement.
fn statement_fault(engine: Engine, operation: &Operation) -> Option<String> {
    match &operation.hints.statement {
        None => Some("there is no statement.".to_owned()),
        Some(template) => {
            crate::statement::prepare(engine, template, &example(operation)).err().map(|fault| fault.message)
        }
    }
}

/// An operation of a mail server: its example is a piece of work of its protocol.
fn mail_fault(protocol: Protocol, operation: &Operation) -> Option<String> {
    match operation.hints.mail {
        Some(action) if action.protocol() == protocol => {
            crate::mail::prepare(action, &example(operation)).err().map(|fault| fault.message)
        }
        _ => Some("`x-flero-operation.mail` names no action of the connector's protocol.".to_owned()),
    }
}

/// An operation without an exchange.
fn prepared(operation: &Operation, fault: Option<String>) -> Exchange {
    Exchange {
        operation: operation.id.clone(),
        fixture: String::new(),
        page: String::new(),
        composed: false,
        faults: fault.into_iter().collect(),
    }
}

fn exchange(
    connector: &Connector,
    schemas: &BTreeMap<String, Value>,
    operation: &Operation,
    files: &BTreeMap<String, Vec<u8>>,
) -> Exchange {
    let mut told = Exchange {
        operation: operation.id.clone(),
        fixture: String::new(),
        page: String::new(),
        composed: false,
        faults: Vec::new(),
    };
    let Some(example) = &operation.hints.example else {
        told.faults.push("there is no example.".to_owned());
        return told;
    };
    let name = format!("fixtures/{}", example.fixture);
    let Some(bytes) = files.get(&name) else {
        told.faults.push(format!("there is no file {name}."));
        return told;
    };
    told.fixture = name;
    match Fixture::parse(&String::from_utf8_lossy(bytes)) {
        Ok(fixture) => {
            told.faults = faults(connector, schemas, operation, &fixture);
            (told.page, told.composed) = (fixture.page, fixture.is_composed);
        }
        Err(reason) => told.faults.push(format!("{reason}.")),
    }
    told
}

pub(super) fn check(
    document: &Document,
    compiled: &Compiled,
    files: &BTreeMap<String, Vec<u8>>,
    add: &mut Add<'_>,
) {
    for told in exchanges(compiled, files) {
        // An operation without an example is a finding of another rule.
        let operation = compiled.connector.operations.iter().find(|one| one.id == told.operation);
        if operation.is_some_and(|operation| operation.hints.example.is_none()) {
            continue;
        }
        let at = format!("{}/x-flero-operation/example", place(document, &told.operation));
        for message in told.faults {
            let file = if told.fixture.is_empty() { String::new() } else { format!(" ({})", told.fixture) };
            add(&at, "fixture", format!("{}{file}: {message}", told.operation));
        }
    }
}

/// What differs between the request that is built and the one that is documented, and what is odd about the answer.
fn faults(
    connector: &Connector,
    schemas: &BTreeMap<String, Value>,
    operation: &Operation,
    fixture: &Fixture,
) -> Vec<String> {
    let inputs = example(operation);
    let mut found = Vec::new();
    #[cfg(feature = "validate")]
    for fault in crate::validate::Validator::of(operation, schemas).check(&inputs) {
        found.push(format!("the example's input {} is wrong: {}", fault.pointer, fault.message));
    }
    let connection = connection(connector, operation, &fixture.url);
    let base = Base {
        url: &connector.base_url,
        connection: &connection,
        defaults: &connector.connection,
        headers: &connector.flero.headers,
    };
    match build(&base, operation, &inputs) {
        Ok(built) => found.extend(differences(&built, fixture)),
        Err(fault) => {
            found.push(format!("the example makes no request: {} {}", fault.pointer, fault.message))
        }
    }
    let rules = operation.hints.errors.as_ref().or(connector.flero.errors.as_ref());
    let answer = match &operation.output {
        Some(schema) if operation.answers_xml => {
            crate::xml::value(&fixture.answer, Some(schema), schemas).unwrap_or_default()
        }
        _ => fixture.answer_json(),
    };
    if let Some(error) = error_of(rules, fixture.status, &answer) {
        found
            .push(format!("the fixture's answer is an error ({}); document a good one.", error.class.code()));
    }
    #[cfg(feature = "validate")]
    if let Some(schema) = operation.output.as_ref().filter(|_| !answer.is_null()) {
        let schema = crate::validate::closed(schema, schemas);
        if let Some(fault) = crate::validate::first_fault(&schema, &answer) {
            found.push(format!("the fixture's answer is not as the operation says: {fault}"));
        }
    }
    found
}

/// The parameters of the connection, read out of the documented URL.
fn connection(connector: &Connector, operation: &Operation, url: &str) -> Map<String, Value> {
    let template = operation.base_url.as_deref().unwrap_or(&connector.base_url);
    let mut found = Map::new();
    let (mut rest, mut parts) = (url, template.split(['{', '}']).peekable());
    let mut is_name = false;
    while let Some(part) = parts.next() {
        if is_name {
            let until = parts.peek().copied().filter(|next| !next.is_empty()).unwrap_or("/");
            let end = rest.find(until).unwrap_or(rest.len());
            found.insert(part.to_owned(), Value::String(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            rest = rest.strip_prefix(part).unwrap_or(rest);
        }
        is_name = !is_name;
    }
    found
}

fn differences(built: &Built, fixture: &Fixture) -> Vec<String> {
    let mut found = Vec::new();
    if built.method != fixture.method {
        found.push(format!("the method is {}, documented is {}.", built.method, fixture.method));
    }
    let parts = |text: &str| {
        // A place that the credential fills is documented with the same name in braces.
        let text = text.replace('{', "%7B").replace('}', "%7D");
        let url = Url::parse(&text).ok()?;
        let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        pairs.sort();
        Some((format!("{}{}", url.origin().ascii_serialization(), url.path()), pairs))
    };
    match (parts(&built.url), parts(&fixture.url)) {
        (Some(own), Some(documented)) => {
            if own.0 != documented.0 {
                found.push(format!("the address is {}, documented is {}.", own.0, documented.0));
            }
            if own.1 != documented.1 {
                found.push(format!("the query is {:?}, documented is {:?}.", own.1, documented.1));
            }
        }
        _ => found.push("the address is no URL.".to_owned()),
    }
    for (name, value) in &built.headers {
        let documented = fixture.header(&name.to_ascii_lowercase());
        if documented.is_some_and(|documented| documented != value) {
            found.push(format!("the header field {name} differs from the documented one."));
        }
    }
    found.extend(body_difference(&built.body, fixture));
    found
}

fn body_difference(body: &RequestBody, fixture: &Fixture) -> Option<String> {
    let own_type = match body {
        RequestBody::Empty if fixture.body.is_empty() => return None,
        RequestBody::Empty => return Some("the request has no body, the documented one has.".to_owned()),
        // What stands in files and parts is the caller's.
        RequestBody::File { .. } | RequestBody::Multipart(_) => return None,
        RequestBody::Text { media_type, .. } => media_type,
    };
    let RequestBody::Text { text, .. } = body else { return None };
    let documented = fixture.header("content-type").unwrap_or(own_type);
    let bare = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if bare(documented) != bare(own_type) {
        return Some(format!("the body is {own_type}, documented is {documented}."));
    }
    let form = |text: &str| {
        let mut pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        pairs.sort();
        pairs
    };
    let same = if bare(own_type).ends_with("json") {
        serde_json::from_str::<Value>(text).ok() == serde_json::from_str::<Value>(&fixture.body).ok()
    } else if bare(own_type).ends_with("x-www-form-urlencoded") {
        form(text) == form(&fixture.body)
    } else {
        text.trim() == fixture.body.trim()
    };
    (!same).then(|| "the body differs from the documented one.".to_owned())
}
