//! `HTTPRequest`: what is sent, how answers are read, when it is tried again, how pages are followed.

use flero_model::workflow::{Backoff, Node};
use flero_openapi::paging::Bound;
use serde_json::Value;

use super::{Reader, Work};
use crate::template::{Field, Template};

/// Default of `timeoutMs`, from the product specification.
const DEFAULT_TIMEOUT_MS: u64 = 30_000;
/// The longest time one attempt may take, in milliseconds.
const MAX_TIMEOUT_MS: u64 = 600_000;
/// The most pages that are ever followed, whatever is asked for.
const MAX_PAGES: u64 = 1_000;
/// Pages that are followed unless told.
const DEFAULT_PAGES: u64 = 100;

/// The methods that a request can have.
pub(crate) const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Which failures lead to another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryOn {
    /// Answers with a status from 500 to 599.
    ServerErrors,
    /// Those, and timeouts.
    ServerErrorsAndTimeouts,
    /// Every answer with a status from 400 on, timeouts, and connections that failed.
    All,
}

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyType {
    Json,
    Form,
    Multipart,
    Raw,
    None,
}

/// How the answer's body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseFormat {
    /// JSON where the answer says so, text where it is text, else a file.
    Auto,
    Json,
    Text,
    /// Kept in blob storage and passed on as a reference.
    File,
}

/// The body of the request.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) kind: BodyType,
    pub(crate) value: Option<Template>,
}

/// Where the value that chooses a page goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A parameter of the query.
    Query(String),
    /// A place within a JSON object that is the body; it keeps the value's type.
    Json(Vec<String>),
    /// A field of a form that is the body.
    Form(String),
}

/// How further pages are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pagination {
    /// A URL in the answer: in the `Link` header (RFC 8288, `rel="next"`), or at `path` of the body.
    NextLink { path: Option<Vec<String>> },
    /// A value in the answer that is sent with the next request, until there is none or `more` is `false`.
    Cursor { path: Vec<String>, more: Option<Vec<String>>, slot: Slot },
    /// A page number, until a page is empty or the last one of so many as `pages` of the body says.
    Page { slot: Slot, start: u64, pages: Option<Vec<String>> },
    /// A number of items to skip, until a page is empty or short.
    Offset { slot: Slot, start: u64, limit_parameter: Option<String>, limit: u64 },
    /// The id of the last item, while the answer says that there are more.
    LastItem { id: Vec<String>, more: Vec<String>, slot: Slot },
}

/// How pages are followed and joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) how: Pagination,
    /// Where a page's items stand in its body; the body itself when empty.
    pub(crate) items: Vec<String>,
    pub(crate) max_pages: u64,
    /// How far the service tells the list.
    pub(crate) bound: Bound,
}

/// What an HTTPRequest node does.
#[derive(Debug, Clone)]
pub(crate) struct HttpWork {
    pub(crate) url: Template,
    pub(crate) method: Field<&'static str>,
    pub(crate) query: Option<Template>,
    pub(crate) headers: Option<Template>,
    pub(crate) body: Body,
    pub(crate) timeout_ms: Field<u64>,
    pub(crate) retries: Option<Field<u64>>,
    pub(crate) retry_delay_ms: Option<Field<u64>>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) retry_on: RetryOn,
    pub(crate) follow_redirects: Field<bool>,
    pub(crate) validate_ssl: Field<bool>,
    pub(crate) fail_on_error: Field<bool>,
    pub(crate) paging: Option<Paging>,
    pub(crate) response: ResponseFormat,
}

fn method(value: &Value) -> Result<&'static str, String> {
    let text = value.as_str().unwrap_or_default().trim().to_ascii_uppercase();
    METHODS
        .into_iter()
        .find(|method| *method == text)
        .ok_or_else(|| format!("Expected one of: {}.", METHODS.join(", ")))
}

/// `query` and `headers`: an object of names and values, or an expression that gives one.
fn pairs(reader: &mut Reader<'_>, name: &'static str) -> Option<Template> {
    let value = reader.raw(name)?;
    if !value.is_object() && !Reader::is_expression(value) {
        reader.fault(name, "node.parameter", "Expected an object of names and values.");
        return None;
    }
    Some(reader.compile(name, value))
}

pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Work> {
    let url = reader.required("url", "a URL with its protocol, for example https://api.example.com/orders");
    check_url(reader, url.as_ref());
    let method = reader.field("method", method).unwrap_or(Field::Fixed("GET"));
    let (query, headers) = (pairs(reader, "query"), pairs(reader, "headers"));
    let body = read_body(reader);
    let timeout_ms = reader.number_or("timeoutMs", 1, MAX_TIMEOUT_MS, DEFAULT_TIMEOUT_MS);
    let retries = reader.number("retries", 0, 10);
    let retry_delay_ms = reader.number("retryDelayMs", 0, 86_400_000);
    let backoff =
        reader.choice("backoff", &[("fixed", Backoff::Fixed), ("exponential", Backoff::Exponential)]);
    let kinds = [
        ("5xx", RetryOn::ServerErrors),
        ("5xx+timeout", RetryOn::ServerErrorsAndTimeouts),
        ("all", RetryOn::All),
    ];
    let retry_on = reader.choice("retryOn", &kinds).unwrap_or(RetryOn::ServerErrors);
    let follow_redirects = reader.flag("followRedirects", true);
    let validate_ssl = reader.flag("validateSsl", true);
    let fail_on_error = reader.flag("failOnError", true);
    let paging = read_paging(reader);
    let formats = [
        ("auto", ResponseFormat::Auto),
        ("json", ResponseFormat::Json),
        ("text", ResponseFormat::Text),
        ("file", ResponseFormat::File),
    ];
    let response = reader.choice("responseFormat", &formats).unwrap_or(ResponseFormat::Auto);
    if paging.is_some() && response == ResponseFormat::File {
        reader.fault(
            "responseFormat",
            "node.parameter",
            "Pages are joined as JSON; `file` cannot be used with them.",
        );
    }
    check_credential(reader, node);
    reader.finish();
    Some(Work::Http(Box::new(HttpWork {
        url: url?,
        method,
        query,
        headers,
        body,
        timeout_ms,
        retries,
        retry_delay_ms,
        backoff,
        retry_on,
        follow_redirects,
        validate_ssl,
        fail_on_error,
        paging,
        response,
    })))
}

/// A URL without expressions can be judged at save.
fn check_url(reader: &mut Reader<'_>, url: Option<&Template>) {
    let Some(fixed) = url.and_then(Template::fixed) else { return };
    let fault = match fixed.as_str() {
        Some(text) => flero_model::destination::read_url(text.trim()).err().map(|fault| fault.to_string()),
        None => Some("it is not a text".to_owned()),
    };
    if let Some(fault) = fault {
        reader.fault("url", "node.url", format!("This is not a URL that can be called: {fault}."));
    }
}

/// A credential is named beside the parameters and nowhere in them: by its ID, never by an expression.
fn check_credential(reader: &mut Reader<'_>, node: &Node) {
    let Some(value) = reader.raw("credentialId") else { return };
    let same = node.credential_id.is_some_and(|id| value.as_str() == Some(&id.to_string()));
    if !same {
        reader.fault(
            "credentialId",
            "node.credential_reference",
            "Name the credential in the node's own `credentialId`, by its ID (cred_...); a name or an expression is not taken.",
        );
    }
}

fn read_body(reader: &mut Reader<'_>) -> Body {
    let kinds = [
        ("json", BodyType::Json),
        ("form", BodyType::Form),
        ("multipart", BodyType::Multipart),
        ("raw", BodyType::Raw),
        ("none", BodyType::None),
    ];
    let kind = reader.choice("bodyType", &kinds);
    let value = reader.template("body");
    // A body without a type is meant as JSON.
    let kind = kind.unwrap_or(if value.is_some() { BodyType::Json } else { BodyType::None });
    Body { kind, value }
}

/// A path such as `meta.next` or `/meta/next` as its parts.
fn path(text: &str) -> Vec<String> {
    let separator = if text.starts_with('/') { '/' } else { '.' };
    text.split(separator).filter(|part| !part.is_empty() && *part != "$").map(str::to_owned).collect()
}

fn read_paging(reader: &mut Reader<'_>) -> Option<Paging> {
    let value = reader.raw("pagination")?;
    let options = match value {
        Value::String(word) if word == "none" => return None,
        // The word alone stands for the kind with its defaults.
        Value::String(word) => serde_json::Map::from_iter([("type".to_owned(), Value::String(word.clone()))]),
        Value::Object(options) => options.clone(),
        _ => {
            reader.fault("pagination", "node.parameter", "Expected a word or an object with `type`.");
            return None;
        }
    };
    let known = [
        "type",
        "nextPath",
        "cursorPath",
        "cursorParameter",
        "pageParameter",
        "startPage",
        "offsetParameter",
        "startOffset",
        "limitParameter",
        "limit",
        "itemsPath",
        "maxPages",
    ];
    reader.only("pagination", &options, &known);
    let text = |name: &str| options.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut number = |name: &str, least: u64, most: u64, default: u64| match options.get(name) {
        None | Some(Value::Null) => default,
        Some(value) => value.as_u64().filter(|number| (least..=most).contains(number)).unwrap_or_else(|| {
            let message = format!("Expected a whole number from {least} to {most}.");
            reader.fault(&format!("pagination/{name}"), "node.parameter", message);
            default
        }),
    };
    let max_pages = number("maxPages", 1, MAX_PAGES, DEFAULT_PAGES);
    let how = match text("type").unwrap_or_default() {
        "none" => return None,
        "next-link" => Pagination::NextLink { path: text("nextPath").map(path) },
        "cursor" => Pagination::Cursor {
            path: path(text("cursorPath").unwrap_or("next_cursor")),
            more: None,
            slot: Slot::Query(text("cursorParameter").unwrap_or("cursor").to_owned()),
        },
        "page" => Pagination::Page {
            slot: Slot::Query(text("pageParameter").unwrap_or("page").to_owned()),
            start: number("startPage", 0, u64::from(u32::MAX), 1),
            pages: None,
        },
        "offset" => Pagination::Offset {
            slot: Slot::Query(text("offsetParameter").unwrap_or("offset").to_owned()),
            start: number("startOffset", 0, u64::from(u32::MAX), 0),
            limit_parameter: text("limitParameter").map(str::to_owned),
            limit: number("limit", 1, 100_000, 100),
        },
        _ => {
            let message = "Expected one of: none, next-link, cursor, page, offset.";
            reader.fault("pagination/type", "node.choice", message);
            return None;
        }
    };
    let items = text("itemsPath").map(path).unwrap_or_default();
    Some(Paging { how, items, max_pages, bound: Bound::default() })
}

impl HttpWork {
    /// Whether any field names the workspace's variables.
    pub(crate) fn uses_env(&self) -> bool {
        let templates =
            [Some(&self.url), self.query.as_ref(), self.headers.as_ref(), self.body.value.as_ref()];
        templates.into_iter().flatten().any(Template::uses_env)
            || self.method.uses_env()
            || self.timeout_ms.uses_env()
            || [&self.follow_redirects, &self.validate_ssl, &self.fail_on_error]
                .into_iter()
                .any(Field::uses_env)
            || [&self.retries, &self.retry_delay_ms].into_iter().flatten().any(Field::uses_env)
    }
}
