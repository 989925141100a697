//! What must hold before a document is saved or activated.

use flero_model::{
    CredentialId, Timestamp, WorkflowId,
    audit::{AuditAction, AuditDetail},
    organization_policies::OrganizationPolicies,
    policy::{Action, Principal},
    problem::FieldProblem,
    workflow::{Node, NodeType, WorkflowDocument},
};
use serde_json::Value;

use crate::{
    App, Error, Result,
    app::permit,
    pasted_secrets::{self, Warning},
};

/// What is known of a document that is not saved.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// What keeps it from being saved.
    pub problems: Vec<FieldProblem>,
    /// What looks like a pasted secret.
    pub warnings: Vec<Warning>,
    /// The next times at which its ScheduleTrigger would fire; at most [`NEXT_FIRES`].
    pub next_runs: Vec<Timestamp>,
}

/// The parameters of a ScheduleTrigger that say when it fires.
const RHYTHM: &[&str] = &["type", "intervalMs", "cron", "at", "timeZone", "window", "payload"];

/// How many of a schedule's next times are told.
const NEXT_FIRES: usize = 5;

impl App {
    /// Looks at a document as a save would, and saves nothing. That what it refers to exists is not looked at:
    /// every such question is recorded, and this is asked while somebody types.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn check_workflow(&self, who: &Principal, body: &Value) -> Result<Findings> {
        permit(who, Action::CreateWorkflow)?;
        let document = match WorkflowDocument::parse(body) {
            Ok(document) => document,
            Err(problems) => {
                return Ok(Findings { problems, warnings: Vec::new(), next_runs: Vec::new() });
            }
        };
        let mut problems = document.check();
        problems.extend(flero_engine::params::check(&document));
        let schedule = document.nodes.iter().find(|node| node.kind == NodeType::ScheduleTrigger);
        let next_runs = schedule
            .and_then(|node| {
                // The options of triggers are no part of the rhythm.
                let mut rhythm = node.parameters.clone();
                rhythm.retain(|name, _| RHYTHM.contains(&name.as_str()));
                flero_engine::schedule::next_fires(&rhythm, self.now(), NEXT_FIRES).ok()
            })
            .unwrap_or_default();
        Ok(Findings { problems, warnings: pasted_secrets::scan(&document), next_runs })
    }

    /// Reads a submitted document and checks its graph, its parameters, its expressions and its references.
    pub(crate) async fn read_document(&self, who: &Principal, body: &Value) -> Result<WorkflowDocument> {
        let document = WorkflowDocument::parse(body).map_err(Error::Invalid)?;
        self.check_document(who, &document).await?;
        Ok(document)
    }

    /// Checks a document for a caller: everything that can be known before it runs.
    pub(super) async fn check_document(&self, who: &Principal, document: &WorkflowDocument) -> Result<()> {
        let mut problems = document.check();
        problems.extend(flero_engine::params::check(document));
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let problems = by_policy(document, &self.policies_of(who).await?);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let problems = self.check_operations(who, document).await?;
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let missing = self.missing_references(who, document).await?;
        if missing.is_empty() { Ok(()) } else { Err(Error::ReferenceNotFound(missing)) }
    }

    /// Credentials and workflows that do not exist for the caller; foreign and missing ones look the same.
    async fn missing_references(
        &self,
        who: &Principal,
        document: &WorkflowDocument,
    ) -> Result<Vec<FieldProblem>> {
        let mut problems = Vec::new();
        for (place, node) in document.nodes.iter().enumerate() {
            if let Some(id) = node.credential_id
                && !self.can_name(who, id).await?
            {
                let message =
                    "No credential with this ID exists for you. Choose one of yours, or make it first.";
                let pointer = format!("/nodes/{place}/credentialId");
                problems.push(FieldProblem::new(pointer, "credential.not_found", message));
            }
            if let Some(id) = started_by(node)
                && !self.can_start(who, id).await?
            {
                problems.push(no_workflow(format!("/nodes/{place}/parameters/workflowId")));
            }
        }
        if let Some(id) = document.settings.error_workflow_id
            && !self.can_start(who, id).await?
        {
            problems.push(no_workflow("/settings/errorWorkflowId".to_owned()));
        }
        Ok(problems)
    }

    /// Whether the caller may let a document start a workflow: they could read it and run it themselves. Otherwise
    /// a key for chosen workflows would reach every other one by a node in one of its own.
    async fn can_start(&self, who: &Principal, id: WorkflowId) -> Result<bool> {
        for action in [Action::ReadWorkflow(Some(id)), Action::RunWorkflow { id, viewers_may_run: false }] {
            match permit(who, action) {
                Ok(()) => {}
                Err(Error::NotFound) => return Ok(false),
                // What the role or the key lacks is told; it says nothing about the workflow.
                Err(error) => return Err(error),
            }
        }
        match self.store().get_workflow(who.workspace, id).await {
            Ok(_) => Ok(true),
            Err(flero_store::Error::NotFound) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the caller may name a credential in a node. A refusal is recorded (Security test 21).
    async fn can_name(&self, who: &Principal, id: CredentialId) -> Result<bool> {
        let found = match self.store().get_credential(id).await {
            Ok(credential) => Some(credential),
            Err(flero_store::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        match found.map(|credential| permit(who, Action::UseCredential(&credential))) {
            Some(Ok(())) => Ok(true),
            None | Some(Err(Error::NotFound)) => {
                self.note_denied(who, id).await?;
                Ok(false)
            }
            Some(Err(error)) => Err(error),
        }
    }

    /// Records that somebody asked for a credential by something that is no ID at all. What they sent is not kept.
    ///
    /// # Errors
    /// When the record cannot be written: the request fails then (no row, no answer).
    pub async fn note_malformed_credential(&self, who: &Principal) -> Result<()> {
        let detail = AuditDetail { outcome: Some("malformed_id".to_owned()), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::CredentialDenied, "credential", detail);
        Ok(self.store().append_audit(vec![record]).await?)
    }

    /// Records that somebody asked for a credential that does not exist for them.
    pub(crate) async fn note_denied(&self, who: &Principal, id: CredentialId) -> Result<()> {
        let record = self.record(who, AuditAction::CredentialDenied, id, AuditDetail::default());
        Ok(self.store().append_audit(vec![record]).await?)
    }
}

/// What the organization does not let anybody save.
fn by_policy(document: &WorkflowDocument, policies: &OrganizationPolicies) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    for (place, node) in document.nodes.iter().enumerate() {
        if node.connector.as_deref().is_some_and(|service| !policies.allows_connector(service)) {
            let message = "Your organization does not use this service with Flero.";
            problems.push(FieldProblem::new(
                format!("/nodes/{place}/connector"),
                "policy.connector",
                message,
            ));
        }
    }
    if policies.block_pasted_secrets {
        let found = pasted_secrets::scan(document);
        problems.extend(found.into_iter().map(|one| FieldProblem::new(one.pointer, one.code, one.message)));
    }
    problems
}

/// The workflow that a node starts. The check of the parameters has refused anything that is no ID, expressions too.
fn started_by(node: &Node) -> Option<WorkflowId> {
    if node.kind != NodeType::SubWorkflow {
        return None;
    }
    node.parameters.get("workflowId").and_then(Value::as_str).and_then(|text| text.parse().ok())
}

fn no_workflow(pointer: String) -> FieldProblem {
    FieldProblem::new(pointer, "workflow.not_found", "No workflow with this ID exists for you.")
}
