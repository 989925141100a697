//! Two looks at every stored byte: the vault's own scan, and a plain search for the token that knows nothing of
//! the vault, so that a fault of the one is not a fault of both.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use data_encoding::{BASE64, HEXLOWER};
use flero_keyring::{Keyring, leak_scan::Report};
use flero_model::secret::SecretString;
use serde_json::{Value, json};

use crate::exit::Failure;

/// What both looks saw.
pub(crate) struct Proof {
    scan: Report,
    plain_hits: u64,
}

/// Looks.
pub(crate) async fn look(
    keyring: &Keyring,
    token: &SecretString,
    paths: &[PathBuf],
) -> Result<Proof, Failure> {
    let scan = keyring.leak_scan(paths, Arc::new(|_| {})).await.map_err(crate::wiring::keyring)?;
    let mut plain_hits = 0;
    for path in paths {
        plain_hits += search(path, token);
    }
    Ok(Proof { scan, plain_hits })
}

/// Counts the token in a file or folder: as it is, in hexadecimal, and in Base64 without its last, unsteady part.
fn search(path: &Path, token: &SecretString) -> u64 {
    if let Ok(entries) = std::fs::read_dir(path) {
        return entries.flatten().map(|entry| search(&entry.path(), token)).sum();
    }
    let Ok(bytes) = std::fs::read(path) else { return 0 };
    let raw = token.expose().as_bytes();
    let base64 = BASE64.encode(raw);
    let forms = [
        raw.to_vec(),
        HEXLOWER.encode(raw).into_bytes(),
        base64.trim_end_matches('=').as_bytes()[..16].to_vec(),
    ];
    let count = |form: &Vec<u8>| bytes.windows(form.len()).filter(|window| window == form).count() as u64;
    forms.iter().map(count).sum()
}

impl Proof {
    pub(crate) fn is_clean(&self) -> bool {
        self.scan.is_clean() && self.plain_hits == 0
    }

    pub(crate) fn sentence(&self) -> String {
        let Report { needles, files, bytes_scanned, .. } = &self.scan;
        let looked = format!(
            "Looked through {files} files, {bytes_scanned} bytes (database, journal, log, files) for the token in {needles} forms"
        );
        if self.is_clean() {
            format!(
                "{looked}:\nit is nowhere, although the service echoed it in a header, in the body and encoded."
            )
        } else {
            format!("{looked}:\nFOUND {} times.", self.scan.hits.len() as u64 + self.plain_hits)
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"hits": self.scan.hits.len() as u64 + self.plain_hits, "files": self.scan.files, "bytes": self.scan.bytes_scanned,
            "forms": self.scan.needles, "secrets": self.scan.secrets})
    }
}
