//! A package: the folder of one connector as one JSON file.
//!
//! JSON, because every file of a connector is text and because nothing needs to be unpacked: a package has no links,
//! no modes and no owners. Names are checked when it is read, so that none can lead out of its folder.

use std::collections::BTreeMap;

use flero_openapi::{Summary, Tier, compile, connector::Connector, folder, names, pack};
use serde::{Deserialize, Serialize};

use crate::{Error, Reach, Result, Version};

/// The longest package, in bytes.
pub const MAX_BYTES: usize = 8 << 20;
/// The most files of a package.
pub const MAX_FILES: usize = 2_000;
/// The longest name of a file, in bytes.
const MAX_NAME: usize = 160;
/// What `format` says; the digit is the version of the form.
const FORMAT: &str = "flero.package/1";

/// A connector's folder with the version of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The connector's identifier, as its folder is named.
    pub id: String,
    /// The version of the package, not of the service's API.
    pub version: Version,
    /// The files by their names in the folder, with `/` between parts.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The package as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    id: String,
    version: Version,
    files: BTreeMap<String, String>,
}

/// What a package becomes.
#[derive(Debug)]
pub struct Built {
    /// What lists show.
    pub summary: Summary,
    /// The compiled connector.
    pub pack: Vec<u8>,
    /// What it may reach.
    pub reach: Reach,
}

impl Package {
    /// Reads a package.
    ///
    /// # Errors
    /// [`Error::NotAPackage`] with the reason.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let no = |reason: String| Error::NotAPackage { reason };
        if bytes.len() > MAX_BYTES {
            return Err(no(format!("it is longer than {} MB", MAX_BYTES >> 20)));
        }
        let written: Written = serde_json::from_slice(bytes).map_err(|fault| {
            no(format!("line {}, column {} is not as expected", fault.line(), fault.column()))
        })?;
        if written.format != FORMAT {
            return Err(no(format!("its format is not {FORMAT}")));
        }
        let files = written.files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
        Self::new(written.id, written.version, files)
    }

    /// Puts a package together.
    ///
    /// # Errors
    /// [`Error::NotAPackage`] for a name that leads out of the folder, too many files or an unfit identifier.
    pub fn new(id: String, version: Version, files: BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let no = |reason: String| Err(Error::NotAPackage { reason });
        if !names::is_slug(&id) {
            return no("its name is not made of small letters, digits and hyphens".to_owned());
        }
        if files.len() > MAX_FILES {
            return no(format!("it has more than {MAX_FILES} files"));
        }
        if let Some(name) = files.keys().find(|name| !is_inside(name)) {
            return no(format!("the name of a file leads out of its folder or is unfit: {name:?}"));
        }
        if !files.contains_key(folder::MAIN) {
            return no(format!("it has no {}", folder::MAIN));
        }
        Ok(Self { id, version, files })
    }

    /// Writes it. The same files make the same bytes.
    ///
    /// # Errors
    /// [`Error::NotAPackage`] when a file is not text or everything together is too long.
    pub fn write(&self) -> Result<Vec<u8>> {
        let no = |reason: String| Error::NotAPackage { reason };
        let mut files = BTreeMap::new();
        for (name, bytes) in &self.files {
            let text =
                String::from_utf8(bytes.clone()).map_err(|_| no(format!("{name} is not UTF-8 text")))?;
            files.insert(name.clone(), text);
        }
        let written =
            Written { format: FORMAT.to_owned(), id: self.id.clone(), version: self.version, files };
        let bytes = serde_json::to_vec(&written).map_err(|_| no("it has no JSON form".to_owned()))?;
        if bytes.len() > MAX_BYTES {
            return Err(no(format!("it is longer than {} MB", MAX_BYTES >> 20)));
        }
        Ok(bytes)
    }

    /// Compiles the connector. Anything that would have to be left out refuses the whole: a publisher has to mend it.
    ///
    /// # Errors
    /// [`Error::Faulty`] with the first fault.
    pub fn build(&self) -> Result<Built> {
        let connector = self.compile()?;
        let guide =
            self.files.get("guide.md").map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
        let summary = Summary::of(&self.id, Tier::Marketplace, &connector);
        let reach = Reach::of(&connector);
        Ok(Built { pack: pack::write(summary.clone(), connector, &guide), summary, reach })
    }

    fn compile(&self) -> Result<Connector> {
        let fault = |pointer: &str, reason: String| Error::Faulty {
            id: self.id.clone(),
            pointer: if pointer.is_empty() { "the top".to_owned() } else { pointer.to_owned() },
            reason,
        };
        let (document, faults) =
            folder::assemble(&self.files).map_err(|error| fault("", error.to_string()))?;
        if let Some(first) = faults.into_iter().next() {
            return Err(fault(&first.pointer, first.reason));
        }
        let compiled = compile(&document).map_err(|error| fault("", error.to_string()))?;
        match compiled.report.left_out.into_iter().next() {
            Some(first) => Err(fault(&first.pointer, first.reason)),
            None => Ok(compiled.connector),
        }
    }
}

/// Whether a name stays in its folder: one or two parts of letters, digits, `.`, `_` and `-`, none of which begins
/// with a dot.
fn is_inside(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    name.len() <= MAX_NAME && name.split('/').count() <= 2 && name.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str) -> Result<Package> {
        let files = [(folder::MAIN.to_owned(), b"openapi: 3.1.0".to_vec()), (name.to_owned(), b"x".to_vec())];
        Package::new("weather".into(), "1.0.0".parse().unwrap(), files.into())
    }

    /// Security test 67: the name of a file leads nowhere but into the package's own folder.
    #[test]
    fn no_name_leads_out_of_the_folder() {
        for name in [
            "../x",
            "/etc/passwd",
            "a/../b",
            "a/b/c",
            "a//b",
            "a\\b",
            ".hidden",
            "a/.b",
            "",
            "a\0b",
            "é",
            "C:x",
            &"a".repeat(200),
        ] {
            assert!(matches!(package(name), Err(Error::NotAPackage { .. })), "{name:?}");
        }
        for name in ["guide.md", "operations/items.yaml", "fixtures/items_list.http"] {
            assert!(package(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_written_is_read_the_same() {
        let package = package("guide.md").unwrap();
        assert_eq!(Package::read(&package.write().unwrap()).unwrap(), package);
    }

    #[test]
    fn what_is_no_package_is_refused_with_the_reason() {
        for (bytes, reason) in [
            ("", "line 1"),
            ("[]", "line 1"),
            (r#"{"format":"flero.package/2","id":"a","version":"1.0.0","files":{}}"#, "its format"),
            (r#"{"format":"flero.package/1","id":"A b","version":"1.0.0","files":{}}"#, "its name"),
            (r#"{"format":"flero.package/1","id":"a","version":"1","files":{}}"#, "line 1"),
            (r#"{"format":"flero.package/1","id":"a","version":"1.0.0","files":{}}"#, "connector.yaml"),
            (r#"{"format":"flero.package/1","id":"a","version":"1.0.0","files":{},"run":"x"}"#, "line 1"),
        ] {
            let told = Package::read(bytes.as_bytes()).unwrap_err().to_string();
            assert!(told.contains(reason), "{told}");
        }
    }
}
