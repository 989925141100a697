//! What the audit trail proves about the database that it stands in.

use std::{collections::HashMap, fmt};

use flero_keyring::Keyring;
use flero_model::{CredentialId, WorkspaceId};
use flero_store::{AuditStore as _, CredentialStore as _, Error, chain};

use crate::{
    exit::Failure,
    wiring::{Installation, database},
};

/// How many records are read at a time.
const PAGE: u32 = 1_000;

/// Something that does not fit.
pub(crate) struct Fault {
    /// The chain.
    pub(crate) workspace: Option<WorkspaceId>,
    /// The credential.
    pub(crate) credential: Option<CredentialId>,
    /// What is wrong, for people.
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.workspace, self.credential) {
            (_, Some(credential)) => write!(formatter, "{credential}: {}", self.what),
            (Some(workspace), None) => write!(formatter, "{workspace}: {}", self.what),
            (None, None) => formatter.write_str(&self.what),
        }
    }
}

/// What was found.
pub(crate) struct Findings {
    /// Records that were read.
    pub(crate) records: u64,
    /// Checkpoints that were checked; none without the key.
    pub(crate) checkpoints: Option<u64>,
    /// What does not fit.
    pub(crate) faults: Vec<Fault>,
}

/// Checks everything. `progress` is told records done and in all.
pub(crate) async fn check(
    installation: &Installation,
    keyring: Option<&Keyring>,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<Findings, Failure> {
    let failed = |error: Error| database(&installation.config, &error);
    let heads = installation.store.audit_heads().await.map_err(failed)?;
    let total = heads.iter().map(|(_, sequence, _)| sequence).sum();
    let mut findings = Findings { records: 0, checkpoints: keyring.map(|_| 0), faults: Vec::new() };
    for (workspace, last, head) in heads {
        let mut marks = HashMap::new();
        if let Some(keyring) = keyring {
            for mark in installation.store.audit_checkpoints(workspace).await.map_err(failed)? {
                if keyring.verify_audit_mac(&mark.bytes(), &mark.mac).is_err() {
                    let what = format!("the checkpoint at record {} was changed", mark.sequence);
                    findings.faults.push(Fault { workspace: Some(workspace), credential: None, what });
                }
                marks.insert(mark.sequence, mark.hash);
            }
            findings.checkpoints = findings.checkpoints.map(|count| count + marks.len() as u64);
        }
        let (mut hash, mut sequence) = (chain::GENESIS, 0);
        let what = loop {
            let page = installation.store.audit_range(workspace, sequence, PAGE).await.map_err(failed)?;
            if page.is_empty() {
                break (sequence != last || hash != head)
                    .then(|| format!("the chain ends at record {sequence} of {last}"));
            }
            match chain::verify(hash, sequence, &page) {
                Ok(next) => (hash, sequence) = next,
                Err(broken) => break Some(broken.to_string()),
            }
            let differs = page
                .iter()
                .find(|record| marks.remove(&record.sequence).is_some_and(|marked| marked != record.hash));
            if let Some(record) = differs {
                break Some(format!("record {} is not the one that its checkpoint names", record.sequence));
            }
            progress(findings.records + sequence, total);
        };
        findings.records += sequence;
        let what = what.or_else(|| {
            let beyond = marks.keys().min()?;
            Some(format!("the chain ends at record {sequence}, and there is a checkpoint of record {beyond}"))
        });
        if let Some(what) = what {
            findings.faults.push(Fault { workspace: Some(workspace), credential: None, what });
        }
    }
    findings.faults.extend(put_back(installation).await.map_err(failed)?);
    Ok(findings)
}

/// Credentials whose row has an older secret than the audit trail knows: somebody put row and secret back together,
/// which the encryption alone does not tell (Security test 4).
async fn put_back(installation: &Installation) -> Result<Vec<Fault>, Error> {
    let mut faults = Vec::new();
    for (id, audited) in installation.store.audited_secret_revisions().await? {
        let credential = match installation.store.get_credential(id).await {
            Ok(credential) => credential,
            // Deleting is an act of its own, with a record of its own.
            Err(Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        if credential.secret_revision < audited {
            let what = format!(
                "its secret has revision {}, and the audit trail knows revision {audited}: an older one was put back",
                credential.secret_revision
            );
            faults.push(Fault { workspace: Some(credential.workspace_id), credential: Some(id), what });
        }
    }
    Ok(faults)
}
