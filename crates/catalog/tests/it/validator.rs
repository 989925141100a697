//! Every connector held against the specification of OpenAPI by openapi-spec-validator, an independent judge: as the
//! folder stands, with references and YAML read by the judge, and put together, where the rules of OpenAPI reach
//! what stands in files of its own.
//!
//! `cargo xtask test` installs it; by hand, `FLERO_PEER_PYTHON` names an interpreter that has
//! `crates/testing/peers/requirements.txt`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::compliance::files;

/// The folders of all connectors.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all: Vec<PathBuf> = ["connectors", "community"]
        .iter()
        .flat_map(|name| fs::read_dir(root.join(name)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("connector.yaml").exists())
        .collect();
    all.sort();
    all
}

/// What the judge says against documents, each with its file.
fn faults(documents: &[PathBuf]) -> Vec<String> {
    let python = std::env::var("FLERO_PEER_PYTHON").expect("name the interpreter in FLERO_PEER_PYTHON");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/peers/openapi_validator.py");
    let output = Command::new(python).arg(script).args(documents).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let told: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), documents.len(), "every document was judged");
    let of = |one: &Value| {
        let file = one["file"].as_str().unwrap_or_default().to_owned();
        let faults = one["faults"].as_array().cloned().unwrap_or_default();
        faults.into_iter().map(move |fault| format!("{file}: {}", fault.as_str().unwrap_or_default()))
    };
    told.iter().flat_map(of).collect()
}

/// The document of a folder in one piece, changed, as a file of this kind.
fn assembled(folder: &Path, kind: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let (mut all, name) = (Default::default(), folder.file_name().unwrap().to_string_lossy().into_owned());
    files(folder, "", &mut all);
    let (mut document, _) = flero_openapi::folder::assemble(&all).unwrap();
    change(&mut document.root);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{kind}-{name}.json"));
    fs::write(&file, document.root.to_string()).unwrap();
    file
}

#[test]
#[ignore = "needs the peers; `cargo xtask test` runs it"]
fn an_independent_validator_finds_no_fault_in_any_connector_as_it_stands() {
    let documents: Vec<PathBuf> = folders().iter().map(|folder| folder.join("connector.yaml")).collect();
    assert!(documents.len() > 100, "{}", documents.len());
    assert_eq!(faults(&documents), Vec::<String>::new());
}

#[test]
#[ignore = "needs the peers; `cargo xtask test` runs it"]
fn an_independent_validator_finds_no_fault_in_any_connector_put_together() {
    let documents: Vec<PathBuf> = folders().iter().map(|folder| assembled(folder, "whole", |_| ())).collect();
    assert_eq!(faults(&documents), Vec::<String>::new());
}

/// The judge can say no: at the top, and in what comes from a file of its own.
#[test]
#[ignore = "needs the peers; `cargo xtask test` runs it"]
fn the_independent_validator_finds_faults_that_are_there() {
    let trello = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/trello");
    let broken: [fn(&mut Value); 4] = [
        |root| root["info"]["version"] = Value::Null,
        |root| root["paths"]["/boards/{id}"]["get"]["parameters"][0]["required"] = false.into(),
        |root| root["paths"]["/boards/{id}"]["get"]["parameters"][0]["name"] = "idx".into(),
        |root| root["components"]["schemas"]["Board"]["type"] = "thing".into(),
    ];
    for (place, change) in broken.into_iter().enumerate() {
        assert_ne!(faults(&[assembled(&trello, "broken", change)]), Vec::<String>::new(), "{place}");
    }
}
