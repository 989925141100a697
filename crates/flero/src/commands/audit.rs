//! `flero audit verify`.

mod check;
mod exported;

use serde_json::json;

use super::progress;
use crate::{
    config::Config,
    exit::{Failure, say},
    wiring::Installation,
};

pub(crate) use check::{Findings, check};
pub(crate) use exported::verify_file;

/// Checks the chain of every workspace, its checkpoints, and that no credential was put back. The chains need no key:
/// anyone who has the database can check them. The checkpoints need the vault.
pub(crate) async fn verify(config: Config, as_json: bool) -> Result<(), Failure> {
    let installation = Installation::open(config)?;
    // Without its key a copy of the database can be checked all the same, but for the checkpoints.
    let keyring = match installation.has_keys().await? {
        true => installation.keyring().await.ok(),
        false => None,
    };
    let bar = progress::bar("verifying", 0);
    let shown = bar.clone();
    let found = check(&installation, keyring.as_ref(), &|done, total| {
        shown.set_length(total);
        shown.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    let Findings { records, checkpoints, faults } = &found;
    let ok = faults.is_empty();
    if as_json {
        let faults: Vec<_> = faults
            .iter()
            .map(|fault| json!({"workspace": fault.workspace, "credential": fault.credential, "fault": fault.what}))
            .collect();
        say(&json!({"ok": ok, "records": records, "checkpoints": checkpoints, "faults": faults}).to_string())?;
    } else {
        for fault in faults {
            say(&fault.to_string())?;
        }
        match (ok, checkpoints) {
            (true, Some(count)) => {
                say(&format!(
                    "{records} records, every chain is unbroken and fits its {count} checkpoints."
                ))?;
            }
            (true, None) => say(&format!(
                "{records} records, every chain is unbroken. The checkpoints were not checked: the key is not here."
            ))?,
            (false, _) => say(
                "Somebody changed the database. Keep it as it is, and compare it with a backup and with the heads in the log.",
            )?,
        }
    }
    if ok { Ok(()) } else { Err(Failure::told()) }
}
