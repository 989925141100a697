//! The built-in connectors and the known services.
//!
//! It is a crate of its own because its build script compiles every folder of `connectors/` and every file of
//! `services/`, and only what changes there should be built again. The packs lie in the program's file and are read when they are asked for; starting
//! reads nothing, and the first list reads the index alone. So neither the start nor idle memory grows with the
//! number of connectors.

use std::sync::LazyLock;

use flero_openapi::{Pack, Summary, search};
use serde::Deserialize;

/// All packs, one behind the other.
static PACKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/packs.bin"));
/// The summaries, and where each pack stands.
static INDEX: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/index.json"));

#[derive(Debug, Deserialize)]
struct Entry {
    summary: Summary,
    offset: usize,
    length: usize,
}

/// Read at the first use. The build script wrote it, so it is as expected; if not, there are no connectors.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| serde_json::from_slice(INDEX).unwrap_or_default());

/// Every built-in connector, in the order of their identifiers.
pub fn all() -> impl Iterator<Item = &'static Summary> {
    ENTRIES.iter().map(|entry| &entry.summary)
}

/// One connector. Its head is read each time; keep what is used often.
#[must_use]
pub fn get(id: &str) -> Option<Pack> {
    let place = ENTRIES.binary_search_by(|entry| entry.summary.id.as_str().cmp(id)).ok()?;
    let entry = ENTRIES.get(place)?;
    Pack::open(PACKS.get(entry.offset..entry.offset + entry.length)?).ok()
}

/// Connectors that fit what was typed, best first. Without a word, all by name.
#[must_use]
pub fn find<'s>(among: impl Iterator<Item = &'s Summary>, typed: &str) -> Vec<&'s Summary> {
    if typed.trim().is_empty() {
        let mut all: Vec<&Summary> = among.collect();
        all.sort_by_key(|summary| summary.name.to_lowercase());
        return all;
    }
    let mut found: Vec<(u32, &Summary)> =
        among.filter_map(|summary| Some((search::score(summary, typed)?, summary))).collect();
    found.sort_by(|(left, one), (right, other)| right.cmp(left).then_with(|| one.name.cmp(&other.name)));
    found.into_iter().map(|(_, summary)| summary).collect()
}
