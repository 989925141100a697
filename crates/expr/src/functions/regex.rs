//! Splitting, replacing and matching, with text or with regular expressions.

use super::string::{byte_at, read, text_of, texts};
use super::words::part;
use super::{Args, Function, On, row};
use crate::ast::Lambda;
use crate::error::{Fault, wrong};
use crate::eval::Machine;
use crate::pattern::Search;
use crate::value::{ARRAY_ITEM_BYTES, Text, Value, unit_len};
use regex::{Captures, Match};

type Result<T> = std::result::Result<T, Box<Fault>>;

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Text, "split", "(separator, limit?)", (0, 2), split,
        "Its parts between a text or a regular expression; `''` gives its characters.", "'a, b'.split(/,\\s*/) → [\"a\",\"b\"]"),
    row(On::Text, "replace", "(search, replacement)", (2, 2), |m, this, args| replace(m, &this, args, false),
        "With the first match replaced, or all of them with the flag `g`; `$1`, `$<name>` and `$&` insert what was matched.", "'2026-11-22'.replace(/(\\d+)-(\\d+)-(\\d+)/, '$3.$2.$1') → \"22.11.2026\""),
    row(On::Text, "replaceAll", "(search, replacement)", (2, 2), |m, this, args| replace(m, &this, args, true),
        "With all matches replaced.", "'a-b-c'.replaceAll('-', '+') → \"a+b+c\""),
    row(On::Text, "match", "(pattern)", (1, 1), match_,
        "The first match with its groups, or all matches with the flag `g`; null if there is none.", "'a1 b2'.match(/[a-z]\\d/g) → [\"a1\",\"b2\"]"),
    row(On::Text, "matchAll", "(pattern)", (1, 1), |m, this, args| {
        let (text, search) = searched(m, &this, args)?;
        let mut items = Vec::new();
        for captures in search.regex.captures_iter(text.as_str()) {
            m.meter.bytes(ARRAY_ITEM_BYTES)?;
            m.meter.steps(search.next_steps(left(&text, captures.get(0))))?;
            items.push(groups(m, &text, &captures)?);
        }
        m.make_array(items)
    }, "All matches, each with its groups.", "'a1 b2'.matchAll(/([a-z])(\\d)/).map(x => x[2]) → [\"1\",\"2\"]"),
    row(On::Text, "test", "(pattern)", (1, 1), |m, this, args| {
        let (text, search) = searched(m, &this, args)?;
        Ok(search.regex.is_match(text.as_str()).into())
    }, "Whether a regular expression matches.", "'INV-77'.test(/^INV-\\d+$/) → true"),
    row(On::Text, "extract", "(pattern, group?)", (1, 2), |m, this, args| {
        let (text, search) = searched(m, &this, args)?;
        let captures = search.regex.captures(text.as_str());
        let default = usize::from(search.regex.captures_len() > 1);
        let found = match args.optional() {
            Some(Value::Text(name)) => captures.and_then(|captures| captures.name(name.as_str())),
            Some(group) => {
                let group = usize::try_from(crate::value::to_number(&group).integer()).unwrap_or(usize::MAX);
                captures.and_then(|captures| captures.get(group))
            }
            None => captures.and_then(|captures| captures.get(default)),
        };
        Ok(found.map_or(Value::Null, |found| matched(&text, found)))
    }, "The first match: a group by number or name, else the first group, else all of it; null if there is none.", "'Order #77'.extract(/#(\\d+)/) → \"77\""),
    row(On::Text, "search", "(pattern)", (1, 1), |m, this, args| {
        let (text, search) = searched(m, &this, args)?;
        let found = search.regex.find(text.as_str());
        Ok(found.map_or(Value::from(-1_i64), |found| unit_len(&text.as_str()[..found.start()]).into()))
    }, "Where a regular expression first matches, or -1.", "'ab1'.search(/\\d/) → 2"),
    row(On::Pattern, "test", "(text)", (1, 1), |m, this, args| {
        let text = args.text(m)?;
        let search = search(m, &this, text.as_str().len())?;
        Ok(search.regex.is_match(text.as_str()).into())
    }, "Whether it matches a text.", "/^\\d+$/.test('77') → true"),
    row(On::Pattern, "exec", "(text)", (1, 1), |m, this, args| {
        let text = args.text(m)?;
        let search = search(m, &this, text.as_str().len())?;
        match search.regex.captures(text.as_str()) {
            Some(captures) => groups(m, &text, &captures),
            None => Ok(Value::Null),
        }
    }, "The first match with its groups, or null.", "/(\\d)(\\d)/.exec('a12') → [\"12\",\"1\",\"2\"]"),
];

/// The compiled pattern of a value, with the cost of searching `bytes` bytes counted.
fn search<'a>(machine: &mut Machine<'a>, pattern: &Value<'a>, bytes: usize) -> Result<Search> {
    let compiled = match pattern {
        Value::Pattern(pattern) => pattern.compiled().map_err(wrong)?,
        pattern => {
            let source = machine.text_of(pattern)?;
            machine.pattern(source.as_str())?
        }
    };
    machine.meter.steps(compiled.steps(bytes))?;
    Ok(compiled)
}

/// The receiver, and the compiled pattern of the first argument.
fn searched<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
) -> Result<(Text<'a>, Search)> {
    let (text, pattern) = (text_of(this), args.value());
    let search = search(machine, &pattern, text.as_str().len())?;
    Ok((text, search))
}

/// The bytes behind a match.
fn left(text: &Text<'_>, found: Option<Match<'_>>) -> usize {
    text.as_str().len() - found.map_or(0, |found| found.end())
}

fn matched<'a>(text: &Text<'a>, found: Match<'_>) -> Value<'a> {
    Value::Text(text.part(found.range()))
}

/// A match and its groups as an array; a group that took no part is null.
fn groups<'a>(machine: &mut Machine<'a>, text: &Text<'a>, captures: &Captures<'_>) -> Result<Value<'a>> {
    let mut items = Vec::with_capacity(captures.len());
    for group in captures.iter() {
        machine.meter.steps(1)?;
        machine.meter.bytes(ARRAY_ITEM_BYTES + group.map_or(0, |found| found.len()))?;
        items.push(group.map_or(Value::Null, |found| matched(text, found)));
    }
    machine.make_array(items)
}

fn match_<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let (text, pattern) = (text_of(&this), args.value());
    let search = search(machine, &pattern, text.as_str().len())?;
    if !matches!(pattern, Value::Pattern(pattern) if pattern.is_global()) {
        return match search.regex.captures(text.as_str()) {
            Some(captures) => groups(machine, &text, &captures),
            None => Ok(Value::Null),
        };
    }
    machine.meter.bytes(text.as_str().len())?;
    let mut items = Vec::new();
    for found in search.regex.find_iter(text.as_str()) {
        machine.meter.steps(search.next_steps(left(&text, Some(found))))?;
        machine.meter.bytes(ARRAY_ITEM_BYTES)?;
        items.push(matched(&text, found));
    }
    if items.is_empty() { Ok(Value::Null) } else { machine.make_array(items) }
}

fn split<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let text = read(machine, &this)?;
    machine.meter.bytes(text.as_str().len())?;
    let separator = args.optional();
    let limit = args.optional().map(|limit| crate::value::to_number(&limit).integer());
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    match separator {
        None => texts(machine, std::iter::once(text).take(limit)),
        Some(pattern @ Value::Pattern(_)) => {
            let search = search(machine, &pattern, text.as_str().len())?;
            // JavaScript makes no part of an empty match at the ends, and gives the groups too; we give the parts.
            let length = text.as_str().len();
            let (mut start, mut ranges) = (0, Vec::new());
            for found in search.regex.find_iter(text.as_str()) {
                machine.meter.steps(search.next_steps(length - found.end()))?;
                if found.is_empty() && (found.start() == start || found.end() == length) {
                    continue;
                }
                machine.meter.bytes(16)?;
                ranges.push(start..found.start());
                start = found.end();
            }
            ranges.push(start..length);
            texts(machine, ranges.into_iter().take(limit).map(|range| text.part(range)))
        }
        Some(separator) => {
            let separator = machine.text_of(&separator)?;
            if separator.as_str().is_empty() {
                let whole = text.as_str();
                let characters = whole.char_indices().map(|(at, c)| text.part(at..at + c.len_utf8()));
                return texts(machine, characters.take(limit));
            }
            let parts = text.as_str().split(separator.as_str());
            texts(machine, parts.map(|found| part(&text, found)).take(limit))
        }
    }
}

/// What comes in the place of a match.
enum Replacement<'a> {
    Text(Text<'a>),
    Lambda(&'a Lambda),
}

fn replace<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
    all: bool,
) -> Result<Value<'a>> {
    let text = read(machine, this)?;
    let pattern = args.value();
    let all = all || matches!(pattern, Value::Pattern(pattern) if pattern.is_global());
    let replacement = match args.arrow() {
        Some(lambda) => Replacement::Lambda(lambda),
        None => Replacement::Text(args.text(machine)?),
    };
    let search = match &pattern {
        Value::Pattern(_) => search(machine, &pattern, text.as_str().len())?,
        pattern => {
            let literal = machine.text_of(pattern)?;
            return replace_text(machine, &text, &literal, &replacement, all);
        }
    };
    let (mut out, mut end) = (String::new(), 0);
    for captures in search.regex.captures_iter(text.as_str()).take(if all { usize::MAX } else { 1 }) {
        let Some(found) = captures.get(0) else { continue };
        machine.meter.steps(search.next_steps(left(&text, Some(found))))?;
        machine.push(&mut out, &text.as_str()[end..found.start()])?;
        insert(machine, &text, &captures, &replacement, &mut out)?;
        end = found.end();
    }
    machine.push(&mut out, &text.as_str()[end..])?;
    Ok(out.into())
}

/// Replaces a literal text.
fn replace_text<'a>(
    machine: &mut Machine<'a>,
    text: &Text<'a>,
    literal: &Text<'a>,
    replacement: &Replacement<'a>,
    all: bool,
) -> Result<Value<'a>> {
    let (mut out, mut end) = (String::new(), 0);
    let whole = text.as_str();
    for (at, found) in whole.match_indices(literal.as_str()).take(if all { usize::MAX } else { 1 }) {
        machine.meter.steps(1)?;
        machine.push(&mut out, &whole[end..at])?;
        end = at + found.len();
        match replacement {
            Replacement::Text(text) => machine.push(&mut out, text.as_str())?,
            Replacement::Lambda(lambda) => {
                let index = unit_len(&whole[..byte_at(whole, 0).max(at)]);
                machine.meter.scan(at)?;
                let value = machine.invoke(lambda, [Value::Text(text.part(at..end)), index.into()])?;
                machine.push_value(&mut out, &value)?;
            }
        }
    }
    machine.push(&mut out, &whole[end..])?;
    Ok(out.into())
}

/// Appends what comes in the place of a match. (ECMA-262, GetSubstitution)
fn insert<'a>(
    machine: &mut Machine<'a>,
    text: &Text<'a>,
    captures: &Captures<'_>,
    replacement: &Replacement<'a>,
    out: &mut String,
) -> Result<()> {
    let template = match replacement {
        Replacement::Text(template) => template,
        Replacement::Lambda(lambda) => {
            // The arrow function sees the match and its first two groups.
            let group = |at: usize| captures.get(at).map_or(Value::Undefined, |found| matched(text, found));
            let value = machine.invoke(lambda, [group(0), group(1), group(2)])?;
            return machine.push_value(out, &value);
        }
    };
    let mut rest = template.as_str();
    while let Some((before, behind)) = rest.split_once('$') {
        machine.push(out, before)?;
        machine.meter.steps(1)?;
        let (group, length) = reference(behind, captures);
        match group {
            Some(group) => machine.push(out, group)?,
            None => machine.push(out, "$")?,
        }
        rest = &behind[length..];
    }
    machine.push(out, rest)
}

/// What a `$` refers to, and how many bytes behind it belong to it.
fn reference<'t>(behind: &str, captures: &Captures<'t>) -> (Option<&'t str>, usize) {
    let text = |found: Option<Match<'t>>| Some(found.map_or("", |found| found.as_str()));
    if behind.starts_with('$') {
        return (None, 1);
    }
    if behind.starts_with('&') {
        return (text(captures.get(0)), 1);
    }
    if let Some((name, _)) = behind.strip_prefix('<').and_then(|name| name.split_once('>')) {
        return (text(captures.name(name)), name.len() + 2);
    }
    let digits = behind.bytes().take(2).take_while(u8::is_ascii_digit).count();
    for count in (1..=digits).rev() {
        if let Some(number) =
            behind[..count].parse().ok().filter(|number| (1..captures.len()).contains(number))
        {
            return (text(captures.get(number)), count);
        }
    }
    (None, 0)
}
