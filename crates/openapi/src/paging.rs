//! Which request brings the next page, for whoever reads a list by itself: pure, from the hint and the last answer.

mod bound;

use serde_json::{Map, Value, json};

pub use self::bound::Bound;
use crate::{connector::Operation, extension::PagingHint};

/// How the next page is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// With these inputs.
    Inputs(Map<String, Value>),
    /// At this address, which may be relative to the last one.
    Url(String),
    /// Not at all, although there may be more: the service would refuse it. Why, as a sentence.
    Refused(String),
}

/// What is known of the last page.
#[derive(Debug, Clone, Copy)]
pub struct Page<'p> {
    /// The inputs that it was asked for with.
    pub inputs: &'p Map<String, Value>,
    /// The body of the answer.
    pub body: &'p Value,
    /// The `Link` header fields of the answer, joined with commas.
    pub link: &'p str,
    /// Which page it is, from 1.
    pub number: u64,
    /// How many items the pages before it had.
    pub before: u64,
}

impl Page<'_> {
    /// The items of the page; of a body that is no list there, none.
    #[must_use]
    pub fn items(&self, at: &str) -> &[Value] {
        self.body.pointer(at).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Prepares the inputs of the first request, and tells whether the pages after it are to be followed: whoever chooses a
/// page wants that page. A required input is there because it has to be, so that its default chooses none; it is put in
/// where it is missing. The number of the first page is put in where the service wants to be asked for it.
pub fn begin(operation: &Operation, inputs: &mut Map<String, Value>) -> bool {
    let Some(hint) = &operation.hints.pagination else { return false };
    let Some(input) = hint.input() else { return true };
    let default = default_of_required(operation, input);
    if let Some(given) = given(inputs, input) {
        return default == Some(given);
    }
    let first = match hint {
        PagingHint::Page { first: true, start, .. } => Some(json!(start)),
        _ => default.cloned(),
    };
    if let Some(first) = first {
        put(inputs, &segments(input), first);
    }
    true
}

/// The default of an input that has to be given.
fn default_of_required<'o>(operation: &'o Operation, input: &str) -> Option<&'o Value> {
    let required = operation.input.get("required").and_then(Value::as_array)?;
    required.iter().any(|name| name == input).then(|| schema_of(operation, input)?.get("default")).flatten()
}

/// The schema of an input, or of a place within one, as far as the operation tells it.
pub(crate) fn schema_of<'o>(operation: &'o Operation, input: &str) -> Option<&'o Value> {
    segments(input).iter().try_fold(&operation.input, |schema, name| schema.get("properties")?.get(name))
}

/// What asks for the page after this one; `None` at the end.
#[must_use]
pub fn next(operation: &Operation, page: &Page<'_>) -> Option<Next> {
    let hint = operation.hints.pagination.as_ref()?;
    let count = page.items(hint.items()).len() as u64;
    let (next, value) = match after(hint, page, count)? {
        After::Url(url) => (Next::Url(url), None),
        After::Value(input, value) => {
            let mut inputs = page.inputs.clone();
            put(&mut inputs, &segments(input), value.clone());
            (Next::Inputs(inputs), Some(value))
        }
    };
    let refused = Bound::of(operation).refuses(page.before + count, (count, page.number), value.as_ref());
    Some(refused.map_or(next, Next::Refused))
}

/// What leads to the page after one.
enum After<'h> {
    Url(String),
    /// This input with this value.
    Value(&'h str, Value),
}

fn after<'h>(hint: &'h PagingHint, page: &Page<'_>, count: u64) -> Option<After<'h>> {
    match hint {
        PagingHint::LinkHeader { .. } => next_link(page.link).map(After::Url),
        PagingHint::NextLink { next, .. } => {
            let link = page.body.pointer(next)?.as_str().filter(|link| !link.is_empty())?;
            Some(After::Url(link.to_owned()))
        }
        PagingHint::Cursor { next, input, more, .. } => {
            if more.as_deref().is_some_and(|more| page.body.pointer(more) == Some(&Value::Bool(false))) {
                return None;
            }
            let cursor = page.body.pointer(next).filter(|cursor| match cursor {
                Value::Null | Value::Bool(false) => false,
                Value::String(text) => !text.is_empty(),
                Value::Object(members) => !members.is_empty(),
                _ => true,
            })?;
            Some(After::Value(input, cursor.clone()))
        }
        PagingHint::Page { input, start, pages, .. } => {
            let pages = pages.as_deref().and_then(|pages| page.body.pointer(pages)?.as_u64());
            let is_last = count == 0 || pages.is_some_and(|pages| page.number >= pages);
            (!is_last).then(|| After::Value(input, json!(start + page.number)))
        }
        PagingHint::Offset { input, .. } => {
            let former = given(page.inputs, input).and_then(Value::as_u64).unwrap_or(0);
            (count > 0).then(|| After::Value(input, json!(former + count)))
        }
        PagingHint::LastItem { items, id, input, more, .. } => {
            let has_more = page.body.pointer(more) == Some(&Value::Bool(true));
            let id = page.items(items).last()?.pointer(id).filter(|id| !id.is_null())?;
            has_more.then(|| After::Value(input, id.clone()))
        }
    }
}

/// The names that lead to an input that chooses a page: its own, or, of a place within an input, which is written as a
/// JSON pointer (`/variables/after`), those from the input on.
#[must_use]
pub fn segments(input: &str) -> Vec<String> {
    match input.strip_prefix('/') {
        Some(rest) => rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect(),
        None => vec![input.to_owned()],
    }
}

/// What is given for the input that chooses a page.
#[must_use]
pub fn given<'v>(inputs: &'v Map<String, Value>, input: &str) -> Option<&'v Value> {
    let names = segments(input);
    let (first, rest) = names.split_first()?;
    rest.iter().try_fold(inputs.get(first)?, |value, name| value.get(name))
}

/// Puts a value at a place within members, which are made where they are missing.
pub fn put(members: &mut Map<String, Value>, at: &[String], value: Value) {
    let Some((name, rest)) = at.split_first() else { return };
    if rest.is_empty() {
        members.insert(name.clone(), value);
        return;
    }
    let inner = members.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// The target of `rel="next"` in a `Link` header (RFC 8288 section 3).
#[must_use]
pub fn next_link(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some(begin) = rest.find('<') {
        let end = begin + rest[begin..].find('>')?;
        let target = &rest[begin + 1..end];
        let after = &rest[end + 1..];
        // The parameters reach to the comma before the next target.
        let parameters = after.split(",<").next().and_then(|text| text.split(", <").next()).unwrap_or(after);
        let is_next = parameters.split(';').map(str::trim).any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
                name.trim().eq_ignore_ascii_case("rel")
                    && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(target.to_owned());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An operation that pages so and takes these inputs.
    fn operation(pagination: Value, properties: Value) -> Operation {
        let hints = serde_json::from_value(json!({ "pagination": pagination })).unwrap();
        let required: Vec<&String> =
            properties.as_object().into_iter().flatten().map(|(name, _)| name).collect();
        Operation {
            hints,
            input: json!({"properties": properties, "required": required}),
            ..Operation::default()
        }
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        // The examples of RFC 8288 section 3.5 and of GitHub's documentation.
        let github =
            r#"<https://api.github.com/r?page=1>; rel="prev", <https://api.github.com/r?page=3>; rel="next""#;
        assert_eq!(next_link(github).as_deref(), Some("https://api.github.com/r?page=3"));
        assert_eq!(next_link(r#"</TheBook/chapter2>; rel="previous"; title*=UTF-8'de'letztes%20Kapitel, </TheBook/chapter4>; rel="next""#).as_deref(), Some("/TheBook/chapter4"));
        assert_eq!(
            next_link(r#"<http://example.org/>; rel="start http://example.net/relation/other""#),
            None
        );
        assert_eq!(next_link(r#"</a,b>; rel=next"#).as_deref(), Some("/a,b"));
        assert_eq!(next_link("<broken"), None);
    }

    #[test]
    fn every_way_of_paging_tells_its_next_page_and_its_end() {
        let inputs = json!({"q": "x"}).as_object().cloned().unwrap();
        let ask = |given: Value, body: Value, link: &str| {
            let page = Page { inputs: &inputs, body: &body, link, number: 1, before: 0 };
            match next(&operation(given, json!({})), &page) {
                Some(Next::Inputs(inputs)) => Value::Object(inputs),
                Some(Next::Url(url)) => json!(url),
                Some(Next::Refused(why)) => panic!("{why}"),
                None => Value::Null,
            }
        };
        let cursor = json!({"type": "cursor", "items": "/i", "next": "/n", "input": "c"});
        assert_eq!(ask(cursor.clone(), json!({"n": "a"}), ""), json!({"q": "x", "c": "a"}));
        assert_eq!(ask(cursor, json!({"n": ""}), ""), Value::Null);
        let relay = json!({"type": "cursor", "items": "/i", "next": "/page/end", "more": "/page/has", "input": "/variables/after"});
        let answer = |has: bool| json!({"page": {"end": "e", "has": has}});
        assert_eq!(ask(relay.clone(), answer(true), ""), json!({"q": "x", "variables": {"after": "e"}}));
        assert_eq!(ask(relay, answer(false), ""), Value::Null, "the last page has a cursor too");
        let page = json!({"type": "page", "items": "", "input": "p"});
        assert_eq!(ask(page.clone(), json!([1]), ""), json!({"q": "x", "p": 2}));
        assert_eq!(ask(page, json!([]), ""), Value::Null);
        assert_eq!(
            ask(json!({"type": "offset", "items": "", "input": "o"}), json!([1, 2]), ""),
            json!({"q": "x", "o": 2})
        );
        let last = json!({"type": "lastItem", "items": "/i", "id": "/id", "input": "a", "more": "/m"});
        assert_eq!(
            ask(last.clone(), json!({"i": [{"id": 1}, {"id": 2}], "m": true}), ""),
            json!({"q": "x", "a": 2})
        );
        assert_eq!(ask(last, json!({"i": [{"id": 1}], "m": false}), ""), Value::Null);
        assert_eq!(ask(json!({"type": "linkHeader"}), json!([]), "</b>; rel=next"), json!("/b"));
        assert_eq!(ask(json!({"type": "nextLink", "next": "/n"}), json!({"n": "/c"}), ""), json!("/c"));
    }

    #[test]
    fn a_place_within_an_input_is_read_and_written() {
        let mut inputs = json!({"variables": {"first": 50}, "text": "x"}).as_object().cloned().unwrap();
        assert_eq!(given(&inputs, "/variables/first"), Some(&json!(50)));
        assert_eq!((given(&inputs, "/variables/after"), given(&inputs, "/none/x")), (None, None));
        put(&mut inputs, &segments("/variables/after"), json!("c"));
        put(&mut inputs, &segments("/text/a~1b"), json!(1));
        put(&mut inputs, &segments("plain"), json!(2));
        let wanted = json!({"variables": {"first": 50, "after": "c"}, "text": {"a/b": 1}, "plain": 2});
        assert_eq!(Value::Object(inputs), wanted);
    }

    #[test]
    fn pages_that_are_counted_end_at_the_last_one() {
        let counted = operation(
            json!({"type": "page", "items": "/i", "input": "p", "start": 0, "pages": "/n"}),
            json!({}),
        );
        let inputs = Map::new();
        let ask = |number: u64, body: Value| {
            let page = Page { inputs: &inputs, body: &body, link: "", number, before: 0 };
            next(&counted, &page).is_some()
        };
        // The service tells its last page again beyond the end.
        assert!(ask(1, json!({"i": [1], "n": 2})) && !ask(2, json!({"i": [1], "n": 2})));
        assert!(ask(2, json!({"i": [1]})), "without a count an empty page is the end");
        assert!(!ask(1, json!({"i": [], "n": 2})));
    }

    /// A service refuses some pages whatever it holds: the list is read up to there.
    #[test]
    fn no_page_is_asked_for_that_the_service_refuses() {
        let ask = |operation: &Operation, number: u64, before: u64, given: Value| {
            let inputs = given.as_object().cloned().unwrap();
            let body = json!({"items": vec![0; 50], "next": "c", "url": "/u"});
            let page = Page { inputs: &inputs, body: &body, link: "</u>; rel=next", number, before };
            next(operation, &page).unwrap()
        };
        let refused = |next: Next| matches!(next, Next::Refused(_));
        // Trello's actions begin with page 0 and end with page 19.
        let page = |start: u64| json!({"type": "page", "items": "/items", "input": "p", "start": start});
        for (start, last) in [(0, 20), (1, 19)] {
            let actions = operation(page(start), json!({"p": {"type": "integer", "maximum": 19}}));
            assert!(!refused(ask(&actions, last - 1, 0, json!({}))), "{start}");
            assert!(refused(ask(&actions, last, 0, json!({}))), "{start}");
        }
        let offset = operation(
            json!({"type": "offset", "items": "/items", "input": "o"}),
            json!({"o": {"maximum": 300.0}}),
        );
        assert!(
            !refused(ask(&offset, 6, 250, json!({"o": 250})))
                && refused(ask(&offset, 7, 300, json!({"o": 300})))
        );
        for kind in [
            json!({"type": "page", "input": "p"}),
            json!({"type": "offset", "input": "p"}),
            json!({"type": "cursor", "next": "/next", "input": "p"}),
            json!({"type": "nextLink", "next": "/url"}),
            json!({"type": "linkHeader"}),
        ] {
            let mut hint = kind.clone();
            hint["items"] = json!("/items");
            hint["maxItems"] = json!(1_000);
            let list = operation(hint, json!({}));
            assert!(!refused(ask(&list, 19, 900, json!({}))), "{kind}");
            let Next::Refused(why) = ask(&list, 20, 950, json!({})) else { panic!("{kind}") };
            assert!(why.contains("1,000") || why.contains("1000"), "{why}");
            // The page after a short one would reach as far as those before it: Auth0 and Postmark refuse it.
            assert!(refused(ask(&list, 10, 900, json!({}))), "{kind}");
        }
    }

    #[test]
    fn the_first_page_is_named_where_the_service_wants_it_and_a_default_chooses_none() {
        let ask = |operation: &Operation, given: Value| {
            let mut inputs = given.as_object().cloned().unwrap();
            let follows = begin(operation, &mut inputs);
            (follows, Value::Object(inputs))
        };
        let hint = json!({"type": "page", "input": "p", "first": true});
        let named = operation(hint, json!({}));
        assert_eq!(ask(&named, json!({})), (true, json!({"p": 1})));
        assert_eq!(ask(&named, json!({"p": 1})), (false, json!({"p": 1})), "whoever says 1 wants that page");
        let plain = operation(json!({"type": "page", "input": "p", "start": 0}), json!({}));
        assert_eq!(ask(&plain, json!({})), (true, json!({})));
        let offset = json!({"type": "offset", "input": "o"});
        let required = operation(offset.clone(), json!({"o": {"default": 0}}));
        assert_eq!(ask(&required, json!({"o": 0})), (true, json!({"o": 0})));
        assert_eq!(ask(&required, json!({})), (true, json!({"o": 0})));
        assert_eq!(ask(&required, json!({"o": 5})), (false, json!({"o": 5})));
        let mut optional = required;
        optional.input["required"] = json!([]);
        assert_eq!(ask(&optional, json!({"o": 0})), (false, json!({"o": 0})));
        assert_eq!(ask(&operation(json!({"type": "linkHeader"}), json!({})), json!({})), (true, json!({})));
        // A link leads on from every page, but whoever names one wants that page.
        for link in [
            json!({"type": "linkHeader", "input": "p"}),
            json!({"type": "nextLink", "next": "/n", "input": "p"}),
        ] {
            let mut linked = operation(link, json!({"p": {"type": "integer"}}));
            linked.input["required"] = json!([]);
            assert_eq!(ask(&linked, json!({})), (true, json!({})));
            assert_eq!(ask(&linked, json!({"p": 2})), (false, json!({"p": 2})));
        }
        assert!(!ask(&Operation::default(), json!({})).0);
    }
}
