//! Between JSON and PostgreSQL's types.
//!
//! A value is bound as text, which the server reads as the type that the statement needs. What comes back is binary
//! and becomes the nearest JSON; numbers that JSON's readers would round come as text.

use std::{error::Error, fmt};

use bytes::{BufMut, BytesMut};
use data_encoding::BASE64;
use fallible_iterator::FallibleIterator;
use postgres_protocol::types as wire;
use serde_json::{Value, json};
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type};

mod numeric;
mod time;

type Fault = Box<dyn Error + Sync + Send>;

/// A value that does not fit the place in the statement. It does not quote the value.
#[derive(Debug)]
pub(super) struct Unfit(&'static str);

impl fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Error for Unfit {}

/// A value to bind.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match (self.0, kind.kind()) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (value, _) if matches!(*kind, Type::JSON | Type::JSONB) => {
                out.put_slice(value.to_string().as_bytes())
            }
            (Value::Array(items), Kind::Array(member)) => write_array(items, member, out)?,
            (value, _) => out.put_slice(text(value)?.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    fn encode_format(&self, _kind: &Type) -> Format {
        Format::Text
    }

    tokio_postgres::types::to_sql_checked!();
}

/// A value as the text that the server reads. An object, or an array outside of an array's place, is JSON.
fn text(value: &Value) -> Result<String, Fault> {
    let text = match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    if text.contains('\0') {
        return Err(Box::new(Unfit("A value holds a zero byte, which PostgreSQL does not store.")));
    }
    Ok(text)
}

/// An array in the server's own form (PostgreSQL, "Array Input"): every member quoted.
fn write_array(items: &[Value], member: &Type, out: &mut BytesMut) -> Result<(), Fault> {
    out.put_u8(b'{');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.put_u8(b',');
        }
        match item {
            Value::Null => out.put_slice(b"NULL"),
            Value::Array(inner) if !matches!(*member, Type::JSON | Type::JSONB) => {
                write_array(inner, member, out)?
            }
            item => {
                let text =
                    if matches!(*member, Type::JSON | Type::JSONB) { item.to_string() } else { text(item)? };
                out.put_u8(b'"');
                out.put_slice(text.replace('\\', "\\\\").replace('"', "\\\"").as_bytes());
                out.put_u8(b'"');
            }
        }
    }
    out.put_u8(b'}');
    Ok(())
}

/// A value that came back.
pub(super) struct Cell(pub(super) Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        read(kind, raw).map(Cell)
    }

    fn from_sql_null(_kind: &Type) -> Result<Self, Fault> {
        Ok(Self(Value::Null))
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }
}

/// The greatest whole number that every reader of JSON keeps (RFC 8259 section 6).
const MAX_SAFE: u64 = (1 << 53) - 1;

fn read(kind: &Type, raw: &[u8]) -> Result<Value, Fault> {
    match kind.kind() {
        Kind::Array(member) => return read_array(member, raw),
        Kind::Domain(inner) => return read(inner, raw),
        Kind::Enum(_) => return Ok(json!(wire::text_from_sql(raw)?)),
        _ => {}
    }
    Ok(match *kind {
        Type::BOOL => json!(wire::bool_from_sql(raw)?),
        Type::INT2 => json!(wire::int2_from_sql(raw)?),
        Type::INT4 => json!(wire::int4_from_sql(raw)?),
        Type::OID => json!(wire::oid_from_sql(raw)?),
        Type::INT8 => whole(wire::int8_from_sql(raw)?),
        Type::FLOAT4 => float(f64::from(wire::float4_from_sql(raw)?)),
        Type::FLOAT8 => float(wire::float8_from_sql(raw)?),
        Type::NUMERIC => json!(numeric::read(raw).ok_or(Unfit("A number has an unknown form."))?),
        Type::JSON => serde_json::from_slice(raw)?,
        Type::JSONB => serde_json::from_slice(raw.get(1..).unwrap_or_default())?,
        Type::UUID => json!(uuid(wire::uuid_from_sql(raw)?)),
        Type::BYTEA => json!(BASE64.encode(raw)),
        Type::TIMESTAMP => json!(time::timestamp(wire::timestamp_from_sql(raw)?, "")),
        Type::TIMESTAMPTZ => json!(time::timestamp(wire::timestamp_from_sql(raw)?, "Z")),
        Type::DATE => json!(time::date(wire::date_from_sql(raw)?)),
        Type::TIME => json!(time::time_of_day(wire::time_from_sql(raw)?)),
        Type::VOID => Value::Null,
        // Texts of all kinds; what is no text is given as its bytes, and can be cast to text in the statement.
        _ => match std::str::from_utf8(raw) {
            Ok(text) if !text.contains('\0') => json!(text),
            _ => json!(BASE64.encode(raw)),
        },
    })
}

/// A whole number; as text where readers of JSON would round it.
pub(super) fn whole(number: i64) -> Value {
    if number.unsigned_abs() <= MAX_SAFE { json!(number) } else { json!(number.to_string()) }
}

/// JSON has no infinity and no NaN.
pub(super) fn float(number: f64) -> Value {
    serde_json::Number::from_f64(number).map_or_else(|| json!(number.to_string()), Value::Number)
}

fn uuid(bytes: [u8; 16]) -> String {
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// An array, its dimensions nested.
fn read_array(member: &Type, raw: &[u8]) -> Result<Value, Fault> {
    let array = wire::array_from_sql(raw)?;
    let mut lengths = Vec::new();
    let mut dimensions = array.dimensions();
    while let Some(dimension) = dimensions.next()? {
        lengths.push(usize::try_from(dimension.len)?);
    }
    let mut items = Vec::new();
    let mut values = array.values();
    while let Some(value) = values.next()? {
        items.push(value.map_or(Ok(Value::Null), |raw| read(member, raw))?);
    }
    for length in lengths.iter().skip(1).rev().filter(|length| **length > 0) {
        items = items.chunks(*length).map(|chunk| Value::Array(chunk.to_vec())).collect();
    }
    Ok(Value::Array(items))
}

#[cfg(test)]
mod tests;
