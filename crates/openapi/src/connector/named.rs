//! The schemas of a connector, each as the text of its JSON. A text takes a tenth of the memory of the values that it
//! becomes, and of a large connector only those schemas are read that an operation names.

use std::collections::BTreeMap;

use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

/// Schemas by name.
#[derive(Debug, Clone, Default)]
pub struct NamedSchemas(BTreeMap<String, Box<RawValue>>);

impl NamedSchemas {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One schema, read.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// All of them, read. For what works on the whole of a connector: its page, its lint.
    #[must_use]
    pub fn read(&self) -> BTreeMap<String, Value> {
        self.0.keys().filter_map(|name| Some((name.clone(), self.get(name)?))).collect()
    }

    /// Names and texts, in the order of the names.
    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.get()))
    }

    /// Adds a schema, and says how long its text is, in bytes.
    pub(crate) fn insert(&mut self, name: String, schema: &Value) -> usize {
        // A value always has a JSON form.
        let Ok(text) = to_raw_value(schema) else { return 0 };
        let length = text.get().len();
        self.0.insert(name, text);
        length
    }
}

impl PartialEq for NamedSchemas {
    fn eq(&self, other: &Self) -> bool {
        self.texts().eq(other.texts())
    }
}

impl FromIterator<(String, Box<RawValue>)> for NamedSchemas {
    fn from_iter<I: IntoIterator<Item = (String, Box<RawValue>)>>(schemas: I) -> Self {
        Self(schemas.into_iter().collect())
    }
}

impl IntoIterator for NamedSchemas {
    type Item = (String, Box<RawValue>);
    type IntoIter = std::collections::btree_map::IntoIter<String, Box<RawValue>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
