//! The fuzz target of expressions without a fuzzer: over its corpus, and over random texts of the language's own words.

use proptest::prelude::*;

#[path = "../../../../fuzz/checks/expression.rs"]
mod check;

#[test]
fn the_corpus_of_the_fuzz_target_holds_what_it_promises() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/expression");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        check::expression(&String::from_utf8_lossy(&bytes));
        count += 1;
    }
    assert!(count > 100, "{count}");
}

fn cases() -> u32 {
    if std::env::var_os("FLERO_SOAK").is_some() { 2_000_000 } else { 3_000 }
}

/// Words of the language in any order: most are broken expressions, and many are not.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "$input",
        "$trigger",
        "$env",
        "$item",
        "$error",
        "$node[\"Start\"]",
        ".items",
        ".text",
        ".body",
        ".length",
        "[0]",
        "[",
        "]",
        "(",
        ")",
        ".map(x => ",
        ".filter(y => ",
        ".reduce((a, b) => ",
        "x",
        "a + b",
        " + ",
        " - ",
        " * ",
        " ** ",
        " ?? ",
        " && ",
        " ? ",
        " : ",
        "1",
        "9e99",
        "\"t\"",
        "`${1}`",
        ".repeat(1000)",
        ".split(\"\")",
        ".replace(/a+/g, \"b\")",
        ".constructor",
        "{",
        "}",
        "}}",
        "{{",
        "now()",
        ".sort()",
        ".join(\",\")",
        ", ",
        "!",
        "\u{1f600}",
        "\0",
    ]);
    prop::collection::vec(word, 0..24).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_words_of_the_language_hold_what_the_fuzz_target_promises(text in words()) {
        check::expression(&text);
    }

    #[test]
    fn random_texts_hold_what_the_fuzz_target_promises(text in ".{0,60}") {
        check::expression(&text);
    }
}
