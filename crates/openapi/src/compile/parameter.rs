//! Parameters of every version: where they go, how they are written, what they take.

use serde_json::{Map, Value, json};

use super::Work;
use crate::{
    connector::{Parameter, Place, Style},
    document::{Version, child, reference},
    limits::{MAX_DESCRIPTION_BYTES, MAX_PARAMETERS},
    names,
};

/// A parameter as the document has it.
#[derive(Debug)]
pub(super) struct Found<'d> {
    pub(super) name: &'d str,
    /// `path`, `query`, `header`, `cookie`, `querystring`; of Swagger 2.0 `body` and `formData` too.
    pub(super) place: &'d str,
    pub(super) member: &'d Map<String, Value>,
    pub(super) at: String,
}

impl Found<'_> {
    pub(super) fn flag(&self, name: &str) -> bool {
        self.member.get(name) == Some(&Value::Bool(true))
    }

    fn text(&self, name: &str) -> &str {
        self.member.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Header fields that are no parameters (OpenAPI 3.1 section 4.8.12.2): the body and the credential decide them.
const NOT_PARAMETERS: &[&str] = &["accept", "content-type", "authorization"];

impl<'d> Work<'d> {
    /// Reads a list of parameters; what is none is told and left out.
    pub(super) fn found_parameters(&mut self, list: Option<&'d Value>, at: &str) -> Vec<Found<'d>> {
        let Some(Value::Array(list)) = list else { return Vec::new() };
        if list.len() > MAX_PARAMETERS {
            let reason = format!("At most {MAX_PARAMETERS} parameters of one list are taken.");
            self.report().leave_out(format!("{at}/{MAX_PARAMETERS}"), reason);
        }
        let mut all = Vec::new();
        for (place, given) in list.iter().take(MAX_PARAMETERS).enumerate() {
            let at = format!("{at}/{place}");
            let document = self.document;
            let (value, at) = match document.follow(given, &at) {
                Ok(found) => found,
                Err((reason, _)) => {
                    let shown: String = reference(given).unwrap_or_default().chars().take(200).collect();
                    self.report()
                        .leave_out(at, format!("The parameter is a reference, {shown}, which {reason}."));
                    continue;
                }
            };
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            let (name, place) = (text("name"), text("in"));
            let known = ["path", "query", "header", "cookie", "querystring", "body", "formData"];
            let Some(member) = value.as_object().filter(|_| !name.is_empty() && known.contains(&place))
            else {
                self.report()
                    .leave_out(at, "A parameter needs `name` and `in`; without them it is not sent.");
                continue;
            };
            if place == "header" && NOT_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            all.push(Found { name, place, member, at });
        }
        all
    }

    /// A parameter that is no part of the body, and the schema of its value.
    pub(super) fn parameter(&mut self, found: &Found<'_>) -> (Parameter, Value) {
        let place = match found.place {
            "path" => Place::Path,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            "querystring" => Place::QueryString,
            _ => Place::Query,
        };
        let (style, explode) =
            if self.document.version == Version::V2 { collection(found, place) } else { style(found, place) };
        let mut parameter =
            Parameter { name: found.name.to_owned(), place, style, explode, ..Parameter::default() };
        // OpenAPI 3.1 has `allowReserved` for the query alone.
        parameter.allow_reserved = found.flag("allowReserved") || found.flag("x-flero-reserved");
        let mut schema = self.value_schema(found, &mut parameter);
        describe(&mut schema, found);
        parameter.constant = only_value(&schema, found.flag("required"));
        (parameter, schema)
    }

    fn value_schema(&mut self, found: &Found<'_>, parameter: &mut Parameter) -> Value {
        if let Some(schema) = found.member.get("schema") {
            return self.schemas.convert(schema, &child(&found.at, "schema"));
        }
        if let Some(Value::Object(content)) = found.member.get("content") {
            let Some((media_type, member)) = content.iter().next() else { return json!({}) };
            let at = child(&child(&found.at, "content"), media_type);
            parameter.as_json = media_type.contains("json");
            return match member.get("schema") {
                Some(schema) => self.schemas.convert(schema, &child(&at, "schema")),
                None => json!({}),
            };
        }
        // Swagger 2.0: the parameter itself is the schema, but for words that mean something else there.
        let mut own = found.member.clone();
        for word in ["name", "in", "required", "description", "collectionFormat", "allowEmptyValue"] {
            own.remove(word);
        }
        self.schemas.convert(&Value::Object(own), &found.at)
    }
}

/// The description of a parameter counts more than that of its schema.
pub(super) fn describe(schema: &mut Value, found: &Found<'_>) {
    if let Value::Bool(true) = schema {
        *schema = json!({});
    }
    let Value::Object(schema) = schema else { return };
    let text = names::plain(found.text("description"), MAX_DESCRIPTION_BYTES);
    if !text.is_empty() {
        schema.insert("description".to_owned(), json!(text));
    }
    if found.flag("deprecated") {
        schema.insert("deprecated".to_owned(), json!(true));
    }
    if let Some(example) =
        found.member.get("example").filter(|example| example.is_string() || example.is_number())
    {
        schema.entry("examples").or_insert_with(|| json!([example]));
    }
}

/// The one value that a required input can have; nobody needs to be asked for it.
pub(super) fn only_value(schema: &Value, is_required: bool) -> Option<Value> {
    if !is_required {
        return None;
    }
    match (schema.get("const"), schema.get("enum").and_then(Value::as_array).map(Vec::as_slice)) {
        (Some(value), _) => Some(value.clone()),
        (None, Some([value])) => Some(value.clone()),
        _ => None,
    }
}

/// `style` and `explode` of OpenAPI 3 with their defaults (3.1 section 4.8.12.2.1).
fn style(found: &Found<'_>, place: Place) -> (Style, bool) {
    let style = match found.text("style") {
        "matrix" => Style::Matrix,
        "label" => Style::Label,
        "simple" => Style::Simple,
        "form" => Style::Form,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        "cookie" => Style::Cookie,
        _ if matches!(place, Place::Path | Place::Header) => Style::Simple,
        _ => Style::Form,
    };
    let explode = match found.member.get("explode") {
        Some(Value::Bool(explode)) => *explode,
        _ => matches!(style, Style::Form | Style::Cookie),
    };
    (style, explode)
}

/// `collectionFormat` of Swagger 2.0.
pub(super) fn collection(found: &Found<'_>, place: Place) -> (Style, bool) {
    let in_path = matches!(place, Place::Path | Place::Header);
    match found.text("collectionFormat") {
        "multi" => (Style::Form, true),
        "ssv" => (Style::SpaceDelimited, false),
        "tsv" => (Style::TabDelimited, false),
        "pipes" => (Style::PipeDelimited, false),
        _ if in_path => (Style::Simple, false),
        _ => (Style::Form, false),
    }
}
