//! What an API key that is for chosen workflows sees of a list: a further condition with a parameter for each of them.

use flero_model::WorkflowId;
use rusqlite::ToSql;

/// The workflows that a reader is held to, each with the name of its parameter.
pub(crate) struct Only<'o>(Option<Vec<(String, &'o [u8])>>);

impl<'o> Only<'o> {
    /// `None` holds to nothing.
    pub(crate) fn these(workflows: Option<&'o [WorkflowId]>) -> Self {
        let named = |(place, workflow): (usize, &'o WorkflowId)| {
            (format!(":only{place}"), workflow.as_bytes().as_slice())
        };
        Self(workflows.map(|workflows| workflows.iter().enumerate().map(named).collect()))
    }

    /// The condition behind others that a column is one of them; of no workflow at all, it is never met.
    pub(crate) fn clause(&self, column: &str) -> String {
        let Some(workflows) = &self.0 else { return String::new() };
        let names: Vec<&str> = workflows.iter().map(|(name, _)| name.as_str()).collect();
        format!(" AND {column} IN ({})", names.join(", "))
    }

    /// The parameters of the condition.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (&str, &dyn ToSql)> {
        self.0.iter().flatten().map(|(name, value)| (name.as_str(), value as &dyn ToSql))
    }
}
