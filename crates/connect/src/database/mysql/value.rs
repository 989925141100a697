//! Values of MySQL as JSON, and the other way.

use data_encoding::BASE64;
use mysql_common::{constants::ColumnType, packets::Column, value::Value as Cell};
use serde_json::{Value, json};

use super::super::value::{float, whole};

/// A value to bind. The server makes of a text what the column is; an object or an array is JSON.
pub(super) fn bound(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::NULL,
        Value::Bool(truth) => Cell::Int(i64::from(*truth)),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => Cell::Int(number),
            (_, Some(number), _) => Cell::UInt(number),
            (.., Some(number)) => Cell::Double(number),
            _ => Cell::Bytes(number.to_string().into_bytes()),
        },
        Value::String(text) => Cell::Bytes(text.clone().into_bytes()),
        value => Cell::Bytes(value.to_string().into_bytes()),
    }
}

/// The character set of bytes that are no text (MySQL, `information_schema.collations`: `binary`).
const BINARY: u16 = 63;

/// A value that came back.
pub(super) fn read(column: &Column, cell: Cell) -> Value {
    match cell {
        Cell::NULL => Value::Null,
        Cell::Int(number) => whole(number),
        Cell::UInt(number) => i64::try_from(number).map_or_else(|_| json!(number.to_string()), whole),
        Cell::Float(number) => float(f64::from(number)),
        Cell::Double(number) => float(number),
        Cell::Date(year, month, day, hour, minute, second, micros) => {
            let date = format!("{year:04}-{month:02}-{day:02}");
            let zone = match column.column_type() {
                ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE => return json!(date),
                // A point in time, which the session reads in UTC; `DATETIME` is what a clock shows somewhere.
                ColumnType::MYSQL_TYPE_TIMESTAMP | ColumnType::MYSQL_TYPE_TIMESTAMP2 => "Z",
                _ => "",
            };
            json!(format!("{date}T{}{zone}", clock(u32::from(hour), minute, second, micros)))
        }
        Cell::Time(is_negative, days, hours, minutes, seconds, micros) => {
            let sign = if is_negative { "-" } else { "" };
            let hours = days.saturating_mul(24).saturating_add(u32::from(hours));
            json!(format!("{sign}{}", clock(hours, minutes, seconds, micros)))
        }
        Cell::Bytes(bytes) => read_bytes(column, bytes),
    }
}

fn clock(hours: u32, minutes: u8, seconds: u8, micros: u32) -> String {
    let whole = format!("{hours:02}:{minutes:02}:{seconds:02}");
    if micros == 0 { whole } else { format!("{whole}.{}", format!("{micros:06}").trim_end_matches('0')) }
}

fn read_bytes(column: &Column, bytes: Vec<u8>) -> Value {
    match column.column_type() {
        ColumnType::MYSQL_TYPE_JSON => match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            Err(_) => json!(String::from_utf8_lossy(&bytes)),
        },
        // Up to 64 bits, the most significant first.
        ColumnType::MYSQL_TYPE_BIT => {
            let bits = bytes.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
            i64::try_from(bits).map_or_else(|_| json!(bits.to_string()), whole)
        }
        // A number with all its digits, as text; its character set is that of bytes.
        ColumnType::MYSQL_TYPE_NEWDECIMAL | ColumnType::MYSQL_TYPE_DECIMAL => {
            json!(String::from_utf8_lossy(&bytes))
        }
        ColumnType::MYSQL_TYPE_GEOMETRY | ColumnType::MYSQL_TYPE_VECTOR => json!(BASE64.encode(&bytes)),
        _ if column.character_set() == BINARY => json!(BASE64.encode(&bytes)),
        _ => String::from_utf8(bytes)
            .map_or_else(|error| json!(BASE64.encode(error.as_bytes())), |text| json!(text)),
    }
}
