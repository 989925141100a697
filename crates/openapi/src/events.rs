//! Events, as far as they are a matter of values: which way one comes, which inputs it asks for, how the texts in
//! double braces are filled in, what a poll brings. See `docs/connectors/format.md`, "Events".

mod input;

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::extension::{EventName, Handshake, Places, Polling, TriggerHints, Verification};

/// The way in which an event comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The webhook's URL is registered at the service, and removed again.
    Registered,
    /// A person enters the webhook's URL at the service.
    Manual,
    /// The service is asked from time to time.
    Polling,
}

impl Way {
    /// The word that the API writes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Manual => "manual",
            Self::Polling => "polling",
        }
    }
}

impl TriggerHints {
    /// The way in which the event comes; `None` when the description does not say enough: deliveries of senders who
    /// are not known are not taken.
    #[must_use]
    pub const fn way(&self) -> Option<Way> {
        match (&self.verification, &self.registration, &self.polling) {
            (Some(_), Some(_), _) => Some(Way::Registered),
            (Some(_), None, _) => Some(Way::Manual),
            (None, _, Some(_)) => Some(Way::Polling),
            (None, _, None) => None,
        }
    }
}

/// Tells every name in double braces.
fn collect(value: &Value, tell: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some((_, name, after)) = next(rest) {
                tell(name);
                rest = after;
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, tell)),
        Value::Object(members) => members.values().for_each(|member| collect(member, tell)),
        _ => {}
    }
}

/// What stands before the first name, the name, and what stands behind it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name.trim(), after))
}

/// Fills in the names. A text that is one name alone becomes the value with its type; members without a value are
/// left out. What was filled in is not looked at again.
#[must_use]
pub fn fill(inputs: &Map<String, Value>, value_of: &dyn Fn(&str) -> Option<Value>) -> Map<String, Value> {
    inputs.iter().filter_map(|(name, value)| Some((name.clone(), filled(value, value_of)?))).collect()
}

/// Fills in one value; `None` when it is one name that has no value.
#[must_use]
pub fn filled(value: &Value, value_of: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    match value {
        Value::String(text) => match next(text) {
            Some(("", name, "")) => value_of(name).filter(|value| !value.is_null()),
            Some(_) => Some(Value::String(text_of(text, value_of))),
            None => Some(value.clone()),
        },
        Value::Array(items) => {
            Some(Value::Array(items.iter().filter_map(|item| filled(item, value_of)).collect()))
        }
        Value::Object(members) => Some(Value::Object(fill(members, value_of))),
        other => Some(other.clone()),
    }
}

fn text_of(text: &str, value_of: &dyn Fn(&str) -> Option<Value>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next(rest) {
        out.push_str(before);
        match value_of(name) {
            Some(Value::String(value)) => out.push_str(&value),
            Some(Value::Null) | None => {}
            Some(value) => out.push_str(&value.to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// One item of a poll.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// By what a repeated one is known.
    pub id: String,
    /// The value that the cursor follows.
    pub cursor: Value,
    /// The item.
    pub item: Value,
}

/// The items of an answer, as it tells them. `None` when it has no list at the place; an item without an id or a cursor
/// is left out.
#[must_use]
pub fn items(answer: &Value, at: &str, id: &Places, cursor: &str) -> Option<Vec<Item>> {
    let list = answer.pointer(at)?.as_array()?;
    let read = |item: &Value| {
        let id = id.of(item)?;
        let cursor = item.pointer(cursor).filter(|cursor| cursor.is_string() || cursor.is_number())?;
        Some(Item { id, cursor: cursor.clone(), item: item.clone() })
    };
    Some(list.iter().filter_map(read).collect())
}

/// In which order of their cursors items are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The newest first: nothing new lies behind one that is known.
    NewestFirst,
    /// The oldest first.
    OldestFirst,
    /// In no order that can be seen, such as all with one cursor.
    Mixed,
}

/// See [`Told`].
#[must_use]
pub fn told(items: &[Item]) -> Told {
    let never =
        |wrong: Ordering| items.windows(2).all(|pair| order(&pair[0].cursor, &pair[1].cursor) != wrong);
    let ends = items.first().zip(items.last());
    match ends.map(|(first, last)| order(&first.cursor, &last.cursor)) {
        Some(Ordering::Greater) if never(Ordering::Less) => Told::NewestFirst,
        Some(Ordering::Less) if never(Ordering::Greater) => Told::OldestFirst,
        _ => Told::Mixed,
    }
}

impl Polling {
    /// Whether the service is asked for what lies behind the cursor alone.
    #[must_use]
    pub fn follows_cursor(&self) -> bool {
        let mut follows = false;
        self.inputs.values().for_each(|value| collect(value, &mut |name| follows |= name == "cursor"));
        follows
    }
}

impl Places {
    /// What stands at the places of an item, as one text; `None` when one of them has neither a text nor a number.
    fn of(&self, item: &Value) -> Option<String> {
        match self {
            Self::One(place) => text(item.pointer(place)?),
            Self::Several(places) => {
                let parts: Option<Vec<String>> =
                    places.iter().map(|place| item.pointer(place).and_then(text)).collect();
                // Written so that no two lists of texts become one.
                parts.filter(|parts| !parts.is_empty()).map(|parts| Value::from(parts).to_string())
            }
        }
    }
}

/// The order of two cursors: numbers by size, written as texts or not; other texts by their characters, which fits
/// times of one format.
#[must_use]
pub fn order(one: &Value, other: &Value) -> Ordering {
    let number = |value: &Value| match value {
        Value::Number(number) => number.to_string().parse::<f64>().ok(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
            text.parse().ok()
        }
        _ => None,
    };
    // Whole numbers are compared exactly: the identifiers of some services have more digits than a double.
    let whole = |value: &Value| match value {
        Value::Number(number) => number.as_i64().map(i128::from),
        Value::String(text) => text.parse::<i128>().ok(),
        _ => None,
    };
    if let (Some(one), Some(other)) = (whole(one), whole(other)) {
        return one.cmp(&other);
    }
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => one.as_str().unwrap_or_default().cmp(other.as_str().unwrap_or_default()),
    }
}

impl EventName {
    /// The events that a delivery brings, in its order: the body, or the members of its list.
    #[must_use]
    pub fn parts<'b>(&self, body: &'b Value) -> Vec<&'b Value> {
        let Some(at) = &self.items else { return vec![body] };
        match body.pointer(at) {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        }
    }

    /// Whether a delivery is of this event. `header` reads a header field.
    #[must_use]
    pub fn is_of<'a>(&self, header: &dyn Fn(&str) -> Option<&'a str>, body: &Value) -> bool {
        let name = match (&self.header, &self.pointer) {
            (Some(name), _) => header(name).map(str::to_owned),
            (None, Some(pointer)) => body.pointer(pointer).and_then(text),
            // Every delivery is.
            (None, None) => return true,
        };
        name.is_some_and(|name| self.values.contains(&name))
    }

    /// The id by which a repeated delivery is known. `header` reads a header field.
    #[must_use]
    pub fn delivery<'a>(&self, header: &dyn Fn(&str) -> Option<&'a str>, body: &Value) -> Option<String> {
        let place = self.delivery_id.as_deref()?;
        if place.starts_with('/') {
            body.pointer(place).and_then(text)
        } else {
            header(place).map(str::to_owned)
        }
    }
}

impl TriggerHints {
    /// Whether an answer to the service's question needs a signature that Flero cannot make: the rule has a token, or
    /// a key of the service's own.
    #[must_use]
    pub fn asks_for_a_foreign_signature(&self) -> bool {
        let (Some(Handshake::Body { answer: Some(answer), .. }), Some(rule)) =
            (&self.handshake, &self.verification)
        else {
            return false;
        };
        let mut is_signed = false;
        collect(answer, &mut |name| is_signed |= name == "signature");
        is_signed && (matches!(rule, Verification::Token(_)) || rule.has_public_key())
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
