//! Whatever is written or given, evaluating ends, within its limits, without a panic.

use flero_expr::{Error, Limits, check, compile};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::support::scope;

/// Pieces of the language, put together at random: most of the results are nearly expressions.
const PIECES: &[&str] = &[
    "$input",
    "$trigger.body",
    "$node['Look up'].json",
    "$env",
    "$now",
    "$item",
    ".items",
    ".lines",
    ".tags",
    ".nope",
    "?.a",
    "['a']",
    "[0]",
    "[-1]",
    ".map(x => ",
    ".filter((x, i) => ",
    ".reduce((a, b) => ",
    ".sort((a, b) => ",
    ".groupBy(",
    ".replace(/a/g, ",
    ".split(",
    ".repeat(",
    ".padStart(",
    ".slice(",
    ".at(",
    ".join(",
    ".toJson()",
    ".keys()",
    ".flat()",
    ".format(",
    ".plus(",
    ".toFixed(",
    "x",
    "a",
    "i",
    "(",
    ")",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "**",
    "==",
    "===",
    "<",
    ">=",
    "&&",
    "||",
    "??",
    "?",
    "!",
    "typeof ",
    " in ",
    "...",
    "=>",
    "`",
    "${",
    "'",
    "\"",
    "'a'",
    "'é😀'",
    "0",
    "1",
    "-1",
    "1e9",
    "9223372036854775807",
    "1e308",
    "NaN",
    "null",
    "true",
    "undefined",
    "date(",
    "JSON.parse(",
    "Math.max(",
    "range(",
    "Object.keys(",
    "/a+/",
    "{{",
    "}}",
    "\\",
    "\n",
    " ",
];

fn expressions() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// Expressions that parse, of a random shape.
fn valid() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "0",
        "-2.5",
        "1e21",
        "'a'",
        "'é😀x'",
        "''",
        "null",
        "true",
        "undefined",
        "NaN",
        "[1, 'b', null]",
        "({a: 1, b: [2]})",
        "$input.items",
        "$input.text",
        "$trigger.body",
        "$trigger.body.nope",
        "date(0)",
        "$now",
        "range(20)",
        "$node['Look up'].json",
        "/a/",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let operators = ["+", "-", "*", "/", "%", "==", "===", "<", ">=", "&&", "||", "??", "in"];
        let methods: Vec<&'static str> = flero_expr::functions().map(|function| function.name).collect();
        prop_oneof![
            (inner.clone(), prop::sample::select(operators.to_vec()), inner.clone())
                .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            (
                inner.clone(),
                prop::sample::select(methods.clone()),
                prop::collection::vec(inner.clone(), 0..3)
            )
                .prop_map(|(this, name, args)| {
                    let call = if name.contains('.') { name.to_owned() } else { format!("({this}).{name}") };
                    format!("{call}({})", args.join(", "))
                }),
            (inner.clone(), prop::sample::select(methods), inner.clone())
                .prop_map(|(this, name, body)| format!("({this}).{name}((x, y) => [x, y, {body}])")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})?.[{b}]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[...({a}), {{...({b})}}, `${{{a}}}`]")),
            inner.prop_map(|a| format!("!(-({a}))")),
        ]
    })
}

fn depth(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Evaluates within small limits; the result is the same twice and within the limits.
fn runs(template: &str) {
    let limits = Limits { max_steps: 20_000, max_bytes: 200_000, ..Limits::default() };
    let tree = json!({"field": template});
    let problems = check(&tree);
    let compiled = compile(&tree);
    let (first, second) = (compiled.eval(&scope(), &limits), compiled.eval(&scope(), &limits));
    assert_eq!(first, second, "{template}");
    match first {
        Ok(result) => {
            let size = result.value.to_string().len();
            assert!(size < 3 * limits.max_bytes + 10 * template.len(), "{template} gave {size} bytes");
            assert!(depth(&result.value) <= usize::from(limits.max_depth) + 1, "{template}");
            // What cannot be parsed is reported at each evaluation, and nothing else as a syntax error.
            let reported =
                result.errors.iter().filter(|error| error.kind == flero_expr::ErrorKind::Syntax).count();
            assert_eq!(reported, problems.len(), "{template}");
            assert!(result.errors.iter().all(|error| error.message.len() < 1500), "{:?}", result.errors);
        }
        Err(Error::Steps { pointer, .. } | Error::Bytes { pointer, .. } | Error::Depth { pointer, .. }) => {
            assert_eq!(pointer, "/field");
        }
        Err(other) => panic!("{other}"),
    }
}

/// A few seconds in a usual run, and much longer with FLERO_SOAK=1.
fn config() -> ProptestConfig {
    let cases = if std::env::var_os("FLERO_SOAK").is_some() { 2_000_000 } else { 400 };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_can_be_evaluated(text in ".{0,60}") {
        runs(&text);
        runs(&format!("{{{{{text}}}}}"));
    }

    #[test]
    fn pieces_of_the_language_in_any_order_can_be_evaluated(source in expressions()) {
        runs(&format!("a {{{{ {source} }}}}"));
    }

    #[test]
    fn every_expression_ends_within_its_limits(source in valid()) {
        runs(&format!("{{{{ {source} }}}}"));
    }

    #[test]
    fn strings_survive_being_written_and_read(text in any::<String>()) {
        let literal = serde_json::to_string(&text).expect("a string");
        let result = compile(&json!(format!("{{{{ JSON.parse(JSON.stringify({literal})) }}}}"))).eval(&scope(), &Limits::default());
        prop_assert_eq!(result.expect("within the limits").value, Json::String(text));
    }

    #[test]
    fn numbers_are_written_so_that_they_read_back(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        let mut scope = scope();
        scope.roots.insert(flero_expr::Root::Input, json!(number));
        let result = compile(&json!("{{ Number(String($input)) === $input }}")).eval(&scope, &Limits::default());
        prop_assert_eq!(result.expect("within the limits").value, json!(true));
    }

    #[test]
    fn plain_text_is_kept_as_it_is(text in "[^{]{0,40}") {
        let result = compile(&json!(text)).eval(&scope(), &Limits::default()).expect("within the limits");
        prop_assert_eq!(result.value, Json::String(text));
    }
}
