//! Second factors, challenges and the policies of organizations.

use flero_model::{
    PasskeyId, SessionId, UserId, audit::AuditAction, credential::KeyScopeRef,
    organization_policies::OrganizationPolicies,
};
use futures_util::future::join_all;

use crate::{
    Error,
    contract::sample::{START, World, at},
    keys::{KeyVersionState, SealedSecret, SecretAddress, SecretSlot},
    mfa::{
        Challenge, ChallengePurpose, ConfirmTotp, FactorChange, Factors, MOST_PASSKEYS, PENDING_TOTP_FIELD,
        StoredPasskey, TOTP_FIELD,
    },
    sessions::{Session, SessionState},
};

fn sealed(user: UserId, field: &str, revision: u64) -> SealedSecret {
    SealedSecret {
        address: SecretAddress { owner: user.to_string(), field: field.into(), slot: SecretSlot::Current },
        revision,
        scope: KeyScopeRef::person(user),
        key_version: 1,
        bound_type: "totp".into(),
        policy_hash: vec![7; 32],
        blob: format!("{field}-{revision}").into_bytes(),
        destroy_at: None,
    }
}

async fn with_person(world: &World) {
    world.with_owner().await;
    world.with_vault(1).await;
    world.with_scope_key(&KeyScopeRef::person(world.user), 1, KeyVersionState::Active).await;
}

async fn session(world: &World, byte: u8) -> SessionId {
    let id = SessionId::new(world.tick(), world.unique());
    let session = Session {
        id,
        token_hash: [byte; 32],
        user: world.user,
        state: SessionState::Active,
        created_at: world.tick(),
        last_seen_at: START,
        idle_ms: 1_000,
        ends_at: at(10_000),
        proved_at: START,
        address: String::new(),
        user_agent: String::new(),
        has_provider_factor: false,
    };
    world.create_session(session, None, Vec::new()).await.unwrap();
    id
}

fn change(world: &World, keep: SessionId, action: AuditAction, codes: &[u8]) -> FactorChange {
    let first_recovery_codes = codes.iter().map(|byte| [*byte; 32]).collect();
    FactorChange { keep, first_recovery_codes, audit: vec![world.audit(action, world.user)] }
}

async fn confirm(world: &World, counter: u64, step: u64, change: FactorChange) -> crate::Result<bool> {
    let secret = sealed(world.user, TOTP_FIELD, counter);
    world.confirm_totp(ConfirmTotp { user: world.user, counter, step, secret, at: at(2), change }).await
}

fn passkey(world: &World, credential: u8) -> StoredPasskey {
    StoredPasskey {
        id: PasskeyId::new(world.tick(), world.unique()),
        user: world.user,
        credential_id: vec![credential; 3],
        name: "Laptop".into(),
        key: "{}".into(),
        revision: 1,
        created_at: world.tick(),
        last_used_at: None,
    }
}

pub(in crate::contract) async fn a_shared_secret_is_confirmed_replaced_and_removed(world: World) {
    with_person(&world).await;
    let (keep, other) = (session(&world, 1).await, session(&world, 2).await);
    assert_ne!(keep, other);
    let user = world.user;
    assert_eq!(world.totp(user).await.unwrap(), None);
    let pending = |revision| sealed(user, PENDING_TOTP_FIELD, revision);
    world.begin_totp(user, 0, pending(1), START).await.unwrap();
    assert!(matches!(world.begin_totp(user, 0, pending(1), START).await, Err(Error::Conflict)));
    world.begin_totp(user, 1, pending(2), at(1)).await.unwrap();
    let found = world.totp(user).await.unwrap().unwrap();
    assert_eq!((found.counter, found.pending_since, found.current), (2, Some(at(1)), None));
    assert_eq!(found.pending, Some(pending(2)));
    assert!(!world.factors(user).await.unwrap().has_any(), "what is not confirmed is no factor");

    let added = || change(&world, keep, AuditAction::FactorAdded, &[1, 2, 3]);
    assert!(matches!(confirm(&world, 1, 7, added()).await, Err(Error::Conflict)));
    assert!(world.session_by_hash(&[2; 32]).await.is_ok(), "nothing is half done");
    assert!(confirm(&world, 2, 7, added()).await.unwrap(), "the first factor brings recovery codes");
    assert!(matches!(confirm(&world, 2, 7, added()).await, Err(Error::Conflict)));
    let found = world.totp(user).await.unwrap().unwrap();
    assert_eq!(found.current, Some((2, sealed(user, TOTP_FIELD, 2))));
    assert_eq!((found.pending, found.pending_since, found.confirmed_at), (None, None, Some(at(2))));
    assert!(matches!(world.session_by_hash(&[2; 32]).await, Err(Error::NotFound)), "other sessions end");
    assert!(world.session_by_hash(&[1; 32]).await.is_ok());
    let factors = Factors { has_totp: true, recovery_codes: 3, ..Factors::default() };
    assert_eq!(world.factors(user).await.unwrap(), factors);

    world.begin_totp(user, 2, pending(3), at(3)).await.unwrap();
    assert!(!confirm(&world, 3, 2, added()).await.unwrap(), "recovery codes that are there stay");
    world.use_totp_step(user, 3, 3).await.unwrap();
    let removed = || change(&world, keep, AuditAction::FactorRemoved, &[]);
    world.remove_totp(user, removed()).await.unwrap();
    assert!(matches!(world.remove_totp(user, removed()).await, Err(Error::NotFound)));
    assert_eq!(
        world.factors(user).await.unwrap(),
        Factors::default(),
        "recovery codes go with the last factor"
    );
    let found = world.totp(user).await.unwrap().unwrap();
    assert_eq!((found.counter, found.current), (3, None), "revisions never repeat");
    assert_eq!(world.all_sealed(None, 10).await.unwrap(), []);
    assert_eq!(world.chain().await.len(), 3);
}

/// Security test 57: a step is used up once, also by uses at the same time (the store's part).
pub(in crate::contract) async fn a_step_is_used_once_and_no_earlier_one_after_it(world: World) {
    with_person(&world).await;
    let (keep, user) = (session(&world, 1).await, world.user);
    assert!(matches!(world.use_totp_step(user, 1, 1).await, Err(Error::Conflict)));
    world.begin_totp(user, 0, sealed(user, PENDING_TOTP_FIELD, 1), START).await.unwrap();
    assert!(matches!(world.use_totp_step(user, 1, 1).await, Err(Error::Conflict)), "not confirmed");
    confirm(&world, 1, 10, change(&world, keep, AuditAction::FactorAdded, &[])).await.unwrap();
    for step in [0, 9, 10] {
        assert!(matches!(world.use_totp_step(user, 1, step).await, Err(Error::Conflict)), "{step}");
    }
    assert!(matches!(world.use_totp_step(user, 2, 11).await, Err(Error::Conflict)), "of another secret");
    let tries = join_all((0..20).map(|_| world.use_totp_step(user, 1, 12))).await;
    assert_eq!(tries.iter().filter(|one| one.is_ok()).count(), 1);
    assert!(matches!(world.use_totp_step(user, 1, 11).await, Err(Error::Conflict)));
    world.use_totp_step(user, 1, 13).await.unwrap();
    assert!(matches!(world.use_totp_step(world.someone(), 1, 14).await, Err(Error::Conflict)));
}

pub(in crate::contract) async fn a_recovery_code_is_used_once_by_its_person(world: World) {
    world.with_owner().await;
    let user = world.user;
    let audit = || vec![world.audit(AuditAction::RecoveryCodeUsed, user)];
    world.replace_recovery_codes(user, vec![[1; 32], [2; 32]], Vec::new()).await.unwrap();
    world.replace_recovery_codes(user, vec![[3; 32], [4; 32]], Vec::new()).await.unwrap();
    assert!(matches!(world.use_recovery_code(user, [1; 32], audit()).await, Err(Error::NotFound)));
    assert!(matches!(world.use_recovery_code(world.someone(), [3; 32], audit()).await, Err(Error::NotFound)));
    let tries = join_all((0..9).map(|_| world.use_recovery_code(user, [3; 32], audit()))).await;
    let left: Vec<u32> = tries.into_iter().flatten().collect();
    assert_eq!(left, [1]);
    assert_eq!(world.use_recovery_code(user, [4; 32], audit()).await.unwrap(), 0);
    assert_eq!(world.chain().await.len(), 2);
}

pub(in crate::contract) async fn a_passkey_is_one_persons_and_its_uses_are_in_a_row(world: World) {
    world.with_owner().await;
    let (keep, user) = (session(&world, 1).await, world.user);
    let added = |codes: &[u8]| change(&world, keep, AuditAction::FactorAdded, codes);
    let one = passkey(&world, 1);
    assert!(world.add_passkey(one.clone(), added(&[1])).await.unwrap());
    let same = StoredPasskey { id: passkey(&world, 1).id, ..one.clone() };
    assert!(matches!(world.add_passkey(same, added(&[])).await, Err(Error::Taken { .. })));
    assert_eq!(world.passkeys(user).await.unwrap(), std::slice::from_ref(&one));
    assert_eq!(world.passkeys(world.someone()).await.unwrap(), []);
    world.rename_passkey(user, one.id, "Phone".into()).await.unwrap();
    assert_eq!(world.passkeys(user).await.unwrap()[0].name, "Phone");
    let foreign = world.rename_passkey(world.someone(), one.id, "Mine".into()).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    let tries = join_all((0..9).map(|_| world.use_passkey(one.id, 1, "{\"n\":1}".into(), at(5)))).await;
    assert_eq!(tries.iter().filter(|one| one.is_ok()).count(), 1);
    let used = world.passkeys(user).await.unwrap().remove(0);
    assert_eq!((used.revision, used.key.as_str(), used.last_used_at), (2, "{\"n\":1}", Some(at(5))));
    for number in 1..MOST_PASSKEYS {
        let more = passkey(&world, u8::try_from(number + 1).unwrap());
        assert!(!world.add_passkey(more, added(&[1])).await.unwrap());
    }
    let beyond = world.add_passkey(passkey(&world, 99), added(&[])).await;
    assert!(matches!(beyond, Err(Error::Refused { .. })));
    let removed = || change(&world, keep, AuditAction::FactorRemoved, &[]);
    assert!(matches!(world.remove_passkey(world.someone(), one.id, removed()).await, Err(Error::NotFound)));
    world.remove_passkey(user, one.id, removed()).await.unwrap();
    assert!(matches!(world.remove_passkey(user, one.id, removed()).await, Err(Error::NotFound)));
    assert!(matches!(world.use_passkey(one.id, 2, "{}".into(), at(6)).await, Err(Error::Conflict)));
    assert_eq!(world.factors(user).await.unwrap().passkeys, MOST_PASSKEYS - 1);
}

/// Security test 58: a challenge is taken once and in its time (the store's part).
pub(in crate::contract) async fn a_challenge_is_taken_once_and_before_its_end(world: World) {
    let session = SessionId::new(START, 1);
    let challenge = |byte: u8, millis: i64| Challenge {
        id_hash: [byte; 32],
        purpose: ChallengePurpose::Prove,
        session: Some(session),
        state: "{}".into(),
        created_at: at(millis),
        expires_at: at(millis + 100),
    };
    world.put_challenge(challenge(1, 0)).await.unwrap();
    let tries = join_all((0..9).map(|_| world.take_challenge([1; 32], at(99)))).await;
    let taken: Vec<Challenge> = tries.into_iter().flatten().collect();
    assert_eq!(taken, [challenge(1, 0)]);
    world.put_challenge(challenge(2, 0)).await.unwrap();
    assert!(matches!(world.take_challenge([2; 32], at(100)).await, Err(Error::NotFound)));
    let anonymous = Challenge { purpose: ChallengePurpose::SignIn, session: None, ..challenge(3, 500) };
    world.put_challenge(anonymous.clone()).await.unwrap();
    assert!(
        matches!(world.take_challenge([2; 32], at(50)).await, Err(Error::NotFound)),
        "it went when it was over"
    );
    assert_eq!(world.take_challenge([3; 32], at(501)).await.unwrap(), anonymous);
}

pub(in crate::contract) async fn a_policy_that_requires_a_factor_keeps_the_last_one(world: World) {
    with_person(&world).await;
    let (keep, user) = (session(&world, 1).await, world.user);
    let none = OrganizationPolicies::default();
    assert_eq!(world.organization_policies(world.organization).await.unwrap(), (none, 0));
    let required = OrganizationPolicies { require_mfa: true, ..OrganizationPolicies::default() };
    let audit = || vec![world.audit(AuditAction::PoliciesChanged, world.organization)];
    let set =
        |revision| world.set_organization_policies(world.organization, required.clone(), revision, audit());
    assert!(matches!(set(3).await, Err(Error::Conflict)));
    assert_eq!(set(0).await.unwrap(), 1);
    assert!(matches!(set(0).await, Err(Error::Conflict)));
    assert_eq!(set(1).await.unwrap(), 2);
    assert_eq!(world.organization_policies(world.organization).await.unwrap(), (required, 2));
    assert!(world.factors(user).await.unwrap().must_enrol());
    assert!(!world.factors(world.someone()).await.unwrap().is_required);

    let one = passkey(&world, 1);
    let added = change(&world, keep, AuditAction::FactorAdded, &[1]);
    world.add_passkey(one.clone(), added).await.unwrap();
    let factors = world.factors(user).await.unwrap();
    assert!(factors.is_required && !factors.must_enrol());
    let removed = || change(&world, keep, AuditAction::FactorRemoved, &[]);
    let last = world.remove_passkey(user, one.id, removed()).await;
    assert!(matches!(last, Err(Error::Refused { .. })));
    assert_eq!(world.factors(user).await.unwrap(), factors, "nothing is half done");
    world.begin_totp(user, 0, sealed(user, PENDING_TOTP_FIELD, 1), START).await.unwrap();
    confirm(&world, 1, 1, change(&world, keep, AuditAction::FactorAdded, &[])).await.unwrap();
    world.remove_passkey(user, one.id, removed()).await.unwrap();
    assert!(matches!(world.remove_totp(user, removed()).await, Err(Error::Refused { .. })));
}
