//! Which files a scan reads: the given ones, and everything in the given folders.

use std::fs;
use std::path::{Path, PathBuf};

/// The files to read, and what could not be listed.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<PathBuf>,
    pub(super) unreadable: Vec<PathBuf>,
}

/// Lists regular files. A given path that does not exist is no error: a database has no journal when it rests.
pub(super) fn list(roots: &[&Path]) -> Listing {
    let mut listing = Listing::default();
    let mut waiting: Vec<PathBuf> = roots.iter().map(|root| (*root).to_owned()).collect();
    while let Some(path) = waiting.pop() {
        let kind = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(_) => {
                listing.unreadable.push(path);
                continue;
            }
        };
        if kind.is_file() {
            listing.files.push(path);
        } else if kind.is_dir() {
            match fs::read_dir(&path) {
                Ok(entries) => {
                    waiting.extend(entries.filter_map(|entry| entry.ok().map(|entry| entry.path())))
                }
                Err(_) => listing.unreadable.push(path),
            }
        }
    }
    listing.files.sort();
    listing.files.dedup();
    listing
}
