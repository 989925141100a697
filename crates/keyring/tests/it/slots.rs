//! Key slots: the ceremony, KEK rotation, and a database whose slots were touched.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use flero_keyring::{Error, Health, Options, Provider, RemoveSlot};
use flero_model::credential::Scope;
use flero_store::KeyStore;
use flero_store::keys::{RootKeySwap, SlotRow};
use flero_vault::slot::{Identity, KeyFile, Passphrase, RecoveryKit, SlotProvider, Wrapped, create_key_file};
use flero_vault::{Error as VaultError, RootKey, SlotContext};

use crate::support::{World, provider};

/// Generation, signature, and the slots; the one of `provider(1)` first.
async fn state(world: &World) -> (u64, Vec<u8>, Vec<SlotRow>) {
    let state = world.store.vault_state().await.unwrap().unwrap();
    let mut slots = world.store.slots().await.unwrap();
    let first = provider(1).identify().key_id;
    slots.sort_by_key(|slot| Some(&slot.provider_key_id) != first.as_ref());
    (state.generation, state.slots_mac, slots)
}

#[tokio::test]
async fn the_ceremony_happens_once() {
    let world = World::new();
    assert!(matches!(world.unlock(vec![provider(1)]).await, Err(Error::NotInitialised)));
    assert!(matches!(world.try_init(vec![]).await, Err(Error::LastSlot)));
    let first = world.init(vec![provider(1)]).await;
    assert!(matches!(world.try_init(vec![provider(2)]).await, Err(Error::AlreadyInitialised)));
    let again = world.unlock(vec![provider(1)]).await.unwrap();
    assert_eq!(again.instance().unwrap(), first.instance().unwrap());
}

#[tokio::test]
async fn one_slot_alone_is_a_warning_and_a_weak_one_another() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let alone = |warnings: &[String]| warnings.iter().any(|warning| warning.contains("one key slot only"));
    let status = keyring.status().await.unwrap();
    assert!(alone(&status.warnings));
    assert!(status.warnings.iter().any(|warning| warning.contains("FLERO_KEK")));
    keyring.add_slot(&provider(2), vec![]).await.unwrap();
    let status = keyring.status().await.unwrap();
    assert!(!alone(&status.warnings));
    assert_eq!(status.slots.iter().filter(|slot| slot.opens_here).count(), 1);
    assert!(status.slots.iter().all(|slot| slot.last_verified_at.is_some()));
}

/// KEK rotation as the operator does it: add, use, remove.
#[tokio::test]
async fn a_key_is_exchanged_without_touching_data() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let credential = world.create(&keyring, Scope::Workspace, "secret").await;
    let old = keyring.status().await.unwrap().slots[0].id;
    keyring.add_slot(&provider(2), vec![]).await.unwrap();
    let with_new = world.unlock(vec![provider(2)]).await.unwrap();
    with_new.remove_slot(old, RemoveSlot::default(), vec![]).await.unwrap();
    assert_eq!(world.open(&with_new, credential.id).await.unwrap(), "secret");
    assert!(matches!(world.unlock(vec![provider(1)]).await, Err(Error::NoSlotOpened { .. })));
}

#[tokio::test]
async fn a_slot_stays_while_a_running_process_depends_on_it() {
    let world = World::new();
    let keyring = world.init(vec![provider(1), provider(2)]).await;
    let (_, _, slots) = state(&world).await;
    let other = world.unlock(vec![provider(1)]).await.unwrap();
    other.heartbeat("serve").await.unwrap();
    let refused = keyring.remove_slot(slots[0].id, RemoveSlot::default(), vec![]).await.unwrap_err();
    assert!(matches!(refused, Error::NodesDependOnSlot { count: 1 }), "{refused}");
    // Its report grows old: the process is gone, or will refresh before anything else.
    world.clock.advance(60_001);
    keyring.remove_slot(slots[0].id, RemoveSlot::default(), vec![]).await.unwrap();
    // Should it live after all, it goes on: it holds the root key, and cannot start again without a new key.
    other.refresh().await.unwrap();
    assert_eq!(other.health(), Health::Open);
    other.unseal(vec![provider(1)]).await.unwrap_err();
}

/// A key file that is exchanged under a running server: the server follows, also through a new root key.
#[tokio::test]
async fn a_running_process_follows_an_exchanged_key_file() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let (path, fresh) = (folder.path().join("root.key"), folder.path().join("fresh.key"));
    let data = world.folder.path();
    let file = |file: flero_vault::slot::KeyFile| -> Provider { Arc::new(file) };
    let running = world.init(vec![file(create_key_file(&path, data).unwrap())]).await;
    let credential = world.create(&running, Scope::Workspace, "secret").await;

    let operator = world.unlock(vec![file(KeyFile::open(&path, data).unwrap())]).await.unwrap();
    let old = operator.status().await.unwrap().slots[0].id;
    operator.add_slot(&file(create_key_file(&fresh, data).unwrap()), vec![]).await.unwrap();
    std::fs::rename(&fresh, &path).unwrap();
    let force = RemoveSlot { force: true, ..RemoveSlot::default() };
    operator.remove_slot(old, force, vec![]).await.unwrap();
    running.heartbeat("serve").await.unwrap();
    assert_eq!(world.open(&running, credential.id).await.unwrap(), "secret");

    let operator = world.unlock(vec![file(KeyFile::open(&path, data).unwrap())]).await.unwrap();
    operator.rotate_root(&[], vec![]).await.unwrap();
    running.heartbeat("serve").await.unwrap();
    assert_eq!(world.open(&running, credential.id).await.unwrap(), "secret");
}

/// Security test 12: the last slot cannot be deleted.
#[tokio::test]
async fn the_last_slot_stays() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let (generation, mac, slots) = state(&world).await;
    let force = RemoveSlot { force: true, ..RemoveSlot::default() };
    assert!(matches!(keyring.remove_slot(slots[0].id, force, vec![]).await, Err(Error::LastSlot)));
    // The database refuses by itself too.
    assert!(world.store.remove_slot(generation, slots[0].id, mac, vec![]).await.is_err());
    assert_eq!(world.store.slots().await.unwrap().len(), 1);
}

async fn refuses_to_start(world: &World) {
    let error = world.unlock(vec![provider(1)]).await.unwrap_err();
    assert!(matches!(error, Error::Vault(VaultError::SlotSetChanged)) && error.is_tampering(), "{error}");
}

/// Security test 12: a slot row that was added in the database stops the start.
#[tokio::test]
async fn a_slot_added_in_the_database_stops_the_start() {
    let world = World::new();
    world.init(vec![provider(1)]).await;
    let (generation, mac, slots) = state(&world).await;
    let copy = SlotRow { id: flero_model::SlotId::new(slots[0].created_at, 9), ..slots[0].clone() };
    world.store.add_slot(generation, copy, mac, vec![]).await.unwrap();
    refuses_to_start(&world).await;
}

/// Security test 12: a slot row that was removed in the database stops the start.
#[tokio::test]
async fn a_slot_removed_in_the_database_stops_the_start() {
    let world = World::new();
    world.init(vec![provider(1), provider(2)]).await;
    let (generation, mac, slots) = state(&world).await;
    world.store.remove_slot(generation, slots[1].id, mac, vec![]).await.unwrap();
    refuses_to_start(&world).await;
}

/// Security test 12: a slot row that was changed in the database stops the start, and seals a running process.
#[tokio::test]
async fn a_slot_changed_in_the_database_stops_the_start() {
    let world = World::new();
    let running = world.init(vec![provider(1), provider(2)]).await;
    let (generation, mac, slots) = state(&world).await;
    let mut changed = slots[1].blob.clone();
    *changed.last_mut().unwrap() ^= 1;
    let audit_key = world.store.vault_state().await.unwrap().unwrap().wrapped_audit_key;
    let swap = RootKeySwap {
        expected_generation: generation,
        slots: vec![(slots[0].id, slots[0].blob.clone()), (slots[1].id, changed)],
        dropped: vec![],
        scope_keys: vec![],
        slots_mac: mac,
        wrapped_audit_key: audit_key,
    };
    world.store.swap_root_key(swap, vec![]).await.unwrap();
    refuses_to_start(&world).await;
    assert!(running.refresh().await.is_err());
    assert!(matches!(running.health(), Health::Sealed { .. }));
    assert!(running.heartbeat("server").await.is_err());
    // What was changed is put back: the next heartbeat opens the vault, and not one that a person sealed.
    let swap = RootKeySwap {
        expected_generation: generation + 1,
        slots: slots.iter().map(|slot| (slot.id, slot.blob.clone())).collect(),
        dropped: vec![],
        scope_keys: vec![],
        slots_mac: world.store.vault_state().await.unwrap().unwrap().slots_mac,
        wrapped_audit_key: world.store.vault_state().await.unwrap().unwrap().wrapped_audit_key,
    };
    world.store.swap_root_key(swap, vec![]).await.unwrap();
    running.heartbeat("server").await.unwrap();
    assert_eq!(running.health(), Health::Open);
    running.seal_vault("closed by the operator");
    assert!(running.heartbeat("server").await.is_err());
    assert!(matches!(running.health(), Health::Sealed { .. }));
}

#[tokio::test]
async fn a_passphrase_and_a_printed_code_open_the_installation() {
    let world = World::new();
    let kit = RecoveryKit::generate();
    let passphrase = || -> Provider { Arc::new(Passphrase::new("correct horse battery".into()).unwrap()) };
    let keyring = world.init(vec![passphrase(), Arc::new(kit.provider())]).await;
    let credential = world.create(&keyring, Scope::Workspace, "secret").await;
    let printed: Provider = Arc::new(flero_vault::slot::Recovery::from_text(&kit.to_text()).unwrap());
    for way in [passphrase(), printed] {
        let restarted = world.unlock(vec![way]).await.unwrap();
        assert_eq!(world.open(&restarted, credential.id).await.unwrap(), "secret");
    }
    let wrong: Provider = Arc::new(Passphrase::new("correct horse batterz".into()).unwrap());
    assert!(matches!(world.unlock(vec![wrong]).await, Err(Error::NoSlotOpened { .. })));
}

/// A source over a network that misbehaves; it counts how often it is called.
#[derive(Debug)]
struct Misbehaving {
    calls: AtomicU32,
    how: How,
}

#[derive(Debug, Clone, Copy)]
enum How {
    NeverAnswers,
    AnswersInPart,
    AnswersWithAnotherKey,
}

#[async_trait]
impl SlotProvider for Misbehaving {
    fn identify(&self) -> Identity {
        Identity { provider: "kms", key_id: Some("key-1".to_owned()), weakness: None, asymmetric: false }
    }

    async fn wrap(&self, root: &RootKey, _: &SlotContext<'_>) -> flero_vault::Result<Wrapped> {
        let blob = root.expose().iter().map(|byte| byte ^ 0x5a).collect();
        Ok(Wrapped { key_id: "key-1".to_owned(), parameters: "{}".to_owned(), blob })
    }

    async fn unwrap(&self, wrapped: &Wrapped, _: &SlotContext<'_>) -> flero_vault::Result<RootKey> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.how {
            How::NeverAnswers => std::future::pending().await,
            How::AnswersInPart => RootKey::take(&mut wrapped.blob[..20].to_vec()),
            How::AnswersWithAnotherKey => RootKey::generate(),
        }
    }

    async fn health(&self) -> flero_vault::Result<()> {
        Ok(())
    }
}

/// Security test 10: a source that does not answer, answers in part or answers wrongly leaves the vault closed, after
/// one call and within its time.
#[tokio::test]
async fn a_misbehaving_key_source_is_asked_once_and_leaves_the_vault_closed() {
    for how in [How::NeverAnswers, How::AnswersInPart, How::AnswersWithAnotherKey] {
        let world = World::new();
        let source = Arc::new(Misbehaving { calls: AtomicU32::new(0), how });
        // A slot of the source as it stood in the database while the source was still sound.
        let good = world.init(vec![provider(1)]).await;
        let added = good.add_slot(&(source.clone() as Provider), vec![]).await;
        assert!(matches!(added, Err(Error::SlotNotVerified)), "{how:?}");
        assert_eq!(world.store.slots().await.unwrap().len(), 1, "the unproven slot is gone: {how:?}");
        plant_slot(&world, &good).await;

        source.calls.store(0, Ordering::SeqCst);
        let options = Options { provider_timeout: Duration::from_millis(50) };
        let closed = world.unlock_with(vec![source.clone()], options).await.unwrap_err();
        assert!(!closed.to_string().is_empty());
        assert_eq!(source.calls.load(Ordering::SeqCst), 1, "{how:?}");
    }
}

/// Puts a slot of provider `kms` into the database.
async fn plant_slot(world: &World, keyring: &flero_keyring::Keyring) {
    let (generation, mac, slots) = state(world).await;
    let slot = SlotRow {
        id: flero_model::SlotId::new(slots[0].created_at, 5),
        provider: "kms".to_owned(),
        provider_key_id: "key-1".to_owned(),
        ..slots[0].clone()
    };
    world.store.add_slot(generation, slot, mac, vec![]).await.unwrap();
    drop(keyring.refresh().await);
}
