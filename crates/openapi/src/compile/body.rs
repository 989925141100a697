//! The body of a request: which of its media types is used, and which inputs it is made of.

use serde_json::{Map, Value, json};

use super::{
    Work,
    operation::Inputs,
    parameter::{Found, collection, describe, only_value},
};
use crate::{
    connector::{Body, BodyField, BodyKind, Place, Style},
    document::{Version, child},
    limits::MAX_DESCRIPTION_BYTES,
    names,
    schema::Member,
};

/// The schema of a body that has none.
static ANYTHING: Value = Value::Bool(true);

impl<'d> Work<'d> {
    /// The body of OpenAPI 3: `requestBody`.
    pub(super) fn request_body(
        &mut self,
        operation: &'d Map<String, Value>,
        at: &str,
        inputs: &mut Inputs,
    ) -> Option<Body> {
        let given = operation.get("requestBody")?;
        let at = child(at, "requestBody");
        let document = self.document;
        let (given, at) = match document.follow(given, &at) {
            Ok(found) => found,
            Err((reason, reference)) => {
                self.schemas.tell_dead(&reference, &at, &reason);
                // It is still known that there is one; most often it is JSON.
                let body = Body { media_type: "application/json".to_owned(), ..Body::default() };
                return Some(self.whole(body, &json!({}), "", "", inputs));
            }
        };
        let content = given.get("content").and_then(Value::as_object)?;
        let (media_type, member) = preferred(content)?;
        let at_media = child(&child(&at, "content"), media_type);
        let (member, at_media) = document.follow(member, &at_media).unwrap_or((member, at_media.clone()));
        let required = given.get("required") == Some(&Value::Bool(true));
        let mut body =
            Body { media_type: media_type.clone(), kind: kind(media_type), required, ..Body::default() };
        let description = given.get("description").and_then(Value::as_str).unwrap_or_default();
        let schema = member.get("schema").unwrap_or(&ANYTHING);
        let at_schema = child(&at_media, "schema");
        if matches!(body.kind, BodyKind::Json | BodyKind::Form | BodyKind::Multipart)
            && let Some(members) = self.schemas.members(schema, &at_schema)
        {
            let encoding = member.get("encoding").and_then(Value::as_object);
            body.open = members.open;
            for Member { name, schema, at } in members.properties {
                if schema.get("readOnly") == Some(&Value::Bool(true)) {
                    continue;
                }
                let is_required = required && members.required.contains(name);
                let converted = self.schemas.convert(schema, &at);
                let mut field = BodyField { name: name.to_owned(), ..BodyField::default() };
                if let Some(encoding) = encoding.and_then(|all| all.get(name)) {
                    encode(&mut field, encoding);
                }
                field.constant = only_value(&converted, is_required);
                field.input = inputs.add(name, converted, is_required, field.constant.is_some(), "body");
                body.fields.push(field);
            }
            return Some(body);
        }
        Some(self.whole(body, schema, &at_schema, description, inputs))
    }

    /// A body that is one input.
    fn whole(
        &mut self,
        mut body: Body,
        schema: &Value,
        at: &str,
        description: &str,
        inputs: &mut Inputs,
    ) -> Body {
        let mut converted = match body.kind {
            // XML and other text is written by people; its schema says nothing about the text.
            BodyKind::Text => json!({ "type": "string" }),
            BodyKind::Binary => json!({ "format": "binary" }),
            _ => self.schemas.convert(schema, at),
        };
        if let Value::Bool(true) = converted {
            converted = json!({});
        }
        let text = names::plain(description, MAX_DESCRIPTION_BYTES);
        if let (Value::Object(members), false) = (&mut converted, text.is_empty()) {
            members.insert("description".to_owned(), json!(text));
        }
        let name = inputs.add("body", converted, body.required, false, "request");
        body.input = Some(if name.is_empty() { "body".to_owned() } else { name });
        body
    }

    /// The body of Swagger 2.0: a `body` parameter, or `formData` parameters.
    pub(super) fn swagger_body(
        &mut self,
        parameters: &[&Found<'d>],
        operation: &Map<String, Value>,
        inputs: &mut Inputs,
    ) -> Option<Body> {
        let consumes = operation.get("consumes").or_else(|| self.document.root.get("consumes"));
        let consumes: Vec<&str> =
            consumes.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        if let Some(found) = parameters.iter().find(|found| found.place == "body") {
            let media_type =
                consumes.iter().copied().min_by_key(|name| rank(name)).unwrap_or("application/json");
            let required = found.flag("required");
            let mut body = Body {
                media_type: media_type.to_owned(),
                kind: kind(media_type),
                required,
                ..Body::default()
            };
            let schema = found.member.get("schema").unwrap_or(&ANYTHING);
            let at = child(&found.at, "schema");
            let members = self.schemas.members(schema, &at).filter(|_| body.kind == BodyKind::Json);
            let Some(members) = members else {
                let description = found.member.get("description").and_then(Value::as_str).unwrap_or_default();
                return Some(self.whole(body, schema, &at, description, inputs));
            };
            body.open = members.open;
            for Member { name, schema, at } in members.properties {
                if schema.get("readOnly") == Some(&Value::Bool(true)) {
                    continue;
                }
                let is_required = required && members.required.contains(name);
                let converted = self.schemas.convert(schema, &at);
                let constant = only_value(&converted, is_required);
                let input = inputs.add(name, converted, is_required, constant.is_some(), "body");
                let name = name.to_owned();
                body.fields.push(BodyField { name, input, constant, ..BodyField::default() });
            }
            return Some(body);
        }
        let fields: Vec<&&Found<'_>> = parameters.iter().filter(|found| found.place == "formData").collect();
        if fields.is_empty() {
            return None;
        }
        let has_file = fields.iter().any(|found| found.member.get("type").is_some_and(|kind| kind == "file"));
        let only_multipart =
            !consumes.is_empty() && consumes.iter().all(|name| kind(name) == BodyKind::Multipart);
        let (media_type, kind) = if has_file || only_multipart {
            ("multipart/form-data", BodyKind::Multipart)
        } else {
            ("application/x-www-form-urlencoded", BodyKind::Form)
        };
        let mut body = Body { media_type: media_type.to_owned(), kind, ..Body::default() };
        for found in fields {
            let mut own = found.member.clone();
            for word in ["name", "in", "required", "collectionFormat", "allowEmptyValue"] {
                own.remove(word);
            }
            let mut schema = self.schemas.convert(&Value::Object(own), &found.at);
            describe(&mut schema, found);
            let constant = only_value(&schema, found.flag("required"));
            let style = Some(collection(found, Place::Query));
            let input = inputs.add(found.name, schema, found.flag("required"), constant.is_some(), "form");
            body.fields.push(BodyField {
                name: found.name.to_owned(),
                input,
                style,
                constant,
                ..BodyField::default()
            });
        }
        Some(body)
    }

    /// The schema of the answer to a request that went well, where it is JSON.
    pub(super) fn answer(&mut self, operation: &Map<String, Value>, at: &str) -> Option<Answer> {
        let responses = operation.get("responses")?.as_object()?;
        let codes = ["200", "201", "202", "203", "2XX", "2xx", "206", "default"];
        let (code, given) = codes.iter().find_map(|code| Some((*code, responses.get(*code)?)))?;
        let at = child(&child(at, "responses"), code);
        let document = self.document;
        let (given, at) = match document.follow(given, &at) {
            Ok(found) => found,
            Err((reason, reference)) => {
                self.schemas.tell_dead(&reference, &at, &reason);
                return None;
            }
        };
        if document.version == Version::V2 {
            let schema = given.get("schema")?;
            let schema = self.schemas.convert(schema, &child(&at, "schema"));
            return Some(Answer { schema, is_xml: false });
        }
        let content = given.get("content")?.as_object()?;
        let of = |is: &dyn Fn(&str) -> bool| content.iter().find(|(name, _)| is(name));
        let json = of(&|name| kind(name) == BodyKind::Json);
        let (media_type, member) = json.or_else(|| of(&crate::xml::is_xml))?;
        let schema = member.get("schema")?;
        let at = child(&child(&child(&at, "content"), media_type), "schema");
        let schema = self.schemas.convert(schema, &at);
        Some(Answer { schema, is_xml: json.is_none() })
    }
}

/// What an operation answers.
pub(super) struct Answer {
    pub(super) schema: Value,
    /// Whether it is written in XML.
    pub(super) is_xml: bool,
}

/// `encoding` of a form's member (OpenAPI 3.1 section 4.8.15).
fn encode(field: &mut BodyField, encoding: &Value) {
    let content_type = encoding.get("contentType").and_then(Value::as_str).unwrap_or_default();
    field.as_json = content_type.contains("json");
    // Several types, or a range of them, are what a file may be and nothing that can be sent.
    let is_one = !content_type.is_empty() && !content_type.contains(['*', ',', '\r', '\n']);
    field.media_type = is_one.then(|| content_type.to_owned());
    let style = match encoding.get("style").and_then(Value::as_str) {
        Some("spaceDelimited") => Style::SpaceDelimited,
        Some("pipeDelimited") => Style::PipeDelimited,
        Some("deepObject") => Style::DeepObject,
        Some("form") => Style::Form,
        _ => return,
    };
    let explode = encoding.get("explode").and_then(Value::as_bool).unwrap_or(style == Style::Form);
    field.style = Some((style, explode));
}

/// How a media type is written.
pub(super) fn kind(media_type: &str) -> BodyKind {
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match name.as_str() {
        "application/x-www-form-urlencoded" => BodyKind::Form,
        name if name.starts_with("multipart/") => BodyKind::Multipart,
        "application/json" | "text/json" | "*/*" | "application/*" => BodyKind::Json,
        // AWS names its JSON protocols so (Smithy, AWS JSON 1.0 and 1.1).
        name if name.ends_with("+json") || name.starts_with("application/x-amz-json-") => BodyKind::Json,
        name if name.starts_with("text/") || name.ends_with("xml") || name.ends_with("yaml") => {
            BodyKind::Text
        }
        "application/graphql" | "application/x-ndjson" | "application/jsonl" | "application/sql" => {
            BodyKind::Text
        }
        _ => BodyKind::Binary,
    }
}

/// Which media type is used where there are several: the one that people can fill in best.
fn rank(media_type: &str) -> u8 {
    match kind(media_type) {
        BodyKind::Json if media_type.starts_with("application/json") => 0,
        BodyKind::Json => 1,
        BodyKind::Form => 2,
        BodyKind::Multipart => 3,
        BodyKind::Text => 4,
        BodyKind::Binary => 5,
    }
}

fn preferred(content: &Map<String, Value>) -> Option<(&String, &Value)> {
    content.iter().min_by_key(|(name, _)| rank(name))
}
