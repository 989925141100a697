//! Functions of any value, conversions, and functions that stand alone.

use super::array::collect;
use super::string::position;
use super::{Args, Function, On, row};
use crate::error::Fault;
use crate::eval::Machine;
use crate::value::{ARRAY_ITEM_BYTES, Number, Value, parse_number, to_number, truthy};

type Result<T> = std::result::Result<T, Box<Fault>>;

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Any, "toString", "()", (0, 0), |m, this, _| m.text_of(&this).map(Value::Text),
        "As text; arrays and objects as compact JSON.", "[1, 2].toString() → \"[1,2]\""),
    row(On::Any, "toNumber", "()", (0, 0), |m, this, _| number(m, &this),
        "As a number.", "'12.50'.toNumber() → 12.5"),
    row(On::Any, "toBoolean", "()", (0, 0), |_, this, _| Ok(match &this {
        Value::Text(text) if text.as_str().len() > 64 => true,
        Value::Text(text) => !matches!(text.as_str().trim().to_ascii_lowercase().as_str(), "" | "false" | "0" | "no" | "off" | "null"),
        value => truthy(value),
    }.into()), "As a boolean; the texts `false`, `0`, `no`, `off`, `null` and empty ones are false.", "'no'.toBoolean() → false"),
    row(On::Any, "isEmpty", "()", (0, 0), |_, this, _| Ok(is_empty(&this).into()),
        "Whether it is an empty text, array or object.", "[].isEmpty() → true"),
    row(On::Any, "isNotEmpty", "()", (0, 0), |_, this, _| Ok((!is_empty(&this)).into()),
        "Whether it is anything but an empty text, array or object.", "'a'.isNotEmpty() → true"),
    row(On::Any, "isEqual", "(other)", (1, 1), |m, this, args| {
        let other = args.value();
        equal(m, &this, &other).map(Value::from)
    }, "Whether it has the same content, where `==` asks whether it is the same array or object.", "[1, {a: 2}].isEqual([1, {a: 2}]) → true"),
    row(On::Nothing, "isEmpty", "(value)", (1, 1), |_, _, args| Ok(is_empty(&args.value()).into()),
        "Whether a value is null, undefined, or an empty text, array or object.", "isEmpty(null) → true"),
    row(On::Nothing, "isNotEmpty", "(value)", (1, 1), |_, _, args| Ok((!is_empty(&args.value())).into()),
        "The opposite of `isEmpty`.", "isNotEmpty([0]) → true"),
    row(On::Nothing, "default", "(value, fallback)", (2, 2), |_, _, args| {
        let (value, fallback) = (args.value(), args.value());
        Ok(if is_empty(&value) { fallback } else { value })
    }, "A fallback for an empty value; `??` is one for null and undefined only.", "default('', 'none') → \"none\""),
    row(On::Nothing, "String", "(value)", (0, 1), |m, _, args| {
        if args.len() == 0 { return Ok("".into()) }
        let value = args.value();
        if value.is_undefined() { return Ok("undefined".into()) }
        m.text_of(&value).map(Value::Text)
    }, "A value as text; arrays and objects as compact JSON.", "String(12.5) → \"12.5\""),
    row(On::Nothing, "Number", "(value)", (0, 1), |m, _, args| {
        if args.len() == 0 { return Ok(0_i64.into()) }
        let value = args.value();
        number(m, &value)
    }, "A value as a number, or `NaN`.", "Number(' 12 ') → 12"),
    row(On::Nothing, "Boolean", "(value)", (0, 1), |_, _, args| Ok(truthy(&args.value()).into()),
        "Whether a value counts as true in a condition.", "Boolean('') → false"),
    row(On::Nothing, "parseInt", "(text, radix?)", (1, 2), parse_int,
        "The whole number at the front of a text, or `NaN`.", "parseInt('12px') → 12"),
    row(On::Nothing, "parseFloat", "(text)", (1, 1), parse_float,
        "The number at the front of a text, or `NaN`.", "parseFloat('1.5kg') → 1.5"),
    row(On::Nothing, "Number.parseInt", "(text, radix?)", (1, 2), parse_int,
        "The same as `parseInt`.", "Number.parseInt('ff', 16) → 255"),
    row(On::Nothing, "Number.parseFloat", "(text)", (1, 1), parse_float,
        "The same as `parseFloat`.", "Number.parseFloat('1.5') → 1.5"),
    row(On::Nothing, "isNaN", "(value)", (1, 1), |_, _, args| Ok(args.number().float().is_nan().into()),
        "Whether a value cannot be read as a number.", "isNaN('a') → true"),
    row(On::Nothing, "isFinite", "(value)", (1, 1), |_, _, args| Ok(args.number().float().is_finite().into()),
        "Whether a value can be read as a finite number.", "isFinite('12') → true"),
    row(On::Nothing, "Number.isInteger", "(value)", (1, 1), |_, _, args| Ok(own(args).is_some_and(|n| n.float().fract() == 0.0).into()),
        "Whether a value is a whole number.", "Number.isInteger(2) → true"),
    row(On::Nothing, "Number.isSafeInteger", "(value)", (1, 1), |_, _, args| {
        Ok(own(args).is_some_and(|n| n.float().fract() == 0.0 && n.float().abs() <= 9_007_199_254_740_991.0).into())
    }, "Whether a value is a whole number that a double holds exactly.", "Number.isSafeInteger(2 ** 60) → false"),
    row(On::Nothing, "Number.isFinite", "(value)", (1, 1), |_, _, args| Ok(own(args).is_some_and(|n| n.float().is_finite()).into()),
        "Whether a value is a finite number.", "Number.isFinite('12') → false"),
    row(On::Nothing, "Number.isNaN", "(value)", (1, 1), |_, _, args| Ok(own(args).is_some_and(|n| n.float().is_nan()).into()),
        "Whether a value is `NaN`.", "Number.isNaN('a') → false"),
    row(On::Nothing, "String.fromCharCode", "(...units)", (0, super::MANY), |m, _, args| {
        let count = args.len();
        m.meter.bytes(count * 3)?;
        let units: Vec<u16> = (0..count).map(|_| args.number().integer() as u16).collect();
        Ok(String::from_utf16_lossy(&units).into())
    }, "The text of UTF-16 code units.", "String.fromCharCode(72, 105) → \"Hi\""),
    row(On::Nothing, "range", "(start, end, step?)", (1, 3), range,
        "The whole numbers from `start` up to `end`, or from 0 up to the only argument.", "range(1, 4) → [1,2,3]"),
];

/// The next argument if it is a number itself.
fn own(args: &mut Args<'_>) -> Option<Number> {
    match args.value() {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

fn number<'a>(machine: &mut Machine<'a>, value: &Value<'a>) -> Result<Value<'a>> {
    if let Value::Text(text) = value {
        machine.meter.scan(text.as_str().len())?;
    }
    Ok(to_number(value).into())
}

fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Undefined | Value::Missing(_) | Value::Null => true,
        Value::Text(text) => text.as_str().is_empty(),
        Value::Array(array) => array.len() == 0,
        Value::Object(object) => object.len() == 0,
        Value::Bool(_) | Value::Number(_) | Value::Date(_) | Value::Pattern(_) => false,
    }
}

/// Equality of content. The levels are limited by the depth of the values.
fn equal<'a>(machine: &mut Machine<'a>, left: &Value<'a>, right: &Value<'a>) -> Result<bool> {
    machine.meter.steps(1)?;
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (left, right) in left.iter().zip(right.iter()) {
                if !equal(machine, &left, &right)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Object(left), Value::Object(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (key, left) in left.entries() {
                machine.meter.scan(key.as_str().len())?;
                let Some(right) = right.get(key.as_str()) else { return Ok(false) };
                if !equal(machine, &left, &right)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (left, right) => machine.equal(left, right, crate::value::same_value),
    }
}

/// `parseInt`: a sign, a prefix `0x`, and as many digits of the base as there are. (ECMA-262, parseInt)
fn parse_int<'a>(machine: &mut Machine<'a>, _: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let text = args.text(machine)?;
    machine.meter.scan(text.as_str().len())?;
    let mut radix = args.integer(0);
    let text = text.as_str().trim_start();
    let negative = text.starts_with('-');
    let mut digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if radix == 0 || radix == 16 {
        let hex = digits.strip_prefix("0x").or(digits.strip_prefix("0X"));
        radix = if hex.is_some() {
            16
        } else if radix == 0 {
            10
        } else {
            radix
        };
        digits = hex.unwrap_or(digits);
    }
    let Some(radix) = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix)) else {
        return Ok(Number::Float(f64::NAN).into());
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    if end == 0 {
        return Ok(Number::Float(f64::NAN).into());
    }
    let number = match i128::from_str_radix(&digits[..end], radix) {
        Ok(exact) => Number::from_exact(exact),
        Err(_) if radix == 10 => parse_number(&digits[..end]),
        Err(_) => {
            let digit = |c: char| f64::from(c.to_digit(radix).unwrap_or(0));
            Number::from_float(digits[..end].chars().fold(0.0, |sum, c| sum * f64::from(radix) + digit(c)))
        }
    };
    Ok(if negative { number.negate() } else { number }.into())
}

/// `parseFloat`: the longest decimal number at the front. (ECMA-262, parseFloat)
fn parse_float<'a>(machine: &mut Machine<'a>, _: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let text = args.text(machine)?;
    machine.meter.scan(text.as_str().len())?;
    let text = text.as_str().trim_start();
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    if text[sign..].starts_with("Infinity") {
        return Ok(parse_number(&text[..sign + 8]).into());
    }
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += if whole + fraction > 0 { 1 + fraction } else { 0 };
    }
    if whole + fraction == 0 {
        return Ok(Number::Float(f64::NAN).into());
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        end += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    Ok(parse_number(&text[..end]).into())
}

fn range<'a>(machine: &mut Machine<'a>, _: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let first = args.integer(0);
    let (start, end) = match args.optional() {
        Some(end) => (first, to_number(&end).integer()),
        None => (0, first),
    };
    let step = args.integer(if end >= start { 1 } else { -1 });
    if step == 0 {
        return Err(args.mistake("a step other than 0"));
    }
    // In 128 bits no difference of two positions overflows.
    let (start, end, step) = (i128::from(start), i128::from(end), i128::from(step));
    let count = ((end - start + step - step.signum()) / step).max(0);
    let count = position(i64::try_from(count).unwrap_or(i64::MAX), usize::MAX);
    machine.meter.steps(count)?;
    machine.meter.bytes(count.saturating_mul(ARRAY_ITEM_BYTES))?;
    collect(machine, (0..count).map(|at| Number::from_exact(start + step * at as i128).into()))
}
