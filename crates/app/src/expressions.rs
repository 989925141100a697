//! Previews of expressions for people who write them.

use std::collections::BTreeMap;

use flero_expr::{ErrorKind, JsonScope, Limits, Root};
use flero_model::policy::{Action, Principal};
use serde_json::{Map, Value};

use crate::{App, Result, app::permit};

/// What one preview may cost: a tenth of what a node may, since it is asked for while somebody types.
fn limits() -> Limits {
    Limits { max_steps: 500_000, max_bytes: 4 << 20, ..Limits::default() }
}

/// What the expressions of a preview see. `$env` is the workspace's own and cannot be given.
#[derive(Debug, Clone, Default)]
pub struct PreviewScope {
    /// `$trigger`, `$input`, `$item`, `$index`, `$error`, `$workflow`, by their names without the dollar sign;
    /// other names are passed over.
    pub roots: Map<String, Value>,
    /// Outputs of nodes by display name.
    pub nodes: BTreeMap<String, Value>,
}

/// What the expressions of a value come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The value; null when a limit was reached.
    pub value: Value,
    /// What is wrong, in the order of the value.
    pub errors: Vec<PreviewError>,
}

/// What is wrong with one expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewError {
    /// Where: a JSON pointer into the value.
    pub pointer: String,
    /// `syntax`, `unresolved`, `type` or `limit`.
    pub kind: &'static str,
    /// What is wrong and what was available.
    pub message: String,
}

impl App {
    /// Evaluates the expressions of a value with what the caller says that they see.
    ///
    /// # Errors
    /// [`crate::Error::Forbidden`].
    pub async fn preview_expressions(
        &self,
        who: &Principal,
        value: &Value,
        scope: PreviewScope,
    ) -> Result<Preview> {
        permit(who, Action::CreateWorkflow)?;
        let variables = self.get_variables(who).await?;
        let mut roots: BTreeMap<Root, Value> = scope
            .roots
            .into_iter()
            .filter_map(|(name, value)| Some((Root::from_name(&format!("${name}"))?, value)))
            .collect();
        roots.insert(Root::Env, Value::Object(variables.values));
        let scope = JsonScope { roots, nodes: scope.nodes, now_ms: Some(self.now().as_millis()) };
        let limits = limits();
        Ok(match flero_expr::compile_with(value, &limits).eval(&scope, &limits) {
            Ok(found) => {
                let errors = found.errors.into_iter().map(|error| PreviewError {
                    pointer: error.pointer,
                    kind: match error.kind {
                        ErrorKind::Syntax => "syntax",
                        ErrorKind::Unresolved => "unresolved",
                        _ => "type",
                    },
                    message: error.message,
                });
                Preview { value: found.value, errors: errors.collect() }
            }
            Err(limit) => {
                let error =
                    PreviewError { pointer: String::new(), kind: "limit", message: limit.to_string() };
                Preview { value: Value::Null, errors: vec![error] }
            }
        })
    }
}
