//! `flero bootstrap`: the first owner without a browser.

use std::io::Read as _;

use flero_app::people::SetUp;
use flero_model::secret::SecretString;
use serde_json::json;

use crate::{
    cli::Bootstrap,
    config::Config,
    exit::{Failure, say},
    wiring::Installation,
};

/// The longest password that is read, in bytes; more than the use case takes, so that it can say so.
const PASSWORD_LIMIT_BYTES: u64 = 8_192;

/// Makes the first owner and prints the identifiers and the key, this once.
pub(crate) async fn run(config: Config, owner: Bootstrap) -> Result<(), Failure> {
    let password = read_password()?;
    let installation = Installation::open(config)?;
    let keyring = installation.keyring().await?;
    let parts = installation.parts(keyring, "command").await?;
    let made = parts
        .app
        .set_up(SetUp { email: owner.email, name: owner.name, workspace: owner.workspace, password })
        .await;
    installation.retire().await;
    let made = made.map_err(told)?;
    say(&json!({
        "organizationId": made.organization,
        "workspaceId": made.workspace,
        "userId": made.user,
        "apiKey": made.api_key.expose(),
    })
    .to_string())
}

/// The password on standard input, without the end of its line.
pub(crate) fn read_password() -> Result<SecretString, Failure> {
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .take(PASSWORD_LIMIT_BYTES)
        .read_to_string(&mut password)
        .map_err(|_| Failure::usage("the password on standard input is not text."))?;
    password.truncate(password.trim_end_matches(['\r', '\n']).len());
    Ok(SecretString::new(password))
}

/// What a use case refuses, as sentences; fields with their place.
pub(crate) fn told(error: flero_app::Error) -> Failure {
    match &error {
        flero_app::Error::Invalid(problems) => {
            let lines: Vec<String> =
                problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect();
            Failure::work(lines.join("\n       "))
        }
        other => Failure::work(other.to_string()),
    }
}
