//! `flero vault`: key ceremonies.

mod rotate;
mod scan;
mod slots;

use flero_keyring::{Keyring, Status};
use flero_vault::slot::RecoveryKit;
use serde_json::{Value, json};

use crate::{
    cli::Vault,
    config::Config,
    exit::{Failure, say},
    wiring::{Installation, keyring, keys},
};

/// Carries a ceremony out.
pub(crate) async fn run(config: Config, command: Vault) -> Result<(), Failure> {
    let installation = Installation::open(config)?;
    match command {
        Vault::Init { no_recovery, json } => init(&installation, !no_recovery, json).await,
        Vault::Status(output) => status(&installation, output.json).await,
        Vault::Slots(command) => slots::run(&installation, command).await,
        Vault::Rotate { key, drop_unreachable, json } => {
            rotate::run(&installation, key, drop_unreachable, json).await
        }
        Vault::Audit { paths, json } => scan::run(&installation, paths, json).await,
    }
}

/// Opens the keys of an installation whose ceremony was held; a ceremony is never held by the way.
async fn open(installation: &Installation) -> Result<Keyring, Failure> {
    if !installation.has_keys().await? {
        return Err(Failure::work("there are no keys yet; `flero vault init` makes them."));
    }
    installation.keyring().await
}

async fn init(installation: &Installation, with_recovery: bool, as_json: bool) -> Result<(), Failure> {
    if installation.has_keys().await? {
        return Err(Failure::work(
            "the keys of this installation are made already; `flero vault status` shows them.",
        ));
    }
    let mut providers = keys::providers(&installation.config)?;
    if providers.is_empty() {
        providers.push(keys::create_key_file(&installation.config)?);
    }
    let kit = with_recovery.then(RecoveryKit::generate);
    if let Some(kit) = &kit {
        providers.push(std::sync::Arc::new(kit.provider()));
    }
    let keyring = installation.ceremony(providers).await?;
    let status = keyring.status().await.map_err(crate::wiring::keyring)?;
    if as_json {
        return say(&json!({"instance": status.instance, "slots": slots_json(&status), "recovery": kit.as_ref().map(recovery_json)}).to_string());
    }
    say(&format!("Made the keys of {}.", status.instance))?;
    print_slots(&status)?;
    kit.map_or(Ok(()), |kit| print_recovery(&kit))
}

async fn status(installation: &Installation, as_json: bool) -> Result<(), Failure> {
    let keys = open(installation).await?;
    let status = keys.status().await.map_err(keyring)?;
    if as_json {
        let scopes: Vec<Value> = status.scopes.iter().map(|scope| json!({
            "kind": scope.scope.kind, "id": scope.scope.id, "opens": scope.opens,
            "versions": scope.versions.iter().map(|version| json!({"version": version.version, "state": version.state,
                "since": version.since, "secrets": version.secrets})).collect::<Vec<_>>(),
        })).collect();
        return say(&json!({"instance": status.instance, "generation": status.generation, "slots": slots_json(&status),
            "scopes": scopes, "warnings": status.warnings}).to_string());
    }
    say(&format!("Installation {}, generation {}", status.instance, status.generation))?;
    print_slots(&status)?;
    for scope in &status.scopes {
        say(&format!(
            "{} {}{}",
            scope.scope.kind.as_str(),
            scope.scope.id,
            if scope.opens { "" } else { "  DOES NOT OPEN" }
        ))?;
        for version in &scope.versions {
            say(&format!(
                "  version {:<4} {:<10} since {}  {} secrets",
                version.version, version.state, version.since, version.secrets
            ))?;
        }
    }
    print_warnings(&status)
}

fn slots_json(status: &Status) -> Vec<Value> {
    let slots = status.slots.iter();
    slots.map(|slot| json!({"id": slot.id, "provider": slot.provider, "keyId": slot.key_id, "createdAt": slot.created_at,
        "lastVerifiedAt": slot.last_verified_at, "opensHere": slot.opens_here})).collect()
}

fn print_slots(status: &Status) -> Result<(), Failure> {
    for slot in &status.slots {
        let opens = if slot.opens_here { "opens here" } else { "not opened here" };
        say(&format!("  {}  {:<10} {:<20} {opens}", slot.id, slot.provider, slot.key_id))?;
    }
    Ok(())
}

fn print_warnings(status: &Status) -> Result<(), Failure> {
    for warning in &status.warnings {
        say(&format!("Warning: {warning}"))?;
    }
    Ok(())
}

fn recovery_json(kit: &RecoveryKit) -> Value {
    json!({"identity": kit.identity().expose(), "checksum": kit.checksum(), "recipient": kit.recipient()})
}

fn print_recovery(kit: &RecoveryKit) -> Result<(), Failure> {
    say(
        "\nThe recovery identity, shown this once. Keep it on paper, away from this machine and its backups:\n",
    )?;
    say(&format!("    {}", kit.identity().expose()))?;
    say(&format!("    checksum {}\n", kit.checksum()))
}
