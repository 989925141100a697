//! Reading a node's parameters: every fault is collected with its place, unknown parameters are refused.

use std::sync::Arc;

use flero_model::{
    problem::{FieldProblem, pointer_segment},
    workflow::Node,
};
use serde_json::{Map, Value};

use crate::template::{Field, Template};

/// Reads the parameters of one node.
pub(crate) struct Reader<'n> {
    parameters: &'n Map<String, Value>,
    /// What messages call the node.
    kind: &'static str,
    at: String,
    known: Vec<&'static str>,
    problems: Vec<FieldProblem>,
}

impl<'n> Reader<'n> {
    pub(crate) fn new(node: &'n Node, at: &str) -> Self {
        Self::of(&node.parameters, node.kind.as_str(), at)
    }

    pub(crate) fn of(parameters: &'n Map<String, Value>, kind: &'static str, at: &str) -> Self {
        Self { parameters, kind, at: at.to_owned(), known: Vec::new(), problems: Vec::new() }
    }

    pub(crate) fn into_problems(self) -> Vec<FieldProblem> {
        self.problems
    }

    /// Notes a fault of a parameter; an empty name is the parameters themselves.
    pub(crate) fn fault(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        let pointer = if name.is_empty() { self.at.clone() } else { format!("{}/{name}", self.at) };
        self.problems.push(FieldProblem::new(pointer, code, message));
    }

    /// Refuses parameters that nobody asked for. To be called last.
    pub(crate) fn finish(&mut self) {
        for name in self.parameters.keys() {
            if !self.known.contains(&name.as_str()) {
                let message = if self.known.is_empty() {
                    format!("A {} node takes no parameters.", self.kind)
                } else {
                    format!(
                        "A {} node takes no such parameter. It takes: {}.",
                        self.kind,
                        self.known.join(", ")
                    )
                };
                self.problems.push(FieldProblem::new(
                    format!("{}/{}", self.at, pointer_segment(name)),
                    "node.unknown_parameter",
                    message,
                ));
            }
        }
    }

    /// A parameter as it stands; null counts as absent.
    pub(crate) fn raw(&mut self, name: &'static str) -> Option<&'n Value> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.parameters.get(name).filter(|value| !value.is_null())
    }

    /// Whether a value is a text with an expression in it.
    pub(crate) fn is_expression(value: &Value) -> bool {
        value.as_str().is_some_and(|text| text.contains("{{"))
    }

    /// A value of any kind with expressions anywhere in it.
    pub(crate) fn template(&mut self, name: &'static str) -> Option<Template> {
        let value = self.raw(name)?;
        Some(self.compile(name, value))
    }

    /// As [`Self::template`], but null is a value like any other.
    pub(crate) fn present(&mut self, name: &'static str) -> Option<Template> {
        self.known.push(name);
        let value = self.parameters.get(name)?;
        Some(self.compile(name, value))
    }

    /// As [`Self::template`], and a fault when it is absent.
    pub(crate) fn required(&mut self, name: &'static str, what: &str) -> Option<Template> {
        let template = self.template(name);
        if template.is_none() {
            self.fault(name, "node.required", format!("Give {what}."));
        }
        template
    }

    /// Compiles a value that stands at a place below the parameters.
    pub(crate) fn compile(&mut self, place: &str, value: &Value) -> Template {
        for problem in flero_expr::check(value) {
            let pointer = format!("{}/{place}{}", self.at, problem.pointer);
            self.problems.push(FieldProblem::new(pointer, "node.expression", sentence(&problem.message)));
        }
        Template::new(place, value)
    }

    /// All parameters as one value, for a node whose parameters are not known here.
    pub(crate) fn all(&mut self, value: &Value) -> Template {
        for problem in flero_expr::check(value) {
            let pointer = format!("{}{}", self.at, problem.pointer);
            self.problems.push(FieldProblem::new(pointer, "node.expression", sentence(&problem.message)));
        }
        Template::new("parameters", value)
    }

    /// A value of a narrow type, fixed or computed.
    pub(crate) fn field<T: Clone + 'static>(
        &mut self,
        name: &'static str,
        read: impl Fn(&Value) -> Result<T, String> + Send + Sync + 'static,
    ) -> Option<Field<T>> {
        let value = self.raw(name)?;
        if Self::is_expression(value) {
            let template = self.compile(name, value);
            return Some(Field::Computed(template, Arc::new(read)));
        }
        match read(value) {
            Ok(value) => Some(Field::Fixed(value)),
            Err(expected) => {
                self.fault(name, "node.parameter", expected);
                None
            }
        }
    }

    /// A whole number in a range.
    pub(crate) fn number(&mut self, name: &'static str, least: u64, most: u64) -> Option<Field<u64>> {
        self.field(name, move |value| {
            whole(value)
                .and_then(|number| u64::try_from(number).ok())
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| format!("Expected a whole number from {least} to {most}."))
        })
    }

    /// As [`Self::number`], with what holds when it is absent.
    pub(crate) fn number_or(
        &mut self,
        name: &'static str,
        least: u64,
        most: u64,
        default: u64,
    ) -> Field<u64> {
        self.number(name, least, most).unwrap_or(Field::Fixed(default))
    }

    /// True or false, with what holds when it is absent.
    pub(crate) fn flag(&mut self, name: &'static str, default: bool) -> Field<bool> {
        self.field(name, |value| value.as_bool().ok_or_else(|| "Expected true or false.".to_owned()))
            .unwrap_or(Field::Fixed(default))
    }

    /// One word of a closed set, fixed in the document.
    pub(crate) fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.raw(name)?;
        let found = value.as_str().and_then(|text| choices.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.fault(name, "node.choice", format!("Expected one of: {}.", words.join(", ")));
        }
        found.map(|(_, choice)| *choice)
    }

    /// A text that is fixed in the document: not empty, no expression, at most `most` characters.
    pub(crate) fn fixed_text(&mut self, name: &'static str, most: usize) -> Option<&'n str> {
        let value = self.raw(name)?;
        match value.as_str() {
            Some(text) if !text.is_empty() && text.chars().count() <= most && !text.contains("{{") => {
                Some(text)
            }
            _ => {
                let message = format!("Expected a text of 1 to {most} characters without an expression.");
                self.fault(name, "node.parameter", message);
                None
            }
        }
    }

    /// A whole number that is fixed in the document.
    pub(crate) fn fixed_number(&mut self, name: &'static str, least: u64, most: u64) -> Option<u64> {
        match self.number(name, least, most)? {
            Field::Fixed(number) => Some(number),
            Field::Computed(..) => {
                self.fault(name, "node.parameter", "Expected a number; an expression is not taken here.");
                None
            }
        }
    }

    /// An array of objects of at most `most` entries.
    pub(crate) fn objects(&mut self, name: &'static str, most: usize) -> Vec<&'n Map<String, Value>> {
        let Some(value) = self.raw(name) else { return Vec::new() };
        let items = match value.as_array() {
            Some(items) if items.len() <= most => items,
            _ => {
                self.fault(name, "node.parameter", format!("Expected an array of at most {most} objects."));
                return Vec::new();
            }
        };
        let mut objects = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            match item.as_object() {
                Some(object) => objects.push(object),
                None => self.fault(&format!("{name}/{place}"), "node.parameter", "Expected an object."),
            }
        }
        objects
    }

    /// Refuses members of an entry that are not known.
    pub(crate) fn only(&mut self, place: &str, object: &Map<String, Value>, known: &[&str]) {
        for member in object.keys().filter(|member| !known.contains(&member.as_str())) {
            let message = format!("Unknown here. Known: {}.", known.join(", "));
            self.fault(&format!("{place}/{}", pointer_segment(member)), "node.unknown_parameter", message);
        }
    }
}

/// A whole number, also one that is written with a zero fraction or as text by an expression.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            #[allow(clippy::cast_possible_truncation)] // The bounds are checked just before.
            (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A message as a sentence of its own.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
