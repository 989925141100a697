//! Functions of strings that know words and lines.

use super::string::{read, text_of, texts};
use super::{Function, On, row};
use crate::error::Fault;
use crate::eval::Machine;
use crate::value::{Text, Value, slice_units, unit_len};

type Result<T> = std::result::Result<T, Box<Fault>>;

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Text, "capitalize", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        m.meter.bytes(text.as_str().len() + 8)?;
        Ok(upper_first(text.as_str()).into())
    }, "With its first letter in upper case.", "'order'.capitalize() → \"Order\""),
    row(On::Text, "toTitleCase", "()", (0, 0), |m, this, _| join(m, &this, " ", title),
        "With the first letter of each word in upper case and the others in lower case.", "'new ORDER'.toTitleCase() → \"New Order\""),
    row(On::Text, "toCamelCase", "()", (0, 0), |m, this, _| {
        let joined = join(m, &this, "", title)?;
        let joined = text_of(&joined);
        let mut letters = joined.as_str().chars();
        let first: String = letters.next().map(|first| first.to_lowercase().collect()).unwrap_or_default();
        m.meter.bytes(joined.as_str().len() + 8)?;
        Ok((first + letters.as_str()).into())
    }, "Its words joined as `camelCase`.", "'order line-id'.toCamelCase() → \"orderLineId\""),
    row(On::Text, "toSnakeCase", "()", (0, 0), |m, this, _| join(m, &this, "_", str::to_lowercase),
        "Its words joined as `snake_case`.", "'orderLine Id'.toSnakeCase() → \"order_line_id\""),
    row(On::Text, "toKebabCase", "()", (0, 0), |m, this, _| join(m, &this, "-", str::to_lowercase),
        "Its words joined as `kebab-case`.", "'Order Line'.toKebabCase() → \"order-line\""),
    row(On::Text, "lines", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        m.meter.bytes(text.as_str().len())?;
        texts(m, text.as_str().lines().map(|line| part(&text, line)))
    }, "Its lines.", "'a\\nb'.lines() → [\"a\",\"b\"]"),
    row(On::Text, "words", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        m.meter.bytes(text.as_str().len())?;
        texts(m, text.as_str().split_whitespace().map(|word| part(&text, word)))
    }, "Its words, as white space separates them.", "' a  b '.words() → [\"a\",\"b\"]"),
    row(On::Text, "truncate", "(length, ending?)", (1, 2), |m, this, args| {
        let text = read(m, &this)?;
        let length = usize::try_from(args.integer(0)).unwrap_or(0);
        if unit_len(text.as_str()) <= length { return Ok(this) }
        let mut out = String::new();
        m.push(&mut out, slice_units(&text, 0, length).as_str())?;
        match args.optional() {
            Some(ending) => m.push_value(&mut out, &ending)?,
            None => m.push(&mut out, "…")?,
        }
        Ok(out.into())
    }, "Cut to a length, with an ending (`…`) if something was cut.", "'workflow'.truncate(4) → \"work…\""),
    row(On::Text, "before", "(separator)", (1, 1), |m, this, args| {
        let (text, separator) = (read(m, &this)?, args.text(m)?);
        let end = text.as_str().find(separator.as_str()).unwrap_or(text.as_str().len());
        m.meter.bytes(end)?;
        Ok(Value::Text(text.part(0..end)))
    }, "What stands in front of a separator, or everything.", "'ada@example.com'.before('@') → \"ada\""),
    row(On::Text, "after", "(separator)", (1, 1), |m, this, args| {
        let (text, separator) = (read(m, &this)?, args.text(m)?);
        let length = text.as_str().len();
        let start = text.as_str().find(separator.as_str()).map_or(length, |at| at + separator.as_str().len());
        m.meter.bytes(length - start)?;
        Ok(Value::Text(text.part(start..length)))
    }, "What stands behind a separator, or nothing.", "'ada@example.com'.after('@') → \"example.com\""),
    row(On::Text, "reverse", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        m.meter.bytes(text.as_str().len())?;
        Ok(text.as_str().chars().rev().collect::<String>().into())
    }, "Its characters from the end to the front.", "'abc'.reverse() → \"cba\""),
    row(On::Text, "isNumeric", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        let blank = text.as_str().trim().is_empty();
        Ok((!blank && crate::value::parse_number(text.as_str()).float().is_finite()).into())
    }, "Whether it can be read as a number.", "'12.5'.isNumeric() → true"),
    row(On::Text, "isEmail", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        Ok(is_email(text.as_str()).into())
    }, "Whether it has the form of a mail address.", "'ada@example.com'.isEmail() → true"),
    row(On::Text, "removeTags", "()", (0, 0), |m, this, _| {
        let text = read(m, &this)?;
        m.meter.bytes(text.as_str().len())?;
        Ok(remove_tags(text.as_str()).into())
    }, "Without the tags of HTML or XML.", "'<b>Hi</b> Ada'.removeTags() → \"Hi Ada\""),
];

/// A part of a text as a text of its own, borrowed where the whole is.
pub(super) fn part<'a>(whole: &Text<'a>, part: &str) -> Text<'a> {
    let start = part.as_ptr() as usize - whole.as_str().as_ptr() as usize;
    whole.part(start..start + part.len())
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn title(word: &str) -> String {
    upper_first(&word.to_lowercase())
}

/// The words of a text for changing its case: runs of letters and digits, split where a capital follows a small
/// letter.
fn case_words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut small) = (Vec::new(), None, false);
    for (at, character) in text.char_indices() {
        if !character.is_alphanumeric() {
            words.extend(start.take().map(|start| &text[start..at]));
        } else if let Some(begin) = start.filter(|_| small && character.is_uppercase()) {
            words.push(&text[begin..at]);
            start = Some(at);
        } else if start.is_none() {
            start = Some(at);
        }
        small = character.is_lowercase() || character.is_numeric();
    }
    words.extend(start.map(|start| &text[start..]));
    words
}

fn join<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    separator: &str,
    change: fn(&str) -> String,
) -> Result<Value<'a>> {
    let text = read(machine, this)?;
    // Words and separators, in the longest form that case changes give, and the list of words.
    machine.meter.bytes(text.as_str().len().saturating_mul(3 + size_of::<String>()))?;
    let words: Vec<String> = case_words(text.as_str()).into_iter().map(change).collect();
    Ok(words.join(separator).into())
}

/// One `@` with something in front, and a host with a dot behind; only the mail server knows more.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '@');
    plain(name)
        && plain(host)
        && host.split('.').count() > 1
        && host.split('.').all(|label| !label.is_empty())
}

fn remove_tags(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        // Without an end it is no tag, but text.
        let Some((_, behind)) = tag.split_once('>') else {
            out.push('<');
            out.push_str(tag);
            return out;
        };
        rest = behind;
    }
    out + rest
}
