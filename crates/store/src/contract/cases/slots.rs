//! The key ceremony, the slots of the root key, and the exchange of the root key.

use flero_model::{Timestamp, audit::AuditAction, credential::KeyScopeRef};
use futures_util::future::join;

use crate::{
    Error,
    contract::sample::{World, at},
    keys::{KeyVersionState, RootKeySwap, SlotRow},
};

pub(in crate::contract) async fn the_key_ceremony_is_held_once_and_needs_a_slot(world: World) {
    assert_eq!(world.vault_state().await.unwrap(), None);
    let empty = world.init_vault(world.vault(), Vec::new()).await;
    assert!(matches!(empty, Err(Error::Refused { .. })), "{empty:?}");
    assert_eq!(world.vault_state().await.unwrap(), None);

    let slots = world.with_vault(2).await;
    assert_eq!(world.vault_state().await.unwrap(), Some(world.vault()));
    let again = world.init_vault(world.vault(), vec![world.slot()]).await;
    assert!(matches!(again, Err(Error::Refused { .. })), "{again:?}");
    assert_eq!(world.slots().await.unwrap(), slots);
}

pub(in crate::contract) async fn slots_come_back_as_they_were_written_oldest_first(world: World) {
    let mut slots = world.with_vault(1).await;
    let earlier = SlotRow { created_at: Timestamp::from_millis(5), ..world.slot() };
    let audit = vec![world.audit(AuditAction::SlotAdded, earlier.id)];
    world.add_slot(1, earlier.clone(), vec![9; 32], audit).await.unwrap();
    slots.insert(0, earlier);
    assert_eq!(world.slots().await.unwrap(), slots);
    let state = world.vault_state().await.unwrap().unwrap();
    assert_eq!((state.generation, state.slots_mac), (2, vec![9; 32]));

    world.touch_slot(slots[1].id, at(20)).await.unwrap();
    world.touch_slot(slots[1].id, at(10)).await.unwrap();
    slots[1].last_verified_at = Some(at(20));
    assert_eq!(world.slots().await.unwrap(), slots);
    assert_eq!(world.generation().await, 2, "a look does not change the tree");
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn a_change_from_another_generation_is_a_conflict(world: World) {
    let slots = world.with_vault(2).await;
    let audit = || vec![world.audit(AuditAction::SlotAdded, "slot")];
    let added = world.add_slot(7, world.slot(), vec![9; 32], audit()).await;
    assert!(matches!(added, Err(Error::Conflict)), "{added:?}");
    let removed = world.remove_slot(7, slots[0].id, vec![9; 32], audit()).await;
    assert!(matches!(removed, Err(Error::Conflict)), "{removed:?}");
    let swapped = world.swap_root_key(swap(7, &slots, &[]), audit()).await;
    assert!(matches!(swapped, Err(Error::Conflict)), "{swapped:?}");
    let scope = KeyScopeRef::workspace(world.workspace);
    let key = world.scope_key(&scope, 1, KeyVersionState::Active);
    let made = world.add_scope_key(7, key, audit()).await;
    assert!(matches!(made, Err(Error::Conflict)), "{made:?}");

    assert_eq!(world.slots().await.unwrap(), slots);
    assert_eq!(world.vault_state().await.unwrap(), Some(world.vault()));
    assert!(world.chain().await.is_empty());
}

/// Security test 12: the last slot cannot be deleted.
pub(in crate::contract) async fn the_last_slot_cannot_be_removed(world: World) {
    let slots = world.with_vault(2).await;
    let audit = || vec![world.audit(AuditAction::SlotRemoved, "slot")];
    world.remove_slot(1, slots[0].id, vec![3; 32], audit()).await.unwrap();
    let gone = world.remove_slot(2, slots[0].id, vec![4; 32], audit()).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    let last = world.remove_slot(2, slots[1].id, vec![5; 32], audit()).await;
    assert!(matches!(last, Err(Error::Refused { .. })), "{last:?}");

    assert_eq!(world.slots().await.unwrap(), slots[1..]);
    let state = world.vault_state().await.unwrap().unwrap();
    assert_eq!((state.generation, state.slots_mac), (2, vec![3; 32]), "a refused removal changes nothing");
    assert_eq!(world.chain().await.len(), 1);
}

/// Security test 12: nor by two removals that each see the other slot.
pub(in crate::contract) async fn of_two_removals_at_once_one_slot_is_left(world: World) {
    let slots = world.with_vault(2).await;
    let (one, two) = join(
        world.remove_slot(1, slots[0].id, vec![3; 32], Vec::new()),
        world.remove_slot(1, slots[1].id, vec![3; 32], Vec::new()),
    )
    .await;
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(world.slots().await.unwrap().len(), 1);
}

pub(in crate::contract) async fn there_are_at_most_eight_slots(world: World) {
    world.with_vault(7).await;
    world.add_slot(1, world.slot(), vec![3; 32], Vec::new()).await.unwrap();
    let ninth = world.add_slot(2, world.slot(), vec![4; 32], Vec::new()).await;
    assert!(matches!(ninth, Err(Error::Refused { .. })), "{ninth:?}");
    assert_eq!(world.slots().await.unwrap().len(), 8);
    assert_eq!(world.generation().await, 2);
}

fn swap(generation: u64, slots: &[SlotRow], keys: &[(KeyScopeRef, u32)]) -> RootKeySwap {
    RootKeySwap {
        expected_generation: generation,
        slots: slots.iter().map(|slot| (slot.id, b"new wrapping".to_vec())).collect(),
        dropped: Vec::new(),
        scope_keys: keys
            .iter()
            .map(|(scope, version)| (scope.clone(), *version, b"new key".to_vec()))
            .collect(),
        slots_mac: vec![6; 32],
        wrapped_audit_key: vec![7; 60],
    }
}

/// Security test 11, the store's part: whatever a swap would leave under the old root key would be lost.
pub(in crate::contract) async fn a_root_key_is_exchanged_everywhere_or_nowhere(world: World) {
    let slots = world.with_vault(3).await;
    let (mine, theirs) =
        (KeyScopeRef::workspace(world.workspace), KeyScopeRef::organization(world.organization));
    world.with_scope_key(&mine, 1, KeyVersionState::Active).await;
    world.with_scope_key(&mine, 2, KeyVersionState::Pre).await;
    world.with_scope_key(&theirs, 1, KeyVersionState::Active).await;
    let generation = world.generation().await;
    let all = [(mine.clone(), 1), (mine.clone(), 2), (theirs.clone(), 1)];
    let before = (
        world.slots().await.unwrap(),
        world.all_scope_keys().await.unwrap(),
        world.vault_state().await.unwrap(),
    );

    let audit = || vec![world.audit(AuditAction::RootKeyRotated, "vault")];
    let stranger = [slots.as_slice(), &[world.slot()]].concat();
    let twice = [(mine.clone(), 1), (mine.clone(), 1), (mine.clone(), 2)];
    let unknown = [(mine.clone(), 1), (mine.clone(), 2), (theirs.clone(), 2)];
    for (name, wrong) in [
        ("a slot is missing", swap(generation, &slots[..2], &all)),
        ("an unknown slot", swap(generation, &stranger, &all)),
        ("a scope key is missing", swap(generation, &slots, &all[..2])),
        ("a scope key stands twice", swap(generation, &slots, &twice)),
        ("an unknown scope key", swap(generation, &slots, &unknown)),
        (
            "every slot is dropped",
            RootKeySwap {
                slots: Vec::new(),
                dropped: slots.iter().map(|slot| slot.id).collect(),
                ..swap(generation, &[], &all)
            },
        ),
    ] {
        let refused = world.swap_root_key(wrong, audit()).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "{name}: {refused:?}");
        let after = (
            world.slots().await.unwrap(),
            world.all_scope_keys().await.unwrap(),
            world.vault_state().await.unwrap(),
        );
        assert_eq!(after, before, "{name}");
    }

    let good = RootKeySwap { dropped: vec![slots[2].id], ..swap(generation, &slots[..2], &all) };
    world.swap_root_key(good, audit()).await.unwrap();
    let after = world.slots().await.unwrap();
    assert_eq!(after.iter().map(|slot| slot.id).collect::<Vec<_>>(), [slots[0].id, slots[1].id]);
    assert!(after.iter().all(|slot| slot.blob == b"new wrapping"));
    assert!(world.all_scope_keys().await.unwrap().iter().all(|key| key.wrapped == b"new key"));
    let state = world.vault_state().await.unwrap().unwrap();
    assert_eq!(
        (state.generation, state.slots_mac, state.wrapped_audit_key),
        (generation + 1, vec![6; 32], vec![7; 60])
    );
    assert_eq!(world.chain().await.len(), 1);
}
