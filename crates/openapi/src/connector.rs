//! A compiled connector: what a document becomes, without what only its authors needed.
//!
//! Everything is plain data that serializes compactly; [`crate::pack`] stores each operation and each schema on its
//! own. Schemas are JSON Schema 2020-12 whatever the document's version was, and name each other as `#/$defs/NAME`.

mod named;

use flero_model::service::{AuthKind, Field, HostRule, Service, Template};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::named::NamedSchemas;
use crate::extension::{Flero, OperationHints};

/// A compiled connector.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Connector {
    /// The name for people, of `info.title`.
    pub name: String,
    /// What it is, of `info.summary` or `info.description`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The version of the service's API, of `info.version`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Where the service documents its API, of `externalDocs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Where it is called, without a slash at its end. Places in braces are parameters of the connection.
    pub base_url: String,
    /// The parameters of the connection that the base addresses name; none of them is secret.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connection: Vec<Field>,
    /// The hosts that credentials may be sent to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<HostRule>,
    /// How requests are authenticated, in the order of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<AuthKind>,
    /// What `x-flero` says at the top.
    #[serde(skip_serializing_if = "Flero::is_default")]
    pub flero: Flero,
    /// What can be called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operation>,
    /// What it tells by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// The schemas that operations and other schemas name. They stand beside it in a [`crate::pack`].
    #[serde(skip)]
    pub schemas: NamedSchemas,
}

/// Something that can be called.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Operation {
    /// The vendor's `operationId`, or one made of method and path. Unique in the connector.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The group that it is shown in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// What it does, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether the vendor advises against using it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path with `{placeholders}`, without a query.
    pub path: String,
    /// A base address of its own, instead of the connector's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Where the inputs go that are no part of the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// What it takes: a schema of an object whose properties are the inputs.
    pub input: Value,
    /// What it answers, where the document says so: a schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// Whether it answers in XML, which is read by that schema.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub answers_xml: bool,
    /// The alternatives of authentication, each a list of scheme and scopes. Empty: none is needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<Vec<(String, Vec<String>)>>,
    /// What `x-flero-operation` says.
    #[serde(skip_serializing_if = "OperationHints::is_default")]
    pub hints: OperationHints,
}

impl Connector {
    /// What credentials need to know of it; `id` is the name of its folder or of its import.
    ///
    /// `None` when its base address is no template of a service, which compiling makes sure of.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<Service> {
        Some(Service {
            id: id.to_owned(),
            name: self.name.clone(),
            base_url: Template::new(self.base_url.clone()).ok()?,
            hosts: self.hosts.clone(),
            auth: self.auth.clone(),
            docs: self.documentation.iter().cloned().collect(),
        })
    }
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// A segment of the path, or a part of one.
    Path,
    /// A parameter of the query.
    #[default]
    Query,
    /// The whole query (OpenAPI 3.2 `querystring`).
    QueryString,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
}

/// How an array or object is written as text (OpenAPI 3.1 section 4.8.12.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Style {
    /// `;name=value`, RFC 6570 section 3.2.7.
    Matrix,
    /// `.value`, RFC 6570 section 3.2.5.
    Label,
    /// `a,b`, RFC 6570 section 3.2.2.
    Simple,
    /// `name=value`, RFC 6570 section 3.2.8.
    #[default]
    Form,
    /// `a b`, one parameter.
    SpaceDelimited,
    /// `a|b`, one parameter.
    PipeDelimited,
    /// `a\tb`, one parameter: `tsv` of Swagger 2.0.
    TabDelimited,
    /// `name[key]=value`.
    DeepObject,
    /// As in `Cookie: a=1; b=2` without percent-encoding (OpenAPI 3.2).
    Cookie,
}

/// A parameter of a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// The name of the input; empty when it is the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub input: String,
    /// Where it goes.
    pub place: Place,
    /// How arrays and objects are written.
    pub style: Style,
    /// Whether every element is written on its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub explode: bool,
    /// Whether reserved signs stay as they are (RFC 3986 section 2.2).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_reserved: bool,
    /// The value is written as JSON (a `content` of `application/json`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub as_json: bool,
    /// The only value that there is; then it is no input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<Value>,
}

impl Parameter {
    /// The name of the input that gives its value.
    #[must_use]
    pub fn input(&self) -> &str {
        if self.input.is_empty() { &self.name } else { &self.input }
    }
}

/// How a body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BodyKind {
    /// JSON.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// Text of any kind, XML too.
    Text,
    /// Bytes: a file.
    Binary,
}

/// The body of a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Body {
    /// What `Content-Type` says.
    pub media_type: String,
    /// How it is written.
    pub kind: BodyKind,
    /// The input that holds all of it. `None`: its members are inputs of their own, in `fields`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Its members, where they are inputs of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<BodyField>,
    /// Whether inputs that are not listed are members too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// Whether a request without a body is refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// A member of a body that is an input of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BodyField {
    /// The name on the wire.
    pub name: String,
    /// The name of the input; empty when it is the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub input: String,
    /// How an array or object is written in a form; `None`: the default of the body's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<(Style, bool)>,
    /// Its value is written as JSON within a form or part.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub as_json: bool,
    /// The media type of its part, where the document names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The only value that there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<Value>,
}

impl BodyField {
    /// The name of the input that gives its value.
    #[must_use]
    pub fn input(&self) -> &str {
        if self.input.is_empty() { &self.name } else { &self.input }
    }
}

/// An event that a service tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Trigger {
    /// Its name under `webhooks`.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it tells, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it brings, where the document says so: a schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
    /// What `x-flero-trigger` says; without it the event cannot be registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hints: Option<crate::extension::TriggerHints>,
}
