//! People and groups of a directory.

use flero_model::{
    GroupId, OrganizationId, UserId,
    audit::{Actor, AuditAction},
    identity::GroupRole,
    role::{OrganizationRole, Role},
};

use crate::{
    Error,
    contract::sample::{START, World, at},
    people::Account,
    scim::{GroupFilter, ScimAct, ScimGroup, ScimState, ScimUser, Slice, UserFilter},
    sessions::{Session, SessionState},
};

const ALL: Slice = Slice { offset: 0, count: 100 };

fn act(world: &World) -> ScimAct {
    let audit = vec![world.audit(AuditAction::ScimUserChanged, world.user)];
    ScimAct { actor: Actor::System, at: START, audit }
}

async fn made(world: &World, name: &str) -> ScimUser {
    let user = world.someone();
    let email = format!("{name}@example.com");
    let account = Account { user, email: email.clone(), name: name.into(), password_hash: String::new() };
    let made = ScimUser {
        user,
        organization: world.organization,
        user_name: name.to_uppercase(),
        external_id: Some(format!("ext-{name}")),
        given_name: "G".into(),
        family_name: "F".into(),
        name: name.into(),
        email,
        state: ScimState::Active,
        is_provisioned: true,
        groups: Vec::new(),
        created_at: START,
        updated_at: START,
        revision: 1,
    };
    world.create_scim_user(account, made.clone(), act(world)).await.unwrap();
    made
}

fn group(world: &World, name: &str, members: &[UserId]) -> ScimGroup {
    ScimGroup {
        id: GroupId::new(world.tick(), world.unique()),
        organization: world.organization,
        display_name: name.into(),
        external_id: None,
        members: members.iter().map(|user| (*user, String::new())).collect(),
        created_at: START,
        updated_at: START,
        revision: 1,
    }
}

fn next(of: &ScimUser, state: ScimState) -> ScimUser {
    ScimUser { state, revision: of.revision + 1, ..of.clone() }
}

pub(in crate::contract) async fn people_of_a_directory_are_found_and_changed_in_a_row(world: World) {
    world.with_owner().await;
    let bob = made(&world, "bob").await;
    let ours = world.organization;
    let found = async |filter| world.scim_users(ours, filter, ALL).await.unwrap();
    // Whoever was there before is seen as well.
    assert_eq!(found(UserFilter::All).await.1, 2);
    for filter in [
        UserFilter::UserName("bob".into()),
        UserFilter::UserName("Bob".into()),
        UserFilter::ExternalId("ext-bob".into()),
        UserFilter::Email("BOB@example.com".into()),
        UserFilter::Id(bob.user),
    ] {
        assert_eq!(found(filter.clone()).await, (vec![bob.clone()], 1), "{filter:?}");
    }
    assert_eq!(found(UserFilter::Nobody).await, (Vec::new(), 0));
    let page = Slice { offset: 1, count: 1 };
    let (second, total) = world.scim_users(ours, UserFilter::All, page).await.unwrap();
    assert_eq!((second.len(), total), (1, 2));
    let elsewhere = OrganizationId::from_u128(9);
    assert_eq!(world.scim_users(elsewhere, UserFilter::All, ALL).await.unwrap().1, 0);
    assert!(matches!(world.scim_user(elsewhere, bob.user).await, Err(Error::NotFound)));

    let renamed =
        ScimUser { name: "Bobby".into(), email: "bobby@example.com".into(), ..next(&bob, ScimState::Active) };
    world.change_scim_user(renamed.clone(), act(&world)).await.unwrap();
    assert_eq!(world.account(bob.user).await.unwrap().email, "bobby@example.com");
    let late = world.change_scim_user(renamed, act(&world)).await;
    assert!(matches!(late, Err(Error::Conflict)));
    let eve = made(&world, "eve").await;
    let same_name = ScimUser { user_name: "bOB".into(), ..next(&eve, ScimState::Active) };
    assert!(matches!(world.change_scim_user(same_name, act(&world)).await, Err(Error::Taken { .. })));
    let same_address = ScimUser { email: "bobby@example.com".into(), ..next(&eve, ScimState::Active) };
    assert!(matches!(world.change_scim_user(same_address, act(&world)).await, Err(Error::Taken { .. })));
    assert_eq!(world.account(eve.user).await.unwrap().email, "eve@example.com", "nothing is half done");
}

pub(in crate::contract) async fn somebody_who_is_deactivated_is_a_member_of_nothing_and_may_come_back(
    world: World,
) {
    world.with_owner().await;
    let bob = made(&world, "bob").await;
    let table = vec![GroupRole { group: "staff".into(), workspace_id: world.workspace, role: Role::Editor }];
    world.set_group_roles(world.organization, table, 0, Vec::new()).await.unwrap();
    world.put_scim_group(group(&world, "staff", &[bob.user]), act(&world)).await.unwrap();
    assert_eq!(world.membership(bob.user, world.workspace).await.unwrap().role, Role::Editor);
    let session = Session {
        id: flero_model::SessionId::new(world.tick(), world.unique()),
        token_hash: [9; 32],
        user: bob.user,
        state: SessionState::Active,
        created_at: START,
        last_seen_at: START,
        idle_ms: 1_000,
        ends_at: at(10_000),
        proved_at: START,
        address: String::new(),
        user_agent: String::new(),
        has_provider_factor: true,
    };
    world.create_session(session.clone(), None, Vec::new()).await.unwrap();
    assert_eq!(world.session_by_hash(&[9; 32]).await.unwrap(), session);

    let off = next(&bob, ScimState::Inactive);
    world.change_scim_user(off.clone(), act(&world)).await.unwrap();
    assert!(matches!(world.membership(bob.user, world.workspace).await, Err(Error::NotFound)));
    assert!(matches!(world.organization_role(bob.user, world.organization).await, Err(Error::NotFound)));
    assert!(matches!(world.session_by_hash(&[9; 32]).await, Err(Error::NotFound)));
    let on = next(&off, ScimState::Active);
    world.change_scim_user(on.clone(), act(&world)).await.unwrap();
    assert_eq!(world.membership(bob.user, world.workspace).await.unwrap().role, Role::Editor);
    assert_eq!(
        world.organization_role(bob.user, world.organization).await.unwrap(),
        OrganizationRole::Member
    );
    let gone = next(&on, ScimState::Deleted);
    world.change_scim_user(gone, act(&world)).await.unwrap();
    assert_eq!(world.scim_users(world.organization, UserFilter::Id(bob.user), ALL).await.unwrap().1, 0);
    let left = world.scim_user(world.organization, bob.user).await.unwrap();
    assert_eq!((left.state, left.groups.len()), (ScimState::Deleted, 0));
    // Another one may have the name now; whoever owns alone stays.
    let owner = world.scim_user(world.organization, world.user).await.unwrap();
    let last = world.change_scim_user(next(&owner, ScimState::Inactive), act(&world)).await;
    assert!(matches!(last, Err(Error::Refused { .. })));
    assert!(world.membership(world.user, world.workspace).await.is_ok(), "nothing is half done");
}

pub(in crate::contract) async fn groups_give_what_they_are_given(world: World) {
    world.with_owner().await;
    let (bob, eve) = (made(&world, "bob").await, made(&world, "eve").await);
    let ours = world.organization;
    let staff = group(&world, "staff", &[bob.user, eve.user]);
    world.put_scim_group(staff.clone(), act(&world)).await.unwrap();
    assert!(matches!(world.membership(bob.user, world.workspace).await, Err(Error::NotFound)));
    let role = |role| vec![GroupRole { group: "staff".into(), workspace_id: world.workspace, role }];
    world.set_group_roles(ours, role(Role::Viewer), 0, Vec::new()).await.unwrap();
    world.give_scim_roles(ours, act(&world)).await.unwrap();
    assert_eq!(world.membership(bob.user, world.workspace).await.unwrap().role, Role::Viewer);
    let (found, total) = world.scim_groups(ours, GroupFilter::Member(eve.user), ALL).await.unwrap();
    assert_eq!((total, found[0].members.len()), (1, 2));
    let same = world.put_scim_group(group(&world, "staff", &[]), act(&world)).await;
    assert!(matches!(same, Err(Error::Taken { .. })));
    let stranger = group(&world, "others", &[world.someone()]);
    assert!(matches!(world.put_scim_group(stranger, act(&world)).await, Err(Error::NotFound)));
    let smaller = ScimGroup { members: vec![(eve.user, String::new())], revision: 2, ..staff.clone() };
    world.put_scim_group(smaller.clone(), act(&world)).await.unwrap();
    assert!(matches!(world.put_scim_group(smaller, act(&world)).await, Err(Error::Conflict)));
    assert!(matches!(world.membership(bob.user, world.workspace).await, Err(Error::NotFound)));
    assert!(world.membership(eve.user, world.workspace).await.is_ok());
    let foreign = world.delete_scim_group(OrganizationId::from_u128(9), staff.id, act(&world)).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    world.delete_scim_group(ours, staff.id, act(&world)).await.unwrap();
    assert!(matches!(world.membership(eve.user, world.workspace).await, Err(Error::NotFound)));
    assert_eq!(world.scim_groups(ours, GroupFilter::All, ALL).await.unwrap().1, 0);
}
