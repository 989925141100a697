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
