//! Functions of arrays that group items by a key: an arrow function, or the name of a property.

use super::array::{array_of, identity};
use super::lambda::visit_item;
use super::{Args, Arrow, Function, On, row};
use crate::ast::Lambda;
use crate::error::Fault;
use crate::eval::Machine;
use crate::value::{ARRAY_ITEM_BYTES, Builder, Text, Value, to_number};
use std::cmp::Ordering;
use std::collections::HashSet;

type Result<T> = std::result::Result<T, Box<Fault>>;

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Array, "groupBy", "(x => key)", (1, 1), group_by,
        "An object of arrays of the items of each key.", "[1, 2, 3].groupBy(x => x % 2 ? 'odd' : 'even') → {\"odd\":[1,3],\"even\":[2]}").arrow(Arrow::Optional),
    row(On::Array, "keyBy", "(x => key)", (1, 1), |m, this, args| {
        let by = By::read(m, args)?;
        let mut made = Builder::default();
        for at in 0..array_of(&this).len() {
            let (item, key) = by.key(m, &this, at)?;
            let key = key_text(m, &key)?;
            made.add(&mut m.meter, key, item)?;
        }
        m.make_object(made)
    }, "An object of the items by key; the last of a key counts.", "[{id: 'a', n: 1}].keyBy('id') → {\"a\":{\"id\":\"a\",\"n\":1}}").arrow(Arrow::Optional),
    row(On::Array, "countBy", "(x => key)", (1, 1), |m, this, args| {
        let by = By::read(m, args)?;
        let (mut made, mut counts) = (Builder::default(), Vec::new());
        for at in 0..array_of(&this).len() {
            let key = by.key(m, &this, at)?.1;
            let key = key_text(m, &key)?;
            match made.position(key.as_str()) {
                Some(at) => counts[at] += 1,
                None => {
                    counts.push(1_usize);
                    made.add(&mut m.meter, key, Value::Null)?;
                }
            }
        }
        let object = made.build();
        let mut counted = Builder::default();
        for ((key, _), count) in object.entries().zip(counts) { counted.add(&mut m.meter, key, count.into())? }
        m.make_object(counted)
    }, "How many items each key has.", "['a', 'b', 'a'].countBy(x => x) → {\"a\":2,\"b\":1}").arrow(Arrow::Optional),
    row(On::Array, "unique", "(x => key)", (0, 1), |m, this, args| {
        if args.len() == 0 { return super::array::distinct(m, array_of(&this).iter()) }
        let by = By::read(m, args)?;
        let (mut seen, mut made) = (HashSet::new(), Vec::new());
        for at in 0..array_of(&this).len() {
            let (item, key) = by.key(m, &this, at)?;
            m.meter.bytes(2 * ARRAY_ITEM_BYTES)?;
            if seen.insert(identity(m, &key)?) { made.push(item) }
        }
        m.make_array(made)
    }, "The first of equal items, or of items with equal keys.", "[1, 2, 1].unique() → [1,2]").arrow(Arrow::Optional),
    row(On::Array, "sumBy", "(x => number)", (1, 1), |m, this, args| {
        let by = By::read(m, args)?;
        let mut sum = crate::value::Number::Int(0);
        for at in 0..array_of(&this).len() { sum = sum.add(to_number(&by.key(m, &this, at)?.1)) }
        Ok(sum.into())
    }, "The sum of a number of each item.", "[{n: 1}, {n: 2}].sumBy('n') → 3").arrow(Arrow::Optional),
    row(On::Array, "minBy", "(x => number)", (1, 1), |m, this, args| extreme_by(m, &this, args, Ordering::Less),
        "The item with the smallest key.", "[{n: 2}, {n: 1}].minBy(x => x.n) → {\"n\":1}").arrow(Arrow::Optional),
    row(On::Array, "maxBy", "(x => number)", (1, 1), |m, this, args| extreme_by(m, &this, args, Ordering::Greater),
        "The item with the largest key.", "[{n: 2}, {n: 1}].maxBy('n') → {\"n\":2}").arrow(Arrow::Optional),
];

/// How the key of an item is found.
enum By<'a> {
    Lambda(&'a Lambda),
    Name(Text<'a>),
}

impl<'a> By<'a> {
    fn read(machine: &mut Machine<'a>, args: &mut Args<'a>) -> Result<Self> {
        match args.arrow() {
            Some(lambda) => Ok(Self::Lambda(lambda)),
            None => args.text(machine).map(Self::Name),
        }
    }

    /// An item and its key.
    fn key(&self, machine: &mut Machine<'a>, this: &Value<'a>, at: usize) -> Result<(Value<'a>, Value<'a>)> {
        let name = match self {
            Self::Lambda(lambda) => {
                let (item, key) = visit_item(machine, lambda, this, at)?;
                // A key that leads nowhere groups as undefined.
                return Ok((item, if key.is_undefined() { Value::Undefined } else { key }));
            }
            Self::Name(name) => name,
        };
        machine.meter.scan(name.as_str().len())?;
        let item = array_of(this).get(at).unwrap_or(Value::Undefined);
        let key = match &item {
            Value::Object(object) => object.get(name.as_str()).unwrap_or(Value::Undefined),
            _ => Value::Undefined,
        };
        Ok((item, key))
    }
}

/// A key as text. Looking it up reads all of it.
fn key_text<'a>(machine: &mut Machine<'a>, key: &Value<'a>) -> Result<Text<'a>> {
    let key = machine.text_of(key)?;
    machine.meter.scan(key.as_str().len())?;
    Ok(key)
}

fn group_by<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let by = By::read(machine, args)?;
    let (mut keys, mut groups) = (Builder::default(), Vec::<Vec<Value<'a>>>::new());
    for at in 0..array_of(&this).len() {
        let (item, key) = by.key(machine, &this, at)?;
        let key = key_text(machine, &key)?;
        machine.meter.bytes(ARRAY_ITEM_BYTES)?;
        match keys.position(key.as_str()) {
            Some(at) => groups[at].push(item),
            None => {
                machine.meter.bytes(2 * ARRAY_ITEM_BYTES)?;
                keys.add(&mut machine.meter, key, Value::Null)?;
                groups.push(vec![item]);
            }
        }
    }
    let keys = keys.build();
    let mut made = Builder::default();
    for ((key, _), group) in keys.entries().zip(groups) {
        let group = machine.make_array(group)?;
        made.add(&mut machine.meter, key, group)?;
    }
    machine.make_object(made)
}

fn extreme_by<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
    wanted: Ordering,
) -> Result<Value<'a>> {
    let by = By::read(machine, args)?;
    let mut best: Option<(Value<'a>, Value<'a>)> = None;
    for at in 0..array_of(this).len() {
        let (item, key) = by.key(machine, this, at)?;
        let is_better = match &best {
            Some((_, than)) => machine.order(&key, than)? == Some(wanted),
            None => true,
        };
        if is_better {
            best = Some((item, key));
        }
    }
    Ok(best.map_or(Value::Null, |(item, _)| item))
}
