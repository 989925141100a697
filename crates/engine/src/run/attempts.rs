//! The single attempts of nodes that needed more than one, for reports. A node whose first attempt is its end has
//! nothing here, so that it costs nothing.

use flero_model::{
    Timestamp,
    execution::{AttemptReport, ErrorInfo},
};

use super::Run;
use crate::journal::{At, Done};

impl Run {
    /// The attempts of a node; none where its first was its end.
    pub(super) fn attempts_of(&self, at: At) -> &[AttemptReport] {
        self.attempts.get(&at).map_or(&[], Vec::as_slice)
    }

    /// The attempt of a node that began last, listed from now on with those that follow it.
    pub(super) fn listed_attempt(&mut self, at: At) -> Option<&mut AttemptReport> {
        let active = self.active(at)?;
        let (number, started_at) = (active.attempt, active.attempt_began);
        let list = self.attempts.entry(at).or_default();
        if list.last().is_none_or(|last| last.number != number) {
            list.push(AttemptReport {
                number,
                started_at,
                finished_at: None,
                error: None,
                next_at: None,
                uncertain: false,
            });
        }
        list.last_mut()
    }

    /// An attempt failed, and another one follows.
    pub(super) fn attempt_failed(&mut self, at: At, error: &ErrorInfo, failed: Option<i64>, next: Timestamp) {
        if let Some(attempt) = self.listed_attempt(at) {
            attempt.finished_at = failed.map(Timestamp::from_millis);
            attempt.error = Some(error.clone());
            attempt.next_at = Some(next);
        }
    }

    /// The node ended: so did its last attempt, unless it had failed before and none could follow.
    pub(super) fn last_attempt_ended(&mut self, done: &Done) {
        let last = self.attempts.get_mut(&done.at).and_then(|list| list.last_mut());
        if let Some(attempt) = last.filter(|attempt| attempt.error.is_none()) {
            attempt.finished_at = Some(Timestamp::from_millis(done.times.1));
            attempt.error = done.error.as_ref().map(|(error, _)| error.clone());
        }
    }
}
