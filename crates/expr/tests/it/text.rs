//! Expressions in the text of fields.

use super::support::{eval_tree, scope, text};
use flero_expr::{Compiled, ErrorKind, Limits, Root, compile};
use serde_json::json;

#[test]
fn alone_in_a_field_an_expression_keeps_its_type() {
    let tree = json!({
        "n": "{{ $trigger.body.id }}", "o": " {{ $input }}\n", "list": ["{{ $trigger.body.tags }}", 1],
        "null": "{{ null }}", "bool": "{{ !0 }}", "plain": "text", "kept": {"a": [true, null, 1.0]}
    });
    let result = eval_tree(&tree).unwrap();
    assert_eq!(
        result.value,
        json!({
            "n": 7, "o": {"items": [1, 2, 3], "text": "hello"}, "list": [["a", "b", "c"], 1],
            "null": null, "bool": true, "plain": "text", "kept": {"a": [true, null, 1.0]}
        })
    );
    assert!(result.errors.is_empty());
    let keys: Vec<_> = result.value.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["n", "o", "list", "null", "bool", "plain", "kept"]);
}

#[test]
fn mixed_with_text_an_expression_becomes_text() {
    for (field, wanted) in [
        ("Order {{ $trigger.body.id }}!", "Order 7!"),
        ("{{ 1 }}{{ 2 }}", "12"),
        ("a {{ $trigger.body.tags }} {{ {a: 1} }}", "a [\"a\",\"b\",\"c\"] {\"a\":1}"),
        ("[{{ null }}{{ $trigger.body?.nope }}{{ undefined }}]", "[]"),
        ("{{ true }} {{ 12.50 }} {{ 1e21 }}", "true 12.5 1e+21"),
        ("{{ '}}' }} {{ {a: {b: '}'}}.a.b }}", "}} }"),
        ("{{ `a${ {b: 1}.b }}}` }}.", "a1}}."),
        ("no } end }} here", "no } end }} here"),
        ("{{1}}-{{ date(0) }}", "1-1970-01-01T00:00:00.000Z"),
    ] {
        assert_eq!(text(field), wanted, "{field}");
    }
}

#[test]
fn braces_can_be_written_literally() {
    for (field, wanted) in [
        (r"\{{ name }}", "{{ name }}"),
        (r"\{{ a }} {{ 1 }}", "{{ a }} 1"),
        (r"C:\\{{ 1 }}", r"C:\1"),
        (r"\\\{{ x }}", r"\{{ x }}"),
        (r"a\b \n", r"a\b \n"),
        ("{{ '{{' }}.", "{{."),
    ] {
        assert_eq!(text(field), wanted, "{field}");
    }
}

#[test]
fn a_mistake_stands_in_its_place_and_is_reported() {
    let tree = json!({"a": ["x {{ $input.nope }} y {{ 1 + }} z", "{{ (5).trim() }}"], "b~c": "{{ 'open }} rest {{ 2 }}"});
    let result = eval_tree(&tree).unwrap();
    let text = result.value["a"][0].as_str().unwrap();
    assert!(text.starts_with(
        "x [EXPR-ERROR: $input.nope does not exist; available: \"items\", \"text\"] y [EXPR-ERROR: "
    ));
    assert!(text.ends_with("] z"), "{text}");
    assert!(
        result.value["a"][1].as_str().unwrap().starts_with("[EXPR-ERROR: a number has no function `trim`")
    );
    assert!(result.value["b~c"].as_str().unwrap().ends_with(" rest 2"));
    let found: Vec<_> = result.errors.iter().map(|error| (error.pointer.as_str(), error.kind)).collect();
    assert_eq!(
        found,
        [
            ("/a/0", ErrorKind::Unresolved),
            ("/a/0", ErrorKind::Syntax),
            ("/a/1", ErrorKind::Type),
            ("/b~0c", ErrorKind::Syntax)
        ]
    );
}

#[test]
fn data_is_never_read_as_a_template() {
    assert_eq!(text("{{ $trigger.body.template }}"), "{{ $env.REGION }}");
    assert_eq!(text("-{{ $trigger.body.template }}-"), "-{{ $env.REGION }}-");
    assert_eq!(text("{{ '{' }}{{ '{ $env.REGION }' }}}"), "{{ $env.REGION }}");
    // A result may be compiled by mistake only by whoever calls `compile` with it; evaluating once never does.
    let result =
        compile(&json!(["{{ [$trigger.body.template] }}"])).eval(&scope(), &Limits::default()).unwrap();
    assert_eq!(result.value, json!([["{{ $env.REGION }}"]]));
}

#[test]
fn keys_are_never_templates() {
    let result = eval_tree(&json!({"{{ $env.REGION }}": "{{ 1 }}"})).unwrap();
    assert_eq!(result.value, json!({"{{ $env.REGION }}": 1}));
}

#[test]
fn a_tree_without_expressions_is_static() {
    let compiled: Compiled = compile(&json!({"a": ["b", 1, "\\ } {"]}));
    assert_eq!(compiled.as_static().unwrap().as_ref(), &json!({"a": ["b", 1, "\\ } {"]}));
    assert!(compile(&json!(["{{ 1 }}"])).as_static().is_none());
    // An escape has to be taken out, so that this is not the same text.
    assert!(compile(&json!("\\{{ a }}")).as_static().is_none());
}

#[test]
fn numbers_of_documents_keep_their_form() {
    let mut scope = scope();
    scope.roots.insert(Root::Input, serde_json::from_str("[1.0, 1e2, 12345678901234567890, -0.5]").unwrap());
    let result = compile(&json!("{{ $input }}")).eval(&scope, &Limits::default()).unwrap();
    assert_eq!(result.value.to_string(), "[1.0,100.0,12345678901234567890,-0.5]");
}
