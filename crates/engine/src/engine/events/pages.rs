//! The pages of a poll: a list is read page after page, to its end, to what is known, or as far as one poll goes.

use std::collections::HashSet;

use flero_openapi::{
    events::{Item, Told, items, order, told},
    extension::Polling,
    paging::{self, Next, Page},
};
use flero_store::events::{REMEMBERED, Subscription};
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::{
    super::Engine,
    ask::Refused,
    poll::{Key, key_of},
};
use crate::Result;

/// The most pages that are read in one poll.
pub(super) const MOST_PAGES: u64 = 30;
/// So many pages with nothing that was not told before are the end: filtered lists have empty pages in between, and some
/// services answer with their last page again.
const MOST_IDLE: u32 = 3;

/// What asks for a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    inputs: Map<String, Value>,
    /// The address that the page before it named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Which page it is, from 1.
    number: u64,
    /// How many items the pages before it had.
    #[serde(default)]
    before: u64,
}

impl Place {
    /// The first page of what these inputs ask for.
    pub(super) const fn first(inputs: Map<String, Value>) -> Self {
        Self { inputs, url: None, number: 1, before: 0 }
    }

    /// The page behind one with so many items; `None` where the service refuses it.
    fn after(self, next: Next, items: usize) -> Option<Self> {
        let (number, before) = (self.number + 1, self.before + items as u64);
        match next {
            Next::Inputs(inputs) => Some(Self { inputs, url: None, number, before }),
            Next::Url(url) => Some(Self { url: Some(url), number, before, ..self }),
            Next::Refused(_) => None,
        }
    }
}

/// Where reading ends besides the end of the list.
pub(super) struct Until<'u> {
    /// Of a list that is told newest first: at a page with an item that is known and, where this is given, lies before
    /// this cursor.
    pub(super) before: Option<&'u Value>,
    /// In front of this page, which the service does not tell.
    pub(super) page: Option<u64>,
}

/// What one poll read.
pub(super) struct Found {
    /// The items in the order of their cursors.
    pub(super) items: Vec<Item>,
    /// In which order the service told them.
    pub(super) told: Told,
    /// Where reading goes on, where it has not come to the end: the last page once more, because what lies on which
    /// page moves while things are added.
    pub(super) rest: Option<Place>,
    /// Where the next poll begins, whatever the list holds.
    pub(super) begin: Option<Value>,
}

/// What one page of a list tells.
struct Listed {
    items: Vec<Item>,
    /// What asks for the page after it.
    next: Option<Place>,
    begin: Option<Value>,
}

impl Listed {
    fn of(answer: &Value, polling: &Polling, next: Option<Place>) -> std::result::Result<Self, Refused> {
        let begin = polling.begin.as_deref().and_then(|place| answer.pointer(place)).cloned();
        if polling.optional && answer.pointer(&polling.items).is_none_or(Value::is_null) {
            return Ok(Self { items: Vec::new(), next, begin });
        }
        let items = items(answer, &polling.items, &polling.id, &polling.cursor);
        let fault = || Refused::of("The answer has no list at the place that the connector names.");
        Ok(Self { items: items.ok_or_else(fault)?, next, begin })
    }
}

/// Why a page could not be read.
pub(super) struct Stopped {
    pub(super) refused: Refused,
    /// Which page it was.
    pub(super) page: u64,
}

impl Engine {
    /// Reads a list from a place on, and counts `pages` down.
    pub(super) async fn read_pages(
        &self,
        subscription: &Subscription,
        polling: &Polling,
        mut place: Place,
        until: Until<'_>,
        pages: &mut u64,
    ) -> Result<std::result::Result<Found, Stopped>> {
        let (mut all, mut keys, mut idle, mut read) = (Vec::new(), HashSet::new(), 0, 0);
        let (mut last, mut begin) = (place.clone(), None);
        let rest = loop {
            if read > 0 && until.page == Some(place.number) {
                break None;
            }
            *pages = pages.saturating_sub(1);
            read += 1;
            let Listed { items: found, next, begin: end } =
                match self.ask_page(subscription, polling, &place).await? {
                    Ok(page) => page,
                    // What was read is kept, so that a list that is longer than the service's limit comes to an end.
                    Err(refused) if refused.is_limit && read > 2 => break Some(last),
                    Err(refused) => return Ok(Err(Stopped { refused, page: place.number })),
                };
            begin = end.or(begin);
            let is_before =
                |item: &&Item| until.before.is_none_or(|cursor| order(&item.cursor, cursor).is_lt());
            let ends: Vec<Key> = found.iter().filter(is_before).map(key_of).collect();
            let before = keys.len();
            keys.extend(found.iter().map(key_of));
            idle = if keys.len() == before { idle + 1 } else { 0 };
            all.extend(found);
            let Some(next) = next.filter(|_| idle < MOST_IDLE) else { break None };
            if told(&all) == Told::NewestFirst
                && !self.0.store.known_events(subscription.id, ends).await?.is_empty()
            {
                break None;
            }
            if *pages == 0 || (read > 1 && keys.len() >= REMEMBERED as usize) {
                break Some(place);
            }
            last = place.clone();
            place = next;
        };
        let told = told(&all);
        all.sort_by(|one, other| order(&one.cursor, &other.cursor));
        Ok(Ok(Found { items: all, told, rest, begin }))
    }

    /// One page of a list, and what asks for the one after it.
    async fn ask_page(
        &self,
        subscription: &Subscription,
        polling: &Polling,
        place: &Place,
    ) -> Result<std::result::Result<Listed, Refused>> {
        let found = self.operation(subscription.workspace, &subscription.connector, &polling.operation).await;
        let mut place = place.clone();
        if let Ok(ready) = found {
            if ready.pack.connector().flero.mail.is_some() {
                let answer = self.poll_mail(subscription, &ready, place.inputs).await?;
                return Ok(answer.and_then(|answer| Listed::of(&answer, polling, None)));
            }
            paging::begin(&ready.operation, &mut place.inputs);
        }
        let asked = self.event_call(subscription, &polling.operation, place.inputs.clone()).await?;
        let (ready, mut call) = match asked {
            Ok(made) => made,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(url) = &place.url {
            call.request.url.clone_from(url);
        }
        let here = call.request.url.clone();
        let reply = match self.0.connect.send(call).await {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(Refused::from(&error))),
        };
        let answer = match self.event_answer(subscription, &ready, &reply) {
            Ok(answer) => answer,
            Err(refused) => return Ok(Err(refused)),
        };
        let links = reply.headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok());
        let link = links.collect::<Vec<_>>().join(", ");
        let Place { inputs, number, before, .. } = &place;
        let page = Page { inputs, body: &answer, link: &link, number: *number, before: *before };
        let count =
            ready.operation.hints.pagination.as_ref().map_or(0, |hint| page.items(hint.items()).len());
        let next = match paging::next(&ready.operation, &page) {
            Some(Next::Url(url)) => match address(&here, &url) {
                Some(url) => Some(Next::Url(url)),
                None => return Ok(Err(Refused::of("The service's next page is at another host."))),
            },
            next => next,
        };
        let next = next.and_then(|next| place.after(next, count));
        Ok(Listed::of(&answer, polling, next))
    }
}

/// The address of the next page, which is at the host of this one.
fn address(here: &str, next: &str) -> Option<String> {
    let here = Url::parse(here).ok()?;
    let next = here.join(next).ok()?;
    (next.origin() == here.origin()).then(|| next.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_at_the_same_host() {
        let here = "https://a.example/v1/list?x=1";
        assert_eq!(address(here, "/v1/list?page=2").as_deref(), Some("https://a.example/v1/list?page=2"));
        assert_eq!(address(here, "https://a.example/b").as_deref(), Some("https://a.example/b"));
        assert_eq!((address(here, "https://b.example/"), address(here, "http://a.example/")), (None, None));
    }
}
