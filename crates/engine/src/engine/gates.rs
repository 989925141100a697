//! What a trigger lets through: its condition, its rate, its number of concurrent runs; and, while the vault is
//! sealed, the queue of the runs that need it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use flero_connect::Connect;
use flero_expr::{Allowance, Root, Scope, Value as Seen};
use flero_model::{Timestamp, WorkflowId};
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Engine;
use crate::{
    CompiledWorkflow, Error, Result,
    params::{TriggerOptions, WhenFull, text_of},
    template::{Template, Unresolved},
};

/// The longest key that is kept, in bytes; a longer one is refused.
const MAX_KEY_BYTES: usize = 500;

/// What the expression of one option of a trigger may cost, in steps: a few milliseconds. It is evaluated before
/// anything is accepted, where a caller and all others wait for it.
const STEPS: u64 = 100_000;

/// The state of triggers in this process.
#[derive(Default)]
pub(super) struct Gates {
    /// By workflow and limit, so that another version's limit is another gate.
    places: Mutex<HashMap<(WorkflowId, u32), Arc<Semaphore>>>,
    /// By workflow the theoretical arrival time of the next run, in microseconds.
    rates: Mutex<HashMap<WorkflowId, i64>>,
}

/// A run's place among the concurrent runs of its trigger. Dropping it gives the place to the next.
#[derive(Default)]
pub(super) struct Pass {
    gate: Option<Arc<Semaphore>>,
    permit: Option<OwnedSemaphorePermit>,
    /// The door, for a run that uses credentials and came while the vault was sealed (Security test 15).
    sealed: Option<Connect>,
}

/// How often a run that waits for the vault looks whether it is open.
const LOOK: Duration = Duration::from_millis(250);

impl Pass {
    /// Whether the run may begin.
    pub(super) fn is_open(&self) -> bool {
        self.sealed.is_none() && (self.gate.is_none() || self.permit.is_some())
    }

    /// Waits until it may.
    pub(super) async fn wait(&mut self) {
        while self.sealed.as_ref().is_some_and(|door| !door.can_open_secrets()) {
            tokio::time::sleep(LOOK).await;
        }
        self.sealed = None;
        if let Some(gate) = self.gate.as_ref().filter(|_| self.permit.is_none()) {
            self.permit = Arc::clone(gate).acquire_owned().await.ok();
        }
    }
}

/// What a trigger said about a run.
pub(super) struct Admitted {
    pub(super) pass: Pass,
    pub(super) idempotency_key: Option<String>,
}

/// What the options of a trigger can see: what came in, the variables, the workflow's name.
struct TriggerScope<'r> {
    workflow: &'r CompiledWorkflow,
    input: &'r Value,
    variables: &'r Map<String, Value>,
    now: Timestamp,
    allowance: Allowance,
}

impl Scope for TriggerScope<'_> {
    fn root(&self, root: Root) -> Option<Seen<'_>> {
        match root {
            Root::Trigger | Root::Input => Some(Seen::from(self.input)),
            Root::Env => Some(Seen::from(self.variables)),
            Root::Workflow => Some(Seen::object([
                ("id", Seen::from(self.workflow.id.to_string())),
                ("name", Seen::from(&*self.workflow.name)),
                ("version", Seen::from(self.workflow.version)),
            ])),
            _ => None,
        }
    }

    fn node(&self, _: &str) -> Option<Seen<'_>> {
        None
    }

    fn node_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn now_ms(&self) -> Option<i64> {
        Some(self.now.as_millis())
    }

    fn allowance(&self) -> Option<&Allowance> {
        Some(&self.allowance)
    }
}

/// Evaluates a template that belongs to no node.
pub(super) fn evaluate(
    template: &Template,
    workflow: &CompiledWorkflow,
    input: &Value,
    variables: &Map<String, Value>,
    now: Timestamp,
) -> std::result::Result<Arc<Value>, String> {
    let scope = TriggerScope { workflow, input, variables, now, allowance: Allowance::new(STEPS) };
    template.eval(&scope, Unresolved::Fail).map_err(|failure| failure.message)
}

impl Engine {
    /// Asks a trigger's options about a run, in the order condition, rate, places, so that what is refused early
    /// uses nothing up.
    pub(super) fn admit(
        &self,
        workflow: &CompiledWorkflow,
        options: &TriggerOptions,
        input: &Value,
        variables: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Admitted> {
        let option = |name: &'static str, template: &Template| {
            evaluate(template, workflow, input, variables, now)
                .map_err(|reason| Error::TriggerOption { option: name, reason })
        };
        if let Some(template) = &options.active_when {
            match &*option("activeWhen", template)? {
                Value::Bool(true) => {}
                Value::Bool(false) | Value::Null => return Err(Error::ConditionNotMet),
                _ => {
                    let reason = "it has to give true or false".to_owned();
                    return Err(Error::TriggerOption { option: "activeWhen", reason });
                }
            }
        }
        let idempotency_key = match &options.idempotency_key {
            None => None,
            Some(template) => {
                let key = text_of(&*option("idempotencyKey", template)?).into_owned();
                if key.len() > MAX_KEY_BYTES {
                    let reason = format!("the key is longer than {MAX_KEY_BYTES} bytes");
                    return Err(Error::TriggerOption { option: "idempotencyKey", reason });
                }
                // An empty key means that this request has none.
                (!key.is_empty()).then_some(key)
            }
        };
        if let Some((max, per_ms)) = options.rate_limit {
            let mut rates = self.0.gates.rates.lock().unwrap_or_else(PoisonError::into_inner);
            let arrival = rates.entry(workflow.id).or_insert(i64::MIN);
            *arrival = rate(*arrival, max, per_ms, now)
                .map_err(|retry_after_ms| Error::RateLimited { retry_after_ms })?;
        }
        let pass = match options.concurrency {
            None => Pass::default(),
            Some((limit, when_full)) => {
                let pass = self.pass(workflow.id, limit);
                if !pass.is_open() && when_full == WhenFull::Reject {
                    return Err(Error::TooManyRuns { limit });
                }
                pass
            }
        };
        Ok(Admitted { pass, idempotency_key })
    }

    /// A place beside the other runs of a trigger, or a place in the queue.
    pub(super) fn pass(&self, workflow: WorkflowId, limit: u32) -> Pass {
        let mut places = self.0.gates.places.lock().unwrap_or_else(PoisonError::into_inner);
        let gate =
            places.entry((workflow, limit)).or_insert_with(|| Arc::new(Semaphore::new(limit as usize)));
        let gate = Arc::clone(gate);
        let permit = Arc::clone(&gate).try_acquire_owned().ok();
        Pass { gate: Some(gate), permit, sealed: None }
    }

    /// The same place for a run that may need a secret: it waits while there is none to be had.
    pub(super) fn behind_vault(&self, workflow: &CompiledWorkflow, pass: Pass) -> Pass {
        let needs_secrets = !workflow.credentials().is_empty();
        let is_sealed = needs_secrets && !self.0.connect.can_open_secrets();
        Pass { sealed: is_sealed.then(|| self.0.connect.clone()), ..pass }
    }
}

/// The generic cell rate algorithm (ITU-T I.371 annex A, virtual scheduling): `max` runs in `per_ms` milliseconds
/// on the long run and at once. Takes and gives the theoretical arrival time in microseconds; a refusal tells how
/// many milliseconds to wait.
fn rate(arrival: i64, max: u32, per_ms: u64, now: Timestamp) -> std::result::Result<i64, u64> {
    let now = now.as_millis().saturating_mul(1_000);
    let per = i64::try_from(per_ms.saturating_mul(1_000)).unwrap_or(i64::MAX);
    let spacing = (per / i64::from(max)).max(1);
    let tolerance = spacing.saturating_mul(i64::from(max) - 1);
    // A clock that was set back must not close the gate for longer than one period.
    let arrival = arrival.clamp(now, now.saturating_add(per));
    let early = arrival.saturating_sub(now).saturating_sub(tolerance);
    if early > 0 {
        return Err(u64::try_from(early).unwrap_or(0).div_ceil(1_000));
    }
    Ok(arrival.saturating_add(spacing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_limit_admits_its_number_at_once_and_then_one_by_one() {
        let at = Timestamp::from_millis;
        let mut arrival = i64::MIN;
        for _ in 0..10 {
            arrival = rate(arrival, 10, 1_000, at(5_000)).unwrap();
        }
        assert_eq!(rate(arrival, 10, 1_000, at(5_000)), Err(100));
        assert_eq!(rate(arrival, 10, 1_000, at(5_099)), Err(1));
        // A clock that was set back by an hour closes the gate for no longer than one that was not.
        assert_eq!(rate(arrival, 10, 1_000, at(5_000 - 3_600_000)), Err(100));
        let arrival = rate(arrival, 10, 1_000, at(5_100)).unwrap();
        assert!(rate(arrival, 10, 1_000, at(5_150)).is_err());
        // A pause of a period fills it again; a clock set back by a year does not close it for a year.
        assert!(rate(arrival, 10, 1_000, at(9_000)).is_ok());
        assert_eq!(rate(arrival, 10, 1_000, at(0)), Err(100));
    }
}
