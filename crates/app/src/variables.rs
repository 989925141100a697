//! The workspace's variables: what expressions read as `$env`. They are not secrets.

use flero_model::{
    audit::{AuditAction, AuditDetail},
    json,
    policy::{Action, Principal},
    problem::{FieldProblem, pointer_segment},
};
use serde_json::{Map, Value};

use crate::{App, Error, Result, app::permit};

/// The most variables that a workspace may have.
pub const MAX_VARIABLES: usize = 500;
/// The most bytes that all of them may have as JSON: they go along with every run.
pub const MAX_BYTES: usize = 256 * 1024;

/// A workspace's variables and their revision, the `ETag`.
#[derive(Debug, Clone, PartialEq)]
pub struct Variables {
    /// The values by name.
    pub values: Map<String, Value>,
    /// Counts changes; 0 before the first.
    pub revision: u64,
}

impl App {
    /// Reads the variables of the caller's workspace.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn get_variables(&self, who: &Principal) -> Result<Variables> {
        permit(who, Action::ReadVariables)?;
        let (values, revision) = self.store().get_variables(who.workspace).await?;
        Ok(Variables { values, revision })
    }

    /// Replaces the variables of the caller's workspace.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::Changed`] when `expected` is no longer the revision.
    pub async fn put_variables(
        &self,
        who: &Principal,
        values: Map<String, Value>,
        expected: Option<u64>,
    ) -> Result<Variables> {
        permit(who, Action::WriteVariables)?;
        check(&values)?;
        let mut detail = AuditDetail { count: Some(values.len() as u64), ..AuditDetail::default() };
        let (former, _) = self.store().get_variables(who.workspace).await?;
        let changed = values
            .iter()
            .filter(|(name, value)| former.get(name.as_str()) != Some(value))
            .map(|(name, _)| name);
        let removed = former.keys().filter(|name| !values.contains_key(name.as_str()));
        detail.fields = changed.chain(removed).take(50).cloned().collect();
        let record = self.record(who, AuditAction::VariablesChanged, who.workspace, detail);
        let revision =
            self.store().put_variables(who.workspace, values.clone(), expected, vec![record]).await?;
        self.variables_changed(who.workspace);
        Ok(Variables { values, revision })
    }
}

fn check(values: &Map<String, Value>) -> Result<()> {
    let mut problems = Vec::new();
    for name in values.keys() {
        let mut letters = name.bytes();
        let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == b'_');
        if !first
            || name.len() > 100
            || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
        {
            problems.push(FieldProblem::new(
                format!("/{}", pointer_segment(name)),
                "variable.name",
                "A name is 1 to 100 letters, digits and underscores, and does not start with a digit.",
            ));
        }
    }
    if values.len() > MAX_VARIABLES {
        problems.push(FieldProblem::new(
            "",
            "variable.too_many",
            format!("Use at most {MAX_VARIABLES} variables."),
        ));
    }
    if json::canonical(&Value::Object(values.clone())).len() > MAX_BYTES {
        problems.push(FieldProblem::new(
            "",
            "variable.too_large",
            "All variables together may have at most 256 KiB.",
        ));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_variable_is_named_like_an_identifier() {
        let ok = json!({"BASE_URL": "https://x", "_a1": {"nested": [1]}});
        assert!(check(ok.as_object().unwrap()).is_ok());
        for name in ["", "1a", "a-b", "ä", "a b"] {
            let mut values = Map::new();
            values.insert(name.to_owned(), json!(1));
            assert!(check(&values).is_err(), "{name:?}");
        }
    }
}
