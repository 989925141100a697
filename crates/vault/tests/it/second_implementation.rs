//! Security test 8: the format written down a second time with RustCrypto, from the design and not from our code.
//! Each implementation opens what the other sealed, and the committed golden blobs of every version open.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use data_encoding::HEXLOWER;
use flero_vault::{Context, PolicyHash, open, seal};
use hkdf::Hkdf;
use proptest::prelude::*;
use sha2::{Digest, Sha256, Sha512};

use crate::support::{context, key, keyset};

fn aad(header: &[u8], context: &Context<'_>, policy: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let revision = context.revision.to_be_bytes();
    let policy_hash = Sha256::digest(policy);
    let items: [&[u8]; 10] = [
        b"flero/vault/v1",
        header,
        context.scope.instance.as_bytes(),
        context.scope.kind.as_str().as_bytes(),
        context.scope.id.as_bytes(),
        context.credential.as_bytes(),
        context.credential_type.as_bytes(),
        context.field.as_bytes(),
        &revision,
        &policy_hash,
    ];
    for item in items {
        bytes.extend_from_slice(&(item.len() as u32).to_be_bytes());
        bytes.extend_from_slice(item);
    }
    bytes
}

fn okm(scope_key: &[u8; 32], salt: &[u8]) -> [u8; 64] {
    let mut okm = [0; 64];
    Hkdf::<Sha512>::new(Some(salt), scope_key).expand(b"flero/vault/v1/rec", &mut okm).unwrap();
    okm
}

fn cipher(okm: &[u8; 64]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::try_from(&okm[..32]).unwrap())
}

fn other_seal(
    scope_key: &[u8; 32],
    version: u32,
    salt: [u8; 32],
    nonce: [u8; 12],
    context: &Context<'_>,
    policy: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    let okm = okm(scope_key, &salt);
    let mut blob = b"FLV1\x01".to_vec();
    blob.extend_from_slice(&version.to_be_bytes());
    blob.extend_from_slice(&salt);
    blob.extend_from_slice(&okm[32..]);
    let aad = aad(&blob, context, policy);
    blob.extend_from_slice(&nonce);
    let sealed = cipher(&okm).encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: &aad }).unwrap();
    blob.extend_from_slice(&sealed);
    blob
}

fn other_open(scope_key: &[u8; 32], context: &Context<'_>, policy: &[u8], blob: &[u8]) -> Option<Vec<u8>> {
    let okm = okm(scope_key, &blob[9..41]);
    if okm[32..] != blob[41..73] {
        return None;
    }
    let aad = aad(&blob[..73], context, policy);
    let nonce: [u8; 12] = blob[73..85].try_into().unwrap();
    cipher(&okm).decrypt(&Nonce::from(nonce), Payload { msg: &blob[85..], aad: &aad }).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn each_implementation_opens_what_the_other_sealed(
        fill: u8, version in 1_u32.., salt: [u8; 32], nonce: [u8; 12], revision: u64,
        names in ("\\PC{0,40}", "\\PC{0,20}", "\\PC{0,10}"),
        policy in prop::collection::vec(any::<u8>(), 0..200),
        plaintext in prop::collection::vec(any::<u8>(), 0..2_000),
    ) {
        let context = Context {
            credential: &names.0, credential_type: &names.1, field: &names.2, revision,
            policy: PolicyHash::of(&policy), ..context()
        };
        let theirs = other_seal(&[fill; 32], version, salt, nonce, &context, &policy, &plaintext);
        let opened = open(&keyset(version, fill), &context, &theirs).unwrap();
        prop_assert_eq!(opened.expose(), &plaintext);

        let ours = seal(&key(version, fill), &context, &plaintext).unwrap();
        prop_assert_eq!(other_open(&[fill; 32], &context, &policy, &ours), Some(plaintext));
    }
}

/// One committed blob with all that opens it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Golden {
    scope_key: String,
    version: u32,
    instance: String,
    scope_kind: flero_model::credential::Scope,
    scope_id: String,
    credential: String,
    credential_type: String,
    field: String,
    revision: u64,
    policy: String,
    plaintext: String,
    blob: String,
}

/// Security test 8: golden blobs of every past version open, today and in every later release.
#[test]
fn golden_blobs_open() {
    let all: Vec<Golden> = serde_json::from_str(include_str!("golden/flv1.json")).unwrap();
    assert!(all.len() >= 3);
    for golden in all {
        let mut bytes = HEXLOWER.decode(golden.scope_key.as_bytes()).unwrap();
        let raw: [u8; 32] = bytes.as_slice().try_into().unwrap();
        let mut keyset = flero_vault::ScopeKeyset::default();
        let scope_key = flero_vault::ScopeKey::take(golden.version, &mut bytes).unwrap();
        keyset.insert(flero_vault::KeyState::Active, scope_key);
        let context = Context {
            scope: flero_vault::ScopeRef {
                instance: &golden.instance,
                kind: golden.scope_kind,
                id: &golden.scope_id,
            },
            credential: &golden.credential,
            credential_type: &golden.credential_type,
            field: &golden.field,
            revision: golden.revision,
            policy: PolicyHash::of(golden.policy.as_bytes()),
        };
        let blob = HEXLOWER.decode(golden.blob.as_bytes()).unwrap();
        assert_eq!(open(&keyset, &context, &blob).unwrap().expose(), golden.plaintext.as_bytes());
        let other = other_open(&raw, &context, golden.policy.as_bytes(), &blob);
        assert_eq!(other.as_deref(), Some(golden.plaintext.as_bytes()));
    }
}
