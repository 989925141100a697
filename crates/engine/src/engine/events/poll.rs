//! Polling: what is new at a service starts runs, and the cursor moves in the transaction that accepts them. A poll that
//! dies on the way has started nothing, and the next one begins where the last complete one ended.
//!
//! A list may be longer than one poll reads. Then the next poll goes on behind it, a second later, and the cursor moves
//! when the end is reached:
//! - of a list that is told newest first, the oldest of what is new lies last: pages are marked on the way down, and
//!   started from the last mark up;
//! - of every other list, what was read is started before it goes on.
//!
//! Marks only save requests. What is known is known by its id, so a walk that begins anew repeats nothing.

use std::{cmp::Ordering, collections::HashSet, sync::Arc};

use flero_model::execution::TriggerKind;
use flero_openapi::{
    events::{Item, Told, fill, filled, order},
    extension::Polling,
};
use flero_store::{
    events::{PollCommit, REMEMBERED, Subscription, key},
    workflows::WorkflowStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    super::{Engine, start::Prepared},
    after,
    pages::{Found, MOST_PAGES, Place, Stopped, Until},
};
use crate::{Error, Result, StartRun};

/// The most items of a poll that start runs in one transaction; the rest comes with the next poll.
const MOST_ITEMS: usize = 200;
/// After a poll with so many new items there may be more at once.
const MANY: usize = 20;
/// The most marks on the way down a list.
const MOST_MARKS: usize = 100;
/// How far a list is read that has no order and tells everything every time: half of what is remembered, so that
/// nothing that is told is forgotten.
const MOST_UNORDERED: usize = REMEMBERED as usize / 2;

pub(super) type Key = [u8; 32];

/// What a poll leaves for the next one.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Behind {
    /// Whether this is the first poll yet: everything is old.
    is_old: bool,
    /// Whether the marks are on the way down a list that is told newest first.
    newest_first: bool,
    /// The marks: it goes on at the last one, or begins anew.
    pages: Vec<Place>,
    /// The furthest cursor so far.
    end: Value,
    /// How many items were told so far.
    told: usize,
    /// A page that the service refused to tell.
    refused: Option<u64>,
    /// Whether it did so again: then the list ends in front of it.
    is_end: bool,
}

impl Behind {
    /// The page that the list ends in front of.
    fn end_page(&self) -> Option<u64> {
        self.refused.filter(|_| self.is_end)
    }
}

impl Engine {
    pub(super) async fn poll(&self, subscription: Subscription) -> Result<()> {
        let trigger =
            self.event(subscription.workspace, &subscription.connector, &subscription.event).await?;
        let Some(polling) = trigger.and_then(|trigger| trigger.hints.polling) else {
            return self.postpone(&subscription, "The connector has no such event any more.").await;
        };
        let behind = subscription.behind.clone().and_then(|behind| serde_json::from_value(behind).ok());
        let behind: Behind = behind.unwrap_or_default();
        let is_old = behind.is_old || subscription.cursor.is_none() && polling.start.is_none();
        let refused = behind.refused;
        let done = if is_old {
            self.first_poll(&subscription, &polling, behind).await?
        } else {
            self.next_poll(&subscription, &polling, behind).await?
        };
        match done {
            Ok(()) => Ok(()),
            // A mark that the service has forgotten, or a list that it tells only so far: it begins anew.
            Err(stopped) if stopped.page > 1 && stopped.refused.is_for_good => {
                let is_end = refused == Some(stopped.page);
                tracing::info!(
                    subscription = %subscription.id, page = stopped.page, is_end, "a page was refused; the list is read anew"
                );
                let behind = Behind { is_old, refused: Some(stopped.page), is_end, ..Behind::default() };
                let cursor = if is_old {
                    subscription.cursor.clone()
                } else {
                    Some(self.cursor_of(&subscription, &polling))
                };
                let poll =
                    PollCommit { cursor, ..self.commit_of(&subscription, Value::Null, Some(behind), false)? };
                Ok(self.0.store.commit_poll(subscription.id, subscription.fence, poll).await?)
            }
            Err(stopped) => self.postpone(&subscription, stopped.refused).await,
        }
    }

    /// What is there when a workflow is activated is old: it is remembered and starts nothing.
    async fn first_poll(
        &self,
        subscription: &Subscription,
        polling: &Polling,
        mut behind: Behind,
    ) -> Result<std::result::Result<(), Stopped>> {
        let mut cursor = subscription.cursor.clone().unwrap_or_default();
        let (mut keys, mut seen, mut pages) = (Vec::new(), HashSet::new(), MOST_PAGES);
        let mut mark = behind.pages.pop();
        let rest = loop {
            let first = || Place::first(inputs_of(subscription, polling, &cursor));
            let place = mark.take().unwrap_or_else(first);
            let until = Until { before: None, page: behind.end_page() };
            let found = match self.read_pages(subscription, polling, place, until, &mut pages).await? {
                Ok(found) => found,
                Err(stopped) => return Ok(Err(stopped)),
            };
            // A list that has nothing yet has no item that tells it.
            cursor = further(&cursor, &found.begin.clone().unwrap_or_default());
            let (before, former) = (seen.len(), cursor.clone());
            behind.told += found.items.len();
            let rest = rest_of(polling, &found, behind.told);
            tell_cut(subscription, &found, rest.as_ref());
            for item in found.items {
                let key = key_of(&item);
                if seen.insert(key) {
                    keys.push(key);
                }
                cursor = further(&cursor, &item.cursor);
            }
            if rest.is_some() {
                // What lies behind is older yet.
                break rest.filter(|_| found.told != Told::NewestFirst);
            }
            // Where the service is asked for what lies behind the cursor, it may tell only so much at a time.
            if !polling.follows_cursor() || seen.len() < before + MANY || cursor == former {
                break None;
            }
            if pages == 0 {
                break Some(Place::first(inputs_of(subscription, polling, &cursor)));
            }
        };
        let skipped = keys.len().saturating_sub(REMEMBERED as usize);
        let keys = keys.split_off(skipped);
        let left = rest.map(|place| Behind { is_old: true, pages: vec![place], ..behind });
        let is_more = left.is_some();
        let poll = PollCommit { keys, ..self.commit_of(subscription, cursor, left, is_more)? };
        self.0.store.commit_poll(subscription.id, subscription.fence, poll).await?;
        Ok(Ok(()))
    }

    async fn next_poll(
        &self,
        subscription: &Subscription,
        polling: &Polling,
        mut behind: Behind,
    ) -> Result<std::result::Result<(), Stopped>> {
        let cursor = self.cursor_of(subscription, polling);
        let place = behind.pages.last().cloned();
        let goes_forward = place.is_some() && !behind.newest_first;
        let place = place.unwrap_or_else(|| Place::first(inputs_of(subscription, polling, &cursor)));
        // What the walk itself has started is no end of it.
        let until = Until { before: goes_forward.then_some(&cursor), page: behind.end_page() };
        let found = match self.read_pages(subscription, polling, place, until, &mut { MOST_PAGES }).await? {
            Ok(found) => found,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let told = behind.told + found.items.len();
        let mut rest = rest_of(polling, &found, told);
        tell_cut(subscription, &found, rest.as_ref());
        if found.told == Told::NewestFirst && !goes_forward {
            // The oldest of what is new lies further behind, and starts first.
            if let Some(mark) = rest.take().filter(|_| behind.pages.len() < MOST_MARKS) {
                behind.newest_first = true;
                behind.pages.push(mark);
                let poll = self.commit_of(subscription, cursor, Some(behind), true)?;
                self.0.store.commit_poll(subscription.id, subscription.fence, poll).await?;
                return Ok(Ok(()));
            }
        }
        let is_long = goes_forward || rest.is_some();
        let mut new = self.new_of(subscription, found, &cursor, is_long).await?;
        let all = new.len();
        // Items of one cursor stay together: a service may tell only what lies behind the cursor.
        let least = cut(&new, MOST_ITEMS);
        // So many of one cursor cannot be parted: they all go.
        if least > 0 {
            new.truncate(least);
        }
        let (prepared, done) = self.prepare_runs(subscription, &new).await?;
        new.truncate(done);
        let end = new.iter().fold(further(&behind.end, &cursor), |end, item| further(&end, &item.cursor));
        let is_done = match rest {
            _ if done < all => !is_long && behind.pages.is_empty(),
            Some(place) => {
                behind.told = told;
                behind.pages = vec![place];
                false
            }
            None => {
                behind.pages.pop();
                behind.pages.is_empty()
            }
        };
        // Above the last mark lies what came last.
        let is_more = !is_done || behind.newest_first || all >= MANY;
        let (cursor, left) = if is_done { (end, None) } else { (cursor, Some(Behind { end, ..behind })) };
        // What the trigger holds back now it lets through later.
        let is_held = all > 0 && done == 0;
        let poll = self.commit_of(subscription, cursor, left, is_more && !is_held)?;
        self.accept(subscription, poll, &new, prepared).await?;
        Ok(Ok(()))
    }

    /// What of the items is not known yet, in their order. Of a list that is longer than what is remembered and told
    /// oldest first, what lies before the cursor is old.
    async fn new_of(
        &self,
        subscription: &Subscription,
        found: Found,
        cursor: &Value,
        is_long: bool,
    ) -> Result<Vec<Item>> {
        let is_old = |item: &Item| {
            is_long && found.told == Told::OldestFirst && order(&item.cursor, cursor) == Ordering::Less
        };
        let keys = found.items.iter().map(key_of).collect();
        let mut seen: HashSet<Key> =
            self.0.store.known_events(subscription.id, keys).await?.into_iter().collect();
        Ok(found.items.into_iter().filter(|item| !is_old(item) && seen.insert(key_of(item))).collect())
    }

    /// Commits a poll with the runs of its items, and lets them go on.
    async fn accept(
        &self,
        subscription: &Subscription,
        mut poll: PollCommit,
        items: &[Item],
        prepared: Vec<Prepared>,
    ) -> Result<()> {
        poll.keys = items.iter().map(key_of).collect();
        let mut going = Vec::with_capacity(prepared.len());
        for Prepared { facts, run, step, new, pass } in prepared {
            poll.runs.push(new);
            going.push((facts, run, step, pass));
        }
        self.0.store.commit_poll(subscription.id, subscription.fence, poll).await?;
        for (facts, run, step, pass) in going {
            if run.status().is_final() {
                self.run_error_workflow(&facts, &run).await;
            }
            self.go_on_with(facts, run, step, pass, false);
        }
        Ok(())
    }

    /// A poll that starts nothing yet.
    fn commit_of(
        &self,
        subscription: &Subscription,
        cursor: Value,
        behind: Option<Behind>,
        is_more: bool,
    ) -> Result<PollCommit> {
        let at = self.now();
        // At the next second at the earliest, so that a service that repeats itself is not asked without an end.
        let pause = if is_more { 1_000 } else { subscription.interval_ms };
        let unwritable = |_| flero_store::Error::Corrupt { what: "a subscription" };
        Ok(PollCommit {
            runs: Vec::new(),
            keys: Vec::new(),
            cursor: Some(cursor),
            behind: behind.map(serde_json::to_value).transpose().map_err(unwritable)?,
            next_at: after(at, pause),
            at,
        })
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

    /// Where a poll begins: where the last one ended, or where the connector says, at the time of activation.
    fn cursor_of(&self, subscription: &Subscription, polling: &Polling) -> Value {
        subscription.cursor.clone().unwrap_or_else(|| {
            let since = subscription.created_at;
            let start = polling.start.clone().map(Value::String).unwrap_or_default();
            let value_of = |name: &str| match name {
                "now" => Some(Value::String(since.to_string())),
                "now.seconds" => Some(json!(since.as_millis().div_euclid(1_000))),
                _ => None,
            };
            filled(&start, &value_of).unwrap_or_default()
        })
    }
}

/// Where reading goes on. A list without an order that tells everything every time is read only so far.
fn rest_of(polling: &Polling, found: &Found, told: usize) -> Option<Place> {
    let is_bounded = found.told == Told::Mixed && !polling.follows_cursor();
    found.rest.clone().filter(|_| !is_bounded || told < MOST_UNORDERED)
}

/// Tells whoever runs the server that what lies behind is never seen.
fn tell_cut(subscription: &Subscription, found: &Found, rest: Option<&Place>) {
    if found.rest.is_some() && rest.is_none() {
        tracing::warn!(
            subscription = %subscription.id,
            workflow = %subscription.workflow,
            connector = subscription.connector,
            most = MOST_UNORDERED,
            "a list in no order is longer than what is read of it; events behind that are not seen"
        );
    }
}

/// What a list is asked with.
fn inputs_of(subscription: &Subscription, polling: &Polling, cursor: &Value) -> Map<String, Value> {
    fill(&polling.inputs, &|name| match name {
        "cursor" => Some(cursor.clone()),
        name => subscription.inputs.get(name).cloned(),
    })
}

pub(super) fn key_of(item: &Item) -> Key {
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

    /// What is told every time in no order is read as far as it is remembered; a list with an order, or one that is asked
    /// for from a cursor on, to its end.
    #[test]
    fn a_list_in_no_order_is_read_only_so_far() {
        let polling = |inputs: Value| -> Polling {
            serde_json::from_value(json!({"operation": "o", "id": "/id", "cursor": "/at", "inputs": inputs}))
                .unwrap()
        };
        let (whole, since) = (polling(json!({})), polling(json!({"since": "{{cursor}}"})));
        let found =
            |told| Found { items: Vec::new(), told, rest: Some(Place::first(Map::new())), begin: None };
        assert!(rest_of(&whole, &found(Told::Mixed), MOST_UNORDERED - 1).is_some());
        assert!(rest_of(&whole, &found(Told::Mixed), MOST_UNORDERED).is_none());
        assert!(rest_of(&since, &found(Told::Mixed), MOST_UNORDERED).is_some());
        assert!(rest_of(&whole, &found(Told::OldestFirst), MOST_UNORDERED).is_some());
    }

    #[test]
    fn a_cursor_only_grows() {
        assert_eq!(further(&Value::Null, &json!(4)), json!(4));
        assert_eq!(further(&json!(9), &json!(10)), json!(10));
        assert_eq!(further(&json!("2026-02-01"), &json!("2026-01-01")), json!("2026-02-01"));
    }
}
