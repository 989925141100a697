//! References: roots, properties, indexes and calls, and what is said when one leads nowhere.

use super::{Machine, Result};
use crate::ast::{Base, Path, Step, StepKind};
use crate::error::{Fault, unresolved};
use crate::scope::Root;
use crate::template::{list, shorten};
use crate::value::{Miss, Number, Text, Value, unit_len};

/// How many references that led nowhere one evaluation remembers; the message of a later one is general.
const REMEMBERED: usize = 64;

/// A reference that led nowhere: how much of a path could be followed, and what was there instead.
pub(super) struct Missed<'a> {
    path: &'a Path,
    /// The number of steps up to the one that failed; 0 is the base itself.
    followed: usize,
    /// The value in which the property was looked for.
    holder: Value<'a>,
}

/// What a property is.
enum Found<'a> {
    Value(Value<'a>),
    /// The value has no such property.
    Nothing,
    /// There is no value to look into.
    Nullish,
}

impl<'a> Machine<'a> {
    pub(super) fn path(&mut self, path: &'a Path) -> Result<Value<'a>> {
        let mut steps = path.steps.iter().enumerate();
        let mut value = match &path.base {
            Base::Local { slot, .. } => self.locals.get(*slot).cloned().unwrap_or(Value::Undefined),
            Base::Root(root) => match self.scope.root(*root) {
                Some(value) => value,
                None => self.miss(path, 0, Value::Undefined),
            },
            Base::Node(name) => match self.scope.node(name) {
                Some(output) => self.output(path, output, &mut steps)?,
                None => self.miss(path, 0, Value::Undefined),
            },
            Base::AnyNode(name) => {
                let name = self.eval(name)?;
                let name = self.text_of(&name)?;
                match self.scope.node(name.as_str()) {
                    Some(output) => self.output(path, output, &mut steps)?,
                    None => self.miss(path, 0, Value::Undefined),
                }
            }
            Base::Expr(expr) => self.eval(expr)?,
        };
        for (at, step) in steps {
            self.meter.steps(1)?;
            value = match &step.kind {
                StepKind::Call(call) => {
                    if value.is_nullish() {
                        if step.optional {
                            return Ok(Value::Undefined);
                        }
                        return Err(self.nullish(path, at, &value, "called"));
                    }
                    self.call(call, value)?
                }
                kind => match self.property(&value, kind)? {
                    Found::Value(value) => value,
                    Found::Nothing | Found::Nullish if step.optional => return Ok(Value::Undefined),
                    Found::Nothing => self.miss(path, at + 1, value),
                    Found::Nullish => return Err(self.nullish(path, at, &value, "read")),
                },
            };
        }
        Ok(value)
    }

    /// A node's output, behind its `.json` or `.output`.
    fn output(
        &mut self,
        path: &'a Path,
        output: Value<'a>,
        steps: &mut std::iter::Enumerate<std::slice::Iter<'a, Step>>,
    ) -> Result<Value<'a>> {
        let is_output =
            |step: &&Step| matches!(&step.kind, StepKind::Key(key) if matches!(&**key, "json" | "output"));
        if path.steps.first().filter(is_output).is_some() {
            steps.next();
            return Ok(output);
        }
        self.meter.bytes(crate::value::OBJECT_ENTRY_BYTES)?;
        let node = Value::object([("json", output)]);
        self.meter.depth(node.depth())?;
        Ok(node)
    }

    fn property(&mut self, value: &Value<'a>, kind: &'a StepKind) -> Result<Found<'a>> {
        let found = |value: Option<Value<'a>>| value.map_or(Found::Nothing, Found::Value);
        let index = match kind {
            StepKind::Key(key) => return self.named(value, key),
            StepKind::Index(index) => index,
            StepKind::Call(_) => return Ok(Found::Nothing),
        };
        if value.is_nullish() {
            return Ok(Found::Nullish);
        }
        let index = self.eval(index)?;
        if let (Value::Array(array), Value::Number(number)) = (value, &index) {
            return Ok(found(whole(*number).and_then(|index| array.get(index))));
        }
        if let (Value::Text(text), Value::Number(number)) = (value, &index) {
            return Ok(found(self.character(text, whole(*number))?.map(Value::Text)));
        }
        let key = self.text_of(&index)?;
        self.meter.scan(key.as_str().len())?;
        self.named(value, key.as_str())
    }

    /// An own property by name. There are no inherited ones.
    fn named(&mut self, value: &Value<'a>, key: &str) -> Result<Found<'a>> {
        let found = match value {
            Value::Object(object) => object.get(key),
            Value::Array(array) if key == "length" => Some(array.len().into()),
            Value::Array(array) => plain_index(key).and_then(|index| array.get(index)),
            Value::Text(text) if key == "length" => {
                self.meter.scan(text.as_str().len())?;
                Some(unit_len(text.as_str()).into())
            }
            Value::Text(text) => self.character(text, plain_index(key))?.map(Value::Text),
            Value::Date(date) => date.part(key).map(Value::from),
            Value::Undefined | Value::Missing(_) | Value::Null => return Ok(Found::Nullish),
            Value::Bool(_) | Value::Number(_) | Value::Pattern(_) => None,
        };
        Ok(found.map_or(Found::Nothing, Found::Value))
    }

    /// One UTF-16 code unit of a text.
    fn character(&mut self, text: &Text<'a>, index: Option<usize>) -> Result<Option<Text<'a>>> {
        let Some(index) = index else { return Ok(None) };
        self.meter.scan(text.as_str().len())?;
        let inside = index < unit_len(text.as_str());
        Ok(inside.then(|| crate::value::slice_units(text, index, index + 1)))
    }

    /// Remembers a reference that leads nowhere. It is an error only where it is needed.
    fn miss(&mut self, path: &'a Path, followed: usize, holder: Value<'a>) -> Value<'a> {
        let number = self.missed.len();
        if number >= REMEMBERED {
            return Value::Missing(Miss(u32::MAX));
        }
        self.missed.push(Missed { path, followed, holder });
        Value::Missing(Miss(number as u32))
    }

    /// Refuses a reference that leads nowhere, naming what was available.
    pub(crate) fn present(&self, value: &Value<'a>) -> Result<()> {
        let Value::Missing(Miss(number)) = value else { return Ok(()) };
        let Some(missed) = self.missed.get(*number as usize) else {
            return Err(unresolved("a reference leads nowhere"));
        };
        Err(unresolved(self.explain(missed)))
    }

    fn explain(&self, missed: &Missed<'a>) -> String {
        let reference = write_path(missed.path, missed.followed);
        if missed.followed > 0 {
            let available = match &missed.holder {
                Value::Object(object) => format!("; available: {}", list(object.names())),
                Value::Array(array) => format!("; the array has {} items", array.len()),
                other => format!("; the value is {}", other.noun()),
            };
            return format!("{reference} does not exist{available}");
        }
        match &missed.path.base {
            Base::Node(_) | Base::AnyNode(_) => {
                let names = list(self.scope.node_names().into_iter());
                format!(
                    "{reference} has no output: there is no such node, or it has not run; available: {names}"
                )
            }
            _ => {
                let roots = Root::ALL.into_iter().filter(|root| self.scope.root(*root).is_some());
                let names: Vec<_> = roots.map(Root::name).collect();
                format!("{reference} does not exist here; available: $node, {}", names.join(", "))
            }
        }
    }

    /// The error that a property of null or undefined was asked for.
    fn nullish(&self, path: &'a Path, at: usize, value: &Value<'a>, verb: &str) -> Box<Fault> {
        if let Err(fault) = self.present(value) {
            return fault;
        }
        let name = match &path.steps[at].kind {
            StepKind::Key(key) => format!("`{}`", shorten(key)),
            StepKind::Call(call) => format!("`{}`", shorten(&call.name)),
            StepKind::Index(_) => "an index".to_owned(),
        };
        let reference = write_path(path, at);
        unresolved(format!(
            "{reference} is {}, so {name} cannot be {verb}; `?.` gives null instead",
            value.noun()
        ))
    }
}

/// A number as an index.
fn whole(number: Number) -> Option<usize> {
    number.exact().and_then(|index| usize::try_from(index).ok())
}

/// A name as an index: digits without leading zeros.
fn plain_index(name: &str) -> Option<usize> {
    let digits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    (digits && (name == "0" || !name.starts_with('0'))).then(|| name.parse().ok()).flatten()
}

/// The source of a path up to a step, for messages. Computed parts are left out, because they are values.
fn write_path(path: &Path, steps: usize) -> String {
    let mut out = match &path.base {
        Base::Root(root) => root.name().to_owned(),
        Base::Node(name) => format!("$node[\"{}\"]", shorten(name)),
        Base::AnyNode(_) => "$node[…]".to_owned(),
        Base::Local { name, .. } => shorten(name),
        Base::Expr(_) => "(…)".to_owned(),
    };
    // The beginning of a very long path says enough.
    for step in path.steps.iter().take(steps).take(12) {
        match &step.kind {
            StepKind::Key(key) if is_name(key) => out.extend([".", &shorten(key)]),
            StepKind::Key(key) => out.push_str(&format!("[\"{}\"]", shorten(key))),
            StepKind::Index(crate::ast::Expr::Number(number)) => {
                out.push('[');
                crate::value::format_number(*number, &mut out);
                out.push(']');
            }
            StepKind::Index(_) => out.push_str("[…]"),
            StepKind::Call(call) => out.extend([".", &shorten(&call.name), "(…)"]),
        }
    }
    out
}

fn is_name(key: &str) -> bool {
    !key.starts_with(|c: char| c.is_ascii_digit())
        && key.chars().all(|c| c == '_' || c == '$' || c.is_alphanumeric())
}
