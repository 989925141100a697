//! The rules of the format that a document can be held to by itself.

use std::collections::{BTreeMap, BTreeSet};

use flero_model::{credential::AuthType, service::HostClass};

use super::{Add, Finding};
use crate::{
    compile::Compiled,
    document::{Document, child},
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
pub(super) const SECTIONS: &[&str] =
    &["## What it does", "## Get a credential", "## Permissions", "## Limits", "## Troubleshooting"];

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
    if !connector.auth.is_empty() && connector.flero.database.is_none() {
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

pub(super) fn operations(document: &Document, compiled: &Compiled, add: &mut Add<'_>) {
    let known: BTreeSet<&str> = compiled.connector.operations.iter().map(|one| one.id.as_str()).collect();
    for operation in &compiled.connector.operations {
        let at = place(document, &operation.id);
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
                add(&at, "description", format!("Say what the input `{name}` is."));
            }
        }
        for (input, options) in &operation.hints.options {
            let is_input = inputs.is_some_and(|inputs| inputs.contains_key(input));
            if !is_input || !known.contains(options.operation.as_str()) {
                add(&at, "options", format!("The options of `{input}` name no input or no operation."));
            }
        }
        if let Some(paging) = &operation.hints.pagination
            && let Some(input) = paging.input()
            && inputs.is_none_or(|inputs| !inputs.contains_key(input))
        {
            add(&at, "pagination", format!("There is no input `{input}` to choose a page by."));
        }
    }
}

/// Where an operation stands in the document.
fn place(document: &Document, id: &str) -> String {
    for (path, item) in document.section("paths").into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation.get("operationId").and_then(|found| found.as_str()) == Some(id) {
                return child(&child("/paths", path), method);
            }
        }
    }
    "/paths".to_owned()
}

pub(super) fn triggers(compiled: &Compiled, add: &mut Add<'_>) {
    let known: BTreeSet<&str> = compiled.connector.operations.iter().map(|one| one.id.as_str()).collect();
    for trigger in &compiled.connector.triggers {
        let at = child("/webhooks", &trigger.id);
        let Some(hints) = &trigger.hints else {
            add(&at, "trigger", "Say with `x-flero-trigger` how the event comes.".to_owned());
            continue;
        };
        let named = hints
            .registration
            .iter()
            .flat_map(|registration| [&registration.operation, &registration.remove])
            .chain(hints.polling.iter().map(|polling| &polling.operation));
        for operation in named.filter(|operation| !known.contains(operation.as_str())) {
            add(&at, "trigger", format!("There is no operation `{operation}`."));
        }
        let keyed = hints.verification.as_ref().is_some_and(crate::extension::Verification::has_public_key);
        let made_here = hints.registration.as_ref().is_some_and(|one| one.secret.is_none());
        if keyed && made_here {
            let message = "A public key is the service's: a person gives it, or `registration.secret` says where the \
                           service tells it.";
            add(&at, "trigger", message.to_owned());
        }
        if hints.asks_for_a_foreign_signature() {
            let message =
                "`{{signature}}` needs a verification by HMAC: Flero has no other key to sign with.";
            add(&at, "trigger", message.to_owned());
        }
        if hints.polling.is_none() && hints.verification.is_none() {
            add(&at, "trigger", "Say how the sender of a delivery is known.".to_owned());
        }
    }
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
        if own < 20 {
            findings.push(Finding {
                file: "guide.md".to_owned(),
                line: 0,
                pointer: String::new(),
                rule: "guide",
                message: format!("The guide has the section `{section}` with a text, in its place."),
            });
        }
        from += found.unwrap_or(0);
    }
}
