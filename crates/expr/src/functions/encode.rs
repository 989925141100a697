//! Functions that write and read encodings: JSON, Base64, hexadecimal, URLs and HTML.

mod json;

use super::string::{read, text_of};
use super::{Args, Function, On, row};
use crate::error::{Fault, wrong};
use crate::eval::Machine;
use crate::value::{Text, Value, write_json};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXLOWER_PERMISSIVE};

type Result<T> = std::result::Result<T, Box<Fault>>;

/// Characters that `encodeURIComponent` keeps beside letters and digits. (ECMA-262)
pub(super) const COMPONENT: &str = "-_.!~*'()";
/// Characters that `encodeURI` keeps beside letters and digits. (ECMA-262)
const WHOLE: &str = "-_.!~*'();/?:@&=+$,#";

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Nothing, "JSON.parse", "(text)", (1, 1), |m, _, args| {
        let text = args.text(m)?;
        json::parse(m, text.as_str())
    }, "The value of a JSON text.", "JSON.parse('{\"a\": [1]}').a → [1]"),
    row(On::Nothing, "JSON.stringify", "(value, null, indent?)", (1, 3), |m, _, args| {
        let value = args.value();
        if value.is_undefined() { return Ok(Value::Undefined) }
        args.value();
        stringify(m, &value, args)
    }, "A value as JSON text, indented if an indent is given.", "JSON.stringify({a: 1}) → \"{\\\"a\\\":1}\""),
    row(On::Any, "toJson", "(indent?)", (0, 1), |m, this, args| stringify(m, &this, args),
        "As JSON text, indented if an indent is given.", "'a'.toJson() → \"\\\"a\\\"\""),
    row(On::Text, "parseJson", "()", (0, 0), |m, this, _| {
        let text = text_of(&this);
        json::parse(m, text.as_str())
    }, "The value of its JSON.", "'[1, 2]'.parseJson() → [1,2]"),
    row(On::Text, "base64Encode", "()", (0, 0), |m, this, _| encode(m, &this, &BASE64),
        "Its UTF-8 bytes in Base64.", "'Hi€'.base64Encode() → \"SGnigqw=\""),
    row(On::Text, "base64Decode", "()", (0, 0), |m, this, _| base64_decode(m, &this),
        "The UTF-8 text of Base64 or Base64url, with or without padding.", "'SGnigqw='.base64Decode() → \"Hi€\""),
    row(On::Text, "base64UrlEncode", "()", (0, 0), |m, this, _| encode(m, &this, &BASE64URL_NOPAD),
        "Its UTF-8 bytes in Base64url without padding.", "'??>'.base64UrlEncode() → \"Pz8-\""),
    row(On::Text, "hexEncode", "()", (0, 0), |m, this, _| encode(m, &this, &HEXLOWER),
        "Its UTF-8 bytes in hexadecimal.", "'Hi'.hexEncode() → \"4869\""),
    row(On::Text, "hexDecode", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        decode(m, &text, &HEXLOWER_PERMISSIVE)
    }, "The UTF-8 text of hexadecimal.", "'4869'.hexDecode() → \"Hi\""),
    row(On::Text, "urlEncode", "()", (0, 0), |m, this, _| percent(m, text_of(&this).as_str(), COMPONENT).map(Value::from),
        "As part of a URL, with percent signs.", "'a b&c'.urlEncode() → \"a%20b%26c\""),
    row(On::Text, "urlDecode", "()", (0, 0), |m, this, _| unpercent(m, text_of(&this).as_str()),
        "From a part of a URL.", "'a%20b'.urlDecode() → \"a b\""),
    row(On::Text, "escapeHtml", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        let mut out = String::new();
        for character in text.as_str().chars() {
            let escaped = match character {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                other => { m.push(&mut out, other.encode_utf8(&mut [0; 4]))?; continue }
            };
            m.push(&mut out, escaped)?;
        }
        Ok(out.into())
    }, "With the special characters of HTML escaped.", "'<a>'.escapeHtml() → \"&lt;a&gt;\""),
    row(On::Nothing, "encodeURIComponent", "(text)", (1, 1), |m, _, args| {
        let text = args.text(m)?;
        percent(m, text.as_str(), COMPONENT).map(Value::from)
    }, "A text as part of a URL.", "encodeURIComponent('a/b') → \"a%2Fb\""),
    row(On::Nothing, "decodeURIComponent", "(text)", (1, 1), |m, _, args| {
        let text = args.text(m)?;
        unpercent(m, text.as_str())
    }, "The text of a part of a URL.", "decodeURIComponent('a%2Fb') → \"a/b\""),
    row(On::Nothing, "encodeURI", "(text)", (1, 1), |m, _, args| {
        let text = args.text(m)?;
        percent(m, text.as_str(), WHOLE).map(Value::from)
    }, "A whole URL with what cannot stand in one encoded.", "encodeURI('https://a.example/b c') → \"https://a.example/b%20c\""),
    row(On::Nothing, "btoa", "(text)", (1, 1), |m, _, args| {
        let text = Value::Text(args.text(m)?);
        encode(m, &text, &BASE64)
    }, "The same as `base64Encode`.", "btoa('Hi') → \"SGk=\""),
    row(On::Nothing, "atob", "(text)", (1, 1), |m, _, args| {
        let text = Value::Text(args.text(m)?);
        base64_decode(m, &text)
    }, "The same as `base64Decode`.", "atob('SGk=') → \"Hi\""),
];

fn stringify<'a>(machine: &mut Machine<'a>, value: &Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    // At most ten characters, as in JavaScript.
    let indent = match args.optional() {
        None => String::new(),
        Some(Value::Text(text)) => text.as_str().chars().take(10).collect(),
        Some(count) => " ".repeat(crate::value::to_number(&count).integer().clamp(0, 10) as usize),
    };
    let mut out = String::new();
    write_json(&mut machine.meter, value, &indent, &mut out)?;
    Ok(out.into())
}

fn encode<'a>(machine: &mut Machine<'a>, this: &Value<'a>, encoding: &Encoding) -> Result<Value<'a>> {
    let text = read(machine, this)?;
    machine.meter.bytes(encoding.encode_len(text.as_str().len()))?;
    Ok(encoding.encode(text.as_str().as_bytes()).into())
}

fn decode<'a>(machine: &mut Machine<'a>, text: &Text<'a>, encoding: &Encoding) -> Result<Value<'a>> {
    machine.meter.bytes(text.as_str().len())?;
    let bytes =
        encoding.decode(text.as_str().as_bytes()).map_err(|_| wrong("the text is not in this encoding"))?;
    String::from_utf8(bytes).map(Value::from).map_err(|_| wrong("the decoded bytes are not UTF-8 text"))
}

fn base64_decode<'a>(machine: &mut Machine<'a>, this: &Value<'a>) -> Result<Value<'a>> {
    let text = read(machine, this)?;
    machine.meter.bytes(text.as_str().len())?;
    let bare = text.as_str().trim().trim_end_matches('=').replace('-', "+").replace('_', "/");
    decode(machine, &bare.into(), &BASE64_NOPAD)
}

/// Writes each byte that is neither a letter, a digit nor in `kept` with a percent sign. (RFC 3986, section 2.1)
pub(super) fn percent(machine: &mut Machine<'_>, text: &str, kept: &str) -> Result<String> {
    use std::fmt::Write as _;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte);
    let length: usize = text.bytes().map(|byte| if plain(byte) { 1 } else { 3 }).sum();
    machine.meter.bytes(length)?;
    let mut out = String::with_capacity(length);
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    Ok(out)
}

fn unpercent<'a>(machine: &mut Machine<'a>, text: &str) -> Result<Value<'a>> {
    machine.meter.bytes(text.len())?;
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(bytes.next()), digit(bytes.next())) else {
            return Err(wrong("a percent sign lacks its two digits"));
        };
        out.push((high * 16 + low) as u8);
    }
    String::from_utf8(out).map(Value::from).map_err(|_| wrong("the decoded bytes are not UTF-8 text"))
}
