//! Deciding what happens next.

use std::sync::Arc;

use flero_model::{
    Timestamp,
    execution::{ErrorInfo, ExecutionStatus},
    workflow::OnUncertain,
};
use serde_json::Value;

use super::{
    Command, Doing, EffectResult, Event, MAX_NODE_RUNS, Phase, Run, State, Step, Task, Ticket,
    evaluate::Outcome,
    pace::{NODE_STEPS, Pace, Slice},
};
use crate::{
    failure::{Class, Failure},
    guard,
    journal::{At, Done, Ending, Output, Record, output_name},
    params::Work,
};

/// The code of an answer whose status is an error.
const ANSWERED: &str = "http.status";

/// Decides what an event leads to, in one brief slice. The caller appends the records in one transaction and carries
/// the commands out after it; when the run has more to do, it goes on with [`Event::Tick`].
pub(crate) fn advance(mut run: Run, event: Event, now: Timestamp) -> (Run, Step) {
    let step = run.take(event, now, Pace::Brief);
    (run, step)
}

impl Run {
    /// As [`advance`], in place.
    pub(crate) fn take(&mut self, event: Event, now: Timestamp, pace: Pace) -> Step {
        let mut step = Step::default();
        self.allowance.reset(NODE_STEPS);
        self.take_in(event, now, &mut step);
        self.go_on(now, pace, &mut step);
        step
    }

    fn record(&mut self, step: &mut Step, record: Record) {
        self.fold(&record);
        step.records.push(record);
    }

    fn take_in(&mut self, event: Event, now: Timestamp, step: &mut Step) {
        if self.phase == Phase::Ended {
            return;
        }
        match event {
            Event::Go if self.phase == Phase::Pending => {
                self.record(step, Record::Go { t: now.as_millis() });
            }
            Event::Go => {}
            Event::Resumed => self.resume(now, step),
            Event::Effect(ticket, result) if self.expects(ticket) => {
                self.effect_ended(ticket, result, now, step)
            }
            // An attempt that nobody waits for any more: its successor decides.
            Event::Effect(..) => {}
            Event::Tick => self.tick(now, step),
            Event::Cancel if self.phase != Phase::Cancelling => {
                self.record(step, Record::Cancel { t: now.as_millis() });
            }
            Event::Cancel => {}
        }
    }

    /// After a crash: what was in flight may or may not have had its effect.
    fn resume(&mut self, now: Timestamp, step: &mut Step) {
        self.record(step, Record::Resumed { t: now.as_millis() });
        let open: Vec<(At, u32)> = self
            .begun
            .iter()
            .filter_map(|at| {
                let active = self.active(*at)?;
                matches!(active.doing, Doing::Effect).then_some((*at, active.attempt))
            })
            .collect();
        for (at, attempt) in open {
            let node = self.workflow.node(at.1);
            // Code has no effect outside of its sandbox, and a child is found again by its key; only a call can
            // have done something twice.
            if matches!(node.work, Work::Http(_) | Work::Connector(_) | Work::Database(_)) {
                let uncertain = node.on_uncertain;
                self.record(step, Record::Uncertain { n: at });
                if uncertain == OnUncertain::Fail {
                    let message = "Flero was stopped while this call was in flight, so it is not known whether the service did its work. Check there, then replay the run or set onUncertain to retry.";
                    self.fail(at, Failure::new("node.uncertain", message), now, step);
                    continue;
                }
            }
            // What the event itself asks for is never cut.
            self.start_effect(at, attempt + 1, now, Pace::Long, step);
        }
    }

    fn tick(&mut self, now: Timestamp, step: &mut Step) {
        if self.phase == Phase::Active {
            let mut due: Vec<(Timestamp, At)> =
                self.timers.iter().filter(|(at, _)| *at <= now).copied().collect();
            due.sort_unstable();
            for (_, at) in due {
                match self.active(at).map(|active| (&active.doing, active.attempt)) {
                    Some((Doing::Wait, _)) => {
                        self.finish(at, output_name(), Output::Input, None, Vec::new(), now, step);
                    }
                    Some((Doing::Retry, attempt)) if self.in_flight < self.max_in_flight => {
                        self.start_effect(at, attempt + 1, now, Pace::Long, step);
                    }
                    // No place is free; the timer stays due and is looked at when an effect ends.
                    _ => {}
                }
            }
        }
        if self.phase != Phase::Pending && now >= self.deadline && !self.only_waits() {
            let limit = self.workflow.settings.timeout_ms;
            let message = format!(
                "The run took longer than {limit} ms. Raise the workflow's timeoutMs, or let it do less."
            );
            self.end(ExecutionStatus::Timeout, Some(ErrorInfo::new("workflow.timeout", message)), now, step);
        }
    }

    fn end(&mut self, status: ExecutionStatus, error: Option<ErrorInfo>, now: Timestamp, step: &mut Step) {
        self.record(step, Record::End { s: status, x: error, t: now.as_millis() });
    }

    /// Lets everything begin that can, until only effects and timers are left, or nothing, or the slice is over.
    fn go_on(&mut self, now: Timestamp, pace: Pace, step: &mut Step) {
        let mut slice = Slice::new(pace);
        self.is_long = false;
        while self.phase == Phase::Active {
            if !slice.goes_on(step.records.len()) {
                self.is_long = true;
                break;
            }
            let granted = slice.grant(self);
            match self.ready.pop_front() {
                Some(Task::Node(at)) => self.run_node(at, now, pace, step),
                Some(Task::Loop(at)) => self.run_loop(at, now, &slice, step),
                None => {
                    if self.in_flight >= self.max_in_flight {
                        break;
                    }
                    let Some(at) = self.next_held(now) else { break };
                    let attempt = self.active(at).map_or(1, |active| active.attempt + 1);
                    if !self.start_effect(at, attempt, now, pace, step) && attempt == 1 {
                        self.held.push_front(at);
                    }
                }
            }
            slice.note(self, granted);
            if self.is_cut(pace) {
                self.is_long = true;
                break;
            }
        }
        if self.has_more() {
            return;
        }
        if matches!(self.phase, Phase::Ended | Phase::Pending) || self.in_flight > 0 {
            return;
        }
        match self.phase {
            Phase::Active if self.timers.is_empty() => match self.failure.clone() {
                None => self.end(ExecutionStatus::Success, None, now, step),
                Some(failure) => self.end(ExecutionStatus::Failed, Some(failure.0.clone()), now, step),
            },
            Phase::Stopping => {
                let error = self.failure.as_ref().map(|failure| failure.0.clone());
                self.end(ExecutionStatus::Failed, error, now, step);
            }
            Phase::Cancelling => self.end(ExecutionStatus::Cancelled, None, now, step),
            _ => {}
        }
    }

    /// An effect that waits for its turn: one that is held back, or a retry that is due.
    fn next_held(&mut self, now: Timestamp) -> Option<At> {
        if let Some(at) = self.held.pop_front() {
            return Some(at);
        }
        let due = self.timers.iter().filter(|(due, _)| *due <= now);
        due.map(|(_, at)| *at)
            .find(|at| self.active(*at).is_some_and(|active| matches!(active.doing, Doing::Retry)))
    }

    /// Whether a brief slice was too short for the node that was evaluated: nothing came of it, and the node is
    /// evaluated again in a long one.
    fn is_cut(&self, pace: Pace) -> bool {
        pace != Pace::Long && self.allowance.is_exceeded()
    }

    fn run_node(&mut self, at: At, now: Timestamp, pace: Pace, step: &mut Step) {
        if !matches!(self.cell(at).state, State::Idle) {
            return;
        }
        if self.node_runs >= MAX_NODE_RUNS {
            let message = format!(
                "The run has begun {MAX_NODE_RUNS} nodes, which is the most. Use batches, or several workflows."
            );
            return self.fail(at, Failure::new("workflow.too_many_steps", message), now, step);
        }
        if let Some((port, output)) = self.given_output(at.1) {
            return self.finish(at, port, Output::Value(output), None, Vec::new(), now, step);
        }
        if self.workflow.node(at.1).disabled {
            let (port, output) = self.pass_on(at);
            return self.record(step, Record::Done(Box::new(self.done(at, Ending::Off, port, output, now))));
        }
        match guard::catch(|| self.evaluate(at, now)) {
            _ if self.is_cut(pace) => self.ready.push_front(Task::Node(at)),
            Ok(Outcome::Done { port, output, variables }) => {
                self.finish(at, port, output, variables, Vec::new(), now, step);
            }
            Ok(Outcome::Wait(until)) => {
                self.record(step, Record::Wait { n: at, t: now.as_millis(), u: until.as_millis() });
            }
            Ok(Outcome::Loop { count, parallel }) => {
                self.record(step, Record::Loop { n: at, t: now.as_millis(), c: count, p: parallel });
            }
            Ok(Outcome::Effect) if self.in_flight >= self.max_in_flight => self.held.push_back(at),
            Ok(Outcome::Effect) => {
                if !self.start_effect(at, 1, now, pace, step) {
                    self.ready.push_front(Task::Node(at));
                }
            }
            Err(failure) => self.fail(at, failure, now, step),
        }
    }

    fn run_loop(&mut self, at: At, now: Timestamp, slice: &Slice, step: &mut Step) {
        while self.looping(at).is_some_and(super::loops::Looping::may_iterate) {
            if !slice.goes_on(step.records.len()) {
                return self.ready.push_front(Task::Loop(at));
            }
            self.record(step, Record::Iterate { n: at });
        }
        if self.looping(at).is_some_and(super::loops::Looping::is_over) {
            let port = "done".into();
            self.finish(at, port, Output::Results, None, Vec::new(), now, step);
        }
    }

    /// Begins an attempt. Its expressions see the time at which it begins. `false` when the slice was too short, and
    /// nothing has happened.
    fn start_effect(&mut self, at: At, attempt: u32, now: Timestamp, pace: Pace, step: &mut Step) -> bool {
        let ticket = Ticket { at, attempt };
        match guard::catch(|| self.command(ticket, now)) {
            _ if self.is_cut(pace) => return false,
            Ok(command) => {
                self.record(step, Record::Effect { n: at, a: attempt, t: now.as_millis() });
                step.commands.push(command);
            }
            Err(failure) => self.fail(at, failure, now, step),
        }
        true
    }

    fn effect_ended(&mut self, ticket: Ticket, result: EffectResult, now: Timestamp, step: &mut Step) {
        let at = ticket.at;
        let mut failure = match result {
            EffectResult::Value { output, logs } => {
                return self.finish(at, output_name(), Output::Value(output), None, logs, now, step);
            }
            EffectResult::Http { output, status, retry_after_ms } => {
                let began = self.active(at).map_or(now, |active| active.attempt_began);
                if status < 400 || !self.fails_on_error(at, began) {
                    return self.finish(
                        at,
                        output_name(),
                        Output::Value(output),
                        None,
                        Vec::new(),
                        now,
                        step,
                    );
                }
                let message = format!("The service answered with status {status}.");
                let mut failure = Failure::new(ANSWERED, message);
                failure.class = Class::of_status(status);
                failure.status = Some(status);
                failure.retry_after_ms = retry_after_ms;
                failure.output = Some(output);
                failure
            }
            EffectResult::Failed(failure) => failure,
        };
        // A run that stops lets what runs finish, but begins nothing again.
        if self.phase == Phase::Active
            && let Some(next) = self.next_attempt(at, ticket.attempt, &failure, now)
        {
            let (failed, next) = (Some(now.as_millis()), next.as_millis());
            let retry = Record::Retry { n: at, a: ticket.attempt, u: next, x: failure.info(), t: failed };
            return self.record(step, retry);
        }
        // The answer of an attempt that another one follows is not kept.
        if failure.code == ANSWERED {
            failure.message.push_str(" Its answer is in the node's output.");
        }
        self.fail(at, failure, now, step);
    }

    #[allow(clippy::too_many_arguments)] // They are the parts of one record.
    fn finish(
        &mut self,
        at: At,
        port: Arc<str>,
        output: Output,
        variables: Option<Arc<Value>>,
        logs: Vec<String>,
        now: Timestamp,
        step: &mut Step,
    ) {
        let mut done = self.done(at, Ending::Success, port, output, now);
        done.variables = variables;
        done.logs = logs;
        self.record(step, Record::Done(Box::new(done)));
    }

    /// A node failed for good: its error port takes over where it is wired, else the run's policy decides.
    fn fail(&mut self, at: At, failure: Failure, now: Timestamp, step: &mut Step) {
        let mut done = if self.workflow.node(at.1).has_error_edge {
            let output = Output::Value(self.error_output_of(at, &failure));
            self.done(at, Ending::Success, "error".into(), output, now)
        } else {
            let output = Output::Value(failure.output.clone().unwrap_or_default());
            self.done(at, Ending::Failed, output_name(), output, now)
        };
        done.error = Some((failure.info(), failure.class.into()));
        done.logs = failure.logs;
        self.record(step, Record::Done(Box::new(done)));
    }

    /// The end of a node with what is known of its begin.
    fn done(&self, at: At, ending: Ending, port: Arc<str>, output: Output, now: Timestamp) -> Done {
        let active = self.active(at);
        Done {
            at,
            ending,
            port,
            output,
            times: (active.map_or(now, |active| active.began).as_millis(), now.as_millis()),
            attempts: active.map_or(1, |active| active.attempt),
            maybe_duplicated: active.is_some_and(|active| active.maybe_duplicated),
            error: None,
            logs: Vec::new(),
            variables: None,
        }
    }

    /// What the run returned: null unless it ended well.
    pub(crate) fn output(&self) -> Arc<Value> {
        match &self.ended {
            Some((ExecutionStatus::Success, ..)) => {
                self.only_output().or_else(|| self.frame_output(0)).unwrap_or_default()
            }
            _ => Arc::default(),
        }
    }
}

impl Command {
    /// The attempt and the node that may use a credential.
    pub(crate) fn used_by(&self) -> Option<(&super::Ticket, &Arc<str>)> {
        match self {
            Self::CallHttp { ticket, node, .. } | Self::QueryDatabase { ticket, node, .. } => {
                Some((ticket, node))
            }
            Self::RunCode { .. } | Self::StartChild { .. } => None,
        }
    }

    /// Whether it uses a credential.
    pub(crate) fn credential(&self) -> Option<flero_model::CredentialId> {
        match self {
            Self::CallHttp { credential, .. } => *credential,
            Self::QueryDatabase { credential, .. } => Some(*credential),
            Self::RunCode { .. } | Self::StartChild { .. } => None,
        }
    }
}
