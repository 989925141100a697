//! What a use of a credential leaves behind: the records of the audit trail and what it says of the credential.

use flero_model::{
    CredentialId, ExecutionId, Timestamp, WorkflowId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    credential::Status,
    policy::{Principal, Via},
};

/// What a credential is used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A node of a run.
    Node {
        /// The workflow.
        workflow: WorkflowId,
        /// The run.
        execution: ExecutionId,
        /// The node's id in its workflow.
        node: String,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// The test button, or a test before a rotation.
    Test,
    /// Listing what an input of a form can be.
    Options,
    /// The authenticated proxy.
    Proxy,
    /// Registering, polling or checking a trigger at a service.
    Trigger {
        /// The workflow whose trigger it is.
        workflow: WorkflowId,
    },
    /// Comparing what a caller of a webhook presented.
    Inbound {
        /// The workflow whose webhook it is.
        workflow: WorkflowId,
    },
}

impl Purpose {
    /// The word that the audit trail writes.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Node { .. } => "node",
            Self::Test => "test",
            Self::Options => "options",
            Self::Proxy => "proxy",
            Self::Trigger { .. } => "trigger",
            Self::Inbound { .. } => "inbound",
        }
    }

    /// The parts of an audit record that say what the use was for.
    #[must_use]
    pub fn detail(&self) -> AuditDetail {
        let mut detail = AuditDetail { purpose: Some(self.as_str().to_owned()), ..AuditDetail::default() };
        match self {
            Self::Node { workflow, execution, node, attempt } => {
                detail.workflow = Some(*workflow);
                detail.execution = Some(*execution);
                detail.node = Some(node.clone());
                detail.attempt = Some(*attempt);
            }
            Self::Trigger { workflow } | Self::Inbound { workflow } => detail.workflow = Some(*workflow),
            Self::Test | Self::Options | Self::Proxy => {}
        }
        detail
    }
}

/// Whether the intent of a use stands in the audit trail. No row, no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// The caller committed the intent row in its own transaction, and stores the outcome in the transaction
    /// that stores the result.
    Recorded(RecordedIntent),
    /// The door writes the intent before it sends, and the outcome afterwards.
    Record,
}

/// The proof that an intent row was committed. It is only good for the credential that the row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedIntent {
    credential: CredentialId,
}

impl RecordedIntent {
    /// Says that an intent row for this credential is committed. To be called after the commit and nowhere else.
    #[must_use]
    pub const fn committed(credential: CredentialId) -> Self {
        Self { credential }
    }

    /// The credential that the row names.
    #[must_use]
    pub const fn credential(self) -> CredentialId {
        self.credential
    }
}

/// The intent row for a use. An engine puts it into the transaction that starts the step.
#[must_use]
pub fn intent_record(
    principal: &Principal,
    credential: CredentialId,
    purpose: &Purpose,
    host: Option<String>,
    at: Timestamp,
) -> NewAudit {
    NewAudit {
        workspace: principal.workspace,
        at,
        actor: actor_for(principal, purpose),
        action: AuditAction::CredentialUseIntent,
        target: credential.to_string(),
        detail: AuditDetail { host, ..purpose.detail() },
    }
}

/// Who acts, as the audit trail writes it.
#[must_use]
pub fn actor(principal: &Principal) -> Actor {
    match &principal.via {
        Via::Local | Via::Session { .. } => Actor::User { user: principal.user },
        Via::ApiKey { id, .. } => Actor::ApiKey { user: principal.user, key: *id },
        Via::Run { execution } => Actor::Run { execution: *execution, user: principal.user },
    }
}

/// Who acts for a purpose. What a trigger does has no run that could be named, and nobody who is signed in.
pub(crate) fn actor_for(principal: &Principal, purpose: &Purpose) -> Actor {
    match purpose {
        Purpose::Trigger { .. } | Purpose::Inbound { .. } => Actor::System,
        Purpose::Node { .. } | Purpose::Test | Purpose::Options | Purpose::Proxy => actor(principal),
    }
}

/// What a use says of the credential itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialSignal {
    /// The service took it: a failing credential is active again.
    Accepted,
    /// The service answered 401, or 403 where the credential's own host said so: it is failing.
    Refused,
}

impl CredentialSignal {
    /// The status that follows from this signal, or `None` when it stays. Only a status that can be used
    /// changes: an expired or revoked credential stays what it is.
    #[must_use]
    pub const fn status_after(self, present: Status) -> Option<Status> {
        match (self, present) {
            (Self::Accepted, Status::Failing) => Some(Status::Active),
            (Self::Refused, Status::Active) => Some(Status::Failing),
            _ => None,
        }
    }
}

/// How a use ended. The engine stores it with the step's result; for other callers the door stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseOutcome {
    /// Whose chain it goes into.
    pub workspace: WorkspaceId,
    /// Who used it.
    pub actor: Actor,
    /// Used, refused before anything was sent, or not there for this caller.
    pub action: AuditAction,
    /// The credential.
    pub credential: CredentialId,
    /// What the row says besides: purpose, host, secret revision, status, `success` or an error code.
    pub detail: AuditDetail,
    /// What it means for the credential's status; `None` when the service said nothing about it.
    pub signal: Option<CredentialSignal>,
}

impl UseOutcome {
    /// The row to append.
    #[must_use]
    pub fn record(&self, at: Timestamp) -> NewAudit {
        NewAudit {
            workspace: self.workspace,
            at,
            actor: self.actor,
            action: self.action,
            target: self.credential.to_string(),
            detail: self.detail.clone(),
        }
    }

    /// The row for a status that changed because of this use.
    #[must_use]
    pub fn status_change(&self, from: Status, to: Status, at: Timestamp) -> NewAudit {
        let detail = AuditDetail {
            from: Some(from.as_str().to_owned()),
            to: Some(to.as_str().to_owned()),
            ..self.detail.clone()
        };
        NewAudit { action: AuditAction::CredentialStatusChanged, detail, ..self.record(at) }
    }
}
