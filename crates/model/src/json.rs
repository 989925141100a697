//! Reading JSON strictly and writing it canonically.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The deepest nesting that a document may have. Source: OWASP API4 (unrestricted resource consumption);
/// n8n and Windmill documents seen in the field stay below 30.
pub const MAX_DEPTH: usize = 64;

/// The most values (scalars, arrays, objects) that a document may hold.
pub const MAX_VALUES: usize = 1_000_000;

/// Why a document was not read. The document is not quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON.
    #[error("not valid JSON at line {line}, column {column}: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was expected, in words of our own.
        reason: &'static str,
    },
    /// Nested too deep.
    #[error("nested deeper than {MAX_DEPTH} levels at line {line}")]
    TooDeep {
        /// Line, from 1.
        line: usize,
    },
    /// Too many values.
    #[error("more than {MAX_VALUES} values in one document")]
    TooMany,
    /// A member name stands twice in one object.
    #[error("a member name stands twice in one object at line {line}; remove one")]
    DuplicateKey {
        /// Line, from 1.
        line: usize,
    },
}

const DEEP: &str = "flero:too-deep";
const MANY: &str = "flero:too-many";
const TWICE: &str = "flero:duplicate-key";

/// Reads a document, refusing repeated member names (RFC 8259 section 4 calls their meaning unpredictable),
/// nesting below [`MAX_DEPTH`] and more than [`MAX_VALUES`] values.
///
/// # Errors
/// [`JsonError`], which names line and column but never quotes the document.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let mut left = MAX_VALUES;
    let value = Strict { depth: 0, left: &mut left }
        .deserialize(&mut deserializer)
        .map_err(|error| classify(&error))?;
    deserializer.end().map_err(|error| classify(&error))?;
    Ok(value)
}

fn classify(error: &serde_json::Error) -> JsonError {
    let line = error.line().max(1);
    let text = error.to_string();
    if text.starts_with(DEEP) || text.starts_with("recursion limit") {
        return JsonError::TooDeep { line };
    }
    if text.starts_with(MANY) {
        return JsonError::TooMany;
    }
    if text.starts_with(TWICE) {
        return JsonError::DuplicateKey { line };
    }
    let reason = match error.classify() {
        serde_json::error::Category::Eof => "the document ends too early",
        _ if text.starts_with("number out of range") => "a number is out of range",
        _ if text.starts_with("trailing characters") => "something follows the document",
        _ => "unexpected character",
    };
    JsonError::Syntax { line, column: error.column().max(1), reason }
}

struct Strict<'a> {
    depth: usize,
    left: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(serde::de::Error::custom(DEEP));
        }
        if *self.left == 0 {
            return Err(serde::de::Error::custom(MANY));
        }
        *self.left -= 1;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) =
            access.next_element_seed(Strict { depth: self.depth + 1, left: &mut *self.left })?
        {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(Strict { depth: self.depth + 1, left: &mut *self.left })?;
            if members.insert(key, value).is_some() {
                return Err(serde::de::Error::custom(TWICE));
            }
        }
        Ok(Value::Object(members))
    }
}

/// Writes a value so that equal values give equal bytes: member names sorted by code point, no white space.
/// This is RFC 8785 but for numbers, which are written as `serde_json` does; our documents hold integers.
#[must_use]
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            out.push(b'{');
            for (place, name) in names.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(Value::String(name.clone()).to_string().as_bytes());
                out.push(b':');
                write_canonical(&members[name], out);
            }
            out.push(b'}');
        }
        scalar => out.extend_from_slice(scalar.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 65: JSON depth, size, duplicate keys and number limits.
    #[test]
    fn hostile_documents_are_refused_without_being_quoted() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(parse(deep.as_bytes()), Err(JsonError::TooDeep { .. })));
        assert_eq!(parse(br#"{"a":1,"a":2}"#), Err(JsonError::DuplicateKey { line: 1 }));
        assert_eq!(parse(br#"{"x":{"a":1,"b":{"a":1},"a":2}}"#), Err(JsonError::DuplicateKey { line: 1 }));
        assert!(matches!(parse(b"1e999"), Err(JsonError::Syntax { .. })));
        assert!(matches!(
            parse(br#"{"secretvalue""#),
            Err(JsonError::Syntax { reason: "the document ends too early", .. })
        ));
        assert!(matches!(parse(b"{} {}"), Err(JsonError::Syntax { .. })));
        assert!(matches!(parse(b"\xff"), Err(JsonError::Syntax { .. })));
        let wide = format!("[{}1]", "1,".repeat(MAX_VALUES));
        assert_eq!(parse(wide.as_bytes()), Err(JsonError::TooMany));
    }

    #[test]
    fn ordinary_documents_are_read_as_serde_json_reads_them() {
        let text = br#" {"b":[1,-2,3.5,"x\u00e9",true,null],"a":{"c":18446744073709551615}} "#;
        assert_eq!(parse(text).unwrap(), serde_json::from_slice::<Value>(text).unwrap());
    }

    #[test]
    fn canonical_form_sorts_members_and_drops_white_space() {
        let value = parse(br#"{ "b": 1, "a": { "d": [ 1, 2 ], "c": "x" } }"#).unwrap();
        assert_eq!(canonical(&value), br#"{"a":{"c":"x","d":[1,2]},"b":1}"#);
    }
}
