//! What a sealed value is bound to: every bit of it, and every item of its context.

use flero_model::credential::Scope;
use flero_vault::{Context, Error, PolicyHash, ScopeRef, open, seal};
use proptest::prelude::*;

use crate::support::{POLICY, context, key, keyset, scope};

#[test]
fn a_sealed_value_opens_with_its_context() {
    for length in [0, 1, 15, 16, 17, 1_024, 70_000] {
        let plaintext = vec![0x5a; length];
        let blob = seal(&key(3, 9), &context(), &plaintext).unwrap();
        assert_eq!(blob.len(), length + flero_vault::OVERHEAD_BYTES);
        assert_eq!(flero_vault::key_version(&blob), Ok(3));
        assert_eq!(open(&keyset(3, 9), &context(), &blob).unwrap().expose(), &plaintext);
    }
}

/// Security test 2: every single-bit flip of a sealed blob is refused.
#[test]
fn every_flipped_bit_is_refused() {
    let keyset = keyset(1, 1);
    let blob = seal(keyset.active().unwrap(), &context(), b"a secret of some length").unwrap();
    for bit in 0..blob.len() * 8 {
        let mut changed = blob.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&keyset, &context(), &changed).is_err(), "bit {bit}");
    }
}

/// Security test 2: every truncation of a sealed blob, at either end, and every extension is refused.
#[test]
fn every_truncation_is_refused() {
    let keyset = keyset(1, 1);
    let blob = seal(keyset.active().unwrap(), &context(), b"a secret of some length").unwrap();
    for length in 0..blob.len() {
        assert!(open(&keyset, &context(), &blob[..length]).is_err(), "first {length}");
        assert!(open(&keyset, &context(), &blob[blob.len() - length..]).is_err(), "last {length}");
    }
    let mut longer = blob.clone();
    longer.push(0);
    assert!(open(&keyset, &context(), &longer).is_err());
}

/// Opens a blob of [`context`] with another context, under the same key: what a moved row would do.
fn refuse_in(other: Context<'_>) {
    let keyset = keyset(1, 1);
    let blob = seal(keyset.active().unwrap(), &context(), b"secret").unwrap();
    assert_eq!(open(&keyset, &other, &blob).unwrap_err(), Error::Refused);
}

/// Security test 3: moved to another record.
#[test]
fn a_blob_moved_to_another_record_is_refused() {
    refuse_in(Context { credential: "cred_b", ..context() });
}

/// Security test 3: moved to another field.
#[test]
fn a_blob_moved_to_another_field_is_refused() {
    refuse_in(Context { field: "tokens", ..context() });
}

/// Security test 3: moved to another type.
#[test]
fn a_blob_moved_to_another_type_is_refused() {
    refuse_in(Context { credential_type: "basic", ..context() });
}

/// Security test 3: moved to another workspace.
#[test]
fn a_blob_moved_to_another_workspace_is_refused() {
    refuse_in(Context { scope: ScopeRef { id: "ws_b", ..scope() }, ..context() });
}

/// Security test 3: moved to another organization (another kind of scope, even with the same id).
#[test]
fn a_blob_moved_to_another_organization_is_refused() {
    refuse_in(Context { scope: ScopeRef { kind: Scope::Organization, ..scope() }, ..context() });
    refuse_in(Context { scope: ScopeRef { kind: Scope::Organization, id: "org_b", ..scope() }, ..context() });
}

/// Security test 3: moved to another installation.
#[test]
fn a_blob_moved_to_another_instance_is_refused() {
    refuse_in(Context { scope: ScopeRef { instance: "inst_b", ..scope() }, ..context() });
}

/// Security test 4: an older revision put back into the current row.
#[test]
fn a_replayed_revision_is_refused() {
    refuse_in(Context { revision: 8, ..context() });
    refuse_in(Context { revision: 6, ..context() });
}

/// Security test 5: the allow-list was edited in the database.
#[test]
fn a_blob_under_an_edited_policy_is_refused() {
    let edited = br#"{"allowedHosts":["api.example.com","evil.example"]}"#;
    refuse_in(Context { policy: PolicyHash::of(edited), ..context() });
    assert_ne!(PolicyHash::of(edited), PolicyHash::of(POLICY));
}

/// Neighbouring items cannot be shifted into each other, because each has its length in front.
#[test]
fn characters_cannot_move_between_neighbouring_items() {
    let keyset = keyset(1, 1);
    let sealed_in = Context { credential: "cred_ab", credential_type: "c", ..context() };
    let blob = seal(keyset.active().unwrap(), &sealed_in, b"secret").unwrap();
    let shifted = Context { credential: "cred_a", credential_type: "bc", ..context() };
    assert_eq!(open(&keyset, &shifted, &blob).unwrap_err(), Error::Refused);
}

/// Security test 6: a wrong key stops at the commitment, with the same error as a wrong tag.
#[test]
fn a_wrong_key_is_refused_with_the_words_of_a_wrong_tag() {
    let blob = seal(&key(1, 1), &context(), b"secret").unwrap();
    let wrong_key = open(&keyset(1, 2), &context(), &blob).unwrap_err();

    let mut tag_changed = blob.clone();
    *tag_changed.last_mut().unwrap() ^= 1;
    let wrong_tag = open(&keyset(1, 1), &context(), &tag_changed).unwrap_err();

    let mut commitment_changed = blob.clone();
    commitment_changed[41] ^= 1;
    let wrong_commitment = open(&keyset(1, 1), &context(), &commitment_changed).unwrap_err();

    assert_eq!(wrong_key, Error::Refused);
    assert_eq!(wrong_key.to_string(), wrong_tag.to_string());
    assert_eq!(wrong_key.to_string(), wrong_commitment.to_string());
}

#[test]
fn an_unknown_suite_says_upgrade_and_an_unknown_version_says_reload() {
    let mut blob = seal(&key(1, 1), &context(), b"secret").unwrap();
    blob[4] = 2;
    assert_eq!(open(&keyset(1, 1), &context(), &blob).unwrap_err(), Error::UnknownSuite { suite: 2 });
    blob[4] = 1;
    assert_eq!(open(&keyset(2, 1), &context(), &blob).unwrap_err(), Error::UnknownKeyVersion { version: 1 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever bytes come in, opening returns an error and never panics.
    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(open(&keyset(1, 1), &context(), &bytes).is_err());
    }

    /// Two contexts open each other's blobs only when they are equal in every item.
    #[test]
    fn only_the_equal_context_opens(
        left in ("[ab]{0,3}", "[ab]{0,3}", "[ab]{0,3}", 0_u64..3),
        right in ("[ab]{0,3}", "[ab]{0,3}", "[ab]{0,3}", 0_u64..3),
    ) {
        fn with<'a>(items: &'a (String, String, String, u64)) -> Context<'a> {
            Context {
                credential: &items.0, credential_type: &items.1, field: &items.2, revision: items.3, ..context()
            }
        }
        let blob = seal(&key(1, 1), &with(&left), b"secret").unwrap();
        prop_assert_eq!(open(&keyset(1, 1), &with(&right), &blob).is_ok(), left == right);
    }
}
