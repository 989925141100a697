//! Registries of packages: folders of static files after The Update Framework
//! (<https://theupdateframework.github.io/specification/latest/>).
//!
//! A root that is pinned when the registry is added says which keys sign, and from there versions only ever grow, so
//! that a package or an index that was signed once cannot be brought back. [`Tuf`] reads registries, [`publish`] makes
//! one. It is a crate of its own because the library behind it is a matter of this port alone.

mod memory;
pub mod publish;
mod registry;
mod transport;

pub use registry::Tuf;
