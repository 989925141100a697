//! Replacing blobs under a new key version while people go on writing.

use flero_model::credential::{KeyScopeRef, Scope};

use crate::{
    Error,
    contract::sample::{World, at},
    credentials::CredentialChange,
    keys::{KeyVersionState, Rewrapped, SealedSecret, SecretAddress, SecretSlot},
};

/// A world whose workspace key has version 1 in `decrypt` and version 2 `active`.
async fn rotated(world: &World) -> KeyScopeRef {
    let scope = KeyScopeRef::workspace(world.workspace);
    world.with_scope_key(&scope, 2, KeyVersionState::Pre).await;
    world.activate_scope_key(&scope, 2, at(1), Vec::new()).await.unwrap();
    scope
}

fn rewrapped(secret: &SealedSecret) -> Rewrapped {
    Rewrapped {
        address: secret.address.clone(),
        revision: secret.revision,
        from_version: secret.key_version,
        to_version: 2,
        blob: b"rewrapped".to_vec(),
    }
}

pub(in crate::contract) async fn a_rewrap_replaces_the_blob_and_nothing_else(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let scope = rotated(&world).await;
    let before = world.get_credential_with_secret(credential.id).await.unwrap();
    let old = before.secret.unwrap();
    assert_eq!(world.rewrap(vec![rewrapped(&old)]).await.unwrap(), 1);
    let after = world.get_credential_with_secret(credential.id).await.unwrap();
    assert_eq!(after.credential, before.credential);
    assert_eq!(
        after.secret.unwrap(),
        SealedSecret { key_version: 2, blob: b"rewrapped".to_vec(), ..old.clone() }
    );
    assert_eq!(world.count_sealed_under(&scope, 1).await.unwrap(), 0);
    assert_eq!(world.rewrap(vec![rewrapped(&old)]).await.unwrap(), 0, "once is enough");
}

/// Security test 13: a rewrap loses to a concurrent user write.
pub(in crate::contract) async fn a_rewrap_loses_to_a_write_in_between(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let other = world.with_credential(Scope::Workspace).await;
    rotated(&world).await;
    let read = world.get_secret(credential.id, SecretSlot::Current).await.unwrap();
    let untouched = world.get_secret(other.id, SecretSlot::Current).await.unwrap();

    let mut edited = credential.clone();
    edited.secret_revision = 2;
    let new = SealedSecret { key_version: 2, ..world.secret(&credential, 2) };
    let change = CredentialChange {
        credential: edited,
        secrets: vec![new.clone()],
        destroy: Vec::new(),
        audit: Vec::new(),
    };
    world.update_credential(change).await.unwrap();

    let batch = vec![rewrapped(&read), rewrapped(&untouched)];
    assert_eq!(world.rewrap(batch).await.unwrap(), 1, "the others of the batch go on");
    assert_eq!(world.get_secret(credential.id, SecretSlot::Current).await.unwrap(), new);
    let gone = Rewrapped {
        address: SecretAddress { owner: "cred_gone".into(), ..read.address.clone() },
        ..rewrapped(&read)
    };
    assert_eq!(world.rewrap(vec![gone]).await.unwrap(), 0, "a deleted secret does not come back");
}

pub(in crate::contract) async fn a_rewrap_under_a_version_that_is_not_in_use_is_refused_as_a_whole(
    world: World,
) {
    world.with_keys().await;
    let (one, two) =
        (world.with_credential(Scope::Workspace).await, world.with_credential(Scope::Workspace).await);
    let scope = rotated(&world).await;
    world.with_scope_key(&scope, 3, KeyVersionState::Pre).await;
    let one = world.get_secret(one.id, SecretSlot::Current).await.unwrap();
    let two = world.get_secret(two.id, SecretSlot::Current).await.unwrap();
    let early = Rewrapped { to_version: 3, ..rewrapped(&two) };
    let refused = world.rewrap(vec![rewrapped(&one), early]).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    assert_eq!(world.sealed_under(&scope, 1, None, 10).await.unwrap().len(), 2);
}

pub(in crate::contract) async fn sealed_secrets_are_walked_in_order_of_their_addresses(world: World) {
    world.with_keys().await;
    let mut expected = Vec::new();
    for place in 0..5 {
        let credential = world.credential(if place == 4 { Scope::Personal } else { Scope::Workspace });
        let mut creation = world.creation(&credential);
        let mut previous = world.secret(&credential, 1);
        previous.address.slot = SecretSlot::Previous;
        let mut token = world.secret(&credential, 1);
        token.address.field = "token".into();
        creation.secrets.extend([previous, token]);
        expected.extend(creation.secrets.clone());
        world.create_credential(creation).await.unwrap();
    }
    expected.sort_by(|one, two| one.address.cmp(&two.address));

    let mut walked = Vec::new();
    loop {
        let after = walked.last().map(|secret: &SealedSecret| secret.address.clone());
        let portion = world.all_sealed(after, 4).await.unwrap();
        if portion.is_empty() {
            break;
        }
        walked.extend(portion);
    }
    assert_eq!(walked, expected);

    let scope = KeyScopeRef::workspace(world.workspace);
    let here: Vec<_> = expected.into_iter().filter(|secret| secret.scope == scope).collect();
    assert_eq!(world.sealed_under(&scope, 1, None, 100).await.unwrap(), here);
    let behind = world.sealed_under(&scope, 1, Some(here[6].address.clone()), 3).await.unwrap();
    assert_eq!(behind, here[7..10]);
    assert!(world.sealed_under(&scope, 2, None, 100).await.unwrap().is_empty());
}
