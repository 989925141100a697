//! What time does to a credential: its end, the warnings before it, reminders of a rotation, and the former secret
//! that a rotation keeps for a while. Pure: a credential and a time in, what is due out.

use serde::{Deserialize, Serialize};

use super::{Credential, Policy, Status};
use crate::Timestamp;

/// A day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;
/// How long before the end people are warned, in days: once a week before, and once a day before.
const WARN_DAYS: [i64; 2] = [7, 1];
/// How many days lie between two reminders of a rotation that is due.
const REMIND_DAYS: i64 = 7;

/// The secret that a rotation replaced, while it can still be put back. The secret itself stands sealed beside the
/// present one; this is what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Former {
    /// Where it might go and how: bound into its ciphertext.
    pub policy: Policy,
    /// The names of its fields.
    pub secret_fields: Vec<String>,
    /// The account at the service.
    pub account: Option<String>,
    /// When it stopped being usable by its owner's word.
    pub expires_at: Option<Timestamp>,
    /// When it ends by itself.
    pub secret_ends_at: Option<Timestamp>,
    /// Its revision: bound into its ciphertext.
    pub secret_revision: u64,
    /// When it was written.
    pub secret_changed_at: Timestamp,
    /// Until when it is kept.
    pub kept_until: Timestamp,
}

/// What the sweep has found and told. Only the sweep writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// When the organization's maximum age is reached.
    pub age_ends_at: Option<Timestamp>,
    /// The writing of the secret that `age_ends_at` is about.
    pub age_of: Option<Timestamp>,
    /// The end that was recorded as passed.
    pub ended: Option<Timestamp>,
    /// When people were last warned of an end.
    pub warned_at: Option<Timestamp>,
    /// When people were last reminded of a rotation.
    pub reminded_at: Option<Timestamp>,
}

/// Something that is due for a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Its end has passed.
    Ended,
    /// Its end is near.
    EndsSoon,
    /// A rotation is due.
    RotationDue,
    /// The grace period of the former secret has passed.
    FormerOver,
}

/// Why a credential ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Its owner said so.
    Owner,
    /// The secret says so: a certificate, a signed token.
    Secret,
    /// The organization's maximum age.
    Age,
}

impl EndReason {
    /// The word that the audit trail writes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "expires_at",
            Self::Secret => "secret_ends",
            Self::Age => "maximum_age",
        }
    }
}

impl Credential {
    /// When it stops being usable, and why: whatever comes first.
    #[must_use]
    pub fn end(&self) -> Option<(Timestamp, EndReason)> {
        let age = self.lifecycle.age_ends_at.filter(|_| self.knows_age());
        [(self.expires_at, EndReason::Owner), (self.secret_ends_at, EndReason::Secret), (age, EndReason::Age)]
            .into_iter()
            .filter_map(|(at, why)| Some((at?, why)))
            .min_by_key(|(at, _)| *at)
    }

    /// When the next rotation is due by its owner's word.
    #[must_use]
    pub fn rotation_due_at(&self) -> Option<Timestamp> {
        self.rotate_every_days.map(|days| self.secret_changed_at.plus_millis(i64::from(days) * DAY_MS))
    }

    /// The former secret, while it can be put back.
    #[must_use]
    pub fn former_at(&self, now: Timestamp) -> Option<&Former> {
        self.former.as_ref().filter(|former| former.kept_until > now)
    }

    /// Notes when the organization's maximum age is reached; `None` where there is none.
    pub fn set_maximum_age(&mut self, days: Option<u32>) {
        self.lifecycle.age_of = Some(self.secret_changed_at);
        self.lifecycle.age_ends_at =
            days.map(|days| self.secret_changed_at.plus_millis(i64::from(days) * DAY_MS));
    }

    /// What is due at a time, once its maximum age is known.
    #[must_use]
    pub fn steps(&self, now: Timestamp) -> Vec<Step> {
        let times = [
            (self.ends_untold(), Step::Ended),
            (self.next_warning(), Step::EndsSoon),
            (self.next_reminder(), Step::RotationDue),
            (self.former.as_ref().map(|former| former.kept_until), Step::FormerOver),
        ];
        let mut due: Vec<Step> = times
            .into_iter()
            .filter(|(at, _)| at.is_some_and(|at| at <= now))
            .map(|(_, step)| step)
            .collect();
        if due.contains(&Step::Ended) {
            // Nobody has to be told that an end is near which has come.
            due.retain(|step| *step != Step::EndsSoon);
        }
        due
    }

    /// Notes that a step was done.
    pub fn note_step(&mut self, step: Step, now: Timestamp) {
        match step {
            Step::Ended => self.lifecycle.ended = self.end().map(|(at, _)| at),
            Step::EndsSoon => self.lifecycle.warned_at = Some(now),
            Step::RotationDue => self.lifecycle.reminded_at = Some(now),
            Step::FormerOver => self.former = None,
        }
    }

    /// When the sweep has to look at it next; `None` when time does nothing to it.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        if self.status == Status::Revoked {
            return None;
        }
        let unknown_age = (!self.knows_age()).then_some(self.secret_changed_at);
        let former = self.former.as_ref().map(|former| former.kept_until);
        [unknown_age, former, self.ends_untold(), self.next_warning(), self.next_reminder()]
            .into_iter()
            .flatten()
            .min()
    }

    fn knows_age(&self) -> bool {
        self.lifecycle.age_of == Some(self.secret_changed_at)
    }

    /// The end, unless it was recorded already.
    fn ends_untold(&self) -> Option<Timestamp> {
        self.end().map(|(at, _)| at).filter(|at| self.lifecycle.ended != Some(*at))
    }

    /// The next time to warn of an end. What was near already when somebody last changed the credential is no news.
    fn next_warning(&self) -> Option<Timestamp> {
        let end = self.ends_untold()?;
        WARN_DAYS
            .into_iter()
            .map(|days| end.plus_millis(-days * DAY_MS))
            .filter(|at| *at > self.updated_at && self.lifecycle.warned_at.is_none_or(|told| told < *at))
            .min()
    }

    fn next_reminder(&self) -> Option<Timestamp> {
        let due = self.rotation_due_at()?;
        match self.lifecycle.reminded_at.filter(|told| *told >= due) {
            Some(told) => Some(told.plus_millis(REMIND_DAYS * DAY_MS)),
            None => Some(due),
        }
    }
}

#[cfg(test)]
mod tests;
