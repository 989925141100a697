//! The fuzz targets of this crate without a fuzzer: over their corpora, and over random texts.

use proptest::prelude::*;

#[path = "../../../fuzz/checks/destination.rs"]
mod destination;
#[path = "../../../fuzz/checks/document.rs"]
mod document;

fn corpus(name: &str, check: fn(&str)) -> usize {
    let folder = format!("{}/../../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    let entries =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    entries.map(|bytes| check(&String::from_utf8_lossy(&bytes))).count()
}

#[test]
fn the_corpora_of_the_fuzz_targets_hold_what_they_promise() {
    assert!(corpus("destination", destination::destination) > 20);
    assert!(corpus("document", document::document) > 5);
}

fn cases() -> u32 {
    if std::env::var_os("FLERO_SOAK").is_some() { 2_000_000 } else { 4_000 }
}

/// Parts of URLs in any order.
fn urls() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "https://",
        "http://",
        "//",
        "/",
        "\\",
        "@",
        ":",
        "443",
        "8443",
        "0",
        "example",
        ".",
        "com",
        "%2e",
        "%40",
        "xn--",
        "ü",
        "\u{ff0e}",
        "[",
        "]",
        "::1",
        "127.0.0.1",
        "0x7f",
        "2130706433",
        "*",
        "?",
        "#",
        "a",
        "b=c",
        " ",
        "\t",
        "user:pw@",
        "localhost",
        "\u{200d}",
        "_",
        "-",
    ]);
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// A document of nodes and edges that need not fit.
fn documents() -> impl Strategy<Value = String> {
    let id = prop::sample::select(vec!["a", "b", "c", "", "a b", "x\"y"]);
    let kind = prop::sample::select(vec![
        "Start",
        "Set",
        "Loop",
        "HTTPRequest",
        "Nope",
        "Terminal",
        "WebhookTrigger",
    ]);
    let node = (id.clone(), kind, any::<Option<bool>>()).prop_map(|(id, kind, disabled)| {
        let mut node =
            serde_json::json!({"id": id, "name": id, "type": kind, "parameters": {"x": [1, null]}});
        if let Some(disabled) = disabled {
            node["disabled"] = disabled.into();
        }
        node
    });
    let edge = (id.clone(), id, prop::sample::select(vec!["output", "loop", "error", ""]))
        .prop_map(|(from, to, port)| serde_json::json!({"from": from, "to": to, "fromPort": port}));
    (prop::collection::vec(node, 0..5), prop::collection::vec(edge, 0..5), any::<Option<u32>>()).prop_map(
        |(nodes, edges, timeout)| {
            let mut document = serde_json::json!({"name": "x", "nodes": nodes, "edges": edges});
            if let Some(timeout) = timeout {
                document["settings"] = serde_json::json!({"timeoutMs": timeout});
            }
            document.to_string()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_urls_hold_what_the_fuzz_target_promises(url in urls(), text in ".{0,40}") {
        destination::destination(&url);
        destination::destination(&text);
    }

    #[test]
    fn random_documents_hold_what_the_fuzz_target_promises(text in documents()) {
        document::document(&text);
    }
}
