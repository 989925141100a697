//! `flero account`: letting somebody in again who is shut out.
//!
//! It asks for no proof: whoever can run it on the data folder holds the data already. What it does is in the audit trail.

use serde_json::json;

use super::bootstrap::{read_password, told};
use crate::{
    cli::Account,
    config::Config,
    exit::{Failure, say},
    wiring::Installation,
};

/// Carries a command out and prints whose account it was.
pub(crate) async fn run(config: Config, command: Account) -> Result<(), Failure> {
    let secret = match &command {
        Account::Password { .. } => Some(read_password()?),
        Account::Unlock { .. } => None,
    };
    let (Account::Unlock { email } | Account::Password { email, .. }) = command;
    let installation = Installation::open(config)?;
    let keyring = installation.keyring().await?;
    let parts = installation.parts(keyring, "command").await?;
    let done = match secret {
        Some(secret) => parts.app.replace_password(&email, secret).await,
        None => parts.app.unlock_account(&email).await,
    };
    installation.retire().await;
    let user = done.map_err(|error| match error {
        flero_app::Error::NotFound => Failure::work("no account has this address."),
        other => told(other),
    })?;
    say(&json!({"userId": user}).to_string())
}
