//! What holds for every JSON as a workflow document: it is read or refused with places, and what was read is written in a
//! form that reads the same. Called by the fuzz target and by the tests of `flero-model`.
#![allow(unreachable_pub, reason = "it is a module of a fuzz target and of the tests of a crate")]

use flero_model::workflow::WorkflowDocument;

/// Checks one text.
pub fn document(text: &str) {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else { return };
    match WorkflowDocument::parse(&value) {
        Ok(document) => {
            let written = serde_json::to_value(&document).expect("a document cannot be written");
            let again = WorkflowDocument::parse(&written).expect("what was written cannot be read again");
            assert_eq!(serde_json::to_value(&again).ok(), Some(written));
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            for problem in problems {
                assert!(
                    problem.pointer.is_empty() || problem.pointer.starts_with('/'),
                    "{}",
                    problem.pointer
                );
            }
        }
    }
}
