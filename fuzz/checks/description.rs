//! What holds for any bytes as an API description: they are refused with a reason, or become a connector of which every
//! operation builds a request or says which input is missing, and which reads the same from its pack. Called by the fuzz
//! target and by the tests of `flero-openapi`.
#![allow(unreachable_pub, reason = "it is a module of a fuzz target and of the tests of a crate")]

use std::collections::BTreeMap;

use flero_openapi::{
    Connector, Document, Pack, Summary, Tier, compile,
    connector::Operation,
    pack,
    request::{Base, build},
};
use serde_json::{Map, Value, json};

/// Checks one description.
pub fn description(bytes: &[u8]) {
    // Bytes that are no pack are refused as well.
    drop(Pack::open(bytes.to_vec()).and_then(|pack| pack.whole()));
    let document = match Document::read(bytes) {
        Ok(document) => document,
        Err(refusal) => return assert!(!refusal.to_string().is_empty(), "refused without a reason"),
    };
    let compiled = compile::check(&document);
    let (connector, report) = (compiled.connector, compiled.report);
    assert_eq!(report.operations, connector.operations.len());
    assert!(report.operations <= report.total, "{} of {}", report.operations, report.total);
    for entry in &report.left_out {
        assert!(entry.pointer.is_empty() || entry.pointer.starts_with('/'), "{}", entry.pointer);
        assert!(!entry.reason.is_empty(), "{} was left out without a reason", entry.pointer);
    }
    for operation in &connector.operations {
        request(&connector, operation);
    }
    let summary = Summary::of("x", Tier::Imported, &connector);
    let bytes = pack::write(summary, connector.clone(), "");
    let again = Pack::open(bytes).and_then(|pack| pack.whole()).expect("what was packed cannot be read");
    assert_eq!(again, connector);
}

fn request(connector: &Connector, operation: &Operation) {
    let connection = Map::new();
    let base = Base {
        url: &connector.base_url,
        connection: &connection,
        defaults: &connector.connection,
        headers: &BTreeMap::new(),
    };
    let names = operation.parameters.iter().map(|parameter| parameter.input());
    let names =
        names.chain(operation.body.iter().flat_map(|body| body.fields.iter().map(|field| field.input())));
    for value in [Value::Null, json!("a/b?c#d"), json!([1, "x"]), json!({"a": {"b": null}})] {
        let inputs: Map<String, Value> = names.clone().map(|name| (name.to_owned(), value.clone())).collect();
        match build(&base, operation, &inputs) {
            Ok(built) => assert!(!built.method.is_empty()),
            Err(fault) => {
                assert!(fault.pointer.starts_with('/') || fault.pointer.is_empty(), "{}", fault.pointer)
            }
        }
    }
}
