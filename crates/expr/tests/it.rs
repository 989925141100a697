//! Tests of the language from the outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "it/bounds.rs"]
mod bounds;
#[path = "it/escapes.rs"]
mod escapes;
#[path = "it/fuzz.rs"]
mod fuzz;
#[path = "it/guide.rs"]
mod guide;
#[path = "it/language.rs"]
mod language;
#[path = "it/oracle.rs"]
mod oracle;
#[path = "it/property.rs"]
mod property;
#[path = "it/support.rs"]
mod support;
#[path = "it/text.rs"]
mod text;
