//! Recognizes secrets that were pasted into a node's fields, where they do not belong. Pure.
//!
//! Four signs: a documented token format anywhere in a text; a literal of high entropy where a header or a field is
//! named like a secret; a user name and password in a URL; a query parameter that is named like a secret. What is
//! found is told by place and kind; the value is never quoted.

mod fields;
mod formats;
#[cfg(test)]
mod tests;

use flero_model::{problem::pointer_segment, workflow::WorkflowDocument};
use serde::Serialize;
use serde_json::Value;

pub use formats::{FORMATS, Format};

/// Something in a document that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Where: a JSON pointer into the document.
    pub pointer: String,
    /// A stable code.
    pub code: &'static str,
    /// What was found and what to do; never the value.
    pub message: String,
    /// What kind of secret it looks like.
    pub kind: String,
}

/// The code of every warning of this module.
pub const CODE: &str = "workflow.pasted_secret";

/// The most warnings that are told of one document.
const MAX_WARNINGS: usize = 100;

/// Finds what looks like a pasted secret in the fields of every node.
#[must_use]
pub fn scan(document: &WorkflowDocument) -> Vec<Warning> {
    let mut found = Vec::new();
    for (place, node) in document.nodes.iter().enumerate() {
        for (name, value) in &node.parameters {
            let pointer = format!("/nodes/{place}/parameters/{}", pointer_segment(name));
            walk(value, &pointer, Some(name), &mut found);
        }
        text(&node.notes, &format!("/nodes/{place}/notes"), None, &mut found);
    }
    text(&document.description, "/description", None, &mut found);
    found.truncate(MAX_WARNINGS);
    found
}

/// `name` is what the value is called: its member name, or the `name` beside it in a list of pairs.
fn walk(value: &Value, pointer: &str, name: Option<&str>, found: &mut Vec<Warning>) {
    match value {
        Value::String(value) => text(value, pointer, name, found),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{place}"), name, found);
            }
        }
        Value::Object(members) => {
            let beside = members.get("name").or_else(|| members.get("key")).and_then(Value::as_str);
            for (member, value) in members {
                let pointer = format!("{pointer}/{}", pointer_segment(member));
                let name = if member == "value" { beside.or(Some(member)) } else { Some(member.as_str()) };
                walk(value, &pointer, name, found);
            }
        }
        _ => {}
    }
}

fn text(value: &str, pointer: &str, name: Option<&str>, found: &mut Vec<Warning>) {
    let kind = formats::recognize(value)
        .map(str::to_owned)
        .or_else(|| fields::in_url(value).map(str::to_owned))
        .or_else(|| name.and_then(|name| fields::by_name(name, value)));
    if let Some(kind) = kind {
        found.push(Warning {
            pointer: pointer.to_owned(),
            code: CODE,
            message: format!(
                "This field holds what looks like a secret ({kind}). Store it as a credential and choose that in the node."
            ),
            kind,
        });
    }
}
