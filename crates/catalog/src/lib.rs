//! The built-in connectors and the known services.
//!
//! It is a crate of its own because its build script compiles every folder of `connectors/` and every file of
//! `services/`, and only what changes there should be built again. The packs lie in the program's file and are read when they are asked for; starting
//! reads nothing, and the first list reads the index alone. So neither the start nor idle memory grows with the
//! number of connectors.

use std::sync::OnceLock;

use flero_openapi::{Pack, Summary, search};
use serde::Deserialize;

/// What the build script wrote.
static BUILT_IN: Catalog = Catalog::new(
    include_bytes!(concat!(env!("OUT_DIR"), "/index.json")),
    include_bytes!(concat!(env!("OUT_DIR"), "/packs.bin")),
);

/// Connectors as the build script writes them: an index, and the packs one behind the other.
#[derive(Debug)]
pub struct Catalog {
    index: &'static [u8],
    packs: &'static [u8],
    /// Read at the first use.
    entries: OnceLock<Vec<Entry>>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    summary: Summary,
    offset: usize,
    length: usize,
}

impl Catalog {
    /// A catalog of which nothing is read yet. The index is a JSON list of `{summary, offset, length}`, sorted by
    /// `summary.id`; offset and length say where in `packs` the connector stands.
    #[must_use]
    pub const fn new(index: &'static [u8], packs: &'static [u8]) -> Self {
        Self { index, packs, entries: OnceLock::new() }
    }

    /// The build script wrote the index, so it is as expected; if not, there are no connectors.
    fn entries(&self) -> &[Entry] {
        self.entries.get_or_init(|| serde_json::from_slice(self.index).unwrap_or_default())
    }

    /// Every connector, in the order of their identifiers.
    pub fn all(&self) -> impl Iterator<Item = &Summary> {
        self.entries().iter().map(|entry| &entry.summary)
    }

    /// One connector. Its head is read each time; keep what is used often.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Pack> {
        let entries = self.entries();
        let place = entries.binary_search_by(|entry| entry.summary.id.as_str().cmp(id)).ok()?;
        let entry = entries.get(place)?;
        Pack::open(self.packs.get(entry.offset..entry.offset + entry.length)?).ok()
    }
}

/// Every built-in connector, in the order of their identifiers.
pub fn all() -> impl Iterator<Item = &'static Summary> {
    BUILT_IN.all()
}

/// One built-in connector; see [`Catalog::get`].
#[must_use]
pub fn get(id: &str) -> Option<Pack> {
    BUILT_IN.get(id)
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
