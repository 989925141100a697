//! The matrix of the product specification, act by act.

use super::*;

fn member(role: Role, organization_role: OrganizationRole, via: Via) -> Principal {
    Principal {
        user: UserId::from_u128(1),
        organization: OrganizationId::from_u128(2),
        organization_role,
        workspace: WorkspaceId::from_u128(3),
        role,
        via,
    }
}

fn signed_in(role: Role, fresh: bool) -> Principal {
    let via = Via::Session { id: SessionId::from_u128(9), fresh };
    member(role, OrganizationRole::Member, via)
}

fn roles_that(action: Action<'_>) -> Vec<Role> {
    Role::ALL
        .iter()
        .copied()
        .filter(|role| decide(&signed_in(*role, true), action) == Decision::Allow)
        .collect()
}

#[test]
fn the_table_of_the_specification_holds() {
    use Role::{Admin, Editor, Owner, Viewer};
    let workflow = WorkflowId::from_u128(4);
    let (own, others) = (UserId::from_u128(1), UserId::from_u128(5));
    let everybody = vec![Viewer, Editor, Admin, Owner];
    let builders = vec![Editor, Admin, Owner];
    let admins = vec![Admin, Owner];
    for (action, expected) in [
        (Action::ReadWorkflow(None), &everybody),
        (Action::ReadExecution(None), &everybody),
        (Action::RunWorkflow { id: workflow, viewers_may_run: true }, &everybody),
        (Action::RunWorkflow { id: workflow, viewers_may_run: false }, &builders),
        (Action::CreateWorkflow, &builders),
        (Action::EditWorkflow(workflow), &builders),
        (Action::ControlExecution(workflow), &builders),
        (Action::DeleteWorkflow { id: workflow, owner: own }, &builders),
        (Action::DeleteWorkflow { id: workflow, owner: others }, &admins),
        (Action::CreateCredential(Scope::Personal), &builders),
        (Action::CreateCredential(Scope::Workspace), &admins),
        (Action::CreateCredential(Scope::Organization), &vec![]),
        (Action::OwnApiKeys, &builders),
        (Action::AllApiKeys, &admins),
        (Action::ReadMembers, &admins),
        (Action::WriteVariables, &admins),
        (Action::ReadAudit, &admins),
        (Action::Invite(Admin), &admins),
        (Action::Invite(Owner), &vec![Owner]),
        (Action::ChangeMember { from: Owner, to: Viewer }, &vec![Owner]),
        (Action::ChangeMember { from: Viewer, to: Owner }, &vec![Owner]),
        (Action::RemoveMember { user: others, role: Admin }, &admins),
        (Action::RemoveMember { user: own, role: Viewer }, &everybody),
        (Action::RenameWorkspace, &admins),
        (Action::EndWorkspace, &vec![Owner]),
        (Action::CreateWorkspace, &vec![]),
    ] {
        assert_eq!(&roles_that(action), expected, "{action:?}");
    }
    let organization_admin = member(Role::Viewer, OrganizationRole::Admin, Via::Local);
    assert_eq!(decide(&organization_admin, Action::CreateWorkspace), Decision::Allow);
    assert_eq!(decide(&organization_admin, Action::ReadMembers), Decision::DenyRole);
}

/// Security test 60: an act that needs a step-up is refused to a session without a fresh proof, and to every key.
#[test]
fn a_step_up_needs_a_fresh_proof_of_a_person() {
    let key = Via::ApiKey { id: ApiKeyId::from_u128(7), scopes: KeyScope::ALL.to_vec(), workflow_ids: None };
    for action in [
        Action::Invite(Role::Admin),
        Action::ChangeMember { from: Role::Editor, to: Role::Admin },
        Action::RemoveMember { user: UserId::from_u128(5), role: Role::Owner },
        Action::EndWorkspace,
    ] {
        let by_key = member(Role::Owner, OrganizationRole::Owner, key.clone());
        assert_eq!(decide(&by_key, action), Decision::DenyApiKey, "{action:?}");
        assert_eq!(decide(&signed_in(Role::Owner, false), action), Decision::StepUp, "{action:?}");
        assert_eq!(decide(&signed_in(Role::Owner, true), action), Decision::Allow, "{action:?}");
        assert_eq!(decide(&signed_in(Role::Viewer, true), action), Decision::DenyRole, "{action:?}");
    }
}

#[test]
fn the_names_of_the_matrix_are_unique() {
    let names: std::collections::BTreeSet<&str> = matrix::ALL.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), matrix::ALL.len());
}

/// Whoever chooses the provider, or keeps the people up, chooses who comes in as whom: that is the owner's.
#[test]
fn providers_and_directories_are_the_organizations_owners() {
    let via = |fresh| Via::Session { id: SessionId::from_u128(9), fresh };
    let as_whom = |role, via| member(Role::Owner, role, via);
    let (admin, owner) = (OrganizationRole::Admin, OrganizationRole::Owner);
    let read = Action::ReadIdentityProviders;
    assert_eq!(decide(&as_whom(admin, via(true)), read), Decision::Allow);
    assert_eq!(decide(&as_whom(OrganizationRole::Member, via(true)), read), Decision::DenyRole);
    let write = Action::WriteIdentityProviders;
    assert_eq!(decide(&as_whom(admin, via(true)), write), Decision::DenyRole);
    assert_eq!(decide(&as_whom(owner, via(false)), write), Decision::StepUp);
    assert_eq!(decide(&as_whom(owner, via(true)), write), Decision::Allow);
    let key = |scopes| Via::ApiKey { id: ApiKeyId::from_u128(7), scopes, workflow_ids: None };
    assert_eq!(decide(&as_whom(owner, key(KeyScope::ALL.to_vec())), write), Decision::DenyApiKey);
    let provision = vec![KeyScope::ScimProvision];
    assert_eq!(decide(&as_whom(owner, key(provision.clone())), Action::Provision), Decision::Allow);
    assert_eq!(decide(&as_whom(admin, key(provision)), Action::Provision), Decision::DenyRole);
    let others = vec![KeyScope::MembersWrite];
    let lacking = Decision::DenyScope(KeyScope::ScimProvision);
    assert_eq!(decide(&as_whom(owner, key(others)), Action::Provision), lacking);
}

/// Security test 63: the guide prints the matrix that the program asks. `FLERO_BLESS=1` writes it anew.
#[test]
fn the_guide_prints_the_matrix() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/permissions.md");
    let page = matrix::to_markdown();
    if std::env::var_os("FLERO_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), page, "run this test with FLERO_BLESS=1");
}

fn request(to: Scope) -> ScopeRequest {
    use crate::{ScopeRequestId, Timestamp, scope_request::RequestStatus};
    let credential = credential(Scope::Personal);
    ScopeRequest {
        id: ScopeRequestId::from_u128(8),
        credential: credential.id,
        workspace: credential.workspace_id,
        organization: credential.organization_id,
        asker: UserId::from_u128(5),
        from: Scope::Personal,
        to,
        policy: credential.policy,
        note: String::new(),
        status: RequestStatus::Open,
        reason: None,
        decided_by: None,
        created_at: Timestamp::default(),
        expires_at: Timestamp::default(),
        decided_at: None,
    }
}

fn credential(scope: Scope) -> Credential {
    use crate::credential::{AuthType, Belonging, Policy};
    let (organization, workspace) = (OrganizationId::from_u128(2), WorkspaceId::from_u128(3));
    let belonging = Belonging { organization, workspace, owner: UserId::from_u128(1) };
    let policy = Policy {
        service: "http".into(),
        auth_type: AuthType::Bearer,
        allowed_hosts: Vec::new(),
        parameters: serde_json::Map::new(),
    };
    let id = crate::CredentialId::from_u128(6);
    Credential::new(id, belonging, "c", scope, policy, crate::Timestamp::default())
}

/// Security test 21: what lies in another workspace, in another organization or is another person's own is hidden, whatever
/// role somebody has.
#[test]
fn nobody_sees_what_is_elsewhere_or_somebody_elses_own() {
    let mut elsewhere = signed_in(Role::Owner, true);
    elsewhere.workspace = WorkspaceId::from_u128(30);
    elsewhere.organization_role = OrganizationRole::Owner;
    let mut abroad = elsewhere.clone();
    abroad.organization = OrganizationId::from_u128(20);
    let mut other = signed_in(Role::Owner, true);
    other.user = UserId::from_u128(50);
    let (personal, shared) = (credential(Scope::Personal), credential(Scope::Workspace));
    let wide = credential(Scope::Organization);
    for (who, credential, is_seen) in [
        (&elsewhere, &personal, false),
        (&elsewhere, &shared, false),
        (&elsewhere, &wide, true),
        (&abroad, &wide, false),
        (&other, &personal, false),
        (&other, &shared, true),
    ] {
        for action in [
            Action::ReadCredential(credential),
            Action::ReadCredentialAudit(credential),
            Action::ManageCredential(credential),
            Action::UseCredential(credential),
            Action::TestCredential(credential),
            Action::ProxyCredential(credential),
        ] {
            assert_eq!(decide(who, action) == Decision::Hide, !is_seen, "{who:?} {action:?}");
        }
    }
    for (who, to, is_seen) in [
        (&elsewhere, Scope::Workspace, false),
        (&elsewhere, Scope::Organization, true),
        (&abroad, Scope::Organization, false),
        (&other, Scope::Workspace, true),
    ] {
        let asked = request(to);
        for action in [Action::ReadScopeRequest(&asked), Action::ApproveScopeRequest(&asked)] {
            assert_eq!(decide(who, action) == Decision::Hide, !is_seen, "{who:?} {action:?}");
        }
    }
    let own = ScopeRequest { asker: UserId::from_u128(1), ..request(Scope::Workspace) };
    let asker = signed_in(Role::Owner, true);
    assert_eq!(
        decide(&asker, Action::ApproveScopeRequest(&own)),
        Decision::DenyRole,
        "nobody decides on their own"
    );
}

/// A key for chosen workflows reaches no other one, and nothing that all of them share; each scope opens its own.
#[test]
fn a_key_for_chosen_workflows_is_held_to_them() {
    let (own, other) = (WorkflowId::from_u128(4), WorkflowId::from_u128(40));
    let key = |workflow_ids| Via::ApiKey {
        id: ApiKeyId::from_u128(7),
        scopes: KeyScope::ALL.to_vec(),
        workflow_ids,
    };
    let bound = member(Role::Admin, OrganizationRole::Owner, key(Some(vec![own])));
    let free = member(Role::Admin, OrganizationRole::Owner, key(None));
    for (action, expected) in [
        (Action::ReadWorkflow(Some(own)), Decision::Allow),
        (Action::ReadWorkflow(Some(other)), Decision::Hide),
        (Action::EditWorkflow(other), Decision::Hide),
        (Action::DeleteWorkflow { id: other, owner: UserId::from_u128(1) }, Decision::Hide),
        (Action::RunWorkflow { id: other, viewers_may_run: true }, Decision::Hide),
        (Action::ReadExecution(Some(other)), Decision::Hide),
        (Action::ControlExecution(other), Decision::Hide),
        (Action::CreateWorkflow, Decision::DenyScope(KeyScope::WorkflowsWrite)),
        (Action::WriteVariables, Decision::DenyScope(KeyScope::WorkflowsWrite)),
        (Action::WriteConnectors, Decision::DenyScope(KeyScope::ConnectorsWrite)),
        (Action::InstallPackages, Decision::DenyScope(KeyScope::ConnectorsWrite)),
        (Action::ReadVariables, Decision::Allow),
    ] {
        assert_eq!(decide(&bound, action), expected, "{action:?}");
        assert_eq!(decide(&free, action), Decision::Allow, "{action:?}");
    }
    // Every scope but that of a directory opens something, and nothing is opened by another one.
    for scope in KeyScope::ALL {
        assert!(matrix::ALL.iter().any(|rule| rule.scope == *scope), "{scope:?} opens nothing");
    }
}
