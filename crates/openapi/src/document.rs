//! A document with its version, and following its references.

use std::fmt;

use serde_json::{Map, Value};

use crate::{
    error::{Error, Result},
    limits::MAX_REFERENCE_CHAIN,
    recorded::{self, postman},
    report::LeftOut,
    text,
};

/// The versions that are read. Within a version, patches differ in wording alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Swagger 2.0.
    V2,
    /// OpenAPI 3.0.x: its schemas are a dialect of their own.
    V3_0,
    /// OpenAPI 3.1.x: schemas are JSON Schema 2020-12.
    V3_1,
    /// OpenAPI 3.2.x.
    V3_2,
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V2 => "2.0",
            Self::V3_0 => "3.0",
            Self::V3_1 => "3.1",
            Self::V3_2 => "3.2",
        })
    }
}

/// A document that was read, of a known version.
#[derive(Debug)]
pub struct Document {
    /// Its version.
    pub version: Version,
    /// All of it.
    pub root: Value,
    /// What could not be taken over while another form became this one; empty for a document of OpenAPI.
    pub left_out: Vec<LeftOut>,
    /// How many operations were lost by that.
    pub lost: usize,
}

/// Why a reference leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// It names another document.
    External,
    /// Nothing stands at its pointer.
    Missing,
    /// It leads back to itself.
    Cycle,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::External => "names another document, and only what stands in this one is read",
            Self::Missing => "leads to nothing in this document",
            Self::Cycle => "leads back to itself",
        })
    }
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// [`Error`] where the text or its version cannot be read.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        Self::of(text::read(bytes)?)
    }

    /// A document from a value that is read already: a description, or a Postman collection.
    ///
    /// # Errors
    /// [`Error::NotOpenApi`], [`Error::UnknownVersion`].
    pub fn of(root: Value) -> Result<Self> {
        if postman::is_collection(&root) {
            let read = postman::read(&root);
            let root = recorded::document(&read.recording);
            return Ok(Self { version: Version::V3_1, root, left_out: read.left_out, lost: read.lost });
        }
        let version = version(&root)?;
        Ok(Self { version, root, left_out: Vec::new(), lost: 0 })
    }

    /// What stands at a JSON pointer.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }

    /// Follows `$ref` until a value that is none, and says where that stands. A value without `$ref` is its own end.
    ///
    /// # Errors
    /// [`Unresolved`] with the reference that leads nowhere.
    pub fn follow<'d>(
        &'d self,
        value: &'d Value,
        at: &str,
    ) -> std::result::Result<(&'d Value, String), (Unresolved, String)> {
        let (mut value, mut at) = (value, at.to_owned());
        for _ in 0..MAX_REFERENCE_CHAIN {
            let Some(reference) = reference(value) else { return Ok((value, at)) };
            let pointer = local(reference).ok_or((Unresolved::External, reference.to_owned()))?;
            let target = self.root.pointer(&pointer).ok_or((Unresolved::Missing, reference.to_owned()))?;
            (value, at) = (target, pointer);
        }
        Err((Unresolved::Cycle, reference(value).unwrap_or_default().to_owned()))
    }

    /// A member of the top.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Map<String, Value>> {
        self.root.get(name).and_then(Value::as_object)
    }
}

/// The target of a `$ref` that is a text.
#[must_use]
pub fn reference(value: &Value) -> Option<&str> {
    value.get("$ref").and_then(Value::as_str)
}

/// The pointer of a reference within the same document: the fragment of RFC 6901 section 6, percent-decoded.
#[must_use]
pub fn local(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    if !(fragment.is_empty() || fragment.starts_with('/')) {
        return None;
    }
    percent_encoding::percent_decode_str(fragment).decode_utf8().ok().map(Into::into)
}

/// A pointer with one more segment.
#[must_use]
pub fn child(pointer: &str, segment: &str) -> String {
    format!("{pointer}/{}", flero_model::problem::pointer_segment(segment))
}

fn version(root: &Value) -> Result<Version> {
    let text = |name: &str| match root.get(name) {
        Some(Value::String(text)) => Some(text.trim().to_owned()),
        // YAML reads 2.0 and 3.1 without quotes as numbers.
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let given = text("openapi").or_else(|| text("swagger")).ok_or(Error::NotOpenApi)?;
    let mut parts = given.split('.');
    match (parts.next(), parts.next()) {
        (Some("2"), Some("0") | None) => Ok(Version::V2),
        (Some("3"), Some("0") | None) => Ok(Version::V3_0),
        (Some("3"), Some("1")) => Ok(Version::V3_1),
        (Some("3"), Some("2")) => Ok(Version::V3_2),
        _ => Err(Error::UnknownVersion(given.chars().filter(|sign| !sign.is_control()).take(20).collect())),
    }
}
