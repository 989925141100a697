//! RK rotation, and what is dead after a key was retired.

use std::sync::Arc;

use flero_keyring::{Error, Provider, RemoveSlot};
use flero_model::credential::Scope;
use flero_store::KeyStore;
use flero_vault::slot::{Passphrase, Recovery, RecoveryKit};

use crate::support::{World, provider};

#[tokio::test]
async fn a_new_root_key_reaches_every_slot_and_every_scope() {
    let world = World::new();
    let kit = RecoveryKit::generate();
    let passphrase = || -> Provider { Arc::new(Passphrase::new("correct horse battery".into()).unwrap()) };
    let keyring = world.init(vec![provider(1), Arc::new(kit.provider()), passphrase()]).await;
    let mac = keyring.audit_mac(b"checkpoint").unwrap();
    let mut credentials = Vec::new();
    for scope in [Scope::Personal, Scope::Workspace, Scope::Organization] {
        credentials.push(world.create(&keyring, scope, "secret").await.id);
    }
    let blobs_before: Vec<_> = world.store.slots().await.unwrap().into_iter().map(|slot| slot.blob).collect();

    // The one who rotates has the file alone; the people with the passphrase and the paper are absent.
    let rotating = world.unlock(vec![provider(1)]).await.unwrap();
    assert_eq!(rotating.plan_root_rotation().await.unwrap().dropped, vec![]);
    rotating.rotate_root(&[], vec![]).await.unwrap();

    let blobs_after: Vec<_> = world.store.slots().await.unwrap().into_iter().map(|slot| slot.blob).collect();
    assert!(blobs_before.iter().all(|blob| !blobs_after.contains(blob)));
    let printed: Provider = Arc::new(Recovery::from_text(&kit.to_text()).unwrap());
    for way in [provider(1), passphrase(), printed] {
        let restarted = world.unlock(vec![way]).await.unwrap();
        for id in &credentials {
            assert_eq!(world.open(&restarted, *id).await.unwrap(), "secret");
        }
        assert!(restarted.verify_audit_mac(b"checkpoint", &mac).is_ok());
    }
    // A process that ran through it follows by itself.
    assert_eq!(world.open(&keyring, credentials[0]).await.unwrap(), "secret");
    keyring.refresh().await.unwrap();
    assert_eq!(world.open(&keyring, credentials[1]).await.unwrap(), "secret");
}

#[tokio::test]
async fn a_slot_without_its_key_is_dropped_only_when_it_was_named() {
    let world = World::new();
    world.init(vec![provider(1), provider(2)]).await;
    let keyring = world.unlock(vec![provider(1)]).await.unwrap();
    let absent = keyring.plan_root_rotation().await.unwrap().dropped;
    assert_eq!(absent.len(), 1);
    let refused = keyring.rotate_root(&[], vec![]).await.unwrap_err();
    assert!(
        matches!(&refused, Error::SlotsWouldBeDropped { slots } if *slots == vec![absent[0].0]),
        "{refused}"
    );
    assert!(world.unlock(vec![provider(2)]).await.is_ok(), "a refusal changes nothing");
    keyring.rotate_root(&[absent[0].0], vec![]).await.unwrap();
    assert!(world.unlock(vec![provider(2)]).await.is_err());
    assert!(world.unlock(vec![provider(1)]).await.is_ok());
}

/// Whoever rotates must be able to open the result: public halves alone are not enough.
#[tokio::test]
async fn a_rotation_that_nobody_present_could_open_is_refused() {
    let world = World::new();
    let kit = RecoveryKit::generate();
    let keyring = world.init(vec![provider(1), Arc::new(kit.provider())]).await;
    let slots = keyring.status().await.unwrap().slots;
    let symmetric = slots.iter().find(|slot| slot.provider == "env").unwrap().id;
    // Its providers were taken away while it ran; it holds the root key, and could write a tree that stays shut.
    keyring.unseal(vec![Arc::new(Recovery::from_recipient(&kit.recipient()).unwrap())]).await.unwrap_err();
    assert!(keyring.rotate_root(&[symmetric], vec![]).await.is_err());

    // With the printed code at hand, the same rotation is proven and goes through.
    keyring.unseal(vec![Arc::new(kit.provider())]).await.unwrap();
    keyring.rotate_root(&[symmetric], vec![]).await.unwrap();
    assert!(world.unlock(vec![provider(1)]).await.is_err());
    assert!(world.unlock(vec![Arc::new(kit.provider())]).await.is_ok());
}

/// Security test 16: after a key was retired and destroyed, an older backup cannot be opened.
#[tokio::test]
async fn an_older_backup_is_dead_once_its_key_is_destroyed() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let credential = world.create(&keyring, Scope::Workspace, "secret").await;
    let backup = World::new();
    copy(&world, &backup).await;

    let old = keyring.status().await.unwrap().slots[0].id;
    keyring.add_slot(&provider(2), vec![]).await.unwrap();
    let keyring = world.unlock(vec![provider(2)]).await.unwrap();
    keyring.remove_slot(old, RemoveSlot::default(), vec![]).await.unwrap();
    keyring.rotate_root(&[], vec![]).await.unwrap();
    assert_eq!(world.open(&keyring, credential.id).await.unwrap(), "secret");

    // The backup was sound as long as its key existed, and only that key opens it.
    assert!(backup.unlock(vec![provider(1)]).await.is_ok());
    assert!(matches!(backup.unlock(vec![provider(2)]).await, Err(Error::NoSlotOpened { .. })));
}

/// Brings the vault tables of one database into another, as a restored backup would have them.
async fn copy(from: &World, to: &World) {
    let state = from.store.vault_state().await.unwrap().unwrap();
    to.store.init_vault(state, from.store.slots().await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn two_rotations_at_the_same_time_leave_one_sound_tree() {
    let world = World::new();
    let first = world.init(vec![provider(1)]).await;
    let credential = world.create(&first, Scope::Workspace, "secret").await;
    let second = world.unlock(vec![provider(1)]).await.unwrap();
    let (left, right) = tokio::join!(first.rotate_root(&[], vec![]), second.rotate_root(&[], vec![]));
    assert!(left.is_ok() && right.is_ok(), "{left:?} {right:?}");
    let restarted = world.unlock(vec![provider(1)]).await.unwrap();
    assert_eq!(world.open(&restarted, credential.id).await.unwrap(), "secret");
}

/// A process that sleeps through a rotation must not add a key under the old root key: nothing could open it later.
#[tokio::test]
async fn a_first_key_made_during_a_rotation_is_not_lost() {
    let world = World::new();
    let sleeping = world.init(vec![provider(1)]).await;
    let rotating = world.unlock(vec![provider(1)]).await.unwrap();
    rotating.rotate_root(&[], vec![]).await.unwrap();
    let credential = world.create(&sleeping, Scope::Organization, "secret").await;
    let restarted = world.unlock(vec![provider(1)]).await.unwrap();
    assert_eq!(world.open(&restarted, credential.id).await.unwrap(), "secret");
}
