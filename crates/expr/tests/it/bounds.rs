//! Nothing can hang, exhaust or abort the process: bombs end at a limit, before the memory is taken.

use super::support::{eval_tree, kind, message, scope, value};
use flero_expr::{Error, ErrorKind, Limits, check, compile};
use serde_json::{Value as Json, json};

/// The limit that an expression reaches. A usual run has smaller limits, because it is not optimised.
fn bomb(expression: &str) -> Error {
    let limits = match std::env::var_os("FLERO_SOAK") {
        Some(_) => Limits::default(),
        None => Limits { max_steps: 300_000, max_bytes: 4 << 20, ..Limits::default() },
    };
    match compile(&json!([format!("{{{{ {expression} }}}}")])).eval(&scope(), &limits) {
        Err(error) => error,
        Ok(result) => {
            panic!("{expression} ended with {} errors: {:?}", result.errors.len(), result.errors.first())
        }
    }
}

#[test]
fn text_bombs_end_at_the_byte_limit() {
    for expression in [
        "'a'.repeat(1e9)",
        "'a'.repeat(9007199254740991)",
        "'abc'.repeat(18446744073709551615)",
        "'a'.padStart(1e12)",
        "'a'.padEnd(1e18, 'xyz')",
        "range(1000).map(x => 'a'.repeat(100000)).join('')",
        "'a'.repeat(100000).replaceAll('a', 'b'.repeat(100000))",
        "'a'.repeat(100000).replace(/a/g, '$&$&$&$&$&$&$&$&$&$&'.repeat(1000))",
        "'a'.repeat(10000).split('').map(x => 'a'.repeat(10000)).toJson()",
        "range(30).reduce((sum, x) => sum + sum, 'a')",
        "range(30).reduce((sum, x) => `${sum}${sum}`, 'a')",
        "range(40).reduce((sum, x) => [sum, sum].toJson(), 'a')",
        "'<'.repeat(20000000).escapeHtml()",
        "'%'.repeat(20000000).urlEncode()",
        "'a'.repeat(1000000).concat(...range(100).map(x => 'b'.repeat(1000000)))",
        "JSON.parse('[' + '0,'.repeat(10000000) + '0]')",
        "JSON.stringify(range(1000), null, 10).repeat(100000)",
    ] {
        assert!(matches!(bomb(expression), Error::Bytes { .. } | Error::Steps { .. }), "{expression}");
    }
}

#[test]
fn list_bombs_end_at_a_limit() {
    for expression in [
        "range(1e9)",
        "range(-9223372036854775808, 9223372036854775807)",
        "range(100000).map(x => range(100000))",
        "range(1000).map(x => range(1000).map(y => range(1000).map(z => 1)))",
        "range(30).reduce((sum, x) => [...sum, ...sum], [1])",
        "range(30).reduce((sum, x) => sum.concat(sum), [1])",
        "range(30).reduce((sum, x) => ({...sum, [x]: range(100000)}), {})",
        "'a'.repeat(5000000).split('')",
        "range(100000).sort((a, b) => range(1000).sum())",
        "range(1000000).map(x => ({x})).groupBy(x => x.x)",
        "range(3000).map(x => [...range(3000)])",
        "range(2000).filter(x => range(10000).includes(-1))",
        "Math.max(...range(100000000))",
    ] {
        assert!(matches!(bomb(expression), Error::Bytes { .. } | Error::Steps { .. }), "{expression}");
    }
}

#[test]
fn shared_parts_count_each_time_they_are_written() {
    // Each level holds the one below twice: small in memory, huge as a document.
    let doubled = "range(60).reduce((sum, x) => [sum, sum], 'a')";
    assert!(matches!(bomb(doubled), Error::Bytes { .. } | Error::Steps { .. }));
    assert!(matches!(bomb(&format!("{doubled}.toJson()")), Error::Bytes { .. } | Error::Steps { .. }));
    assert!(matches!(
        bomb(&format!("{doubled}.flat(100).length")),
        Error::Bytes { .. } | Error::Steps { .. }
    ));
    assert!(matches!(
        bomb(&format!("{doubled}.isEqual({doubled})")),
        Error::Bytes { .. } | Error::Steps { .. }
    ));
}

#[test]
fn values_cannot_become_too_deep() {
    for expression in [
        "range(100000).reduce((sum, x) => [sum], 1)",
        "range(100000).reduce((sum, x) => ({sum}), 1)",
        "range(100000).reduce((sum, x) => [[sum]].flat(), [1])",
        "range(200).reduce((sum, x) => ({a: {b: sum}}).get('a'), 1)",
        "JSON.parse('['.repeat(120) + ']'.repeat(120))",
    ] {
        match eval_tree(&json!([format!("{{{{ {expression} }}}}")])) {
            Err(Error::Depth { max: 100, pointer }) => assert_eq!(pointer, "/0"),
            Ok(result) if expression.contains("flat()") => assert!(result.errors.is_empty()),
            other => panic!("{expression}: {other:?}"),
        }
    }
    assert_eq!(kind("JSON.parse('['.repeat(100000))"), ErrorKind::Type);
}

#[test]
fn deep_sources_are_errors() {
    let deep = |open: &str, middle: &str, close: &str| {
        [&open.repeat(20_000), middle, &close.repeat(20_000)].concat()
    };
    // A small stack shows that the depth is limited, not merely lucky.
    let run = move || {
        for source in [
            deep("(", "1", ")"),
            deep("[", "1", "]"),
            deep("{a:", "1", "}"),
            deep("!", "1", ""),
            deep("-", "1", ""),
            deep("typeof ", "1", ""),
            deep("1 ? ", "1", " : 1"),
            deep("1 ? 1 : ", "1", ""),
            deep("1**", "1", ""),
            deep("`${", "1", "}`"),
            deep("[1].map(x=>", "1", ")"),
            deep("$input[", "1", "]"),
            deep("$node[", "1", "]"),
            deep("isEmpty(", "1", ")"),
            deep("(", "", ""),
            deep("1+(", "1", ")"),
            deep("...", "", ""),
        ] {
            assert_eq!(kind(&source), ErrorKind::Syntax, "{}", &source[..12]);
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn the_deepest_source_that_is_allowed_fits_a_small_stack() {
    let run = || {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{a:", "}"),
            ("[1].map(x=>1+2*", ")"),
            ("`${", "}`"),
            ("!", ""),
            ("1+(2*", ")"),
        ] {
            let levels = (1..100).rev().find(|levels| {
                check(&json!(["{{", &open.repeat(*levels), "1", &close.repeat(*levels), "}}"].concat()))
                    .is_empty()
            });
            let levels = levels.unwrap();
            assert!(levels > 40, "{open} {levels}");
            value(&[&open.repeat(levels), "1", &close.repeat(levels)].concat());
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn long_rows_are_not_deep() {
    assert_eq!(value(&format!("1{}", "+1".repeat(10_000))), json!(10_001));
    assert_eq!(value(&format!("''{}", "+'a'".repeat(10_000))).as_str().unwrap().len(), 10_000);
    assert_eq!(value(&format!("[{}].length", "1,".repeat(20_000))), json!(20_000));
    assert_eq!(value(&format!("1{}", " && 1".repeat(5000))), json!(1));
    assert_eq!(value(&format!("null{} ?? 7", " ?? null".repeat(5000))), json!(7));
    assert_eq!(value(&format!("'a'{}", ".trim()".repeat(5000))), json!("a"));
}

#[test]
fn long_sources_are_errors() {
    assert!(message(&format!("'{}'", "a".repeat(100_000))).contains("no end"));
    assert!(message(&"1+".repeat(100_000)).contains("too long"));
}

#[test]
fn broken_templates_are_read_in_linear_time() {
    for piece in [
        "{{", "{{'}}", "{{`${", "{{ {{", "{{\"}}'", "{{`}}", "{{/}}", "\\{{", "}}{{", "{{(}}", "{{{",
        "{{[`}}",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        let compiled = compile(&json!(text));
        // Very many mistakes end at the byte limit, or are all reported.
        let _ = compiled.eval(&scope(), &Limits::default());
    }
}

#[test]
fn regular_expressions_are_linear_and_bounded() {
    assert_eq!(value("/^(a+)+$/.test('a'.repeat(10000) + 'b')"), json!(false));
    assert_eq!(value("/^(a|aa)+$/.test('a'.repeat(10000) + 'b')"), json!(false));
    assert!(message("'a'.match('(((a{50}){50}){50}){50}')").contains("too large"));
    assert!(message("/(((a{50}){50}){50}){50}/.test('a')").contains("too large"));
    assert!(message(&format!("'a'.match('{}')", "(".repeat(100))).contains("not valid"));
    assert!(message("'a'.match('a'.repeat(5000))").contains("too long"));
    // Each match is found only after reading to the end: the iteration is quadratic, and counted so.
    assert!(matches!(bomb("'A'.repeat(1000000).match(/.*[^A-Z]|[A-Z]/g)"), Error::Steps { .. }));
    assert!(matches!(
        bomb("range(100000).map(x => 'a'.repeat(1000).match('a{' + x % 50 + '}b'))"),
        Error::Steps { .. } | Error::Bytes { .. }
    ));
    assert!(matches!(
        bomb("range(1000).map(x => /[a-z]{100}[0-9]{100}\\s+x/.test('a'.repeat(100000)))"),
        Error::Steps { .. } | Error::Bytes { .. }
    ));
}

#[test]
fn reading_long_text_again_and_again_is_counted() {
    for expression in [
        "x => t.trim()",
        "x => [{}].pluck(t)",
        "x => [1].groupBy(y => t)",
        "x => ({}).has(t)",
        "x => t in {}",
        "x => ({})?.[t]",
        "x => t == t + ''",
        "x => ({[t]: 1})",
        "x => ({}).get(t)",
        "x => [{}].sortBy(t)",
        "x => t.length",
    ] {
        // Two thousand rounds are far below the step limit by themselves; reading a megabyte in each is not.
        let source = format!("{{{{ ['a'.repeat(1000000)].map(t => range(2000).map({expression})) }}}}");
        let result = compile(&json!(source)).eval(&scope(), &Limits::default());
        assert!(
            matches!(result, Err(Error::Steps { .. } | Error::Bytes { .. })),
            "{expression} is not counted"
        );
    }
}

#[test]
fn the_limits_hold_for_the_whole_tree() {
    let limits = Limits { max_steps: 30_000, ..Limits::default() };
    let one = json!("{{ range(3000).sum() }}");
    assert!(compile(&one).eval(&scope(), &limits).is_ok());
    let many = Json::Array(vec![one; 5]);
    let error = compile(&many).eval(&scope(), &limits).unwrap_err();
    assert!(matches!(&error, Error::Steps { pointer, max: 30_000 } if pointer.len() == 2), "{error:?}");
    assert!(error.to_string().starts_with("the expression in /"), "{error}");
}

#[test]
fn copying_a_document_is_counted() {
    let limits = Limits { max_bytes: 10_000, ..Limits::default() };
    let mut scope = scope();
    scope.roots.insert(flero_expr::Root::Input, json!({"big": vec!["x".repeat(100); 100], "small": 1}));
    assert!(compile(&json!("{{ $input.small }}")).eval(&scope, &limits).is_ok());
    assert!(compile(&json!("{{ $input.big.length }}")).eval(&scope, &limits).is_ok());
    assert!(matches!(compile(&json!("{{ $input }}")).eval(&scope, &limits), Err(Error::Bytes { .. })));
    assert!(matches!(compile(&json!("a {{ $input }}")).eval(&scope, &limits), Err(Error::Bytes { .. })));
}
