//! The arguments of a call, read by functions one at a time.

use crate::ast::Lambda;
use crate::error::{Fault, wrong};
use crate::eval::Machine;
use crate::value::{Array, Number, Object, Text, Value, to_number};

type Result<T> = std::result::Result<T, Box<Fault>>;

/// An evaluated argument.
pub(crate) enum Arg<'a> {
    Value(Value<'a>),
    Lambda(&'a Lambda),
}

/// The evaluated arguments of a call. Reading takes them one after the other.
pub(crate) struct Args<'a> {
    /// The function's name, for messages.
    pub(crate) function: &'static str,
    items: std::vec::IntoIter<Arg<'a>>,
}

impl<'a> Args<'a> {
    pub(crate) fn new(function: &'static str, items: Vec<Arg<'a>>) -> Self {
        Self { function, items: items.into_iter() }
    }

    /// The next argument; undefined if there is none.
    pub(crate) fn value(&mut self) -> Value<'a> {
        match self.items.next() {
            Some(Arg::Value(value)) => value,
            Some(Arg::Lambda(_)) | None => Value::Undefined,
        }
    }

    /// The next argument, unless it is missing or undefined.
    pub(crate) fn optional(&mut self) -> Option<Value<'a>> {
        let value = self.value();
        (!value.is_undefined()).then_some(value)
    }

    /// Number of arguments left.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// The next argument as an arrow function, if it is one.
    pub(crate) fn arrow(&mut self) -> Option<&'a Lambda> {
        match self.items.as_slice().first() {
            Some(Arg::Lambda(lambda)) => {
                let lambda = *lambda;
                self.items.next();
                Some(lambda)
            }
            _ => None,
        }
    }

    /// The next argument as an arrow function. The parser has checked that it is one.
    pub(crate) fn lambda(&mut self) -> Result<&'a Lambda> {
        self.arrow().ok_or_else(|| self.mistake("an arrow function"))
    }

    /// The next argument as text, as `String()` makes it.
    pub(crate) fn text(&mut self, machine: &mut Machine<'a>) -> Result<Text<'a>> {
        let value = self.value();
        machine.text_of(&value)
    }

    /// The next argument as a number; not a number if it is none.
    pub(crate) fn number(&mut self) -> Number {
        let value = self.value();
        to_number(&value)
    }

    /// The next argument as a whole number, or `default` without one.
    pub(crate) fn integer(&mut self, default: i64) -> i64 {
        self.optional().map_or(default, |value| to_number(&value).integer())
    }

    /// The next argument, which has to be an array.
    pub(crate) fn array(&mut self) -> Result<Array<'a>> {
        match self.value() {
            Value::Array(array) => Ok(array),
            _ => Err(self.mistake("an array")),
        }
    }

    /// The next argument, which has to be an object.
    pub(crate) fn object(&mut self) -> Result<Object<'a>> {
        match self.value() {
            Value::Object(object) => Ok(object),
            _ => Err(self.mistake("an object")),
        }
    }

    /// The error that an argument is not what it has to be.
    pub(crate) fn mistake(&self, needed: &str) -> Box<Fault> {
        wrong(format!("`{}` needs {needed} here", self.function))
    }
}
