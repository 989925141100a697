//! The closed set of functions: a table. What is not in it cannot be called.
//!
//! Names are resolved when an expression is parsed; there is no look-up by name at run time and no way to reach a
//! function as a value.

mod args;
mod array;
mod date;
mod encode;
mod general;
mod group;
mod lambda;
mod number;
mod object;
mod regex;
mod string;
mod words;

pub(crate) use args::{Arg, Args};

use crate::ast::{Item, Targets};
use crate::error::Fault;
use crate::eval::Machine;
use crate::value::Value;

/// The code of a function: the machine, the receiver (undefined for a global function) and the arguments.
pub(crate) type Run = for<'a> fn(&mut Machine<'a>, Value<'a>, &mut Args<'a>) -> Result<Value<'a>, Box<Fault>>;

/// What a function is called on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// A string.
    Text,
    /// A number.
    Number,
    /// A boolean.
    Bool,
    /// An array.
    Array,
    /// An object.
    Object,
    /// A date.
    Date,
    /// A regular expression.
    Pattern,
    /// Any of them.
    Any,
    /// Nothing: the function stands alone, as `Math.max(1, 2)` or `now()`.
    Nothing,
}

/// Number of kinds of receivers.
pub(crate) const KINDS: usize = 7;

impl On {
    const KINDS: [Self; KINDS] =
        [Self::Text, Self::Number, Self::Bool, Self::Array, Self::Object, Self::Date, Self::Pattern];

    /// The place of a receiver's kind in [`Targets`].
    pub(crate) fn index(value: &Value<'_>) -> Option<usize> {
        Some(match value {
            Value::Text(_) => 0,
            Value::Number(_) => 1,
            Value::Bool(_) => 2,
            Value::Array(_) => 3,
            Value::Object(_) => 4,
            Value::Date(_) => 5,
            Value::Pattern(_) => 6,
            _ => return None,
        })
    }
}

/// Whether the first argument is an arrow function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrow {
    Never,
    Optional,
    Required,
}

/// A function of the language, for completion in the editor and for the documentation.
#[derive(Debug)]
pub struct Function {
    /// What it is called on.
    pub on: On,
    /// Its name, with the namespace of a global one: `trim`, `Math.max`.
    pub name: &'static str,
    /// Its arguments as they are written in the documentation.
    pub args: &'static str,
    /// What it does, in one sentence.
    pub help: &'static str,
    /// An expression and its value as JSON, with ` → ` between.
    pub example: &'static str,
    pub(crate) min: u8,
    /// The most arguments, or 255 for any number.
    pub(crate) max: u8,
    pub(crate) arrow: Arrow,
    pub(crate) run: Run,
}

/// A row of the table.
pub(crate) const fn row(
    on: On,
    name: &'static str,
    args: &'static str,
    (min, max): (u8, u8),
    run: Run,
    help: &'static str,
    example: &'static str,
) -> Function {
    Function { on, name, args, help, example, min, max, arrow: Arrow::Never, run }
}

/// Any number of arguments.
pub(crate) const MANY: u8 = u8::MAX;

impl Function {
    pub(crate) const fn arrow(mut self, arrow: Arrow) -> Self {
        self.arrow = arrow;
        self
    }

    /// Checks what can be known about the arguments before they are evaluated.
    pub(crate) fn accepts(&self, args: &[Item]) -> Result<(), String> {
        let spread = args.iter().any(|arg| matches!(arg, Item::Spread(_)));
        if !spread {
            self.check_count(args.len())?;
        }
        let first = matches!(args.first(), Some(Item::Lambda(_)));
        let other = args.iter().skip(1).any(|arg| matches!(arg, Item::Lambda(_)));
        match self.arrow {
            _ if other => Err(format!("only the first argument of `{}` can be an arrow function", self.name)),
            Arrow::Never if first => Err(format!("`{}` takes no arrow function", self.name)),
            Arrow::Required if !first => {
                Err(format!("`{}` needs an arrow function, as in `{0}(x => x.id)`", self.name))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn check_count(&self, count: usize) -> Result<(), String> {
        if count < usize::from(self.min) || (self.max != MANY && count > usize::from(self.max)) {
            return Err(format!("the arguments of `{}` are {}", self.name, self.args));
        }
        Ok(())
    }
}

static TABLES: [&[Function]; 11] = [
    string::TABLE,
    words::TABLE,
    regex::TABLE,
    encode::TABLE,
    number::TABLE,
    array::TABLE,
    lambda::TABLE,
    group::TABLE,
    object::TABLE,
    date::TABLE,
    general::TABLE,
];

/// Every function of the language.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    TABLES.iter().copied().flatten()
}

/// The functions of a name by kind of receiver; one for a kind goes before one for any.
pub(crate) fn methods(name: &str) -> Targets {
    let mut targets: Targets = [None; KINDS];
    for function in functions().filter(|function| function.name == name && function.on != On::Nothing) {
        for (kind, target) in On::KINDS.iter().zip(&mut targets) {
            if function.on == *kind || (function.on == On::Any && target.is_none()) {
                *target = Some(function);
            }
        }
    }
    targets
}

/// The global function of a name.
pub(crate) fn global(name: &str) -> Option<&'static Function> {
    functions().find(|function| function.on == On::Nothing && function.name == name)
}

/// Whether a name only holds functions, such as `Math`.
pub(crate) fn is_namespace(name: &str) -> bool {
    matches!(name, "Math" | "JSON" | "Object" | "Array" | "Number" | "String" | "Date")
}

/// The value of a constant such as `Math.PI`.
pub(crate) fn constant(name: &str) -> Option<f64> {
    use std::f64::consts;
    Some(match name {
        "Math.PI" => consts::PI,
        "Math.E" => consts::E,
        "Math.LN2" => consts::LN_2,
        "Math.LN10" => consts::LN_10,
        "Math.LOG2E" => consts::LOG2_E,
        "Math.LOG10E" => consts::LOG10_E,
        "Math.SQRT2" => consts::SQRT_2,
        "Math.SQRT1_2" => consts::FRAC_1_SQRT_2,
        "Number.MAX_SAFE_INTEGER" => 9_007_199_254_740_991.0,
        "Number.MIN_SAFE_INTEGER" => -9_007_199_254_740_991.0,
        "Number.MAX_VALUE" => f64::MAX,
        "Number.MIN_VALUE" => 5e-324,
        "Number.EPSILON" => f64::EPSILON,
        _ => return None,
    })
}

/// Whether a name means something of its own, and so cannot be a parameter.
pub(crate) fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "true" | "false" | "null" | "undefined" | "NaN" | "Infinity" | "typeof" | "in" | "this" | "new"
    )
}
