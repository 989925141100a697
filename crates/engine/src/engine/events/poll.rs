//! Polling: what is new at a service starts runs, and the cursor moves in the transaction that accepts them. A poll that
//! dies on the way has started nothing, and the next one begins where the last complete one ended.

use std::{cmp::Ordering, collections::HashSet, sync::Arc};

use flero_model::execution::TriggerKind;
use flero_openapi::{
    events::{Item, fill, filled, items, order},
    extension::Polling,
};
use flero_store::{
    events::{PollCommit, REMEMBERED, Subscription, key},
    workflows::WorkflowStatus,
};
use serde_json::{Value, json};

use super::{
    super::{Engine, start::Prepared},
    after,
    ask::Refused,
};
use crate::{Error, Result, StartRun};

/// The most items of a poll that start runs in one transaction; the rest comes with the next poll.
const MOST_ITEMS: usize = 200;
/// After a poll with so many new items there may be more at once.
const MANY: usize = 20;
/// How many pages of what is old are read at the first poll.
const MOST_OLD_PAGES: usize = 20;

type Key = [u8; 32];

impl Engine {
    pub(super) async fn poll(&self, subscription: Subscription) -> Result<()> {
        let trigger =
            self.event(subscription.workspace, &subscription.connector, &subscription.event).await?;
        let Some(polling) = trigger.and_then(|trigger| trigger.hints.polling) else {
            return self
                .postpone(&subscription, "The connector has no such event any more.".to_owned())
                .await;
        };
        let done = if subscription.cursor.is_none() && polling.start.is_none() {
            self.first_poll(&subscription, &polling).await?
        } else {
            self.next_poll(&subscription, &polling).await?
        };
        match done {
            Ok(()) => Ok(()),
            Err(refused) => self.postpone(&subscription, refused.message).await,
        }
    }

    /// What is there when a workflow is activated is old: it is remembered and starts nothing.
    async fn first_poll(
        &self,
        subscription: &Subscription,
        polling: &Polling,
    ) -> Result<std::result::Result<(), Refused>> {
        let (mut cursor, mut keys, mut seen) = (Value::Null, Vec::new(), HashSet::new());
        for _ in 0..MOST_OLD_PAGES {
            let found = match self.ask_items(subscription, polling, &cursor).await? {
                Ok(found) => found,
                Err(refused) => return Ok(Err(refused)),
            };
            let before = seen.len();
            for item in found {
                let key = key_of(&item);
                if seen.insert(key) {
                    keys.push(key);
                }
                cursor = further(&cursor, &item.cursor);
            }
            if seen.len() < before + MANY {
                break;
            }
        }
        let skipped = keys.len().saturating_sub(REMEMBERED as usize);
        let keys = keys.split_off(skipped);
        let poll = self.commit_of(subscription, cursor, keys, Vec::new(), false);
        self.0.store.commit_poll(subscription.id, subscription.fence, poll).await?;
        Ok(Ok(()))
    }

    async fn next_poll(
        &self,
        subscription: &Subscription,
        polling: &Polling,
    ) -> Result<std::result::Result<(), Refused>> {
        let cursor = subscription.cursor.clone().unwrap_or_else(|| self.start_of(polling));
        let found = match self.ask_items(subscription, polling, &cursor).await? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(refused)),
        };
        let known = found.iter().map(key_of).collect();
        let known: HashSet<Key> =
            self.0.store.known_events(subscription.id, known).await?.into_iter().collect();
        let mut seen = known.clone();
        let mut new: Vec<Item> = found.into_iter().filter(|item| seen.insert(key_of(item))).collect();
        let is_more = new.len() >= MANY;
        // Items of one cursor stay together: a service may tell only what lies behind the cursor.
        let least = cut(&new, MOST_ITEMS);
        // So many of one cursor cannot be parted: they all go.
        if least > 0 {
            new.truncate(least);
        }
        let (prepared, done) = self.prepare_runs(subscription, &new).await?;
        new.truncate(done);
        let mut end = cursor;
        for item in &new {
            end = further(&end, &item.cursor);
        }
        let keys = new.iter().map(key_of).collect();
        let mut runs = Vec::with_capacity(prepared.len());
        let mut going = Vec::with_capacity(prepared.len());
        for Prepared { facts, run, step, new, pass } in prepared {
            runs.push(new);
            going.push((facts, run, step, pass));
        }
        let poll = self.commit_of(subscription, end, keys, runs, is_more);
        self.0.store.commit_poll(subscription.id, subscription.fence, poll).await?;
        for (facts, run, step, pass) in going {
            if run.status().is_final() {
                self.run_error_workflow(&facts, &run).await;
            }
            self.go_on_with(facts, run, step, pass, false);
        }
        Ok(Ok(()))
    }

    fn commit_of(
        &self,
        subscription: &Subscription,
        cursor: Value,
        keys: Vec<Key>,
        runs: Vec<flero_store::executions::NewExecution>,
        is_more: bool,
    ) -> PollCommit {
        let at = self.now();
        // At the next second at the earliest, so that a service that repeats itself is not asked without an end.
        let pause = if is_more { 1_000 } else { subscription.interval_ms };
        PollCommit { runs, keys, cursor: Some(cursor), next_at: after(at, pause), at }
    }

    /// The runs of items up to the first one that the trigger does not let through yet, and how many items that are.
    async fn prepare_runs(
        &self,
        subscription: &Subscription,
        new: &[Item],
    ) -> Result<(Vec<Prepared>, usize)> {
        if new.is_empty() {
            return Ok((Vec::new(), 0));
        }
        let workflow = self.0.store.get_workflow_anywhere(subscription.workflow).await?;
        let (Some(version), Some(by), WorkflowStatus::Active) =
            (workflow.active_version, workflow.activated_by, workflow.status)
        else {
            return Ok((Vec::new(), 0));
        };
        let compiled = self.workflow(workflow.id, version).await?;
        let (variables, _) = self.0.store.get_variables(workflow.workspace).await?;
        let variables = Arc::new(variables);
        let mut prepared: Vec<(usize, Prepared)> = Vec::with_capacity(new.len());
        let mut done = new.len();
        for (place, item) in new.iter().enumerate() {
            let start = StartRun {
                workflow: Arc::clone(&compiled),
                workspace: workflow.workspace,
                organization: subscription.organization,
                trigger: TriggerKind::Event,
                entry: None,
                input: json!({
                    "connector": subscription.connector,
                    "event": subscription.event,
                    "deliveryId": item.id,
                    "timestamp": self.now(),
                    "body": item.item,
                }),
                acting_for: by,
                variables: Arc::clone(&variables),
                idempotency_key: None,
                audit: Vec::new(),
                given: crate::Given::default(),
            };
            match self.prepare(start, Vec::new()).await {
                Ok(run) => prepared.push((place, run)),
                // Later they are let through.
                Err(Error::RateLimited { .. } | Error::TooManyRuns { .. }) => {
                    done = cut(new, place);
                    break;
                }
                Err(
                    error @ (Error::ConditionNotMet | Error::TriggerOption { .. } | Error::NoEntry { .. }),
                ) => {
                    tracing::info!(workflow = %workflow.id, %error, "an event was not let through");
                }
                Err(error) => return Err(error),
            }
        }
        prepared.retain(|(place, _)| *place < done);
        Ok((prepared.into_iter().map(|(_, run)| run).collect(), done))
    }

    /// The cursor of the first poll, where the connector says one.
    fn start_of(&self, polling: &Polling) -> Value {
        let now = self.now();
        let start = polling.start.clone().map(Value::String).unwrap_or_default();
        let value_of = |name: &str| match name {
            "now" => Some(Value::String(now.to_string())),
            "now.seconds" => Some(json!(now.as_millis().div_euclid(1_000))),
            _ => None,
        };
        filled(&start, &value_of).unwrap_or_default()
    }

    /// Asks for what is behind a cursor; in the order of the cursors.
    async fn ask_items(
        &self,
        subscription: &Subscription,
        polling: &Polling,
        cursor: &Value,
    ) -> Result<std::result::Result<Vec<Item>, Refused>> {
        let inputs = fill(&polling.inputs, &|name| match name {
            "cursor" => Some(cursor.clone()),
            name => subscription.inputs.get(name).cloned(),
        });
        let (ready, call) = match self.event_call(subscription, &polling.operation, inputs).await? {
            Ok(made) => made,
            Err(refused) => return Ok(Err(refused)),
        };
        let reply = match self.0.connect.send(call).await {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(Refused::from(&error))),
        };
        let answer = match self.event_answer(&ready, &reply) {
            Ok(answer) => answer,
            Err(refused) => return Ok(Err(refused)),
        };
        if polling.optional && answer.pointer(&polling.items).is_none_or(Value::is_null) {
            return Ok(Ok(Vec::new()));
        }
        let found = items(&answer, &polling.items, &polling.id, &polling.cursor);
        Ok(found.ok_or_else(|| Refused::of("The answer has no list at the place that the connector names.")))
    }
}

fn key_of(item: &Item) -> Key {
    key(&[b"item", item.id.as_bytes()])
}

fn further(one: &Value, other: &Value) -> Value {
    let is_further = one.is_null() || order(one, other) == Ordering::Less;
    if is_further { other.clone() } else { one.clone() }
}

/// The most items, at most so many, that end where the cursor moves; all of one cursor when they are more.
fn cut(items: &[Item], most: usize) -> usize {
    if items.len() <= most {
        return items.len();
    }
    let is_end = |place: usize| order(&items[place - 1].cursor, &items[place].cursor) != Ordering::Equal;
    (1..=most).rev().find(|place| is_end(*place)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(cursors: &[u32]) -> Vec<Item> {
        let item = |(place, cursor): (usize, &u32)| Item {
            id: place.to_string(),
            cursor: json!(cursor),
            item: Value::Null,
        };
        cursors.iter().enumerate().map(item).collect()
    }

    #[test]
    fn items_of_one_cursor_are_not_parted() {
        assert_eq!(cut(&at(&[1, 2, 3]), 5), 3);
        assert_eq!(cut(&at(&[1, 2, 2, 3]), 2), 1);
        assert_eq!(cut(&at(&[1, 2, 2, 3]), 3), 3);
        assert_eq!(cut(&at(&[2, 2, 2]), 2), 0);
        assert_eq!(cut(&at(&[1, 2]), 0), 0);
    }

    #[test]
    fn a_cursor_only_grows() {
        assert_eq!(further(&Value::Null, &json!(4)), json!(4));
        assert_eq!(further(&json!(9), &json!(10)), json!(10));
        assert_eq!(further(&json!("2026-02-01"), &json!("2026-01-01")), json!("2026-02-01"));
    }
}
