//! A connector by what a person names it by: a folder, a document, or the identifier of a built-in one.

use std::path::Path;

use flero_openapi::{Connector, Document, compile, limits::MAX_DOCUMENT_BYTES, names};

use super::folder;
use crate::exit::Failure;

/// A connector with everything.
pub(super) struct Source {
    pub(super) id: String,
    pub(super) connector: Connector,
    pub(super) guide: String,
}

/// Loads it.
pub(super) fn load(named: &str) -> Result<Source, Failure> {
    let path = Path::new(named);
    if path.is_dir() {
        return of_folder(path);
    }
    if path.is_file() {
        return of_document(path);
    }
    built_in(named)
}

fn of_folder(path: &Path) -> Result<Source, Failure> {
    let read = folder::read(path)?;
    let (document, faults) =
        flero_openapi::folder::assemble(&read.files).map_err(|error| Failure::work(error.to_string()))?;
    if let Some(fault) = faults.first() {
        return Err(Failure::work(format!("{}: {}", fault.pointer, fault.reason)));
    }
    let compiled = compile(&document).map_err(|error| Failure::work(error.to_string()))?;
    let guide = read.files.get("guide.md").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    Ok(Source { id: read.id, connector: compiled.connector, guide: guide.unwrap_or_default() })
}

fn of_document(path: &Path) -> Result<Source, Failure> {
    let bytes = bytes(path)?;
    let document = Document::read(&bytes).map_err(|error| Failure::work(error.to_string()))?;
    let compiled = compile(&document).map_err(|error| Failure::work(error.to_string()))?;
    Ok(Source {
        id: names::slug(&compiled.connector.name),
        connector: compiled.connector,
        guide: String::new(),
    })
}

fn built_in(id: &str) -> Result<Source, Failure> {
    let pack = flero_catalog::get(id).ok_or_else(|| {
        Failure::usage(
            "name a connector's folder, an OpenAPI document, or a built-in connector such as `slack`",
        )
    })?;
    let connector = pack.whole().map_err(|error| Failure::work(error.to_string()))?;
    Ok(Source { id: id.to_owned(), connector, guide: pack.guide().to_owned() })
}

/// The bytes of a document, or of standard input for `-`, within the limit.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let failed = |error: std::io::Error| Failure::work(format!("{}: {}", path.display(), error.kind()));
    let mut bytes = Vec::new();
    let most = MAX_DOCUMENT_BYTES as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}
