//! Parameters that may hold expressions, in the form that a compiled version keeps.

use std::sync::{Arc, LazyLock};

use flero_expr::{Compiled, ErrorKind, Limits, Scope};
use serde_json::Value;

use crate::failure::Failure;

static LIMITS: LazyLock<Limits> = LazyLock::new(Limits::default);

/// What an expression that cannot be resolved does to its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// Its place is filled with `[EXPR-ERROR: ...]`.
    Text,
    /// The node fails: by the workflow's setting, or because the field decides what is done (a URL, a method).
    Fail,
}

/// A parameter with its expressions parsed once.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    compiled: Compiled,
    /// The parameter's name, for messages.
    name: Arc<str>,
}

impl Template {
    pub(crate) fn new(name: &str, value: &Value) -> Self {
        Self { compiled: flero_expr::compile(value), name: name.into() }
    }

    /// The value, when there is no expression.
    pub(crate) fn fixed(&self) -> Option<&Arc<Value>> {
        self.compiled.as_static()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether an expression names the workspace's variables.
    pub(crate) fn uses_env(&self) -> bool {
        self.compiled.roots().roots.contains(&flero_expr::Root::Env)
    }

    /// The value for a node that begins. Without expressions nothing is copied.
    pub(crate) fn eval(&self, scope: &dyn Scope, unresolved: Unresolved) -> Result<Arc<Value>, Failure> {
        if let Some(fixed) = self.fixed() {
            return Ok(Arc::clone(fixed));
        }
        let evaluated = self.compiled.eval(scope, &LIMITS).map_err(|limit| self.over_limit(&limit))?;
        match evaluated.errors.first() {
            Some(error) if unresolved == Unresolved::Fail => Err(self.failed(&error.pointer, &error.message)),
            _ => Ok(Arc::new(evaluated.value)),
        }
    }

    /// The value of an operand. A reference that leads nowhere is null there, so that `isEmpty` and `isNull` can
    /// ask for it; anything else that is wrong fails the node, since it would otherwise decide a branch.
    pub(crate) fn operand(&self, scope: &dyn Scope, unresolved: Unresolved) -> Result<Arc<Value>, Failure> {
        if let Some(fixed) = self.fixed() {
            return Ok(Arc::clone(fixed));
        }
        let evaluated = self.compiled.eval(scope, &LIMITS).map_err(|limit| self.over_limit(&limit))?;
        match evaluated.errors.as_slice() {
            [] => Ok(Arc::new(evaluated.value)),
            [error] if error.kind == ErrorKind::Unresolved && unresolved == Unresolved::Text => {
                let alone = error.pointer.is_empty() && evaluated.value.as_str() == Some(&error.to_string());
                Ok(Arc::new(if alone { Value::Null } else { evaluated.value }))
            }
            [error, ..] => Err(self.failed(&error.pointer, &error.message)),
        }
    }

    fn failed(&self, pointer: &str, message: &str) -> Failure {
        Failure::new(
            "expression.unresolved",
            format!("The expression in `{}{pointer}` failed: {message}.", self.name),
        )
    }

    fn over_limit(&self, limit: &flero_expr::Error) -> Failure {
        Failure::new("expression.limit", format!("In `{}`: {limit}.", self.name))
    }
}

/// How a computed value is read: from JSON, or a sentence that says what was expected.
type Read<T> = Arc<dyn Fn(&Value) -> Result<T, String> + Send + Sync>;

/// A parameter of a narrow type that is fixed in the document or computed by an expression.
#[derive(Clone)]
pub(crate) enum Field<T> {
    Fixed(T),
    Computed(Template, Read<T>),
}

impl<T: Clone> Field<T> {
    /// The value for a node that begins. Such fields decide what is done, so an expression that cannot be
    /// resolved fails the node.
    pub(crate) fn get(&self, scope: &dyn Scope) -> Result<T, Failure> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Computed(template, read) => {
                let value = template.eval(scope, Unresolved::Fail)?;
                read(&value).map_err(|expected| {
                    Failure::new(
                        "node.parameter",
                        format!("The expression in `{}` gave something else: {expected}", template.name()),
                    )
                })
            }
        }
    }

    pub(crate) fn uses_env(&self) -> bool {
        matches!(self, Self::Computed(template, _) if template.uses_env())
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Field<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed(value) => write!(formatter, "Fixed({value:?})"),
            Self::Computed(template, _) => write!(formatter, "Computed({})", template.name()),
        }
    }
}
