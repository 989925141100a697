//! The operators as a table, wildcards, combinators.

use flero_expr::JsonScope;
use flero_model::workflow::WorkflowDocument;
use serde_json::json;

use super::*;

/// Whether conditions hold for an input.
fn holds(conditions: Value, combinator: &str, input: Value) -> Result<bool, Failure> {
    let document = json!({"name": "x", "nodes": [{"id": "s", "name": "s", "type": "Start"},
        {"id": "i", "name": "i", "type": "If", "parameters": {"conditions": conditions, "combinator": combinator}}]});
    let document = WorkflowDocument::parse(&document).unwrap();
    let (work, problems) = crate::params::read(&document.nodes[1], "");
    assert_eq!(problems, []);
    let Some(Work::If(conditions)) = work else { panic!("not an If") };
    let scope = JsonScope { roots: [(flero_expr::Root::Input, input)].into(), ..JsonScope::default() };
    conditions.hold(&scope, Unresolved::Text)
}

#[test]
fn each_operator_compares_as_documented() {
    let cases = [
        ("equal", json!(1), json!(1.0), true),
        ("equal", json!("1"), json!(1), true),
        ("equal", json!("a"), json!("A"), false),
        ("equal", json!(true), json!("true"), true),
        ("equal", json!(null), json!(""), false),
        ("equal", json!({"a": [1]}), json!({"a": [1]}), true),
        ("equal", json!("abc"), json!(0), false),
        ("notEqual", json!(1), json!(2), true),
        ("notEqual", json!([1]), json!([1]), false),
        ("greaterThan", json!(10), json!(9), true),
        ("greaterThan", json!("10"), json!("9"), true),
        ("greaterThan", json!("2026-02-01T00:00:00Z"), json!("2026-01-31T23:59:59Z"), true),
        ("greaterThan", json!(null), json!(0), false),
        ("greaterThan", json!("b"), json!("a"), true),
        ("lessThan", json!(9), json!("10"), true),
        ("lessThan", json!({}), json!(1), false),
        ("greaterThanOrEqual", json!(9), json!(9), true),
        ("greaterThanOrEqual", json!(8), json!(9), false),
        ("lessThanOrEqual", json!(9), json!(9), true),
        ("lessThanOrEqual", json!([]), json!([]), false),
        ("contains", json!("hello"), json!("ell"), true),
        ("contains", json!([1, "2"]), json!(2), true),
        ("contains", json!({"k": 1}), json!("k"), true),
        ("contains", json!(1234), json!(23), true),
        ("notContains", json!("hello"), json!("x"), true),
        ("notContains", json!([1]), json!(1), false),
        ("startsWith", json!("order-1"), json!("order"), true),
        ("notStartsWith", json!("order-1"), json!("order"), false),
        ("endsWith", json!("a.pdf"), json!(".pdf"), true),
        ("notEndsWith", json!("a.pdf"), json!(".doc"), true),
        ("regex", json!("AB-12"), json!("^[A-Z]+-\\d+$"), true),
        ("regex", json!("ab-12"), json!("^[A-Z]+-\\d+$"), false),
        ("isEmpty", json!(""), json!(null), true),
        ("isEmpty", json!([]), json!(null), true),
        ("isEmpty", json!({}), json!(null), true),
        ("isEmpty", json!(null), json!(null), true),
        ("isEmpty", json!(0), json!(null), false),
        ("isEmpty", json!(false), json!(null), false),
        ("isNotEmpty", json!(" "), json!(null), true),
        ("isNull", json!(null), json!(null), true),
        ("isNull", json!(""), json!(null), false),
        ("isNotNull", json!(0), json!(null), true),
        ("isTrue", json!(true), json!(null), true),
        ("isTrue", json!("true"), json!(null), true),
        ("isTrue", json!(1), json!(null), false),
        ("isFalse", json!(false), json!(null), true),
        ("isFalse", json!(null), json!(null), false),
    ];
    let mut seen = std::collections::HashSet::new();
    for (operator, left, right, expected) in cases {
        seen.insert(operator);
        // The same whether the values are fixed or computed.
        let fixed = json!([{"value1": left, "operator": operator, "value2": right}]);
        assert_eq!(holds(fixed, "and", json!({})).unwrap(), expected, "{left} {operator} {right}");
        let computed =
            json!([{"value1": "{{ $input.l }}", "operator": operator, "value2": "{{ $input.r }}"}]);
        assert_eq!(
            holds(computed, "and", json!({"l": left, "r": right})).unwrap(),
            expected,
            "{left} {operator} {right}"
        );
    }
    assert_eq!(seen.len(), Operator::ALL.len(), "an operator has no case");
}

#[test]
fn a_reference_that_leads_nowhere_is_null_and_a_mistake_is_a_failure() {
    let ask = |value: &str, operator: &str| {
        holds(json!([{"value1": value, "operator": operator}]), "and", json!({"a": {}}))
    };
    assert!(ask("{{ $input.a.b.c }}", "isEmpty").unwrap());
    assert!(ask("{{ $input.nothing }}", "isNull").unwrap());
    assert!(ask("{{ $input.a.b }}", "isNotEmpty").is_ok_and(|holds| !holds));
    assert_eq!(ask("{{ $input.a.toUpperCase() }}", "isNull").unwrap_err().code, "expression.unresolved");
}

#[test]
fn conditions_are_joined_and_not_looked_at_beyond_the_answer() {
    let (yes, no) = (
        json!({"value1": 1, "operator": "equal", "value2": 1}),
        json!({"value1": 1, "operator": "equal", "value2": 2}),
    );
    let broken = json!({"value1": "{{ $input.n.toUpperCase() }}", "operator": "isNull"});
    for (list, combinator, expected) in [
        (json!([yes, yes]), "and", true),
        (json!([yes, no]), "and", false),
        (json!([no, yes]), "or", true),
        (json!([no, no]), "or", false),
        (json!([no, broken]), "and", false),
        (json!([yes, broken]), "or", true),
    ] {
        assert_eq!(
            holds(list.clone(), combinator, json!({"n": 1})).unwrap(),
            expected,
            "{list} {combinator}"
        );
    }
}

#[test]
fn a_star_stands_for_any_characters() {
    for (pattern, text, expected) in [
        ("subscription.*", "subscription.updated", true),
        ("subscription.*", "subscription.", true),
        ("subscription.*", "subscription", false),
        ("*", "", true),
        ("*.pdf", "a.b.pdf", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "acb", false),
        ("ab*ba", "aba", false),
        ("a", "ab", false),
        ("**", "x", true),
    ] {
        assert_eq!(wildcard_matches(pattern, text), expected, "{pattern} {text}");
    }
}
