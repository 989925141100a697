//! What is wrong with a connector's folder, each finding with its file, its place and its line. The compliance test
//! of the built-in connectors is this and nothing else.

mod events;
mod exchange;
mod hosts;
mod lines;
mod lists;
mod rules;

use std::collections::BTreeMap;

pub use exchange::{Exchange, exchanges};
#[cfg(test)]
pub(crate) use rules::CATEGORIES;
use serde::Serialize;

use crate::{
    compile::{Compiled, check},
    folder,
};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file of the folder.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// The place in the document: a JSON pointer (RFC 6901), so that the empty one is all of it.
    pub pointer: String,
    /// The name of the rule.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// What a check of a folder brought to light.
#[derive(Debug)]
pub struct Linted {
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
    /// What the folder became, where it could be read.
    pub compiled: Option<Compiled>,
}

/// Checks a folder. `id` is its name, `files` its files by their names in it.
#[must_use]
pub fn lint(id: &str, files: &BTreeMap<String, Vec<u8>>) -> Linted {
    let mut findings = Vec::new();
    let (document, faults) = match folder::assemble(files) {
        Ok(read) => read,
        Err(error) => {
            let line = match error {
                crate::Error::Syntax { line, .. } => line.max(1),
                _ => 1,
            };
            let message = format!("{error}.");
            findings.push(Finding {
                file: folder::MAIN.to_owned(),
                line,
                pointer: String::new(),
                rule: "readable",
                message,
            });
            return Linted { findings, compiled: None };
        }
    };
    let places = lines::Places::of(files, &document);
    let mut add = |pointer: &str, rule: &'static str, message: String| {
        let (file, line) = places.find(pointer);
        findings.push(Finding { file, line, pointer: pointer.to_owned(), rule, message });
    };
    for fault in faults {
        add(&fault.pointer, "reference", fault.reason);
    }
    let compiled = check(&document);
    for entry in &compiled.report.left_out {
        add(&entry.pointer, "left-out", entry.reason.clone());
    }
    if !crate::names::is_slug(id) {
        add("", "name", "The folder's name is small letters, digits and hyphens.".to_owned());
    }
    rules::document(&document, &compiled, &mut add);
    rules::paths(&document, &mut add);
    hosts::check(&document, &compiled, &mut add);
    rules::operations(&document, &compiled, &mut add);
    events::check(&document, &compiled, &mut add);
    exchange::check(&document, &compiled, files, &mut add);
    rules::guide(files, &mut findings);
    Linted { findings, compiled: Some(compiled) }
}

/// Takes one finding: place, rule, message.
type Add<'a> = dyn FnMut(&str, &'static str, String) + 'a;

#[cfg(feature = "validate")]
#[cfg(test)]
mod tests;
