//! The table that `build.rs` writes.

/// A file that is embedded.
pub(crate) struct File {
    /// Its path in an address.
    pub(crate) path: &'static str,
    /// Its plain bytes.
    pub(crate) body: &'static [u8],
    /// Its bytes in Brotli (RFC 7932), where that is notably smaller.
    pub(crate) brotli: Option<&'static [u8]>,
    /// Its bytes in gzip (RFC 1952), where that is notably smaller.
    pub(crate) gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));
