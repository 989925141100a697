//! `flero backup`, `flero restore`, `flero resume`.

use std::path::PathBuf;

use flero_model::audit::{AuditAction, AuditDetail};
use flero_store::PeopleStore as _;
use serde_json::json;

use super::progress;
use crate::{
    cli::{Backup, Restore},
    config::Config,
    exit::{Failure, say},
    wiring::{Installation, data_dir, database},
};

/// Writes a consistent copy; the server may run meanwhile.
pub(crate) async fn backup(config: Config, options: Backup) -> Result<(), Failure> {
    let installation = Installation::open(config)?;
    let bar = progress::bar("copying pages", 0);
    let shown = bar.clone();
    let done = installation
        .store
        .backup_to(&options.file, move |at| {
            shown.set_length(at.total);
            shown.set_position(at.done);
        })
        .await;
    bar.finish_and_clear();
    let path = options.file.display().to_string();
    match done {
        Ok(()) => {}
        Err(flero_store::Error::Taken { .. }) => {
            return Err(Failure::work(format!("{path} exists already; choose another name.")));
        }
        Err(error) => return Err(Failure::work(format!("the backup {path} could not be written: {error}."))),
    }
    let bytes = std::fs::metadata(&options.file).map_or(0, |file| file.len());
    if options.json {
        return say(&json!({"file": path, "bytes": bytes}).to_string());
    }
    say(&format!(
        "Wrote {path}, {bytes} bytes. It holds no key: keep the key file and the recovery identity elsewhere."
    ))
}

/// Puts a backup in place of the database.
pub(crate) async fn restore(config: Config, options: Restore) -> Result<(), Failure> {
    data_dir::prepare(&config.data_dir)?;
    let _lock = data_dir::lock(&config.data_dir)?;
    let kept = if config.database.exists() {
        if !options.replace {
            return Err(Failure::work(format!(
                "there is a database at {} already. With --replace it is put aside and the backup takes its place.",
                config.database.display()
            )));
        }
        Some(put_aside(&config)?)
    } else {
        None
    };
    if let Err(error) = flero_store_sqlite::restore(&options.file, &config.database) {
        // What was there before comes back, so that a damaged backup costs nothing.
        if let Some(kept) = &kept {
            bring_back(kept, &config);
        }
        let path = options.file.display();
        return Err(Failure::work(format!(
            "the backup {path} cannot be restored: {error}. Nothing was changed."
        )));
    }
    if options.json {
        let former = kept.as_ref().map(|kept| kept.display().to_string());
        return say(
            &json!({"restored": options.file.display().to_string(), "former": former, "paused": true})
                .to_string(),
        );
    }
    if let Some(kept) = kept {
        say(&format!("The former database is at {}.", kept.display()))?;
    }
    say("Restored. The installation is paused: no trigger and no schedule runs until `flero resume`.")
}

/// The database's files: itself, its journal, its index of the journal.
fn files_of(database: &std::path::Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

fn put_aside(config: &Config) -> Result<PathBuf, Failure> {
    let aside = (1..10_000)
        .map(|number| {
            let mut name = config.database.as_os_str().to_owned();
            name.push(format!(".before-restore-{number}"));
            PathBuf::from(name)
        })
        .find(|path| !path.exists())
        .ok_or_else(|| Failure::work("too many former databases stand beside the database; remove some."))?;
    for (from, to) in files_of(&config.database).iter().zip(files_of(&aside)) {
        if from.exists() {
            std::fs::rename(from, to).map_err(|error| {
                Failure::work(format!("the former database cannot be put aside ({}).", error.kind()))
            })?;
        }
    }
    Ok(aside)
}

fn bring_back(kept: &std::path::Path, config: &Config) {
    for (from, to) in files_of(kept).iter().zip(files_of(&config.database)) {
        if from.exists() && std::fs::rename(from, &to).is_err() {
            tracing::error!(file = %from.display(), "could not be put back; rename it to the database's name by hand");
        }
    }
}

/// Lets a restored installation run again.
pub(crate) async fn resume(config: Config, as_json: bool) -> Result<(), Failure> {
    let installation = Installation::open(config)?;
    let failed = |error: flero_store::Error| database(&installation.config, &error);
    if !installation.store.is_paused().await.map_err(failed)? {
        return match as_json {
            true => say(&json!({"resumed": false, "paused": false}).to_string()),
            false => say("This installation is not paused."),
        };
    }
    let detail = AuditDetail { to: Some("resumed".to_owned()), ..AuditDetail::default() };
    let audit = installation.record(AuditAction::Restored, "installation".to_owned(), detail).await?;
    installation.store.set_paused(false, audit).await.map_err(failed)?;
    if as_json {
        return say(&json!({"resumed": true, "paused": false}).to_string());
    }
    say("Resumed. A server that runs already has to be started again.")
}
