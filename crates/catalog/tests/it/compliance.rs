//! Every folder of `connectors/` is finished in every respect.

use std::{collections::BTreeMap, fs, path::Path};

use flero_openapi::{lint::lint, validate::first_fault};
use serde_json::Value;

pub(super) fn files(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

#[test]
fn every_connector_is_as_the_format_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
    let mut findings = String::new();
    let mut count = 0;
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let id = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut all = BTreeMap::new();
        files(&path, "", &mut all);
        count += 1;
        for found in lint(&id, &all).findings {
            findings.push_str(&format!(
                "\nconnectors/{id}/{}:{} [{}] {} {}",
                found.file, found.line, found.rule, found.pointer, found.message
            ));
        }
    }
    assert!(findings.is_empty(), "{findings}");
    assert!(count >= 1, "there are no connectors");
}

/// The published schema and the reader agree: what is built in passes both, and a typing error passes neither.
#[test]
fn the_published_schema_describes_the_built_in_connectors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let schema = fs::read(root.join("docs/connectors/x-flero.schema.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    for entry in fs::read_dir(root.join("connectors")).unwrap() {
        let path = entry.unwrap().path();
        let mut all = BTreeMap::new();
        files(&path, "", &mut all);
        let (mut document, _) = flero_openapi::folder::assemble(&all).unwrap();
        assert_eq!(first_fault(&schema, &document.root), None, "{}", path.display());
        document.root["x-flero"]["catgory"] = "x".into();
        assert!(first_fault(&schema, &document.root).is_some());
        let report = flero_openapi::compile::check(&document).report;
        assert!(report.left_out.iter().any(|entry| entry.pointer == "/x-flero"), "{}", path.display());
    }
}
