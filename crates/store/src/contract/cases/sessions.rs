//! Sessions, counted attempts, invitations and memberships.

use flero_model::{
    InviteId, OrganizationId, SessionId, UserId,
    audit::{Actor, AuditAction},
    credential::{Credential, KeyScopeRef, Scope},
    role::{OrganizationRole, Role},
};
use futures_util::future::join_all;

use crate::{
    Error,
    api_keys::ApiKey,
    contract::sample::{START, World, at, first},
    invites::{Guest, Invite},
    people::{Account, Belonging, Departure, Object},
    sessions::{Admission, AttemptLimit, Session, SessionState, SignIn, Which},
};

fn session(world: &World, user: UserId, byte: u8) -> Session {
    Session {
        id: SessionId::new(world.tick(), world.unique()),
        token_hash: [byte; 32],
        user,
        state: SessionState::Active,
        created_at: world.tick(),
        last_seen_at: START,
        idle_ms: 1_000,
        ends_at: at(10_000),
        proved_at: START,
        address: "203.0.113.9".into(),
        user_agent: "test".into(),
        has_provider_factor: false,
    }
}

fn invite(world: &World, byte: u8, email: &str, role: Role) -> Invite {
    Invite {
        id: InviteId::new(world.tick(), world.unique()),
        token_hash: [byte; 32],
        workspace: world.workspace,
        email: email.into(),
        role,
        invited_by: world.user,
        by_sign_up: byte == 2,
        created_at: world.tick(),
        expires_at: at(1_000_000),
        accepted_at: None,
        revoked_at: None,
    }
}

fn guest(world: &World, email: &str, byte: u8) -> (UserId, Guest) {
    let user = world.someone();
    let account = Account { user, email: email.into(), name: "Guest".into(), password_hash: "hash".into() };
    (user, Guest::New { account, session: Box::new(session(world, user, byte)) })
}

pub(in crate::contract) async fn a_session_is_found_by_its_hash_until_it_is_renewed_or_ended(world: World) {
    world.with_owner().await;
    let one = session(&world, world.user, 1);
    let entry = SignIn {
        user: world.user,
        at: START,
        outcome: "success".into(),
        address: String::new(),
        user_agent: String::new(),
    };
    let audit = vec![world.audit(AuditAction::SignedIn, one.id)];
    world.create_session(one.clone(), Some(entry.clone()), audit.clone()).await.unwrap();
    assert_eq!(world.session_by_hash(&[1; 32]).await.unwrap(), one);
    assert!(matches!(world.create_session(one.clone(), None, audit).await, Err(Error::Taken { .. })));
    assert_eq!(world.list_sign_ins(world.user, 10).await.unwrap(), [entry]);

    let renewed = Session { token_hash: [2; 32], proved_at: at(5), ..one.clone() };
    world.renew_session([1; 32], renewed.clone(), None, Vec::new()).await.unwrap();
    assert!(matches!(world.session_by_hash(&[1; 32]).await, Err(Error::NotFound)));
    let stale = world.renew_session([1; 32], one, None, Vec::new()).await;
    assert!(matches!(stale, Err(Error::NotFound)));
    world.touch_session(renewed.id, at(900)).await.unwrap();
    world.touch_session(renewed.id, at(800)).await.unwrap();
    assert_eq!(world.session_by_hash(&[2; 32]).await.unwrap().last_seen_at, at(900));

    let two = session(&world, world.user, 3);
    world.create_session(two.clone(), None, Vec::new()).await.unwrap();
    assert_eq!(world.list_sessions(world.user, at(900)).await.unwrap().len(), 2);
    assert_eq!(world.list_sessions(world.user, at(1_000)).await.unwrap().len(), 1);
    let audit = || vec![world.audit(AuditAction::SessionsEnded, world.user)];
    assert_eq!(world.end_sessions(world.someone(), Which::All, audit()).await.unwrap(), 0);
    assert_eq!(world.end_sessions(world.user, Which::AllBut(two.id), audit()).await.unwrap(), 1);
    assert!(matches!(world.session_by_hash(&[2; 32]).await, Err(Error::NotFound)));
    assert_eq!(world.prune_sessions(at(999)).await.unwrap(), 0);
    assert_eq!(world.prune_sessions(at(1_000)).await.unwrap(), 1);
    assert_eq!(world.chain().await.len(), 2);
}

pub(in crate::contract) async fn attempts_at_once_do_not_exceed_their_limit(world: World) {
    world.with_owner().await;
    let before = world.chain().await.len();
    let limit =
        AttemptLimit { free: 3, first_wait_ms: 100, longest_wait_ms: 150, forget_ms: None, most: Some(6) };
    let tries = join_all((0..20).map(|_| world.admit_attempt(vec![([7; 32], limit)], START))).await;
    let admitted = tries.iter().filter(|one| matches!(one, Ok(Admission::Go))).count();
    assert_eq!(admitted, 4);
    assert_eq!(world.admit_attempt(vec![([7; 32], limit)], at(99)).await.unwrap(), Admission::Wait(at(100)));
    // A bucket that refuses keeps the others from counting.
    let both = vec![([8; 32], limit), ([7; 32], limit)];
    for _ in 0..9 {
        assert_eq!(world.admit_attempt(both.clone(), at(99)).await.unwrap(), Admission::Wait(at(100)));
    }
    assert_eq!(world.admit_attempt(vec![([8; 32], limit)], at(99)).await.unwrap(), Admission::Go);
    assert_eq!(world.admit_attempt(vec![([7; 32], limit)], at(100)).await.unwrap(), Admission::Go);
    assert_eq!(world.admit_attempt(vec![([7; 32], limit)], at(250)).await.unwrap(), Admission::Go);
    assert_eq!(world.admit_attempt(vec![([7; 32], limit)], at(9_000)).await.unwrap(), Admission::Locked);
    let forgetful = AttemptLimit { forget_ms: Some(1_000), ..limit };
    assert_eq!(world.admit_attempt(vec![([7; 32], forgetful)], at(9_000)).await.unwrap(), Admission::Go);
    let audit = vec![world.audit(AuditAction::MemberUnlocked, world.user)];
    world.clear_attempts(vec![[7; 32]], audit).await.unwrap();
    assert_eq!(world.chain().await.len(), before + 1);
    assert_eq!(world.admit_attempt(vec![([7; 32], limit)], at(9_000)).await.unwrap(), Admission::Go);
}

pub(in crate::contract) async fn an_invitation_is_accepted_once(world: World) {
    world.with_owner().await;
    let (one, two) = (invite(&world, 1, "a@x.y", Role::Editor), invite(&world, 2, "a@x.y", Role::Viewer));
    world.create_invites(vec![one.clone()], Vec::new()).await.unwrap();
    world.create_invites(vec![two.clone()], Vec::new()).await.unwrap();
    assert!(world.invite_by_hash(&[1; 32]).await.unwrap().revoked_at.is_some(), "replaced by the second");
    assert_eq!(
        world.list_invites(world.workspace, first(10)).await.unwrap().items,
        std::slice::from_ref(&two)
    );
    assert!(matches!(world.get_invite(world.elsewhere().workspace, two.id).await, Err(Error::NotFound)));
    assert_eq!(world.home_of(Object::Invite(two.id)).await.unwrap(), world.workspace);

    let (user, new) = guest(&world, "a@x.y", 4);
    let audit = vec![world.audit(AuditAction::MemberJoined, user)];
    let stale = world.accept_invite(one.id, new.clone(), START, audit.clone()).await;
    assert!(matches!(stale, Err(Error::Conflict)));
    let late = world.accept_invite(two.id, new.clone(), at(1_000_000), audit.clone()).await;
    assert!(matches!(late, Err(Error::Conflict)));
    assert!(matches!(world.account(user).await, Err(Error::NotFound)), "nothing is half done");
    world.accept_invite(two.id, new.clone(), START, audit.clone()).await.unwrap();
    let membership = world.membership(user, world.workspace).await.unwrap();
    assert_eq!((membership.role, membership.organization_role), (Role::Viewer, OrganizationRole::Member));
    assert_eq!(world.session_by_hash(&[4; 32]).await.unwrap().user, user);
    assert!(matches!(world.accept_invite(two.id, new, START, audit).await, Err(Error::Conflict)));

    let third = invite(&world, 3, "a@x.y", Role::Admin);
    world.create_invites(vec![third.clone()], Vec::new()).await.unwrap();
    world.accept_invite(third.id, Guest::Known(user), START, Vec::new()).await.unwrap();
    assert_eq!(world.membership(user, world.workspace).await.unwrap().role, Role::Admin);
    let revoked = world.revoke_invite(world.workspace, third.id, START, Vec::new()).await;
    assert!(matches!(revoked, Err(Error::NotFound)));
    assert_eq!(world.list_members(world.workspace, first(10)).await.unwrap().total, 2);
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn the_last_owner_stays_and_a_leaver_takes_personal_credentials_out_of_use(
    world: World,
) {
    world.with_owner().await;
    world.with_keys().await;
    let personal = world.with_credential(Scope::Personal).await;
    let shared = world.with_credential(Scope::Workspace).await;
    let place = world.workspace;
    let last = world.change_member(place, world.user, (Role::Owner, Role::Admin), Vec::new()).await;
    assert!(matches!(last, Err(Error::Refused { .. })));
    let last = world.remove_member(place, world.user, Role::Owner, START, Vec::new()).await;
    assert!(matches!(last, Err(Error::Refused { .. })));
    let role = OrganizationRole::Member;
    let last = world.change_organization_member(world.organization, world.user, role, Vec::new()).await;
    assert!(matches!(last, Err(Error::Refused { .. })));

    let one = invite(&world, 1, "a@x.y", Role::Editor);
    world.create_invites(vec![one.clone()], Vec::new()).await.unwrap();
    let (user, new) = guest(&world, "a@x.y", 4);
    world.accept_invite(one.id, new, START, Vec::new()).await.unwrap();
    // What was decided by a role that somebody no longer has is not done.
    let stale = world.change_member(place, user, (Role::Viewer, Role::Admin), Vec::new()).await;
    assert!(matches!(stale, Err(Error::Conflict)));
    let stale = world.remove_member(place, user, Role::Viewer, START, Vec::new()).await;
    assert!(matches!(stale, Err(Error::Conflict)));
    world.change_member(place, user, (Role::Editor, Role::Owner), Vec::new()).await.unwrap();
    let (own, theirs) = (world.api_key(7), ApiKey { creator: user, ..world.api_key(8) });
    world.create_api_key(own.clone(), Vec::new()).await.unwrap();
    world.create_api_key(theirs.clone(), Vec::new()).await.unwrap();
    let audit = vec![world.audit(AuditAction::MemberRemoved, world.user)];
    let expired = world.remove_member(place, world.user, Role::Owner, at(7), audit).await.unwrap();
    assert_eq!(world.get_api_key(place, own.id).await.unwrap().revoked_at, Some(at(7)));
    assert_eq!(world.get_api_key(place, theirs.id).await.unwrap().revoked_at, None);
    assert_eq!(expired, [personal.id]);
    // What came with it is recorded behind it: the keys that are revoked, and the status that changed.
    let trail = world.chain().await;
    let removal = trail.iter().rposition(|one| one.event.action == AuditAction::MemberRemoved).unwrap();
    let told: Vec<_> = trail[removal..]
        .iter()
        .map(|one| (one.event.action, one.event.target.clone(), one.event.detail.outcome.as_deref()))
        .collect();
    let left = Some("member_left");
    assert_eq!(told[0], (AuditAction::MemberRemoved, world.user.to_string(), None));
    assert!(told.contains(&(AuditAction::ApiKeyRevoked, own.id.to_string(), left)));
    assert!(!told.iter().any(|(_, target, _)| *target == theirs.id.to_string()));
    let changed = (AuditAction::CredentialStatusChanged, personal.id.to_string(), left);
    assert_eq!(told.last(), Some(&changed));
    assert_eq!(world.get_credential(personal.id).await.unwrap().expires_at, Some(at(7)));
    assert_ne!(world.get_credential(shared.id).await.unwrap().expires_at, Some(at(7)));
    assert!(matches!(world.membership(world.user, place).await, Err(Error::NotFound)));
    let again = world.remove_member(place, world.user, Role::Owner, at(8), Vec::new()).await;
    assert!(matches!(again, Err(Error::NotFound)));
    let full = world.delete_workspace(place, START, Vec::new()).await;
    assert!(matches!(full, Err(Error::Refused { .. })));
}

fn departure(world: &World, user: UserId, credentials: &[Credential]) -> Departure {
    let belonging = |credential: &Credential| Belonging {
        credential: credential.id,
        audit: world.audit(AuditAction::CredentialDeleted, credential.id),
        revoke: None,
    };
    Departure {
        user,
        organization: None,
        belongings: credentials.iter().map(belonging).collect(),
        actor: Actor::User { user },
        at: at(7),
        audit: vec![world.audit(AuditAction::PersonDeleted, user)],
    }
}

pub(in crate::contract) async fn whoever_departs_leaves_an_identifier_alone(world: World) {
    world.with_owner().await;
    world.with_keys().await;
    let personal = world.with_credential(Scope::Personal).await;
    let shared = world.with_credential(Scope::Workspace).await;
    let ada = world.user;
    let one = invite(&world, 1, "a@x.y", Role::Editor);
    let own = invite(&world, 2, "owner@example.com", Role::Editor);
    world.create_invites(vec![one.clone(), own.clone()], Vec::new()).await.unwrap();
    let (bob, new) = guest(&world, "a@x.y", 4);
    world.accept_invite(one.id, new, START, Vec::new()).await.unwrap();
    world.create_session(session(&world, ada, 3), None, Vec::new()).await.unwrap();
    let before = world.chain().await.len();

    assert_eq!(world.belongings(ada, None).await.unwrap(), std::slice::from_ref(&personal));
    assert_eq!(
        world.belongings(ada, Some(world.organization)).await.unwrap(),
        std::slice::from_ref(&personal)
    );
    let foreign = world.belongings(ada, Some(OrganizationId::from_u128(9))).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    let others = world.depart(departure(&world, ada, &[])).await;
    assert!(matches!(others, Err(Error::Conflict)), "nothing that came meanwhile is lost without a record");
    let last = world.depart(departure(&world, ada, std::slice::from_ref(&personal))).await;
    assert!(matches!(last, Err(Error::Refused { .. })));
    assert!(world.get_credential(personal.id).await.is_ok() && world.chain().await.len() == before);

    world.transfer_workspace(world.workspace, ada, bob, Vec::new()).await.unwrap();
    assert_eq!(world.membership(ada, world.workspace).await.unwrap().role, Role::Admin);
    let owner = OrganizationRole::Owner;
    world.change_organization_member(world.organization, bob, owner, Vec::new()).await.unwrap();
    world.depart(departure(&world, ada, std::slice::from_ref(&personal))).await.unwrap();
    assert!(matches!(world.get_credential(personal.id).await, Err(Error::NotFound)));
    assert!(world.get_credential(shared.id).await.is_ok(), "what is shared stays");
    assert!(matches!(world.membership(ada, world.workspace).await, Err(Error::NotFound)));
    assert!(matches!(world.session_by_hash(&[3; 32]).await, Err(Error::NotFound)));
    assert!(matches!(world.account_by_email("owner@example.com").await, Err(Error::NotFound)));
    assert!(matches!(world.invite_by_hash(&own.token_hash).await, Err(Error::NotFound)));
    let (name, address) = world.person(ada).await.unwrap();
    assert_eq!((name.as_str(), address), ("Deleted person", ada.to_string()));
    assert!(world.account(ada).await.unwrap().password_hash.is_empty());
    let hers = KeyScopeRef::personal(world.workspace, ada);
    assert!(world.scope_keys(&hers).await.unwrap().is_empty(), "nothing that was hers can be opened");
    assert!(!world.scope_keys(&KeyScopeRef::workspace(world.workspace)).await.unwrap().is_empty());
    let actions: Vec<AuditAction> =
        world.chain().await[before..].iter().map(|one| one.event.action).collect();
    assert_eq!(
        actions,
        [
            AuditAction::CredentialDeleted,
            AuditAction::MemberRemoved,
            AuditAction::ApiKeyRevoked,
            AuditAction::PersonDeleted
        ]
    );
}
