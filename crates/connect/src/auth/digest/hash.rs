//! The hash algorithms of digest authentication (RFC 7616 section 6.1).

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};

/// By strength, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Algorithm {
    /// RFC 7616 keeps it for services that know no other.
    Md5,
    Sha512Slash256,
    Sha256,
}

impl Algorithm {
    /// The algorithm of a challenge and whether it makes a session key; MD5 when none is named. `None` for one that is
    /// not known.
    pub(super) fn read(name: Option<&str>) -> Option<(Self, bool)> {
        let name = name.unwrap_or("MD5").to_ascii_uppercase();
        let (name, is_session) = match name.strip_suffix("-SESS") {
            Some(name) => (name, true),
            None => (name.as_str(), false),
        };
        match name {
            "MD5" => Some((Self::Md5, is_session)),
            "SHA-256" => Some((Self::Sha256, is_session)),
            "SHA-512-256" => Some((Self::Sha512Slash256, is_session)),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512Slash256 => "SHA-512-256",
        }
    }

    /// The hash in lower-case hexadecimal.
    pub(super) fn hex(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => HEXLOWER.encode(&Md5::digest(bytes)),
            Self::Sha256 => HEXLOWER.encode(digest::digest(&digest::SHA256, bytes).as_ref()),
            Self::Sha512Slash256 => HEXLOWER.encode(digest::digest(&digest::SHA512_256, bytes).as_ref()),
        }
    }
}
