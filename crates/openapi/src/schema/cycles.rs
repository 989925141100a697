//! Schemas that cannot be checked in a bounded time. One that contains itself in its own place, as in
//! `A: {allOf: [{$ref: A}]}`, would never end. One that names another one several times in its own place, which does the
//! same, and so on, would end after a number of steps that has as many digits as there are schemas. References that do
//! so are taken out, which makes "anything" of them. A schema that contains itself further inside (a tree) is fine and
//! stays.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

/// The keywords whose schemas are about the same value.
const IN_PLACE: &[&str] = &["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"];

/// The most schemas that a value is held against in one place, with every repetition.
const MAX_IN_PLACE: usize = 10_000;

/// Which schemas a schema names in its own place, and how often.
pub(super) type Named = BTreeMap<String, usize>;

/// What has to be taken out of a schema.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cut {
    /// The schemas that it may not name in its own place.
    pub(super) names: BTreeSet<String>,
    /// Whether that is because there would be too many; else because it would come back to itself.
    pub(super) is_excessive: bool,
}

/// Which schemas a schema names in its own place.
pub(super) fn in_place(schema: &Value) -> Named {
    let mut found = Named::new();
    collect(schema, &mut found);
    found
}

fn collect(schema: &Value, found: &mut Named) {
    let Value::Object(members) = schema else { return };
    if let Some(name) = super::named(members) {
        *found.entry(name.to_owned()).or_default() += 1;
    }
    for keyword in IN_PLACE {
        match members.get(*keyword) {
            Some(Value::Array(items)) => items.iter().for_each(|item| collect(item, found)),
            Some(Value::Object(members)) if *keyword == "dependentSchemas" => {
                members.values().for_each(|item| collect(item, found));
            }
            Some(one) => collect(one, found),
            None => {}
        }
    }
}

/// What has to be taken out of which schema, in the order in which it was found.
pub(super) fn cuts(named: &BTreeMap<String, Named>) -> Vec<(String, Cut)> {
    let mut walk = Walk {
        named,
        under_way: HashSet::new(),
        counted: HashMap::new(),
        cuts: Vec::new(),
        places: HashMap::new(),
    };
    for name in named.keys() {
        walk.visit(name);
    }
    walk.cuts
}

struct Walk<'n> {
    named: &'n BTreeMap<String, Named>,
    under_way: HashSet<&'n str>,
    /// How many schemas a value is held against in the place of each.
    counted: HashMap<&'n str, usize>,
    cuts: Vec<(String, Cut)>,
    /// Where the cut of a schema stands among them.
    places: HashMap<&'n str, usize>,
}

impl<'n> Walk<'n> {
    /// Depth first, without recursion: a chain may be as long as there are schemas.
    fn visit(&mut self, name: &str) {
        let Some((name, targets)) = self.named.get_key_value(name) else { return };
        if self.counted.contains_key(name.as_str()) {
            return;
        }
        self.under_way.insert(name);
        let mut path = vec![(name.as_str(), targets.keys())];
        while let Some((from, targets)) = path.last_mut() {
            let from = *from;
            let Some(to) = targets.next() else {
                path.pop();
                self.leave(from);
                continue;
            };
            if self.counted.contains_key(to.as_str()) {
                continue;
            }
            if self.under_way.contains(to.as_str()) {
                self.cut(from).names.insert(to.clone());
            } else if let Some((to, targets)) = self.named.get_key_value(to) {
                self.under_way.insert(to);
                path.push((to, targets.keys()));
            }
        }
    }

    /// Counts what is in the place of a schema, everything that it names being counted.
    fn leave(&mut self, name: &'n str) {
        self.under_way.remove(name);
        let targets = &self.named[name];
        // What leads back is not counted: it is taken out.
        let count = targets.iter().fold(1_usize, |sum, (to, times)| {
            let inner = self.counted.get(to.as_str()).copied().unwrap_or(0);
            sum.saturating_add(inner.saturating_mul(*times))
        });
        if count <= MAX_IN_PLACE {
            self.counted.insert(name, count);
            return;
        }
        *self.cut(name) = Cut { names: targets.keys().cloned().collect(), is_excessive: true };
        self.counted.insert(name, 1);
    }

    fn cut(&mut self, name: &'n str) -> &mut Cut {
        let place = *self.places.entry(name).or_insert(self.cuts.len());
        if place == self.cuts.len() {
            self.cuts.push((name.to_owned(), Cut::default()));
        }
        &mut self.cuts[place].1
    }
}

/// Takes references out wherever they stand in the schema's own place.
pub(super) fn take_out(schema: &mut Value, names: &BTreeSet<String>) {
    let Value::Object(members) = schema else { return };
    if super::named(members).is_some_and(|name| names.contains(name)) {
        members.remove("$ref");
    }
    for keyword in IN_PLACE {
        match members.get_mut(*keyword) {
            Some(Value::Array(items)) => items.iter_mut().for_each(|item| take_out(item, names)),
            Some(Value::Object(members)) if *keyword == "dependentSchemas" => {
                members.values_mut().for_each(|item| take_out(item, names));
            }
            Some(one) => take_out(one, names),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The schemas without what has to be taken out, and the names of those that lost something.
    fn without(schemas: &mut BTreeMap<String, Value>) -> Vec<(String, bool)> {
        let named = schemas.iter().map(|(name, schema)| (name.clone(), in_place(schema))).collect();
        let cuts = cuts(&named);
        for (name, cut) in &cuts {
            take_out(schemas.get_mut(name).unwrap(), &cut.names);
        }
        cuts.into_iter().map(|(name, cut)| (name, cut.is_excessive)).collect()
    }

    #[test]
    fn a_circle_in_place_is_cut_and_a_tree_stays() {
        let mut schemas = BTreeMap::from([
            ("A".to_owned(), json!({"allOf": [{"$ref": "#/$defs/B"}, {"type": "object"}]})),
            ("B".to_owned(), json!({"anyOf": [{"$ref": "#/$defs/A"}]})),
            ("Tree".to_owned(), json!({"properties": {"left": {"$ref": "#/$defs/Tree"}}})),
        ]);
        let tree = schemas["Tree"].clone();
        assert_eq!(without(&mut schemas), [("B".to_owned(), false)]);
        assert_eq!(schemas["B"], json!({"anyOf": [{}]}));
        assert_eq!(schemas["Tree"], tree);
        assert!(without(&mut schemas).is_empty());
    }

    /// Fourteen schemas of ten references each to the next one: a value would be held against 10^13 schemas.
    #[test]
    fn what_repeats_itself_in_place_without_measure_is_cut() {
        let next = |number: usize| json!({"$ref": format!("#/$defs/L{number:02}")});
        let mut schemas: BTreeMap<String, Value> = (0..14)
            .map(|number| {
                (format!("L{number:02}"), json!({"type": "object", "allOf": vec![next(number + 1); 10]}))
            })
            .collect();
        schemas.insert("L14".to_owned(), json!({"type": "object"}));
        let cut = without(&mut schemas);
        assert_eq!(cut, [("L10".to_owned(), true), ("L06".to_owned(), true), ("L02".to_owned(), true)]);
        assert_eq!(schemas["L10"], json!({"type": "object", "allOf": vec![json!({}); 10]}));
        assert_eq!(schemas["L11"]["allOf"][9], next(12), "what is within the measure stays");
        assert!(without(&mut schemas).is_empty());
    }
}
