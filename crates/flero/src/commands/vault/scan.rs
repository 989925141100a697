//! `flero vault audit`: looks for every stored secret where none may be.

use std::{path::PathBuf, sync::Arc};

use flero_model::audit::{AuditAction, AuditDetail};
use flero_store::AuditStore as _;

use super::open;
use crate::{
    commands::progress,
    exit::{Failure, say},
    wiring::{Installation, database, keyring},
};

pub(super) async fn run(
    installation: &Installation,
    more: Vec<PathBuf>,
    as_json: bool,
) -> Result<(), Failure> {
    let keys = open(installation).await?;
    for path in &more {
        if !path.exists() {
            return Err(Failure::usage(format!("there is nothing at {}.", path.display())));
        }
    }
    let mut paths = installation.files_to_scan();
    paths.extend(more);
    let bar = progress::bytes("reading");
    let shown = bar.clone();
    let report = keys
        .leak_scan(&paths, Arc::new(move |at| shown.set_position(at.bytes_scanned)))
        .await
        .map_err(keyring)?;
    bar.finish_and_clear();
    let detail = AuditDetail { count: Some(report.hits.len() as u64), ..AuditDetail::default() };
    let audit = installation.record(AuditAction::LeakScanned, "vault".to_owned(), detail).await?;
    installation.store.append_audit(audit).await.map_err(|error| database(&installation.config, &error))?;
    if as_json {
        say(&serde_json::to_string(&report).map_err(|_| Failure::work("the result cannot be printed."))?)?;
    } else {
        print(&report)?;
    }
    if report.is_clean() { Ok(()) } else { Err(Failure::told()) }
}

fn print(report: &flero_keyring::leak_scan::Report) -> Result<(), Failure> {
    for hit in &report.hits {
        say(&format!(
            "FOUND  {} ({}) in {} at byte {}, as {}",
            hit.owner,
            hit.field,
            hit.file.display(),
            hit.offset,
            hit.encoding
        ))?;
    }
    for file in &report.unreadable_files {
        say(&format!("not read  {}", file.display()))?;
    }
    for owner in &report.unreadable_secrets {
        say(&format!("does not open  {owner}"))?;
    }
    for owner in &report.too_short {
        say(&format!("too short to be looked for  {owner}"))?;
    }
    let looked = format!(
        "{} secrets in {} forms, {} files, {} bytes",
        report.secrets, report.needles, report.files, report.bytes_scanned
    );
    if report.is_clean() {
        say(&format!("Looked for {looked}: found nowhere."))
    } else {
        say(&format!(
            "Looked for {looked}: {} hits. Rotate these credentials and remove the files.",
            report.hits.len()
        ))
    }
}
