//! Credentials and their secrets, which change together.

use flero_model::{
    audit::AuditAction,
    credential::{
        Credential, Scope, Status,
        lifecycle::{Former, Step},
    },
};

use crate::{
    Error,
    contract::sample::{World, at},
    credentials::{CredentialChange, LifecycleNote},
    keys::{SealedSecret, SecretSlot},
};

fn change(credential: &Credential) -> CredentialChange {
    CredentialChange {
        credential: credential.clone(),
        secrets: Vec::new(),
        destroy: Vec::new(),
        audit: Vec::new(),
    }
}

pub(in crate::contract) async fn a_credential_comes_back_as_it_was_written_with_its_secret(world: World) {
    world.with_keys().await;
    for scope in [Scope::Personal, Scope::Workspace, Scope::Organization] {
        let credential = world.credential(scope);
        let creation = world.creation(&credential);
        world.create_credential(creation.clone()).await.unwrap();
        assert_eq!(world.get_credential(credential.id).await.unwrap(), credential);
        let both = world.get_credential_with_secret(credential.id).await.unwrap();
        assert_eq!((both.credential, both.secret.as_ref()), (credential.clone(), creation.secrets.first()));
        assert_eq!(world.get_secret(credential.id, SecretSlot::Current).await.unwrap(), creation.secrets[0]);
        let previous = world.get_secret(credential.id, SecretSlot::Previous).await;
        assert!(matches!(previous, Err(Error::NotFound)), "{previous:?}");
    }
    let mut bare = world.credential(Scope::Workspace);
    (bare.account, bare.expires_at, bare.rotate_every_days) = (None, None, None);
    bare.status = Status::Revoked;
    bare.policy.allowed_hosts = vec!["http://127.0.0.1:8080".parse().unwrap()];
    bare.policy.parameters.clear();
    world.create_credential(change(&bare)).await.unwrap();
    let both = world.get_credential_with_secret(bare.id).await.unwrap();
    assert_eq!((both.credential, both.secret), (bare, None));
    let missing = world.get_credential_with_secret(world.credential_id()).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    assert_eq!(world.chain().await.len(), 3);
}

pub(in crate::contract) async fn an_id_that_is_taken_is_refused(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let mut impostor = world.credential(Scope::Workspace);
    impostor.id = credential.id;
    let refused = world.create_credential(change(&impostor)).await;
    assert!(matches!(refused, Err(Error::Taken { .. })), "{refused:?}");
    assert_eq!(world.get_credential(credential.id).await.unwrap(), credential);
}

pub(in crate::contract) async fn a_change_from_an_old_revision_is_a_conflict_and_changes_nothing(
    world: World,
) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let mut edited = credential.clone();
    edited.name = "Renamed".into();
    edited.notes = String::new();
    edited.updated_at = at(700);
    let changed = world.update_credential(change(&edited)).await.unwrap();
    edited.revision = 2;
    assert_eq!(changed, edited);
    assert_eq!(world.get_credential(credential.id).await.unwrap(), edited);

    let late = CredentialChange {
        secrets: vec![world.secret(&credential, 5)],
        audit: vec![world.audit(AuditAction::CredentialEdited, credential.id)],
        ..change(&credential)
    };
    let before = world.chain().await.len();
    let conflict = world.update_credential(late).await;
    assert!(matches!(conflict, Err(Error::Conflict)), "{conflict:?}");
    assert_eq!(world.get_secret(credential.id, SecretSlot::Current).await.unwrap().revision, 1);
    assert_eq!(world.chain().await.len(), before);
    let missing = world.update_credential(change(&world.credential(Scope::Workspace))).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
}

/// Security test 4, the store's part: an older secret does not come back into a newer row.
pub(in crate::contract) async fn a_secret_is_replaced_by_a_higher_revision_only(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let put = async |revision: u64, row: &Credential| {
        let mut credential = row.clone();
        credential.secret_revision = revision;
        credential.name = format!("with secret {revision}");
        let secrets = vec![world.secret(&credential, revision)];
        world.update_credential(CredentialChange { secrets, ..change(&credential) }).await
    };
    let second = put(5, &credential).await.unwrap();
    for revision in [1, 4, 5] {
        let refused = put(revision, &second).await;
        assert!(matches!(refused, Err(Error::Conflict)), "{revision}: {refused:?}");
    }
    assert_eq!(
        world.get_credential(credential.id).await.unwrap(),
        second,
        "the metadata did not change either"
    );
    put(6, &second).await.unwrap();
    assert_eq!(world.get_secret(credential.id, SecretSlot::Current).await.unwrap().revision, 6);
}

pub(in crate::contract) async fn a_change_writes_and_destroys_secrets_in_one_transaction(world: World) {
    world.with_keys().await;
    let mut credential = world.with_credential(Scope::Workspace).await;
    let old = world.get_secret(credential.id, SecretSlot::Current).await.unwrap();
    let mut previous = SealedSecret { destroy_at: Some(at(1_000)), blob: b"former".to_vec(), ..old.clone() };
    previous.address.slot = SecretSlot::Previous;
    let new = world.secret(&credential, 2);
    credential.secret_revision = 2;
    let rotation = CredentialChange { secrets: vec![new.clone(), previous.clone()], ..change(&credential) };
    let mut credential = world.update_credential(rotation).await.unwrap();
    assert_eq!(world.get_secret(credential.id, SecretSlot::Current).await.unwrap(), new);
    assert_eq!(world.get_secret(credential.id, SecretSlot::Previous).await.unwrap(), previous);

    // A scope change: the secret moves to another keyset, the former one goes.
    credential.scope = Scope::Organization;
    credential.secret_revision = 3;
    let moved = world.secret(&credential, 3);
    let change = CredentialChange {
        secrets: vec![moved.clone()],
        destroy: vec![previous.address.clone()],
        ..change(&credential)
    };
    world.update_credential(change).await.unwrap();
    assert_eq!(world.get_credential_with_secret(credential.id).await.unwrap().secret, Some(moved));
    let gone = world.get_secret(credential.id, SecretSlot::Previous).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
}

pub(in crate::contract) async fn a_status_is_noted_only_for_the_secret_that_was_used(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let note = async |revision: u64, status: Status| {
        let audit = world.audit(AuditAction::CredentialStatusChanged, credential.id);
        world.note_credential_status(credential.id, revision, status, audit).await.unwrap()
    };
    let before = world.chain().await.len();
    assert!(note(1, Status::Failing).await);
    assert!(!note(1, Status::Failing).await, "it is failing already");
    assert!(!note(2, Status::Active).await, "another secret was used");
    assert_eq!(world.get_credential(credential.id).await.unwrap().status, Status::Failing);
    assert!(note(1, Status::Active).await);
    let now = world.get_credential(credential.id).await.unwrap();
    assert_eq!((now.status, now.secret_revision), (Status::Active, 1));
    assert!(now.revision > credential.revision, "the representation changed, so its tag did");
    assert_eq!(world.chain().await.len(), before + 2);
    let audit = world.audit(AuditAction::CredentialStatusChanged, credential.id);
    let missing = world.credential_id();
    assert!(!world.note_credential_status(missing, 1, Status::Failing, audit).await.unwrap());
}

pub(in crate::contract) async fn a_revoked_credential_is_not_brought_back_by_a_use(world: World) {
    world.with_keys().await;
    let mut credential = world.with_credential(Scope::Workspace).await;
    credential.status = Status::Revoked;
    let secret = world.get_secret(credential.id, SecretSlot::Current).await.unwrap();
    let revocation = CredentialChange { destroy: vec![secret.address], ..change(&credential) };
    world.update_credential(revocation).await.unwrap();
    let audit = world.audit(AuditAction::CredentialStatusChanged, credential.id);
    assert!(!world.note_credential_status(credential.id, 1, Status::Active, audit).await.unwrap());
    let both = world.get_credential_with_secret(credential.id).await.unwrap();
    assert_eq!((both.credential.status, both.secret), (Status::Revoked, None));
}

pub(in crate::contract) async fn the_last_use_is_the_latest_and_an_edit_does_not_take_it_back(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    world.touch_credentials(vec![(credential.id, at(20)), (world.credential_id(), at(20))]).await.unwrap();
    world.touch_credentials(vec![(credential.id, at(10))]).await.unwrap();
    let used = world.get_credential(credential.id).await.unwrap();
    assert_eq!(
        (used.last_used_at, used.revision),
        (Some(at(20)), credential.revision),
        "a use is not a change"
    );
    // The edit was made from a row that was read before the use.
    let edited = world.update_credential(change(&credential)).await.unwrap();
    assert_eq!(edited.last_used_at, Some(at(20)));
}

pub(in crate::contract) async fn deletion_destroys_every_secret_of_the_credential(world: World) {
    world.with_keys().await;
    let credential = world.credential(Scope::Workspace);
    let mut creation = world.creation(&credential);
    let mut previous = world.secret(&credential, 1);
    previous.address.slot = SecretSlot::Previous;
    creation.secrets.push(previous);
    world.create_credential(creation).await.unwrap();
    let kept = world.with_credential(Scope::Workspace).await;

    let audit = || vec![world.audit(AuditAction::CredentialDeleted, credential.id)];
    let before = world.chain().await.len();
    world.delete_credential(credential.id, audit()).await.unwrap();
    let again = world.delete_credential(credential.id, audit()).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    assert!(matches!(world.get_credential(credential.id).await, Err(Error::NotFound)));
    let left: Vec<_> =
        world.all_sealed(None, 10).await.unwrap().into_iter().map(|s| s.address.owner).collect();
    assert_eq!(left, [kept.id.to_string()]);
    assert_eq!(world.chain().await.len(), before + 1);
}

pub(in crate::contract) async fn secrets_whose_grace_has_passed_are_destroyed(world: World) {
    world.with_keys().await;
    for grace in [10, 20, 30] {
        let credential = world.credential(Scope::Workspace);
        let mut creation = world.creation(&credential);
        let mut previous = world.secret(&credential, 1);
        previous.address.slot = SecretSlot::Previous;
        previous.destroy_at = Some(at(grace));
        creation.secrets.push(previous);
        world.create_credential(creation).await.unwrap();
    }
    assert_eq!(world.destroy_due_secrets(at(9)).await.unwrap(), 0);
    assert_eq!(world.destroy_due_secrets(at(20)).await.unwrap(), 2);
    assert_eq!(world.destroy_due_secrets(at(20)).await.unwrap(), 0);
    assert_eq!(world.all_sealed(None, 10).await.unwrap().len(), 4);
}

pub(in crate::contract) async fn what_time_does_to_a_credential_is_noted_once_and_never_over_an_edit(
    world: World,
) {
    world.with_keys().await;
    let mut credential = world.credential(Scope::Workspace);
    credential.set_maximum_age(None);
    (credential.expires_at, credential.rotate_every_days) = (Some(at(5_000)), None);
    credential.former = Some(Former {
        policy: credential.policy.clone(),
        secret_fields: vec!["token".into()],
        account: None,
        expires_at: None,
        secret_ends_at: Some(at(9)),
        secret_revision: 1,
        secret_changed_at: at(0),
        kept_until: at(1_000),
    });
    let mut creation = world.creation(&credential);
    let mut previous = world.secret(&credential, 1);
    previous.address.slot = SecretSlot::Previous;
    creation.secrets.push(previous);
    world.create_credential(creation).await.unwrap();
    // One that time does nothing to is never due; a revoked one neither.
    let mut other = world.credential(Scope::Workspace);
    (other.expires_at, other.rotate_every_days, other.status) = (None, None, Status::Revoked);
    world.create_credential(change(&other)).await.unwrap();

    let due = async |now| world.due_credentials(at(now), 10).await.unwrap();
    assert_eq!(due(999).await, []);
    let read = due(1_000).await.remove(0);
    assert_eq!(read, world.get_credential(credential.id).await.unwrap());
    let note = |from: &Credential, now| {
        let mut credential = from.clone();
        credential.note_step(Step::FormerOver, at(now));
        let audit = vec![world.audit(AuditAction::CredentialFormerDestroyed, credential.id)];
        LifecycleNote { credential, audit }
    };
    let before = world.chain().await.len();
    // Somebody edits it in between: the sweep has read something else.
    let edited = world.update_credential(change(&read)).await.unwrap();
    assert!(!world.note_lifecycle(note(&read, 1_000)).await.unwrap());
    assert!(world.get_secret(credential.id, SecretSlot::Previous).await.is_ok());
    assert!(world.note_lifecycle(note(&edited, 1_000)).await.unwrap());
    let gone = world.get_secret(credential.id, SecretSlot::Previous).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    assert_eq!(world.chain().await.len(), before + 1);
    let noted = world.get_credential(credential.id).await.unwrap();
    assert_eq!((noted.former.clone(), noted.revision), (None, edited.revision + 1), "it is seen in the tag");
    assert_eq!(due(4_999).await, []);

    let mut ended = due(5_000).await.remove(0);
    ended.note_step(Step::Ended, at(5_000));
    let note = LifecycleNote { credential: ended.clone(), audit: Vec::new() };
    assert!(world.note_lifecycle(note).await.unwrap());
    let stored = world.get_credential(credential.id).await.unwrap();
    assert_eq!(
        (stored.revision, stored.lifecycle),
        (noted.revision, ended.lifecycle),
        "nothing that is seen"
    );
    assert_eq!(due(i64::from(u32::MAX)).await, []);
    let missing = LifecycleNote { credential: world.credential(Scope::Workspace), audit: Vec::new() };
    assert!(!world.note_lifecycle(missing).await.unwrap());
}
