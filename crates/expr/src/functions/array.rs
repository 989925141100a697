//! Functions of arrays that need no arrow function.

use super::number::extreme;
use super::string::position;
use super::{Args, Function, MANY, On, row};
use crate::error::Fault;
use crate::eval::Machine;
use crate::value::{
    ARRAY_ITEM_BYTES, Array, Number, Object, Text, Value, same_value, strict_equal, to_number,
};
use std::cmp::Ordering;
use std::collections::HashSet;

type Result<T> = std::result::Result<T, Box<Fault>>;

/// The array that a function of arrays is called on.
pub(super) fn array_of<'a>(value: &Value<'a>) -> Array<'a> {
    match value {
        Value::Array(array) => array.clone(),
        _ => Array::new(Vec::new()),
    }
}

/// The receiver, with the cost of visiting each item counted.
pub(super) fn visit<'a>(machine: &mut Machine<'a>, value: &Value<'a>) -> Result<Array<'a>> {
    let array = array_of(value);
    machine.meter.steps(array.len())?;
    Ok(array)
}

/// An array of some of these items, counted as they come.
pub(super) fn collect<'a>(
    machine: &mut Machine<'a>,
    items: impl Iterator<Item = Value<'a>>,
) -> Result<Value<'a>> {
    let mut made = Vec::new();
    for item in items {
        machine.meter.steps(1)?;
        machine.meter.bytes(ARRAY_ITEM_BYTES)?;
        made.push(item);
    }
    machine.make_array(made)
}

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Array, "at", "(index)", (1, 1), |_, this, args| {
        let (array, index) = (array_of(&this), args.integer(0));
        let length = array.len() as i64;
        let at = if index < 0 { index.saturating_add(length) } else { index };
        Ok(usize::try_from(at).ok().and_then(|at| array.get(at)).unwrap_or(Value::Undefined))
    }, "The item at a position, from the end if it is negative.", "[1, 2, 3].at(-1) → 3"),
    row(On::Array, "first", "(count?)", (0, 1), |m, this, args| {
        let array = array_of(&this);
        match args.optional() {
            Some(count) => {
                let count = position(to_number(&count).integer().max(0), array.len());
                collect(m, array.iter().take(count))
            }
            None => Ok(array.get(0).unwrap_or(Value::Undefined)),
        }
    }, "The first item, or the first ones as an array.", "[1, 2, 3].first() → 1"),
    row(On::Array, "last", "(count?)", (0, 1), |m, this, args| {
        let array = array_of(&this);
        match args.optional() {
            Some(count) => {
                let count = position(to_number(&count).integer().max(0), array.len());
                collect(m, (array.len() - count..array.len()).filter_map(|at| array.get(at)))
            }
            None => Ok(array.len().checked_sub(1).and_then(|at| array.get(at)).unwrap_or(Value::Undefined)),
        }
    }, "The last item, or the last ones as an array.", "[1, 2, 3].last(2) → [2,3]"),
    row(On::Array, "slice", "(start?, end?)", (0, 2), |m, this, args| {
        let array = array_of(&this);
        let (start, end) = (position(args.integer(0), array.len()), position(args.integer(i64::MAX), array.len()));
        collect(m, (start..end).filter_map(|at| array.get(at)))
    }, "The items from `start` up to `end`; negative positions count from the end.", "[1, 2, 3].slice(1) → [2,3]"),
    row(On::Array, "concat", "(...items)", (0, MANY), |m, this, args| {
        let mut made = Vec::new();
        m.spread(this, |item| made.push(item))?;
        while args.len() > 0 {
            match args.value() {
                more @ Value::Array(_) => m.spread(more, |item| made.push(item))?,
                item => made.push(item),
            }
        }
        m.make_array(made)
    }, "With other items, or the items of other arrays, behind it.", "[1].concat([2], 3) → [1,2,3]"),
    row(On::Array, "includes", "(item)", (1, 1), |m, this, args| Ok(search(m, &this, args, same_value)?.is_some().into()),
        "Whether it contains an item.", "[1, 2].includes(2) → true"),
    row(On::Array, "indexOf", "(item)", (1, 1), |m, this, args| {
        Ok(search(m, &this, args, strict_equal)?.map_or(Value::from(-1_i64), Value::from))
    }, "Where an item first stands, or -1.", "['a', 'b'].indexOf('b') → 1"),
    row(On::Array, "lastIndexOf", "(item)", (1, 1), |m, this, args| {
        let (array, wanted) = (visit(m, &this)?, args.value());
        for at in (0..array.len()).rev() {
            let item = array.get(at).unwrap_or(Value::Undefined);
            if m.equal(&item, &wanted, strict_equal)? { return Ok(at.into()) }
        }
        Ok(Value::from(-1_i64))
    }, "Where an item last stands, or -1.", "[1, 2, 1].lastIndexOf(1) → 2"),
    row(On::Array, "join", "(separator?)", (0, 1), join,
        "Its items as one text; null and undefined are nothing.", "['a', 'b'].join('-') → \"a-b\""),
    row(On::Array, "reverse", "()", (0, 0), reverse, "Its items from the last to the first.", "[1, 2].reverse() → [2,1]"),
    row(On::Array, "toReversed", "()", (0, 0), reverse, "The same as `reverse`.", "[1, 2].toReversed() → [2,1]"),
    row(On::Array, "flat", "(depth?)", (0, 1), |m, this, args| {
        let depth = args.integer(1).clamp(0, 1000) as u16;
        let mut made = Vec::new();
        flatten(m, &array_of(&this), depth, &mut made)?;
        m.make_array(made)
    }, "With the items of inner arrays in their place.", "[[1], [2, [3]]].flat() → [1,2,[3]]"),
    row(On::Array, "compact", "()", (0, 0), |m, this, _| {
        let array = visit(m, &this)?;
        let kept = |item: &Value<'_>| !item.is_nullish() && !matches!(item, Value::Text(text) if text.as_str().is_empty());
        collect(m, array.iter().filter(kept))
    }, "Without null, undefined and empty texts.", "[1, null, ''].compact() → [1]"),
    row(On::Array, "chunk", "(size)", (1, 1), |m, this, args| {
        let (array, size) = (array_of(&this), usize::try_from(args.integer(0)).unwrap_or(0));
        if size == 0 { return Err(args.mistake("a size of 1 or more")) }
        let (mut made, mut at) = (Vec::new(), 0);
        while at < array.len() {
            let end = at.saturating_add(size).min(array.len());
            let items: Vec<_> = (at..end).filter_map(|at| array.get(at)).collect();
            m.meter.steps(items.len())?;
            m.meter.bytes((items.len() + 3) * ARRAY_ITEM_BYTES)?;
            made.push(m.make_array(items)?);
            at = end;
        }
        m.make_array(made)
    }, "Its items in arrays of a size.", "[1, 2, 3].chunk(2) → [[1,2],[3]]"),
    row(On::Array, "sum", "()", (0, 0), |m, this, _| {
        let array = numbers(m, &this)?;
        Ok(array.into_iter().fold(Number::Int(0), Number::add).into())
    }, "The sum of its numbers.", "[1, 2.5].sum() → 3.5"),
    row(On::Array, "average", "()", (0, 0), |m, this, _| {
        let numbers = numbers(m, &this)?;
        let count = Number::from_exact(numbers.len() as i128);
        if numbers.is_empty() { return Ok(Value::Null) }
        Ok(numbers.into_iter().fold(Number::Int(0), Number::add).divide(count).into())
    }, "The mean of its numbers; null of none.", "[1, 2].average() → 1.5"),
    row(On::Array, "min", "()", (0, 0), |m, this, _| {
        let numbers = numbers(m, &this)?;
        Ok(if numbers.is_empty() { Value::Null } else { extreme(numbers.into_iter(), Ordering::Less).into() })
    }, "The smallest of its numbers; null of none.", "[2, 1].min() → 1"),
    row(On::Array, "max", "()", (0, 0), |m, this, _| {
        let numbers = numbers(m, &this)?;
        Ok(if numbers.is_empty() { Value::Null } else { extreme(numbers.into_iter(), Ordering::Greater).into() })
    }, "The largest of its numbers; null of none.", "[2, 1].max() → 2"),
    row(On::Array, "pluck", "(key)", (1, 1), |m, this, args| {
        let (array, key) = (visit(m, &this)?, args.text(m)?);
        m.meter.steps(array.len().saturating_mul(key.as_str().len() / 64))?;
        collect(m, array.iter().map(|item| match item {
            Value::Object(object) => object.get(key.as_str()).unwrap_or(Value::Null),
            _ => Value::Null,
        }))
    }, "One property of each item.", "[{id: 1}, {id: 2}].pluck('id') → [1,2]"),
    row(On::Array, "union", "(other)", (1, 1), |m, this, args| {
        let other = args.array()?;
        let mut made = Vec::new();
        m.spread(this, |item| made.push(item))?;
        m.spread(Value::Array(other), |item| made.push(item))?;
        distinct(m, made.into_iter())
    }, "The different items of both.", "[1, 2].union([2, 3]) → [1,2,3]"),
    row(On::Array, "intersection", "(other)", (1, 1), |m, this, args| common(m, &this, args, true),
        "The items that both have.", "[1, 2].intersection([2, 3]) → [2]"),
    row(On::Array, "difference", "(other)", (1, 1), |m, this, args| common(m, &this, args, false),
        "The items that the other lacks.", "[1, 2].difference([2, 3]) → [1]"),
    row(On::Array, "keys", "()", (0, 0), |m, this, _| {
        let length = array_of(&this).len();
        collect(m, (0..length).map(Value::from))
    }, "Its positions.", "['a', 'b'].keys() → [0,1]"),
    row(On::Array, "toObject", "()", (0, 0), |m, this, _| super::object::from_entries(m, &this),
        "The object of an array of `[key, value]` pairs.", "[['a', 1]].toObject() → {\"a\":1}"),
];

fn search<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
    equal: fn(&Value<'_>, &Value<'_>) -> bool,
) -> Result<Option<usize>> {
    let wanted = args.value();
    for (at, item) in array_of(this).iter().enumerate() {
        machine.meter.steps(1)?;
        if machine.equal(&item, &wanted, equal)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn reverse<'a>(machine: &mut Machine<'a>, this: Value<'a>, _: &mut Args<'a>) -> Result<Value<'a>> {
    let array = array_of(&this);
    let mut made = Vec::new();
    machine.spread(Value::Array(array), |item| made.push(item))?;
    made.reverse();
    machine.make_array(made)
}

fn join<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let separator = match args.optional() {
        Some(separator) => machine.text_of(&separator)?,
        None => Text::Borrowed(","),
    };
    let mut out = String::new();
    for (at, item) in array_of(&this).iter().enumerate() {
        machine.meter.steps(1)?;
        if at > 0 {
            machine.push(&mut out, separator.as_str())?;
        }
        if !item.is_nullish() {
            machine.push_value(&mut out, &item)?;
        }
    }
    Ok(out.into())
}

/// The levels are limited by the depth of the values themselves.
fn flatten<'a>(
    machine: &mut Machine<'a>,
    array: &Array<'a>,
    depth: u16,
    made: &mut Vec<Value<'a>>,
) -> Result<()> {
    for item in array.iter() {
        machine.meter.steps(1)?;
        match item {
            Value::Array(inner) if depth > 0 => flatten(machine, &inner, depth - 1, made)?,
            item => {
                machine.meter.bytes(ARRAY_ITEM_BYTES)?;
                made.push(item);
            }
        }
    }
    Ok(())
}

/// Its items as numbers.
fn numbers<'a>(machine: &mut Machine<'a>, this: &Value<'a>) -> Result<Vec<Number>> {
    let array = visit(machine, this)?;
    machine.meter.bytes(array.len() * size_of::<Number>())?;
    Ok(array.iter().map(|item| to_number(&item)).collect())
}

/// The identity of an item for finding equal ones: plain values by their content, arrays and objects by theirs as
/// JSON.
pub(super) fn identity<'a>(machine: &mut Machine<'a>, item: &Value<'a>) -> Result<String> {
    let mut out = String::from(item.type_name());
    match item {
        Value::Object(object) => sorted(machine, object, &mut out)?,
        item => machine.push_value(&mut out, if item.is_undefined() { &Value::Undefined } else { item })?,
    }
    Ok(out)
}

/// An object as text that does not depend on the order of its keys at the top.
fn sorted<'a>(machine: &mut Machine<'a>, object: &Object<'a>, out: &mut String) -> Result<()> {
    machine.meter.bytes(object.len() * 2 * ARRAY_ITEM_BYTES)?;
    let mut entries: Vec<_> = object.entries().collect();
    entries.sort_by(|(left, _), (right, _)| left.as_str().cmp(right.as_str()));
    for (key, value) in entries {
        crate::value::write_json(&mut machine.meter, &Value::Text(key), "", out)?;
        crate::value::write_json(&mut machine.meter, &value, "", out)?;
    }
    Ok(())
}

/// The first of each group of equal items.
pub(super) fn distinct<'a>(
    machine: &mut Machine<'a>,
    items: impl Iterator<Item = Value<'a>>,
) -> Result<Value<'a>> {
    let (mut seen, mut made) = (HashSet::new(), Vec::new());
    for item in items {
        machine.meter.steps(1)?;
        machine.meter.bytes(2 * ARRAY_ITEM_BYTES)?;
        if seen.insert(identity(machine, &item)?) {
            made.push(item);
        }
    }
    machine.make_array(made)
}

fn common<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
    wanted: bool,
) -> Result<Value<'a>> {
    let mut others = HashSet::new();
    for item in args.array()?.iter() {
        machine.meter.steps(1)?;
        machine.meter.bytes(2 * ARRAY_ITEM_BYTES)?;
        others.insert(identity(machine, &item)?);
    }
    let mut made = Vec::new();
    for item in array_of(this).iter() {
        machine.meter.steps(1)?;
        machine.meter.bytes(ARRAY_ITEM_BYTES)?;
        if others.contains(&identity(machine, &item)?) == wanted {
            made.push(item);
        }
    }
    machine.make_array(made)
}
