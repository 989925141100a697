//! What people see of a connector.

use std::collections::BTreeMap;

use flero_model::service::{AuthKind, Field, HostRule};
use flero_openapi::{
    Pack, Result, Summary,
    connector::Operation,
    extension::{DynamicOptions, OperationHints},
    summary::OperationSummary,
    validate::closed,
};
use serde::Serialize;
use serde_json::Value;

/// A connector with its operations.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorView {
    /// What lists show.
    #[serde(flatten)]
    pub summary: Summary,
    /// Where the service documents its API.
    pub documentation: Option<String>,
    /// Where requests go.
    pub base_url: String,
    /// The parameters of the connection.
    pub connection: Vec<Field>,
    /// The hosts that a credential may be sent to.
    pub hosts: Vec<HostRule>,
    /// The ways to authenticate, with the fields of each.
    pub auth: Vec<AuthKind>,
    /// Every permission with the reason for it.
    pub permissions: BTreeMap<String, String>,
    /// The operations.
    pub operations: Vec<OperationSummary>,
    /// The events.
    pub triggers: Vec<TriggerView>,
    /// How to get a credential, and more: Markdown.
    pub guide: String,
}

/// An event.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerView {
    /// Its identifier.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it tells.
    pub description: String,
    /// What it brings.
    pub payload: Option<Value>,
    /// The way in which it comes: `registered`, `manual` or `polling`; none when a workflow cannot wait for it.
    pub way: Option<&'static str>,
    /// The inputs: a JSON Schema of an object, with everything that it names in `$defs`.
    pub input: Value,
    /// Where the choices of inputs come from, by input.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, DynamicOptions>,
    /// Whether the secret of its signatures is a field of the credential.
    pub secret_in_credential: bool,
}

impl ConnectorView {
    pub(super) fn of(pack: &Pack) -> Result<Self> {
        let connector = pack.connector();
        let mut triggers = Vec::new();
        for trigger in pack.triggers()? {
            let payload = match trigger.payload {
                Some(payload) => Some(closed(&payload, &pack.schemas_of(&payload)?)),
                None => None,
            };
            let (id, name, description) = (trigger.id, trigger.name, trigger.description);
            let hints = trigger.hints.unwrap_or_default();
            let rule = hints.verification.as_ref();
            let input = pack.event_input(&hints)?;
            triggers.push(TriggerView {
                id,
                name,
                description,
                payload,
                way: hints.way().map(flero_openapi::events::Way::as_str),
                input: closed(&input, &pack.schemas_of(&input)?),
                options: pack.event_options(&hints)?,
                secret_in_credential: rule.is_some_and(|rule| rule.credential_field().is_some()),
            });
        }
        Ok(Self {
            summary: pack.summary().clone(),
            documentation: connector.documentation.clone(),
            base_url: connector.base_url.clone(),
            connection: connector.connection.clone(),
            hosts: connector.hosts.clone(),
            auth: connector.auth.clone(),
            permissions: connector.flero.permissions.clone(),
            operations: pack.operations().cloned().collect(),
            triggers,
            guide: pack.guide().to_owned(),
        })
    }
}

/// An operation with everything that a form needs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationView {
    /// What lists show.
    #[serde(flatten)]
    pub summary: OperationSummary,
    /// What it does.
    pub description: String,
    /// The inputs: a JSON Schema of an object, with everything that it names in `$defs`.
    pub input: Value,
    /// The answer's body: a JSON Schema.
    pub output: Option<Value>,
    /// The alternatives of authentication: schemes with scopes.
    pub security: Vec<Vec<(String, Vec<String>)>>,
    /// Order of inputs, pagination, dynamic options, the example.
    pub hints: OperationHints,
}

impl OperationView {
    pub(super) fn of(pack: &Pack, operation: Operation) -> Result<Self> {
        let input = closed(&operation.input, &pack.schemas_of(&operation.input)?);
        let output = match &operation.output {
            Some(output) => Some(closed(output, &pack.schemas_of(output)?)),
            None => None,
        };
        let summary = OperationSummary::of(&operation);
        let (description, security, hints) = (operation.description, operation.security, operation.hints);
        Ok(Self { summary, description, input, output, security, hints })
    }
}
