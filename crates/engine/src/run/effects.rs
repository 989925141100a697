//! What effects are to be carried out with: parameters resolved, no authentication in them.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use bytes::Bytes;
use flero_connect::Statement;
use flero_model::Timestamp;
use flero_openapi::extension::ErrorRules;
use serde_json::{Map, Value};

use super::{Command, Run, Ticket, context::Context};
use crate::{
    failure::Failure,
    journal::At,
    params::{BodyType, ConnectorWork, DatabaseWork, HttpWork, Paging, ResponseFormat, Work, text_of},
    template::{Template, Unresolved},
};

/// A request without authentication.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HttpCall {
    pub(crate) method: &'static str,
    /// With the node's query parameters.
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: HttpBody,
    pub(crate) timeout_ms: u64,
    pub(crate) follow_redirects: bool,
    pub(crate) validate_ssl: bool,
    pub(crate) response: ResponseFormat,
    pub(crate) paging: Option<Paging>,
    /// How the operation's service tells of errors.
    pub(crate) errors: Option<Arc<ErrorRules>>,
    /// The operation that the rest is made of once it is loaded; then only the limits above count.
    pub(crate) operation: Option<Box<OperationCall>>,
}

/// An operation of a connector with its inputs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OperationCall {
    pub(crate) connector: Arc<str>,
    pub(crate) operation: Arc<str>,
    pub(crate) inputs: Map<String, Value>,
    /// The same for every attempt, so that a service can tell a repetition.
    pub(crate) key: String,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum HttpBody {
    Empty,
    /// Ready bytes.
    Bytes(Bytes),
    /// A file in blob storage.
    File(Value),
    /// A form with parts that may be files (RFC 7578).
    Multipart(Vec<Part>),
}

/// One part of a form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// A text, or a reference to a file.
    pub(crate) value: Value,
    /// What its `Content-Type` says, where a description does.
    pub(crate) media_type: Option<String>,
}

/// Methods that do something each time they are sent (RFC 9110 section 9.2.2): they carry an `Idempotency-Key`
/// (draft-ietf-httpapi-idempotency-key-header).
pub(crate) const REPEATED: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// How long one attempt of an operation may take, in milliseconds: some services work for a minute on one request.
const OPERATION_TIMEOUT_MS: u64 = 60_000;

impl Run {
    /// The command for an attempt.
    pub(super) fn command(&self, ticket: Ticket, now: Timestamp) -> Result<Command, Failure> {
        let at = ticket.at;
        let node = self.workflow.node(at.1);
        let input = self.input_of(at);
        let context = Context::new(self, at, &input, now);
        match &node.work {
            Work::Http(work) => {
                let call = self.http_call(at, work, &context)?;
                let node_id = Arc::clone(&node.id);
                Ok(Command::CallHttp {
                    ticket,
                    node: node_id,
                    call: Box::new(call),
                    credential: node.credential,
                })
            }
            Work::Connector(work) => Ok(Command::CallHttp {
                ticket,
                node: Arc::clone(&node.id),
                call: Box::new(self.operation_call(at, work, &context)?),
                credential: node.credential,
            }),
            Work::Database(work) => {
                let statement = Box::new(statement(work, &context)?);
                let credential = node.credential.ok_or_else(|| {
                    Failure::new(
                        "database.credential_needed",
                        "Choose a credential of the type database in the node.",
                    )
                })?;
                Ok(Command::QueryDatabase { ticket, node: Arc::clone(&node.id), statement, credential })
            }
            Work::Code { source, timeout_ms } => Ok(Command::RunCode {
                ticket,
                source: Arc::clone(source),
                timeout_ms: timeout_ms.get(&context)?,
                input: Arc::clone(&input),
            }),
            Work::SubWorkflow { workflow, input: given, wait } => {
                let child_input = match given {
                    Some(template) => template.eval(&context, context.unresolved())?,
                    None => Arc::clone(&input),
                };
                let mut ancestry = self.ancestry.clone();
                ancestry.push(self.workflow.id);
                Ok(Command::StartChild {
                    ticket,
                    workflow: *workflow,
                    input: child_input,
                    wait: wait.get(&context)?,
                    key: self.effect_key(at),
                    ancestry,
                })
            }
            _ => Err(Failure::new("internal.error", "This node has no effect to carry out.")),
        }
    }

    fn http_call(&self, at: At, work: &HttpWork, context: &Context<'_>) -> Result<HttpCall, Failure> {
        let url = work.url.eval(context, Unresolved::Fail)?;
        let mut url = url.as_str().map(|url| url.trim().to_owned()).ok_or_else(|| {
            Failure::new("http.invalid_url", "The expression in `url` gave something else: expected a text.")
        })?;
        if let Some(query) = &work.query {
            add_query(&mut url, &*members(query, context)?);
        }
        let mut headers = Vec::new();
        if let Some(template) = &work.headers {
            for (name, value) in members(template, context)?.iter().filter(|(_, value)| !value.is_null()) {
                headers.push((name.clone(), text_of(value).into_owned()));
            }
        }
        let method = work.method.get(context)?;
        let (body, content_type) = body(work, context)?;
        let has = |headers: &[(String, String)], wanted: &str| {
            headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        if let Some(content_type) = content_type
            && !has(&headers, "content-type")
        {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        if REPEATED.contains(&method) && !has(&headers, "idempotency-key") {
            headers.push(("Idempotency-Key".to_owned(), self.effect_key(at)));
        }
        Ok(HttpCall {
            method,
            url,
            headers,
            body,
            timeout_ms: work.timeout_ms.get(context)?,
            follow_redirects: work.follow_redirects.get(context)?,
            validate_ssl: work.validate_ssl.get(context)?,
            response: work.response,
            paging: work.paging.clone(),
            errors: None,
            operation: None,
        })
    }

    /// A call whose request is made when its operation is loaded. Inputs decide what is sent, so an expression that
    /// cannot be resolved fails the node.
    fn operation_call(
        &self,
        at: At,
        work: &ConnectorWork,
        context: &Context<'_>,
    ) -> Result<HttpCall, Failure> {
        let inputs = work.inputs.eval(context, Unresolved::Fail)?;
        let inputs = inputs.as_object().cloned().unwrap_or_default();
        Ok(HttpCall {
            method: "GET",
            url: String::new(),
            headers: Vec::new(),
            body: HttpBody::Empty,
            timeout_ms: OPERATION_TIMEOUT_MS,
            follow_redirects: true,
            validate_ssl: true,
            response: ResponseFormat::Auto,
            paging: None,
            errors: None,
            operation: Some(Box::new(OperationCall {
                connector: Arc::clone(&work.connector),
                operation: Arc::clone(&work.operation),
                inputs,
                key: self.effect_key(at),
            })),
        })
    }

    /// Whether an error status of a call fails its node.
    pub(super) fn fails_on_error(&self, at: At, now: Timestamp) -> bool {
        let Work::Http(work) = &self.workflow.node(at.1).work else { return true };
        let input = self.input_of(at);
        work.fail_on_error.get(&Context::new(self, at, &input, now)).unwrap_or(true)
    }
}

/// The most bytes that are read for one statement.
const MAX_ANSWER_BYTES: usize = 50 << 20;

/// A statement with its values. They decide what is done, so an expression that cannot be resolved fails the node.
fn statement(work: &DatabaseWork, context: &Context<'_>) -> Result<Statement, Failure> {
    let values = match &work.values {
        None => Vec::new(),
        Some(template) => match &*template.eval(context, Unresolved::Fail)? {
            Value::Array(values) => values.clone(),
            Value::Null => Vec::new(),
            _ => {
                let message = "The expression in `values` gave something else: expected an array.";
                return Err(Failure::new("node.parameter", message));
            }
        },
    };
    Ok(Statement {
        sql: work.query.clone(),
        values,
        max_rows: usize::try_from(work.max_rows.get(context)?).unwrap_or(usize::MAX),
        max_bytes: MAX_ANSWER_BYTES,
        timeout: Duration::from_millis(work.timeout_ms.get(context)?),
    })
}

/// An object parameter. Names and values of a request decide what is sent, so an expression that cannot be resolved
/// fails the node.
fn members(template: &Template, context: &Context<'_>) -> Result<Arc<Map<String, Value>>, Failure> {
    let value = template.eval(context, Unresolved::Fail)?;
    match &*value {
        Value::Object(members) => Ok(Arc::new(members.clone())),
        Value::Null => Ok(Arc::default()),
        _ => {
            let message = format!(
                "The expression in `{}` gave something else: expected an object of names and values.",
                template.name()
            );
            Err(Failure::new("node.parameter", message))
        }
    }
}

/// Adds query parameters: null is left out, an array stands once per element.
fn add_query(url: &mut String, query: &Map<String, Value>) {
    let (before, fragment) = match url.split_once('#') {
        Some((before, fragment)) => (before.to_owned(), Some(fragment.to_owned())),
        None => (std::mem::take(url), None),
    };
    *url = before;
    let pairs = form(query);
    if !pairs.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&pairs);
    }
    if let Some(fragment) = fragment {
        // Writing to a text cannot fail.
        let _ = write!(url, "#{fragment}");
    }
}

/// Writes `application/x-www-form-urlencoded` (WHATWG URL section 5.2).
fn form(members: &Map<String, Value>) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in members {
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for item in items {
                    out.append_pair(name, &text_of(item));
                }
            }
            value => {
                out.append_pair(name, &text_of(value));
            }
        }
    }
    out.finish()
}

/// The body and the `Content-Type` that belongs to it.
fn body(work: &HttpWork, context: &Context<'_>) -> Result<(HttpBody, Option<&'static str>), Failure> {
    let Some(template) = work.body.value.as_ref().filter(|_| work.body.kind != BodyType::None) else {
        return Ok((HttpBody::Empty, None));
    };
    let value = template.eval(context, context.unresolved())?;
    let expected =
        |what: &str| Failure::new("node.parameter", format!("`body` has to be {what} for this bodyType."));
    match work.body.kind {
        BodyType::None => Ok((HttpBody::Empty, None)),
        BodyType::Json => {
            // A text is taken as JSON that is written already, if it is some.
            let ready =
                value.as_str().filter(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
            let bytes = ready.map_or_else(|| value.to_string(), str::to_owned);
            Ok((HttpBody::Bytes(bytes.into()), Some("application/json")))
        }
        BodyType::Form => {
            let text = match &*value {
                Value::Object(members) => form(members),
                Value::String(text) => text.clone(),
                _ => return Err(expected("an object of names and values")),
            };
            Ok((HttpBody::Bytes(text.into()), Some("application/x-www-form-urlencoded")))
        }
        BodyType::Multipart => {
            let members = value.as_object().ok_or_else(|| expected("an object of names and values"))?;
            let parts = members.iter().filter(|(_, value)| !value.is_null());
            let part = |name: &String, value: &Value| Part {
                name: name.clone(),
                value: value.clone(),
                media_type: None,
            };
            let parts = parts.flat_map(|(name, value)| match value {
                Value::Array(items) => items.iter().map(|value| part(name, value)).collect(),
                value => vec![part(name, value)],
            });
            Ok((HttpBody::Multipart(parts.collect()), None))
        }
        BodyType::Raw if crate::files::is_reference(&value) => {
            Ok((HttpBody::File((*value).clone()), Some("application/octet-stream")))
        }
        BodyType::Raw => {
            Ok((HttpBody::Bytes(text_of(&value).into_owned().into()), Some("text/plain; charset=utf-8")))
        }
    }
}
