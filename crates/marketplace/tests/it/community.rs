//! What comes with the program.

use std::collections::BTreeMap;

use flero_marketplace::{Package, community};
use flero_openapi::lint;

fn folder(id: &str) -> BTreeMap<String, Vec<u8>> {
    community::package(id).unwrap().files.clone()
}

#[test]
fn every_folder_of_the_community_is_a_package_without_a_fault() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../community");
    let mut expected: Vec<String> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    expected.sort();
    let found: Vec<String> = community::entries().map(|entry| entry.id.clone()).collect();
    assert_eq!(found, expected);
    assert!(!found.is_empty());
    for id in &found {
        let linted = lint::lint(id, &folder(id));
        assert!(linted.findings.is_empty(), "{id}: {:?}", linted.findings);
    }
}

#[test]
fn a_package_of_the_community_is_written_and_read_the_same() {
    for entry in community::entries() {
        let package = community::package(&entry.id).unwrap();
        assert_eq!(&Package::read(&package.write().unwrap()).unwrap(), package);
        assert_eq!(package.version, entry.version);
    }
}
