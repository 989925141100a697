//! Numbers: IEEE 754 doubles as in JavaScript, plus whole numbers that stay exact where JSON can hold them.
//!
//! An id such as 9007199254740993 passes through unchanged, where JavaScript would round it.

/// A number.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A whole number above `i64::MAX`.
    Unsigned(u64),
    /// Any other number, also infinite or not a number.
    Float(f64),
}

/// How many bytes the text of a number may have. The exact decimal form of any double needs fewer.
const LONGEST_NUMBER: usize = 2000;

/// The largest magnitude up to which every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Number {
    /// The number of a document, as it is written there.
    #[inline]
    pub(crate) fn from_json(number: &serde_json::Number) -> Self {
        if let Some(int) = number.as_i64() {
            Self::Int(int)
        } else if let Some(unsigned) = number.as_u64() {
            Self::Unsigned(unsigned)
        } else {
            Self::Float(number.as_f64().unwrap_or(f64::NAN))
        }
    }

    /// A computed number; whole ones become exact.
    #[inline]
    pub(crate) fn from_float(float: f64) -> Self {
        if float.fract() == 0.0 && float.abs() <= EXACT {
            Self::Int(float as i64)
        } else {
            Self::Float(float)
        }
    }

    /// An exact number if JSON can hold it, else the nearest double.
    pub(crate) fn from_exact(exact: i128) -> Self {
        if let Ok(int) = i64::try_from(exact) {
            Self::Int(int)
        } else if let Ok(unsigned) = u64::try_from(exact) {
            Self::Unsigned(unsigned)
        } else {
            Self::from_float(exact as f64)
        }
    }

    /// The exact whole number, if this is one.
    pub(crate) fn exact(self) -> Option<i128> {
        match self {
            Self::Int(int) => Some(i128::from(int)),
            Self::Unsigned(unsigned) => Some(i128::from(unsigned)),
            Self::Float(_) => None,
        }
    }

    /// The nearest double.
    #[inline]
    pub(crate) fn float(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Unsigned(unsigned) => unsigned as f64,
            Self::Float(float) => float,
        }
    }

    /// The whole number towards zero, held within `i64`; not a number becomes 0. (ECMA-262, ToIntegerOrInfinity)
    pub(crate) fn integer(self) -> i64 {
        match self {
            Self::Int(int) => int,
            Self::Unsigned(_) => i64::MAX,
            // The cast saturates and takes NaN to 0.
            Self::Float(float) => float as i64,
        }
    }

    fn with(self, other: Self, exact: fn(i128, i128) -> Option<i128>, float: fn(f64, f64) -> f64) -> Self {
        if let (Some(left), Some(right)) = (self.exact(), other.exact())
            && let Some(result) = exact(left, right)
        {
            return Self::from_exact(result);
        }
        Self::from_float(float(self.float(), other.float()))
    }

    pub(crate) fn add(self, other: Self) -> Self {
        self.with(other, i128::checked_add, |left, right| left + right)
    }

    pub(crate) fn subtract(self, other: Self) -> Self {
        self.with(other, i128::checked_sub, |left, right| left - right)
    }

    pub(crate) fn multiply(self, other: Self) -> Self {
        self.with(other, i128::checked_mul, |left, right| left * right)
    }

    pub(crate) fn divide(self, other: Self) -> Self {
        let whole = |left: i128, right: i128| (right != 0 && left % right == 0).then(|| left / right);
        self.with(other, whole, |left, right| left / right)
    }

    pub(crate) fn remainder(self, other: Self) -> Self {
        self.with(other, i128::checked_rem, |left, right| left % right)
    }

    pub(crate) fn power(self, other: Self) -> Self {
        let whole = |base: i128, exponent: i128| base.checked_pow(u32::try_from(exponent).ok()?);
        self.with(other, whole, |base, exponent| {
            // In ECMA-262 a power of not-a-number, and 1 to an infinite power, are not numbers.
            if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) {
                f64::NAN
            } else {
                base.powf(exponent)
            }
        })
    }

    pub(crate) fn negate(self) -> Self {
        match self.exact() {
            Some(exact) => Self::from_exact(-exact),
            None => Self::from_float(-self.float()),
        }
    }

    /// Numeric order; none if either is not a number.
    pub(crate) fn order(self, other: Self) -> Option<std::cmp::Ordering> {
        match (self.exact(), other.exact()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }
}

/// Writes a number as JavaScript does.
///
/// Source: ECMA-262, Number::toString: the shortest digits that read back as the same double, with an exponent
/// from 1e21 up and below 1e-6.
pub(crate) fn format_number(number: Number, out: &mut String) {
    use std::fmt::Write as _;
    let float = match number {
        // Writing into a string does not fail.
        Number::Int(int) => {
            let _ = write!(out, "{int}");
            return;
        }
        Number::Unsigned(unsigned) => {
            let _ = write!(out, "{unsigned}");
            return;
        }
        Number::Float(float) if float.is_nan() => return out.push_str("NaN"),
        Number::Float(float) if float.is_infinite() => {
            return out.push_str(if float > 0.0 { "Infinity" } else { "-Infinity" });
        }
        Number::Float(float) => float,
    };
    if float == 0.0 {
        return out.push('0');
    }
    // Rust writes the same shortest digits, as `d.ddde<exponent>`.
    let scientific = format!("{:e}", float.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    if float < 0.0 {
        out.push('-');
    }
    layout(&digits, point, out);
}

/// Places the decimal point `point` digits from the left.
fn layout(digits: &str, point: i32, out: &mut String) {
    use std::fmt::Write as _;
    let count = digits.len() as i32;
    if (1..=21).contains(&point) {
        if point >= count {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', (point - count) as usize));
        } else {
            let (whole, fraction) = digits.split_at(point as usize);
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        }
    } else if (-5..=0).contains(&point) {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', -point as usize));
        out.push_str(digits);
    } else {
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        let exponent = point - 1;
        let _ = write!(out, "e{}{}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
}

/// Reads text as `Number()` does: white space around is ignored, nothing is 0, and what is no number is not a number.
///
/// So does text of more than [`LONGEST_NUMBER`] bytes, so that no conversion takes long.
pub(crate) fn parse_number(text: &str) -> Number {
    if text.len() > LONGEST_NUMBER {
        return Number::Float(f64::NAN);
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Number::Int(0);
    }
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            // `from_str_radix` would accept a sign here, which is no number in JavaScript.
            let plain = digits.bytes().all(|b| b.is_ascii_alphanumeric());
            return i128::from_str_radix(if plain { digits } else { "" }, radix)
                .map_or(Number::Float(f64::NAN), Number::from_exact);
        }
    }
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    if bare == "Infinity" {
        return Number::Float(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    // Rust also reads words such as `inf` and `nan`.
    if !bare.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-')) {
        return Number::Float(f64::NAN);
    }
    if let Ok(exact) = text.parse::<i128>() {
        return Number::from_exact(exact);
    }
    text.parse::<f64>().map_or(Number::Float(f64::NAN), Number::from_float)
}
