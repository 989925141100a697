//! The values that expressions work on: JSON borrowed from the scope, or made by the evaluation.
//!
//! A value is small and cheap to clone. Nothing can be changed once it is made, so that sharing is invisible, and a
//! made array or object knows its depth, so that dropping and writing it never recurses deeper than the limit.

mod compare;
mod json;
mod made;
mod number;
mod text;

pub(crate) use compare::{loose_equal, same_value, strict_equal, text_order, to_number, truthy};
pub(crate) use json::{into_json, write_json};
pub(crate) use made::{ARRAY_ITEM_BYTES, Builder, OBJECT_ENTRY_BYTES};
pub use made::{Array, Object};
pub use number::Number;
pub(crate) use number::{format_number, parse_number};
pub use text::Text;
pub(crate) use text::{slice_units, unit_len};

use crate::date::Date;
use crate::pattern::Pattern;
use serde_json::Value as Json;

/// A value during evaluation. `'a` is the life of the scope and of the compiled expression.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Value<'a> {
    /// `undefined`: the value of `undefined` and of a reference that optional chaining cut short.
    Undefined,
    /// `undefined`, from a reference that leads nowhere. Where it is needed, it becomes an error that names it.
    Missing(Miss),
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(Text<'a>),
    /// An array.
    Array(Array<'a>),
    /// An object.
    Object(Object<'a>),
    /// A point in time with a time zone. Outside of expressions it is its ISO 8601 text.
    Date(Date),
    /// A regular expression, as the argument of a function. Outside of expressions it is its source.
    Pattern(&'a Pattern),
}

/// The number of a missed reference in the evaluation that met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miss(pub(crate) u32);

impl<'a> From<&'a Json> for Value<'a> {
    #[inline]
    fn from(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Number(Number::from_json(number)),
            Json::String(text) => Self::Text(Text::Borrowed(text)),
            Json::Array(items) => Self::Array(Array::Json(items)),
            Json::Object(map) => Self::Object(Object::Json(map)),
        }
    }
}

impl<'a> From<&'a serde_json::Map<String, Json>> for Value<'a> {
    fn from(map: &'a serde_json::Map<String, Json>) -> Self {
        Self::Object(Object::Json(map))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Text::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Number(Number::Int(value))
    }
}

impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        Self::Number(Number::from_exact(i128::from(value)))
    }
}

impl From<usize> for Value<'_> {
    fn from(value: usize) -> Self {
        Self::Number(Number::from_exact(value as i128))
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Number(Number::from_float(value))
    }
}

impl From<Number> for Value<'_> {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl<'a> Value<'a> {
    /// An object of the given entries, for a scope whose root is made of parts that it holds separately.
    pub fn object(entries: impl IntoIterator<Item = (&'a str, Value<'a>)>) -> Self {
        Self::Object(Object::new(
            entries.into_iter().map(|(key, value)| (Text::Borrowed(key), value)).collect(),
        ))
    }

    /// Whether this is `null` or `undefined`.
    #[inline]
    pub fn is_nullish(&self) -> bool {
        matches!(self, Self::Undefined | Self::Missing(_) | Self::Null)
    }

    /// Whether this is `undefined`.
    pub(crate) fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined | Self::Missing(_))
    }

    /// Levels of arrays and objects that the evaluation has put around each other.
    pub(crate) fn depth(&self) -> u16 {
        match self {
            Self::Array(array) => array.depth(),
            Self::Object(object) => object.depth(),
            _ => 0,
        }
    }

    /// The kind of value as a noun with its article, for messages.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Undefined | Self::Missing(_) => "undefined",
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
            Self::Date(_) => "a date",
            Self::Pattern(_) => "a regular expression",
        }
    }

    /// What `typeof` answers.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined | Self::Missing(_) => "undefined",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Null | Self::Array(_) | Self::Object(_) | Self::Date(_) | Self::Pattern(_) => "object",
        }
    }
}
