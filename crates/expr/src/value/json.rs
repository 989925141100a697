//! From values to JSON documents and to text.

use super::{Number, Value, format_number};
use crate::error::Fault;
use crate::limits::Meter;
use serde_json::{Map, Value as Json};

type Result<T> = std::result::Result<T, Box<Fault>>;

/// What an item of a JSON array costs.
const ITEM: usize = size_of::<Json>();
/// What an entry of a JSON object costs: key, value, hash and index.
const ENTRY: usize = ITEM + size_of::<String>() + 16;

/// The document of a value. What JSON cannot hold becomes `null`, as in `JSON.stringify`; entries that are undefined
/// are left out.
pub(crate) fn into_json(meter: &mut Meter, value: Value<'_>) -> Result<Json> {
    copy(meter, value, 0)
}

fn copy(meter: &mut Meter, value: Value<'_>, depth: u16) -> Result<Json> {
    meter.depth(depth)?;
    Ok(match value {
        Value::Undefined | Value::Missing(_) | Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Number(number) => number_json(number),
        Value::Text(text) => {
            meter.bytes(text.as_str().len())?;
            Json::String(text.into_string())
        }
        Value::Date(date) => Json::String(date.to_iso()),
        Value::Pattern(pattern) => Json::String(pattern.source().to_owned()),
        Value::Array(super::Array::Json(items)) => {
            measure_items(meter, items, depth + 1)?;
            Json::Array(items.clone())
        }
        Value::Object(super::Object::Json(map)) => {
            measure_entries(meter, map, depth + 1)?;
            Json::Object(map.clone())
        }
        Value::Array(array) => {
            meter.bytes(array.len() * ITEM)?;
            let mut items = Vec::with_capacity(array.len());
            for item in array.iter() {
                items.push(copy(meter, item, depth + 1)?);
            }
            Json::Array(items)
        }
        Value::Object(object) => {
            meter.bytes(object.len() * ENTRY)?;
            let mut map = Map::with_capacity(object.len());
            for (key, value) in object.entries() {
                if !value.is_undefined() {
                    meter.bytes(key.as_str().len())?;
                    map.insert(key.into_string(), copy(meter, value, depth + 1)?);
                }
            }
            Json::Object(map)
        }
    })
}

fn number_json(number: Number) -> Json {
    match number {
        Number::Int(int) => int.into(),
        Number::Unsigned(unsigned) => unsigned.into(),
        Number::Float(float) => serde_json::Number::from_f64(float).map_or(Json::Null, Json::Number),
    }
}

/// Counts what a copy of a document will cost, before it is made.
fn measure(meter: &mut Meter, json: &Json, depth: u16) -> Result<()> {
    meter.depth(depth)?;
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => Ok(()),
        Json::String(text) => meter.bytes(text.len()),
        Json::Array(items) => measure_items(meter, items, depth + 1),
        Json::Object(map) => measure_entries(meter, map, depth + 1),
    }
}

fn measure_items(meter: &mut Meter, items: &[Json], depth: u16) -> Result<()> {
    meter.steps(items.len())?;
    meter.bytes(items.len() * ITEM)?;
    items.iter().try_for_each(|item| measure(meter, item, depth))
}

fn measure_entries(meter: &mut Meter, map: &Map<String, Json>, depth: u16) -> Result<()> {
    meter.steps(map.len())?;
    meter.bytes(map.len() * ENTRY)?;
    map.iter().try_for_each(|(key, value)| {
        meter.bytes(key.len())?;
        measure(meter, value, depth)
    })
}

/// Writes a value as `JSON.stringify` does, with `indent` in front of each level if it is not empty.
pub(crate) fn write_json(meter: &mut Meter, value: &Value<'_>, indent: &str, out: &mut String) -> Result<()> {
    Writer { meter, indent, out }.write(value, 0)
}

struct Writer<'w> {
    meter: &'w mut Meter,
    indent: &'w str,
    out: &'w mut String,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) -> Result<()> {
        self.meter.bytes(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn line(&mut self, depth: u16) -> Result<()> {
        if self.indent.is_empty() {
            return Ok(());
        }
        self.meter.bytes(1 + self.indent.len() * usize::from(depth))?;
        self.out.push('\n');
        (0..depth).for_each(|_| self.out.push_str(self.indent));
        Ok(())
    }

    fn write(&mut self, value: &Value<'_>, depth: u16) -> Result<()> {
        self.meter.depth(depth)?;
        self.meter.steps(1)?;
        match value {
            Value::Undefined | Value::Missing(_) | Value::Null => self.push("null"),
            Value::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Value::Number(number) if !number.float().is_finite() => self.push("null"),
            Value::Number(number) => {
                self.meter.bytes(24)?;
                format_number(*number, self.out);
                Ok(())
            }
            Value::Text(text) => self.quoted(text.as_str()),
            Value::Date(date) => self.quoted(&date.to_iso()),
            Value::Pattern(pattern) => self.quoted(pattern.source()),
            Value::Array(array) => {
                self.push("[")?;
                for (index, item) in array.iter().enumerate() {
                    if index > 0 {
                        self.push(",")?;
                    }
                    self.line(depth + 1)?;
                    self.write(&item, depth + 1)?;
                }
                if array.len() > 0 {
                    self.line(depth)?;
                }
                self.push("]")
            }
            Value::Object(object) => {
                self.push("{")?;
                let mut first = true;
                for (key, value) in object.entries().filter(|(_, value)| !value.is_undefined()) {
                    if !std::mem::take(&mut first) {
                        self.push(",")?;
                    }
                    self.line(depth + 1)?;
                    self.quoted(key.as_str())?;
                    self.push(if self.indent.is_empty() { ":" } else { ": " })?;
                    self.write(&value, depth + 1)?;
                }
                if !first {
                    self.line(depth)?;
                }
                self.push("}")
            }
        }
    }

    fn quoted(&mut self, text: &str) -> Result<()> {
        use std::fmt::Write as _;
        self.meter.bytes(text.len() + 2)?;
        self.out.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            self.out.push_str(&rest[..at]);
            self.meter.bytes(5)?;
            match rest.as_bytes()[at] {
                b'"' => self.out.push_str("\\\""),
                b'\\' => self.out.push_str("\\\\"),
                b'\n' => self.out.push_str("\\n"),
                b'\r' => self.out.push_str("\\r"),
                b'\t' => self.out.push_str("\\t"),
                8 => self.out.push_str("\\b"),
                12 => self.out.push_str("\\f"),
                control => {
                    let _ = write!(self.out, "\\u{control:04x}");
                }
            }
            rest = &rest[at + 1..];
        }
        self.out.push_str(rest);
        self.out.push('"');
        Ok(())
    }
}
