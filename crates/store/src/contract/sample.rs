//! Things to store: small, distinct, and made without a clock or randomness, so that a case runs the same twice.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flero_model::{
    ApiKeyId, CredentialId, ExecutionId, InstanceId, NodeInstanceId, OrganizationId, SlotId, Timestamp,
    UserId, WorkflowId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, AuditRecord, NewAudit},
    credential::{AuthType, Belonging, Credential, KeyScopeRef, Policy, Scope},
    execution::{ExecutionStatus, TriggerKind},
    role::KeyScope,
};

use crate::{
    PageRequest, Store,
    api_keys::ApiKey,
    credentials::CredentialChange,
    executions::{Execution, ExecutionStep, NewExecution},
    keys::{KeyVersionState, ScopeKeyRow, SealedSecret, SecretAddress, SecretSlot, SlotRow, VaultState},
    people::FirstOwner,
    workflows::{NewVersion, Workflow, WorkflowStatus, WorkflowVersion},
};

/// The time at which samples are made: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The tenant that samples belong to, and the store that they go into.
#[derive(Clone)]
pub struct World {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The organization.
    pub organization: OrganizationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The person.
    pub user: UserId,
    /// The process.
    pub node: NodeInstanceId,
    pub(super) counter: Arc<AtomicU64>,
}

impl Deref for World {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

/// A time so many milliseconds after [`START`].
#[must_use]
pub const fn at(millis: i64) -> Timestamp {
    START.plus_millis(millis)
}

/// The first page, of so many entries.
#[must_use]
pub const fn first(limit: u32) -> PageRequest {
    PageRequest { limit, cursor: None }
}

impl World {
    /// A tenant in a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        let counter = Arc::new(AtomicU64::new(100));
        Self {
            store,
            organization: OrganizationId::new(START, 1),
            workspace: WorkspaceId::new(START, 2),
            user: UserId::new(START, 3),
            node: NodeInstanceId::new(START, 4),
            counter,
        }
    }

    /// The same store with another workspace of the same organization.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self { workspace: WorkspaceId::new(START, self.unique()), ..self.clone() }
    }

    /// A number that was not given before.
    pub fn unique(&self) -> u128 {
        u128::from(self.counter.fetch_add(1, Ordering::Relaxed))
    }

    /// A time that was not given before, later than all before it.
    pub fn tick(&self) -> Timestamp {
        at(i64::try_from(self.unique()).unwrap())
    }

    /// A person.
    pub fn someone(&self) -> UserId {
        UserId::new(START, self.unique())
    }

    /// A process.
    pub fn process(&self) -> NodeInstanceId {
        NodeInstanceId::new(START, self.unique())
    }

    /// The identifier of a credential that may not be there.
    pub fn credential_id(&self) -> CredentialId {
        CredentialId::new(self.tick(), self.unique())
    }

    /// A record of this workspace.
    pub fn audit(&self, action: AuditAction, target: impl ToString) -> NewAudit {
        NewAudit {
            workspace: self.workspace,
            at: self.tick(),
            actor: Actor::User { user: self.user },
            action,
            target: target.to_string(),
            detail: AuditDetail::default(),
        }
    }

    /// The whole chain of this workspace, after a check that it is unbroken and that its head is stored.
    pub async fn chain(&self) -> Vec<AuditRecord> {
        let records = self.audit_range(self.workspace, 0, 1_000_000).await.unwrap();
        let (hash, length) = crate::chain::verify(crate::chain::GENESIS, 0, &records).unwrap();
        let heads = self.audit_heads().await.unwrap();
        let head = heads.into_iter().find(|(workspace, ..)| *workspace == self.workspace);
        let expected = (!records.is_empty()).then_some((self.workspace, length, hash));
        assert_eq!(head, expected, "the head that is stored beside the records");
        records
    }

    /// The first owner, with this world's ids and an API key.
    pub fn owner(&self) -> FirstOwner {
        FirstOwner {
            organization: self.organization,
            organization_name: "Umbrella".into(),
            workspace: self.workspace,
            workspace_name: "Main".into(),
            user: self.user,
            email: "owner@example.com".into(),
            name: "Olga Owner".into(),
            password_hash: "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA".into(),
            api_key: Some(self.api_key(1)),
            session: None,
            at: START,
        }
    }

    /// Makes the first owner.
    pub async fn with_owner(&self) {
        self.create_first_owner(self.owner(), Vec::new()).await.unwrap();
    }

    /// An API key; its hash repeats a byte.
    pub fn api_key(&self, byte: u8) -> ApiKey {
        ApiKey {
            id: ApiKeyId::new(self.tick(), self.unique()),
            workspace: self.workspace,
            creator: self.user,
            name: "Deploy".into(),
            hash: [byte; 32],
            last_four: "Ab12".into(),
            scopes: vec![KeyScope::WorkflowsRead, KeyScope::ProxyUse],
            workflow_ids: None,
            allowed_networks: vec!["10.0.0.0/8".into()],
            expires_at: Some(at(1_000_000_000)),
            created_at: self.tick(),
            last_used_at: None,
            revoked_at: None,
        }
    }

    /// A slot.
    pub fn slot(&self) -> SlotRow {
        let number = self.unique();
        SlotRow {
            id: SlotId::new(START, number),
            provider: "file".into(),
            provider_key_id: format!("fingerprint-{number}"),
            parameters: serde_json::json!({ "version": 1, "salt": "c2FsdA" }),
            blob: number.to_be_bytes().to_vec(),
            created_at: self.tick(),
            last_verified_at: None,
        }
    }

    /// The state after the key ceremony.
    #[must_use]
    pub fn vault(&self) -> VaultState {
        VaultState {
            instance: InstanceId::new(START, 5),
            generation: 1,
            slots_mac: vec![1; 32],
            wrapped_audit_key: vec![2; 60],
        }
    }

    /// Holds the key ceremony with so many slots, and returns them.
    pub async fn with_vault(&self, slots: usize) -> Vec<SlotRow> {
        let slots: Vec<SlotRow> = (0..slots).map(|_| self.slot()).collect();
        self.init_vault(self.vault(), slots.clone()).await.unwrap();
        slots
    }

    /// The generation of the key tree.
    pub async fn generation(&self) -> u64 {
        self.vault_state().await.unwrap().unwrap().generation
    }

    /// A version of a scope's key.
    pub fn scope_key(&self, scope: &KeyScopeRef, version: u32, state: KeyVersionState) -> ScopeKeyRow {
        let wrapped = self.unique().to_be_bytes().repeat(4);
        let now = self.tick();
        ScopeKeyRow { scope: scope.clone(), version, state, wrapped, created_at: now, state_since: now }
    }

    /// Adds a version of a scope's key.
    pub async fn with_scope_key(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        state: KeyVersionState,
    ) -> ScopeKeyRow {
        let row = self.scope_key(scope, version, state);
        self.add_scope_key(self.generation().await, row.clone(), Vec::new()).await.unwrap();
        row
    }

    /// A vault with an active key for Personal, Workspace and Organization credentials of this world.
    pub async fn with_keys(&self) {
        self.with_vault(1).await;
        self.with_tenant_keys().await;
    }

    /// Active keys of the three scopes of this world's tenant.
    pub async fn with_tenant_keys(&self) {
        let scopes = [
            KeyScopeRef::personal(self.workspace, self.user),
            KeyScopeRef::workspace(self.workspace),
            KeyScopeRef::organization(self.organization),
        ];
        for scope in scopes {
            if self.scope_keys(&scope).await.unwrap().is_empty() {
                self.with_scope_key(&scope, 1, KeyVersionState::Active).await;
            }
        }
    }

    /// A credential of a scope.
    pub fn credential(&self, scope: Scope) -> Credential {
        let now = self.tick();
        let id = CredentialId::new(now, self.unique());
        let parameters = serde_json::json!({ "in": "header", "deep": { "list": [1, true, null] } });
        let belonging =
            Belonging { organization: self.organization, workspace: self.workspace, owner: self.user };
        let policy = Policy {
            service: "http".into(),
            auth_type: AuthType::Bearer,
            allowed_hosts: vec!["api.example.com".parse().unwrap(), "*.example.org".parse().unwrap()],
            parameters: parameters.as_object().unwrap().clone(),
        };
        let name = format!("Credential {}", id.as_u128() & 0xffff);
        Credential {
            notes: "for the nightly report".into(),
            secret_fields: vec!["token".into()],
            account: Some("account@example.com".into()),
            expires_at: Some(at(5_000_000_000)),
            rotate_every_days: Some(90),
            ..Credential::new(id, belonging, name, scope, policy, now)
        }
    }

    /// The sealed secret of a credential under version 1 of its scope's key.
    #[must_use]
    pub fn secret(&self, credential: &Credential, revision: u64) -> SealedSecret {
        SealedSecret {
            address: SecretAddress {
                owner: credential.id.to_string(),
                field: "data".into(),
                slot: SecretSlot::Current,
            },
            revision,
            scope: credential.key_scope(),
            key_version: 1,
            bound_type: "bearer".into(),
            policy_hash: vec![7; 32],
            blob: format!("sealed-{revision}-{}", self.unique()).into_bytes(),
            destroy_at: None,
        }
    }

    /// A change that creates a credential with its secret and a record.
    pub fn creation(&self, credential: &Credential) -> CredentialChange {
        CredentialChange {
            credential: credential.clone(),
            secrets: vec![self.secret(credential, 1)],
            destroy: Vec::new(),
            audit: vec![self.audit(AuditAction::CredentialCreated, credential.id)],
        }
    }

    /// Stores a new credential of a scope.
    pub async fn with_credential(&self, scope: Scope) -> Credential {
        let credential = self.credential(scope);
        self.create_credential(self.creation(&credential)).await.unwrap();
        credential
    }

    /// A workflow that was not stored.
    pub fn workflow(&self) -> Workflow {
        let now = self.tick();
        Workflow {
            id: WorkflowId::new(now, self.unique()),
            workspace: self.workspace,
            owner: self.user,
            name: "Nightly report".into(),
            tags: vec!["finance".into(), "Übersicht".into()],
            status: WorkflowStatus::Draft,
            version: 1,
            active_version: None,
            activated_by: None,
            activated_at: None,
            created_at: now,
            updated_at: now,
            revision: 1,
        }
    }

    /// A version of a workflow whose node `call` refers to the credentials.
    pub fn version(&self, workflow: &Workflow, version: u64, credentials: &[CredentialId]) -> NewVersion {
        NewVersion {
            version: WorkflowVersion {
                workflow: workflow.id,
                version,
                document: format!(r#"{{"name":"{}","version":{version}}}"#, workflow.name),
                saved_by: self.user,
                saved_at: self.tick(),
            },
            name: workflow.name.clone(),
            tags: workflow.tags.clone(),
            credentials: credentials.iter().map(|credential| ("call".to_owned(), *credential)).collect(),
        }
    }

    /// Stores a new workflow that refers to credentials.
    pub async fn with_workflow_of(&self, credentials: &[CredentialId]) -> Workflow {
        let workflow = self.workflow();
        let first = self.version(&workflow, 1, credentials);
        self.create_workflow(workflow.clone(), first, Vec::new()).await.unwrap();
        workflow
    }

    /// Stores a new workflow.
    pub async fn with_workflow(&self) -> Workflow {
        self.with_workflow_of(&[]).await
    }

    /// A run of a workflow, accepted by this world's process with two journal entries.
    pub fn run(&self, workflow: WorkflowId) -> NewExecution {
        let now = self.tick();
        NewExecution {
            execution: Execution {
                id: ExecutionId::new(now, self.unique()),
                workspace: self.workspace,
                workflow,
                version: 1,
                status: ExecutionStatus::Running,
                trigger: TriggerKind::Webhook,
                acting_for: self.user,
                created_at: now,
                started_at: Some(now),
                finished_at: None,
                error: None,
                cancel_requested: false,
            },
            owner: self.node,
            journal: vec![b"begun".to_vec(), Vec::new()],
            idempotency_key: None,
            wake_at: None,
            credentials: Vec::new(),
            audit: Vec::new(),
        }
    }

    /// Accepts a run of a workflow.
    pub async fn with_run(&self, workflow: WorkflowId) -> Execution {
        let run = self.run(workflow);
        self.accept_execution(run.clone()).await.unwrap();
        run.execution
    }

    /// A transition behind `sequence` entries, which the run goes on after.
    #[must_use]
    pub fn step(&self, run: &Execution, sequence: u64) -> ExecutionStep {
        ExecutionStep {
            id: run.id,
            owner: self.node,
            sequence,
            journal: vec![format!("entry {sequence}").into_bytes()],
            status: ExecutionStatus::Running,
            started_at: None,
            finished_at: None,
            error: None,
            wake_at: None,
            credentials: Vec::new(),
            audit: Vec::new(),
            discard: false,
        }
    }

    /// The transition that ends a run well.
    pub fn end(&self, run: &Execution, sequence: u64) -> ExecutionStep {
        ExecutionStep {
            status: ExecutionStatus::Success,
            finished_at: Some(self.tick()),
            ..self.step(run, sequence)
        }
    }
}
