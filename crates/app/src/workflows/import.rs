//! Importing a cURL command as a node.

use flero_engine::curl::{self, SecretKind};
use flero_model::{
    credential::AuthType,
    policy::{Action, Principal},
};
use serde_json::{Map, Value, json};

use crate::{App, Error, Result, app::permit};

/// What a command becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedCommand {
    /// The parameters of an HTTPRequest node.
    pub parameters: Map<String, Value>,
    /// The credentials that fit what stood in the command, without their secrets.
    pub credentials: Vec<SuggestedCredential>,
    /// What a node does not do of it; one sentence each.
    pub notes: Vec<String>,
}

/// A credential to make by hand; its secret is not carried over.
#[derive(Debug, Clone, PartialEq)]
pub struct SuggestedCredential {
    /// How it authenticates.
    pub auth_type: AuthType,
    /// Its parameters.
    pub parameters: Map<String, Value>,
    /// The host that the command sent it to.
    pub allowed_host: String,
}

impl App {
    /// Reads a cURL command. Secrets in it are taken out and dropped; what is suggested asks for them again.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] with what to change.
    pub fn import_curl(&self, who: &Principal, command: &str) -> Result<ImportedCommand> {
        permit(who, Action::CreateWorkflow)?;
        let imported = curl::parse(command).map_err(|fault| {
            let mut message = fault.to_string();
            message[..1].make_ascii_uppercase();
            Error::field("/command", "curl.command", format!("{message}."))
        })?;
        let credentials = imported.secrets.into_iter().map(|found| {
            let (auth_type, parameters) = match found.kind {
                SecretKind::Bearer => (AuthType::Bearer, json!({})),
                SecretKind::Basic { username } => (AuthType::Basic, json!({ "username": username })),
                SecretKind::Header { name, prefix } => {
                    (AuthType::ApiKey, json!({"in": "header", "name": name, "prefix": prefix}))
                }
                SecretKind::Query { name } => (AuthType::ApiKey, json!({"in": "query", "name": name})),
                SecretKind::Cookie { name } => (AuthType::ApiKey, json!({"in": "cookie", "name": name})),
            };
            let parameters = parameters.as_object().cloned().unwrap_or_default();
            SuggestedCredential { auth_type, parameters, allowed_host: found.host }
        });
        Ok(ImportedCommand {
            parameters: imported.parameters,
            credentials: credentials.collect(),
            notes: imported.notes,
        })
    }
}
