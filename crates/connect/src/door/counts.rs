//! How calls of the door ended, by class, for whoever watches the program. No host, no credential, no path: a class is
//! one of a few words.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use flero_model::audit::AuditAction;

use super::{Connect, admit::failure_action};
use crate::error::{Error, Kind};

/// The classes of ends.
const CLASSES: [&str; 6] = ["success", "redirect", "client_error", "server_error", "refused", "failed"];

#[derive(Debug, Default)]
pub(super) struct Counters([AtomicU64; CLASSES.len()]);

impl Counters {
    /// Notes how a call ended: with a status of the service, or without an answer.
    pub(super) fn note(&self, end: Result<u16, &Error>) {
        let place = match end {
            Ok(status) => match status {
                500.. => 3,
                400.. => 2,
                300.. => 1,
                _ => 0,
            },
            // Refused by ourselves before anything was sent.
            Err(error) if is_refusal(error.kind()) => 4,
            Err(_) => 5,
        };
        self.0[place].fetch_add(1, Relaxed);
    }
}

fn is_refusal(kind: Kind) -> bool {
    matches!(kind, Kind::Blocked(_) | Kind::InvalidUrl(_) | Kind::MethodRefused)
        || failure_action(kind) != AuditAction::CredentialUsed
}

impl Connect {
    /// How calls have ended since the start, by class: `success`, `redirect`, `client_error` and `server_error` are
    /// answers, `refused` was not sent, `failed` had no answer that could be used.
    #[must_use]
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let counters = &self.inner.counters.0;
        CLASSES.iter().zip(counters).map(|(class, count)| (*class, count.load(Relaxed))).collect()
    }
}
