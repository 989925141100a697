//! OpenID providers, attempts, identities, and memberships that are given.

use flero_model::{
    IdentityId, IdentityProviderId, OrganizationId, UserId, WorkspaceId,
    audit::{Actor, AuditAction},
    credential::Scope,
    identity::{GroupRole, IdentityProvider, SignInRules, WorkspaceRole},
    role::{OrganizationRole, Role},
    service::ClientAuthMethod,
};

use crate::{
    Error,
    contract::sample::{START, World, at},
    identity::{GivenRoles, Identity, NewcomerByIdentity, OpenidAttempt, ProviderChange},
    people::Account,
};

fn provider(world: &World) -> IdentityProvider {
    let now = world.tick();
    IdentityProvider {
        id: IdentityProviderId::new(now, world.unique()),
        organization_id: world.organization,
        workspace_id: world.workspace,
        name: "Practice".into(),
        is_enabled: true,
        issuer: "https://id.example.com".into(),
        client_id: "c".into(),
        client_auth_method: ClientAuthMethod::ClientSecretBasic,
        key_id: None,
        has_secret: true,
        rules: SignInRules { domains: vec!["example.com".into()], ..SignInRules::default() },
        created_at: now,
        updated_at: now,
        revision: 1,
        secret_revision: 1,
    }
}

fn change(world: &World, provider: &IdentityProvider, with_secret: bool) -> ProviderChange {
    let secret = with_secret.then(|| {
        let mut sealed = world.secret(&world.credential(Scope::Workspace), provider.secret_revision);
        sealed.address.owner = provider.id.to_string();
        sealed
    });
    let audit = vec![world.audit(AuditAction::IdentityProviderChanged, provider.id)];
    ProviderChange { provider: provider.clone(), secret, audit }
}

async fn with_provider(world: &World) -> IdentityProvider {
    world.with_owner().await;
    world.with_keys().await;
    let made = provider(world);
    world.create_identity_provider(change(world, &made, true)).await.unwrap();
    made
}

fn identity(world: &World, provider: &IdentityProvider, user: UserId, subject: &str) -> Identity {
    Identity {
        id: IdentityId::new(world.tick(), world.unique()),
        user,
        provider: provider.id,
        issuer: provider.issuer.clone(),
        subject: subject.into(),
        email: "bob@example.com".into(),
        created_at: START,
        last_used_at: START,
    }
}

fn given(world: &World, source: u8, user: UserId, roles: &[(WorkspaceId, Role)]) -> GivenRoles {
    let roles =
        roles.iter().map(|(workspace_id, role)| WorkspaceRole { workspace_id: *workspace_id, role: *role });
    GivenRoles {
        organization: world.organization,
        source: [source; 16],
        roles: roles.collect(),
        actor: Actor::User { user },
        at: START,
    }
}

fn newcomer(world: &World, provider: &IdentityProvider, subject: &str, email: &str) -> NewcomerByIdentity {
    let user = world.someone();
    NewcomerByIdentity {
        account: Account { user, email: email.into(), name: "Bob".into(), password_hash: String::new() },
        identity: identity(world, provider, user, subject),
        given: given(world, 1, user, &[(world.workspace, Role::Viewer)]),
    }
}

pub(in crate::contract) async fn a_provider_comes_back_as_it_was_written_with_its_secret(world: World) {
    let made = with_provider(&world).await;
    let stored = world.identity_provider(made.id).await.unwrap();
    assert_eq!((&stored.provider, stored.secret.is_some()), (&made, true));
    assert_eq!(world.identity_providers(world.organization).await.unwrap(), std::slice::from_ref(&made));
    assert!(world.identity_providers(OrganizationId::from_u128(9)).await.unwrap().is_empty());
    let next = IdentityProvider { revision: 2, is_enabled: false, ..made.clone() };
    world.update_identity_provider(change(&world, &next, false)).await.unwrap();
    let late = world.update_identity_provider(change(&world, &next, false)).await;
    assert!(matches!(late, Err(Error::Conflict)));
    assert!(world.identity_provider(made.id).await.unwrap().secret.is_some(), "what is not written stays");
    assert!(world.enabled_identity_providers().await.unwrap().is_empty());
    let public = IdentityProvider { revision: 3, has_secret: false, ..made.clone() };
    world.update_identity_provider(change(&world, &public, false)).await.unwrap();
    assert!(world.identity_provider(made.id).await.unwrap().secret.is_none());
    let foreign = world.delete_identity_provider(OrganizationId::from_u128(9), made.id, Vec::new()).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    let audit = vec![world.audit(AuditAction::IdentityProviderDeleted, made.id)];
    world.delete_identity_provider(world.organization, made.id, audit).await.unwrap();
    assert!(matches!(world.identity_provider(made.id).await, Err(Error::NotFound)));
    assert_eq!(world.chain().await.len(), 4);
}

pub(in crate::contract) async fn an_openid_attempt_is_taken_once_and_before_its_end(world: World) {
    let made = with_provider(&world).await;
    let attempt = |byte: u8, begins, ends| OpenidAttempt {
        state_hash: [byte; 32],
        provider: made.id,
        links: None,
        reauthenticates: true,
        return_to: "/x".into(),
        created_at: at(begins),
        expires_at: at(ends),
    };
    for (byte, begins, ends) in [(1, 0, 10), (2, 0, 10), (3, 5, 20)] {
        world.begin_openid(attempt(byte, begins, ends)).await.unwrap();
    }
    assert_eq!(world.take_openid([1; 32], at(9)).await.unwrap(), attempt(1, 0, 10));
    assert!(matches!(world.take_openid([1; 32], at(9)).await, Err(Error::NotFound)));
    assert!(matches!(world.take_openid([2; 32], at(10)).await, Err(Error::NotFound)));
    assert!(matches!(world.begin_openid(attempt(3, 5, 20)).await, Err(Error::Taken { .. })));
    world.delete_identity_provider(world.organization, made.id, Vec::new()).await.unwrap();
    assert!(matches!(world.take_openid([3; 32], at(6)).await, Err(Error::NotFound)));
}

pub(in crate::contract) async fn an_identity_opens_one_account_and_the_last_one_stays(world: World) {
    let made = with_provider(&world).await;
    let bob = newcomer(&world, &made, "bob", "bob@example.com");
    let audit = vec![world.audit(AuditAction::PersonRegistered, bob.account.user)];
    world.join_by_identity(bob.clone(), audit).await.unwrap();
    let user = bob.account.user;
    let membership = world.membership(user, world.workspace).await.unwrap();
    assert_eq!((membership.role, membership.organization_role), (Role::Viewer, OrganizationRole::Member));
    assert_eq!(world.identity(made.id, &made.issuer, "bob").await.unwrap(), bob.identity);
    assert!(matches!(world.identity(made.id, "https://other.example", "bob").await, Err(Error::NotFound)));
    for (subject, email) in [("bob", "other@example.com"), ("other", "bob@example.com")] {
        let twice = newcomer(&world, &made, subject, email);
        let refused = world.join_by_identity(twice.clone(), Vec::new()).await;
        assert!(matches!(refused, Err(Error::Taken { .. })), "{subject}");
        assert!(
            matches!(world.account(twice.account.user).await, Err(Error::NotFound)),
            "nothing is half done"
        );
    }
    let theirs = identity(&world, &made, world.user, "bob");
    assert!(matches!(world.link_identity(theirs, Vec::new()).await, Err(Error::Taken { .. })));
    world.use_identity(bob.identity.id, "robert@example.com".into(), at(9)).await.unwrap();
    let used = world.identities(user).await.unwrap();
    assert_eq!((used[0].email.as_str(), used[0].last_used_at), ("robert@example.com", at(9)));
    let last = world.unlink_identity(user, bob.identity.id, Vec::new()).await;
    assert!(matches!(last, Err(Error::Refused { .. })));
    let second = identity(&world, &made, user, "bob-2");
    world.link_identity(second.clone(), Vec::new()).await.unwrap();
    let foreign = world.unlink_identity(world.user, bob.identity.id, Vec::new()).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    world.unlink_identity(user, bob.identity.id, Vec::new()).await.unwrap();
    assert_eq!(world.identities(user).await.unwrap(), [second]);
}

pub(in crate::contract) async fn a_source_changes_what_it_gave_and_nothing_else(world: World) {
    let made = with_provider(&world).await;
    let bob = newcomer(&world, &made, "bob", "bob@example.com");
    let user = bob.account.user;
    world.join_by_identity(bob, Vec::new()).await.unwrap();
    let before = world.chain().await.len();
    let here = world.workspace;
    let same = world.give_roles(user, given(&world, 1, user, &[(here, Role::Viewer)])).await.unwrap();
    assert_eq!(same, crate::identity::RoleChanges::default());
    assert_eq!(world.chain().await.len(), before, "nothing happened and nothing is recorded");
    let raised = world.give_roles(user, given(&world, 1, user, &[(here, Role::Editor)])).await.unwrap();
    assert_eq!(raised.changed, [WorkspaceRole { workspace_id: here, role: Role::Editor }]);
    // Another source takes nothing of it, and a workspace of nobody is given to nobody.
    let nowhere = WorkspaceId::from_u128(7);
    let other = given(&world, 2, user, &[(here, Role::Viewer), (nowhere, Role::Admin)]);
    assert_eq!(world.give_roles(user, other).await.unwrap(), crate::identity::RoleChanges::default());
    assert_eq!(world.membership(user, here).await.unwrap().role, Role::Editor);
    // Somebody whom people made owner stays owner.
    world.change_member(here, user, (Role::Editor, Role::Owner), Vec::new()).await.unwrap();
    world.give_roles(user, given(&world, 1, user, &[])).await.unwrap();
    assert_eq!(world.membership(user, here).await.unwrap().role, Role::Owner);
    world.change_member(here, user, (Role::Owner, Role::Editor), Vec::new()).await.unwrap();
    let left = world.give_roles(user, given(&world, 1, user, &[])).await.unwrap();
    assert_eq!(left.left, [WorkspaceRole { workspace_id: here, role: Role::Editor }]);
    assert!(matches!(world.membership(user, here).await, Err(Error::NotFound)));
    let trail = world.chain().await;
    let last = &trail.last().unwrap().event;
    assert_eq!((last.action, last.detail.from.as_deref()), (AuditAction::MemberRemoved, Some("editor")));
    let owner = world.give_roles(user, given(&world, 1, user, &[(here, Role::Owner)])).await;
    assert!(matches!(owner, Err(Error::Refused { .. })));
}

pub(in crate::contract) async fn what_groups_are_given_is_replaced_whole(world: World) {
    world.with_owner().await;
    let ours = world.organization;
    assert_eq!(world.group_roles(ours).await.unwrap(), (Vec::new(), 0));
    let one = GroupRole { group: "staff".into(), workspace_id: world.workspace, role: Role::Viewer };
    assert_eq!(world.set_group_roles(ours, vec![one.clone()], 0, Vec::new()).await.unwrap(), 1);
    let stale = world.set_group_roles(ours, Vec::new(), 0, Vec::new()).await;
    assert!(matches!(stale, Err(Error::Conflict)));
    assert_eq!(world.group_roles(ours).await.unwrap(), (vec![one], 1));
}
