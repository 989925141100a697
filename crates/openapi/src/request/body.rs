//! The body of a request.

use serde_json::{Map, Value};

use super::{Fault, style};
use crate::connector::{Body, BodyKind, Operation, Style};

/// A body that is ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestBody {
    /// None.
    Empty,
    /// Text with its media type.
    Text {
        /// What `Content-Type` says.
        media_type: String,
        /// The content.
        text: String,
    },
    /// A file: a reference to what is stored, or a text.
    File {
        /// What `Content-Type` says, where the file does not.
        media_type: String,
        /// The file.
        file: Value,
    },
    /// A form of parts (RFC 7578).
    Multipart(Vec<BodyPart>),
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyPart {
    /// Its name.
    pub name: String,
    /// A text, another value, or a reference to a file.
    pub value: Value,
    /// What its `Content-Type` says, where the document does; a file says it by itself.
    pub media_type: Option<String>,
}

/// Writes the body.
pub(super) fn write(
    body: &Body,
    operation: &Operation,
    inputs: &Map<String, Value>,
) -> Result<RequestBody, Fault> {
    let content = match &body.input {
        Some(input) => match inputs.get(input) {
            Some(value) => value.clone(),
            None if body.required && body.kind != BodyKind::Json => {
                return Err(Fault::new(input, "The body has to be given."));
            }
            None => return Ok(RequestBody::Empty),
        },
        None => Value::Object(members(body, operation, inputs)),
    };
    let nothing = body.input.is_none() && content.as_object().is_some_and(Map::is_empty);
    if nothing && !body.required {
        return Ok(RequestBody::Empty);
    }
    let media_type = body.media_type.clone();
    Ok(match body.kind {
        BodyKind::Json => RequestBody::Text { media_type: json_type(&media_type), text: content.to_string() },
        BodyKind::Text => RequestBody::Text { media_type, text: style::text(&content) },
        BodyKind::Binary => {
            let media_type =
                if media_type.contains('*') { "application/octet-stream".to_owned() } else { media_type };
            RequestBody::File { media_type, file: content }
        }
        BodyKind::Form => RequestBody::Text { media_type, text: form(body, content)? },
        BodyKind::Multipart => RequestBody::Multipart(parts(body, content)?),
    })
}

/// A range of media types is no media type.
fn json_type(media_type: &str) -> String {
    if media_type.contains('*') { "application/json".to_owned() } else { media_type.to_owned() }
}

/// The members that inputs give, under their names on the wire.
fn members(body: &Body, operation: &Operation, inputs: &Map<String, Value>) -> Map<String, Value> {
    let mut members = Map::new();
    for field in &body.fields {
        if let Some(value) = field.constant.as_ref().or_else(|| inputs.get(field.input())) {
            members.insert(field.name.clone(), value.clone());
        }
    }
    if body.open {
        let is_known = |name: &str| {
            operation.parameters.iter().any(|parameter| parameter.input() == name)
                || body.fields.iter().any(|field| field.input() == name)
        };
        for (name, value) in inputs.iter().filter(|(name, _)| !is_known(name)) {
            members.insert(name.clone(), value.clone());
        }
    }
    members
}

fn object(content: Value) -> Result<Map<String, Value>, Fault> {
    match content {
        Value::Object(members) => Ok(members),
        _ => Err(Fault::new("body", "A form is an object of names and values.")),
    }
}

/// `application/x-www-form-urlencoded`. What has members of its own and no style is written as JSON
/// (OpenAPI 3.1 section 4.8.15.1.2).
fn form(body: &Body, content: Value) -> Result<String, Fault> {
    let mut out = Vec::new();
    for (name, value) in object(content)?.iter().filter(|(_, value)| !value.is_null()) {
        let field = body.fields.iter().find(|field| field.name == *name);
        let styled = field.and_then(|field| field.style);
        let is_json = field.is_some_and(|field| field.as_json) || styled.is_none() && value.is_object();
        if is_json {
            out.push(format!("{}={}", style::encode(name, false), style::encode(&value.to_string(), false)));
            continue;
        }
        let (how, explode) = styled.unwrap_or((Style::Form, true));
        out.extend(style::pairs(name, how, explode, false, value));
    }
    Ok(out.join("&"))
}

/// `multipart/form-data`: an array stands once per element.
fn parts(body: &Body, content: Value) -> Result<Vec<BodyPart>, Fault> {
    let mut out = Vec::new();
    for (name, value) in object(content)?.into_iter().filter(|(_, value)| !value.is_null()) {
        let field = body.fields.iter().find(|field| field.name == name);
        let media_type = field.and_then(|field| field.media_type.clone());
        let part = |value: Value| BodyPart { name: name.clone(), value, media_type: media_type.clone() };
        match value {
            value if field.is_some_and(|field| field.as_json) => {
                out.push(part(Value::String(value.to_string())));
            }
            Value::Array(items) => out.extend(items.into_iter().map(part)),
            value => out.push(part(value)),
        }
    }
    Ok(out)
}
