//! Security test 10, for the providers without network: wrong context, wrong key, a cut or changed blob: closed.
//! Timeouts and call counts are tested with an injected provider in `keyring`.

use data_encoding::BASE64;
use flero_vault::slot::{
    Argon2Cost, EnvironmentKey, Passphrase, Recovery, RecoveryKit, SlotProvider, SystemdCredential, Wrapped,
    create_key_file, from_person, public_half,
};
use flero_vault::{Error, RootKey, SlotContext};

use crate::support::run;

const CONTEXT: SlotContext<'static> = SlotContext { instance: "inst_a", slot: "slot_a" };

fn environment(fill: u8) -> Box<dyn SlotProvider> {
    Box::new(EnvironmentKey::from_value(&BASE64.encode(&[fill; 32]).into()).unwrap())
}

fn passphrase(text: &str) -> Box<dyn SlotProvider> {
    Box::new(Passphrase::new(text.into()).unwrap())
}

/// A provider's name, one provider, and another of its kind with a different key.
type Pair = (&'static str, Box<dyn SlotProvider>, Box<dyn SlotProvider>);

fn providers() -> Vec<Pair> {
    let folder = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    let file = |name: &str| -> Box<dyn SlotProvider> {
        Box::new(create_key_file(&folder.path().join(name), data.path()).unwrap())
    };
    let systemd = |name: &str| -> Box<dyn SlotProvider> {
        create_key_file(&folder.path().join(name).join("flero-kek"), data.path()).unwrap();
        Box::new(SystemdCredential::open(&folder.path().join(name)).unwrap())
    };
    let recovery = || -> Box<dyn SlotProvider> {
        Box::new(Recovery::from_text(&RecoveryKit::generate().to_text()).unwrap())
    };
    vec![
        ("file", file("a"), file("b")),
        ("systemd", systemd("c"), systemd("d")),
        ("env", environment(1), environment(2)),
        ("passphrase", passphrase("correct horse battery"), passphrase("correct horse batterz")),
        ("recovery", recovery(), recovery()),
    ]
}

fn wrap(provider: &dyn SlotProvider, root: &RootKey) -> Wrapped {
    run(provider.wrap(root, &CONTEXT)).unwrap()
}

#[test]
fn every_provider_unwraps_what_it_wrapped() {
    for (name, provider, _) in providers() {
        let root = RootKey::generate().unwrap();
        let wrapped = wrap(&*provider, &root);
        assert_eq!(provider.identify().provider, name);
        assert!(run(provider.unwrap(&wrapped, &CONTEXT)).unwrap().is_same(&root), "{name}");
        assert!(!wrapped.blob.windows(32).any(|window| window == root.expose()), "{name}");
        let known = provider.identify().key_id;
        assert!(known.is_none_or(|known| known == wrapped.key_id), "{name}");
        assert!(serde_json::from_str::<serde_json::Value>(&wrapped.parameters).is_ok(), "{name}");
    }
}

/// Security test 10: wrong context.
#[test]
fn a_slot_moved_to_another_place_is_refused() {
    for (name, provider, _) in providers() {
        let wrapped = wrap(&*provider, &RootKey::generate().unwrap());
        for other in
            [SlotContext { slot: "slot_b", ..CONTEXT }, SlotContext { instance: "inst_b", ..CONTEXT }]
        {
            let refused = run(provider.unwrap(&wrapped, &other)).unwrap_err();
            assert_eq!(refused, Error::Refused, "{name}");
        }
    }
}

/// Security test 10: wrong key.
#[test]
fn a_slot_of_another_key_is_refused() {
    for (name, provider, other) in providers() {
        let wrapped = wrap(&*provider, &RootKey::generate().unwrap());
        assert_eq!(run(other.unwrap(&wrapped, &CONTEXT)).unwrap_err(), Error::Refused, "{name}");
    }
}

/// Security test 10: a partial answer, and one whose bytes were damaged on the way (what a checksum would find).
#[test]
fn a_cut_or_damaged_slot_is_refused() {
    for (name, provider, _) in providers() {
        // The derivation of the passphrase is slow by design, so its box is only sampled.
        let step = if name == "passphrase" { 67 } else { 1 };
        let wrapped = wrap(&*provider, &RootKey::generate().unwrap());
        for place in (0..wrapped.blob.len()).step_by(step) {
            let cut = Wrapped { blob: wrapped.blob[..place].to_vec(), ..wrapped.clone() };
            assert!(run(provider.unwrap(&cut, &CONTEXT)).is_err(), "{name}: first {place} bytes");
            let mut damaged = wrapped.clone();
            damaged.blob[place] ^= 0x10;
            assert!(run(provider.unwrap(&damaged, &CONTEXT)).is_err(), "{name}: byte {place}");
        }
    }
}

/// A rotation of the root key reaches people who are absent: the public half of their slot is enough to wrap.
#[test]
fn asymmetric_slots_are_wrapped_anew_without_their_secret() {
    for (name, provider, _) in providers() {
        let old = wrap(&*provider, &RootKey::generate().unwrap());
        let Some(half) = public_half(name, &old) else {
            assert!(!provider.identify().asymmetric, "{name}");
            continue;
        };
        assert!(provider.identify().asymmetric, "{name}");
        let new_root = RootKey::generate().unwrap();
        let new = run(half.wrap(&new_root, &CONTEXT)).unwrap();
        assert_eq!((&new.key_id, &new.parameters), (&old.key_id, &old.parameters), "{name}");
        assert!(run(provider.unwrap(&new, &CONTEXT)).unwrap().is_same(&new_root), "{name}");
        assert!(run(half.unwrap(&new, &CONTEXT)).is_err(), "{name}");
    }
}

#[test]
fn a_passphrase_slot_stores_its_parameters_and_refuses_others() {
    let provider = passphrase("correct horse battery");
    let wrapped = wrap(&*provider, &RootKey::generate().unwrap());
    let stored: serde_json::Value = serde_json::from_str(&wrapped.parameters).unwrap();
    assert_eq!(stored["cost"], serde_json::json!({"memoryKib": 65_536, "passes": 3, "lanes": 4}));
    assert!(wrapped.key_id.starts_with("age1"));
    for (member, value) in [("memoryKib", 1_024), ("memoryKib", u32::MAX), ("passes", 1), ("lanes", 1_000)] {
        let mut changed = stored.clone();
        changed["cost"][member] = value.into();
        let changed = Wrapped { parameters: changed.to_string(), ..wrapped.clone() };
        assert_eq!(run(provider.unwrap(&changed, &CONTEXT)).unwrap_err(), Error::Malformed, "{member}");
    }
    assert!(Passphrase::new("fourteen chars".into()).is_err());
    let weak = Argon2Cost { memory_kib: 1_024, ..Argon2Cost::default() };
    assert!(Passphrase::with_cost("correct horse battery".into(), weak).is_err());
}

#[test]
fn what_a_person_hands_over_is_a_recovery_identity_or_a_passphrase() {
    let kit = RecoveryKit::generate();
    let typed = format!("\n {}", kit.to_text().expose().to_lowercase());
    assert_eq!(from_person(typed.into()).unwrap().identify().key_id, Some(kit.recipient()));
    assert_eq!(from_person("correct horse battery".into()).unwrap().identify().provider, "passphrase");
    // A mistyped identity is an error and never a passphrase.
    assert!(from_person("AGE-SECRET-KEY-1QQQQQQQQQQQQQQ".into()).is_err());
}

#[test]
fn a_mistyped_recovery_identity_is_found() {
    let kit = RecoveryKit::generate();
    let text = kit.to_text().expose().clone();
    assert!(text.starts_with("AGE-SECRET-KEY-1"));
    assert_eq!(Recovery::from_text(&text.as_str().into()).unwrap().identify().key_id, Some(kit.recipient()));
    // As people type it: lower case, in groups, without the checksum line.
    let identity = kit.identity().expose().to_lowercase();
    let grouped: String = identity.chars().flat_map(|letter| [letter, ' ']).collect();
    assert!(Recovery::from_text(&grouped.as_str().into()).is_ok());

    for place in "AGE-SECRET-KEY-1".len()..identity.len() {
        let mut typed = kit.identity().expose().clone().into_bytes();
        typed[place] = if typed[place] == b'Q' { b'P' } else { b'Q' };
        let typed = String::from_utf8(typed).unwrap();
        let error = Recovery::from_text(&typed.as_str().into()).unwrap_err();
        assert!(!error.to_string().contains(&typed), "place {place}");
    }
    let wrong_sum = text.replace(&kit.checksum(), "00000000");
    assert!(Recovery::from_text(&wrong_sum.as_str().into()).is_err());
    assert!(!format!("{kit:?}").contains("SECRET"));
}
