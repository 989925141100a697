//! The packages that come with the program: connectors of the community that are not built in.
//!
//! They lie in the program's file, whose own integrity vouches for them, so they need no signature and no network.
//! Nothing of them is read before somebody looks at the Marketplace.

use std::sync::LazyLock;

use crate::{Entry, Package};

/// A JSON array of packages, made by the build script out of the folders of `community/`.
static PACKAGES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/community.json"));

/// Those that are fit; a test makes sure that all are.
static ALL: LazyLock<Vec<(Entry, Package)>> = LazyLock::new(|| {
    let written: Vec<Box<serde_json::value::RawValue>> = serde_json::from_slice(PACKAGES).unwrap_or_default();
    let packages = written.iter().filter_map(|one| Package::read(one.get().as_bytes()).ok());
    packages
        .filter_map(|package| {
            let built = package.build().ok()?;
            let entry = Entry {
                id: package.id.clone(),
                version: package.version,
                name: built.summary.name,
                description: built.summary.description,
                category: built.summary.category,
                reach: built.reach,
            };
            Some((entry, package))
        })
        .collect()
});

/// What there is, by name.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    ALL.iter().map(|(entry, _)| entry)
}

/// A package.
#[must_use]
pub fn package(id: &str) -> Option<&'static Package> {
    ALL.iter().find(|(entry, _)| entry.id == id).map(|(_, package)| package)
}
