//! Functions of strings. Positions count UTF-16 code units, as in JavaScript.

use super::{Args, Function, MANY, On, row};
use crate::error::Fault;
use crate::eval::Machine;
use crate::value::{ARRAY_ITEM_BYTES, Text, Value, slice_units, text_order, unit_len};

type Result<T> = std::result::Result<T, Box<Fault>>;

/// The text that a function of strings is called on.
pub(super) fn text_of<'a>(value: &Value<'a>) -> Text<'a> {
    match value {
        Value::Text(text) => text.clone(),
        _ => Text::Borrowed(""),
    }
}

/// The receiver, after counting one reading of it.
pub(super) fn read<'a>(machine: &mut Machine<'a>, value: &Value<'a>) -> Result<Text<'a>> {
    let text = text_of(value);
    machine.meter.scan(text.as_str().len())?;
    Ok(text)
}

/// A position from the front, or from the back if it is negative, held within the length.
pub(super) fn position(index: i64, length: usize) -> usize {
    if index < 0 {
        length.saturating_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(index).unwrap_or(usize::MAX).min(length)
    }
}

/// The byte at which a code unit begins.
pub(super) fn byte_at(text: &str, unit: usize) -> usize {
    if text.is_ascii() {
        return unit.min(text.len());
    }
    let mut units = 0;
    for (at, character) in text.char_indices() {
        if units >= unit {
            return at;
        }
        units += character.len_utf16();
    }
    text.len()
}

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Text, "trim", "()", (0, 0), |m, this, _| trim(m, &this, true, true),
        "Without the white space at both ends.", "' a '.trim() → \"a\""),
    row(On::Text, "trimStart", "()", (0, 0), |m, this, _| trim(m, &this, true, false),
        "Without the white space at the front.", "' a '.trimStart() → \"a \""),
    row(On::Text, "trimEnd", "()", (0, 0), |m, this, _| trim(m, &this, false, true),
        "Without the white space at the end.", "' a '.trimEnd() → \" a\""),
    row(On::Text, "toUpperCase", "()", (0, 0), |m, this, _| cased(m, &this, str::to_uppercase),
        "In upper case.", "'straße'.toUpperCase() → \"STRASSE\""),
    row(On::Text, "toLowerCase", "()", (0, 0), |m, this, _| cased(m, &this, str::to_lowercase),
        "In lower case.", "'ÄB'.toLowerCase() → \"äb\""),
    row(On::Text, "includes", "(search, from?)", (1, 2), |m, this, args| Ok(find(m, &this, args)?.is_some().into()),
        "Whether it contains a text.", "'workflow'.includes('flow') → true"),
    row(On::Text, "startsWith", "(search)", (1, 1), |m, this, args| {
        let (text, search) = (read(m, &this)?, args.text(m)?);
        Ok(text.as_str().starts_with(search.as_str()).into())
    }, "Whether it begins with a text.", "'INV-7'.startsWith('INV') → true"),
    row(On::Text, "endsWith", "(search)", (1, 1), |m, this, args| {
        let (text, search) = (read(m, &this)?, args.text(m)?);
        Ok(text.as_str().ends_with(search.as_str()).into())
    }, "Whether it ends with a text.", "'a.pdf'.endsWith('.pdf') → true"),
    row(On::Text, "indexOf", "(search, from?)", (1, 2), index_of,
        "Where a text first stands, or -1.", "'a-b-c'.indexOf('-') → 1"),
    row(On::Text, "lastIndexOf", "(search)", (1, 1), |m, this, args| {
        let (text, search) = (read(m, &this)?, args.text(m)?);
        let found = text.as_str().rfind(search.as_str());
        Ok(found.map_or(Value::from(-1_i64), |at| unit_len(&text.as_str()[..at]).into()))
    }, "Where a text last stands, or -1.", "'a-b-c'.lastIndexOf('-') → 3"),
    row(On::Text, "slice", "(start, end?)", (0, 2), slice,
        "The part from `start` up to `end`; negative positions count from the end.", "'workflow'.slice(-4) → \"flow\""),
    row(On::Text, "substring", "(start, end?)", (0, 2), substring,
        "The part between two positions, in either order.", "'workflow'.substring(0, 4) → \"work\""),
    row(On::Text, "substr", "(start, length?)", (1, 2), |m, this, args| {
        let text = read(m, &this)?;
        let total = unit_len(text.as_str());
        let start = position(args.integer(0), total);
        let length = usize::try_from(args.integer(i64::MAX)).unwrap_or(0);
        cut(m, &text, start, start.saturating_add(length))
    }, "The part of a length from `start` on.", "'workflow'.substr(4, 2) → \"fl\""),
    row(On::Text, "at", "(index)", (1, 1), |m, this, args| {
        let text = read(m, &this)?;
        let index = args.integer(0);
        let total = unit_len(text.as_str());
        if index.unsigned_abs() > total as u64 { return Ok(Value::Undefined) }
        let at = position(index, total);
        if at >= total { Ok(Value::Undefined) } else { cut(m, &text, at, at + 1) }
    }, "The character at a position, from the end if it is negative.", "'abc'.at(-1) → \"c\""),
    row(On::Text, "charAt", "(index)", (1, 1), |m, this, args| {
        let text = read(m, &this)?;
        match usize::try_from(args.integer(0)) {
            Ok(at) => cut(m, &text, at, at.saturating_add(1)),
            Err(_) => Ok(Value::from("")),
        }
    }, "The character at a position, or nothing.", "'abc'.charAt(1) → \"b\""),
    row(On::Text, "charCodeAt", "(index)", (0, 1), |m, this, args| {
        let text = read(m, &this)?;
        let unit = usize::try_from(args.integer(0)).ok().and_then(|at| text.as_str().encode_utf16().nth(at));
        Ok(unit.map_or(Value::from(f64::NAN), |unit| i64::from(unit).into()))
    }, "The UTF-16 code unit at a position.", "'A'.charCodeAt(0) → 65"),
    row(On::Text, "codePointAt", "(index)", (0, 1), |m, this, args| {
        let text = read(m, &this)?;
        let at = usize::try_from(args.integer(0)).unwrap_or(usize::MAX);
        let rest = text.as_str().get(byte_at(text.as_str(), at)..).unwrap_or("");
        Ok(rest.chars().next().map_or(Value::Undefined, |character| i64::from(u32::from(character)).into()))
    }, "The Unicode code point at a position.", "'€'.codePointAt(0) → 8364"),
    row(On::Text, "concat", "(...texts)", (0, MANY), |m, this, args| {
        let mut out = String::new();
        m.push_value(&mut out, &this)?;
        while args.len() > 0 {
            let value = args.value();
            m.push_value(&mut out, &value)?;
        }
        Ok(out.into())
    }, "With other texts behind it.", "'a'.concat('b', 1) → \"ab1\""),
    row(On::Text, "padStart", "(length, filler?)", (1, 2), |m, this, args| pad(m, &this, args, true),
        "Filled at the front to a length.", "'7'.padStart(3, '0') → \"007\""),
    row(On::Text, "padEnd", "(length, filler?)", (1, 2), |m, this, args| pad(m, &this, args, false),
        "Filled at the end to a length.", "'7'.padEnd(3, '.') → \"7..\""),
    row(On::Text, "repeat", "(count)", (1, 1), repeat,
        "Repeated.", "'ab'.repeat(2) → \"abab\""),
    row(On::Text, "localeCompare", "(other)", (1, 1), |m, this, args| {
        let (left, right) = (cased(m, &this, str::to_lowercase)?, args.text(m)?);
        let right = cased(m, &Value::Text(right), str::to_lowercase)?;
        Ok((text_order(&text_of(&left), &text_of(&right)) as i64).into())
    }, "-1, 0 or 1 for the order of two texts, ignoring case.", "'a'.localeCompare('B') → -1"),
];

/// A part as a value, counted if it is a copy.
fn cut<'a>(machine: &mut Machine<'a>, text: &Text<'a>, start: usize, end: usize) -> Result<Value<'a>> {
    machine.meter.bytes(text.as_str().len().min(end.saturating_sub(start).saturating_mul(4)) + 8)?;
    Ok(Value::Text(slice_units(text, start, end)))
}

fn trim<'a>(machine: &mut Machine<'a>, this: &Value<'a>, front: bool, back: bool) -> Result<Value<'a>> {
    let text = read(machine, this)?;
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let whole = text.as_str();
    let start = if front { whole.len() - whole.trim_start_matches(blank).len() } else { 0 };
    let end = if back { whole.trim_end_matches(blank).len() } else { whole.len() };
    machine.meter.bytes(end.saturating_sub(start))?;
    Ok(Value::Text(text.part(start..end.max(start))))
}

/// The text in another case, which can be up to three times as long.
fn cased<'a>(machine: &mut Machine<'a>, this: &Value<'a>, change: fn(&str) -> String) -> Result<Value<'a>> {
    let text = read(machine, this)?;
    machine.meter.bytes(text.as_str().len() * if text.as_str().is_ascii() { 1 } else { 3 })?;
    Ok(change(text.as_str()).into())
}

/// The byte at which a search text stands, from a position on.
fn find<'a>(machine: &mut Machine<'a>, this: &Value<'a>, args: &mut Args<'a>) -> Result<Option<usize>> {
    let (text, search) = (read(machine, this)?, args.text(machine)?);
    let from = byte_at(text.as_str(), usize::try_from(args.integer(0)).unwrap_or(0));
    Ok(text.as_str()[from..].find(search.as_str()).map(|at| from + at))
}

fn index_of<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let found = find(machine, &this, args)?;
    Ok(found.map_or(Value::from(-1_i64), |at| unit_len(&text_of(&this).as_str()[..at]).into()))
}

fn slice<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let text = read(machine, &this)?;
    let total = unit_len(text.as_str());
    let (start, end) = (position(args.integer(0), total), position(args.integer(i64::MAX), total));
    cut(machine, &text, start, end.max(start))
}

fn substring<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let text = read(machine, &this)?;
    let total = unit_len(text.as_str());
    let (start, end) =
        (position(args.integer(0).max(0), total), position(args.integer(i64::MAX).max(0), total));
    cut(machine, &text, start.min(end), end.max(start))
}

fn pad<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
    front: bool,
) -> Result<Value<'a>> {
    let text = read(machine, this)?;
    let length = unit_len(text.as_str());
    let missing = usize::try_from(args.integer(0)).unwrap_or(0).saturating_sub(length);
    let filler = match args.optional() {
        Some(filler) => machine.text_of(&filler)?,
        None => Text::Borrowed(" "),
    };
    let filler_length = unit_len(filler.as_str());
    if missing == 0 || filler_length == 0 {
        return Ok(Value::Text(text));
    }
    // Three bytes hold any code unit in UTF-8.
    machine.meter.bytes(missing.saturating_mul(3).saturating_add(text.as_str().len()))?;
    let times = missing / filler_length + 1;
    let filling = slice_units(&Text::from(filler.as_str().repeat(times)), 0, missing);
    let (left, right) =
        if front { (filling.as_str(), text.as_str()) } else { (text.as_str(), filling.as_str()) };
    Ok([left, right].concat().into())
}

fn repeat<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let text = text_of(&this);
    let Ok(count) = usize::try_from(args.integer(0)) else {
        return Err(args.mistake("a count of 0 or more"));
    };
    machine.meter.bytes(text.as_str().len().saturating_mul(count))?;
    // Repeating nothing is nothing, however often.
    Ok(text.as_str().repeat(if text.as_str().is_empty() { 0 } else { count }).into())
}

/// An array of texts, counted one by one as they come.
pub(super) fn texts<'a>(
    machine: &mut Machine<'a>,
    parts: impl Iterator<Item = Text<'a>>,
) -> Result<Value<'a>> {
    let mut items = Vec::new();
    for part in parts {
        machine.meter.steps(1)?;
        machine.meter.bytes(ARRAY_ITEM_BYTES)?;
        items.push(Value::Text(part));
    }
    machine.make_array(items)
}
