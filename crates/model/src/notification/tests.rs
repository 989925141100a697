use super::*;
use crate::{
    CredentialId, OrganizationId,
    audit::AuditDetail,
    credential::{AuthType, Belonging, Policy, Status},
};

fn credential(scope: Scope) -> Credential {
    let belonging = Belonging {
        organization: OrganizationId::from_u128(1),
        workspace: WorkspaceId::from_u128(1),
        owner: UserId::from_u128(1),
    };
    let policy = Policy {
        service: "http".into(),
        auth_type: AuthType::Bearer,
        allowed_hosts: Vec::new(),
        parameters: serde_json::Map::new(),
    };
    Credential::new(CredentialId::from_u128(1), belonging, "Key", scope, policy, Timestamp::from_millis(0))
}

fn one(user: u128, role: Option<Role>, organization_role: Option<OrganizationRole>) -> Candidate {
    Candidate { user: UserId::from_u128(user), role, organization_role }
}

fn told(scope: Scope, candidates: &[Candidate]) -> Vec<u128> {
    let told = recipients(&credential(scope), candidates);
    (1..10).filter(|user| told.contains(&UserId::from_u128(*user))).collect()
}

const MEMBER: Option<OrganizationRole> = Some(OrganizationRole::Member);

#[test]
fn an_owner_who_can_act_is_told_alone() {
    let people = [one(1, Some(Role::Admin), MEMBER), one(2, Some(Role::Owner), MEMBER)];
    assert_eq!(told(Scope::Workspace, &people), [1]);
    assert_eq!(told(Scope::Personal, &people), [1]);
}

#[test]
fn admins_are_told_beside_an_owner_who_cannot_act_and_instead_of_one_who_left() {
    let others = [
        one(2, Some(Role::Admin), MEMBER),
        one(3, Some(Role::Viewer), MEMBER),
        one(4, Some(Role::Owner), MEMBER),
    ];
    let with = |owner: &[Candidate]| told(Scope::Workspace, &[owner, &others].concat());
    assert_eq!(with(&[one(1, Some(Role::Editor), MEMBER)]), [1, 2, 4]);
    assert_eq!(with(&[]), [2, 4]);
    assert_eq!(with(&[one(1, None, MEMBER)]), [2, 4]);
}

#[test]
fn an_organizations_credential_reaches_its_admins_wherever_they_are() {
    let people = [
        one(1, Some(Role::Owner), MEMBER),
        one(2, None, Some(OrganizationRole::Admin)),
        one(3, Some(Role::Owner), MEMBER),
    ];
    assert_eq!(told(Scope::Organization, &people), [1, 2]);
}

/// Security test 21: to everybody else a Personal credential does not exist, whatever becomes of it.
#[test]
fn a_personal_credential_is_told_to_nobody_else() {
    let admin = one(2, Some(Role::Owner), Some(OrganizationRole::Owner));
    assert_eq!(told(Scope::Personal, &[admin]), []);
    assert_eq!(told(Scope::Personal, &[admin, one(1, Some(Role::Viewer), MEMBER)]), [1]);
}

#[test]
fn every_change_of_a_status_has_a_category() {
    let record = |action, to: Option<&str>| NewAudit {
        workspace: WorkspaceId::from_u128(1),
        at: Timestamp::from_millis(0),
        actor: Actor::System,
        action,
        target: "x".into(),
        detail: AuditDetail { to: to.map(str::to_owned), ..AuditDetail::default() },
    };
    for status in [Status::Active, Status::Failing, Status::Expired] {
        let category = Category::of(&record(AuditAction::CredentialStatusChanged, Some(status.as_str())));
        assert_eq!(category.unwrap().as_str(), format!("credential.{}", status.as_str()));
    }
    assert_eq!(
        Category::of(&record(AuditAction::CredentialRevoked, None)),
        Some(Category::CredentialRevoked)
    );
    assert_eq!(Category::of(&record(AuditAction::CredentialUsed, None)), None);
}
