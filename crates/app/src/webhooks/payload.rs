//! The body of a webhook request as a value.

use bytes::Bytes;
use data_encoding::BASE64;
use flero_engine::params::PayloadType;
use flero_model::json;
use http::{HeaderMap, header};
use serde_json::{Map, Value, json};

use crate::{Error, Result};

/// Reads a body as its trigger says; `auto` goes by the content type alone and never by what the body looks like.
///
/// # Errors
/// [`Error::InvalidBody`] when it is not of that kind.
pub(super) fn read(kind: PayloadType, headers: &HeaderMap, body: &Bytes) -> Result<Value> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = match kind {
        PayloadType::Auto => by_type(&essence),
        other => other,
    };
    if body.is_empty() {
        return Ok(Value::Null);
    }
    match kind {
        PayloadType::Json => json::parse(body).map_err(|fault| Error::InvalidBody(fault.to_string())),
        PayloadType::Form if essence == "multipart/form-data" => multipart(content_type, body),
        PayloadType::Form => Ok(Value::Object(form(body))),
        PayloadType::Text => text(body),
        PayloadType::Binary | PayloadType::Auto => Ok(Value::String(BASE64.encode(body))),
    }
}

fn by_type(essence: &str) -> PayloadType {
    if essence == "application/json" || essence.ends_with("+json") {
        PayloadType::Json
    } else if essence == "application/x-www-form-urlencoded" || essence == "multipart/form-data" {
        PayloadType::Form
    } else if essence.is_empty()
        || essence.starts_with("text/")
        || essence == "application/xml"
        || essence.ends_with("+xml")
    {
        PayloadType::Text
    } else {
        PayloadType::Binary
    }
}

fn text(body: &[u8]) -> Result<Value> {
    let text =
        std::str::from_utf8(body).map_err(|_| Error::InvalidBody("the text is not UTF-8".to_owned()))?;
    Ok(Value::String(text.to_owned()))
}

fn form(body: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        add(&mut fields, name.into_owned(), Value::String(value.into_owned()));
    }
    fields
}

/// Adds a field; a repeated one becomes a list.
pub(super) fn add(fields: &mut Map<String, Value>, name: String, value: Value) {
    match fields.get_mut(&name) {
        None => {
            fields.insert(name, value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// Reads `multipart/form-data` (RFC 7578): texts as strings, files as `{fileName, contentType, base64}`.
fn multipart(content_type: &str, body: &Bytes) -> Result<Value> {
    let broken = || Error::InvalidBody("the multipart form is not complete".to_owned());
    let boundary = parameter(content_type, "boundary")
        .filter(|text| (1..=70).contains(&text.len()))
        .ok_or_else(broken)?;
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter has no line break in front of it; with one, all are alike.
    let whole = [b"\r\n", body.as_ref()].concat();
    let mut fields = Map::new();
    let mut rest = whole.as_slice();
    let start = find(rest, delimiter.as_bytes()).ok_or_else(broken)?;
    rest = &rest[start + delimiter.len()..];
    while !rest.starts_with(b"--") {
        let head_end = find(rest, b"\r\n\r\n").ok_or_else(broken)?;
        let end = head_end + 4 + find(&rest[head_end + 4..], delimiter.as_bytes()).ok_or_else(broken)?;
        let head = std::str::from_utf8(&rest[..head_end]).map_err(|_| broken())?;
        let (name, value) = part(head, &rest[head_end + 4..end]).ok_or_else(broken)?;
        add(&mut fields, name, value);
        rest = &rest[end + delimiter.len()..];
    }
    Ok(Value::Object(fields))
}

fn part(head: &str, content: &[u8]) -> Option<(String, Value)> {
    let line = |name: &str| {
        head.lines().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let disposition = line("content-disposition")?;
    let name = parameter(disposition, "name")?;
    let kind = line("content-type");
    let value = match (parameter(disposition, "filename"), std::str::from_utf8(content)) {
        (None, Ok(text)) => Value::String(text.to_owned()),
        (file_name, _) => json!({
            "fileName": file_name, "contentType": kind.unwrap_or("application/octet-stream"), "base64": BASE64.encode(content),
        }),
    };
    Some((name, value))
}

/// A parameter of a header's value, with or without quotes.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
