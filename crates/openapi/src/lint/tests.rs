//! Every rule finds what it is for, at its place and in its line.

use std::collections::BTreeMap;

use super::*;
use crate::scaffold::{Asked, files};

type Files = BTreeMap<String, Vec<u8>>;

const MAIN: &str = "connector.yaml";
const ACCOUNT: &str = "operations/account.yaml";
const FIXTURE: &str = "fixtures/getAccount.http";
/// Where the only operation stands.
const GET: &str = "/paths/~1account/get";

fn folder() -> Files {
    let asked = Asked {
        id: "acme",
        name: "Acme",
        url: "https://api.acme.example/v1",
        docs: "https://acme.example/docs",
    };
    files(&asked).unwrap()
}

fn text<'f>(files: &'f Files, name: &str) -> &'f str {
    std::str::from_utf8(&files[name]).unwrap()
}

/// A folder in which a text of a file is another one.
fn with(name: &str, from: &str, to: &str) -> Files {
    let mut files = folder();
    let changed = text(&files, name).replacen(from, to, 1);
    assert_ne!(changed, text(&files, name), "{from}");
    files.insert(name.to_owned(), changed.into_bytes());
    files
}

/// A folder with an event of these hints.
fn event(hints: &str) -> Files {
    let mut files = folder();
    let webhooks =
        format!("webhooks:\n  made:\n    post:\n      summary: Made\n      x-flero-trigger: {hints}\n");
    files.get_mut(MAIN).unwrap().extend(webhooks.into_bytes());
    files
}

/// One finding alone, of this rule, at this place, in the line in which this text stands.
fn finds(files: &Files, rule: &str, pointer: &str, (file, line): (&str, &str)) {
    let findings = lint("acme", files).findings;
    let [found] = &findings[..] else { panic!("{rule} {pointer}: {findings:?}") };
    assert_eq!((found.rule, found.pointer.as_str(), found.file.as_str()), (rule, pointer, file), "{found:?}");
    let lines: Vec<&str> = files.get(file).map(|_| text(files, file).lines().collect()).unwrap_or_default();
    let there = lines.get(found.line - 1).copied().unwrap_or_default();
    assert!(there.contains(line), "{rule}: line {} is {there:?}", found.line);
    assert!(found.message.len() > 15 && found.message.ends_with('.'), "{found:?}");
}

#[test]
fn every_fault_of_a_document_is_found_at_its_place() {
    let cases = [
        (MAIN, "openapi: 3.1.0", "openapi: 3.0.3", "version", "/openapi", "openapi:"),
        (MAIN, "category: utilities", "category: things", "category", "/x-flero/category", "category:"),
        (
            MAIN,
            "What can be done with this service, in one sentence.",
            "Things.",
            "description",
            "/info/description",
            "description: Things.",
        ),
        (
            MAIN,
            "  url: https://acme.example/docs",
            "  title: x",
            "documentation",
            "/externalDocs",
            "externalDocs:",
        ),
        (MAIN, "account: [/email, /id]", "account: []", "test", "/x-flero/test/account", "account: []"),
        (
            MAIN,
            "keywords: [\"acme\"]",
            "permissions: {\"a:b\": Reads what there is.}",
            "permission",
            "/x-flero/permissions/a:b",
            "permissions:",
        ),
        (
            MAIN,
            "category: utilities",
            "category: utilities\n  rateLimit: {remaining: x-left, resetUnit: milliseconds}",
            "rate-limit",
            "/x-flero/rateLimit",
            "rateLimit:",
        ),
        (
            MAIN,
            "category: utilities",
            "category: utilities\n  catgory: x",
            "left-out",
            "/x-flero",
            "x-flero:",
        ),
        (
            MAIN,
            "operations/account.yaml#/account",
            "../../etc/passwd",
            "reference",
            "/paths/~1account",
            "/account:",
        ),
    ];
    for (file, from, to, rule, pointer, line) in cases {
        let files = with(file, from, to);
        let findings = lint("acme", &files).findings;
        // Without its operation or its extension a document has other faults too.
        let found = findings.iter().find(|found| found.rule == rule);
        let found = found.unwrap_or_else(|| panic!("{rule}: {findings:?}"));
        assert_eq!((found.pointer.as_str(), found.file.as_str()), (pointer, file), "{found:?}");
        let there = text(&files, file).lines().nth(found.line - 1).unwrap();
        assert!(there.contains(line), "{rule}: line {} is {there:?}", found.line);
    }
}

#[test]
fn an_address_at_a_host_that_is_not_declared_is_found() {
    let elsewhere = "tags: [Account]\n    servers: [{url: 'https://other.example/v1'}]";
    let findings = lint("acme", &with(ACCOUNT, "tags: [Account]", elsewhere)).findings;
    let places: Vec<&str> =
        findings.iter().filter(|found| found.rule == "hosts").map(|found| found.pointer.as_str()).collect();
    assert_eq!(places, [format!("{GET}/servers")], "{findings:?}");
}

#[test]
fn a_path_that_is_no_template_of_openapi_is_found() {
    let files = with(MAIN, "/account: {", "\"/account/{+id}\": {");
    let findings = lint("acme", &files).findings;
    let places: Vec<&str> =
        findings.iter().filter(|found| found.rule == "path").map(|found| found.pointer.as_str()).collect();
    assert_eq!(places, ["/paths/~1account~1{+id}"]);
}

#[test]
fn every_fault_of_an_operation_is_found_in_the_file_that_it_stands_in() {
    let example = "{inputs: {}, fixture: getAccount.http}";
    let hints = format!("{GET}/x-flero-operation");
    let at = |member: &str| format!("{hints}/{member}");
    finds(&with(ACCOUNT, &format!("example: {example}"), "order: []"), "example", GET, (ACCOUNT, "get:"));
    finds(
        &with(ACCOUNT, "    description: Tells whose account the credential belongs to.\n", ""),
        "description",
        GET,
        (ACCOUNT, "get:"),
    );
    let asked = "tags: [Account]\n    parameters:\n      - {name: page, in: query, description: The page, schema: {type: integer}}\n      - {name: x, in: query, schema: {type: string}}";
    finds(
        &with(ACCOUNT, "tags: [Account]", asked),
        "description",
        &format!("{GET}/parameters/1"),
        (ACCOUNT, "name: x"),
    );
    for (input, is_one) in [("none", false), ("page", true), ("/page/x", true), ("/none/x", false)] {
        let mut files = with(
            ACCOUNT,
            "x-flero-operation:",
            &format!("x-flero-operation:\n      pagination: {{type: page, input: {input}}}"),
        );
        let described = asked.replace("name: x, in: query,", "name: x, in: query, description: An x,");
        let whole = text(&files, ACCOUNT).replacen("tags: [Account]", &described, 1);
        files.insert(ACCOUNT.to_owned(), whole.into_bytes());
        if is_one {
            assert_eq!(lint("acme", &files).findings, [], "{input}");
        } else {
            finds(&files, "pagination", &at("pagination/input"), (ACCOUNT, "pagination:"));
        }
    }
    for (hint, member) in [
        ("type: page, input: page, maxItems: 0", "/maxItems"),
        ("type: page, input: page, pages: total", "/pages"),
        ("type: page, input: page, start: 9", "/start"),
        ("type: linkHeader, input: page, maxItems: 0", "/maxItems"),
        ("type: linkHeader", "/input"),
    ] {
        let mut files =
            with(ACCOUNT, "x-flero-operation:", &format!("x-flero-operation:\n      pagination: {{{hint}}}"));
        let described = "tags: [Account]\n    parameters:\n      - {name: page, in: query, description: The page, schema: {type: integer, maximum: 8}}";
        let whole = text(&files, ACCOUNT).replacen("tags: [Account]", described, 1);
        files.insert(ACCOUNT.to_owned(), whole.into_bytes());
        finds(&files, "pagination", &at(&format!("pagination{member}")), (ACCOUNT, "pagination:"));
    }
    let errors = "x-flero-operation:\n      errors: {code: [], message: [/error, /message]}";
    finds(&with(ACCOUNT, "x-flero-operation:", errors), "errors", &at("errors/code"), (ACCOUNT, "errors:"));
    let errors = "category: utilities\n  errors: {message: []}";
    finds(&with(MAIN, "category: utilities", errors), "errors", "/x-flero/errors/message", (MAIN, "errors:"));
    // Pages are counted where they are numbered alone.
    let counted = "x-flero-operation:\n      pagination: {type: linkHeader, pages: /total}";
    let findings = lint("acme", &with(ACCOUNT, "x-flero-operation:", counted)).findings;
    assert!(findings.iter().any(|found| found.rule == "left-out" && found.pointer == hints), "{findings:?}");
    let options =
        "x-flero-operation:\n      options: {none: {operation: getAccount, value: /id, label: /id}}";
    finds(
        &with(ACCOUNT, "x-flero-operation:", options),
        "options",
        &at("options/none"),
        (ACCOUNT, "options:"),
    );
    finds(&with(FIXTURE, "/v1/account", "/v1/accounts"), "fixture", &at("example"), (ACCOUNT, "example:"));
    finds(&with(FIXTURE, "\"id\": \"1\"", "\"id\": 1"), "fixture", &at("example"), (ACCOUNT, "example:"));
    let mut missing = folder();
    missing.remove(FIXTURE);
    finds(&missing, "fixture", &at("example"), (ACCOUNT, "example:"));
}

#[test]
fn a_permission_without_a_reason_is_found() {
    let needed = "x-flero-operation:\n      permissions: [\"a:b\"]";
    let with_reason = |reason: &str| {
        let mut files = with(ACCOUNT, "x-flero-operation:", needed);
        let main = text(&files, MAIN).replacen(
            "keywords:",
            &format!("permissions: {{\"a:b\": {reason}}}\n  keywords:"),
            1,
        );
        files.insert(MAIN.to_owned(), main.into_bytes());
        files
    };
    assert_eq!(lint("acme", &with_reason("Reads what there is.")).findings, []);
    for files in [with_reason("Reads."), with(ACCOUNT, "x-flero-operation:", needed)] {
        let findings = lint("acme", &files).findings;
        let [found] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!((found.rule, found.pointer.as_str()), ("permission", "/x-flero/permissions/a:b"));
    }
}

#[test]
fn every_fault_of_an_event_is_found_at_its_member() {
    let at = |member: &str| format!("/webhooks/made/post/x-flero-trigger{member}");
    let signed = "verification: {type: hmacSha256, header: h, encoding: hex}";
    let token = "verification: {type: token, header: h}";
    for (hints, member) in [
        (format!("{{{token}, registration: {{operation: none, id: /id, remove: getAccount}}}}"), "/registration/operation"),
        (format!("{{{token}, registration: {{operation: getAccount, id: /id, remove: none}}}}"), "/registration/remove"),
        ("{polling: {operation: none, id: /id, cursor: /id}}".to_owned(), "/polling/operation"),
        ("{polling: {operation: getAccount, id: [], cursor: /id}}".to_owned(), "/polling/id"),
        (
            "{verification: {type: ed25519, header: h, encoding: hex}, registration: {operation: getAccount, id: /id, remove: getAccount}}".to_owned(),
            "/registration",
        ),
        (format!("{{{token}, handshake: {{challenge: /c, answer: {{s: \"{{{{signature}}}}\"}}}}}}"), "/handshake/answer"),
        (format!("{{{signed}, handshake: {{header: x-hook, answerHeader: Set-Cookie}}}}"), "/handshake/answerHeader"),
        (format!("{{{signed}, handshake: {{pointer: /type, challenge: /c}}}}"), "/handshake"),
        ("{verification: {type: token}}".to_owned(), "/verification"),
        ("{verification: {type: token, header: h, query: q}}".to_owned(), "/verification"),
        (
            "{verification: {type: hmacSha256, header: h, otherHeaders: [i], elements: true, encoding: hex}}".to_owned(),
            "/verification",
        ),
        ("{polling: {operation: getAccount, id: /id, cursor: /id}, optional: [team]}".to_owned(), "/optional"),
        ("{event: {values: [a]}}".to_owned(), ""),
    ] {
        finds(&event(&hints), "trigger", &at(member), (MAIN, "x-flero-trigger:"));
    }
    let polled = "polling: {operation: getAccount, id: /id, cursor: /id, inputs: {page: \"{{team}}\"}}";
    for choices in ["none: {operation: getAccount", "team: {operation: none"] {
        let hints = format!("{{{polled}, options: {{{choices}, value: /id, label: /id}}}}}}");
        let name = choices.split(':').next().unwrap();
        finds(&event(&hints), "options", &at(&format!("/options/{name}")), (MAIN, "x-flero-trigger:"));
    }
    for good in [
        format!("{{{polled}, options: {{team: {{operation: getAccount, value: /id, label: /id}}}}}}"),
        format!("{{{signed}, handshake: {{header: X-Hook-Secret, answerHeader: X-Hook-Secret}}}}"),
        "{verification: {type: token, query: token}, handshake: {challenge: /challenge}}".to_owned(),
        "{polling: {operation: getAccount, id: [/id, /email], cursor: /id}}".to_owned(),
    ] {
        assert_eq!(lint("acme", &event(&good)).findings, [], "{good}");
    }
}

#[test]
fn a_guide_a_name_and_a_document_that_cannot_be_read_are_told_with_a_line() {
    let files = with("guide.md", "## Limits", "## Bounds");
    finds(&files, "guide", "", ("guide.md", "## Examples"));
    let mut none = folder();
    none.remove("guide.md");
    let findings = lint("acme", &none).findings;
    assert!(findings.len() == 6 && findings.iter().all(|found| found.line == 1), "{findings:?}");
    let found = &lint("Acme Inc", &folder()).findings[0];
    assert_eq!((found.rule, found.line), ("name", 1));
    let found = &lint("acme", &with(MAIN, "version: \"1\"", "version: \"1\" \"")).findings[0];
    assert_eq!((found.rule, found.file.as_str()), ("readable", MAIN));
    assert_eq!(
        found.line,
        text(&folder(), MAIN).lines().position(|line| line.contains("version:")).unwrap() + 1
    );
    assert_eq!(lint("acme", &Files::new()).findings[0].line, 1);
}
