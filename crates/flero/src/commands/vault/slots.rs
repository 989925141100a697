//! `flero vault slots`: ways to the root key.

use std::{io::Write as _, sync::Arc};

use flero_keyring::{Keyring, Provider, RemoveSlot};
use flero_model::{
    SlotId,
    audit::{AuditAction, AuditDetail},
    secret::SecretString,
};
use flero_vault::slot::{self, RecoveryKit};
use serde_json::json;

use super::{open, print_recovery, print_slots, print_warnings, recovery_json, slots_json};
use crate::{
    cli::{SlotKind, Slots},
    exit::{Failure, say},
    wiring::{Installation, keyring, keys},
};

pub(super) async fn run(installation: &Installation, command: Slots) -> Result<(), Failure> {
    let keys = open(installation).await?;
    match command {
        Slots::List(output) => {
            let status = keys.status().await.map_err(keyring)?;
            if output.json {
                return say(&json!({"slots": slots_json(&status), "warnings": status.warnings}).to_string());
            }
            print_slots(&status)?;
            print_warnings(&status)
        }
        Slots::Add { kind, file, json } => add(installation, &keys, kind, file, json).await,
        Slots::Remove { id, json } => remove(installation, &keys, &id, json).await,
    }
}

async fn add(
    installation: &Installation,
    keys: &Keyring,
    kind: SlotKind,
    file: Option<std::path::PathBuf>,
    as_json: bool,
) -> Result<(), Failure> {
    let mut kit = None;
    let provider: Provider = match kind {
        SlotKind::File => {
            let path = file.ok_or_else(|| Failure::usage("name the key file to make with --file."))?;
            let path = std::path::absolute(&path).map_err(|_| Failure::usage("--file wants a path."))?;
            Arc::new(slot::create_key_file(&path, &installation.config.data_dir).map_err(keys::refused)?)
        }
        SlotKind::Env => {
            let value = std::env::var("FLERO_KEK")
                .map_err(|_| Failure::usage("set FLERO_KEK to base64 of 32 random bytes."))?;
            Arc::new(slot::EnvironmentKey::from_value(&SecretString::new(value)).map_err(keys::refused)?)
        }
        SlotKind::Passphrase => {
            Arc::new(slot::Passphrase::new(new_passphrase(installation)?).map_err(keys::refused)?)
        }
        SlotKind::Recovery => Arc::new(kit.insert(RecoveryKit::generate()).provider()),
    };
    let detail = AuditDetail { to: Some(provider.identify().provider.to_owned()), ..AuditDetail::default() };
    let audit = installation.record(AuditAction::SlotAdded, "vault".to_owned(), detail).await?;
    let id = keys.add_slot(&provider, audit).await.map_err(keyring)?;
    if as_json {
        let recovery = kit.as_ref().map(recovery_json);
        let identity = recovery.as_ref().map(|kit| kit["identity"].clone());
        return say(&json!({"id": id, "identity": identity, "recovery": recovery}).to_string());
    }
    say(&format!("Added {id} and opened it once to prove that it works."))?;
    kit.map_or(Ok(()), |kit| print_recovery(&kit))
}

/// The passphrase for a new slot: from the descriptor, or typed twice without being shown.
fn new_passphrase(installation: &Installation) -> Result<SecretString, Failure> {
    if let Some(descriptor) = installation.config.passphrase_fd {
        return keys::read_passphrase(descriptor);
    }
    let first = ask("Passphrase (15 characters or more): ")?;
    let second = ask("Once more: ")?;
    if first.expose() == second.expose() {
        Ok(first)
    } else {
        Err(Failure::work("the two passphrases differ; nothing was changed."))
    }
}

/// Reads a line from the terminal without showing it.
fn ask(prompt: &str) -> Result<SecretString, Failure> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let none =
        |_| Failure::usage("there is no terminal to ask on; give the passphrase with --passphrase-fd.");
    let terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(none)?;
    let shown = tcgetattr(&terminal)
        .map_err(|_| Failure::usage("the terminal cannot be switched; use --passphrase-fd."))?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    let _ = (&terminal).write_all(prompt.as_bytes());
    let switched = tcsetattr(&terminal, OptionalActions::Flush, &hidden);
    let mut line = String::new();
    let read = std::io::BufRead::read_line(&mut std::io::BufReader::new(&terminal), &mut line);
    let _ = tcsetattr(&terminal, OptionalActions::Flush, &shown);
    let _ = (&terminal).write_all(b"\n");
    switched.map_err(|_| Failure::usage("the terminal cannot be switched; use --passphrase-fd."))?;
    read.map_err(none)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(SecretString::new(line))
}

async fn remove(installation: &Installation, keys: &Keyring, id: &str, as_json: bool) -> Result<(), Failure> {
    let id: SlotId = id.parse().map_err(|_| {
        Failure::usage("the id of a slot starts with slot_; `flero vault slots list` shows them.")
    })?;
    let audit = installation.record(AuditAction::SlotRemoved, id.to_string(), AuditDetail::default()).await?;
    keys.remove_slot(id, RemoveSlot::default(), audit).await.map_err(keyring)?;
    if as_json {
        return say(&json!({"removed": id}).to_string());
    }
    say(&format!("Removed {id}. Destroy its key: a backup from before can be opened with it."))
}
