//! What expressions mean where JavaScript is no judge: references, errors, numbers, and what is left out.

use super::support::{kind, message, value};
use flero_expr::ErrorKind::{Syntax, Type, Unresolved};
use flero_expr::{Compiled, Problem, Root, check, compile};
use serde_json::json;

#[test]
fn references_start_at_the_five_roots() {
    for (expression, wanted) in [
        ("$trigger.body.id", json!(7)),
        ("$node[\"Look up\"].json.body.title", json!("Book")),
        ("$node['Look up'].output.body.title", json!("Book")),
        ("$node.Start.json", json!({})),
        ("$node['Look' + ' up'].json.body.title", json!("Book")),
        ("$workflow.variables.limit", json!(3)),
        ("$env.REGION", json!("eu")),
        ("$input.items[1]", json!(2)),
        ("$trigger.headers['content-type']", json!("application/json")),
        ("$trigger.body['a b']", json!(1)),
        ("$trigger['bo' + 'dy'].tags[$input.items.length - 1]", json!("c")),
    ] {
        assert_eq!(value(expression), wanted, "{expression}");
    }
}

#[test]
fn a_reference_that_leads_nowhere_names_what_was_available() {
    for (expression, wanted) in [
        ("$trigger.body.nope", "$trigger.body.nope does not exist; available: \"id\", \"name\", \"maybe\""),
        ("$trigger.body.nope.deeper", "$trigger.body.nope does not exist"),
        ("$trigger.body.nope + 1", "$trigger.body.nope does not exist"),
        ("`Hi ${$trigger.body.nope}`", "$trigger.body.nope does not exist"),
        (
            "$trigger.body.maybe.deeper",
            "$trigger.body.maybe is null, so `deeper` cannot be read; `?.` gives null instead",
        ),
        ("$trigger.body.nope.trim()", "$trigger.body.nope does not exist"),
        (
            "$node['Nope'].json.a",
            "$node[\"Nope\"] has no output: there is no such node, or it has not run; available: \"Look up\", \"Start\"",
        ),
        ("$item.id", "$item does not exist here; available: $node, $trigger, $workflow, $env, $input"),
        ("$env.HOME", "$env.HOME does not exist; available: \"REGION\""),
        ("$input.items[9]", "$input.items[9] does not exist; the array has 3 items"),
        ("$input.items.map(x => x.id.deep)", "x.id does not exist; the value is a number"),
        ("$node['Look up'].body", "$node[\"Look up\"].body does not exist; available: \"json\""),
    ] {
        assert_eq!(kind(expression), Unresolved, "{expression}");
        assert!(message(expression).starts_with(wanted), "{expression}: {}", message(expression));
    }
}

#[test]
fn a_missing_value_can_be_asked_for() {
    for (expression, wanted) in [
        ("$trigger.body?.nope", json!(null)),
        ("$trigger.body?.nope.deeper.still", json!(null)),
        ("$trigger.body.maybe?.deeper", json!(null)),
        ("$node['Nope']?.json.a", json!(null)),
        ("$item?.id", json!(null)),
        ("$trigger.body.nope ?? 'none'", json!("none")),
        ("$trigger.nope.deeper ?? $trigger.body.maybe ?? 'none'", json!("none")),
        ("$node['Nope'].json.a ?? 'none'", json!("none")),
        ("$trigger.body.nope || 'none'", json!("none")),
        ("$trigger.body.nope ? 1 : 2", json!(2)),
        ("$trigger.body.nope == null", json!(true)),
        ("typeof $trigger.body.nope", json!("undefined")),
        ("isEmpty($trigger.body.nope)", json!(true)),
        ("default($trigger.body.nope, 5)", json!(5)),
        ("$trigger.body.lines.map(x => x.nope)", json!([null, null])),
        ("$trigger.body.lines.filter(x => x.nope).length", json!(0)),
        ("({a: $trigger.body.nope, b: 1})", json!({"b": 1})),
        ("'nope' in $trigger.body", json!(false)),
        ("$trigger.body.maybe?.trim()", json!(null)),
        ("$trigger.body?.['nope']", json!(null)),
    ] {
        assert_eq!(value(expression), wanted, "{expression}");
    }
}

#[test]
fn messages_hold_names_but_no_values() {
    for expression in [
        "$trigger[$trigger.body.name]",
        "$trigger.body[$input.text]",
        "$node[$input.text].json",
        "$input.text.nope()",
        "date($input.text)",
        "JSON.parse($input.text)",
        "$input.text.base64Decode()",
        "$input.text.at(0, 'hello')",
        "'hello",
        "$input.text.match('(hello')",
    ] {
        let message = message(expression);
        assert!(!message.contains("hello") && !message.contains("Ada"), "{expression}: {message}");
    }
}

#[test]
fn messages_are_bounded() {
    let long = "k".repeat(5000);
    let message_of_key = message(&format!("$input.{long}"));
    assert!(message_of_key.len() < 400, "{}", message_of_key.len());
    let deep = message(&format!("$input{}", ".text".repeat(2000)));
    assert!(deep.len() < 400, "{}", deep.len());
    let names = message(&format!(
        "({{{}}}).nope",
        (0..1000).map(|n| format!("k{n}: 1")).collect::<Vec<_>>().join(",")
    ));
    assert!(names.ends_with("\"k9\", …"), "{names}");
}

#[test]
fn whole_numbers_stay_exact() {
    for (expression, wanted) in [
        ("$trigger.body.big", "9007199254740993"),
        ("$trigger.body.big + 1", "9007199254740994"),
        ("String($trigger.body.big)", "\"9007199254740993\""),
        ("Number('9007199254740993') === 9007199254740993", "true"),
        ("9007199254740993 === 9007199254740992", "false"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551615 + 1", "1.8446744073709552e19"),
        ("-9223372036854775808 - 1", "-9.223372036854775808e18"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("10 / 4", "2.5"),
        ("10 / 5", "2"),
        ("2 ** 62", "4611686018427387904"),
    ] {
        let wanted: serde_json::Value = serde_json::from_str(wanted).unwrap();
        assert_eq!(value(expression), wanted, "{expression}");
    }
}

#[test]
fn a_result_that_json_cannot_hold_is_reported() {
    assert_eq!(message("1 / 0"), "the result is infinite");
    assert_eq!(message("'a' * 1"), "the result is not a number");
}

#[test]
fn operations_that_do_not_fit_are_type_errors() {
    for expression in [
        "(5).map(x => x)",
        "'a'.map(x => x)",
        "[1].trim()",
        "'a' in 'abc'",
        "[...5]",
        "'a'.repeat(-1)",
        "(1).toFixed(101)",
        "date('nonsense')",
        "date('2026-02-30')",
        "date('2026-01-01', 'Mars/Base')",
        "date('9999-12-31').plus(1, 'day')",
        "'%zz'.urlDecode()",
        "'/w=='.base64Decode()",
        "[].reduce((a, b) => a)",
        "(10).toString(99)",
        "date(0).format('bb')",
        "date(0).plus(1, 'ages')",
        "[1].chunk(0)",
        "'a'.match('(')",
        "date(1e300)",
        "JSON.parse('[1')",
    ] {
        assert_eq!(kind(expression), Type, "{expression}");
    }
}

#[test]
fn what_is_no_expression_says_so() {
    for (expression, wanted) in [
        ("", "there is no expression"),
        ("1 +", "breaks off"),
        ("1 2", "an operator is missing"),
        ("a = 1", "`a` is unknown"),
        ("$input.a = 1", "cannot assign"),
        ("$input.a++", "cannot assign"),
        ("hello", "`hello` is unknown; text needs quotes"),
        ("$json.a", "`$json` is unknown; there are $node, $trigger"),
        ("$node", "needs the name of a node"),
        ("new Date()", "`new` is not part"),
        ("x => x", "`x` is unknown"),
        ("(x) => x", "`x` is unknown"),
        ("[x => x]", "`x` is unknown"),
        ("[1].map(x => { return x })", "one expression"),
        ("[1].map(5)", "needs an arrow function"),
        ("'a'.trim(1)", "the arguments of `trim` are ()"),
        ("'a'.nope()", "there is no function `nope`"),
        ("Math.nope(1)", "`Math` has no function `nope`"),
        ("Math", "only holds functions"),
        ("isEmpty", "is a function"),
        ("1 & 2", "bitwise"),
        ("1 /* c */", "comments"),
        ("(1", "a `)` is missing"),
        ("[1, 2", "a `,` or `]` is missing"),
        ("{a: 1", "without its `{`"),
        ("'abc", "the string has no end"),
        ("`abc", "the template text has no end"),
        ("/abc", "the regular expression has no end"),
        ("/(?=a)/.test('a')", "look-around"),
        ("-2 ** 2", "parentheses around the sign"),
        ("010", "not a number"),
        ("#", "cannot stand here"),
    ] {
        assert_eq!(kind(expression), Syntax, "{expression}");
        assert!(message(expression).contains(wanted), "{expression}: {}", message(expression));
    }
}

#[test]
fn problems_are_listed_with_field_and_place() {
    let tree = json!({"url": "x", "a/b": [{"text": "Hi {{ 1 + }} and {{ 2 }} and {{ nope }}"}]});
    let problems = check(&tree);
    let [first, second] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!((first.pointer.as_str(), first.offset), ("/a~1b/0/text", 10));
    let Problem { pointer, message, offset } = second;
    assert_eq!((pointer.as_str(), *offset), ("/a~1b/0/text", 32));
    assert!(message.contains("`nope`"), "{message}");
    assert!(check(&json!({"fine": "{{ $input.a }}", "plain": "a }} b"})).is_empty());
}

#[test]
fn roots_and_nodes_are_known_without_evaluating() {
    let compiled =
        compile(&json!(["{{ $input.a + $node['One'].json.b }}", "{{ $node.Two?.json }} {{ $env.X }}"]));
    assert_eq!(compiled.roots().roots, [Root::Env, Root::Input].into());
    assert_eq!(compiled.roots().nodes, ["One".to_owned(), "Two".to_owned()].into());
    assert!(!compiled.roots().any_node);
    assert!(compile(&json!("{{ $node[$input.name].json }}")).roots().any_node);
}

#[test]
fn a_compiled_tree_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<Compiled>();
}

#[test]
fn arrow_functions_see_the_parameters_around_them() {
    assert_eq!(value("[1, 2].map(x => [10, 20].map(y => x + y))"), json!([[11, 21], [12, 22]]));
    assert_eq!(value("[[1, 2], [3]].map(x => x.map(x => x * 2))"), json!([[2, 4], [6]]));
    assert_eq!(value("[1, 2].map((x, i, all) => all.length * 100 + i * 10 + x)"), json!([201, 212]));
    assert_eq!(value("[3, 1].map(x => ({x})).sortBy(y => y.x).map(z => z.x)"), json!([1, 3]));
    assert_eq!(
        value("[[2, 1], [4, 3]].map(x => x.sort((a, b) => a - b).reduce((sum, y) => sum + y * x[0], 0))"),
        json!([6, 28])
    );
    // An arrow function that fails inside `??` leaves the parameters around it alone.
    assert_eq!(value("[1, 2].map(x => (['a'].map(y => y.q.r) ?? 0) + x)"), json!([1, 2]));
}

#[test]
fn dates_follow_calendars_and_time_zones() {
    for (expression, wanted) in [
        ("$now", json!("2026-11-22T13:45:30.000Z")),
        ("now().plus({days: 1}).format('yyyy-MM-dd HH:mm')", json!("2026-11-23 13:45")),
        (
            "now('America/New_York').format(\"d MMMM yyyy, h:mm a ZZ z 'at' EEE\")",
            json!("22 November 2026, 8:45 AM -05:00 America/New_York at Sun"),
        ),
        // The clocks of Zurich went forward on 2026-03-29 and back on 2026-10-25.
        (
            "date('2026-03-28T12:00', 'Europe/Zurich').plus(1, 'day').toISO()",
            json!("2026-03-29T12:00:00.000+02:00"),
        ),
        (
            "date('2026-03-28T12:00', 'Europe/Zurich').plus(24, 'hours').toISO()",
            json!("2026-03-29T13:00:00.000+02:00"),
        ),
        ("date('2026-03-29T02:30', 'Europe/Zurich').toISO()", json!("2026-03-29T03:30:00.000+02:00")),
        ("date('2026-10-25T02:30', 'Europe/Zurich').toISO()", json!("2026-10-25T02:30:00.000+02:00")),
        ("date('2024-02-29').plus(1, 'year').toISODate()", json!("2025-02-28")),
        ("date('2026-11-22').startOf('week').toISODate()", json!("2026-11-16")),
        ("date('2026-11-22').endOf('year').toISO()", json!("2026-12-31T23:59:59.999Z")),
        ("date('2026-03-31').diff('2026-02-28', 'months')", json!(1)),
        ("date('2026-03-27').diff('2026-02-28', 'months')", json!(0)),
        ("date('2026-02-28').diff('2026-03-31', 'months')", json!(-1)),
        ("date('2026-11-22T12:00') - date('2026-11-22')", json!(43_200_000)),
        ("date('2026-11-22') == date('2026-11-22T01:00+01:00')", json!(true)),
        ("date('2026-11-22') > date('2026-11-21')", json!(true)),
        ("date('Sun, 22 Nov 2026 08:00:00 +0100').toISOString()", json!("2026-11-22T07:00:00.000Z")),
        ("parseDate('3/7/26 5:04 pm', 'd/M/yy h:mm a').toISO()", json!("2026-07-03T17:04:00.000Z")),
        ("date('2026-11-22').week + ' ' + date('2026-11-22').ordinal", json!("47 326")),
        ("({when: date(0)})", json!({"when": "1970-01-01T00:00:00.000Z"})),
    ] {
        assert_eq!(value(expression), wanted, "{expression}");
    }
}

#[test]
fn sorting_with_a_function_that_contradicts_itself_ends() {
    let sorted = value("range(200).map(x => x * 7919 % 200).sort((a, b) => 1)");
    assert_eq!(sorted.as_array().map(Vec::len), Some(200));
}
