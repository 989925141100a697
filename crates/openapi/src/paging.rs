//! Which request brings the next page, for whoever reads a list by itself: pure, from the hint and the last answer.

use serde_json::{Map, Value, json};

use crate::extension::PagingHint;

/// How the next page is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// With these inputs.
    Inputs(Map<String, Value>),
    /// At this address, which may be relative to the last one.
    Url(String),
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
}

impl Page<'_> {
    /// The items of the page; of a body that is no list there, none.
    #[must_use]
    pub fn items(&self, at: &str) -> &[Value] {
        self.body.pointer(at).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What asks for the page after this one; `None` at the end.
#[must_use]
pub fn next(hint: &PagingHint, page: &Page<'_>) -> Option<Next> {
    let with = |input: &str, value: Value| {
        let mut inputs = page.inputs.clone();
        put(&mut inputs, &segments(input), value);
        Some(Next::Inputs(inputs))
    };
    let count = page.items(hint.items()).len() as u64;
    match hint {
        PagingHint::LinkHeader { .. } => next_link(page.link).map(Next::Url),
        PagingHint::NextLink { next, .. } => {
            let link = page.body.pointer(next)?.as_str().filter(|link| !link.is_empty())?;
            Some(Next::Url(link.to_owned()))
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
            with(input, cursor.clone())
        }
        PagingHint::Page { input, start, .. } => {
            (count > 0).then(|| with(input, json!(start + page.number))).flatten()
        }
        PagingHint::Offset { input, .. } => {
            let former = given(page.inputs, input).and_then(Value::as_u64).unwrap_or(0);
            (count > 0).then(|| with(input, json!(former + count))).flatten()
        }
        PagingHint::LastItem { items, id, input, more } => {
            let has_more = page.body.pointer(more) == Some(&Value::Bool(true));
            let id = page.items(items).last()?.pointer(id).filter(|id| !id.is_null())?;
            has_more.then(|| with(input, id.clone())).flatten()
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
        let hint = |value: Value| serde_json::from_value::<PagingHint>(value).unwrap();
        let inputs = json!({"q": "x"}).as_object().cloned().unwrap();
        let ask = |given: Value, body: Value, link: &str| {
            let page = Page { inputs: &inputs, body: &body, link, number: 1 };
            match next(&hint(given), &page) {
                Some(Next::Inputs(inputs)) => Value::Object(inputs),
                Some(Next::Url(url)) => json!(url),
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
}
