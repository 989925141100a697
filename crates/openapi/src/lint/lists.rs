//! The rules of how lists and errors are told: what says nothing, or what cannot be.

use crate::{
    connector::Operation,
    extension::{ErrorRules, PagingHint, Places},
    paging::Bound,
};

/// What is wrong with an empty list of places.
pub(super) const NO_PLACE: &str = "Name one place, or several, the first that has something counts.";

/// What is wrong with how an operation's pages are followed, each with the member that it is about.
pub(super) fn pagination(operation: &Operation) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let Some(hint) = &operation.hints.pagination else { return found };
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
