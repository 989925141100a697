//! One operation: names, parameters, body, answer, security.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{
    TOO_LARGE, Work,
    parameter::Found,
    paths::{Of, Paths, merged},
    weight,
};
use crate::{
    connector::{Connector, Operation, Parameter, Place, Style},
    document::{Version, child},
    extension::OperationHints,
    limits::{MAX_DESCRIPTION_BYTES, MAX_PARAMETERS, MAX_SCHEMES},
    names,
};

/// The inputs of an operation while they are collected.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub(super) properties: Map<String, Value>,
    pub(super) required: Vec<String>,
    taken: HashSet<String>,
}

impl Inputs {
    /// Adds an input and gives its name where that differs from the one on the wire. What has only one value is
    /// no input.
    pub(super) fn add(
        &mut self,
        name: &str,
        schema: Value,
        required: bool,
        constant: bool,
        prefix: &str,
    ) -> String {
        if constant {
            return String::new();
        }
        let free = !self.taken.contains(name);
        let input = if free { name.to_owned() } else { format!("{prefix}_{name}") };
        let input = names::unique(&input, &mut self.taken);
        if required {
            self.required.push(input.clone());
        }
        let schema = if schema == Value::Bool(true) { json!({}) } else { schema };
        self.properties.insert(input.clone(), schema);
        if input == name { String::new() } else { input }
    }

    /// The schema of all inputs.
    fn schema(self, open: bool) -> Value {
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        schema.insert("properties".to_owned(), Value::Object(self.properties));
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), json!(self.required));
        }
        if !open {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        Value::Object(schema)
    }
}

/// Names of header fields and query parameters that hold a secret, without signs between words.
const CREDENTIALS: &[&str] = &[
    "token",
    "apikey",
    "apitoken",
    "accesstoken",
    "authtoken",
    "xapikey",
    "xapitoken",
    "xauthtoken",
    "xaccesstoken",
    "xauthapikey",
    "apiusername",
    "subscriptionkey",
    "ocpapimsubscriptionkey",
];

impl<'d> Work<'d> {
    pub(super) fn operation(
        &mut self,
        of: &Of<'_>,
        given: &'d Map<String, Value>,
        shared: &[Found<'d>],
        connector: &Connector,
        paths: &mut Paths,
    ) {
        let own = self.found_parameters(given.get("parameters"), &child(of.at, "parameters"));
        let all = merged(shared, &own);
        let security = self.security(given);
        let split = split_path(of.path);
        let (method, path) = (of.method.to_owned(), split.path);
        let mut operation = Operation { method, path, security, ..Operation::default() };
        self.label(&mut operation, of, given, paths);
        let mut inputs = Inputs::default();
        for found in all.iter().filter(|found| !matches!(found.place, "body" | "formData")) {
            if self.is_credential(found, paths) {
                continue;
            }
            let (mut parameter, schema) = self.parameter(found);
            // A parameter that stands in no place of the path would be asked for and never sent.
            let placeholders = placeholders(&operation.path);
            if parameter.place == Place::Path && !placeholders.contains(&parameter.name.as_str()) {
                continue;
            }
            let required = found.flag("required") || parameter.place == Place::Path;
            let is_constant = parameter.constant.is_some();
            parameter.input = inputs.add(found.name, schema, required, is_constant, found.place);
            operation.parameters.push(parameter);
        }
        undeclared(&mut operation, &split.reserved, &self.path_keys, &mut inputs);
        for (name, value) in split.constants {
            if operation.parameters.iter().all(|parameter| parameter.name != name) {
                let constant = Some(Value::String(value));
                operation.parameters.push(Parameter { name, constant, ..Parameter::default() });
            }
        }
        operation.body = if self.document.version == Version::V2 {
            self.swagger_body(&all, given, &mut inputs)
        } else {
            self.request_body(given, of.at, &mut inputs)
        };
        if let Some(answer) = self.answer(given, of.at) {
            (operation.output, operation.answers_xml) = (Some(answer.schema), answer.is_xml);
        }
        if given.contains_key("servers") && self.document.version > Version::V2 {
            let base = self.servers(given);
            place_at(&mut operation, &base, connector, paths);
        } else if let Some(base) = of.base {
            place_at(&mut operation, base, connector, paths);
        }
        let open = operation.body.as_ref().is_some_and(|body| body.open);
        operation.input = inputs.schema(open);
        if self.has_room(weight::of_operation(&operation)) {
            paths.operations.push(operation);
        } else {
            self.report().leave_out(of.at, TOO_LARGE);
        }
    }

    fn label(
        &mut self,
        operation: &mut Operation,
        of: &Of<'_>,
        given: &Map<String, Value>,
        paths: &mut Paths,
    ) {
        let text = |name: &str| given.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        let id: String = text("operationId").chars().filter(|sign| !sign.is_control()).take(160).collect();
        let wanted = if id.is_empty() { names::operation_id(of.method, of.path) } else { id.clone() };
        operation.id = names::unique(&wanted, &mut paths.taken);
        let hints = given.get("x-flero-operation");
        operation.hints = hints
            .map(|hints| self.extension::<OperationHints>(hints, &child(of.at, "x-flero-operation")))
            .unwrap_or_default();
        let summary = names::plain(text("summary"), 100);
        operation.name = operation.hints.name.clone().unwrap_or(if summary.is_empty() {
            let name = if id.is_empty() {
                format!("{} {}", of.method, operation.path)
            } else {
                names::humanize(&id)
            };
            if name.is_empty() { operation.id.clone() } else { name }
        } else {
            summary.trim_end_matches('.').to_owned()
        });
        operation.description = names::plain(text("description"), MAX_DESCRIPTION_BYTES);
        operation.deprecated = given.get("deprecated") == Some(&Value::Bool(true));
        let tag =
            given.get("tags").and_then(Value::as_array).and_then(|tags| tags.first()).and_then(Value::as_str);
        operation.group = operation.hints.group.clone().unwrap_or_else(|| match tag {
            Some(tag) => names::plain(tag, 60),
            None => of
                .path
                .split(['/', '#', '?'])
                .find(|part| {
                    let is_version = part
                        .strip_prefix('v')
                        .is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()));
                    !part.is_empty() && !part.contains('{') && !is_version && *part != "api"
                })
                .map(names::humanize)
                .unwrap_or_default(),
        });
    }

    fn security(&self, given: &Map<String, Value>) -> Vec<Vec<(String, Vec<String>)>> {
        let list =
            given.get("security").or_else(|| self.document.root.get("security")).and_then(Value::as_array);
        let scheme = |(name, scopes): (&String, &Value)| {
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            (name.clone(), scopes.collect())
        };
        let read = |one: &Value| one.as_object().map(|one| one.iter().map(scheme).collect());
        list.into_iter().flatten().filter_map(read).collect()
    }

    /// Whether a parameter is the credential itself, which is never an input: it comes from the vault alone.
    fn is_credential(&self, found: &Found<'_>, paths: &mut Paths) -> bool {
        if found.place == "path" {
            return self.path_keys.iter().any(|key| key == found.name);
        }
        if !matches!(found.place, "header" | "query") {
            return false;
        }
        let name: String = found.name.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        if self.is_scheme(found.place, found.name) {
            return true;
        }
        // A page token is no secret; a header of such a name is one, and so is a token beside a security scheme.
        let is_meant = CREDENTIALS.contains(&name.as_str())
            && (found.place == "header" || self.has_schemes && name == "token");
        if is_meant && !self.has_schemes {
            match paths.credential_headers.iter_mut().find(|(known, _)| known == found.name) {
                Some((_, count)) => *count += 1,
                None => paths.credential_headers.push((found.name.to_owned(), 1)),
            }
        }
        is_meant
    }
}

/// Gives an operation its own base address, and the connector what that asks for.
fn place_at(
    operation: &mut Operation,
    base: &super::servers::Base,
    connector: &Connector,
    paths: &mut Paths,
) {
    if base.url == connector.base_url {
        return;
    }
    operation.base_url = Some(base.url.clone());
    for host in &base.hosts {
        if paths.hosts.len() < MAX_PARAMETERS && !paths.hosts.contains(host) {
            paths.hosts.push(host.clone());
        }
    }
    for field in &base.fields {
        if paths.fields.len() < MAX_SCHEMES && paths.fields.iter().all(|known| known.name != field.name) {
            paths.fields.push(field.clone());
        }
    }
}

/// The names in braces of a path.
pub(crate) fn placeholders(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

/// Places of the path that no parameter declares become inputs: without them the request could not be made.
fn undeclared(operation: &mut Operation, reserved: &[String], keys: &[String], inputs: &mut Inputs) {
    let path = operation.path.clone();
    for name in placeholders(&path) {
        let is_declared =
            operation.parameters.iter().any(|known| known.place == Place::Path && known.name == name);
        if !is_declared && !keys.iter().any(|key| key == name) {
            let input = inputs.add(name, json!({ "type": "string" }), true, false, "path");
            let name = name.to_owned();
            let parameter =
                Parameter { name, input, place: Place::Path, style: Style::Simple, ..Parameter::default() };
            operation.parameters.push(parameter);
        }
    }
    for parameter in operation.parameters.iter_mut().filter(|known| known.place == Place::Path) {
        parameter.allow_reserved |= reserved.contains(&parameter.name);
    }
}

/// What a path says besides its segments.
struct Split {
    path: String,
    /// Query parameters that stand in the path: some documents tell operations apart by them, as
    /// `/#Action=SendMessage`.
    constants: Vec<(String, String)>,
    /// Places that keep reserved signs: `{+name}` of RFC 6570 section 3.2.3.
    reserved: Vec<String>,
}

fn split_path(path: &str) -> Split {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let constants = path[end..]
        .split(['?', '#', '&'])
        .filter_map(|part| part.split_once('='))
        .filter(|(name, value)| !name.is_empty() && !value.contains(['{', '}']))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let bare = &path[..end];
    let reserved =
        placeholders(bare).into_iter().filter_map(|name| name.strip_prefix('+')).map(str::to_owned).collect();
    let bare = bare.replace("{+", "{");
    let path = if bare.starts_with('/') { bare } else { format!("/{bare}") };
    Split { path, constants, reserved }
}
