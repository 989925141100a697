//! Functions of arrays that visit each item with an arrow function. It sees the item, its position and the array.

use super::array::{array_of, visit};
use super::{Args, Arrow, Function, On, row};
use crate::ast::Lambda;
use crate::error::Fault;
use crate::eval::Machine;
use crate::value::{ARRAY_ITEM_BYTES, Value, to_number, truthy};
use std::cmp::Ordering;

type Result<T> = std::result::Result<T, Box<Fault>>;

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Array, "map", "(x => value)", (1, 1), |m, this, args| {
        let (array, lambda) = (array_of(&this), args.lambda()?);
        m.meter.bytes(array.len() * ARRAY_ITEM_BYTES)?;
        let mut made = Vec::with_capacity(array.len());
        for at in 0..array.len() { made.push(visit_item(m, lambda, &this, at)?.1) }
        m.make_array(made)
    }, "What the function makes of each item.", "[1, 2].map(x => x * 2) → [2,4]").arrow(Arrow::Required),
    row(On::Array, "filter", "(x => condition)", (1, 1), |m, this, args| {
        let (array, lambda) = (array_of(&this), args.lambda()?);
        let mut made = Vec::new();
        for at in 0..array.len() {
            let (item, result) = visit_item(m, lambda, &this, at)?;
            if truthy(&result) {
                m.meter.bytes(ARRAY_ITEM_BYTES)?;
                made.push(item);
            }
        }
        m.make_array(made)
    }, "The items for which the condition holds.", "[1, 2, 3].filter(x => x > 1) → [2,3]").arrow(Arrow::Required),
    row(On::Array, "find", "(x => condition)", (1, 1), |m, this, args| {
        let length = array_of(&this).len();
        Ok(first(m, &this, args, 0..length)?.map_or(Value::Undefined, |(_, item)| item))
    }, "The first item for which the condition holds.", "[1, 2, 3].find(x => x > 1) → 2").arrow(Arrow::Required),
    row(On::Array, "findIndex", "(x => condition)", (1, 1), |m, this, args| {
        let length = array_of(&this).len();
        Ok(first(m, &this, args, 0..length)?.map_or(Value::from(-1_i64), |(at, _)| at.into()))
    }, "The position of the first such item, or -1.", "[1, 2, 3].findIndex(x => x > 1) → 1").arrow(Arrow::Required),
    row(On::Array, "findLast", "(x => condition)", (1, 1), |m, this, args| {
        let length = array_of(&this).len();
        Ok(first(m, &this, args, (0..length).rev())?.map_or(Value::Undefined, |(_, item)| item))
    }, "The last item for which the condition holds.", "[1, 2, 3].findLast(x => x > 1) → 3").arrow(Arrow::Required),
    row(On::Array, "findLastIndex", "(x => condition)", (1, 1), |m, this, args| {
        let length = array_of(&this).len();
        Ok(first(m, &this, args, (0..length).rev())?.map_or(Value::from(-1_i64), |(at, _)| at.into()))
    }, "The position of the last such item, or -1.", "[1, 2, 3].findLastIndex(x => x > 1) → 2").arrow(Arrow::Required),
    row(On::Array, "some", "(x => condition)", (1, 1), |m, this, args| {
        let length = array_of(&this).len();
        Ok(first(m, &this, args, 0..length)?.is_some().into())
    }, "Whether the condition holds for an item.", "[1, 2].some(x => x > 1) → true").arrow(Arrow::Required),
    row(On::Array, "every", "(x => condition)", (1, 1), |m, this, args| {
        let (array, lambda) = (array_of(&this), args.lambda()?);
        for at in 0..array.len() {
            if !truthy(&visit_item(m, lambda, &this, at)?.1) { return Ok(false.into()) }
        }
        Ok(true.into())
    }, "Whether the condition holds for all items.", "[1, 2].every(x => x > 1) → false").arrow(Arrow::Required),
    row(On::Array, "reduce", "((sum, x) => value, start?)", (1, 2), |m, this, args| {
        let (array, lambda) = (array_of(&this), args.lambda()?);
        let (mut sum, from) = match (args.len(), array.get(0)) {
            (0, Some(item)) => (item, 1),
            (0, None) => return Err(args.mistake("a start value for an empty array")),
            _ => (args.value(), 0),
        };
        for at in from..array.len() {
            let item = array.get(at).unwrap_or(Value::Undefined);
            sum = m.invoke(lambda, [sum, item, at.into()])?;
        }
        Ok(sum)
    }, "One value from all items, from the first to the last.", "[1, 2, 3].reduce((sum, x) => sum + x, 0) → 6").arrow(Arrow::Required),
    row(On::Array, "flatMap", "(x => items)", (1, 1), |m, this, args| {
        let (array, lambda) = (array_of(&this), args.lambda()?);
        let mut made = Vec::new();
        for at in 0..array.len() {
            match visit_item(m, lambda, &this, at)?.1 {
                items @ Value::Array(_) => m.spread(items, |item| made.push(item))?,
                item => {
                    m.meter.bytes(ARRAY_ITEM_BYTES)?;
                    made.push(item);
                }
            }
        }
        m.make_array(made)
    }, "As `map`, with the items of arrays in their place.", "[1, 2].flatMap(x => [x, -x]) → [1,-1,2,-2]").arrow(Arrow::Required),
    row(On::Array, "sort", "((a, b) => order)", (0, 1), sort,
        "In order: numbers by size, all else as text; or by a function that gives a negative or positive number.", "[10, 9, 1].sort() → [1,9,10]").arrow(Arrow::Optional),
    row(On::Array, "toSorted", "((a, b) => order)", (0, 1), sort,
        "The same as `sort`.", "[2, 3, 1].toSorted((a, b) => b - a) → [3,2,1]").arrow(Arrow::Optional),
    row(On::Array, "sortBy", "(x => key, direction?)", (1, 2), sort_by,
        "In the order of a key, or of a property by name; `'desc'` turns it round.", "[{n: 2}, {n: 1}].sortBy(x => x.n) → [{\"n\":1},{\"n\":2}]").arrow(Arrow::Optional),
];

/// An item, and what an arrow function makes of it.
pub(super) fn visit_item<'a>(
    machine: &mut Machine<'a>,
    lambda: &'a Lambda,
    this: &Value<'a>,
    at: usize,
) -> Result<(Value<'a>, Value<'a>)> {
    let item = match this {
        Value::Array(array) => array.get(at).unwrap_or(Value::Undefined),
        _ => Value::Undefined,
    };
    let result = machine.invoke(lambda, [item.clone(), at.into(), this.clone()])?;
    Ok((item, result))
}

/// The first item for which the condition holds, with its position.
fn first<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
    order: impl Iterator<Item = usize>,
) -> Result<Option<(usize, Value<'a>)>> {
    let lambda = args.lambda()?;
    for at in order {
        let (item, result) = visit_item(machine, lambda, this, at)?;
        if truthy(&result) {
            return Ok(Some((at, item)));
        }
    }
    Ok(None)
}

fn sort<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let array = visit(machine, &this)?;
    let mut items = Vec::new();
    machine.spread(Value::Array(array), |item| items.push(item))?;
    let sorted = match args.arrow() {
        Some(lambda) => merge_sort(machine, items, &mut |machine, left, right| {
            let order = machine.invoke(lambda, [left.clone(), right.clone()])?;
            Ok(to_number(&order).float().partial_cmp(&0.0).unwrap_or(Ordering::Equal))
        })?,
        None => merge_sort(machine, items, &mut natural)?,
    };
    machine.make_array(sorted)
}

fn sort_by<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let array = visit(machine, &this)?;
    let lambda = args.arrow();
    let name = match lambda {
        Some(_) => None,
        None => Some(args.text(machine)?),
    };
    let descending =
        args.optional().is_some_and(|order| matches!(order, Value::Text(text) if text.as_str() == "desc"));
    machine.meter.bytes(array.len() * 2 * ARRAY_ITEM_BYTES)?;
    // Looking a name up reads all of it each time.
    machine
        .meter
        .steps(array.len().saturating_mul(name.as_ref().map_or(0, |name| name.as_str().len() / 64)))?;
    let mut keyed = Vec::with_capacity(array.len());
    for at in 0..array.len() {
        let item = array.get(at).unwrap_or(Value::Undefined);
        let key = match (lambda, &name, &item) {
            (Some(lambda), _, _) => visit_item(machine, lambda, &this, at)?.1,
            (None, Some(name), Value::Object(object)) => {
                object.get(name.as_str()).unwrap_or(Value::Undefined)
            }
            _ => Value::Undefined,
        };
        keyed.push((key, item));
    }
    let sorted = merge_sort(machine, keyed, &mut |machine, (left, _), (right, _)| {
        let order = natural(machine, left, right)?;
        // What has no key stays last in both directions.
        let is_plain = !left.is_undefined() && !right.is_undefined();
        Ok(if descending && is_plain { order.reverse() } else { order })
    })?;
    machine.make_array(sorted.into_iter().map(|(_, item)| item).collect())
}

/// Numbers and dates by size, then all else as text, with undefined last.
fn natural<'a>(machine: &mut Machine<'a>, left: &Value<'a>, right: &Value<'a>) -> Result<Ordering> {
    match (left, right) {
        (left, right) if left.is_undefined() || right.is_undefined() => {
            Ok(left.is_undefined().cmp(&right.is_undefined()))
        }
        (Value::Number(_) | Value::Date(_), Value::Number(_) | Value::Date(_))
        | (Value::Text(_), Value::Text(_)) => Ok(machine.order(left, right)?.unwrap_or(Ordering::Equal)),
        _ => {
            let (left, right) = (machine.text_of(left)?, machine.text_of(right)?);
            Ok(crate::value::text_order(&left, &right))
        }
    }
}

type Compare<'f, 'a, T> = &'f mut dyn FnMut(&mut Machine<'a>, &T, &T) -> Result<Ordering>;

/// A stable merge sort of our own: the comparison can fail and need not be consistent, at which the sort of the
/// standard library may panic.
fn merge_sort<'a, T: Clone>(
    machine: &mut Machine<'a>,
    mut items: Vec<T>,
    compare: Compare<'_, 'a, T>,
) -> Result<Vec<T>> {
    machine.meter.bytes(items.len() * size_of::<T>())?;
    let mut merged: Vec<T> = Vec::with_capacity(items.len());
    let mut width = 1;
    while width < items.len() {
        merged.clear();
        for start in (0..items.len()).step_by(2 * width) {
            let (middle, end) = ((start + width).min(items.len()), (start + 2 * width).min(items.len()));
            let (mut left, mut right) = (start, middle);
            while left < middle || right < end {
                machine.meter.steps(1)?;
                let takes_right = left == middle
                    || (right < end && compare(machine, &items[left], &items[right])? == Ordering::Greater);
                let from = if takes_right { &mut right } else { &mut left };
                merged.push(items[*from].clone());
                *from += 1;
            }
        }
        std::mem::swap(&mut items, &mut merged);
        width *= 2;
    }
    Ok(items)
}
