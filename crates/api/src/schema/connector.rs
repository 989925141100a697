//! Connectors, their operations and events.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Where a connector comes from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConnectorTier {
    /// Written and checked by the project.
    Curated,
    /// Known how to authenticate at; operations are those that people make of it.
    Known,
    /// Made of a document that somebody imported.
    Imported,
    /// Installed from a registry.
    Marketplace,
}

/// A connector in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorSummary {
    /// Its identifier.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it is, in a sentence or two.
    pub description: String,
    /// Where it comes from.
    pub tier: ConnectorTier,
    /// What kind of service it is.
    pub category: String,
    /// Other words by which it is found.
    pub keywords: Vec<String>,
    /// The brand's colour as `#rrggbb`; null where it is not known.
    #[schema(required)]
    pub color: Option<String>,
    /// The version of the service's API.
    pub version: String,
    /// The auth types of its credentials.
    pub auth_types: Vec<String>,
    /// How many operations there are.
    pub operation_count: u64,
    /// How many events there are.
    pub event_count: u64,
}

/// A connector with its ways to authenticate, its operations and its events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connector {
    /// What lists show.
    #[serde(flatten)]
    pub summary: ConnectorSummary,
    /// Where the service documents its API.
    #[schema(required)]
    pub documentation: Option<String>,
    /// Where requests go; places in braces are filled in from the credential.
    pub base_url: String,
    /// The parameters of the connection.
    pub connection: Vec<ConnectorField>,
    /// The hosts that a credential may be sent to.
    pub hosts: Vec<HostRule>,
    /// The ways to authenticate, the one that is offered first at the beginning.
    pub auth: Vec<AuthKind>,
    /// Every permission with the reason for it.
    pub permissions: BTreeMap<String, String>,
    /// The operations.
    pub operations: Vec<OperationSummary>,
    /// The events.
    pub triggers: Vec<ConnectorEvent>,
    /// How to get a credential, and more: Markdown.
    pub guide: String,
}

/// A host of a service.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostRule {
    /// The host, `api.example.com` or with a parameter, `{subdomain}.example.com`; `:port` may follow.
    pub host: String,
    /// Who decides what it is.
    pub class: HostClass,
}

/// Who decides what a host is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum HostClass {
    /// The description.
    Fixed,
    /// The person, but only one label inside a fixed domain.
    Label,
    /// The person, out of the choices of a field.
    Listed,
    /// The service, in its token answer, and only inside the domain that the description names.
    Told,
    /// The person, freely: a server of their own.
    Typed,
}

/// A way to authenticate, in the words of `docs/connectors/format.md`; these members are what forms show.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthKind {
    /// Unique within the connector.
    pub id: String,
    /// The auth type of its credentials.
    pub auth_type: String,
    /// What people call it, for example `Personal access token`.
    pub name: String,
    /// What is asked of a person, in this order.
    pub fields: Vec<ConnectorField>,
    /// Parameters that every credential of it has, and nobody is asked for.
    #[schema(required = false)]
    pub parameters: BTreeMap<String, Value>,
    /// How the service does OAuth 2.
    #[schema(required = false)]
    pub oauth: ConnectorOauth,
    /// Requests that tell whether a credential works, tried in this order until one says so.
    #[schema(required = false)]
    pub test: Vec<ConnectorTest>,
    /// What else the description says.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// One thing that is asked of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorField {
    /// Its name in `parameters`, or in `data` when it is secret.
    pub name: String,
    /// What the form says.
    pub label: String,
    /// Where to find it, in one or two sentences.
    #[schema(required = false)]
    pub help: String,
    /// Whether it is secret: sealed, never returned.
    pub secret: bool,
    /// Whether it can be left out.
    pub optional: bool,
    /// What it is when left out.
    #[schema(required = false)]
    pub default: String,
    /// The only values that it can have.
    #[schema(required = false)]
    pub choices: Vec<String>,
    /// What it looks like.
    pub format: FieldFormat,
}

/// What a field's value looks like.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldFormat {
    /// One line of text.
    Text,
    /// Several lines, as in a PEM file.
    Multiline,
    /// One label of a host name (RFC 1123).
    HostLabel,
    /// A host name, perhaps with a port.
    Host,
    /// An absolute `https://` address.
    Url,
    /// An e-mail address.
    Email,
}

/// How a service does OAuth 2: its endpoints and ways, of which these members are what forms show.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorOauth {
    /// The grant (RFC 6749 names, or the URN of an extension grant); `authorization_code` when empty.
    pub grant_type: String,
    /// What is asked for, each with its reason.
    pub permissions: Vec<Permission>,
    /// What else the description says.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// One permission (an OAuth scope) with the reason to ask for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Permission {
    /// The scope as the service names it.
    pub scope: String,
    /// Why it is asked for, in one sentence.
    pub reason: String,
    /// Whether a person may untick it.
    pub optional: bool,
}

/// A request that changes nothing at the service, with what a good answer looks like.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorTest {
    /// The method, `GET` or `POST`.
    pub method: String,
    /// The whole address; places in braces are filled in from the parameters.
    pub url: String,
    /// What else the description says.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// An operation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationSummary {
    /// Its identifier.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The group that it is shown in.
    pub group: String,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// Whether the vendor advises against using it.
    #[schema(required = false)]
    pub deprecated: bool,
}

/// An operation with everything that a form needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Operation {
    /// What lists show.
    #[serde(flatten)]
    pub summary: OperationSummary,
    /// What it does.
    pub description: String,
    /// The inputs: a JSON Schema of an object, with everything that it names in `$defs`.
    pub input: Map<String, Value>,
    /// The answer's body: a JSON Schema; null where it is not described.
    #[schema(required)]
    pub output: Option<Value>,
    /// The alternatives of authentication: the schemes that are needed together, each with its scopes.
    #[schema(value_type = Vec<Vec<Vec<Value>>>)]
    pub security: Vec<Vec<(String, Vec<String>)>>,
    /// What a form is told besides.
    pub hints: OperationHints,
}

/// What is known of an operation besides its schemas, in the words of `docs/connectors/format.md`; these members are what
/// forms show.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationHints {
    /// The inputs in the order in which a form shows them first; the others follow.
    #[schema(required = false)]
    pub order: Vec<String>,
    /// An example of a call.
    #[schema(required = false)]
    pub example: OperationExample,
    /// Where the choices of inputs come from, by input.
    #[schema(required = false)]
    pub options: BTreeMap<String, DynamicOptions>,
    /// What else the description says.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// An example of a call.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationExample {
    /// The inputs.
    pub inputs: Map<String, Value>,
    /// The file of the exchange as the vendor documents it.
    #[schema(required = false)]
    pub fixture: String,
}

/// Where the choices of an input come from: an operation, whose answer lists them.
#[derive(Debug, Serialize, ToSchema)]
pub struct DynamicOptions {
    /// The operation that lists them.
    pub operation: String,
    /// What it is called with. A text `{{name}}` stands for the input of that name in the form.
    #[schema(required = false)]
    pub inputs: Map<String, Value>,
    /// Where the items stand: a JSON pointer into the answer.
    pub items: String,
    /// Where an item has its value.
    pub value: String,
    /// Where an item has its text for people.
    pub label: String,
}

/// An event that a workflow may wait for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorEvent {
    /// Its identifier.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it tells.
    pub description: String,
    /// What it brings: a JSON Schema; null where it is not described.
    #[schema(required)]
    pub payload: Option<Value>,
    /// How it comes; null when a workflow cannot wait for it.
    #[schema(required)]
    pub way: Option<EventWay>,
    /// What it asks for: a JSON Schema of an object.
    pub input: Map<String, Value>,
    /// Where the choices of inputs come from, by input.
    #[schema(required = false)]
    pub options: BTreeMap<String, DynamicOptions>,
    /// Whether the secret of its signatures is a field of the credential.
    pub secret_in_credential: bool,
}

/// How an event comes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventWay {
    /// Flero registers the webhook at the service.
    Registered,
    /// A person enters the address at the service.
    Manual,
    /// Flero asks from time to time.
    Polling,
}

/// What an import took over and what it did not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Pairs of method and path that can be called.
    pub operations: u64,
    /// Pairs of method and path that the document has.
    pub total: u64,
    /// Events that the document describes.
    pub events: u64,
    /// What was left out, each with its place.
    pub left_out: Vec<LeftOut>,
    /// How many more there were than are listed.
    #[schema(required = false)]
    pub more_left_out: u64,
}

/// Something that an import left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOut {
    /// Where it stands in the document: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// Why it was left out, a sentence for people.
    pub reason: String,
}

/// The choices of an input.
#[derive(Debug, Serialize, ToSchema)]
pub struct Choices {
    /// In the order in which the service tells them.
    pub items: Vec<Choice>,
    /// Whether there are more than are given.
    pub truncated: bool,
}

/// One choice.
#[derive(Debug, Serialize, ToSchema)]
pub struct Choice {
    /// What the input becomes.
    pub value: Value,
    /// What people see.
    pub label: String,
}
