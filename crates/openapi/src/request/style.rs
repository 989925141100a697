//! Values as text: the parameter styles of OpenAPI 3.1 section 4.8.12.3, which are those of RFC 6570, and
//! `deepObject`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::connector::{Parameter, Style};

/// Everything but the unreserved signs of RFC 3986 section 2.3.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, and the reserved signs of RFC 3986 section 2.2 stay too.
const RESERVED: &AsciiSet = &UNRESERVED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// Percent-encodes a value.
pub(super) fn encode(text: &str, reserved: bool) -> String {
    utf8_percent_encode(text, if reserved { RESERVED } else { UNRESERVED }).to_string()
}

/// A value as plain text; what has members is written as JSON.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The elements of an array, or the alternating names and values of an object.
fn flat(value: &Value, reserved: bool) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => Some(items.iter().map(|item| encode(&text(item), reserved)).collect()),
        Value::Object(members) => Some(
            members
                .iter()
                .flat_map(|(name, value)| [encode(name, reserved), encode(&text(value), reserved)])
                .collect(),
        ),
        _ => None,
    }
}

/// `name=value` of every member, or the elements as they are.
fn exploded(value: &Value, reserved: bool) -> Option<Vec<String>> {
    match value {
        Value::Object(members) => Some(
            members
                .iter()
                .map(|(name, value)| format!("{}={}", encode(name, reserved), encode(&text(value), reserved)))
                .collect(),
        ),
        value => flat(value, reserved),
    }
}

/// A value in the path: `simple`, `label` or `matrix`.
pub(super) fn path(parameter: &Parameter, value: &Value) -> String {
    let (reserved, name) = (parameter.allow_reserved, encode(&parameter.name, false));
    if parameter.as_json {
        return encode(&value.to_string(), reserved);
    }
    match (parameter.style, parameter.explode) {
        (Style::Matrix, true) => match value {
            Value::Array(items) => {
                items.iter().map(|item| format!(";{name}={}", encode(&text(item), reserved))).collect()
            }
            Value::Object(_) => {
                exploded(value, reserved).unwrap_or_default().iter().map(|pair| format!(";{pair}")).collect()
            }
            one => matrix(&name, &encode(&text(one), reserved)),
        },
        (Style::Matrix, false) => match flat(value, reserved) {
            Some(parts) => matrix(&name, &parts.join(",")),
            None => matrix(&name, &encode(&text(value), reserved)),
        },
        (Style::Label, true) => match exploded(value, reserved) {
            Some(parts) => format!(".{}", parts.join(".")),
            None => format!(".{}", encode(&text(value), reserved)),
        },
        (Style::Label, false) => match flat(value, reserved) {
            // RFC 6570 has a comma here; OpenAPI's own table too since 3.0.4.
            Some(parts) => format!(".{}", parts.join(",")),
            None => format!(".{}", encode(&text(value), reserved)),
        },
        (_, true) => {
            exploded(value, reserved).map_or_else(|| encode(&text(value), reserved), |parts| parts.join(","))
        }
        (_, false) => {
            flat(value, reserved).map_or_else(|| encode(&text(value), reserved), |parts| parts.join(","))
        }
    }
}

fn matrix(name: &str, value: &str) -> String {
    if value.is_empty() { format!(";{name}") } else { format!(";{name}={value}") }
}

/// A value in the query: `form`, the delimited styles or `deepObject`.
pub(super) fn query(parameter: &Parameter, value: &Value) -> Vec<String> {
    if parameter.as_json {
        return vec![format!("{}={}", encode(&parameter.name, false), encode(&value.to_string(), false))];
    }
    let pairs = pairs(&parameter.name, parameter.style, parameter.explode, parameter.allow_reserved, value);
    // It would end the query (RFC 3986 section 3.4).
    pairs.into_iter().map(|pair| pair.replace('#', "%23")).collect()
}

/// Pairs of a query or a form, encoded.
pub(super) fn pairs(name: &str, style: Style, explode: bool, reserved: bool, value: &Value) -> Vec<String> {
    // Brackets of names such as `ids[]` are part of what many services expect; encoded they are the same.
    let own = encode(name, false);
    match value {
        Value::Array(items) if style == Style::DeepObject => {
            let mut out = Vec::new();
            for (place, item) in items.iter().enumerate() {
                deep(&format!("{name}[{place}]"), item, reserved, &mut out);
            }
            out
        }
        Value::Object(_) if style == Style::DeepObject => {
            let mut out = Vec::new();
            deep(name, value, reserved, &mut out);
            out
        }
        Value::Array(items) if explode => {
            items.iter().map(|item| format!("{own}={}", encode(&text(item), reserved))).collect()
        }
        Value::Object(_) if explode => exploded(value, reserved).unwrap_or_default(),
        value => {
            let delimiter = match style {
                Style::SpaceDelimited => "%20",
                Style::PipeDelimited => "%7C",
                Style::TabDelimited => "%09",
                _ => ",",
            };
            let written = flat(value, reserved)
                .map_or_else(|| encode(&text(value), reserved), |parts| parts.join(delimiter));
            vec![format!("{own}={written}")]
        }
    }
}

/// `name[key]=value`, also deeper and for arrays (`name[0]`), which OpenAPI leaves open and Stripe, Rails and PHP
/// read so.
fn deep(name: &str, value: &Value, reserved: bool, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                deep(&format!("{name}[{member}]"), value, reserved, out);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                deep(&format!("{name}[{place}]"), item, reserved, out);
            }
        }
        value => out.push(format!("{}={}", encode(name, false), encode(&text(value), reserved))),
    }
}

/// The whole query: a text as it is, an object as a form.
pub(super) fn whole_query(value: &Value) -> String {
    match value {
        Value::String(text) => encode(text.trim_start_matches('?'), true).replace('#', "%23"),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| pairs(name, Style::Form, true, false, value))
            .collect::<Vec<_>>()
            .join("&"),
        other => encode(&text(other), false),
    }
}

/// A value in a header field: `simple`, not percent-encoded.
pub(super) fn header(parameter: &Parameter, value: &Value) -> String {
    match value {
        _ if parameter.as_json => value.to_string(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Object(members) => {
            let sign = if parameter.explode { "=" } else { "," };
            members
                .iter()
                .map(|(name, value)| format!("{name}{sign}{}", text(value)))
                .collect::<Vec<_>>()
                .join(",")
        }
        value => text(value),
    }
}

/// A value in a cookie.
pub(super) fn cookie(parameter: &Parameter, value: &Value) -> Vec<String> {
    if parameter.as_json {
        // What JSON has that a cookie has not (RFC 6265 section 4.1.1) is percent-encoded.
        return vec![format!("{}={}", parameter.name, encode(&value.to_string(), false))];
    }
    if parameter.style == Style::Cookie {
        let own = |text: String| format!("{}={text}", parameter.name);
        return match value {
            Value::Array(items) if parameter.explode => items.iter().map(|item| own(text(item))).collect(),
            Value::Object(members) if parameter.explode => {
                members.iter().map(|(name, value)| format!("{name}={}", text(value))).collect()
            }
            Value::Array(_) | Value::Object(_) => vec![own(header(parameter, value))],
            value => vec![own(text(value))],
        };
    }
    pairs(&parameter.name, Style::Form, parameter.explode, parameter.allow_reserved, value)
}
