use flero_model::credential::Scope;

use super::*;
use crate::context::{PolicyHash, ScopeRef};

fn context() -> Context<'static> {
    Context {
        scope: ScopeRef { instance: "inst_1", kind: Scope::Workspace, id: "ws_1" },
        credential: "cred_1",
        credential_type: "bearer",
        field: "data",
        revision: 1,
        policy: PolicyHash::of(b"{}"),
    }
}

/// Security test 7: a failing random number generator seals nothing.
#[test]
fn nothing_is_sealed_without_randomness() {
    let key = ScopeKey::generate(1).unwrap();
    let result = seal_with(&key, &context(), b"secret", |_| Err(Error::Random));
    assert_eq!(result, Err(Error::Random));
}

/// Security test 7: no salt repeats. 100,000 seals here, 10 million with `FLERO_SOAK=1`.
#[test]
fn no_salt_repeats() {
    let count = if std::env::var_os("FLERO_SOAK").is_some() { 10_000_000 } else { 100_000 };
    let key = ScopeKey::generate(1).unwrap();
    let mut salts = std::collections::HashSet::with_capacity(count);
    for _ in 0..count {
        let blob = seal(&key, &context(), b"").unwrap();
        let mut salt = [0_u8; 32];
        salt.copy_from_slice(&blob[9..41]);
        assert!(salts.insert(salt), "a salt was repeated");
    }
}

#[test]
fn a_value_over_the_limit_is_refused() {
    let key = ScopeKey::generate(1).unwrap();
    let large = vec![0_u8; MAX_PLAINTEXT_BYTES + 1];
    let limit = Error::TooLarge { limit_bytes: MAX_PLAINTEXT_BYTES };
    assert_eq!(seal(&key, &context(), &large), Err(limit));
}
