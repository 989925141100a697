//! Packages of connectors, and the port to the registries that offer them.
//!
//! A [`Package`] is the folder of one connector as one file. Nothing of a package is ever run: it is data, and what it
//! may reach is compared by [`Change`] before it takes effect. A registry offers packages as static files; how one
//! proves that its bytes are what their publisher meant is the adapter's matter ([`Registries`], crate
//! `flero-registry`), and how bytes come here is the caller's ([`Fetch`]): this crate reads at most a folder.

pub mod change;
pub mod community;
mod error;
mod folder;
pub mod package;
mod port;
mod version;

pub use change::{Change, Reach};
pub use error::{Error, Result};
pub use folder::Folder;
pub use package::Package;
pub use port::{Entry, Fetch, FetchError, Opened, Place, Registries};
pub use version::Version;
