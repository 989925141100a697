//! The expression language of `{{ ... }}`: parsed once, evaluated within a step and a byte budget.
//!
//! The language looks like JavaScript and is described in `docs/guide/expressions.md`. It is not JavaScript: there is
//! no engine behind it, but a walk over a parsed form that knows JSON values, a closed table of functions and nothing
//! else. There are no assignments, loops, recursion, prototypes or functions as values, so that there is nothing to
//! escape to; and every step and byte is counted before it is spent, so that nothing can hang or exhaust the process.
//!
//! **Invariant:** no input or output, no clock, no environment. What an expression can see is what a [`Scope`] gives,
//! and there is no root for a credential.
//!
//! ```
//! use flero_expr::{JsonScope, Limits, Root, compile};
//! use serde_json::json;
//!
//! let compiled = compile(&json!({"text": "Order {{ $trigger.body.id }}", "count": "{{ $trigger.body.items.length }}"}));
//! let scope = JsonScope {
//!     roots: [(Root::Trigger, json!({"body": {"id": 7, "items": ["a", "b"]}}))].into(),
//!     ..JsonScope::default()
//! };
//! let result = compiled.eval(&scope, &Limits::default())?;
//! assert_eq!(result.value, json!({"text": "Order 7", "count": 2}));
//! # Ok::<(), flero_expr::Error>(())
//! ```

mod ast;
mod compiled;
mod date;
mod error;
mod eval;
mod functions;
mod lex;
mod limits;
mod parse;
mod pattern;
mod scope;
mod template;
mod value;

pub use compiled::{Compiled, Evaluated, Roots, check, compile, compile_with};
pub use error::{Error, ErrorKind, ExprError, Problem};
pub use functions::{Function, On, functions};
pub use limits::{Allowance, Limits};
pub use scope::{JsonScope, Root, Scope};
pub use value::{Array, Number, Object, Text, Value};
