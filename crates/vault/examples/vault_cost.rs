//! Prints how many values one core seals and opens in a second: `cargo run --release -p flero-vault --example vault_cost`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use flero_model::credential::Scope;
use flero_vault::{Context, KeyState, PolicyHash, ScopeKey, ScopeKeyset, ScopeRef, open, seal};

fn per_second(mut act: impl FnMut()) -> f64 {
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < Duration::from_secs(1) {
        for _ in 0..100 {
            act();
        }
        count += 100;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

fn main() {
    let mut keyset = ScopeKeyset::default();
    keyset.insert(KeyState::Active, ScopeKey::generate(1).unwrap());
    let context = Context {
        scope: ScopeRef { instance: "inst_01", kind: Scope::Workspace, id: "ws_01" },
        credential: "cred_01jqz4d2t8f0v9n6x3k5m7b1c2",
        credential_type: "bearer",
        field: "data",
        revision: 1,
        policy: PolicyHash::of(b"{}"),
    };
    println!("{:>8} {:>12} {:>9} {:>12} {:>9}", "bytes", "seals/s", "us", "opens/s", "us");
    for size in [64, 1_024, 16 * 1_024] {
        let plaintext = vec![0x42; size];
        let seals = per_second(|| drop(seal(keyset.active().unwrap(), &context, &plaintext).unwrap()));
        let blob = seal(keyset.active().unwrap(), &context, &plaintext).unwrap();
        let opens = per_second(|| drop(open(&keyset, &context, &blob).unwrap()));
        println!("{size:>8} {seals:>12.0} {:>9.2} {opens:>12.0} {:>9.2}", 1e6 / seals, 1e6 / opens);
    }
}
