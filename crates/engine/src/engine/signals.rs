//! What uses say of credentials: the time of the last use, and whether the service took them.
//!
//! The audit rows stand in the run's own transactions. These notes are collected and written together, so that a
//! run costs no further transaction; a crash can lose the last second of them and nothing else.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use flero_connect::{CredentialSignal, UseOutcome};
use flero_model::{
    CredentialId, Timestamp,
    audit::{AuditAction, AuditDetail, NewAudit},
    credential::Status,
};

use super::Engine;

/// After this many milliseconds a status is noted again though it seems not to have changed: another process may
/// have seen another one.
const REPEAT_MS: i64 = 30_000;

/// Notes that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Signals(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    uses: HashMap<CredentialId, Timestamp>,
    statuses: Vec<(UseOutcome, Status)>,
    /// The last status that was noted of each secret.
    noted: HashMap<CredentialId, (u64, Status, Timestamp)>,
}

impl Engine {
    /// Notes how a use ended.
    pub(super) fn note_use(&self, used: &UseOutcome, now: Timestamp) {
        if used.action != AuditAction::CredentialUsed {
            return;
        }
        let mut notes = self.0.signals.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.uses.insert(used.credential, now);
        let status = match used.signal {
            Some(CredentialSignal::Accepted) => Status::Active,
            Some(CredentialSignal::Refused) => Status::Failing,
            None => return,
        };
        let revision = used.detail.secret_revision.unwrap_or(0);
        let same = notes.noted.get(&used.credential).is_some_and(|(noted, known, at)| {
            *noted == revision && *known == status && (0..REPEAT_MS).contains(&now.millis_since(*at))
        });
        if !same {
            notes.noted.insert(used.credential, (revision, status, now));
            notes.statuses.push((used.clone(), status));
        }
    }

    /// Writes what was noted.
    pub(super) async fn flush_signals(&self) {
        let (uses, statuses) = {
            let mut notes = self.0.signals.0.lock().unwrap_or_else(PoisonError::into_inner);
            (std::mem::take(&mut notes.uses), std::mem::take(&mut notes.statuses))
        };
        if !uses.is_empty()
            && let Err(error) = self.0.store.touch_credentials(uses.into_iter().collect()).await
        {
            tracing::warn!(%error, "the last use of credentials could not be noted");
        }
        let now = self.now();
        for (used, status) in statuses {
            let audit = NewAudit {
                workspace: used.workspace,
                at: now,
                actor: used.actor,
                action: AuditAction::CredentialStatusChanged,
                target: used.credential.to_string(),
                detail: AuditDetail { to: Some(status.as_str().to_owned()), ..used.detail.clone() },
            };
            let revision = used.detail.secret_revision.unwrap_or(0);
            match self.0.store.note_credential_status(used.credential, revision, status, audit).await {
                Ok(_) | Err(flero_store::Error::NotFound) => {}
                Err(error) => tracing::warn!(%error, "the status of a credential could not be noted"),
            }
        }
    }
}
