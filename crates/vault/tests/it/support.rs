//! What several tests need: one fixed context, keys, a way to run the providers' futures.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use flero_model::credential::Scope;
use flero_vault::{Context, KeyState, PolicyHash, ScopeKey, ScopeKeyset, ScopeRef};

pub(crate) const POLICY: &[u8] = br#"{"allowedHosts":["api.example.com"]}"#;

pub(crate) fn scope() -> ScopeRef<'static> {
    ScopeRef { instance: "inst_a", kind: Scope::Workspace, id: "ws_a" }
}

pub(crate) fn context() -> Context<'static> {
    Context {
        scope: scope(),
        credential: "cred_a",
        credential_type: "bearer",
        field: "data",
        revision: 7,
        policy: PolicyHash::of(POLICY),
    }
}

pub(crate) fn key(version: u32, fill: u8) -> ScopeKey {
    ScopeKey::take(version, &mut [fill; 32]).unwrap()
}

pub(crate) fn keyset(version: u32, fill: u8) -> ScopeKeyset {
    let mut keyset = ScopeKeyset::default();
    keyset.insert(KeyState::Active, key(version, fill));
    keyset
}

/// Runs a future that never waits, as those of the providers without network are.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a provider without network waited"),
    }
}
