//! Schemas that contain themselves in their own place: `A: {allOf: [{$ref: A}]}`. To check a value against one
//! would never end, so the reference that closes the circle becomes "anything". A schema that contains itself
//! further inside (a tree) is fine and stays.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

/// The keywords whose schemas are about the same value.
const IN_PLACE: &[&str] = &["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"];

/// Breaks every circle and names the schemas in which one was broken.
pub(super) fn broken(schemas: &mut BTreeMap<String, Value>) -> Vec<String> {
    let edges: HashMap<String, BTreeSet<String>> = schemas
        .iter()
        .map(|(name, schema)| {
            let mut found = BTreeSet::new();
            collect(schema, &mut found);
            (name.clone(), found)
        })
        .collect();
    let mut state: HashMap<&str, bool> = HashMap::new();
    let mut closing: Vec<(String, String)> = Vec::new();
    for name in schemas.keys() {
        visit(name, &edges, &mut state, &mut closing);
    }
    let mut names = Vec::new();
    for (from, to) in closing {
        if let Some(schema) = schemas.get_mut(&from) {
            cut(schema, &format!("#/$defs/{to}"));
            if !names.contains(&from) {
                names.push(from);
            }
        }
    }
    names
}

/// Depth first, without recursion: a chain may be as long as there are schemas. `false` in `state` is "under way".
fn visit<'e>(
    name: &str,
    edges: &'e HashMap<String, BTreeSet<String>>,
    state: &mut HashMap<&'e str, bool>,
    closing: &mut Vec<(String, String)>,
) {
    let Some((name, targets)) = edges.get_key_value(name) else { return };
    if state.contains_key(name.as_str()) {
        return;
    }
    state.insert(name, false);
    let mut path = vec![(name, targets.iter())];
    while let Some((from, targets)) = path.last_mut() {
        let from = *from;
        match targets.next() {
            None => {
                state.insert(from, true);
                path.pop();
            }
            Some(to) => match state.get(to.as_str()) {
                Some(true) => {}
                Some(false) => closing.push((from.clone(), to.clone())),
                None => {
                    if let Some((to, targets)) = edges.get_key_value(to) {
                        state.insert(to, false);
                        path.push((to, targets.iter()));
                    }
                }
            },
        }
    }
}

/// The schemas that a schema names in its own place.
fn collect(schema: &Value, found: &mut BTreeSet<String>) {
    let Value::Object(schema) = schema else { return };
    found.extend(super::named(schema).map(str::to_owned));
    for keyword in IN_PLACE {
        match schema.get(*keyword) {
            Some(Value::Array(items)) => items.iter().for_each(|item| collect(item, found)),
            Some(Value::Object(members)) if *keyword == "dependentSchemas" => {
                members.values().for_each(|item| collect(item, found));
            }
            Some(one) => collect(one, found),
            None => {}
        }
    }
}

/// Takes the reference out wherever it stands in the schema's own place.
fn cut(schema: &mut Value, reference: &str) {
    let Value::Object(members) = schema else { return };
    if members.get("$ref").and_then(Value::as_str) == Some(reference) {
        members.remove("$ref");
    }
    for keyword in IN_PLACE {
        match members.get_mut(*keyword) {
            Some(Value::Array(items)) => items.iter_mut().for_each(|item| cut(item, reference)),
            Some(Value::Object(members)) if *keyword == "dependentSchemas" => {
                members.values_mut().for_each(|item| cut(item, reference));
            }
            Some(one) => cut(one, reference),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_circle_in_place_is_cut_and_a_tree_stays() {
        let mut schemas = BTreeMap::from([
            ("A".to_owned(), json!({"allOf": [{"$ref": "#/$defs/B"}, {"type": "object"}]})),
            ("B".to_owned(), json!({"anyOf": [{"$ref": "#/$defs/A"}]})),
            ("Tree".to_owned(), json!({"properties": {"left": {"$ref": "#/$defs/Tree"}}})),
        ]);
        let tree = schemas["Tree"].clone();
        assert_eq!(broken(&mut schemas), ["B"]);
        assert_eq!(schemas["B"], json!({"anyOf": [{}]}));
        assert_eq!(schemas["Tree"], tree);
        assert!(broken(&mut schemas).is_empty());
    }
}
