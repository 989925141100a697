//! Documents that were made to exhaust a machine: small ones that would become very large connectors, or take a very
//! long time. Each is taken as far as there is room, and the rest is told.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::*;
use crate::limits::{MAX_ADDRESS_BYTES, MAX_EVENTS, MAX_PARAMETERS, MAX_SCHEMES};

/// What each of them may take. Without optimisation and beside other tests; the bound is far from what would happen
/// without the limits, which is hours.
const AT_MOST: Duration = Duration::from_secs(60);

fn document(paths: Value, components: Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "servers": [{"url": "https://a.example"}],
        "paths": paths, "components": components})
}

fn compiled(document: Value) -> Compiled {
    let began = Instant::now();
    let compiled = check(&Document::of(document).unwrap());
    assert!(began.elapsed() < AT_MOST, "{:?}", began.elapsed());
    compiled
}

fn objects<V: Into<Value>>(count: usize, of: impl Fn(usize) -> (String, V)) -> Value {
    Value::Object((0..count).map(of).map(|(name, value)| (name, value.into())).collect::<Map<_, _>>())
}

fn is_told(compiled: &Compiled, reason: &str) -> bool {
    compiled.report.left_out.iter().any(|entry| entry.reason.contains(reason))
}

fn with_body(reference: &str) -> Value {
    json!({"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": reference}}}}}})
}

/// A schema of a megabyte in the body of a thousand operations would be a gigabyte.
#[test]
fn what_many_operations_name_is_not_copied_without_measure() {
    let text = "x".repeat(1 << 20);
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "default": text}}});
    let answer =
        json!({"200": {"description": "", "content": {"application/json": {"schema": {"default": text}}}}});
    let paths = objects(1_000, |number| (format!("/a{number}"), with_body("#/components/schemas/a")));
    let many = compiled(document(paths, json!({"schemas": {"a": schema}})));
    assert!((100..400).contains(&many.report.operations), "{}", many.report.operations);
    assert_eq!((many.connector.operations.len(), many.report.total), (many.report.operations, 1_000));
    assert!(is_told(&many, "as large as a connector may be"), "{:?}", many.report.left_out);
    let webhook =
        json!({"post": {"requestBody": {"content": {"application/json": {"schema": {"default": text}}}}}});
    let mut events =
        document(json!({"/a": {"get": {"responses": answer}}}), json!({"pathItems": {"w": webhook}}));
    events["webhooks"] =
        objects(1_000, |number| (format!("w{number}"), json!({"$ref": "#/components/pathItems/w"})));
    let events = compiled(events);
    assert!((100..400).contains(&events.connector.triggers.len()), "{}", events.connector.triggers.len());
    assert!(is_told(&events, "as large as a connector may be"));
}

/// What stands in a schema that stands in a schema, and so on, with a reference to each of them.
#[test]
fn schemas_that_stand_in_each_other_are_not_copied_without_measure() {
    let levels = 20;
    let leaf = json!({"type": "string", "default": "x".repeat(8 << 20)});
    let deep = (0..levels).fold(leaf, |inner, _| json!({"items": inner}));
    let paths = objects(levels, |level| {
        let reference = format!("#/components/schemas/a{}", "/items".repeat(level));
        let query = json!([{"name": "q", "in": "query", "schema": {"$ref": reference}}]);
        (format!("/a{level}"), json!({"get": {"parameters": query}}))
    });
    let compiled = compiled(document(paths, json!({"schemas": {"a": deep}})));
    assert_eq!(compiled.report.operations, levels);
    assert!(is_told(&compiled, "too large together"), "{:?}", compiled.report.left_out);
}

/// Twelve schemas of a hundred references each to the next one are 4 kB times twelve, and 10^22 parts.
#[test]
fn parts_of_parts_are_not_looked_through_without_end() {
    let schemas = objects(12, |level| {
        let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
        (format!("L{level}"), json!({"allOf": vec![next; 100], "properties": {format!("p{level}"): {}}}))
    });
    let compiled =
        compiled(document(json!({"/a": with_body("#/components/schemas/L0")}), json!({"schemas": schemas})));
    let operation = &compiled.connector.operations[0];
    assert_eq!(operation.body.as_ref().unwrap().input.as_deref(), Some("body"), "it is one input as a whole");
    assert!(is_told(&compiled, "too many times"), "{:?}", compiled.report.left_out);
}

/// What is within the measure is checked, and that takes little.
#[cfg(feature = "validate")]
#[test]
fn the_schemas_that_are_left_are_checked_quickly() {
    let schemas = objects(3, |level| {
        let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
        (format!("L{level}"), json!({"allOf": vec![next; 20]}))
    });
    let mut components = json!({ "schemas": schemas });
    components["schemas"]["L3"] = json!({"type": "object", "required": ["a"]});
    let compiled = compiled(document(json!({"/a": with_body("#/components/schemas/L0")}), components));
    let began = Instant::now();
    let schemas = compiled.connector.schemas.read();
    let validator = crate::validate::Validator::of(&compiled.connector.operations[0], &schemas);
    let faults = validator.check(json!({"body": {}}).as_object().unwrap());
    assert!(!faults.is_empty());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn very_many_operations_of_one_name_get_names_of_their_own() {
    let paths = objects(20_000, |number| (format!("/a{number}"), json!({"get": {"operationId": "same"}})));
    let same = compiled(document(paths, json!({})));
    assert_eq!(same.connector.operations[19_999].id, "same_20000");
}

#[test]
fn very_many_members_of_a_body_are_inputs_each() {
    let members = objects(50_000, |number| (format!("m{number}"), json!({"type": "string"})));
    let schemas = json!({"schemas": {"a": {"type": "object", "properties": members}}});
    let body = compiled(document(json!({"/a": with_body("#/components/schemas/a")}), schemas));
    assert_eq!(body.connector.operations[0].body.as_ref().unwrap().fields.len(), 50_000);
}

#[test]
fn very_many_parameters_schemes_and_places_are_cut_off() {
    let parameter = |number: usize| json!({"name": format!("p{number}"), "in": "query"});
    let list: Vec<Value> = (0..50_000).map(parameter).collect();
    let scheme = |number| (format!("s{number}"), json!({"type": "apiKey", "in": "query", "name": "x"}));
    let schemes = json!({"securitySchemes": objects(50_000, scheme)});
    let many = compiled(document(json!({"/a": {"get": {"parameters": list}}}), schemes));
    assert_eq!(many.connector.operations[0].parameters.len(), MAX_PARAMETERS);
    assert!(is_told(&many, "parameters of one list"));
    assert_eq!(many.connector.auth.len(), MAX_SCHEMES);

    let path = format!("/{}", "{a}".repeat(MAX_ADDRESS_BYTES));
    let long = compiled(document(json!({path: {"get": {}}, "/a": {"get": {}}}), json!({})));
    assert_eq!((long.report.operations, long.report.total), (1, 2));
    assert!(is_told(&long, "are not called"));
}

#[test]
fn very_many_events_are_cut_off() {
    let mut events = document(json!({"/a": {"get": {}}}), json!({}));
    events["webhooks"] = objects(50_000, |number| (format!("w{number}"), json!({"post": {}})));
    let events = compiled(events);
    assert_eq!(events.connector.triggers.len(), MAX_EVENTS);
    assert!(is_told(&events, "at most 5000 events"));
}

#[test]
fn very_many_circles_are_broken() {
    let to = |number: usize| json!({"$ref": format!("#/components/schemas/c{number}")});
    let circles = objects(20_000, |number| (format!("c{number}"), json!({"allOf": [to(number)]})));
    let all: Vec<Value> = (0..20_000).map(to).collect();
    let query = json!([{"name": "q", "in": "query", "schema": {"anyOf": all}}]);
    let circles = document(json!({"/a": {"get": {"parameters": query}}}), json!({ "schemas": circles }));
    assert!(is_told(&compiled(circles), "contains itself"));
}
