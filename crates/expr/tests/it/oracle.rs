//! A judge of its own: results of a real JavaScript engine, produced by `tests/oracle/generate.mjs`.

use super::support::eval;
use serde_json::{Value as Json, json};

/// The type and text of a result, or that the expression is in error.
fn ours(expression: &str) -> String {
    // The text of a number is compared instead of the number, because JSON has no NaN.
    let typed = format!("typeof ({expression}) + `:${{{expression}}}`");
    match eval(&typed) {
        Ok(Json::String(text)) if text == "object:null" => "null:null".to_owned(),
        Ok(Json::String(text)) => text,
        other => format!("{other:?}"),
    }
}

#[test]
fn operators_and_functions_agree_with_javascript() {
    let table: Vec<(String, String)> =
        serde_json::from_str(include_str!("../oracle/table.json")).expect("the table of the oracle");
    assert!(table.len() > 3000, "{}", table.len());
    let differing: Vec<_> = table
        .iter()
        .map(|(expression, wanted)| (expression, wanted, ours(expression)))
        .filter(|(_, wanted, ours)| *wanted != ours)
        .collect();
    assert!(differing.is_empty(), "{} differ: {:#?}", differing.len(), &differing[..differing.len().min(40)]);
}

#[test]
fn the_comparison_can_fail() {
    assert_eq!(ours("1 + 1"), "number:2");
    assert_eq!(ours("null"), "null:null");
    assert_ne!(ours("1 + 1"), "string:2");
    assert!(ours("nonsense").contains("nonsense"), "{}", json!(ours("nonsense")));
}
