//! x
use flero_model::workflow::WorkflowDocument;
/// w
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// p
    pub pointer: String,
    /// c
    pub code: &'static str,
    /// m
    pub message: String,
    /// k
    pub kind: String,
}
/// s
pub fn scan(_: &WorkflowDocument) -> Vec<Warning> {
    Vec::new()
}
