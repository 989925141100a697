//! The key tree: wrapping, states, the keyed hash over the slots.

use flero_model::credential::Scope;
use flero_vault::{
    AuditKey, Error, KeyState, RootKey, ScopeKey, ScopeKeyset, ScopeRef, SlotRecord, WrappedScopeKey, open,
    seal, slot_set_mac, verify_slot_set,
};

use crate::support::{context, key, scope};

#[test]
fn a_wrapped_scope_key_opens_what_it_sealed() {
    let root = RootKey::generate().unwrap();
    let key = ScopeKey::generate(4).unwrap();
    let blob = seal(&key, &context(), b"secret").unwrap();
    let stored =
        WrappedScopeKey { version: 4, state: KeyState::Active, wrapped: key.wrap(&root, &scope()).unwrap() };
    let keyset = ScopeKeyset::unwrap(&root, &scope(), &[stored]).unwrap();
    assert_eq!(open(&keyset, &context(), &blob).unwrap().expose(), b"secret");
}

#[test]
fn a_wrapped_scope_key_is_bound_to_root_key_scope_and_version() {
    let root = RootKey::generate().unwrap();
    let wrapped = ScopeKey::generate(4).unwrap().wrap(&root, &scope()).unwrap();
    let other_root = RootKey::generate().unwrap();
    let unwrap = |root, scope, version| ScopeKey::unwrap(root, &scope, version, &wrapped).err();
    assert_eq!(unwrap(&root, scope(), 4), None);
    assert_eq!(unwrap(&other_root, scope(), 4), Some(Error::Refused));
    assert_eq!(unwrap(&root, scope(), 5), Some(Error::Refused));
    assert_eq!(unwrap(&root, ScopeRef { id: "ws_b", ..scope() }, 4), Some(Error::Refused));
    assert_eq!(unwrap(&root, ScopeRef { kind: Scope::Personal, ..scope() }, 4), Some(Error::Refused));
    assert_eq!(unwrap(&root, ScopeRef { instance: "inst_b", ..scope() }, 4), Some(Error::Refused));
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(ScopeKey::unwrap(&root, &scope(), 4, &changed).is_err(), "bit {bit}");
    }
}

#[test]
fn only_the_active_version_seals_and_only_usable_versions_open() {
    let root = RootKey::generate().unwrap();
    let states =
        [KeyState::Destroyed, KeyState::Disabled, KeyState::Decrypt, KeyState::Active, KeyState::Pre];
    let stored: Vec<_> = (1..)
        .zip(states)
        .map(|(version, state)| WrappedScopeKey {
            version,
            state,
            wrapped: key(version, 1).wrap(&root, &scope()).unwrap(),
        })
        .collect();
    let keyset = ScopeKeyset::unwrap(&root, &scope(), &stored).unwrap();
    assert_eq!(keyset.active().unwrap().version(), 4);
    assert!((3..=5).all(|version| keyset.for_opening(version).is_ok()));
    let refused = keyset.for_opening(2).unwrap_err();
    assert_eq!(refused, Error::KeyNotUsable { version: 2, state: KeyState::Disabled });
    assert!(matches!(keyset.for_opening(1), Err(Error::KeyNotUsable { .. })));
    assert!(matches!(keyset.for_opening(6), Err(Error::UnknownKeyVersion { version: 6 })));
    assert_eq!(ScopeKeyset::default().active().unwrap_err(), Error::NoActiveKey);
}

#[test]
fn a_state_is_read_as_it_is_written() {
    for state in [KeyState::Pre, KeyState::Active, KeyState::Decrypt, KeyState::Disabled, KeyState::Destroyed]
    {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
}

fn slots() -> Vec<SlotRecord> {
    ["slot_1", "slot_2"]
        .map(|id| SlotRecord {
            id: id.to_owned(),
            provider: "file".to_owned(),
            key_id: "k".to_owned(),
            parameters: "{}".to_owned(),
            blob: vec![1, 2, 3],
            created_at_ms: 5,
        })
        .to_vec()
}

/// Security test 12 (its cryptographic half): any change of the set of slots is seen.
#[test]
fn a_changed_slot_set_does_not_match_its_signature() {
    let root = RootKey::generate().unwrap();
    let mac = slot_set_mac(&root, "inst_a", &slots()).unwrap();
    let verify = |slots: &[SlotRecord]| verify_slot_set(&root, "inst_a", slots, &mac);

    let reordered: Vec<_> = slots().into_iter().rev().collect();
    assert_eq!(verify(&reordered), Ok(()));

    let changes: [fn(&mut Vec<SlotRecord>); 9] = [
        |slots| slots.clear(),
        |slots| drop(slots.pop()),
        |slots| slots.push(SlotRecord { id: "slot_3".to_owned(), ..slots[0].clone() }),
        |slots| slots[1].id = "slot_9".to_owned(),
        |slots| slots[1].provider = "env".to_owned(),
        |slots| slots[1].key_id = "other".to_owned(),
        |slots| slots[1].parameters = "{ }".to_owned(),
        |slots| slots[1].blob[0] ^= 1,
        |slots| slots[1].created_at_ms += 1,
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut changed = slots();
        change(&mut changed);
        assert_eq!(verify(&changed), Err(Error::SlotSetChanged), "change {number}");
    }
    assert!(verify_slot_set(&root, "inst_b", &slots(), &mac).is_err());
    assert!(verify_slot_set(&RootKey::generate().unwrap(), "inst_a", &slots(), &mac).is_err());
}

#[test]
fn the_audit_key_survives_a_change_of_the_root_key() {
    let (old, new) = (RootKey::generate().unwrap(), RootKey::generate().unwrap());
    let audit = AuditKey::generate().unwrap();
    let mac = audit.mac(b"checkpoint");
    let rewrapped = AuditKey::unwrap(&old, "inst_a", &audit.wrap(&old, "inst_a").unwrap())
        .unwrap()
        .wrap(&new, "inst_a")
        .unwrap();
    let again = AuditKey::unwrap(&new, "inst_a", &rewrapped).unwrap();
    assert_eq!(again.verify(b"checkpoint", &mac), Ok(()));
    assert_eq!(again.verify(b"another checkpoint", &mac), Err(Error::Refused));
    assert_eq!(AuditKey::unwrap(&new, "inst_b", &rewrapped).err(), Some(Error::Refused));
    assert_eq!(AuditKey::unwrap(&old, "inst_a", &rewrapped).err(), Some(Error::Refused));
}

#[test]
fn debug_output_of_keys_shows_nothing_of_them() {
    let root = RootKey::take(&mut [0xab; 32]).unwrap();
    let shown = format!("{root:?} {:?} {:?}", key(1, 0xab), AuditKey::generate().unwrap());
    assert_eq!(shown, "RootKey(..) ScopeKey(version 1, ..) AuditKey(..)");
}
