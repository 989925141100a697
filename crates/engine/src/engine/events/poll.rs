//! Polling: what is new at a service starts runs, and the cursor moves in the transaction that accepts them. A poll that
//! dies on the way has started nothing, and the next one begins where the last complete one ended.

use std::{cmp::Ordering, collections::HashSet, sync::Arc};

use flero_model::execution::TriggerKind;
use flero_openapi::{
    events::{Item, are_newest_first, fill, filled, items, order},
    extension::Polling,
    paging::{Next, Page, next},
};
use flero_store::{
    events::{PollCommit, REMEMBERED, Subscription, key},
    workflows::WorkflowStatus,
};
use http::header;
use serde_json::{Map, Value, json};
use url::Url;

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
/// The most pages that are read in one poll.
const MOST_PAGES: u64 = 30;
/// So many pages with nothing that was not told before are the end: filtered lists have empty pages in between, and some
/// services answer with their last page again.
const MOST_IDLE: u32 = 3;

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
        let (mut pages, mut inputs) = (MOST_PAGES, inputs_of(subscription, polling, &Value::Null));
        while pages > 0 {
            let found = match self.ask_items(subscription, polling, inputs.clone(), &mut pages).await? {
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
            let former = std::mem::replace(&mut inputs, inputs_of(subscription, polling, &cursor));
            if seen.len() < before + MANY || inputs == former {
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
        let inputs = inputs_of(subscription, polling, &cursor);
        let found = match self.ask_items(subscription, polling, inputs, &mut { MOST_PAGES }).await? {
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

    /// Asks for a list; in the order of the cursors. Its pages are read to the end, or, where it is told newest first, to
    /// what is known. Counts `pages` down.
    async fn ask_items(
        &self,
        subscription: &Subscription,
        polling: &Polling,
        mut inputs: Map<String, Value>,
        pages: &mut u64,
    ) -> Result<std::result::Result<Vec<Item>, Refused>> {
        let (mut all, mut told, mut idle) = (Vec::new(), HashSet::new(), 0);
        let (mut url, mut number) = (None, 0);
        loop {
            number += 1;
            *pages = pages.saturating_sub(1);
            let page = self.ask_page(subscription, polling, &inputs, url.take(), number).await?;
            let (found, next) = match page {
                Ok(page) => page,
                Err(refused) => return Ok(Err(refused)),
            };
            let keys: Vec<Key> = found.iter().map(key_of).collect();
            let is_first = are_newest_first(&found);
            let before = told.len();
            told.extend(keys.iter().copied());
            idle = if told.len() == before { idle + 1 } else { 0 };
            all.extend(found);
            let goes_on = *pages > 0 && idle < MOST_IDLE && told.len() < REMEMBERED as usize;
            let Some(next) = next.filter(|_| goes_on) else { break };
            if is_first && !self.0.store.known_events(subscription.id, keys).await?.is_empty() {
                break;
            }
            match next {
                Next::Inputs(next) => inputs = next,
                Next::Url(next) => url = Some(next),
            }
        }
        all.sort_by(|one, other| order(&one.cursor, &other.cursor));
        Ok(Ok(all))
    }

    /// One page of a list, and how the one after it is asked for.
    async fn ask_page(
        &self,
        subscription: &Subscription,
        polling: &Polling,
        inputs: &Map<String, Value>,
        url: Option<String>,
        number: u64,
    ) -> Result<std::result::Result<(Vec<Item>, Option<Next>), Refused>> {
        let asked = self.event_call(subscription, &polling.operation, inputs.clone()).await?;
        let (ready, mut call) = match asked {
            Ok(made) => made,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(url) = url {
            call.request.url = url;
        }
        let here = call.request.url.clone();
        let reply = match self.0.connect.send(call).await {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(Refused::from(&error))),
        };
        let answer = match self.event_answer(&ready, &reply) {
            Ok(answer) => answer,
            Err(refused) => return Ok(Err(refused)),
        };
        let links = reply.headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok());
        let link = links.collect::<Vec<_>>().join(", ");
        let page = Page { inputs, body: &answer, link: &link, number };
        let hint = ready.operation.hints.pagination.as_ref();
        let next = match hint.and_then(|hint| next(hint, &page)) {
            Some(Next::Url(url)) => match address(&here, &url) {
                Some(url) => Some(Next::Url(url)),
                None => return Ok(Err(Refused::of("The service's next page is at another host."))),
            },
            next => next,
        };
        if polling.optional && answer.pointer(&polling.items).is_none_or(Value::is_null) {
            return Ok(Ok((Vec::new(), next)));
        }
        let found = items(&answer, &polling.items, &polling.id, &polling.cursor);
        let fault = || Refused::of("The answer has no list at the place that the connector names.");
        Ok(found.ok_or_else(fault).map(|found| (found, next)))
    }
}

/// The address of the next page, which is at the host of this one.
fn address(here: &str, next: &str) -> Option<String> {
    let here = Url::parse(here).ok()?;
    let next = here.join(next).ok()?;
    (next.origin() == here.origin()).then(|| next.into())
}

/// What a list is asked with.
fn inputs_of(subscription: &Subscription, polling: &Polling, cursor: &Value) -> Map<String, Value> {
    fill(&polling.inputs, &|name| match name {
        "cursor" => Some(cursor.clone()),
        name => subscription.inputs.get(name).cloned(),
    })
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
    fn the_next_page_is_at_the_same_host() {
        let here = "https://a.example/v1/list?x=1";
        assert_eq!(address(here, "/v1/list?page=2").as_deref(), Some("https://a.example/v1/list?page=2"));
        assert_eq!(address(here, "https://a.example/b").as_deref(), Some("https://a.example/b"));
        assert_eq!((address(here, "https://b.example/"), address(here, "http://a.example/")), (None, None));
    }

    #[test]
    fn a_cursor_only_grows() {
        assert_eq!(further(&Value::Null, &json!(4)), json!(4));
        assert_eq!(further(&json!(9), &json!(10)), json!(10));
        assert_eq!(further(&json!("2026-02-01"), &json!("2026-01-01")), json!("2026-02-01"));
    }
}
