//! `flero vault audit`: looks for every stored secret, in every form, in files that must not hold any.
//!
//! Secrets are opened one at a time, turned into needles, and the needles of a group are compiled together; each
//! file is then read once per group as a stream. A hit names file, offset, owner and form, never the value.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use flero_store::keys::SecretAddress;
use serde::Serialize;

use crate::keyring::Keyring;
use crate::needles::{self, MIN_NEEDLE_BYTES};
use crate::{Binding, Error, Result};

mod files;
mod search;

use search::{Group, GroupBuilder};

/// A form of a secret in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// The file.
    pub file: PathBuf,
    /// Where in the file, in bytes.
    pub offset: u64,
    /// Whose secret, for example a credential's id.
    pub owner: String,
    /// Which secret of the owner.
    pub field: String,
    /// In which form.
    pub encoding: String,
}

/// How far a scan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read so far. A file counts once for each group of secrets.
    pub bytes_scanned: u64,
    /// Secrets whose search is finished or under way.
    pub secrets: u64,
    /// Hits so far.
    pub hits: u64,
}

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The hits, at most [`MAX_HITS`], by file and offset.
    pub hits: Vec<Hit>,
    /// Whether there were more hits than are listed.
    pub more_hits: bool,
    /// How many secrets were looked for.
    pub secrets: u64,
    /// How many needles that made.
    pub needles: u64,
    /// Owners of secrets in which no value is long enough (8 bytes) to be looked for.
    pub too_short: Vec<String>,
    /// Owners of secrets that did not open.
    pub unreadable_secrets: Vec<String>,
    /// How many files were read.
    pub files: u64,
    /// Files that could not be read.
    pub unreadable_files: Vec<PathBuf>,
    /// Bytes read. A file counts once for each group of secrets.
    pub bytes_scanned: u64,
}

impl Report {
    /// Whether everything was looked at and nothing was found.
    pub fn is_clean(&self) -> bool {
        self.hits.is_empty() && self.unreadable_files.is_empty() && self.unreadable_secrets.is_empty()
    }
}

/// The most hits that are listed. One leak repeats in many places; a thousand are enough to find its source.
pub const MAX_HITS: usize = 1_000;

/// What is called with the progress of a scan.
pub type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

impl Keyring {
    /// Looks for every stored secret in files and folders (with everything in them; symbolic links are not
    /// followed).
    ///
    /// # Errors
    /// [`Error::Sealed`], [`Error::Store`]. What cannot be read is in the report.
    pub async fn leak_scan(&self, paths: &[PathBuf], progress: OnProgress) -> Result<Report> {
        self.tree()?;
        let mut report = Report::default();
        let roots: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let listing = files::list(&roots);
        report.files = listing.files.len() as u64;
        report.unreadable_files = listing.unreadable;
        let files = Arc::new(listing.files);

        let mut builder = GroupBuilder::default();
        let mut cursor: Option<SecretAddress> = None;
        loop {
            let page = self.0.store.all_sealed(cursor, 200).await?;
            let Some(last) = page.last() else { break };
            cursor = Some(last.address.clone());
            for sealed in page {
                report.secrets += 1;
                let opened = match Binding::of_stored(&sealed) {
                    Ok(binding) => self.open(&binding, &sealed.blob).await,
                    Err(error) => Err(error),
                };
                match opened {
                    Ok(plaintext) => {
                        let needles = needles::of_document(plaintext.expose());
                        if needles.iter().all(|needle| needle.bytes().len() < MIN_NEEDLE_BYTES) {
                            report.too_short.push(sealed.address.owner.clone());
                        }
                        report.needles += builder.add(&sealed.address, needles);
                    }
                    Err(error @ (Error::Store(_) | Error::Sealed { .. })) => return Err(error),
                    Err(_) => report.unreadable_secrets.push(sealed.address.owner),
                }
                if builder.is_full() {
                    let group = std::mem::take(&mut builder).build();
                    report = scan(group, Arc::clone(&files), report, Arc::clone(&progress)).await;
                }
            }
        }
        if !builder.is_empty() {
            report = scan(builder.build(), files, report, progress).await;
        }
        report.hits.sort();
        report.hits.dedup();
        report.unreadable_files.sort();
        report.unreadable_files.dedup();
        Ok(report)
    }
}

/// Reads all files once for a group of secrets, on a thread where blocking is allowed.
async fn scan(group: Group, files: Arc<Vec<PathBuf>>, report: Report, progress: OnProgress) -> Report {
    let fallback = report.clone();
    let work = move || {
        let mut report = report;
        for file in files.iter() {
            group.scan_file(file, &mut report, &*progress);
        }
        report
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(report) => report,
        // The thread panicked or the runtime ends: nothing more was read, and the report must not look clean.
        Err(_) => Report { unreadable_files: vec![PathBuf::from("(the scan was interrupted)")], ..fallback },
    }
}
