//! The rules of the format that a document can be held to by itself.

use std::collections::{BTreeMap, BTreeSet};

use flero_model::{credential::AuthType, service::HostClass};
use serde_json::{Map, Value};

use super::{Add, Finding, lists};
use crate::{
    compile::Compiled,
    document::{Document, child},
    extension::{DynamicOptions, TimeUnit},
};

/// What a connector can be.
pub(crate) const CATEGORIES: &[&str] = &[
    "ai",
    "analytics",
    "commerce",
    "communication",
    "crm",
    "customer-support",
    "data",
    "design",
    "developer-tools",
    "documents",
    "email",
    "files",
    "finance",
    "forms",
    "hr",
    "infrastructure",
    "marketing",
    "media",
    "monitoring",
    "payments",
    "productivity",
    "project-management",
    "sales",
    "scheduling",
    "security",
    "social",
    "utilities",
];

/// The sections that a guide has, in this order.
pub(super) const SECTIONS: &[&str] = &[
    "## What it does",
    "## Get a credential",
    "## Permissions",
    "## Examples",
    "## Limits",
    "## Troubleshooting",
];

pub(super) fn document(document: &Document, compiled: &Compiled, add: &mut Add<'_>) {
    let connector = &compiled.connector;
    if document
        .root
        .get("openapi")
        .and_then(|version| version.as_str())
        .is_none_or(|version| !version.starts_with("3.1"))
    {
        add("/openapi", "version", "A connector is an OpenAPI 3.1 document.".to_owned());
    }
    if !CATEGORIES.contains(&connector.flero.category.as_str()) {
        add("/x-flero/category", "category", format!("Name one of: {}.", CATEGORIES.join(", ")));
    }
    if connector.description.len() < 20 {
        add("/info/description", "description", "Say in a sentence what the service is.".to_owned());
    }
    if connector.documentation.is_none() {
        add(
            "/externalDocs",
            "documentation",
            "Name the vendor's documentation as `externalDocs.url`.".to_owned(),
        );
    }
    if connector.service("x").is_none() {
        add("/servers", "servers", "The base address is no template.".to_owned());
    }
    let is_free =
        connector.hosts.iter().any(|rule| rule.host.as_str().contains('{') && rule.class == HostClass::Fixed);
    if is_free || connector.hosts.is_empty() {
        add(
            "/x-flero/hosts",
            "hosts",
            "Name every host, with the class of those that have places.".to_owned(),
        );
    }
    if !connector.auth.is_empty() && connector.flero.database.is_none() && connector.flero.mail.is_none() {
        if connector.auth.iter().any(|kind| kind.test.is_empty()) {
            add(
                "/x-flero/test",
                "test",
                "Name an operation that changes nothing and tells the account.".to_owned(),
            );
        }
        for request in connector.auth.iter().flat_map(|kind| &kind.test) {
            if request.account.is_empty() {
                add("/x-flero/test/account", "test", "Say where the answer tells the account.".to_owned());
                break;
            }
        }
    }
    if let Some(hint) = &connector.flero.rate_limit
        && hint.reset.is_none()
        && (hint.reset_is_time || hint.reset_unit != TimeUnit::Seconds)
    {
        let message = "`resetIsTime` and `resetUnit` say how `reset` counts: name that header field too.";
        add("/x-flero/rateLimit", "rate-limit", message.to_owned());
    }
    for member in connector.flero.errors.iter().flat_map(lists::errors) {
        add(&format!("/x-flero/errors/{member}"), "errors", lists::NO_PLACE.to_owned());
    }
    permissions(compiled, add);
}

/// Every scope that an operation or a scheme names has a reason of its own.
fn permissions(compiled: &Compiled, add: &mut Add<'_>) {
    let connector = &compiled.connector;
    let oauth: BTreeSet<&str> = connector
        .auth
        .iter()
        .filter(|kind| kind.auth_type == AuthType::Oauth2)
        .map(|kind| kind.id.as_str())
        .collect();
    let mut named: BTreeMap<&str, ()> = BTreeMap::new();
    for kind in &connector.auth {
        for permission in kind.oauth.iter().flat_map(|oauth| &oauth.permissions) {
            named.insert(&permission.scope, ());
        }
    }
    for operation in &connector.operations {
        for (scheme, scopes) in operation.security.iter().flatten() {
            if oauth.contains(scheme.as_str()) {
                named.extend(scopes.iter().map(|scope| (scope.as_str(), ())));
            }
        }
        named.extend(operation.hints.permissions.iter().map(|scope| (scope.as_str(), ())));
    }
    for scope in named.keys() {
        let reason = connector.flero.permissions.get(*scope).map(String::as_str).unwrap_or_default();
        if reason.len() < 10 {
            let message = format!("Say why `{scope}` is asked for.");
            add(&child("/x-flero/permissions", scope), "permission", message);
        }
    }
    for scope in connector.flero.permissions.keys().filter(|scope| !named.contains_key(scope.as_str())) {
        let message = format!("Nothing needs `{scope}`; leave it out.");
        add(&child("/x-flero/permissions", scope), "permission", message);
    }
}

/// `{+name}` of RFC 6570 is read in documents that are imported, but OpenAPI has no such templates.
pub(super) fn paths(document: &Document, add: &mut Add<'_>) {
    let paths = document.root.get("paths").and_then(|paths| paths.as_object());
    for path in paths.into_iter().flatten().map(|(path, _)| path).filter(|path| path.contains("{+")) {
        let message = "Write `{name}`, and `x-flero-reserved: true` at the parameter whose slashes stay.";
        add(&child("/paths", path), "path", message.to_owned());
    }
}

pub(super) fn operations(document: &Document, compiled: &Compiled, add: &mut Add<'_>) {
    let known: BTreeSet<&str> = compiled.connector.operations.iter().map(|one| one.id.as_str()).collect();
    for operation in &compiled.connector.operations {
        let at = place(document, &operation.id);
        let hints = format!("{at}/x-flero-operation");
        if operation.hints.example.is_none() {
            add(&at, "example", "Give `x-flero-operation.example` with `inputs` and `fixture`.".to_owned());
        }
        if operation.group.is_empty() {
            add(&at, "group", "Give a tag; operations are grouped by it.".to_owned());
        }
        if operation.description.is_empty() {
            add(&at, "description", "Say what the operation does.".to_owned());
        }
        let inputs = operation.input.get("properties").and_then(|properties| properties.as_object());
        for (name, schema) in inputs.into_iter().flatten() {
            if schema.get("description").is_none() && schema.get("$ref").is_none() {
                let at = place_of_input(document, &at, name);
                add(&at, "description", format!("Say what the input `{name}` is."));
            }
        }
        options(&operation.hints.options, inputs, &known, &hints, add);
        if let Some(input) = operation.hints.pagination.as_ref().and_then(|paging| paging.input())
            && !is_input(inputs, &crate::paging::segments(input))
        {
            let message = format!("There is no input `{input}` to choose a page by.");
            add(&format!("{hints}/pagination/input"), "pagination", message);
        }
        for (member, message) in lists::pagination(operation) {
            add(&format!("{hints}/pagination/{member}"), "pagination", message);
        }
        for member in operation.hints.errors.iter().flat_map(lists::errors) {
            add(&format!("{hints}/errors/{member}"), "errors", lists::NO_PLACE.to_owned());
        }
    }
}

/// Choices are those of an input, and an operation lists them. `at` is the place of the hints.
pub(super) fn options(
    given: &BTreeMap<String, DynamicOptions>,
    inputs: Option<&Map<String, Value>>,
    known: &BTreeSet<&str>,
    at: &str,
    add: &mut Add<'_>,
) {
    for (input, options) in given {
        let is_input = inputs.is_some_and(|inputs| inputs.contains_key(input));
        if !is_input || !known.contains(options.operation.as_str()) {
            let at = child(&format!("{at}/options"), input);
            add(&at, "options", format!("The options of `{input}` name no input or no operation."));
        }
    }
}

/// Whether names lead to an input, or to a place within one, as far as its schema tells members.
fn is_input(inputs: Option<&Map<String, Value>>, names: &[String]) -> bool {
    let Some((first, rest)) = names.split_first() else { return false };
    let Some(schema) = inputs.and_then(|inputs| inputs.get(first)) else { return false };
    match (rest.is_empty(), schema.get("properties").and_then(Value::as_object)) {
        (false, Some(members)) => is_input(Some(members), rest),
        _ => true,
    }
}

/// Where an input of an operation stands: its parameter, or else the body.
fn place_of_input(document: &Document, at: &str, name: &str) -> String {
    let list = document.at(&format!("{at}/parameters")).and_then(Value::as_array);
    let found = list.into_iter().flatten().position(|parameter| {
        let parameter = document.follow(parameter, "").map_or(parameter, |(found, _)| found);
        parameter.get("name").and_then(Value::as_str) == Some(name)
    });
    found.map_or_else(|| format!("{at}/requestBody"), |place| format!("{at}/parameters/{place}"))
}

/// Where an operation stands in the document.
pub(super) fn place(document: &Document, id: &str) -> String {
    for (path, item) in document.section("paths").into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation.get("operationId").and_then(|found| found.as_str()) == Some(id) {
                return child(&child("/paths", path), method);
            }
        }
    }
    "/paths".to_owned()
}

pub(super) fn guide(files: &BTreeMap<String, Vec<u8>>, findings: &mut Vec<Finding>) {
    let text =
        files.get("guide.md").map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let mut from = 0;
    for section in SECTIONS {
        let found = text[from..].find(section);
        let body = found.map(|at| &text[from + at + section.len()..]);
        let own =
            body.map(|body| body.split("\n## ").next().unwrap_or_default().trim().len()).unwrap_or_default();
        from += found.unwrap_or(0);
        if own < 20 {
            findings.push(Finding {
                file: "guide.md".to_owned(),
                // Of the section, or of the one behind which it is missing.
                line: text[..from].matches('\n').count() + 1,
                pointer: String::new(),
                rule: "guide",
                message: format!("The guide has the section `{section}` with a text, in its place."),
            });
        }
    }
}
