//! The rules of events.

use std::collections::BTreeSet;

use super::{Add, rules};
use crate::{
    compile::Compiled,
    document::{Document, child},
    extension::{Handshake, TriggerHints, Verification},
};

pub(super) fn check(document: &Document, compiled: &Compiled, add: &mut Add<'_>) {
    let known: BTreeSet<&str> = compiled.connector.operations.iter().map(|one| one.id.as_str()).collect();
    for trigger in &compiled.connector.triggers {
        let at = place(document, &trigger.id);
        let Some(hints) = &trigger.hints else {
            add(&at, "trigger", "Say with `x-flero-trigger` how the event comes.".to_owned());
            continue;
        };
        let at = format!("{at}/x-flero-trigger");
        let registration = hints.registration.iter().flat_map(|registration| {
            [
                ("registration/operation", &registration.operation),
                ("registration/remove", &registration.remove),
            ]
        });
        let polling = hints.polling.iter().map(|polling| ("polling/operation", &polling.operation));
        for (member, operation) in registration.chain(polling) {
            if !known.contains(operation.as_str()) {
                add(&format!("{at}/{member}"), "trigger", format!("There is no operation `{operation}`."));
            }
        }
        let input = hints.input(&|_| None);
        for name in hints.optional.iter().filter(|name| input["properties"].get(name.as_str()).is_none()) {
            add(&format!("{at}/optional"), "trigger", format!("The event has no input `{name}`."));
        }
        rules::options(&hints.options, input["properties"].as_object(), &known, &at, add);
        for (member, message) in faults(hints) {
            add(&format!("{at}/{member}"), "trigger", message.to_owned());
        }
        if hints.polling.is_none() && hints.verification.is_none() {
            add(&at, "trigger", "Say how the sender of a delivery is known.".to_owned());
        }
    }
}

/// What is wrong with an event by itself, each with the member that it is about.
fn faults(hints: &TriggerHints) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    let made_here = hints.registration.as_ref().is_some_and(|one| one.secret.is_none());
    if made_here && hints.verification.as_ref().is_some_and(Verification::has_public_key) {
        found.push((
            "registration",
            "A public key is the service's: a person gives it, or `registration.secret` says where the service tells it.",
        ));
    }
    if hints.asks_for_a_foreign_signature() {
        let message = "`{{signature}}` needs a verification by HMAC: Flero has no other key to sign with.";
        found.push(("handshake/answer", message));
    }
    match &hints.handshake {
        Some(Handshake::Header { answer_header: Some(name), .. }) if !Handshake::is_echo_field(name) => {
            let message = "A challenge is sent back only in a header field with `hook`, `challenge`, `verification` or \
                           `validation` in its name.";
            found.push(("handshake/answerHeader", message));
        }
        Some(Handshake::Body { pointer, equals, .. }) if pointer.is_some() != equals.is_some() => {
            found.push(("handshake", "`pointer` and `equals` go together."));
        }
        _ => {}
    }
    match &hints.verification {
        Some(Verification::Token(token)) if token.header.is_empty() == token.query.is_none() => {
            found.push(("verification", "A token stands in a `header` or in the `query`."));
        }
        Some(rule) if rule.signed().is_some_and(|how| how.elements && !how.other_headers.is_empty()) => {
            found.push(("verification", "`otherHeaders` and `elements` do not go together."));
        }
        _ => {}
    }
    if hints.polling.as_ref().is_some_and(|polling| polling.id.all().is_empty()) {
        found.push(("polling/id", "Name what tells an item from others."));
    }
    found
}

/// Where the operation of an event stands.
fn place(document: &Document, id: &str) -> String {
    let section = if document.section("webhooks").is_some() { "/webhooks" } else { "/x-webhooks" };
    let item = child(section, id);
    let method =
        ["post", "put", "get"].iter().find(|method| document.at(&format!("{item}/{method}")).is_some());
    method.map_or(item.clone(), |method| format!("{item}/{method}"))
}
