//! Parameter trees whose strings were parsed once.

use crate::error::{Error, ErrorKind, ExprError, Fault, Problem};
use crate::eval::Machine;
use crate::limits::Limits;
use crate::scope::{Root, Scope};
use crate::template::{Part, error_text, split};
use crate::value::{Number, Value, into_json};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the expressions of a tree refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// The roots that are named.
    pub roots: BTreeSet<Root>,
    /// The display names of the nodes that are named.
    pub nodes: BTreeSet<String>,
    /// Whether a node's name is computed, so that any node may be meant.
    pub any_node: bool,
}

/// A JSON parameter tree whose strings were parsed once. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Compiled(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tree: Tree,
    roots: Roots,
}

#[derive(Debug)]
enum Tree {
    /// Without any expression.
    Static(Arc<Json>),
    /// One `{{ }}` with nothing but white space around: its value keeps its type.
    Alone(Part),
    Text(Vec<Part>),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The tree with every expression replaced by its value.
    pub value: Json,
    /// The mistakes whose places were filled with `[EXPR-ERROR: ...]`, in the order of the tree.
    pub errors: Vec<ExprError>,
}

/// Compiles a parameter tree within the default limits.
///
/// This never fails: a broken expression becomes an error at each evaluation, and [`check`] lists it. Keys are kept
/// as they are; only strings in the place of values can hold expressions.
pub fn compile(value: &Json) -> Compiled {
    compile_with(value, &Limits::default())
}

/// Compiles a parameter tree within `limits`, of which the source's length and nesting count here.
pub fn compile_with(value: &Json, limits: &Limits) -> Compiled {
    let mut roots = Roots::default();
    let tree = build(value, limits, &mut roots, 0).unwrap_or_else(|| Tree::Static(Arc::new(value.clone())));
    Compiled(Arc::new(Inner { tree, roots }))
}

/// The syntax problems of a parameter tree, in the order of the tree, for the editor and for saving.
pub fn check(value: &Json) -> Vec<Problem> {
    let mut problems = Vec::new();
    let limits = Limits::default();
    walk(value, &mut String::new(), 0, &mut |pointer, text| {
        for part in split(text, &limits, &mut Roots::default()) {
            if let Part::Broken(error) = part {
                problems.push(Problem {
                    pointer: pointer.to_owned(),
                    message: error.message,
                    offset: error.at,
                });
            }
        }
    });
    problems
}

/// How deep a parameter tree is read. `serde_json` reads no deeper documents.
const TREE_DEPTH: usize = 128;

/// Compiles a subtree; none if nothing in it is an expression.
fn build(value: &Json, limits: &Limits, roots: &mut Roots, depth: usize) -> Option<Tree> {
    if depth > TREE_DEPTH {
        return None;
    }
    let or_static =
        |tree: Option<Tree>, value: &Json| tree.unwrap_or_else(|| Tree::Static(Arc::new(value.clone())));
    match value {
        Json::String(text) if text.contains("{{") => {
            let mut parts = split(text, limits, roots);
            let blank = |part: &Part| matches!(part, Part::Text(text) if text.trim().is_empty());
            if parts.iter().filter(|part| !blank(part)).count() == 1
                && let Some(at) = parts.iter().position(|part| !matches!(part, Part::Text(_)))
            {
                return Some(Tree::Alone(parts.swap_remove(at)));
            }
            Some(Tree::Text(parts))
        }
        Json::Array(items) => {
            let built: Vec<_> = items.iter().map(|item| build(item, limits, roots, depth + 1)).collect();
            built.iter().any(Option::is_some).then(|| {
                Tree::Array(built.into_iter().zip(items).map(|(tree, item)| or_static(tree, item)).collect())
            })
        }
        Json::Object(map) => {
            let built: Vec<_> = map.values().map(|item| build(item, limits, roots, depth + 1)).collect();
            built.iter().any(Option::is_some).then(|| {
                let trees = built.into_iter().zip(map);
                Tree::Object(trees.map(|(tree, (key, item))| (key.clone(), or_static(tree, item))).collect())
            })
        }
        _ => None,
    }
}

fn walk(value: &Json, pointer: &mut String, depth: usize, visit: &mut dyn FnMut(&str, &str)) {
    if depth > TREE_DEPTH {
        return;
    }
    match value {
        Json::String(text) => visit(pointer, text),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                within(pointer, &index.to_string(), |pointer| walk(item, pointer, depth + 1, visit));
            }
        }
        Json::Object(map) => {
            for (key, item) in map {
                within(pointer, key, |pointer| walk(item, pointer, depth + 1, visit));
            }
        }
        _ => {}
    }
}

/// Runs `inside` with one more part at the end of a JSON pointer. (RFC 6901, section 3)
fn within<T>(pointer: &mut String, part: &str, inside: impl FnOnce(&mut String) -> T) -> T {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
    let result = inside(pointer);
    pointer.truncate(length);
    result
}

impl Compiled {
    /// The value of a tree without expressions, shared.
    pub fn as_static(&self) -> Option<&Arc<Json>> {
        match &self.0.tree {
            Tree::Static(value) => Some(value),
            _ => None,
        }
    }

    /// What the expressions refer to.
    pub fn roots(&self) -> &Roots {
        &self.0.roots
    }

    /// Evaluates every expression of the tree.
    ///
    /// A mistake in an expression does not end the evaluation: its place is filled with `[EXPR-ERROR: ...]` and it is
    /// listed in [`Evaluated::errors`]. The values are never searched for expressions again.
    ///
    /// # Errors
    /// [`Error`] when a limit is reached; there is no result then.
    pub fn eval(&self, scope: &dyn Scope, limits: &Limits) -> Result<Evaluated, Error> {
        let Some(allowance) = scope.allowance() else { return self.eval_within(scope, limits).0 };
        let granted = allowance.left();
        if granted >= limits.max_steps {
            let (result, steps) = self.eval_within(scope, limits);
            allowance.spend(steps);
            return result;
        }
        let (result, steps) = self.eval_within(scope, &Limits { max_steps: granted, ..limits.clone() });
        allowance.spend(steps);
        result.map_err(|error| match error {
            Error::Steps { pointer, max } => {
                allowance.exceed();
                Error::Allowance { pointer, max }
            }
            other => other,
        })
    }

    /// The result, and the steps that it took.
    fn eval_within(&self, scope: &dyn Scope, limits: &Limits) -> (Result<Evaluated, Error>, u64) {
        let mut run =
            Run { machine: Machine::new(scope, limits), errors: Vec::new(), limits, path: Vec::new() };
        let value = run.tree(&self.0.tree);
        let steps = limits.max_steps.saturating_sub(run.machine.meter.left());
        (value.map(|value| Evaluated { value, errors: run.errors }), steps)
    }
}

/// A part of the way from the tree's top.
enum Place<'t> {
    Key(&'t str),
    Index(usize),
}

/// One evaluation of a tree.
struct Run<'t> {
    machine: Machine<'t>,
    errors: Vec<ExprError>,
    limits: &'t Limits,
    /// Where the evaluation is. The pointer is only written when something is wrong.
    path: Vec<Place<'t>>,
}

impl<'t> Run<'t> {
    fn tree(&mut self, tree: &'t Tree) -> Result<Json, Error> {
        match tree {
            Tree::Static(value) => Ok((**value).clone()),
            Tree::Alone(part) => self.alone(part),
            Tree::Text(parts) => self.text(parts),
            Tree::Array(items) => {
                let mut made = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.path.push(Place::Index(index));
                    made.push(self.tree(item)?);
                    self.path.pop();
                }
                Ok(Json::Array(made))
            }
            Tree::Object(entries) => {
                let mut made = Map::with_capacity(entries.len());
                for (key, item) in entries {
                    self.path.push(Place::Key(key));
                    made.insert(key.clone(), self.tree(item)?);
                    self.path.pop();
                }
                Ok(Json::Object(made))
            }
        }
    }

    fn alone(&mut self, part: &'t Part) -> Result<Json, Error> {
        let result = self.part(part).and_then(|value| into_json(&mut self.machine.meter, value));
        match result {
            Ok(value) => Ok(value),
            Err(fault) => self.report(*fault).map(Json::String),
        }
    }

    fn text(&mut self, parts: &'t [Part]) -> Result<Json, Error> {
        let mut out = String::new();
        for part in parts {
            let length = out.len();
            let result = match part {
                Part::Text(text) => self.machine.push(&mut out, text),
                part => self.part(part).and_then(|value| match value {
                    Value::Undefined | Value::Null => Ok(()),
                    value => self.machine.push_value(&mut out, &value),
                }),
            };
            if let Err(fault) = result {
                out.truncate(length);
                let text = self.report(*fault)?;
                out.push_str(&text);
            }
        }
        Ok(Json::String(out))
    }

    /// The value of one `{{ }}`. A number that JSON cannot hold is a mistake rather than a silent null.
    fn part(&mut self, part: &'t Part) -> Result<Value<'t>, Box<Fault>> {
        match part {
            Part::Text(text) => Ok(Value::Text(crate::value::Text::Borrowed(text))),
            Part::Broken(error) => Err(Box::new(Fault::Syntax(error.message.clone()))),
            Part::Value(expr) => match self.machine.run(expr)? {
                Value::Number(Number::Float(float)) if !float.is_finite() => {
                    let what = if float.is_nan() { "not a number" } else { "infinite" };
                    Err(crate::error::wrong(format!("the result is {what}")))
                }
                value => Ok(value),
            },
        }
    }

    /// Records a mistake and gives the text for its place; a limit ends the evaluation.
    fn report(&mut self, fault: Fault) -> Result<String, Error> {
        let (kind, message) = match fault {
            Fault::Stop(stop) => return Err(stop.at(self.pointer(), self.limits)),
            Fault::Syntax(message) => (ErrorKind::Syntax, message),
            Fault::Unresolved(message) => (ErrorKind::Unresolved, message),
            Fault::Wrong(message) => (ErrorKind::Type, message),
        };
        let text = error_text(&message);
        self.errors.push(ExprError { pointer: self.pointer(), kind, message });
        Ok(text)
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for place in &self.path {
            pointer.push('/');
            match place {
                Place::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Place::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }
}
