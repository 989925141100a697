//! Reading JSON straight into values, each counted before it is made: a small text can hold very many items.

use crate::error::{Fault, wrong};
use crate::eval::Machine;
use crate::value::{ARRAY_ITEM_BYTES, Array, Builder, Number, Text, Value};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

type Result<T> = std::result::Result<T, Box<Fault>>;

/// The value of a JSON text.
pub(super) fn parse<'a>(machine: &mut Machine<'a>, text: &str) -> Result<Value<'a>> {
    machine.meter.scan(text.len())?;
    let mut stopped = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = Seed { machine, stopped: &mut stopped };
    let result = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match (result, stopped) {
        (_, Some(fault)) => Err(fault),
        (Ok(value), None) => Ok(value),
        (Err(_), None) => Err(wrong("the text is not JSON")),
    }
}

struct Seed<'m, 'a> {
    machine: &'m mut Machine<'a>,
    /// The limit that was reached, which an error of the reader cannot carry.
    stopped: &'m mut Option<Box<Fault>>,
}

impl<'a> Seed<'_, 'a> {
    fn inner(&mut self) -> Seed<'_, 'a> {
        Seed { machine: self.machine, stopped: self.stopped }
    }

    /// Passes a limit on through the reader.
    fn pass<T, E: serde::de::Error>(&mut self, result: Result<T>) -> std::result::Result<T, E> {
        result.map_err(|fault| {
            *self.stopped = Some(fault);
            E::custom("a limit was reached")
        })
    }

    fn text<E: serde::de::Error>(&mut self, text: &str) -> std::result::Result<Text<'a>, E> {
        let counted = self.machine.meter.bytes(text.len() + 2 * ARRAY_ITEM_BYTES);
        self.pass(counted)?;
        Ok(Text::from(text.to_owned()))
    }
}

impl<'de, 'a> DeserializeSeed<'de> for Seed<'_, 'a> {
    type Value = Value<'a>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> std::result::Result<Value<'a>, D::Error> {
        reader.deserialize_any(self)
    }
}

/// Reads a key as a text.
struct Key<'m, 's, 'a>(&'m mut Seed<'s, 'a>);

impl<'de, 'a> DeserializeSeed<'de> for Key<'_, '_, 'a> {
    type Value = Text<'a>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> std::result::Result<Text<'a>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Key<'_, '_, 'a> {
    type Value = Text<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<Text<'a>, E> {
        self.0.text(text)
    }
}

impl<'de, 'a> Visitor<'de> for Seed<'_, 'a> {
    type Value = Value<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value<'a>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value<'a>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value<'a>, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value<'a>, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value<'a>, E> {
        Ok(Number::from_float(value).into())
    }

    fn visit_str<E: serde::de::Error>(mut self, text: &str) -> std::result::Result<Value<'a>, E> {
        self.text(text).map(Value::Text)
    }

    fn visit_seq<S: SeqAccess<'de>>(mut self, mut items: S) -> std::result::Result<Value<'a>, S::Error> {
        let mut made = Vec::new();
        while let Some(item) = items.next_element_seed(self.inner())? {
            // Twice its size, because a growing list is up to half empty.
            let counted = self.machine.meter.bytes(2 * ARRAY_ITEM_BYTES);
            self.pass(counted)?;
            made.push(item);
        }
        let array = Array::new(made);
        let allowed = self.machine.meter.depth(array.depth());
        self.pass(allowed)?;
        Ok(Value::Array(array))
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut entries: M) -> std::result::Result<Value<'a>, M::Error> {
        let mut made = Builder::default();
        while let Some(key) = entries.next_key_seed(Key(&mut self))? {
            let value = entries.next_value_seed(self.inner())?;
            let added = made.add(&mut self.machine.meter, key, value);
            self.pass(added)?;
        }
        let object = made.build();
        let allowed = self.machine.meter.depth(object.depth());
        self.pass(allowed)?;
        Ok(Value::Object(object))
    }
}
