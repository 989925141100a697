//! `If`, `Switch` and `Filter`: conditions, operators, wildcards.

use std::sync::Arc;

use flero_expr::Scope;
use regex::Regex;
use serde_json::Value;

use super::{Reader, Work};
use crate::{
    failure::Failure,
    template::{Template, Unresolved},
};

/// The most conditions of one node, and the most cases of a Switch.
const MOST: usize = 100;

/// The largest compiled form of a pattern, in bytes, so that a pattern cannot eat memory.
const PATTERN_BYTES: usize = 1 << 20;

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// How two values are compared.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operator { $($(#[$doc])* $name),* }

        impl Operator {
            pub(crate) const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$name)),*];
        }
    };
}

operators! {
    Equal = "equal",
    NotEqual = "notEqual",
    GreaterThan = "greaterThan",
    LessThan = "lessThan",
    GreaterThanOrEqual = "greaterThanOrEqual",
    LessThanOrEqual = "lessThanOrEqual",
    Contains = "contains",
    NotContains = "notContains",
    StartsWith = "startsWith",
    NotStartsWith = "notStartsWith",
    EndsWith = "endsWith",
    NotEndsWith = "notEndsWith",
    Regex = "regex",
    IsEmpty = "isEmpty",
    IsNotEmpty = "isNotEmpty",
    IsNull = "isNull",
    IsNotNull = "isNotNull",
    IsTrue = "isTrue",
    IsFalse = "isFalse",
}

impl Operator {
    /// Whether it looks at one value only.
    const fn is_unary(self) -> bool {
        matches!(
            self,
            Self::IsEmpty | Self::IsNotEmpty | Self::IsNull | Self::IsNotNull | Self::IsTrue | Self::IsFalse
        )
    }
}

/// How conditions are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Combinator {
    And,
    Or,
}

/// `value1 operator value2`.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    value1: Template,
    operator: Operator,
    value2: Template,
    /// The pattern, where it is fixed.
    pattern: Option<Regex>,
}

/// Conditions joined by one word.
#[derive(Debug, Clone)]
pub(crate) struct Conditions {
    list: Vec<Condition>,
    combinator: Combinator,
}

/// A case of a Switch.
#[derive(Debug, Clone)]
pub(crate) struct SwitchCase {
    pub(crate) matches: Template,
    pub(crate) port: Arc<str>,
}

impl Conditions {
    /// Whether they hold. Later conditions are not looked at once the answer is known.
    pub(crate) fn hold(&self, scope: &dyn Scope, unresolved: Unresolved) -> Result<bool, Failure> {
        for condition in &self.list {
            let holds = condition.holds(scope, unresolved)?;
            match (self.combinator, holds) {
                (Combinator::And, false) => return Ok(false),
                (Combinator::Or, true) => return Ok(true),
                _ => {}
            }
        }
        Ok(self.combinator == Combinator::And)
    }

    pub(crate) fn uses_env(&self) -> bool {
        self.list.iter().any(|condition| condition.value1.uses_env() || condition.value2.uses_env())
    }
}

impl Condition {
    fn holds(&self, scope: &dyn Scope, unresolved: Unresolved) -> Result<bool, Failure> {
        let left = self.value1.operand(scope, unresolved)?;
        if self.operator.is_unary() {
            return Ok(one(self.operator, &left));
        }
        if let Some(pattern) = &self.pattern {
            return Ok(pattern.is_match(&text_of(&left)));
        }
        let right = self.value2.operand(scope, unresolved)?;
        if self.operator == Operator::Regex {
            let pattern = pattern(&text_of(&right)).map_err(|fault| Failure::new("node.parameter", fault))?;
            return Ok(pattern.is_match(&text_of(&left)));
        }
        Ok(two(self.operator, &left, &right))
    }
}

fn one(operator: Operator, value: &Value) -> bool {
    match operator {
        Operator::IsEmpty => is_empty(value),
        Operator::IsNotEmpty => !is_empty(value),
        Operator::IsNull => value.is_null(),
        Operator::IsNotNull => !value.is_null(),
        Operator::IsTrue => *value == Value::Bool(true) || value.as_str() == Some("true"),
        _ => *value == Value::Bool(false) || value.as_str() == Some("false"),
    }
}

fn two(operator: Operator, left: &Value, right: &Value) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = || order(left, right);
    match operator {
        Operator::Equal => equal(left, right),
        Operator::NotEqual => !equal(left, right),
        Operator::GreaterThan => order() == Some(Greater),
        Operator::LessThan => order() == Some(Less),
        Operator::GreaterThanOrEqual => matches!(order(), Some(Greater | Equal)),
        Operator::LessThanOrEqual => matches!(order(), Some(Less | Equal)),
        Operator::Contains => contains(left, right),
        Operator::NotContains => !contains(left, right),
        Operator::StartsWith => text_of(left).starts_with(&*text_of(right)),
        Operator::NotStartsWith => !text_of(left).starts_with(&*text_of(right)),
        Operator::EndsWith => text_of(left).ends_with(&*text_of(right)),
        _ => !text_of(left).ends_with(&*text_of(right)),
    }
}

/// Null, an empty text, array or object. A number and a boolean are never empty.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The same value. Numbers are compared as numbers, also with a text that is a number, because values that come
/// in through a URL or a form are texts; likewise booleans.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_) | Value::String(_)) | (Value::String(_), Value::Number(_)) => {
            matches!((number(left), number(right)), (Some(left), Some(right)) if left == right)
        }
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            text == if *flag { "true" } else { "false" }
        }
        _ => left == right,
    }
}

/// Numbers by size where both are numbers (or texts that are), else texts by code point: so times in RFC 3339
/// form compare as times. Anything else has no order.
fn order(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return left.partial_cmp(&right);
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if !text.trim().is_empty() => {
            text.trim().parse().ok().filter(|float: &f64| float.is_finite())
        }
        _ => None,
    }
}

/// A text in a text, an element in an array, a member name in an object.
fn contains(left: &Value, right: &Value) -> bool {
    match left {
        Value::Array(items) => items.iter().any(|item| equal(item, right)),
        Value::Object(members) => members.contains_key(&*text_of(right)),
        _ => text_of(left).contains(&*text_of(right)),
    }
}

/// A value as text: a text as it is, null as nothing, anything else as JSON.
pub(crate) fn text_of(value: &Value) -> std::borrow::Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        Value::Null => "".into(),
        other => other.to_string().into(),
    }
}

/// Whether a text matches a pattern in which `*` stands for any characters, also none. Case counts.
pub(crate) fn wildcard_matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn pattern(text: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(text)
        .size_limit(PATTERN_BYTES)
        .build()
        .map_err(|_| "The pattern is not a regular expression, or it is too large (look-around and back-references are not part of them).".to_owned())
}

/// A pattern that is fixed in the document.
pub(super) fn fixed_pattern(reader: &mut Reader<'_>, place: &str, text: &str) -> Option<Regex> {
    match pattern(text) {
        Ok(pattern) => Some(pattern),
        Err(fault) => {
            reader.fault(place, "node.pattern", fault);
            None
        }
    }
}

pub(super) fn conditions(reader: &mut Reader<'_>) -> Conditions {
    let objects = reader.objects("conditions", MOST);
    if objects.is_empty() {
        reader.fault("conditions", "node.required", "Give at least one condition.");
    }
    let mut list = Vec::with_capacity(objects.len());
    for (place, object) in objects.into_iter().enumerate() {
        let at = format!("conditions/{place}");
        reader.only(&at, object, &["value1", "operator", "value2"]);
        let word = object.get("operator").and_then(Value::as_str);
        let Some(operator) = word.and_then(|word| Operator::ALL.iter().find(|(text, _)| *text == word))
        else {
            let words: Vec<&str> = Operator::ALL.iter().map(|(text, _)| *text).collect();
            reader.fault(
                &format!("{at}/operator"),
                "node.choice",
                format!("Expected one of: {}.", words.join(", ")),
            );
            continue;
        };
        let mut operand =
            |name: &str| reader.compile(&format!("{at}/{name}"), object.get(name).unwrap_or(&Value::Null));
        let (value1, value2) = (operand("value1"), operand("value2"));
        let fixed = (operator.1 == Operator::Regex).then(|| value2.fixed().cloned()).flatten();
        let pattern = fixed.and_then(|text| fixed_pattern(reader, &format!("{at}/value2"), &text_of(&text)));
        list.push(Condition { value1, operator: operator.1, value2, pattern });
    }
    let combinator = reader.choice("combinator", &[("and", Combinator::And), ("or", Combinator::Or)]);
    Conditions { list, combinator: combinator.unwrap_or(Combinator::And) }
}

pub(super) fn read_if(reader: &mut Reader<'_>) -> Option<Work> {
    let conditions = conditions(reader);
    reader.finish();
    Some(Work::If(conditions))
}

pub(super) fn read_filter(reader: &mut Reader<'_>) -> Option<Work> {
    let items = reader.template("items");
    let conditions = conditions(reader);
    reader.finish();
    Some(Work::Filter { items, conditions })
}

pub(super) fn read_switch(reader: &mut Reader<'_>) -> Option<Work> {
    let value = reader.required("value", "the value that the cases are compared with");
    let mut cases = Vec::new();
    for (place, object) in reader.objects("cases", MOST).into_iter().enumerate() {
        let at = format!("cases/{place}");
        reader.only(&at, object, &["match", "port"]);
        let Some(matches) = object.get("match") else {
            reader.fault(&format!("{at}/match"), "node.required", "Give what the value is compared with.");
            continue;
        };
        let matches = reader.compile(&format!("{at}/match"), matches);
        match object.get("port").and_then(Value::as_str) {
            Some(port) if !port.is_empty() && port != "error" && port.len() <= 120 => {
                cases.push(SwitchCase { matches, port: port.into() });
            }
            _ => reader.fault(
                &format!("{at}/port"),
                "node.parameter",
                "Give the name of a port other than `error`.",
            ),
        }
    }
    reader.finish();
    Some(Work::Switch { value: value?, cases })
}

#[cfg(test)]
mod tests;
