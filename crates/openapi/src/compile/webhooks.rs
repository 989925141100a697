//! Events: `webhooks` of OpenAPI 3.1 and, before that, `x-webhooks`.

use serde_json::Value;

use super::{TOO_LARGE, Work, weight};
use crate::{
    connector::Trigger,
    document::child,
    extension::TriggerHints,
    limits::{MAX_DESCRIPTION_BYTES, MAX_EVENTS},
    names::{humanize, plain},
};

impl Work<'_> {
    pub(super) fn webhooks(&mut self) -> Vec<Trigger> {
        let document = self.document;
        let section = if document.section("webhooks").is_some() { "webhooks" } else { "x-webhooks" };
        let mut triggers = Vec::new();
        for (id, item) in document.section(section).into_iter().flatten() {
            let at = child(&format!("/{section}"), id);
            if triggers.len() >= MAX_EVENTS {
                self.report().leave_out(at, format!("A connector has at most {MAX_EVENTS} events."));
                continue;
            }
            if self.is_full() {
                self.report().leave_out(at, TOO_LARGE);
                continue;
            }
            let (item, at) = match document.follow(item, &at) {
                Ok(found) => found,
                Err((reason, reference)) => {
                    self.schemas.tell_dead(&reference, &at, &reason);
                    continue;
                }
            };
            // A webhook is called with one method; services use POST.
            let called = ["post", "put", "get"].iter().find_map(|method| Some((*method, item.get(*method)?)));
            let Some((method, operation)) = called else {
                self.report().leave_out(at, "The webhook has no method by which it is called.");
                continue;
            };
            let at = child(&at, method);
            let hints = operation.get("x-flero-trigger").or_else(|| item.get("x-flero-trigger"));
            let hints =
                hints.map(|hints| self.extension::<TriggerHints>(hints, &child(&at, "x-flero-trigger")));
            let text = |name: &str| operation.get(name).and_then(Value::as_str).unwrap_or_default();
            let summary = plain(text("summary"), 100);
            let named = hints.as_ref().and_then(|hints| hints.name.clone());
            let name = named.unwrap_or(if summary.is_empty() { humanize(id) } else { summary });
            let trigger = Trigger {
                id: id.clone(),
                name,
                description: plain(text("description"), MAX_DESCRIPTION_BYTES),
                payload: self.payload(operation, &at),
                hints,
            };
            if self.has_room(weight::of_event(&trigger)) {
                triggers.push(trigger);
            } else {
                self.report().leave_out(at, TOO_LARGE);
            }
        }
        triggers
    }

    fn payload(&mut self, operation: &Value, at: &str) -> Option<Value> {
        let at = child(at, "requestBody");
        let document = self.document;
        let (body, at) = document.follow(operation.get("requestBody")?, &at).ok()?;
        let content = body.get("content")?.as_object()?;
        let (media_type, member) = content.iter().next()?;
        let at = child(&child(&child(&at, "content"), media_type), "schema");
        Some(self.schemas.convert(member.get("schema")?, &at))
    }
}
