//! `console` for code that runs: lines are kept, up to a number and a size, and given back with the result.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::function::Rest;
use rquickjs::{Ctx, Function, Object, Value};

use super::result;
use crate::config::Limits;

/// What code has written.
pub(super) struct Lines {
    lines: Vec<String>,
    lines_left: usize,
    bytes_left: usize,
}

impl Lines {
    pub(super) fn new(limits: &Limits) -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self {
            lines: Vec::new(),
            lines_left: limits.log_lines,
            bytes_left: limits.log_bytes,
        }))
    }

    /// Takes the lines out.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    fn push(&mut self, mut line: String) {
        if self.lines_left == 0 || self.bytes_left == 0 {
            return;
        }
        if line.len() > self.bytes_left {
            result::cut(&mut line, self.bytes_left);
            self.bytes_left = 0;
        } else {
            self.bytes_left -= line.len();
        }
        self.lines_left -= 1;
        self.lines.push(line);
    }
}

/// Adds `console` with `log`, `info`, `warn`, `error` and `debug`, which all do the same.
pub(super) fn install(ctx: &Ctx<'_>, lines: &Rc<RefCell<Lines>>) -> rquickjs::Result<()> {
    let console = Object::new(ctx.clone())?;
    for name in ["log", "info", "warn", "error", "debug"] {
        let lines = Rc::clone(lines);
        let write = Function::new(ctx.clone(), move |values: Rest<Value<'_>>| {
            let text = values.iter().map(show).collect::<Vec<_>>().join(" ");
            lines.borrow_mut().push(text);
        })?;
        console.set(name, write)?;
    }
    ctx.globals().set("console", console)
}

/// Text as it is, errors by name and message, the rest as JSON.
fn show(value: &Value<'_>) -> String {
    let ctx = value.ctx();
    if let Some(text) = value.as_string() {
        return text.to_string().unwrap_or_default();
    }
    if let Some(error) = value.as_exception() {
        let thrown = result::describe(ctx, error.as_value().clone());
        return format!("{}: {}", thrown.name, thrown.message);
    }
    match ctx.json_stringify(value.clone()) {
        Ok(Some(json)) => json.to_string().unwrap_or_default(),
        Ok(None) => value.type_name().to_owned(),
        Err(_) => {
            // What `toJSON` threw belongs to this line, not to the code that goes on after it.
            ctx.catch();
            format!("({})", value.type_name())
        }
    }
}
