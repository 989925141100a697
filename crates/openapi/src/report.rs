//! What came of a document: how many of its operations can be called, and what had to be left out and why.

use serde::{Deserialize, Serialize};

use crate::limits::MAX_REPORTED;

/// Something that could not be taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Where it stands in the document: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// Why it was left out, a sentence for people.
    pub reason: String,
}

/// The report of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Pairs of method and path that can be called.
    pub operations: usize,
    /// Pairs of method and path that the document has.
    pub total: usize,
    /// Events that the document describes.
    pub events: usize,
    /// What was left out, each with its place.
    pub left_out: Vec<LeftOut>,
    /// How many more there were than are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_left_out: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde passes a reference.
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Report {
    /// Whether there are operations and all of them can be called.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.total > 0 && self.operations == self.total
    }

    /// Adds an entry; the same place is told once.
    pub(crate) fn leave_out(&mut self, pointer: impl Into<String>, reason: impl Into<String>) {
        if self.left_out.len() >= MAX_REPORTED {
            self.more_left_out += 1;
            return;
        }
        let entry = LeftOut { pointer: pointer.into(), reason: reason.into() };
        if !self.left_out.contains(&entry) {
            self.left_out.push(entry);
        }
    }
}

/// What a check of a document says: one line of `flero connector import --check`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Whether the document has operations and all of them can be called.
    pub ok: bool,
    /// Pairs of method and path that can be called.
    pub operations: usize,
    /// Pairs of method and path that the document has.
    pub total: usize,
    /// What was left out, each with its place.
    pub left_out: Vec<LeftOut>,
    /// Why nothing of it can be used.
    pub error: Option<String>,
}

impl Check {
    /// Checks a document.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match crate::Document::read(bytes) {
            Ok(document) => Self::of_document(&document),
            Err(error) => Self { error: Some(error.to_string()), ..Self::default() },
        }
    }

    /// Checks a document that was read already.
    #[must_use]
    pub fn of_document(document: &crate::Document) -> Self {
        Self::of_report(crate::compile::check(document).report)
    }

    fn of_report(report: Report) -> Self {
        let error = crate::compile::nothing_to_call(&report);
        let mut left_out = report.left_out.clone();
        if report.more_left_out > 0 {
            let reason = format!("{} more places are not listed.", report.more_left_out);
            left_out.push(LeftOut { pointer: String::new(), reason });
        }
        Self {
            ok: error.is_none() && report.is_whole(),
            operations: report.operations,
            total: report.total,
            left_out,
            error,
        }
    }
}
