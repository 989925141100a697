//! What the API answers stands in its description: nothing is left out, nothing is missing, nothing is of another type.

use flero_engine::{LiveEvent, NodeState};
use flero_model::{
    ApiKeyId, CredentialId, ExecutionId, Timestamp, UserId, WorkflowId,
    audit::{Actor, AuditDetail},
    execution::{ErrorInfo, ExecutionStatus, NodeStatus, TriggerKind},
};
use flero_testing::{Answer, PASSWORD, TestServer};
use serde_json::{Map, Value, json};

use crate::{
    every_route::{Operation, call, concrete, kind, operations, with_object},
    matrix,
};

struct Description(Value);

impl Description {
    fn new() -> Self {
        Self(serde_json::to_value(flero_api::description()).unwrap())
    }

    fn component(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    /// The schema of an answer; `None` where it has no body, or one that is no JSON.
    fn answer(&self, operation: &Operation, answer: &Answer) -> Option<&Value> {
        let answers = &self.0["paths"][&operation.path][operation.method.to_lowercase()]["responses"];
        let status = if answer.status.is_client_error() { "4XX" } else { answer.status.as_str() };
        let kind = answer.headers.get("content-type")?.to_str().unwrap();
        let schema = &answers[status]["content"][kind]["schema"];
        kind.ends_with("json").then_some(schema)
    }

    fn resolved<'d>(&'d self, schema: &'d Value) -> &'d Value {
        match schema["$ref"].as_str() {
            Some(place) => self.component(place.rsplit('/').next().unwrap()),
            None => schema,
        }
    }

    /// The members that a schema describes with those of its parts, and the names of those that have to be there.
    fn members<'d>(&'d self, schema: &'d Value, all: &mut Map<String, Value>, needed: &mut Vec<&'d str>) {
        let schema = self.resolved(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.members(part, all, needed);
        }
        all.extend(
            schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, of)| (name.clone(), of.clone())),
        );
        needed.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
    }

    /// What of a value the schema does not know or misses.
    fn faults(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let schema = self.resolved(schema);
        if let Some(ways) = schema["oneOf"].as_array() {
            let ways = ways.iter().map(|way| self.faults(way, value, at));
            return ways.min_by_key(Vec::len).unwrap_or_default();
        }
        if !is_of(&schema["type"], value)
            || schema["enum"].as_array().is_some_and(|words| !words.contains(value))
        {
            return vec![format!("{at}: {value} is not {schema}")];
        }
        match value {
            Value::Object(given) => self.faults_of_object(schema, given, at),
            Value::Array(items) => {
                let faults = |(place, item)| self.faults(&schema["items"], item, &format!("{at}/{place}"));
                items.iter().enumerate().flat_map(faults).collect()
            }
            _ => Vec::new(),
        }
    }

    fn faults_of_object(&self, schema: &Value, given: &Map<String, Value>, at: &str) -> Vec<String> {
        let (mut members, mut needed) = (Map::new(), Vec::new());
        self.members(schema, &mut members, &mut needed);
        let missing = needed.into_iter().filter(|name| !given.contains_key(*name));
        let mut faults: Vec<String> = missing.map(|name| format!("{at}/{name} is missing")).collect();
        let more = &schema["additionalProperties"];
        // An object without any word about its members is meant to be open.
        let is_open = members.is_empty() && more.is_null();
        for (name, value) in given {
            let at = format!("{at}/{name}");
            match members.get(name) {
                Some(member) => faults.extend(self.faults(member, value, &at)),
                None if more.is_object() => faults.extend(self.faults(more, value, &at)),
                None if is_open => {}
                None => faults.push(format!("{at} is not described")),
            }
        }
        faults
    }

    #[track_caller]
    fn fits(&self, component: &str, value: &impl serde::Serialize) {
        let value = serde_json::to_value(value).unwrap();
        assert_eq!(self.faults(self.component(component), &value, component), Vec::<String>::new());
    }
}

/// Whether a value is of a type, or of one of a list; everything is where no type is named.
fn is_of(kind: &Value, value: &Value) -> bool {
    match kind {
        Value::String(kind) => match kind.as_str() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => panic!("{other} is no type"),
        },
        Value::Array(kinds) => kinds.iter().any(|kind| is_of(kind, value)),
        _ => true,
    }
}

/// Ends the session that asks, or never ends itself.
fn is_left_out(operation: &Operation) -> bool {
    let path = operation.path.as_str();
    path.ends_with("/events")
        || ["/api/auth/logout", "/api/me", "/api/me/sessions", "/api/me/password"].contains(&path)
            && operation.method != "GET"
        || operation.method == "DELETE"
}

/// Operations that refuse a call without more than their object and a body: of them, only what a refusal says is held
/// against the description. Of every other one, a good answer is.
const REFUSED: &[&str] = &[
    "GET /api/auth/openid/{id}/callback",
    "GET /api/credentials/oauth/{attemptId}",
    "GET /api/organization/identity-providers/{id}",
    "GET /api/practice",
    "GET /api/proxy/{credentialId}/{host}/{path}",
    "GET /api/scim/v2/Groups/{id}",
    "GET /api/scim/v2/Schemas/{name}",
    "GET /api/workflows/{id}/event",
    "GET /oauth/callback/{name}",
    "GET /oauth/done/{attemptId}",
    "GET /webhook/events/{id}",
    "GET /webhook/{path}",
    "HEAD /api/proxy/{credentialId}/{host}/{path}",
    "HEAD /webhook/events/{id}",
    "HEAD /webhook/{path}",
    "OPTIONS /api/proxy/{credentialId}/{host}/{path}",
    "OPTIONS /webhook/{path}",
    "PATCH /api/me/passkeys/{id}",
    "PATCH /api/organization/identity-providers/{id}",
    "PATCH /api/proxy/{credentialId}/{host}/{path}",
    "PATCH /api/scim/v2/Groups/{id}",
    "PATCH /webhook/{path}",
    "POST /api/auth/invite",
    "POST /api/auth/login",
    "POST /api/auth/mfa",
    "POST /api/auth/mfa/passkey",
    "POST /api/auth/openid/start",
    "POST /api/auth/passkey",
    "POST /api/auth/register",
    "POST /api/auth/sign-up",
    "POST /api/auth/step-up",
    "POST /api/auth/step-up/passkey",
    "POST /api/connectors/{connector}/events/{event}/options/{input}",
    "POST /api/connectors/{connector}/operations/{operation}/options/{input}",
    "POST /api/credentials/{id}/rollback",
    "POST /api/credentials/{id}/rotate",
    "POST /api/credentials/{id}/scope",
    "POST /api/credentials/{id}/test",
    "POST /api/executions/{id}/cancel",
    "POST /api/marketplace/installed/{package}/rollback",
    "POST /api/marketplace/packages/{registry}/{package}/install",
    "POST /api/marketplace/registries",
    "POST /api/me/identities",
    "POST /api/me/invites",
    "POST /api/me/passkeys",
    "POST /api/me/recovery-codes",
    "POST /api/me/totp/confirm",
    "POST /api/notifications/webhooks/{id}/test",
    "POST /api/oauth-apps",
    "POST /api/organization/identity-providers",
    "POST /api/proxy/{credentialId}/{host}/{path}",
    "POST /api/scope-requests/{id}/approve",
    "POST /api/workspaces/{id}/transfer",
    "POST /webhook/events/{id}",
    "POST /webhook/{path}",
    "PUT /api/proxy/{credentialId}/{host}/{path}",
    "PUT /api/scim/v2/Groups/{id}",
    "PUT /api/scim/v2/Users/{id}",
    "PUT /api/workflows/{id}/event/secret",
    "PUT /webhook/{path}",
];

#[tokio::test]
async fn every_answer_is_as_it_is_described() {
    let server = TestServer::start().await;
    let objects = matrix::objects(&server).await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let description = Description::new();
    let mut all: Vec<Operation> =
        operations().into_iter().filter(|operation| !is_left_out(operation)).collect();
    // What is read is read before anything changes.
    all.sort_by_key(|operation| operation.method != "GET");
    let mut refused = Vec::new();
    for operation in &all {
        let path = match objects[kind(operation)].as_str() {
            Some(id) => with_object(operation, id).unwrap_or_else(|| concrete(operation)),
            None => concrete(operation),
        };
        let path = path.replace("{connector}", "github").replace("{operation}", "issues%2Fcreate");
        let path = path.replace("ResourceTypes/{name}", "ResourceTypes/User");
        let path = path.replace("{registry}", "community").replace("{package}", "frankfurter");
        let answer = call(&owner, operation, &path).await;
        let label = format!("{} {}", operation.method, operation.path);
        if let Some(schema) = description.answer(operation, &answer) {
            assert!(schema.is_object(), "{label} answers {} as it is not described", answer.status);
            assert_eq!(description.faults(schema, &answer.json(), ""), Vec::<String>::new(), "{label}");
        }
        refused.extend((!answer.status.is_success()).then_some(label));
    }
    refused.sort_unstable();
    assert_eq!(refused, REFUSED);
}

#[test]
fn what_answers_seldom_hold_is_as_it_is_described() {
    let description = Description::new();
    let (at, user, execution) = (Timestamp::from_millis(0), UserId::from_u128(1), ExecutionId::from_u128(2));
    for actor in [
        Actor::User { user },
        Actor::ApiKey { user, key: ApiKeyId::from_u128(3) },
        Actor::Run { execution, user },
        Actor::System,
    ] {
        description.fits("Actor", &actor);
    }
    let text = || Some("x".to_owned());
    let detail = AuditDetail {
        credential: Some(CredentialId::from_u128(4)),
        secret_revision: Some(1),
        workflow: Some(WorkflowId::from_u128(5)),
        version: Some(1),
        execution: Some(execution),
        node: text(),
        attempt: Some(1),
        host: text(),
        purpose: text(),
        outcome: text(),
        status: Some(200),
        from: text(),
        to: text(),
        fields: vec!["x".into()],
        name: text(),
        count: Some(1),
    };
    description.fits("AuditDetail", &detail);
    for trigger in [
        TriggerKind::Manual,
        TriggerKind::Webhook,
        TriggerKind::Schedule,
        TriggerKind::Event,
        TriggerKind::SubWorkflow { parent: execution },
        TriggerKind::Error { failed: execution },
        TriggerKind::Replay { of: execution },
        TriggerKind::Test,
    ] {
        description.fits("RunTrigger", &trigger);
    }
    let error = || Some(ErrorInfo::new("http.status", "x"));
    let (status, node_id, iteration) = (ExecutionStatus::Failed, "n".to_owned(), vec![0]);
    let node =
        NodeState { node_id: node_id.clone(), iteration: iteration.clone(), status: NodeStatus::Failed };
    for event in [
        LiveEvent::Snapshot { status, nodes: vec![node], error: error(), at },
        LiveEvent::NodeStarted { node_id: node_id.clone(), iteration: iteration.clone(), attempt: 1, at },
        LiveEvent::AttemptFailed {
            node_id: node_id.clone(),
            iteration: iteration.clone(),
            attempt: 1,
            error: ErrorInfo::new("http.status", "x"),
            next_at: at,
            at,
        },
        LiveEvent::NodeFinished {
            node_id,
            iteration,
            status: NodeStatus::Failed,
            port: text(),
            error: error(),
            at,
        },
        LiveEvent::StatusChanged { status, at },
        LiveEvent::Finished { status, error: error(), at },
    ] {
        description.fits("ExecutionEvent", &event);
    }
}

/// Objects whose members are data of others, so that nothing can be said of them.
const OPEN: &[&str] = &[
    // Of connectors' descriptions: parameters and secrets of credentials, inputs of operations, parameters of nodes.
    "parameters",
    "data",
    "input",
    "inputs",
    // What expressions are tried with.
    "nodes",
    "roots",
    // Of WebAuthn, of TUF.
    "credential",
    "options",
    "root",
];

/// Whole documents that another specification describes: OpenAPI, and RFC 7643 sections 5 to 7.
const DOCUMENTS: &[&str] = &[
    "/api/openapi.json/",
    "/api/connectors/import/post/requestBody/",
    "/ServiceProviderConfig/",
    "/ResourceTypes",
    "/Schemas",
    "/ScimList_Object/",
];

/// An object that says nothing of its members makes a type by hand in every client.
#[test]
fn no_object_of_the_description_is_open_without_a_reason() {
    fn open(value: &Value, name: &str, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                let is_object = match members.get("type") {
                    Some(Value::String(kind)) => kind == "object",
                    Some(Value::Array(kinds)) => kinds.contains(&json!("object")),
                    _ => false,
                };
                let says = ["properties", "additionalProperties", "allOf", "oneOf"];
                if is_object
                    && !says.iter().any(|word| members.contains_key(*word))
                    && !OPEN.contains(&name)
                    && !DOCUMENTS.iter().any(|document| at.contains(document))
                {
                    found.push(at.to_owned());
                }
                for (key, value) in members {
                    let name = if key == "items" { name } else { key };
                    open(value, name, &format!("{at}/{key}"), found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| open(item, name, at, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    open(&Description::new().0, "", "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}
