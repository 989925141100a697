//! How records change a run. No decisions here: the same records always give the same run.

use std::sync::Arc;

use flero_model::{Timestamp, execution::ErrorInfo, workflow::ErrorPolicy};
use serde_json::{Map, Value};

use super::{Active, Doing, Finished, Phase, Run, State, Task, given, loops::Looping};
use crate::{
    failure::error_output,
    journal::{At, Done, Ending, Output, Record},
};

impl Run {
    /// Applies a record. Records come from [`super::advance`] or from the journal; one that does not fit (a
    /// damaged journal) changes nothing.
    pub(super) fn fold(&mut self, record: &Record) {
        match record {
            Record::Begun(begun) => self.fold_begun(begun),
            Record::Go { t } => {
                let began = Timestamp::from_millis(*t);
                self.phase = Phase::Active;
                self.started = Some(began);
                let limit = i64::try_from(self.workflow.settings.timeout_ms).unwrap_or(i64::MAX);
                self.deadline = began.plus_millis(limit);
                self.ready.push_back(Task::Node(At(0, self.entry)));
            }
            Record::Done(done) => self.fold_done(done),
            Record::Effect { n, a, t } => self.fold_effect(*n, *a, Timestamp::from_millis(*t)),
            Record::Retry { n, u, x, t, .. } => {
                let until = Timestamp::from_millis(*u);
                self.attempt_failed(*n, x, *t, until);
                if let Some(active) = self.active_mut(*n) {
                    active.doing = Doing::Retry;
                    self.in_flight = self.in_flight.saturating_sub(1);
                    self.timers.push((until, *n));
                }
            }
            Record::Uncertain { n } => {
                if let Some(attempt) = self.listed_attempt(*n) {
                    attempt.uncertain = true;
                }
                if let Some(active) = self.active_mut(*n) {
                    active.maybe_duplicated = true;
                }
            }
            Record::Wait { n, t, u } => {
                let until = Timestamp::from_millis(*u);
                self.begin(*n, Timestamp::from_millis(*t), Doing::Wait);
                self.timers.push((until, *n));
            }
            Record::Loop { n, t, c, p } => self.fold_loop(*n, Timestamp::from_millis(*t), *c, *p),
            Record::Iterate { n } => self.open_iteration(*n),
            Record::Resumed { t } => {
                let away = Timestamp::from_millis(*t).millis_since(self.last_seen).max(0);
                self.deadline = self.deadline.plus_millis(away);
            }
            Record::Cancel { .. } => self.phase = Phase::Cancelling,
            Record::End { s, x, t } => {
                self.phase = Phase::Ended;
                self.ended = Some((*s, x.clone(), Timestamp::from_millis(*t)));
                self.ready.clear();
                self.timers.clear();
                self.held.clear();
            }
        }
        if let Some(time) = record.time() {
            self.last_seen = Timestamp::from_millis(time);
        }
    }

    fn fold_begun(&mut self, begun: &crate::journal::Begun) {
        if let Output::Value(input) = &begun.input {
            self.input = Arc::clone(input);
        }
        if let Some(env) = &begun.env {
            self.env = Arc::clone(env);
        }
        self.entry = begun.entry;
        self.ancestry.clone_from(&begun.ancestry);
        self.accepted = begun.at;
        self.given = given::Taken { only: begun.only.then_some(begun.entry), outputs: begun.given.clone() };
        self.open_root();
    }

    /// Marks a node as begun, if it is not yet.
    fn begin(&mut self, at: At, began: Timestamp, doing: Doing) {
        if matches!(self.cell(at).state, State::Idle) {
            self.cell_mut(at).state = State::Active(Box::new(Active {
                began,
                attempt: 1,
                maybe_duplicated: false,
                attempt_began: began,
                doing,
            }));
            self.begun.push(at);
            self.node_runs += 1;
        }
    }

    fn fold_effect(&mut self, at: At, attempt: u32, began: Timestamp) {
        // After a crash the attempt that was in flight is followed by another one.
        let in_flight = self.active(at).is_some_and(|active| matches!(active.doing, Doing::Effect));
        if in_flight {
            self.listed_attempt(at);
        }
        self.begin(at, began, Doing::Effect);
        if let Some(active) = self.active_mut(at) {
            active.attempt = attempt;
            active.attempt_began = began;
            active.doing = Doing::Effect;
        }
        if attempt > 1 {
            self.listed_attempt(at);
        }
        self.timers.retain(|(_, other)| *other != at);
        self.held.retain(|other| *other != at);
        self.in_flight += usize::from(!in_flight);
    }

    fn fold_loop(&mut self, at: At, began: Timestamp, count: u32, parallel: u32) {
        // The items are found again from what the loop was given: they are not stored a second time.
        let items = self.loop_items(at, began, true).map(|(items, _)| items).unwrap_or_default();
        self.begin(at, began, Doing::Loop(Box::new(Looping::new(items, count, parallel))));
        self.ready.push_back(Task::Loop(at));
    }

    fn fold_done(&mut self, done: &Done) {
        let at = done.at;
        let output = match &done.output {
            Output::Value(value) => Arc::clone(value),
            Output::Trigger => Arc::clone(&self.input),
            Output::Input => self.input_of(at),
            Output::Results => self.loop_results(at),
            // Blobs are put back in place before a journal is folded; a missing one reads as nothing.
            Output::Blob(..) => Arc::default(),
        };
        let (began, ended) = (Timestamp::from_millis(done.times.0), Timestamp::from_millis(done.times.1));
        self.last_attempt_ended(done);
        self.leave_active(at, ended);
        if matches!(self.cell(at).state, State::Idle) {
            self.begun.push(at);
            self.node_runs += 1;
        }
        if let Some(Value::Object(set)) = done.variables.as_deref() {
            let mut variables = self.variables.as_object().cloned().unwrap_or_else(Map::new);
            variables.extend(set.iter().map(|(name, value)| (name.clone(), value.clone())));
            self.variables = Arc::new(Value::Object(variables));
        }
        let error = done.error.as_ref().map(|(info, _)| info.clone());
        let error_context = if &*done.port == "error" && done.ending == Ending::Success {
            output.get("error").map(|error| Arc::new(error.clone()))
        } else {
            self.error_context_of(at)
        };
        if done.ending == Ending::Failed {
            self.fold_failure(at, error.as_ref());
        }
        self.cell_mut(at).state = State::Done(Box::new(Finished {
            ending: done.ending,
            port: Arc::clone(&done.port),
            output,
            began,
            ended,
            attempts: done.attempts,
            maybe_duplicated: done.maybe_duplicated,
            error,
            logs: done.logs.clone(),
            error_context,
        }));
        self.decide_outgoing(at);
    }

    /// Takes a node out of what goes on.
    fn leave_active(&mut self, at: At, ended: Timestamp) {
        let State::Active(active) = &self.cell(at).state else { return };
        match active.doing {
            Doing::Effect => self.in_flight = self.in_flight.saturating_sub(1),
            // Waiting is not running: the deadline moves by as much.
            Doing::Wait => {
                let waited = ended.millis_since(active.began).max(0);
                self.deadline = self.deadline.plus_millis(waited);
            }
            Doing::Retry | Doing::Loop(_) => {}
        }
        self.timers.retain(|(_, other)| *other != at);
        self.held.retain(|other| *other != at);
    }

    fn fold_failure(&mut self, at: At, error: Option<&ErrorInfo>) {
        if self.failure.is_none() {
            let info = error.cloned().unwrap_or_else(|| ErrorInfo::new("internal.error", "The node failed."));
            self.failure = Some(Arc::new((info, at.1)));
        }
        if self.workflow.settings.error_policy != ErrorPolicy::Continue && self.phase == Phase::Active {
            self.phase = Phase::Stopping;
        }
    }

    /// The object that the error port of a node gives.
    pub(super) fn error_output_of(&self, at: At, failure: &crate::failure::Failure) -> Arc<Value> {
        let node = self.workflow.node(at.1);
        error_output(failure, &node.id, &node.name)
    }
}
