//! What nodes without effects do.

use std::sync::Arc;

use flero_model::Timestamp;
use serde_json::{Map, Value};

use super::{Run, context::Context, loops};
use crate::{
    failure::Failure,
    journal::{At, Output, output_name},
    params::{
        Conditions, ErrorRule, MergeMode, SetWork, SwitchCase, WaitWork, Work, text_of, wildcard_matches,
    },
    template::{Template, Unresolved},
};

/// What a node that begins comes to.
pub(super) enum Outcome {
    /// It has ended already.
    Done { port: Arc<str>, output: Output, variables: Option<Arc<Value>> },
    /// It waits.
    Wait(Timestamp),
    /// It repeats its body so often, so many times at once.
    Loop { count: u32, parallel: u32 },
    /// It needs something carried out.
    Effect,
}

fn done(output: Output) -> Outcome {
    Outcome::Done { port: output_name(), output, variables: None }
}

/// The most items that one Filter node looks at: it does so in one go, and others wait meanwhile.
const MAX_FILTER_ITEMS: usize = 100_000;

impl Run {
    /// Evaluates a node. Nothing is changed.
    pub(super) fn evaluate(&self, at: At, now: Timestamp) -> Result<Outcome, Failure> {
        let node = self.workflow.node(at.1);
        if matches!(
            node.work,
            Work::Http(_)
                | Work::Connector(_)
                | Work::Database(_)
                | Work::Code { .. }
                | Work::SubWorkflow { .. }
        ) {
            return Ok(Outcome::Effect);
        }
        if matches!(node.work, Work::Start(_) | Work::Webhook(..) | Work::Schedule(..) | Work::Event(..)) {
            return Ok(done(Output::Trigger));
        }
        let input = self.input_of(at);
        let context = Context::new(self, at, &input, now);
        match &node.work {
            Work::Set(work) => set(work, &input, &context),
            Work::If(conditions) => {
                let holds = conditions.hold(&context, context.unresolved())?;
                Ok(self.leave(at, if holds { "true" } else { "false" }, Output::Input))
            }
            Work::Switch { value, cases } => {
                let port = switch(value, cases, &context)?;
                Ok(self.leave(at, &port, Output::Input))
            }
            Work::Filter { items, conditions } => {
                self.filter(at, items.as_ref(), conditions, &input, &context)
            }
            Work::Merge(mode) => Ok(done(merge(*mode, &self.inputs_of(at))?)),
            Work::Wait(work) => {
                let until = match work {
                    WaitWork::Duration(field) => {
                        now.plus_millis(i64::try_from(field.get(&context)?).unwrap_or(i64::MAX))
                    }
                    WaitWork::Until(field) => field.get(&context)?,
                };
                Ok(if until <= now { done(Output::Input) } else { Outcome::Wait(until) })
            }
            Work::Loop(_) => {
                let (items, parallel) = self.loop_items(at, now, false)?;
                Ok(Outcome::Loop { count: loops::count_of(&items), parallel })
            }
            Work::ErrorHandling(rules) => {
                Ok(self.leave(at, &sort_error(rules, &input, &context), Output::Input))
            }
            Work::Terminal(Some(output)) => {
                Ok(done(Output::Value(output.eval(&context, context.unresolved())?)))
            }
            _ => Ok(done(Output::Input)),
        }
    }

    /// What a node that is switched off does: it passes its input on, by the port that goes straight on.
    pub(super) fn pass_on(&self, at: At) -> (Arc<str>, Output) {
        let port = match self.workflow.node(at.1).work {
            Work::If(_) => "true",
            Work::Switch { .. } | Work::ErrorHandling(_) => "default",
            Work::Loop(_) => "done",
            _ => return (output_name(), Output::Input),
        };
        (self.port(at, port), Output::Input)
    }

    fn leave(&self, at: At, port: &str, output: Output) -> Outcome {
        Outcome::Done { port: self.port(at, port), output, variables: None }
    }

    /// A port's name, shared with an edge that leaves by it where there is one.
    fn port(&self, at: At, port: &str) -> Arc<str> {
        let mut edges = self.workflow.node(at.1).outgoing.iter().map(|edge| self.workflow.edge(*edge));
        edges.find(|edge| &*edge.port == port).map_or_else(|| port.into(), |edge| Arc::clone(&edge.port))
    }

    /// Of an array the items that meet the conditions. Anything else is let through or held back as a whole.
    fn filter(
        &self,
        at: At,
        items: Option<&Template>,
        conditions: &Conditions,
        input: &Arc<Value>,
        context: &Context<'_>,
    ) -> Result<Outcome, Failure> {
        let items = match items {
            Some(template) => template.eval(context, Unresolved::Fail)?,
            None => Arc::clone(input),
        };
        let unresolved = context.unresolved();
        let Some(list) = items.as_array() else {
            let holds = conditions.hold(&context.with_item(&items, 0), unresolved)?;
            return Ok(self.leave(
                at,
                if holds { "output" } else { "dropped" },
                Output::Value(Arc::clone(&items)),
            ));
        };
        if list.len() > MAX_FILTER_ITEMS {
            let message = format!(
                "There are {} items, and a Filter node takes at most {MAX_FILTER_ITEMS}. Use a Loop node in batches.",
                list.len()
            );
            return Err(Failure::new("node.too_many_items", message));
        }
        let mut kept = Vec::new();
        for (place, item) in list.iter().enumerate() {
            if conditions.hold(&context.with_item(item, place), unresolved)? {
                kept.push(item.clone());
            }
        }
        Ok(done(Output::Value(Arc::new(Value::Array(kept)))))
    }
}

/// The fields over the input. An input that is no object has no fields to keep.
fn set(work: &SetWork, input: &Value, context: &Context<'_>) -> Result<Outcome, Failure> {
    let unresolved = context.unresolved();
    let variables = match &work.variables {
        Some(template) => Some(object(template, template.eval(context, unresolved)?)?),
        None => None,
    };
    let keep = work.keep_input.get(context)?;
    let output = match &work.fields {
        None if keep => Output::Input,
        None => Output::Value(Arc::new(Value::Object(Map::new()))),
        Some(template) => {
            let fields = object(template, template.eval(context, unresolved)?)?;
            match input {
                Value::Object(kept) if keep && !kept.is_empty() => {
                    Output::Value(Arc::new(over(kept, fields)))
                }
                _ => Output::Value(fields),
            }
        }
    };
    Ok(Outcome::Done { port: output_name(), output, variables })
}

/// The members of `fields` over those of `kept`. What was made for this node alone is moved, not copied.
fn over(kept: &Map<String, Value>, fields: Arc<Value>) -> Value {
    let fields = match Arc::try_unwrap(fields) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => Map::new(),
        Err(shared) => shared.as_object().cloned().unwrap_or_default(),
    };
    let mut all = Map::with_capacity(kept.len() + fields.len());
    all.extend(kept.iter().map(|(name, value)| (name.clone(), value.clone())));
    all.extend(fields);
    Value::Object(all)
}

fn object(template: &Template, value: Arc<Value>) -> Result<Arc<Value>, Failure> {
    if value.is_object() {
        return Ok(value);
    }
    let message = format!(
        "The expression in `{}` gave something else: expected an object of names and values.",
        template.name()
    );
    Err(Failure::new("node.parameter", message))
}

fn merge(mode: MergeMode, inputs: &[Arc<Value>]) -> Result<Output, Failure> {
    match mode {
        MergeMode::First => Ok(Output::Input),
        MergeMode::Append => {
            let mut all = Vec::new();
            for input in inputs {
                match &**input {
                    Value::Array(items) => all.extend_from_slice(items),
                    other => all.push(other.clone()),
                }
            }
            Ok(Output::Value(Arc::new(Value::Array(all))))
        }
        MergeMode::Combine => {
            let mut all = Map::new();
            for input in inputs {
                let Some(members) = input.as_object() else {
                    let message = "`combine` joins objects, but one of the inputs is none. Use `append`, or a Set node before.";
                    return Err(Failure::new("node.not_an_object", message));
                };
                all.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            Ok(Output::Value(Arc::new(Value::Object(all))))
        }
    }
}

/// The port of the first case that fits, else `default`. A text with `*` is a pattern; anything else has to be the
/// same value, or the same text.
fn switch(value: &Template, cases: &[SwitchCase], context: &Context<'_>) -> Result<Arc<str>, Failure> {
    let unresolved = context.unresolved();
    let value = value.operand(context, unresolved)?;
    let text = text_of(&value);
    for case in cases {
        let wanted = case.matches.operand(context, unresolved)?;
        let fits = match wanted.as_str() {
            Some(pattern) if pattern.contains('*') => wildcard_matches(pattern, &text),
            _ => *wanted == *value || (!wanted.is_null() && text_of(&wanted) == text),
        };
        if fits {
            return Ok(Arc::clone(&case.port));
        }
    }
    Ok("default".into())
}

/// The port of the first rule that fits the error, else `default`.
fn sort_error(rules: &[ErrorRule], input: &Value, context: &Context<'_>) -> Arc<str> {
    let error = input.get("error").cloned().or_else(|| context.error().cloned()).unwrap_or_default();
    let word = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let (class, code, message) = (word("class"), word("code"), word("message"));
    let rule = rules.iter().find(|rule| {
        let right_class = rule.class.is_none_or(|wanted| wanted.as_str() == class);
        right_class
            && rule.pattern.as_ref().is_none_or(|pattern| pattern.is_match(code) || pattern.is_match(message))
    });
    rule.map_or_else(|| "default".into(), |rule| Arc::clone(&rule.port))
}
