//! The rules of how lists and errors are told: what says nothing, or what cannot be.

use serde_json::Value;

use crate::{
    connector::Operation,
    extension::{ErrorRules, PagingHint, Places},
    paging::Bound,
};

/// What is wrong with an empty list of places.
pub(super) const NO_PLACE: &str = "Name one place, or several, the first that has something counts.";

/// Whether an input of this name chooses a page. Others may, too: `after` is a time elsewhere.
fn is_of_pages(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(
        name.to_ascii_lowercase().as_str(),
        "page" | "cursor" | "offset" | "skip" | "pagetoken" | "pagecursor"
    )
}

/// What is wrong with how an operation's pages are followed, each with the member that it is about.
pub(super) fn pagination(operation: &Operation) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let Some(hint) = &operation.hints.pagination else { return found };
    let inputs = operation.input.get("properties").and_then(Value::as_object);
    if hint.has_link() && hint.input().is_none() {
        let name = inputs.into_iter().flat_map(|inputs| inputs.keys()).find(|name| is_of_pages(name));
        if let Some(name) = name {
            let message = format!(
                "The input `{name}` chooses a page: name it, so that whoever gives it gets that page."
            );
            found.push(("input", message));
        }
    }
    if hint.max_items() == Some(0) {
        found.push(("maxItems", "A list that the service tells has at least one item.".to_owned()));
    }
    if let PagingHint::Page { start, pages, .. } = hint {
        if pages.as_ref().is_some_and(|pages| !pages.starts_with('/')) {
            let message = "Say with a JSON pointer where the answer tells how many pages there are.";
            found.push(("pages", message.to_owned()));
        }
        if let Some((input, greatest)) = Bound::of(operation).greatest.filter(|(_, most)| start > most) {
            found.push((
                "start",
                format!("The input `{input}` is {greatest} at most, so that no page is asked for."),
            ));
        }
    }
    found
}

/// The members of error rules that name no place.
pub(super) fn errors(rules: &ErrorRules) -> impl Iterator<Item = &'static str> {
    let empty = |places: &Option<Places>| places.as_ref().is_some_and(|places| places.all().is_empty());
    let members = [("code", empty(&rules.code)), ("message", empty(&rules.message))];
    members.into_iter().filter(|(_, is_empty)| *is_empty).map(|(member, _)| member)
}
