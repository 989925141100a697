//! Evaluation: a walk over the parsed form, metered at every step.
//!
//! The walk recurses as deep as the expression is nested, which the parser has limited; arrow functions are no values
//! and cannot call themselves.

mod call;
mod operator;
mod path;

use crate::ast::{Entry, Expr, Item, Lambda, Piece};
use crate::error::Fault;
use crate::limits::{Limits, Meter};
use crate::pattern::{self, Search};
use crate::scope::Scope;
use crate::value::{
    ARRAY_ITEM_BYTES, Array, Builder, Object, Text, Value, format_number, truthy, write_json,
};
use path::Missed;

/// The steps of compiling a computed regular expression: a large one takes a millisecond.
const COMPILE_STEPS: usize = 2000;

pub(crate) type Result<T> = std::result::Result<T, Box<Fault>>;

/// The state of one evaluation of a parameter tree.
pub(crate) struct Machine<'a> {
    scope: &'a dyn Scope,
    pub(crate) meter: Meter,
    /// The arguments of the arrow functions that are running.
    locals: Vec<Value<'a>>,
    /// References that led nowhere, by the number that [`Value::Missing`] carries.
    missed: Vec<Missed<'a>>,
    /// The computed regular expressions that this evaluation has paid for.
    patterns: Vec<String>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(scope: &'a dyn Scope, limits: &Limits) -> Self {
        Self {
            scope,
            meter: Meter::new(limits),
            locals: Vec::new(),
            missed: Vec::new(),
            patterns: Vec::new(),
        }
    }

    /// The time of `now()`.
    pub(crate) fn now_ms(&self) -> Option<i64> {
        self.scope.now_ms()
    }

    /// Compiles a computed regular expression. Only the first use in an evaluation is dear, and what it costs does not
    /// depend on what the cache holds from other evaluations.
    pub(crate) fn pattern(&mut self, source: &str) -> Result<Search> {
        self.meter.scan(source.len())?;
        let is_paid = self.patterns.iter().any(|known| known == source);
        if !is_paid {
            self.meter.steps(COMPILE_STEPS)?;
        }
        let search = pattern::compile(source, "").map_err(crate::error::wrong)?;
        if !is_paid {
            if self.patterns.len() >= pattern::KEPT / 2 {
                self.patterns.remove(0);
            }
            self.patterns.push(source.to_owned());
        }
        Ok(search)
    }

    /// The value of one `{{ }}`.
    pub(crate) fn run(&mut self, expr: &'a Expr) -> Result<Value<'a>> {
        self.locals.clear();
        self.missed.clear();
        let value = self.eval(expr)?;
        self.present(&value)?;
        Ok(value)
    }

    pub(crate) fn eval(&mut self, expr: &'a Expr) -> Result<Value<'a>> {
        self.meter.steps(1)?;
        match expr {
            Expr::Path(path) => self.path(path),
            Expr::Text(text) => Ok(Value::Text(Text::Borrowed(text))),
            Expr::Number(number) => Ok(Value::Number(*number)),
            Expr::Bool(value) => Ok(Value::Bool(*value)),
            Expr::Null => Ok(Value::Null),
            Expr::Undefined => Ok(Value::Undefined),
            Expr::Pattern(pattern) => Ok(Value::Pattern(pattern)),
            Expr::Chain(chain) => self.chain(chain),
            Expr::Unary(operator, operand) => self.unary(*operator, operand),
            Expr::Power(operands) => self.power(operands),
            Expr::Ternary(parts) => {
                let [condition, yes, no] = &**parts;
                let holds = truthy(&self.eval(condition)?);
                self.eval(if holds { yes } else { no })
            }
            Expr::Template(pieces) => self.template(pieces),
            Expr::Array(items) => self.array(items),
            Expr::Object(entries) => self.object(entries),
            Expr::Call(call) => self.call(call, Value::Undefined),
        }
    }

    /// Calls an arrow function. Parameters without an argument are undefined.
    pub(crate) fn invoke<const N: usize>(
        &mut self,
        lambda: &'a Lambda,
        args: [Value<'a>; N],
    ) -> Result<Value<'a>> {
        self.meter.steps(1)?;
        self.locals.truncate(lambda.base);
        let mut args = args.into_iter();
        self.locals.extend((0..lambda.params).map(|_| args.next().unwrap_or(Value::Undefined)));
        let result = self.eval(&lambda.body);
        self.locals.truncate(lambda.base);
        result
    }

    fn template(&mut self, pieces: &'a [Piece]) -> Result<Value<'a>> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.push(&mut out, text)?,
                Piece::Value(expr) => {
                    let value = self.eval(expr)?;
                    self.push_value(&mut out, &value)?;
                }
            }
        }
        Ok(out.into())
    }

    fn array(&mut self, items: &'a [Item]) -> Result<Value<'a>> {
        self.meter.bytes(items.len() * ARRAY_ITEM_BYTES)?;
        let mut made = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::One(expr) => made.push(self.eval(expr)?),
                Item::Spread(expr) => {
                    let value = self.eval(expr)?;
                    self.spread(value, |value| made.push(value))?;
                }
                Item::Lambda(_) => {}
            }
        }
        self.make_array(made)
    }

    /// Hands the elements of a value out, counting them before.
    pub(crate) fn spread(&mut self, value: Value<'a>, mut take: impl FnMut(Value<'a>)) -> Result<()> {
        match value {
            Value::Array(array) => {
                self.meter.steps(array.len())?;
                self.meter.bytes(array.len() * ARRAY_ITEM_BYTES)?;
                array.iter().for_each(take);
                Ok(())
            }
            Value::Text(text) => {
                self.meter.steps(text.as_str().len())?;
                self.meter.bytes(text.as_str().len() * ARRAY_ITEM_BYTES)?;
                for (at, character) in text.as_str().char_indices() {
                    take(Value::Text(text.part(at..at + character.len_utf8())));
                }
                Ok(())
            }
            other => {
                self.present(&other)?;
                Err(crate::error::wrong(format!("`...` needs an array, and this is {}", other.noun())))
            }
        }
    }

    fn object(&mut self, entries: &'a [Entry]) -> Result<Value<'a>> {
        let mut made = Builder::default();
        for entry in entries {
            match entry {
                Entry::Named(key, expr) => {
                    let value = self.eval(expr)?;
                    made.add(&mut self.meter, Text::Borrowed(key), value)?;
                }
                Entry::Computed(key, expr) => {
                    let key = self.eval(key)?;
                    let key = self.text_of(&key)?;
                    let value = self.eval(expr)?;
                    made.add(&mut self.meter, key, value)?;
                }
                Entry::Spread(expr) => match self.eval(expr)? {
                    Value::Object(object) => {
                        for (key, value) in object.entries() {
                            made.add(&mut self.meter, key, value)?;
                        }
                    }
                    value if value.is_nullish() => {}
                    value => {
                        let noun = value.noun();
                        return Err(crate::error::wrong(format!(
                            "`...` in an object needs an object, and this is {noun}"
                        )));
                    }
                },
            }
        }
        self.make_object(made)
    }

    /// An array of items that were counted; refused if it is too deep.
    pub(crate) fn make_array(&self, items: Vec<Value<'a>>) -> Result<Value<'a>> {
        let array = Array::new(items);
        self.meter.depth(array.depth())?;
        Ok(Value::Array(array))
    }

    /// The object that was built; refused if it is too deep.
    pub(crate) fn make_object(&self, builder: Builder<'a>) -> Result<Value<'a>> {
        let object: Object<'a> = builder.build();
        self.meter.depth(object.depth())?;
        Ok(Value::Object(object))
    }

    /// Appends text, counted.
    pub(crate) fn push(&mut self, out: &mut String, text: &str) -> Result<()> {
        self.meter.bytes(text.len())?;
        out.push_str(text);
        Ok(())
    }

    /// Appends a value as `String()` writes it; arrays and objects as compact JSON.
    pub(crate) fn push_value(&mut self, out: &mut String, value: &Value<'a>) -> Result<()> {
        match value {
            Value::Text(text) => self.push(out, text.as_str()),
            Value::Number(number) => {
                self.meter.bytes(24)?;
                format_number(*number, out);
                Ok(())
            }
            Value::Missing(_) => self.present(value),
            Value::Undefined => self.push(out, "undefined"),
            Value::Null => self.push(out, "null"),
            Value::Bool(value) => self.push(out, if *value { "true" } else { "false" }),
            Value::Date(date) => self.push(out, &date.to_iso()),
            Value::Pattern(pattern) => self.push(out, pattern.source()),
            Value::Array(_) | Value::Object(_) => write_json(&mut self.meter, value, "", out),
        }
    }

    /// A value as text.
    pub(crate) fn text_of(&mut self, value: &Value<'a>) -> Result<Text<'a>> {
        if let Value::Text(text) = value {
            return Ok(text.clone());
        }
        let mut out = String::new();
        self.push_value(&mut out, value)?;
        Ok(out.into())
    }
}
