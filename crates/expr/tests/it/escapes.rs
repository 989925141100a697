//! Published ways out of the expression languages of other products, replayed.

use super::support::scope;
use flero_expr::{Limits, check, compile};
use serde_json::{Value as Json, json};
use std::process::Command;

const CANARY: &str = "canary-d3b07384d113edec";

/// The corpus: an expression a line, with a line end written as one where the next line continues.
fn corpus() -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in include_str!("escapes.txt").lines().filter(|line| !line.starts_with('#')) {
        match entries.last_mut() {
            Some(last) if !last.ends_with("}}") => *last = format!("{last}\n{line}"),
            _ => entries.push(line.to_owned()),
        }
    }
    entries
}

/// What an entry may give when it is no error: data of the scope, of its own text, or a plain fact about it.
fn inert(entry: &str) -> Option<Json> {
    Some(match entry {
        "{{ $trigger.body.template }}" | "{{ '{{ $env.REGION }}' }}" => json!("{{ $env.REGION }}"),
        "{{ $trigger.body.template.replace('REGION', 'FLERO_CANARY') }}" => json!("{{ $env.FLERO_CANARY }}"),
        "{{ '{' + '{ constructor.constructor(\"return process\")() }' + '}' }}" => {
            json!("{{ constructor.constructor(\"return process\")() }}")
        }
        "{{ \"${process.env.FLERO_CANARY}\" }}" => json!("${process.env.FLERO_CANARY}"),
        "{{ '<%= process.env.FLERO_CANARY %>' }}" => json!("<%= process.env.FLERO_CANARY %>"),
        "{{ JSON.parse('\"\\\\u007b\\\\u007b process.env \\\\u007d\\\\u007d\"') }}" => {
            json!("{{ process.env }}")
        }
        "{{ Object.keys($env).join(',') }}" => json!("REGION"),
        "{{ ({ toString: 'x' }) + '' }}" => json!("{\"toString\":\"x\"}"),
        "{{ JSON.stringify({toJSON: 1}) }}" => json!("{\"toJSON\":1}"),
        "{{ `id` }}" => json!("id"),
        "{{ 'a'.replace(/(?<x>a)/, '$<constructor>') }}" => json!(""),
        "{{ ({}).has('constructor') }}" | "{{ 'constructor' in {} }}" | "{{ 'toString' in $input }}" => {
            json!(false)
        }
        "{{ $input?.['constructor'] ?? 'nothing' }}" => json!("nothing"),
        "{{ $input?.constructor?.constructor }}"
        | "{{ ({}).get('__proto__.polluted') }}"
        | "{{ ({}).get('constructor.prototype') }}" => Json::Null,
        _ => return None,
    })
}

/// Security test 46: no published escape reaches the process, its environment, a file or a prototype; each is an error
/// or inert data.
#[test]
fn published_escapes_are_errors_or_inert_data() {
    let corpus = corpus();
    assert!(corpus.len() >= 150, "{}", corpus.len());
    for entry in &corpus {
        let result = compile(&json!(entry)).eval(&scope(), &Limits::default()).expect(entry);
        match inert(entry) {
            Some(wanted) => assert_eq!((&result.value, &result.errors[..]), (&wanted, &[][..]), "{entry}"),
            None => {
                let text = result.value.as_str().unwrap_or_else(|| panic!("{entry} gave {}", result.value));
                assert!(text.starts_with("[EXPR-ERROR: "), "{entry} gave {text}");
            }
        }
        // The same inside of text, as an argument, and in an arrow function.
        let source = entry.trim_start_matches("{{").trim_end_matches("}}");
        for template in [
            format!("a {entry} b"),
            format!("{{{{ [1].map(x => {source}) }}}}"),
            format!("{{{{ String({source}) }}}}"),
        ] {
            let _ = check(&json!(template));
            let result = compile(&json!(template)).eval(&scope(), &Limits::default()).expect(entry);
            assert!(!result.value.to_string().contains(CANARY), "{entry}");
        }
    }
}

/// Security test 46: with a canary in the environment of the process and in a file, no result of the corpus holds it.
#[test]
fn no_escape_finds_the_canary() {
    if let Ok(path) = std::env::var("FLERO_CANARY_FILE") {
        for entry in corpus() {
            let entry = entry.replace("CANARY_FILE", &path);
            let result =
                compile(&json!(entry)).eval(&scope(), &Limits::default()).expect("within the limits");
            let all = format!("{result:?}");
            assert!(!all.contains(CANARY), "{entry} gave {all}");
        }
        return;
    }
    // The test runs itself again, so that the canary is in the environment from the start.
    let path = std::env::temp_dir().join(format!("flero-expr-canary-{}", std::process::id()));
    std::fs::write(&path, CANARY).expect("writing the canary");
    let output = Command::new(std::env::current_exe().expect("the path of this test"))
        .args(["--exact", "escapes::no_escape_finds_the_canary", "--nocapture"])
        .env("FLERO_CANARY", CANARY)
        .env("FLERO_CANARY_FILE", &path)
        .output()
        .expect("running this test again");
    let _ = std::fs::remove_file(&path);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert!(!text.contains(CANARY));
}

/// Security test 46: names of prototypes are ordinary own keys of a document, and nothing where a document lacks them.
#[test]
fn prototype_names_are_ordinary_keys() {
    use super::support::{kind, value};
    assert_eq!(value("$trigger.body.constructor"), json!("own"));
    assert_eq!(value("({__proto__: 1, a: 2}).keys()"), json!(["__proto__", "a"]));
    assert_eq!(value("JSON.parse('{\"__proto__\": {\"x\": 1}}').__proto__.x"), json!(1));
    assert_eq!(value("({...JSON.parse('{\"__proto__\": {\"x\": 1}}')}).x ?? 'none'"), json!("none"));
    assert_eq!(value("[1, 2].groupBy(x => '__proto__')"), json!({"__proto__": [1, 2]}));
    for name in ["constructor", "__proto__", "prototype", "toString", "valueOf", "hasOwnProperty"] {
        assert_eq!(kind(&format!("$input.{name}")), flero_expr::ErrorKind::Unresolved, "{name}");
        assert_eq!(value(&format!("$input?.{name}")), Json::Null, "{name}");
    }
}

/// Leak channel 14: there is no root that leads to a credential, whatever its name.
#[test]
fn no_root_leads_to_a_credential() {
    for name in [
        "credential",
        "credentials",
        "secret",
        "secrets",
        "vault",
        "auth",
        "key",
        "keys",
        "process",
        "global",
    ] {
        let problems = check(&json!(format!("{{{{ ${name} }}}}")));
        assert_eq!(problems.len(), 1, "{name}");
        assert!(problems[0].message.contains("is unknown"), "{name}");
    }
    let names: Vec<_> = flero_expr::Root::ALL.iter().map(|root| root.name()).collect();
    assert_eq!(names, ["$trigger", "$workflow", "$env", "$input", "$item", "$index", "$error"]);
}
