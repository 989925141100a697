//! Truth, equality and order, as in JavaScript.
//!
//! Two differences keep surprises out: an array or object never equals a plain value, and none is turned into a
//! number by way of its text.

use super::{Number, Text, Value, parse_number};
use std::cmp::Ordering;

/// Whether a condition with this value holds.
#[inline]
pub(crate) fn truthy(value: &Value<'_>) -> bool {
    match value {
        Value::Undefined | Value::Missing(_) | Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => {
            let float = number.float();
            float != 0.0 && !float.is_nan()
        }
        Value::Text(text) => !text.as_str().is_empty(),
        Value::Array(_) | Value::Object(_) | Value::Date(_) | Value::Pattern(_) => true,
    }
}

/// The number that arithmetic sees. (ECMA-262, ToNumber)
pub(crate) fn to_number(value: &Value<'_>) -> Number {
    match value {
        Value::Null => Number::Int(0),
        Value::Bool(value) => Number::Int(i64::from(*value)),
        Value::Number(number) => *number,
        Value::Text(text) => parse_number(text.as_str()),
        Value::Date(date) => Number::Int(date.ms()),
        Value::Undefined | Value::Missing(_) | Value::Array(_) | Value::Object(_) | Value::Pattern(_) => {
            Number::Float(f64::NAN)
        }
    }
}

fn numbers_equal(left: Number, right: Number) -> bool {
    left.order(right) == Some(Ordering::Equal)
}

/// `===`. Dates are equal when they are the same moment.
pub(crate) fn strict_equal(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Undefined | Value::Missing(_), Value::Undefined | Value::Missing(_))
        | (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => numbers_equal(*left, *right),
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Array(left), Value::Array(right)) => left.is(right),
        (Value::Object(left), Value::Object(right)) => left.is(right),
        (Value::Date(left), Value::Date(right)) => left.ms() == right.ms(),
        _ => false,
    }
}

/// `==`: null equals undefined; numbers, booleans, strings and dates meet as numbers.
pub(crate) fn loose_equal(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (left, right) if left.is_nullish() || right.is_nullish() => left.is_nullish() && right.is_nullish(),
        (Value::Text(_), Value::Text(_)) => strict_equal(left, right),
        (Value::Array(_) | Value::Object(_) | Value::Pattern(_), _)
        | (_, Value::Array(_) | Value::Object(_) | Value::Pattern(_)) => strict_equal(left, right),
        _ => numbers_equal(to_number(left), to_number(right)),
    }
}

/// The equality of `includes`: as `===`, but not-a-number equals itself.
pub(crate) fn same_value(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) if left.float().is_nan() => right.float().is_nan(),
        _ => strict_equal(left, right),
    }
}

/// The order of two strings by UTF-16 code units.
pub(crate) fn text_order(left: &Text<'_>, right: &Text<'_>) -> Ordering {
    let (left, right) = (left.as_str(), right.as_str());
    if left.is_ascii() && right.is_ascii() {
        left.cmp(right)
    } else {
        left.encode_utf16().cmp(right.encode_utf16())
    }
}
