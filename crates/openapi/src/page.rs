//! The page of a service, generated from its connector: what it is, how to authenticate, permissions, every operation
//! with its inputs and an example, every event, the guide. Markdown, as the documentation has it and the terminal
//! shows it.

use std::{collections::BTreeMap, fmt::Write as _};

use flero_model::service::{AuthKind, HostClass};
use serde_json::Value;

use crate::{
    connector::{Connector, Operation, Trigger},
    events::Way,
    paging::Bound,
};

/// The schemas of a connector by name.
type Schemas = BTreeMap<String, Value>;

/// The longest text in a cell of a table, in bytes.
const MAX_CELL: usize = 300;

/// The page of a connector. `id` is its identifier, `guide` its `guide.md`.
#[must_use]
pub fn markdown(id: &str, connector: &Connector, guide: &str) -> String {
    let mut out = String::new();
    line(&mut out, &format!("# {}", connector.name));
    if !connector.description.is_empty() {
        line(&mut out, &connector.description);
    }
    let mut facts = vec![format!("Identifier: `{id}`")];
    if !connector.version.is_empty() {
        facts.push(format!("API version: {}", connector.version));
    }
    if let Some(url) = &connector.documentation {
        facts.push(format!("[Documentation of the service]({url})"));
    }
    line(&mut out, &facts.join(" · "));
    // The guide begins with its own headings: what it does, how to get a credential, permissions, limits, trouble.
    if !guide.trim().is_empty() {
        line(&mut out, guide.trim());
    }
    authentication(&mut out, connector);
    let schemas = connector.schemas.read();
    operations(&mut out, connector, &schemas);
    triggers(&mut out, connector, &schemas);
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

/// A paragraph.
fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{text}\n");
}

/// A text as a cell of a table: one line, without what would end the cell.
fn cell(text: &str) -> String {
    crate::names::plain(text, MAX_CELL).replace('|', "\\|")
}

fn table(out: &mut String, head: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "| {} |", head.join(" | "));
    let _ = writeln!(out, "|{}", "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
}

fn authentication(out: &mut String, connector: &Connector) {
    if connector.auth.is_empty() {
        return;
    }
    line(out, "## Ways to authenticate");
    for kind in &connector.auth {
        line(out, &format!("### {}", kind.name));
        line(out, &format!("Credential type `{}`.", kind.auth_type.as_str()));
        table(out, &["Field", "What it is", "Kept"], &fields(kind));
    }
    let rows = connector.hosts.iter().map(|rule| {
        let who = match rule.class {
            HostClass::Fixed => "always",
            HostClass::Label | HostClass::Listed => "as chosen for the credential",
            HostClass::Told => "as the service tells when the credential is made",
            HostClass::Typed => "as entered for the credential",
        };
        vec![format!("`{}`", rule.host.as_str()), who.to_owned()]
    });
    let rows: Vec<_> = rows.collect();
    line(out, "A credential is sent to these hosts and to no others:");
    table(out, &["Host", "Which one"], &rows);
    let reasons: BTreeMap<&str, &str> = reasons(connector);
    if !reasons.is_empty() {
        line(out, "### Permissions and why they are asked for");
        let rows: Vec<_> =
            reasons.iter().map(|(scope, reason)| vec![format!("`{scope}`"), cell(reason)]).collect();
        table(out, &["Permission", "Reason"], &rows);
    }
}

fn fields(kind: &AuthKind) -> Vec<Vec<String>> {
    let row = |field: &flero_model::service::Field| {
        let must = if field.optional { " (optional)" } else { "" };
        let kept = if field.secret { "sealed" } else { "readable" };
        vec![format!("{}{must}", cell(&field.label)), cell(&field.help), kept.to_owned()]
    };
    kind.fields.iter().map(row).collect()
}

fn reasons(connector: &Connector) -> BTreeMap<&str, &str> {
    let mut all: BTreeMap<&str, &str> =
        connector.flero.permissions.iter().map(|(scope, reason)| (scope.as_str(), reason.as_str())).collect();
    for permission in connector.auth.iter().flat_map(|kind| &kind.oauth).flat_map(|oauth| &oauth.permissions)
    {
        all.entry(&permission.scope).or_insert(&permission.reason);
    }
    all
}

fn operations(out: &mut String, connector: &Connector, schemas: &Schemas) {
    if connector.operations.is_empty() {
        return;
    }
    line(out, "## Operations");
    let mut groups: Vec<&str> = Vec::new();
    for operation in &connector.operations {
        if !groups.contains(&operation.group.as_str()) {
            groups.push(&operation.group);
        }
    }
    for group in groups {
        if !group.is_empty() {
            line(out, &format!("### {group}"));
        }
        for one in connector.operations.iter().filter(|operation| operation.group == group) {
            operation(out, one, schemas);
        }
    }
}

fn operation(out: &mut String, operation: &Operation, schemas: &Schemas) {
    line(out, &format!("#### {}", operation.name));
    let advice = if operation.deprecated { " The service advises against using it." } else { "" };
    if !operation.description.is_empty() || operation.deprecated {
        line(out, &format!("{}{advice}", operation.description));
    }
    // Neither a statement nor a command of a mail server has a method and a path.
    let has_request = operation.hints.statement.is_none() && operation.hints.mail.is_none();
    let request =
        if has_request { format!(" · `{} {}`", operation.method, operation.path) } else { String::new() };
    line(out, &format!("`{}`{request}", operation.id));
    table(out, &["Input", "Type", "What it is"], &inputs(operation, schemas));
    if operation.hints.pagination.is_some() {
        line(out, &pages(&Bound::of(operation)));
    }
    if let Some(example) = &operation.hints.example {
        let text = serde_json::to_string_pretty(&example.inputs).unwrap_or_default();
        line(out, &format!("Example inputs:\n\n```json\n{text}\n```"));
    }
}

/// How far a list is read.
fn pages(bound: &Bound) -> String {
    let mut ends = Vec::new();
    if let Some(items) = bound.items {
        ends.push(format!("no more than {items} items"));
    }
    if let Some((input, greatest)) = &bound.greatest {
        ends.push(format!("nothing with a `{input}` above {greatest}"));
    }
    let followed = "A list: Flero follows its pages";
    if ends.is_empty() {
        return format!("{followed}.");
    }
    format!("{followed}, up to where the service tells {}.", ends.join(" and "))
}

/// The inputs: those that a form shows first, then the others.
fn inputs(operation: &Operation, schemas: &Schemas) -> Vec<Vec<String>> {
    let Some(properties) = operation.input.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    let required: Vec<&str> =
        operation.input["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut names: Vec<&String> = properties.keys().collect();
    let place = |name: &&String| operation.hints.order.iter().position(|known| known == *name);
    names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    let row = |name: &String| {
        let schema = resolved(&properties[name], schemas);
        let must = if required.contains(&name.as_str()) { " *" } else { "" };
        let own = properties[name].get("description").or_else(|| schema.get("description"));
        let mut text = cell(own.and_then(Value::as_str).unwrap_or_default());
        if let Some(Value::Array(values)) = schema.get("enum") {
            let list: Vec<String> =
                values.iter().take(12).map(|value| format!("`{}`", word(value))).collect();
            let more = if values.len() > 12 { ", …" } else { "" };
            let _ = write!(text, " One of {}{more}.", list.join(", ").replace('|', "\\|"));
        }
        vec![format!("`{name}`{must}"), kind(schema), text.trim().to_owned()]
    };
    names.into_iter().map(row).collect()
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A schema, or the one that it names.
fn resolved<'s>(schema: &'s Value, schemas: &'s Schemas) -> &'s Value {
    let named = schema.as_object().and_then(crate::schema::named);
    named.and_then(|name| schemas.get(name)).unwrap_or(schema)
}

fn kind(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect::<Vec<_>>()
            .join(", "),
        _ => "any".to_owned(),
    }
}

fn triggers(out: &mut String, connector: &Connector, schemas: &Schemas) {
    if connector.triggers.is_empty() {
        return;
    }
    line(out, "## Events");
    for trigger in &connector.triggers {
        line(out, &format!("### {}", trigger.name));
        if !trigger.description.is_empty() {
            line(out, &trigger.description);
        }
        line(out, &format!("`{}` · {}", trigger.id, way(trigger)));
        let schema = trigger.payload.as_ref().map(|payload| resolved(payload, schemas));
        let members = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        let rows = members.into_iter().flatten().map(|(name, schema)| {
            let schema = resolved(schema, schemas);
            let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            vec![format!("`{name}`"), kind(schema), cell(text)]
        });
        table(out, &["Brings", "Type", "What it is"], &rows.collect::<Vec<_>>());
    }
}

fn way(trigger: &Trigger) -> &'static str {
    match trigger.hints.as_ref().and_then(crate::extension::TriggerHints::way) {
        Some(Way::Registered) => "registered at the service when the workflow is activated",
        Some(Way::Manual) => "a person enters the webhook's URL at the service",
        Some(Way::Polling) => "the service is asked from time to time",
        None => "no workflow can wait for it",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Document, compile::check};

    #[test]
    fn a_page_says_how_far_a_list_is_read() {
        let said = |items, greatest: Option<u64>| {
            pages(&Bound { items, greatest: greatest.map(|most| ("p".to_owned(), most)) })
        };
        assert_eq!(said(None, None), "A list: Flero follows its pages.");
        let both = "up to where the service tells no more than 9 items and nothing with a `p` above 3.";
        assert!(said(Some(9), Some(3)).ends_with(both), "{}", said(Some(9), Some(3)));
    }

    #[test]
    fn a_page_has_what_a_person_looks_for() {
        let document = json!({"openapi": "3.1.0", "info": {"title": "Acme", "version": "2", "description": "Makes things."},
            "servers": [{"url": "https://api.acme.example"}], "security": [{"key": []}],
            "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
                "schemas": {"Size": {"type": "string", "enum": ["a|b", "c"], "description": "How large."}}},
            "paths": {"/things": {"post": {"operationId": "makeThing", "summary": "Make a thing", "tags": ["Things"],
                "description": "Makes one.", "x-flero-operation": {"example": {"inputs": {"size": "c"}, "fixture": "f.http"}, "order": ["size"]},
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["size"],
                    "properties": {"note": {"type": ["string", "null"], "description": "A | B"}, "size": {"$ref": "#/components/schemas/Size"}}}}}}}}},
            "webhooks": {"made": {"post": {"summary": "Thing made", "requestBody": {"content": {"application/json": {"schema":
                {"type": "object", "properties": {"id": {"type": "integer", "description": "The ID"}}}}}}}}}});
        let connector = check(&Document::of(document).unwrap()).connector;
        let page = markdown("acme", &connector, "## What it does\n\nThings.");
        for part in [
            "# Acme\n",
            "Identifier: `acme` · API version: 2",
            "## What it does\n\nThings.",
            "| `api.acme.example` | always |",
            "### Things\n\n#### Make a thing\n\nMakes one.\n\n`makeThing` · `POST /things`",
            "| `size` * | string | How large. One of `a\\|b`, `c`. |\n| `note` | string | A \\| B |",
            "\"size\": \"c\"",
            "`made` · no workflow can wait for it",
            "| `id` | integer | The ID |",
        ] {
            assert!(page.contains(part), "{part}\n---\n{page}");
        }
        assert!(page.ends_with("|\n") && !page.ends_with("\n\n"));
    }
}
