//! Reads a JSON value into a type, and says where it does not fit without quoting what was submitted.
//!
//! `serde_json` names no place in its errors and quotes values. This deserializer walks a parsed value, keeps the
//! way to each member, and has an error type of its own.

use std::fmt;

use flero_model::problem::{FieldProblem, pointer_segment};
use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::StrDeserializer,
    },
};
use serde_json::Value;

/// Why a value does not fit, and where.
#[derive(Debug)]
pub(super) struct Fault {
    /// The way to the place, innermost segment first.
    way: Vec<String>,
    code: &'static str,
    message: String,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { way: Vec::new(), code, message: message.into() }
    }

    fn below(mut self, segment: &str) -> Self {
        self.way.push(pointer_segment(segment));
        self
    }
}

impl From<Fault> for FieldProblem {
    fn from(fault: Fault) -> Self {
        let pointer: String = fault.way.iter().rev().map(|segment| format!("/{segment}")).collect();
        Self::new(pointer, fault.code, super::super::error::sentence(&fault.message))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new("json.value", message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new("json.type", format!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new("json.value", format!("expected {expected}"))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::new("json.range", format!("expected {expected}"))
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::new("json.choice", format!("expected one of: {}", known.join(", ")))
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Self::new("json.unknown_field", format!("unknown field; known here: {known}")).below(field)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("json.required", "this field is required").below(field)
    }
}

/// Reads a value. `text` says that numbers and flags stand as text (query parameters).
///
/// # Errors
/// The first place that does not fit.
pub(super) fn from_value<T: for<'de> Deserialize<'de>>(value: &Value, text: bool) -> Result<T, FieldProblem> {
    T::deserialize(Place { value, text }).map_err(FieldProblem::from)
}

struct Place<'a> {
    value: &'a Value,
    text: bool,
}

/// Forwards number and flag types: read from text where they stand as text, else as they are.
macro_rules! from_text {
    ($($method:ident $visit:ident $kind:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.value {
                Value::String(text) if self.text => match text.parse::<$kind>() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(Fault::new("json.type", format!("expected {}", &visitor as &dyn Expected))),
                },
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Place<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => {
                if let Some(value) = number.as_u64() {
                    visitor.visit_u64(value)
                } else if let Some(value) = number.as_i64() {
                    visitor.visit_i64(value)
                } else {
                    visitor.visit_f64(number.as_f64().unwrap_or_default())
                }
            }
            Value::String(text) => visitor.visit_str(text),
            Value::Array(items) => {
                visitor.visit_seq(Items { items: items.iter().enumerate(), text: self.text })
            }
            Value::Object(members) => {
                visitor.visit_map(Members { members: members.iter(), current: None, text: self.text })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.value {
            Value::String(text) => {
                let text: StrDeserializer<'_, Fault> = text.as_str().into_deserializer();
                visitor.visit_enum(text)
            }
            _ => Err(Fault::new("json.choice", format!("expected one of: {}", variants.join(", ")))),
        }
    }

    from_text! {
        deserialize_bool visit_bool bool;
        deserialize_u8 visit_u64 u64;
        deserialize_u16 visit_u64 u64;
        deserialize_u32 visit_u64 u64;
        deserialize_u64 visit_u64 u64;
        deserialize_i64 visit_i64 i64;
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

struct Items<'a> {
    items: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
    text: bool,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some((place, value)) = self.items.next() else { return Ok(None) };
        let item = seed.deserialize(Place { value, text: self.text });
        item.map(Some).map_err(|fault| fault.below(&place.to_string()))
    }
}

struct Members<'a> {
    members: serde_json::map::Iter<'a>,
    current: Option<(&'a str, &'a Value)>,
    text: bool,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        self.current = Some((name, value));
        let name: StrDeserializer<'_, Fault> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((name, value)) = self.current.take() else {
            return Err(Fault::new("json.value", "expected a value"));
        };
        seed.deserialize(Place { value, text: self.text }).map_err(|fault| fault.below(name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Sample {
        name: String,
        #[serde(default)]
        nested: Option<Inner>,
        #[serde(default)]
        list: Vec<u32>,
        #[serde(default)]
        free: Value,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        scope: flero_model::credential::Scope,
    }

    fn pointer_of(value: Value) -> (String, &'static str) {
        let fault = from_value::<Sample>(&value, false).unwrap_err();
        assert!(!fault.message.contains("hunter2"), "{}", fault.message);
        (fault.pointer, fault.code)
    }

    #[test]
    fn a_value_is_read_as_serde_json_reads_it() {
        let value = json!({"name": "x", "nested": {"scope": "personal"}, "list": [1, 2], "free": {"a": [1.5, null, -3]}});
        let read: Sample = from_value(&value, false).unwrap();
        assert_eq!(read, serde_json::from_value(value).unwrap());
    }

    /// Security test 64: unknown fields are refused wherever they stand, with their place and without their value.
    #[test]
    fn each_fault_has_its_place_and_quotes_nothing() {
        assert_eq!(
            pointer_of(json!({"name": "x", "oth/er": "hunter2"})),
            ("/oth~1er".into(), "json.unknown_field")
        );
        assert_eq!(
            pointer_of(json!({"name": "x", "nested": {"scope": "personal", "y": 1}})),
            ("/nested/y".into(), "json.unknown_field")
        );
        assert_eq!(pointer_of(json!({"name": ["hunter2"]})), ("/name".into(), "json.type"));
        assert_eq!(pointer_of(json!({"name": "x", "list": [1, "hunter2"]})), ("/list/1".into(), "json.type"));
        assert_eq!(pointer_of(json!({"name": "x", "list": [1, -1]})), ("/list/1".into(), "json.value"));
        assert_eq!(
            pointer_of(json!({"name": "x", "nested": {"scope": "hunter2"}})),
            ("/nested/scope".into(), "json.choice")
        );
        assert_eq!(pointer_of(json!({})), ("/name".into(), "json.required"));
        assert_eq!(pointer_of(json!("hunter2")), (String::new(), "json.type"));
    }
}
