//! A connector as bytes from which one operation can be read without the others.
//!
//! The head is a JSON object with everything that lists and forms need at once: the summary, the service, where each
//! operation and schema stands. Behind it stand the operations, the triggers and the schemas, each as JSON of its
//! own. A description of 12 MB is opened by reading its head, and a call reads one operation and the schemas that it
//! names.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    connector::{Connector, Operation, Trigger},
    error::{Error, Result},
    extension::{DynamicOptions, TriggerHints},
    summary::{OperationSummary, Summary},
};

/// What a pack begins with; the digit is the version of the form.
const MAGIC: &[u8; 8] = b"FLCONN1\n";

/// Where something stands behind the head: offset and length in bytes.
type Span = (u32, u32);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    summary: Summary,
    /// The connector without operations, triggers and schemas.
    connector: Connector,
    operations: Vec<(OperationSummary, Span)>,
    triggers: Vec<(String, Span)>,
    schemas: BTreeMap<String, Span>,
    guide: Option<Span>,
}

/// A connector that is read by and by.
#[derive(Debug, Clone)]
pub struct Pack {
    head: Head,
    bytes: Cow<'static, [u8]>,
    /// Where the head ends.
    base: usize,
}

/// Writes a connector. `guide` is Markdown.
#[must_use]
pub fn write(summary: Summary, mut connector: Connector, guide: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let mut put = |bytes: &[u8]| {
        let span = (narrow(body.len()), narrow(bytes.len()));
        body.extend_from_slice(bytes);
        span
    };
    let json = |value: &dyn erased::Write| value.json();
    let operations = std::mem::take(&mut connector.operations);
    // What is written is dropped, so that a large connector is never there twice.
    let operations =
        operations.into_iter().map(|one| (OperationSummary::of(&one), put(&json(&one)))).collect();
    let triggers = std::mem::take(&mut connector.triggers);
    let triggers = triggers.iter().map(|one| (one.id.clone(), put(&json(one)))).collect();
    let schemas = std::mem::take(&mut connector.schemas);
    let schemas = schemas.into_iter().map(|(name, text)| (name, put(text.get().as_bytes()))).collect();
    let guide = (!guide.is_empty()).then(|| put(guide.as_bytes()));
    let head = json(&Head { summary, connector, operations, triggers, schemas, guide });
    let mut out = Vec::with_capacity(12 + head.len() + body.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&narrow(head.len()).to_le_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(&body);
    out
}

/// Documents are at most 50 MB, so every offset fits.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

mod erased {
    //! Writing values of several types by one closure.

    /// Anything that can be written as JSON.
    pub(super) trait Write {
        fn json(&self) -> Vec<u8>;
    }

    impl<T: serde::Serialize> Write for T {
        fn json(&self) -> Vec<u8> {
            // Plain data with text keys always has a JSON form.
            serde_json::to_vec(self).unwrap_or_default()
        }
    }
}

impl Pack {
    /// Opens a pack by reading its head.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn open(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self> {
        let bytes = bytes.into();
        let length = bytes.get(8..12).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
        let (true, Some(length)) = (bytes.starts_with(MAGIC), length) else { return Err(Error::Damaged) };
        let base = 12 + length as usize;
        let head = bytes.get(12..base).ok_or(Error::Damaged)?;
        let head = serde_json::from_slice(head).map_err(|_| Error::Damaged)?;
        Ok(Self { head, bytes, base })
    }

    /// What lists show.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.head.summary
    }

    /// Everything but operations, triggers and schemas.
    #[must_use]
    pub fn connector(&self) -> &Connector {
        &self.head.connector
    }

    /// The operations as lists show them.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &OperationSummary> {
        self.head.operations.iter().map(|(summary, _)| summary)
    }

    /// One operation.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn operation(&self, id: &str) -> Result<Option<Operation>> {
        let found = self.head.operations.iter().find(|(summary, _)| summary.id == id);
        found.map(|(_, span)| self.read(*span)).transpose()
    }

    /// What an event asks for; see [`TriggerHints::input`].
    ///
    /// # Errors
    /// As [`Pack::open`].
    pub fn event_input(&self, hints: &TriggerHints) -> Result<Value> {
        let called = self.called(hints)?;
        Ok(hints.input(&|id| called.get(id).map(|operation| operation.input.clone())))
    }

    /// Where the choices of an event's inputs come from; see [`TriggerHints::choices`].
    ///
    /// # Errors
    /// As [`Pack::open`].
    pub fn event_options(&self, hints: &TriggerHints) -> Result<BTreeMap<String, DynamicOptions>> {
        let called = self.called(hints)?;
        Ok(hints.choices(&|id| called.get(id).map(|operation| operation.hints.options.clone())))
    }

    /// The operations that an event calls.
    fn called<'h>(&self, hints: &'h TriggerHints) -> Result<BTreeMap<&'h str, Operation>> {
        let ids = hints.registration.iter().flat_map(|one| [&one.operation, &one.remove]);
        let ids = ids.chain(hints.polling.iter().map(|one| &one.operation));
        ids.filter_map(|id| Some(self.operation(id).transpose()?.map(|operation| (id.as_str(), operation))))
            .collect()
    }

    /// One trigger.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn trigger(&self, id: &str) -> Result<Option<Trigger>> {
        let found = self.head.triggers.iter().find(|(known, _)| known == id);
        found.map(|(_, span)| self.read(*span)).transpose()
    }

    /// The triggers.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn triggers(&self) -> Result<Vec<Trigger>> {
        self.head.triggers.iter().map(|(_, span)| self.read(*span)).collect()
    }

    /// All of it, as it was compiled. Only for what shows everything at once.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn whole(&self) -> Result<Connector> {
        let mut connector = self.head.connector.clone();
        connector.triggers = self.triggers()?;
        connector.operations =
            self.head.operations.iter().map(|(_, span)| self.read(*span)).collect::<Result<_>>()?;
        let read = |(name, span): (&String, &Span)| Ok((name.clone(), self.read(*span)?));
        connector.schemas = self.head.schemas.iter().map(read).collect::<Result<_>>()?;
        Ok(connector)
    }

    /// The schemas that a schema names, directly or not.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn schemas_of(&self, schema: &Value) -> Result<BTreeMap<String, Value>> {
        let mut found = BTreeMap::new();
        let mut waiting = Vec::new();
        crate::schema::names(schema, &mut waiting);
        while let Some(name) = waiting.pop() {
            let Some(span) = self.head.schemas.get(&name).filter(|_| !found.contains_key(&name)) else {
                continue;
            };
            let schema: Value = self.read(*span)?;
            crate::schema::names(&schema, &mut waiting);
            found.insert(name, schema);
        }
        Ok(found)
    }

    /// The guide, as Markdown; empty without one.
    #[must_use]
    pub fn guide(&self) -> &str {
        let slice = self.head.guide.and_then(|span| self.slice(span));
        slice.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn slice(&self, (offset, length): Span) -> Option<&[u8]> {
        let start = self.base.checked_add(offset as usize)?;
        self.bytes.get(start..start.checked_add(length as usize)?)
    }

    fn read<T: DeserializeOwned>(&self, span: Span) -> Result<T> {
        let bytes = self.slice(span).ok_or(Error::Damaged)?;
        serde_json::from_slice(bytes).map_err(|_| Error::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Document, compile};

    #[test]
    fn one_operation_is_read_with_the_schemas_that_it_names() {
        let document = json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "servers": [{"url": "https://a.example"}],
            "webhooks": {"w": {"post": {}}}, "components": {"schemas": {"A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
            "B": {"type": "string"}, "C": {"type": "null"}}},
            "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"name": "f", "in": "query", "schema": {"$ref": "#/components/schemas/A"}}]}},
                "/c": {"get": {"operationId": "c", "parameters": [{"name": "f", "in": "query", "schema": {"$ref": "#/components/schemas/C"}}]}}}});
        let compiled = compile(&Document::of(document).unwrap()).unwrap();
        let summary = Summary::of("t", crate::summary::Tier::Imported, &compiled.connector);
        let bytes = write(summary, compiled.connector.clone(), "# Guide");
        let pack = Pack::open(bytes.clone()).unwrap();
        let operation = pack.operation("a").unwrap().unwrap();
        assert_eq!(operation, compiled.connector.operations[0]);
        let schemas = pack.schemas_of(&operation.input).unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!((pack.guide(), pack.operations().len()), ("# Guide", 2));
        assert_eq!(pack.whole().unwrap(), compiled.connector);
        assert_eq!(pack.trigger("w").unwrap().as_ref(), pack.triggers().unwrap().first());
        assert!(pack.trigger("a").unwrap().is_none());
        assert!(pack.operation("none").unwrap().is_none());
        for end in [0, 8, 11, 40] {
            assert_eq!(Pack::open(bytes[..end].to_vec()).unwrap_err(), Error::Damaged);
        }
    }
}
