//! Arrays and objects: borrowed from a JSON document, or made by the evaluation.

use super::{Text, Value};
use crate::error::Fault;
use crate::limits::Meter;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::rc::Rc;

/// What an element of a made array costs.
pub(crate) const ARRAY_ITEM_BYTES: usize = size_of::<Value<'static>>();
/// What an entry of a made object costs, with its share of the index.
pub(crate) const OBJECT_ENTRY_BYTES: usize = 4 * ARRAY_ITEM_BYTES;

/// An object of up to this many entries is searched from the front, which is faster than an index.
const SEARCHED: usize = 12;

/// An array.
#[derive(Clone, Debug)]
pub enum Array<'a> {
    /// Part of a document.
    Json(&'a Vec<Json>),
    /// Made by the evaluation.
    Made(Rc<MadeArray<'a>>),
}

/// An array that the evaluation made.
#[derive(Debug)]
pub struct MadeArray<'a> {
    items: Vec<Value<'a>>,
    depth: u16,
}

impl<'a> Array<'a> {
    /// An array of these items. The caller has counted them.
    pub(crate) fn new(items: Vec<Value<'a>>) -> Self {
        let depth = items.iter().map(Value::depth).max().unwrap_or(0).saturating_add(1);
        Self::Made(Rc::new(MadeArray { items, depth }))
    }

    /// Number of items.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Made(made) => made.items.len(),
        }
    }

    /// The item at `index`.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::Json(items) => items.get(index).map(Value::from),
            Self::Made(made) => made.items.get(index).cloned(),
        }
    }

    /// All items in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Value<'a>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    pub(crate) fn depth(&self) -> u16 {
        match self {
            Self::Json(_) => 1,
            Self::Made(made) => made.depth,
        }
    }

    /// Whether both are the same array, not merely equal ones.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(left), Self::Json(right)) => std::ptr::eq(*left, *right),
            (Self::Made(left), Self::Made(right)) => Rc::ptr_eq(left, right),
            _ => false,
        }
    }
}

/// An object: entries in the order in which they were written.
#[derive(Clone, Debug)]
pub enum Object<'a> {
    /// Part of a document.
    Json(&'a Map<String, Json>),
    /// Made by the evaluation.
    Made(Rc<MadeObject<'a>>),
}

/// An object that the evaluation made.
#[derive(Debug)]
pub struct MadeObject<'a> {
    entries: Vec<(Text<'a>, Value<'a>)>,
    index: Option<HashMap<Text<'a>, usize>>,
    depth: u16,
}

impl<'a> Object<'a> {
    /// An object of these entries; the last of two equal keys counts.
    pub(crate) fn new(entries: Vec<(Text<'a>, Value<'a>)>) -> Self {
        let mut builder = Builder::default();
        for (key, value) in entries {
            builder.insert(key, value);
        }
        builder.build()
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(map) => map.len(),
            Self::Made(made) => made.entries.len(),
        }
    }

    /// The value of an own key. There are no other keys: no prototype, no getters.
    #[inline]
    pub(crate) fn get(&self, key: &str) -> Option<Value<'a>> {
        match self {
            Self::Json(map) => map.get(key).map(Value::from),
            Self::Made(made) => match &made.index {
                Some(index) => index.get(key).map(|&at| made.entries[at].1.clone()),
                None => {
                    made.entries.iter().find(|(name, _)| name.as_str() == key).map(|(_, value)| value.clone())
                }
            },
        }
    }

    /// All entries in order.
    pub(crate) fn entries(&self) -> Entries<'_, 'a> {
        match self {
            Self::Json(map) => Entries::Json(map.iter()),
            Self::Made(made) => Entries::Made(made.entries.iter()),
        }
    }

    /// All keys in order, for messages.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.entries().map(|(key, _)| key.as_str().to_owned())
    }

    pub(crate) fn depth(&self) -> u16 {
        match self {
            Self::Json(_) => 1,
            Self::Made(made) => made.depth,
        }
    }

    /// Whether both are the same object, not merely equal ones.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(left), Self::Json(right)) => std::ptr::eq(*left, *right),
            (Self::Made(left), Self::Made(right)) => Rc::ptr_eq(left, right),
            _ => false,
        }
    }
}

/// The entries of an object.
pub(crate) enum Entries<'o, 'a> {
    Json(serde_json::map::Iter<'a>),
    Made(std::slice::Iter<'o, (Text<'a>, Value<'a>)>),
}

impl<'a> Iterator for Entries<'_, 'a> {
    type Item = (Text<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Json(entries) => entries.next().map(|(key, value)| (Text::Borrowed(key), value.into())),
            Self::Made(entries) => entries.next().cloned(),
        }
    }
}

/// Makes an object entry by entry, in constant time for each.
#[derive(Default)]
pub(crate) struct Builder<'a> {
    entries: Vec<(Text<'a>, Value<'a>)>,
    index: Option<HashMap<Text<'a>, usize>>,
}

impl<'a> Builder<'a> {
    /// Where a key stands.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|(name, _)| name.as_str() == key),
        }
    }

    /// Sets a key; a key that is there keeps its place.
    pub(crate) fn insert(&mut self, key: Text<'a>, value: Value<'a>) {
        if let Some(at) = self.position(key.as_str()) {
            self.entries[at].1 = value;
            return;
        }
        if let Some(index) = &mut self.index {
            index.insert(key.clone(), self.entries.len());
        }
        self.entries.push((key, value));
        if self.index.is_none() && self.entries.len() > SEARCHED {
            let keys = self.entries.iter().enumerate().map(|(at, (key, _))| (key.clone(), at));
            self.index = Some(keys.collect());
        }
    }

    /// Sets a key and counts what it costs.
    pub(crate) fn add(
        &mut self,
        meter: &mut Meter,
        key: Text<'a>,
        value: Value<'a>,
    ) -> Result<(), Box<Fault>> {
        meter.scan(key.as_str().len())?;
        meter.bytes(OBJECT_ENTRY_BYTES)?;
        self.insert(key, value);
        Ok(())
    }

    /// The object.
    pub(crate) fn build(self) -> Object<'a> {
        let depth = self.entries.iter().map(|(_, value)| value.depth()).max().unwrap_or(0).saturating_add(1);
        Object::Made(Rc::new(MadeObject { entries: self.entries, index: self.index, depth }))
    }
}
