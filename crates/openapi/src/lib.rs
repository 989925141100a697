//! Connectors are OpenAPI documents: this crate reads them, says what is wrong with them, compiles them into a
//! compact form, builds requests from it and reads answers by it.
//!
//! It is a crate of its own because everything about a description is a pure matter of bytes in and values out,
//! which the engine, the commands, the catalog's build script and the API share. There is no input or output, no
//! clock and no secret here.
//!
//! The way of a document: [`text`] reads JSON or YAML within limits, [`document`] finds the version and follows
//! references, [`compile`] makes a [`Connector`] and a [`Report`] of everything that it had to leave out,
//! [`pack`] stores it so that one operation can be loaded without the others.

#[cfg(test)]
extern crate self as flero_openapi;

pub mod answer;
pub mod compile;
pub mod connector;
pub mod document;
mod error;
pub mod events;
pub mod extension;
pub mod fixture;
pub mod folder;
#[cfg(test)]
mod fuzz;
pub mod known;
pub mod limits;
pub mod lint;
pub mod mail;
pub mod names;
pub mod pack;
pub mod page;
pub mod paging;
pub mod recorded;
pub mod report;
pub mod request;
pub mod scaffold;
mod schema;
pub mod search;
pub mod statement;
pub mod summary;
pub mod text;
#[cfg(feature = "validate")]
pub mod validate;
pub mod xml;

pub use compile::{Compiled, compile};
pub use connector::Connector;
pub use document::{Document, Version};
pub use error::{Error, Result};
pub use pack::Pack;
pub use report::{LeftOut, Report};
pub use summary::{Summary, Tier};
