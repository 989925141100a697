//! `flero audit verify`.

use flero_store::{AuditStore as _, chain};
use serde_json::json;

use super::progress;
use crate::{
    config::Config,
    exit::{Failure, say},
    wiring::{Installation, database},
};

/// How many records are read at a time.
const PAGE: u32 = 1_000;

/// Checks the chain of every workspace. It needs no key: anyone who has the database can do it.
pub(crate) async fn verify(config: Config, as_json: bool) -> Result<(), Failure> {
    let installation = Installation::open(config)?;
    let failed = |error: flero_store::Error| database(&installation.config, &error);
    let heads = installation.store.audit_heads().await.map_err(failed)?;
    let total = heads.iter().map(|(_, sequence, _)| sequence).sum();
    let bar = progress::bar("verifying", total);
    let (mut records, mut faults) = (0, Vec::new());
    for (workspace, last, head) in heads {
        let (mut hash, mut sequence) = (chain::GENESIS, 0);
        let fault = loop {
            let page = installation.store.audit_range(workspace, sequence, PAGE).await.map_err(failed)?;
            if page.is_empty() {
                break (sequence != last || hash != head)
                    .then(|| format!("the chain ends at record {sequence} of {last}"));
            }
            match chain::verify(hash, sequence, &page) {
                Ok(next) => (hash, sequence) = next,
                Err(broken) => break Some(broken.to_string()),
            }
            bar.set_position(records + sequence);
        };
        records += sequence;
        if let Some(fault) = fault {
            faults.push(json!({"workspace": workspace, "fault": fault}));
        }
    }
    bar.finish_and_clear();
    let ok = faults.is_empty();
    if as_json {
        say(&json!({"ok": ok, "records": records, "faults": faults}).to_string())?;
    } else if ok {
        say(&format!("{records} records, every chain is unbroken."))?;
    } else {
        for fault in &faults {
            say(&format!(
                "{}: {}",
                fault["workspace"].as_str().unwrap_or_default(),
                fault["fault"].as_str().unwrap_or_default()
            ))?;
        }
        say("Somebody changed the audit trail. Keep the database as it is and compare it with a backup.")?;
    }
    if ok { Ok(()) } else { Err(Failure::told()) }
}
