//! Operators.

use super::{Machine, Result};
use crate::ast::{Binary, Chain, Expr, Unary};
use crate::error::{Fault, wrong};
use crate::parse::COALESCE;
use crate::value::{Number, Text, Value, loose_equal, strict_equal, text_order, to_number, truthy};
use std::cmp::Ordering;
use std::rc::Rc;

impl<'a> Machine<'a> {
    /// Evaluates operators of one precedence from left to right.
    pub(super) fn chain(&mut self, chain: &'a Chain) -> Result<Value<'a>> {
        if chain.precedence == COALESCE {
            return self.coalesce(chain);
        }
        let mut left = self.eval(&chain.first)?;
        for (operator, operand) in &chain.rest {
            self.meter.steps(1)?;
            left = match operator {
                Binary::And if !truthy(&left) => left,
                Binary::Or if truthy(&left) => left,
                Binary::And | Binary::Or => self.eval(operand)?,
                _ => {
                    let right = self.eval(operand)?;
                    self.binary(*operator, left, right)?
                }
            };
        }
        Ok(left)
    }

    /// `a ?? b ?? c`: the first that is neither null nor undefined. A reference that leads nowhere counts as
    /// undefined in all but the last.
    fn coalesce(&mut self, chain: &'a Chain) -> Result<Value<'a>> {
        let mut operands = std::iter::once(&chain.first).chain(chain.rest.iter().map(|(_, operand)| operand));
        let Some(mut current) = operands.next() else { return Ok(Value::Undefined) };
        for next in operands {
            let locals = self.locals.len();
            match self.eval(current) {
                Ok(value) if !value.is_nullish() => return Ok(value),
                Ok(_) => {}
                Err(fault) if matches!(*fault, Fault::Unresolved(_)) => self.locals.truncate(locals),
                Err(fault) => return Err(fault),
            }
            current = next;
        }
        self.eval(current)
    }

    pub(super) fn unary(&mut self, operator: Unary, operand: &'a Expr) -> Result<Value<'a>> {
        let value = self.eval(operand)?;
        Ok(match operator {
            Unary::Not => Value::Bool(!truthy(&value)),
            Unary::Typeof => Value::Text(Text::Borrowed(value.type_name())),
            Unary::Minus => self.number(&value)?.negate().into(),
            Unary::Plus => self.number(&value)?.into(),
        })
    }

    pub(super) fn power(&mut self, operands: &'a [Expr; 2]) -> Result<Value<'a>> {
        let base = self.eval(&operands[0])?;
        let base = self.number(&base)?;
        let exponent = self.eval(&operands[1])?;
        Ok(base.power(self.number(&exponent)?).into())
    }

    /// The number that arithmetic sees; a reference that leads nowhere is an error.
    fn number(&mut self, value: &Value<'a>) -> Result<Number> {
        match value {
            Value::Number(number) => Ok(*number),
            Value::Text(text) => {
                self.meter.scan(text.as_str().len())?;
                Ok(to_number(value))
            }
            value => {
                self.present(value)?;
                Ok(to_number(value))
            }
        }
    }

    fn binary(&mut self, operator: Binary, left: Value<'a>, right: Value<'a>) -> Result<Value<'a>> {
        Ok(match operator {
            Binary::Add => return self.add(left, right),
            Binary::Subtract => self.number(&left)?.subtract(self.number(&right)?).into(),
            Binary::Multiply => self.number(&left)?.multiply(self.number(&right)?).into(),
            Binary::Divide => self.number(&left)?.divide(self.number(&right)?).into(),
            Binary::Remainder => self.number(&left)?.remainder(self.number(&right)?).into(),
            Binary::Equal => self.equal(&left, &right, loose_equal)?.into(),
            Binary::NotEqual => (!self.equal(&left, &right, loose_equal)?).into(),
            Binary::StrictEqual => self.equal(&left, &right, strict_equal)?.into(),
            Binary::StrictNotEqual => (!self.equal(&left, &right, strict_equal)?).into(),
            Binary::Less => (self.order(&left, &right)? == Some(Ordering::Less)).into(),
            Binary::Greater => (self.order(&left, &right)? == Some(Ordering::Greater)).into(),
            Binary::LessEqual => self.order(&left, &right)?.is_some_and(Ordering::is_le).into(),
            Binary::GreaterEqual => self.order(&left, &right)?.is_some_and(Ordering::is_ge).into(),
            Binary::In => return self.contains_key(&left, &right),
            // The chain has dealt with the operators that may leave their right side out.
            Binary::And | Binary::Or | Binary::Coalesce => right,
        })
    }

    fn add(&mut self, left: Value<'a>, right: Value<'a>) -> Result<Value<'a>> {
        let joins = |value: &Value<'_>| {
            matches!(
                value,
                Value::Text(_) | Value::Array(_) | Value::Object(_) | Value::Date(_) | Value::Pattern(_)
            )
        };
        if !joins(&left) && !joins(&right) {
            return Ok(self.number(&left)?.add(self.number(&right)?).into());
        }
        // A string that nobody else holds grows in place, so that a long concatenation is not copied at each step.
        let mut out = match left {
            Value::Text(Text::Made(text)) if Rc::strong_count(&text) == 1 => Text::Made(text).into_string(),
            left => {
                let mut out = String::new();
                self.push_value(&mut out, &left)?;
                out
            }
        };
        self.push_value(&mut out, &right)?;
        Ok(out.into())
    }

    /// Compares after counting the text that has to be read.
    pub(crate) fn equal(
        &mut self,
        left: &Value<'a>,
        right: &Value<'a>,
        equal: fn(&Value<'_>, &Value<'_>) -> bool,
    ) -> Result<bool> {
        self.scan_shorter(left, right)?;
        Ok(equal(left, right))
    }

    fn scan_shorter(&mut self, left: &Value<'a>, right: &Value<'a>) -> Result<()> {
        match (left, right) {
            (Value::Text(left), Value::Text(right)) => {
                self.meter.scan(left.as_str().len().min(right.as_str().len()))
            }
            // One that meets a number is read to its end.
            (Value::Text(text), _) | (_, Value::Text(text)) => self.meter.scan(text.as_str().len()),
            _ => Ok(()),
        }
    }

    /// The order that `<` sees: two strings by their code units, everything else as numbers.
    pub(crate) fn order(&mut self, left: &Value<'a>, right: &Value<'a>) -> Result<Option<Ordering>> {
        self.scan_shorter(left, right)?;
        Ok(match (left, right) {
            (Value::Text(left), Value::Text(right)) => Some(text_order(left, right)),
            _ => to_number(left).order(to_number(right)),
        })
    }

    fn contains_key(&mut self, key: &Value<'a>, target: &Value<'a>) -> Result<Value<'a>> {
        match target {
            Value::Object(object) => {
                let key = self.text_of(key)?;
                self.meter.scan(key.as_str().len())?;
                Ok(object.get(key.as_str()).is_some().into())
            }
            Value::Array(array) => {
                let index = to_number(key).float();
                Ok((index.fract() == 0.0 && index >= 0.0 && index < array.len() as f64).into())
            }
            other => {
                self.present(other)?;
                Err(wrong(format!(
                    "the right side of `in` needs to be an object or an array, and is {}",
                    other.noun()
                )))
            }
        }
    }
}
