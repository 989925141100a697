//! `Set`, `Merge`, `Loop`, `Wait`, `Code`, `SubWorkflow`, `ErrorHandling` and `Terminal`.

use std::sync::Arc;

use flero_model::{Timestamp, WorkflowId};
use regex::Regex;
use serde_json::Value;

use super::{Reader, Work, logic::fixed_pattern, reader::whole};
use crate::{
    failure::Class,
    template::{Field, Template},
};

/// The longest wait, in milliseconds: a year.
const MAX_WAIT_MS: u64 = 366 * 86_400_000;

/// The longest time that the code of a Code node may be given, in milliseconds.
const MAX_CODE_MS: u64 = 30_000;

/// The most characters of the source of a Code node.
const MAX_SOURCE_CHARS: usize = 256 << 10;

/// What a Set node does.
#[derive(Debug, Clone)]
pub(crate) struct SetWork {
    pub(crate) fields: Option<Template>,
    pub(crate) keep_input: Field<bool>,
    pub(crate) variables: Option<Template>,
}

/// How a Merge node joins what comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MergeMode {
    /// One array; an input that is an array adds its items.
    Append,
    /// One object; where names meet, the later edge wins.
    Combine,
    /// Whatever comes first.
    First,
}

/// How a Loop node repeats its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopMode {
    /// Once per element of an array.
    Array,
    /// Once per member of an object.
    Object,
    /// Once per whole number.
    Range,
    /// Once per slice of an array.
    Batch,
    /// Once per element of an array, several at the same time.
    Parallel,
}

/// What a Loop node does.
#[derive(Debug, Clone)]
pub(crate) struct LoopWork {
    pub(crate) mode: LoopMode,
    pub(crate) items: Option<Template>,
    pub(crate) from: Field<i64>,
    pub(crate) to: Field<i64>,
    pub(crate) batch_size: Field<u64>,
    pub(crate) concurrency: Field<u64>,
}

/// What a Wait node waits for.
#[derive(Debug, Clone)]
pub(crate) enum WaitWork {
    /// A time to pass, in milliseconds.
    Duration(Field<u64>),
    /// A point in time.
    Until(Field<Timestamp>),
}

/// Where an ErrorHandling node sends an error.
#[derive(Debug, Clone)]
pub(crate) struct ErrorRule {
    /// `None` for any class.
    pub(crate) class: Option<Class>,
    /// What code or message must match.
    pub(crate) pattern: Option<Regex>,
    pub(crate) port: Arc<str>,
}

fn object_template(reader: &mut Reader<'_>, name: &'static str) -> Option<Template> {
    let value = reader.raw(name)?;
    if !value.is_object() && !Reader::is_expression(value) {
        reader.fault(name, "node.parameter", "Expected an object of names and values.");
        return None;
    }
    Some(reader.compile(name, value))
}

pub(super) fn read_set(reader: &mut Reader<'_>) -> Option<Work> {
    let fields = object_template(reader, "fields");
    let keep_input = reader.flag("keepInput", true);
    let variables = object_template(reader, "variables");
    reader.finish();
    Some(Work::Set(SetWork { fields, keep_input, variables }))
}

pub(super) fn read_merge(reader: &mut Reader<'_>) -> Option<Work> {
    let modes = [("append", MergeMode::Append), ("combine", MergeMode::Combine), ("first", MergeMode::First)];
    let mode = reader.choice("mode", &modes).unwrap_or(MergeMode::Append);
    reader.finish();
    Some(Work::Merge(mode))
}

fn integer(reader: &mut Reader<'_>, name: &'static str) -> Option<Field<i64>> {
    reader.field(name, |value| whole(value).ok_or_else(|| "Expected a whole number.".to_owned()))
}

pub(super) fn read_loop(reader: &mut Reader<'_>) -> Option<Work> {
    let modes = [
        ("array", LoopMode::Array),
        ("object", LoopMode::Object),
        ("range", LoopMode::Range),
        ("batch", LoopMode::Batch),
        ("parallel", LoopMode::Parallel),
    ];
    let mode = reader.choice("mode", &modes).unwrap_or(LoopMode::Array);
    let items = reader.template("items");
    let from = integer(reader, "from").unwrap_or(Field::Fixed(0));
    let to = integer(reader, "to");
    if mode == LoopMode::Range && to.is_none() && reader.raw("to").is_none() {
        reader.fault("to", "node.required", "Give the last number of the range.");
    }
    let batch_size = reader.number_or("batchSize", 1, 10_000, 10);
    let concurrency = reader.number_or("concurrency", 1, 100, 5);
    reader.finish();
    let to = to.unwrap_or(Field::Fixed(0));
    Some(Work::Loop(Box::new(LoopWork { mode, items, from, to, batch_size, concurrency })))
}

pub(super) fn read_wait(reader: &mut Reader<'_>) -> Option<Work> {
    let duration = reader.number("durationMs", 0, MAX_WAIT_MS);
    let until = reader.field("until", |value| {
        let at = value.as_str().and_then(|text| text.parse().ok());
        at.ok_or_else(|| "Expected a time as in RFC 3339, for example 2026-01-31T08:00:00Z.".to_owned())
    });
    let given = [reader.raw("durationMs"), reader.raw("until")].iter().flatten().count();
    if given != 1 {
        reader.fault("durationMs", "node.required", "Give either durationMs or until.");
    }
    reader.finish();
    duration.map(WaitWork::Duration).or(until.map(WaitWork::Until)).map(Work::Wait)
}

pub(super) fn read_code(reader: &mut Reader<'_>) -> Option<Work> {
    // The source is JavaScript and never a template: braces in it mean what they mean there.
    let source = match reader.raw("source").map(|value| value.as_str()) {
        Some(Some(text)) if text.len() <= MAX_SOURCE_CHARS => Some(text),
        Some(Some(_)) => {
            reader.fault("source", "node.parameter", format!("Use at most {MAX_SOURCE_CHARS} bytes."));
            None
        }
        _ => {
            reader.fault("source", "node.required", "Give the body of a function of `input` as a text.");
            None
        }
    };
    let timeout_ms = reader.number_or("timeoutMs", 1, MAX_CODE_MS, 10_000);
    reader.finish();
    Some(Work::Code { source: source?.into(), timeout_ms })
}

pub(super) fn read_sub_workflow(reader: &mut Reader<'_>) -> Option<Work> {
    let id =
        reader.raw("workflowId").and_then(Value::as_str).and_then(|text| text.parse::<WorkflowId>().ok());
    if id.is_none() {
        let message = "Give the ID of a workflow of this workspace (wf_...); an expression is not taken.";
        reader.fault("workflowId", "node.workflow_reference", message);
    }
    let input = reader.template("input");
    let wait = reader.flag("wait", true);
    reader.finish();
    Some(Work::SubWorkflow { workflow: id?, input, wait })
}

pub(super) fn read_error_handling(reader: &mut Reader<'_>) -> Option<Work> {
    let classes = [
        ("timeout", Some(Class::Timeout)),
        ("network", Some(Class::Network)),
        ("validation", Some(Class::Validation)),
        ("authentication", Some(Class::Authentication)),
        ("custom", None),
    ];
    let mut rules = Vec::new();
    if reader.raw("filters").is_none() {
        // Without filters each class has a port of its own name.
        for (word, class) in classes.iter().filter(|(_, class)| class.is_some()) {
            rules.push(ErrorRule { class: *class, pattern: None, port: (*word).into() });
        }
    }
    for (place, object) in reader.objects("filters", 50).into_iter().enumerate() {
        let at = format!("filters/{place}");
        reader.only(&at, object, &["type", "pattern", "port"]);
        let word = object.get("type").and_then(Value::as_str).unwrap_or_default();
        let Some((_, class)) = classes.iter().find(|(text, _)| *text == word) else {
            let message = "Expected one of: timeout, network, validation, authentication, custom.";
            reader.fault(&format!("{at}/type"), "node.choice", message);
            continue;
        };
        let text = object.get("pattern").and_then(Value::as_str);
        let pattern = text.and_then(|text| fixed_pattern(reader, &format!("{at}/pattern"), text));
        if class.is_none() && text.is_none() {
            let message = "Give a regular expression for the error's code or message.";
            reader.fault(&format!("{at}/pattern"), "node.required", message);
        }
        let port = object.get("port").and_then(Value::as_str).unwrap_or(word);
        if port.is_empty() || port == "error" || port.len() > 120 {
            reader.fault(
                &format!("{at}/port"),
                "node.parameter",
                "Give the name of a port other than `error`.",
            );
        }
        rules.push(ErrorRule { class: *class, pattern, port: port.into() });
    }
    reader.finish();
    Some(Work::ErrorHandling(rules))
}

pub(super) fn read_terminal(reader: &mut Reader<'_>) -> Option<Work> {
    // `null` is an output too, so an absent parameter is told from one that is null.
    let output = reader.present("output");
    reader.finish();
    Some(Work::Terminal(output))
}
