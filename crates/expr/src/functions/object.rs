//! Functions of objects, also in the spelling of `Object.keys(x)`.

use super::array::collect;
use super::{Args, Arrow, Function, MANY, On, row};
use crate::error::{Fault, wrong};
use crate::eval::Machine;
use crate::value::{ARRAY_ITEM_BYTES, Array, Builder, Object, Text, Value, truthy};

type Result<T> = std::result::Result<T, Box<Fault>>;

/// The object that a function of objects is called on.
fn object_of<'a>(value: &Value<'a>) -> Object<'a> {
    match value {
        Value::Object(object) => object.clone(),
        _ => Builder::default().build(),
    }
}

#[rustfmt::skip]
pub(super) const TABLE: &[Function] = &[
    row(On::Object, "keys", "()", (0, 0), |m, this, _| keys(m, &object_of(&this)),
        "Its keys.", "({a: 1, b: 2}).keys() → [\"a\",\"b\"]"),
    row(On::Object, "values", "()", (0, 0), |m, this, _| values(m, &object_of(&this)),
        "Its values.", "({a: 1, b: 2}).values() → [1,2]"),
    row(On::Object, "entries", "()", (0, 0), |m, this, _| entries(m, &object_of(&this)),
        "Its entries as `[key, value]` pairs.", "({a: 1}).entries() → [[\"a\",1]]"),
    row(On::Object, "has", "(key)", (1, 1), has, "Whether it has a key.", "({a: 1}).has('a') → true"),
    row(On::Object, "hasOwnProperty", "(key)", (1, 1), has, "The same as `has`.", "({a: 1}).hasOwnProperty('b') → false"),
    row(On::Object, "get", "(path, fallback?)", (1, 2), get,
        "The value at a path with dots, or a fallback.", "({a: [{b: 7}]}).get('a.0.b') → 7"),
    row(On::Object, "pick", "(...keys)", (1, MANY), |m, this, args| choose(m, &this, args, true),
        "Only these keys.", "({a: 1, b: 2}).pick('a') → {\"a\":1}"),
    row(On::Object, "omit", "(...keys)", (1, MANY), |m, this, args| choose(m, &this, args, false),
        "Without these keys.", "({a: 1, b: 2}).omit('a') → {\"b\":2}"),
    row(On::Object, "merge", "(...others)", (1, MANY), |m, this, args| {
        let mut made = Builder::default();
        add_all(m, &mut made, &object_of(&this))?;
        while args.len() > 0 {
            let other = args.object()?;
            add_all(m, &mut made, &other)?;
        }
        m.make_object(made)
    }, "With the entries of other objects over its own.", "({a: 1, b: 2}).merge({b: 3}) → {\"a\":1,\"b\":3}"),
    row(On::Object, "compact", "()", (0, 0), |m, this, _| {
        let mut made = Builder::default();
        for (key, value) in object_of(&this).entries() {
            let is_empty = value.is_nullish() || matches!(&value, Value::Text(text) if text.as_str().is_empty());
            if !is_empty { made.add(&mut m.meter, key, value)? }
        }
        m.make_object(made)
    }, "Without entries that are null, undefined or empty text.", "({a: 1, b: null}).compact() → {\"a\":1}"),
    row(On::Object, "mapValues", "((value, key) => value)", (1, 1), |m, this, args| {
        let lambda = args.lambda()?;
        let mut made = Builder::default();
        for (key, value) in object_of(&this).entries() {
            let value = m.invoke(lambda, [value, Value::Text(key.clone())])?;
            made.add(&mut m.meter, key, value)?;
        }
        m.make_object(made)
    }, "With what the function makes of each value.", "({a: 1}).mapValues(x => x + 1) → {\"a\":2}").arrow(Arrow::Required),
    row(On::Object, "filter", "((value, key) => condition)", (1, 1), |m, this, args| {
        let lambda = args.lambda()?;
        let mut made = Builder::default();
        for (key, value) in object_of(&this).entries() {
            let holds = m.invoke(lambda, [value.clone(), Value::Text(key.clone())])?;
            if truthy(&holds) { made.add(&mut m.meter, key, value)? }
        }
        m.make_object(made)
    }, "The entries for which the condition holds.", "({a: 1, b: 2}).filter(x => x > 1) → {\"b\":2}").arrow(Arrow::Required),
    row(On::Object, "toUrlQuery", "()", (0, 0), |m, this, _| {
        let mut out = String::new();
        for (key, value) in object_of(&this).entries().filter(|(_, value)| !value.is_nullish()) {
            if !out.is_empty() { m.push(&mut out, "&")? }
            let key = super::encode::percent(m, key.as_str(), super::encode::COMPONENT)?;
            m.push(&mut out, &key)?;
            m.push(&mut out, "=")?;
            let value = m.text_of(&value)?;
            let value = super::encode::percent(m, value.as_str(), super::encode::COMPONENT)?;
            m.push(&mut out, &value)?;
        }
        Ok(out.into())
    }, "Its entries as the query of a URL.", "({q: 'a b', n: 1}).toUrlQuery() → \"q=a%20b&n=1\""),
    row(On::Nothing, "Object.keys", "(object)", (1, 1), |m, _, args| match args.value() {
        Value::Array(array) => collect(m, (0..array.len()).map(|at| Value::from(at.to_string()))),
        value => keys(m, &given(args, value)?),
    }, "The keys of an object.", "Object.keys({a: 1}) → [\"a\"]"),
    row(On::Nothing, "Object.values", "(object)", (1, 1), |m, _, args| match args.value() {
        Value::Array(array) => collect(m, array.iter()),
        value => values(m, &given(args, value)?),
    }, "The values of an object.", "Object.values({a: 1}) → [1]"),
    row(On::Nothing, "Object.entries", "(object)", (1, 1), |m, _, args| {
        let object = args.object()?;
        entries(m, &object)
    }, "The entries of an object as pairs.", "Object.entries({a: 1}) → [[\"a\",1]]"),
    row(On::Nothing, "Object.fromEntries", "(pairs)", (1, 1), |m, _, args| {
        let pairs = Value::Array(args.array()?);
        from_entries(m, &pairs)
    }, "The object of an array of pairs.", "Object.fromEntries([['a', 1]]) → {\"a\":1}"),
    row(On::Nothing, "Object.assign", "(...objects)", (1, MANY), |m, _, args| {
        let mut made = Builder::default();
        while args.len() > 0 {
            match args.value() {
                value if value.is_nullish() => {}
                value => { let object = given(args, value)?; add_all(m, &mut made, &object)? }
            }
        }
        m.make_object(made)
    }, "A new object of the entries of all.", "Object.assign({a: 1}, {b: 2}) → {\"a\":1,\"b\":2}"),
    row(On::Nothing, "Object.hasOwn", "(object, key)", (2, 2), |m, _, args| {
        let object = args.object()?;
        let key = args.text(m)?;
        m.meter.scan(key.as_str().len())?;
        Ok(object.get(key.as_str()).is_some().into())
    }, "Whether an object has a key.", "Object.hasOwn({a: 1}, 'a') → true"),
    row(On::Nothing, "Array.isArray", "(value)", (1, 1), |_, _, args| Ok(matches!(args.value(), Value::Array(_)).into()),
        "Whether a value is an array.", "Array.isArray([1]) → true"),
];

fn given<'a>(args: &Args<'a>, value: Value<'a>) -> Result<Object<'a>> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(args.mistake("an object")),
    }
}

fn keys<'a>(machine: &mut Machine<'a>, object: &Object<'a>) -> Result<Value<'a>> {
    collect(machine, object.entries().map(|(key, _)| Value::Text(key)))
}

fn values<'a>(machine: &mut Machine<'a>, object: &Object<'a>) -> Result<Value<'a>> {
    collect(machine, object.entries().map(|(_, value)| value))
}

fn entries<'a>(machine: &mut Machine<'a>, object: &Object<'a>) -> Result<Value<'a>> {
    machine.meter.bytes(object.len() * 5 * ARRAY_ITEM_BYTES)?;
    collect(
        machine,
        object.entries().map(|(key, value)| Value::Array(Array::new(vec![Value::Text(key), value]))),
    )
}

fn has<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let key = args.text(machine)?;
    machine.meter.scan(key.as_str().len())?;
    Ok(object_of(&this).get(key.as_str()).is_some().into())
}

fn add_all<'a>(machine: &mut Machine<'a>, made: &mut Builder<'a>, object: &Object<'a>) -> Result<()> {
    object.entries().try_for_each(|(key, value)| made.add(&mut machine.meter, key, value))
}

/// The object of `[key, value]` pairs.
pub(super) fn from_entries<'a>(machine: &mut Machine<'a>, pairs: &Value<'a>) -> Result<Value<'a>> {
    let mut made = Builder::default();
    for pair in super::array::array_of(pairs).iter() {
        let Value::Array(pair) = pair else {
            return Err(wrong("each item needs to be a pair of a key and a value"));
        };
        let key = machine.text_of(&pair.get(0).unwrap_or(Value::Undefined))?;
        made.add(&mut machine.meter, key, pair.get(1).unwrap_or(Value::Undefined))?;
    }
    machine.make_object(made)
}

fn choose<'a>(
    machine: &mut Machine<'a>,
    this: &Value<'a>,
    args: &mut Args<'a>,
    wanted: bool,
) -> Result<Value<'a>> {
    let mut names: std::collections::HashSet<Text<'a>> = std::collections::HashSet::new();
    while args.len() > 0 {
        match args.value() {
            Value::Array(array) => {
                for name in array.iter() {
                    machine.meter.steps(1)?;
                    machine.meter.bytes(ARRAY_ITEM_BYTES)?;
                    names.insert(machine.text_of(&name)?);
                }
            }
            name => {
                names.insert(machine.text_of(&name)?);
            }
        }
    }
    let mut made = Builder::default();
    for (key, value) in object_of(this).entries() {
        machine.meter.scan(key.as_str().len())?;
        if names.contains(&key) == wanted {
            made.add(&mut machine.meter, key, value)?;
        }
    }
    machine.make_object(made)
}

/// Follows a path of keys and positions through own properties.
fn get<'a>(machine: &mut Machine<'a>, this: Value<'a>, args: &mut Args<'a>) -> Result<Value<'a>> {
    let path = args.text(machine)?;
    machine.meter.scan(path.as_str().len())?;
    let mut current = Some(this);
    for name in path.as_str().split('.') {
        machine.meter.steps(1)?;
        current = match current {
            Some(Value::Object(object)) => object.get(name),
            Some(Value::Array(array)) => name.parse().ok().and_then(|at: usize| array.get(at)),
            _ => None,
        };
    }
    Ok(current.unwrap_or_else(|| args.value()))
}
