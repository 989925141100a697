//! Functions of numbers, and `Math`.

use super::{Args, Function, MANY, On, row};
use crate::error::{Fault, wrong};
use crate::eval::Machine;
use crate::value::{Number, Value, format_number, parse_number, to_number};

type Result<T> = std::result::Result<T, Box<Fault>>;

/// The number that a function of numbers is called on.
fn own(value: &Value<'_>) -> Number {
    to_number(value)
}

fn float(args: &mut Args<'_>, function: fn(f64) -> f64) -> Value<'static> {
    Number::from_float(function(args.number().float())).into()
}

/// A whole number stays exact.
fn whole<'a>(number: Number, function: fn(f64) -> f64) -> Value<'a> {
    match number.exact() {
        Some(_) => number.into(),
        None => Number::from_float(function(number.float())).into(),
    }
}

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Number, "toFixed", "(digits?)", (0, 1), |_, this, args| {
        let digits = args.integer(0);
        to_fixed(own(&this), digits).map(Value::from).ok_or_else(|| args.mistake("0 to 100 digits"))
    }, "As text with a fixed number of decimal places.", "(12.5).toFixed(2) → \"12.50\""),
    row(On::Number, "round", "(digits?)", (0, 1), |_, this, args| Ok(round(own(&this), args.integer(0)).into()),
        "Rounded to decimal places, halves up, as the number is written.", "(1.005).round(2) → 1.01"),
    row(On::Number, "floor", "()", (0, 0), |_, this, _| Ok(whole(own(&this), f64::floor)),
        "The whole number below.", "(1.7).floor() → 1"),
    row(On::Number, "ceil", "()", (0, 0), |_, this, _| Ok(whole(own(&this), f64::ceil)),
        "The whole number above.", "(1.2).ceil() → 2"),
    row(On::Number, "abs", "()", (0, 0), |_, this, _| Ok(abs(own(&this)).into()),
        "Without its sign.", "(-3).abs() → 3"),
    row(On::Number, "clamp", "(least, most)", (2, 2), |_, this, args| {
        let (number, least, most) = (own(&this), args.number(), args.number());
        let low = extreme([number, least].into_iter(), std::cmp::Ordering::Greater);
        Ok(extreme([low, most].into_iter(), std::cmp::Ordering::Less).into())
    }, "Held between two numbers.", "(12).clamp(0, 10) → 10"),
    row(On::Number, "isInteger", "()", (0, 0), |_, this, _| Ok((own(&this).float().fract() == 0.0).into()),
        "Whether it is a whole number.", "(2.5).isInteger() → false"),
    row(On::Number, "isEven", "()", (0, 0), |_, this, _| Ok((own(&this).float() % 2.0 == 0.0).into()),
        "Whether it is even.", "(4).isEven() → true"),
    row(On::Number, "isOdd", "()", (0, 0), |_, this, _| Ok(((own(&this).float() % 2.0).abs() == 1.0).into()),
        "Whether it is odd.", "(4).isOdd() → false"),
    row(On::Number, "format", "(digits?, thousands?, point?)", (0, 3), format,
        "As text with separated thousands.", "(1234567.5).format(2) → \"1,234,567.50\""),
    row(On::Number, "toString", "(radix?)", (0, 1), to_radix,
        "As text, in another base if one is given.", "(255).toString(16) → \"ff\""),
    row(On::Nothing, "Math.abs", "(x)", (1, 1), |_, _, args| Ok(abs(args.number()).into()), "Without its sign.", "Math.abs(-3) → 3"),
    row(On::Nothing, "Math.floor", "(x)", (1, 1), |_, _, args| Ok(whole(args.number(), f64::floor)), "The whole number below.", "Math.floor(1.7) → 1"),
    row(On::Nothing, "Math.ceil", "(x)", (1, 1), |_, _, args| Ok(whole(args.number(), f64::ceil)), "The whole number above.", "Math.ceil(1.2) → 2"),
    row(On::Nothing, "Math.round", "(x)", (1, 1), |_, _, args| Ok(whole(args.number(), half_up)), "The nearest whole number, halves up.", "Math.round(2.5) → 3"),
    row(On::Nothing, "Math.trunc", "(x)", (1, 1), |_, _, args| Ok(whole(args.number(), f64::trunc)), "The whole number towards zero.", "Math.trunc(-1.7) → -1"),
    row(On::Nothing, "Math.sign", "(x)", (1, 1), |_, _, args| Ok(float(args, |x| if x == 0.0 || x.is_nan() { x } else { x.signum() })), "-1, 0 or 1.", "Math.sign(-3) → -1"),
    row(On::Nothing, "Math.sqrt", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::sqrt)), "The square root.", "Math.sqrt(9) → 3"),
    row(On::Nothing, "Math.cbrt", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::cbrt)), "The cube root.", "Math.cbrt(27) → 3"),
    row(On::Nothing, "Math.exp", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::exp)), "e to a power.", "Math.exp(0) → 1"),
    row(On::Nothing, "Math.log", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::ln)), "The natural logarithm.", "Math.log(1) → 0"),
    row(On::Nothing, "Math.log2", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::log2)), "The logarithm to base 2.", "Math.log2(8) → 3"),
    row(On::Nothing, "Math.log10", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::log10)), "The logarithm to base 10.", "Math.log10(1000) → 3"),
    row(On::Nothing, "Math.sin", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::sin)), "The sine of radians.", "Math.sin(0) → 0"),
    row(On::Nothing, "Math.cos", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::cos)), "The cosine of radians.", "Math.cos(0) → 1"),
    row(On::Nothing, "Math.tan", "(x)", (1, 1), |_, _, args| Ok(float(args, f64::tan)), "The tangent of radians.", "Math.tan(0) → 0"),
    row(On::Nothing, "Math.atan2", "(y, x)", (2, 2), |_, _, args| {
        let (y, x) = (args.number().float(), args.number().float());
        Ok(Number::from_float(y.atan2(x)).into())
    }, "The angle of a point in radians.", "Math.atan2(0, 1) → 0"),
    row(On::Nothing, "Math.hypot", "(...numbers)", (0, MANY), |_, _, args| {
        let mut sum = 0.0;
        while args.len() > 0 { sum = f64::hypot(sum, args.number().float()) }
        Ok(Number::from_float(sum).into())
    }, "The root of the sum of squares.", "Math.hypot(3, 4) → 5"),
    row(On::Nothing, "Math.pow", "(base, exponent)", (2, 2), |_, _, args| {
        let base = args.number();
        Ok(base.power(args.number()).into())
    }, "A power, as `**`.", "Math.pow(2, 10) → 1024"),
    row(On::Nothing, "Math.min", "(...numbers)", (0, MANY), |m, _, args| many(m, args, f64::INFINITY, std::cmp::Ordering::Less),
        "The smallest.", "Math.min(3, 1, 2) → 1"),
    row(On::Nothing, "Math.max", "(...numbers)", (0, MANY), |m, _, args| many(m, args, f64::NEG_INFINITY, std::cmp::Ordering::Greater),
        "The largest.", "Math.max(...[3, 1, 2]) → 3"),
];

fn abs(number: Number) -> Number {
    match number.exact() {
        Some(exact) => Number::from_exact(exact.abs()),
        None => Number::from_float(number.float().abs()),
    }
}

/// `Math.round`: adding a half and rounding down would be wrong for the double just below a half.
fn half_up(float: f64) -> f64 {
    let below = float.floor();
    if float - below >= 0.5 { below + 1.0 } else { below }
}

/// Rounds at a decimal place. The point is moved in the shortest written form, so that 1.005 rounds up.
fn round(number: Number, digits: i64) -> Number {
    if !number.float().is_finite() || (number.exact().is_some() && digits >= 0) {
        return number;
    }
    let digits = digits.clamp(-400, 400);
    let shifted = shift_point(number, digits);
    shift_point(Number::from_float(half_up(shifted.float())), -digits)
}

fn shift_point(number: Number, digits: i64) -> Number {
    let mut text = String::new();
    format_number(number, &mut text);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = exponent.parse::<i64>().unwrap_or(0) + digits;
    parse_number(&format!("{mantissa}e{exponent}"))
}

/// The extreme of numbers; not a number if one is not. The first argument's order against the others decides.
pub(super) fn extreme(numbers: impl Iterator<Item = Number>, wanted: std::cmp::Ordering) -> Number {
    let mut best: Option<Number> = None;
    for number in numbers {
        if number.float().is_nan() {
            return number;
        }
        if best.is_none_or(|best| number.order(best) == Some(wanted)) {
            best = Some(number);
        }
    }
    best.unwrap_or(Number::Float(f64::NAN))
}

fn many<'a>(
    machine: &mut Machine<'a>,
    args: &mut Args<'a>,
    nothing: f64,
    wanted: std::cmp::Ordering,
) -> Result<Value<'a>> {
    if args.len() == 0 {
        return Ok(Number::Float(nothing).into());
    }
    machine.meter.steps(args.len())?;
    let count = args.len();
    Ok(extreme((0..count).map(|_| args.number()), wanted).into())
}

/// `toFixed`: the nearest decimal; of two equally near ones the one farther from zero. (ECMA-262, toFixed)
pub(super) fn to_fixed(number: Number, digits: i64) -> Option<String> {
    let digits = usize::try_from(digits).ok().filter(|digits| *digits <= 100)?;
    let float = number.float();
    if !float.is_finite() || float.abs() >= 1e21 {
        let mut out = String::new();
        format_number(number, &mut out);
        return Some(out);
    }
    if let Some(exact) = number.exact() {
        return Some(if digits == 0 { exact.to_string() } else { format!("{exact}.{}", "0".repeat(digits)) });
    }
    let near = format!("{:.digits$}", float.abs());
    // Rust rounds an exact half to the even digit; a few more digits show whether it is one.
    let long = format!("{:.1$}", float.abs(), digits + 60);
    let tail = &long[long.len() - 60..];
    let near = if tail.starts_with('5') && tail[1..].bytes().all(|b| b == b'0') {
        let kept = &long[..long.len() - 60];
        increment(kept.trim_end_matches('.'))
    } else {
        near
    };
    // A number that rounds to zero keeps its sign, as in JavaScript.
    Some(if float < 0.0 { format!("-{near}") } else { near })
}

/// The decimal one unit of the last place higher.
fn increment(decimal: &str) -> String {
    let mut bytes = decimal.as_bytes().to_vec();
    for byte in bytes.iter_mut().rev() {
        match byte {
            b'9' => *byte = b'0',
            b'.' => {}
            digit => {
                *digit += 1;
                return String::from_utf8(bytes).unwrap_or_default();
            }
        }
    }
    format!("1{}", String::from_utf8(bytes).unwrap_or_default())
}

fn format<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let number = own(&this);
    let digits = args.optional().map(|digits| to_number(&digits).integer());
    let mut separators = [",", "."].map(crate::value::Text::Borrowed);
    for separator in &mut separators {
        if let Some(value) = args.optional() {
            *separator = machine.text_of(&value)?;
        }
    }
    let plain = match digits {
        Some(digits) => to_fixed(number, digits).ok_or_else(|| args.mistake("0 to 100 digits"))?,
        None => {
            let mut out = String::new();
            format_number(number, &mut out);
            out
        }
    };
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let mut out = String::new();
    machine.push(&mut out, sign)?;
    for (at, digit) in whole.char_indices() {
        let behind = whole.len() - at;
        if at > 0 && behind % 3 == 0 && whole.bytes().all(|b| b.is_ascii_digit()) {
            machine.push(&mut out, separators[0].as_str())?;
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        machine.push(&mut out, separators[1].as_str())?;
        machine.push(&mut out, fraction)?;
    }
    Ok(out.into())
}

fn to_radix<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let radix = args.integer(10);
    if radix == 10 {
        return Ok(Value::Text(machine.text_of(&this)?));
    }
    let Some(radix) = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix)) else {
        return Err(args.mistake("a base from 2 to 36"));
    };
    let Some(exact) = own(&this).exact() else {
        return Err(wrong("`toString` with a base needs a whole number"));
    };
    let (mut rest, mut digits) = (exact.unsigned_abs(), Vec::new());
    loop {
        digits.extend(char::from_digit((rest % u128::from(radix)) as u32, radix));
        rest /= u128::from(radix);
        if rest == 0 {
            break;
        }
    }
    digits.extend((exact < 0).then_some('-'));
    Ok(digits.iter().rev().collect::<String>().into())
}
