//! The needles of a group of secrets, compiled, and the search through one file in overlapping windows.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use flero_store::keys::SecretAddress;
use zeroize::Zeroizing;

use super::{Hit, MAX_HITS, Progress, Report};
use crate::needles::{Encoding, MIN_NEEDLE_BYTES, Needle};

/// A group is full at this many bytes of needles. The automaton takes some twenty times as much memory.
const GROUP_BYTES: usize = 2 * 1024 * 1024;
const WINDOW_BYTES: usize = 1024 * 1024;

type Pattern = Zeroizing<Vec<u8>>;
/// Whose secret (a place in the list of owners), and in which form.
type Meaning = (usize, Encoding);

/// Collects needles; equal bytes of several secrets are one pattern.
#[derive(Default)]
pub(super) struct GroupBuilder {
    patterns: Vec<(Pattern, Meaning)>,
    owners: Vec<(String, String)>,
    bytes: usize,
}

impl GroupBuilder {
    /// Adds a secret's needles and returns how many are long enough to be looked for.
    pub(super) fn add(&mut self, address: &SecretAddress, needles: Vec<Needle>) -> u64 {
        let owner = self.owners.len();
        self.owners.push((address.owner.clone(), address.field.clone()));
        let mut count = 0;
        for needle in needles.into_iter().filter(|needle| needle.bytes().len() >= MIN_NEEDLE_BYTES) {
            count += 1;
            self.bytes += needle.bytes().len();
            let encoding = needle.encoding();
            self.patterns.push((needle.into_bytes(), (owner, encoding)));
        }
        count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes >= GROUP_BYTES
    }

    pub(super) fn build(mut self) -> Group {
        self.patterns.sort_by(|(left, _), (right, _)| left.as_slice().cmp(right.as_slice()));
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut meanings: Vec<Vec<Meaning>> = Vec::new();
        for (pattern, meaning) in std::mem::take(&mut self.patterns) {
            match (patterns.last(), meanings.last_mut()) {
                (Some(last), Some(same)) if *last == pattern => same.push(meaning),
                _ => {
                    patterns.push(pattern);
                    meanings.push(vec![meaning]);
                }
            }
        }
        let longest = patterns.iter().map(|pattern| pattern.len()).max().unwrap_or(0);
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(patterns.iter().map(|pattern| pattern.as_slice()));
        Group { automaton: automaton.ok(), meanings, owners: std::mem::take(&mut self.owners), longest }
    }
}

/// The compiled needles of some secrets.
pub(super) struct Group {
    /// `None` when the needles did not compile; every file then counts as unread.
    automaton: Option<AhoCorasick>,
    /// For each pattern, whose secrets it is a form of.
    meanings: Vec<Vec<Meaning>>,
    owners: Vec<(String, String)>,
    longest: usize,
}

impl Group {
    /// Reads a file and adds what is found to the report.
    pub(super) fn scan_file(
        &self,
        path: &Path,
        report: &mut Report,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) {
        match File::open(path) {
            Ok(file) => {
                if self.scan(file, path, report, progress).is_err() {
                    report.unreadable_files.push(path.to_owned());
                }
            }
            // A journal may be gone again since it was listed.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => report.unreadable_files.push(path.to_owned()),
        }
    }

    /// Windows overlap by one byte less than the longest needle, so that no needle falls between two.
    pub(super) fn scan(
        &self,
        mut source: impl Read,
        path: &Path,
        report: &mut Report,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> std::io::Result<()> {
        let Some(automaton) = &self.automaton else {
            return Err(std::io::Error::other("the needles did not compile"));
        };
        let overlap = self.longest.saturating_sub(1);
        let mut window = Zeroizing::new(vec![0_u8; overlap + WINDOW_BYTES]);
        let (mut kept, mut position) = (0, 0_u64);
        loop {
            let read = match source.read(&mut window[kept..]) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let text = &window[..kept + read];
            for found in automaton.find_iter(text) {
                // What ends in the part that was seen before has been reported.
                if found.end() > kept {
                    let offset = position - kept as u64 + found.start() as u64;
                    self.report(found.pattern().as_usize(), path, offset, report);
                }
            }
            position += read as u64;
            report.bytes_scanned += read as u64;
            let filled = kept + read;
            kept = filled.min(overlap);
            window.copy_within(filled - kept..filled, 0);
            let hits = report.hits.len() as u64;
            progress(Progress { bytes_scanned: report.bytes_scanned, secrets: report.secrets, hits });
        }
    }

    fn report(&self, pattern: usize, path: &Path, offset: u64, report: &mut Report) {
        for (owner, encoding) in self.meanings.get(pattern).into_iter().flatten() {
            if report.hits.len() >= MAX_HITS {
                report.more_hits = true;
                return;
            }
            let Some((owner, field)) = self.owners.get(*owner) else { continue };
            report.hits.push(Hit {
                file: path.to_owned(),
                offset,
                owner: owner.clone(),
                field: field.clone(),
                encoding: encoding.to_string(),
            });
        }
    }
}
