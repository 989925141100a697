//! Following the pages of an answer: next link, cursor, page number, offset, last item.
//!
//! Every page goes through the door like the first one, with an intent row of its own, so that a link in an
//! answer cannot lead a credential anywhere that its policy does not allow.

use std::collections::HashSet;

use bytes::Bytes;
use flero_connect::{Intent, call::DEFAULT_MAX_BODY_BYTES};
use flero_openapi::paging::next_link;
use http::header;
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::{
    Engine,
    connectors::Ready,
    drive::Effected,
    http::{Answer, Caller},
};
use crate::{
    failure::{Class, Failure},
    params::{Pagination, Paging, Slot, text_of},
    run::{EffectResult, HttpBody, HttpCall},
};

/// The most items that pages are joined to.
const MAX_ITEMS: u64 = 200_000;

/// So many pages without an item, one behind the other, are the end: filtered lists have empty pages in between, but
/// a service that only goes on naming a next page has nothing more.
const MAX_EMPTY: u64 = 20;

impl Engine {
    /// Follows the pages after the first and joins their items as the body. Those of an operation are judged as the
    /// connector describes; else the status says that a page failed.
    pub(super) async fn follow_pages(
        &self,
        caller: &Caller<'_>,
        call: &HttpCall,
        paging: &Paging,
        first: Answer,
        ready: Option<&Ready>,
    ) -> Effected {
        let mut call = call.clone();
        let mut seen = HashSet::from([name_of(&call)]);
        let origin = call.url.clone();
        let mut skipped = None;
        let mut items = Vec::new();
        let (mut size, mut pages, mut empty, mut elapsed) = (0_u64, 0_u64, 0_u64, std::time::Duration::ZERO);
        let mut answer = first;
        // Why it ends before the end of the list, or nothing.
        let cut = loop {
            pages += 1;
            size += answer.size;
            elapsed += answer.elapsed;
            let found = items_of(&answer.body, &paging.items);
            let count = found.len();
            let last = found.last().cloned();
            empty = if count == 0 { empty + 1 } else { 0 };
            items.extend(found);
            let so_far = Page { number: pages, count, last: last.as_ref(), skipped };
            let Some(next) = next(&paging.how, &call.url, &answer, &so_far) else { break None };
            if let Next::Offset(_, offset) = &next {
                skipped = Some(*offset);
            }
            let read = items.len() as u64;
            let reason = paging.bound.refuses(read, (count as u64, pages), next.value().as_ref());
            if let Some(reason) = reason.or_else(|| enough(paging, pages, read, empty)) {
                break Some(reason);
            }
            let has_changed = put(&mut call, next);
            if !has_changed || !seen.insert(name_of(&call)) {
                let message =
                    "The service's next page is one that was read already. Check the paging settings.";
                let mut failure = Failure::new("http.pagination_loop", message);
                failure.class = Class::Validation;
                return Err(failure);
            }
            check_next(caller, &origin, &call.url, size)?;
            // A page that fails is the failure of the whole.
            answer = match ready {
                Some(ready) => self.further_page(caller, ready, &call).await?,
                None => match self.plain_request(caller, &call, Intent::Record).await {
                    Ok(answer) if answer.status < 400 => answer,
                    Ok(answer) => return Ok(self.result_of(caller, answer)),
                    Err((failure, _)) => return Err(*failure),
                },
            };
        };
        let status = answer.status;
        answer.body = Value::Array(items);
        answer.size = size;
        answer.elapsed = elapsed;
        let mut told = Map::from_iter([
            ("pages".to_owned(), json!(pages)),
            ("truncated".to_owned(), json!(cut.is_some())),
        ]);
        told.extend(cut.map(|reason| ("truncatedReason".to_owned(), json!(reason))));
        let output = std::sync::Arc::new(answer.into_output(Some(told)));
        Ok(EffectResult::Http { output, status, retry_after_ms: None })
    }
}

/// Why no further page is read although the service names one, as a sentence.
fn enough(paging: &Paging, pages: u64, items: u64, empty: u64) -> Option<String> {
    if pages >= paging.max_pages {
        Some(format!("{pages} pages were read, and no more are read at a time."))
    } else if items >= MAX_ITEMS {
        Some(format!("{items} items were read, and no more are read at a time."))
    } else {
        (empty >= MAX_EMPTY).then(|| format!("The last {empty} pages had no item."))
    }
}

/// Refuses a page of another origin, because every page gets the fields and the body of the first request, and a
/// list that grows beyond what one answer may have. Beside a credential its policy says which hosts are meant, and
/// the door keeps to it.
fn check_next(caller: &Caller<'_>, first: &str, next: &str, size: u64) -> Result<(), Failure> {
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    let refused = |code, message| {
        let mut failure = Failure::new(code, message);
        failure.class = Class::Validation;
        Err(failure)
    };
    if caller.credential.is_none() && origin(next) != origin(first) {
        let message = "The service's next page is at another host, and what this node sends is not for it. Call that \
                       host with a node of its own.";
        return refused("http.pagination_origin", message);
    }
    if size > DEFAULT_MAX_BODY_BYTES {
        let message = "The pages together are larger than 50 MB. Read fewer pages at a time (maxPages).";
        return refused("http.pagination_too_large", message);
    }
    Ok(())
}

fn at<'v>(body: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(body, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        value => value.get(part),
    })
}

/// The items of a page: what stands at the path; of a body that is no array, the body as one item.
fn items_of(body: &Value, path: &[String]) -> Vec<Value> {
    match at(body, path) {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::Null) | None => Vec::new(),
        Some(other) => vec![other.clone()],
    }
}

/// What is known of a page besides its answer.
struct Page<'p> {
    /// Which one it is, from 1.
    number: u64,
    /// How many items it has.
    count: usize,
    last: Option<&'p Value>,
    /// How many items the request for it skipped, where an earlier step said so.
    skipped: Option<u64>,
}

/// How the page after this one is asked for.
enum Next {
    /// At another URL.
    Url(String),
    /// With a value in its place.
    Value(Slot, Value),
    /// With a number of items to skip.
    Offset(Slot, u64),
}

impl Next {
    /// The value of what chooses the page.
    fn value(&self) -> Option<Value> {
        match self {
            Self::Url(_) => None,
            Self::Value(_, value) => Some(value.clone()),
            Self::Offset(_, offset) => Some(json!(offset)),
        }
    }
}

/// What asks for the page after this one; `None` at the end.
fn next(how: &Pagination, url: &str, answer: &Answer, page: &Page<'_>) -> Option<Next> {
    let here = Url::parse(url).ok()?;
    match how {
        Pagination::NextLink { path: Some(path) } => {
            let link = at(&answer.body, path)?.as_str().filter(|link| !link.is_empty())?;
            here.join(link).ok().map(|url| Next::Url(url.into()))
        }
        Pagination::NextLink { path: None } => {
            let links = answer.headers.get_all(header::LINK);
            let link = links.iter().filter_map(|value| value.to_str().ok()).find_map(next_link)?;
            here.join(&link).ok().map(|url| Next::Url(url.into()))
        }
        Pagination::Cursor { path, more, slot } => {
            if more.as_ref().is_some_and(|more| at(&answer.body, more) == Some(&Value::Bool(false))) {
                return None;
            }
            let cursor = at(&answer.body, path)
                .filter(|cursor| !cursor.is_null() && **cursor != Value::Bool(false))?;
            let is_empty = cursor.as_str() == Some("") || cursor.as_object().is_some_and(Map::is_empty);
            (!is_empty).then(|| Next::Value(slot.clone(), cursor.clone()))
        }
        Pagination::Page { slot, start, pages } => {
            let pages = pages.as_ref().and_then(|pages| at(&answer.body, pages)?.as_u64());
            let is_last = page.count == 0 || pages.is_some_and(|pages| page.number >= pages);
            (!is_last).then(|| Next::Value(slot.clone(), json!(start + page.number)))
        }
        Pagination::Offset { slot, start, limit_parameter, limit } => {
            let is_short = limit_parameter.is_some() && (page.count as u64) < *limit;
            if page.count == 0 || is_short {
                return None;
            }
            // Counted in what was asked for where that is known, else in what came.
            let step = if limit_parameter.is_some() { *limit } else { page.count as u64 };
            let in_url = |name: &String| {
                let (_, value) = here.query_pairs().find(|(known, _)| known == name)?;
                value.parse().ok()
            };
            let given = match slot {
                Slot::Query(name) => in_url(name),
                Slot::Json(_) | Slot::Form(_) => None,
            };
            Some(Next::Offset(slot.clone(), page.skipped.or(given).unwrap_or(*start) + step))
        }
        Pagination::LastItem { id, more, slot } => {
            let has_more = at(&answer.body, more).is_some_and(|more| *more == Value::Bool(true));
            let id = at(page.last?, id).filter(|id| !id.is_null())?;
            has_more.then(|| Next::Value(slot.clone(), id.clone()))
        }
    }
}

/// Makes the call that of the next page; `false` when its value has no place in it.
fn put(call: &mut HttpCall, next: Next) -> bool {
    let (slot, value) = match next {
        Next::Url(url) => {
            call.url = url;
            return true;
        }
        Next::Value(slot, value) => (slot, value),
        Next::Offset(slot, offset) => (slot, json!(offset)),
    };
    match slot {
        Slot::Query(name) => {
            let Ok(url) = Url::parse(&call.url) else { return false };
            call.url = with_parameter(url, &name, &text_of(&value));
        }
        Slot::Json(names) => {
            let members = match &call.body {
                HttpBody::Bytes(bytes) => serde_json::from_slice(bytes).ok(),
                HttpBody::Empty => Some(Map::new()),
                _ => None,
            };
            let Some(mut members) = members else { return false };
            flero_openapi::paging::put(&mut members, &names, value);
            call.body = HttpBody::Bytes(Value::Object(members).to_string().into());
            let is_typed = call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if !is_typed {
                call.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            }
        }
        Slot::Form(name) => {
            let HttpBody::Bytes(bytes) = &call.body else { return false };
            let kept = form_urlencoded::parse(bytes).filter(|(known, _)| *known != name);
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(kept).append_pair(&name, &text_of(&value));
            call.body = HttpBody::Bytes(form.finish().into());
        }
    }
    true
}

/// What tells one page's request from another's.
fn name_of(call: &HttpCall) -> (String, Bytes) {
    let body = match &call.body {
        HttpBody::Bytes(bytes) => bytes.clone(),
        _ => Bytes::new(),
    };
    (call.url.clone(), body)
}

/// The URL with one query parameter replaced.
fn with_parameter(mut url: Url, name: &str, value: &str) -> String {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(other, _)| other != name)
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, value);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_query_parameter_is_replaced() {
        let url = Url::parse("https://x.example/a?page=1&q=a%20b#f").unwrap();
        assert_eq!(with_parameter(url, "page", "2"), "https://x.example/a?q=a+b&page=2#f");
    }
}
