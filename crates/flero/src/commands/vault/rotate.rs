//! `flero vault rotate`: every key, online.

use std::{path::PathBuf, sync::Arc, time::Duration};

use flero_keyring::{Keyring, Provider, RemoveSlot, ScopeRotation, ScopeRotationOptions};
use flero_model::audit::{AuditAction, AuditDetail};
use flero_store::KeyStore as _;
use flero_vault::slot;
use serde_json::json;

use super::open;
use crate::{
    cli::RotateKey,
    commands::progress,
    exit::{Failure, say},
    wiring::{Installation, database, keyring, keys},
};

pub(super) async fn run(
    installation: &Installation,
    key: RotateKey,
    drop_unreachable: bool,
    as_json: bool,
) -> Result<(), Failure> {
    let keys = open(installation).await?;
    match key {
        RotateKey::Kek => kek(installation, &keys, as_json).await,
        RotateKey::Root => root(installation, &keys, drop_unreachable, as_json).await,
        RotateKey::Scope => scopes(installation, &keys, as_json).await,
    }
}

/// A new key file beside the old one, a slot for it, the old slot removed, the new file in the old one's place.
/// At every moment at least one file opens the vault.
async fn kek(installation: &Installation, keys: &Keyring, as_json: bool) -> Result<(), Failure> {
    let path = &installation.config.key_file;
    let old: Provider = Arc::new(keys::key_file(&installation.config)?);
    let old_key = old.identify().key_id;
    let status = keys.status().await.map_err(keyring)?;
    let old_slot = status.slots.iter().find(|slot| {
        slot.provider == old.identify().provider
            && slot.opens_here
            && old_key.as_deref().is_none_or(|key| key == slot.key_id)
    });
    let old_slot = old_slot
        .ok_or_else(|| {
            Failure::work("the key file of the configuration has no slot of its own; nothing was changed.")
        })?
        .id;
    let fresh = PathBuf::from(format!("{}.new", path.display()));
    let new: Provider =
        Arc::new(slot::create_key_file(&fresh, &installation.config.data_dir).map_err(keys::refused)?);
    let detail = AuditDetail { to: Some("file".to_owned()), ..AuditDetail::default() };
    let added = installation.record(AuditAction::SlotAdded, "vault".to_owned(), detail).await?;
    let id = keys.add_slot(&new, added).await.map_err(keyring)?;
    // The new file takes the name before the old slot goes: a crash in between leaves both slots, and the file that
    // is found opens one of them.
    std::fs::rename(&fresh, path).map_err(|error| {
        Failure::work(format!("the new key file cannot take its place ({}); both slots stay.", error.kind()))
    })?;
    let removed =
        installation.record(AuditAction::SlotRemoved, old_slot.to_string(), AuditDetail::default()).await?;
    keys.remove_slot(old_slot, RemoveSlot { force: true, ..RemoveSlot::default() }, removed)
        .await
        .map_err(keyring)?;
    if as_json {
        return say(&json!({"added": id, "removed": old_slot}).to_string());
    }
    say(&format!("The key file {} is new; {old_slot} is gone.", path.display()))?;
    say("Backups from before can still be opened with the old file: destroy every copy of it.")
}

async fn root(
    installation: &Installation,
    keys: &Keyring,
    drop_unreachable: bool,
    as_json: bool,
) -> Result<(), Failure> {
    let plan = keys.plan_root_rotation().await.map_err(keyring)?;
    let dropped: Vec<_> = plan.dropped.iter().map(|(id, _)| *id).collect();
    if !dropped.is_empty() && !drop_unreachable {
        for (id, why) in &plan.dropped {
            say(&format!("{id} would be dropped: {why}"))?;
        }
        return Err(Failure::work(
            "nothing was changed. Give their keys, or repeat with --drop-unreachable.",
        ));
    }
    let detail = AuditDetail { count: Some(dropped.len() as u64), ..AuditDetail::default() };
    let audit = installation.record(AuditAction::RootKeyRotated, "vault".to_owned(), detail).await?;
    let done = keys.rotate_root(&dropped, audit).await.map_err(keyring)?;
    if as_json {
        let dropped: Vec<_> = done.dropped.iter().map(|(id, _)| id).collect();
        return say(&json!({"kept": done.kept, "dropped": dropped}).to_string());
    }
    say(&format!(
        "The root key is new; {} slots open it, {} were dropped.",
        done.kept.len(),
        done.dropped.len()
    ))
}

/// Every scope gets a new key, and every secret is sealed anew under it. Interrupted, the next call goes on.
async fn scopes(installation: &Installation, keys: &Keyring, as_json: bool) -> Result<(), Failure> {
    let all =
        installation.store.all_scope_keys().await.map_err(|error| database(&installation.config, &error))?;
    let mut scopes: Vec<_> = all.into_iter().map(|row| row.scope).collect();
    scopes.sort();
    scopes.dedup();
    let mut waiting = 0_u64;
    for scope in &scopes {
        let detail = AuditDetail { to: Some(scope.kind.as_str().to_owned()), ..AuditDetail::default() };
        let audit = installation.record(AuditAction::ScopeKeyRotated, scope.id.clone(), detail).await?;
        keys.begin_scope_rotation(scope, audit.clone()).await.map_err(keyring)?;
        let bar = progress::bar("sealing anew", 0);
        loop {
            let shown = bar.clone();
            let step = keys
                .advance_scope_rotation(
                    scope,
                    ScopeRotationOptions::default(),
                    audit.clone(),
                    &move |done, left| {
                        shown.set_length(done + left);
                        shown.set_position(done);
                    },
                )
                .await;
            match step.map_err(keyring)? {
                // A process that runs has to load the new key first; it does so with its next report.
                ScopeRotation::WaitingForNodes { .. } => tokio::time::sleep(Duration::from_millis(500)).await,
                ScopeRotation::WaitingForGrace { .. } => {
                    waiting += 1;
                    break;
                }
                ScopeRotation::Done => break,
            }
        }
        bar.finish_and_clear();
    }
    if as_json {
        return say(&json!({"scopes": scopes.len(), "awaitingDestruction": waiting}).to_string());
    }
    say(&format!("{} scopes have a new key and every secret is sealed under it.", scopes.len()))?;
    say("The old keys are destroyed after their grace period, by the server when it runs.")
}
