//! Calls of functions.

use super::{Machine, Result};
use crate::ast::{Call, Item};
use crate::error::wrong;
use crate::functions::{Arg, Args, On};
use crate::template::shorten;
use crate::value::{ARRAY_ITEM_BYTES, Value};

impl<'a> Machine<'a> {
    /// Calls the function that fits the receiver; undefined stands for none.
    pub(super) fn call(&mut self, call: &'a Call, receiver: Value<'a>) -> Result<Value<'a>> {
        let kind = match &receiver {
            Value::Undefined => Some(0),
            receiver => On::index(receiver),
        };
        let Some(function) = kind.and_then(|kind| call.targets[kind]) else {
            let noun = receiver.noun();
            return Err(wrong(format!(
                "{noun} has no function `{}` with these arguments",
                shorten(&call.name)
            )));
        };
        let mut items = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            match arg {
                Item::One(expr) => items.push(Arg::Value(self.eval(expr)?)),
                Item::Lambda(lambda) => items.push(Arg::Lambda(lambda)),
                Item::Spread(expr) => {
                    let value = self.eval(expr)?;
                    self.spread(value, |value| items.push(Arg::Value(value)))?;
                }
            }
        }
        self.meter.bytes(items.len() * ARRAY_ITEM_BYTES)?;
        function.check_count(items.len()).map_err(wrong)?;
        (function.run)(self, receiver, &mut Args::new(function.name, items))
    }
}
