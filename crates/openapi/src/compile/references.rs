//! References that nothing callable needs are still faults of the document: each is told with its place.

use std::collections::HashSet;

use serde_json::Value;

use super::Work;
use crate::document::{Unresolved, child, local, reference};

/// Members whose values are data, in which `$ref` is a word like any other.
const DATA: &[&str] = &["example", "examples", "default", "enum", "const", "value"];

#[derive(Default)]
struct Sweep {
    /// Local references that lead nowhere, with their places.
    dead: Vec<(String, String)>,
    told: HashSet<String>,
    /// The first reference to another file, and how many there are.
    external: Option<(String, String)>,
    externals: usize,
}

impl Work<'_> {
    /// Tells every reference that leads nowhere and was not told yet.
    pub(super) fn sweep_references(&mut self) {
        let mut sweep = Sweep::default();
        let root = &self.document.root;
        walk(root, root, &mut String::new(), &mut sweep);
        for (at, target) in sweep.dead {
            self.schemas.tell_dead(&target, &at, &Unresolved::Missing);
        }
        if let Some((at, target)) = sweep.external
            && !self.schemas.is_told(&target)
        {
            let shown: String = target.chars().filter(|sign| !sign.is_control()).take(200).collect();
            let reason = match sweep.externals {
                1 => format!("The reference {shown} {}.", Unresolved::External),
                count => format!(
                    "{count} references, the first of them {shown}, name other documents, and only what stands in this one \
                     is read."
                ),
            };
            self.report().leave_out(at, reason);
        }
    }
}

fn walk(root: &Value, value: &Value, at: &mut String, sweep: &mut Sweep) {
    match value {
        Value::Object(members) => {
            if let Some(target) = reference(value) {
                match local(target) {
                    None => {
                        sweep.externals += 1;
                        sweep.external.get_or_insert_with(|| (at.clone(), target.to_owned()));
                    }
                    Some(pointer)
                        if root.pointer(&pointer).is_none() && sweep.told.insert(target.to_owned()) =>
                    {
                        sweep.dead.push((at.clone(), target.to_owned()));
                    }
                    Some(_) => {}
                }
            }
            for (name, value) in members {
                let is_data = DATA.contains(&name.as_str()) && !at.ends_with("/properties");
                // `examples` of components are named objects that may be references themselves.
                if is_data && !(name == "examples" && value.is_object()) {
                    continue;
                }
                let length = at.len();
                *at = child(at, name);
                walk(root, value, at, sweep);
                at.truncate(length);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let length = at.len();
                at.push_str(&format!("/{place}"));
                walk(root, item, at, sweep);
                at.truncate(length);
            }
        }
        _ => {}
    }
}
