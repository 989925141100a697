//! Every form in which a secret may come back: the needles of the scrubber in `connect` and of the leak scan.
//!
//! A service that echoes a request, a log line or a dump rarely holds a secret as it was typed: it is in base64
//! (wherever it stood in the encoded text), in hexadecimal, percent-encoded, escaped for JSON or XML, or in UTF-16.
//! The list follows the encoders of the GitHub Actions runner (`src/Sdk/DTLogging/Logging/ValueEncoders.cs`) and
//! adds the URL alphabet of base64 and the forms that Go, Python and Ruby write.

use std::fmt;

use zeroize::Zeroizing;

mod base64;
mod document;
mod escapes;
mod percent;

pub use document::{of_basic, of_document};

/// The shortest secret that is searched for in all forms, in bytes. A shorter one would blank out ordinary text;
/// it is only ever replaced where a whole header value is the secret.
pub const MIN_NEEDLE_BYTES: usize = 8;

/// In which form a needle has the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// As it is.
    Raw,
    /// Without quotes and white space around it.
    Trimmed,
    /// Base64, standard alphabet; the number is how many bytes stand before it in its group of three.
    Base64(u8),
    /// Base64, URL alphabet.
    Base64Url(u8),
    /// Hexadecimal, lower case.
    HexLower,
    /// Hexadecimal, upper case.
    HexUpper,
    /// Percent-encoded with digits in lower case.
    PercentLower,
    /// Percent-encoded with digits in upper case.
    PercentUpper,
    /// Percent-encoded twice.
    PercentDouble,
    /// Percent-encoded throughout, letters and digits too.
    PercentEvery,
    /// As a form field, a space as a plus sign.
    Form,
    /// Escaped for a JSON string.
    Json,
    /// As `\u` escapes throughout.
    UnicodeEscape,
    /// XML or HTML entities for the characters that need them.
    Xml,
    /// Numeric entities throughout.
    XmlNumeric,
    /// Quoted-printable (RFC 2045 section 6.7), without soft line breaks.
    QuotedPrintable,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
}

impl fmt::Display for Encoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Raw => "raw",
            Self::Trimmed => "trimmed",
            Self::Base64(shift) => return write!(formatter, "base64+{shift}"),
            Self::Base64Url(shift) => return write!(formatter, "base64url+{shift}"),
            Self::HexLower => "hex",
            Self::HexUpper => "HEX",
            Self::PercentLower => "percent",
            Self::PercentUpper => "PERCENT",
            Self::PercentDouble => "percent-twice",
            Self::PercentEvery => "percent-every",
            Self::Form => "form",
            Self::Json => "json",
            Self::UnicodeEscape => "unicode-escape",
            Self::Xml => "xml",
            Self::XmlNumeric => "xml-numeric",
            Self::QuotedPrintable => "quoted-printable",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        };
        formatter.write_str(name)
    }
}

/// One form of one secret. It is wiped when dropped, and `Debug` shows the form alone.
pub struct Needle {
    encoding: Encoding,
    bytes: Zeroizing<Vec<u8>>,
}

impl Needle {
    fn new(encoding: Encoding, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { encoding, bytes }
    }

    /// In which form it has the secret.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The bytes to look for.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes to look for, moved out without a copy.
    pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }
}

impl fmt::Debug for Needle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Needle({}, ..)", self.encoding)
    }
}

/// Every form of one secret value, each once. Below [`MIN_NEEDLE_BYTES`] only the raw form is given.
pub fn of_secret(secret: &[u8]) -> Vec<Needle> {
    let mut needles = vec![Needle::new(Encoding::Raw, copy(secret))];
    if secret.len() >= MIN_NEEDLE_BYTES {
        encode_all(secret, &mut needles);
        let trimmed = trim(secret);
        if trimmed.len() < secret.len() && trimmed.len() >= MIN_NEEDLE_BYTES {
            needles.push(Needle::new(Encoding::Trimmed, copy(trimmed)));
            encode_all(trimmed, &mut needles);
        }
    }
    unique(needles)
}

/// Every form of a secret with what stands before it in a header, for example `Bearer ` or `Token token=`.
pub fn of_prefixed(prefix: &str, secret: &[u8]) -> Vec<Needle> {
    let mut whole = Zeroizing::new(Vec::with_capacity(prefix.len() + secret.len()));
    whole.extend_from_slice(prefix.as_bytes());
    whole.extend_from_slice(secret);
    // A short secret does not become findable by its prefix: "Bearer 1" would blank out the middle of words.
    if secret.len() < MIN_NEEDLE_BYTES {
        return vec![Needle::new(Encoding::Raw, whole)];
    }
    of_secret(&whole)
}

fn encode_all(secret: &[u8], needles: &mut Vec<Needle>) {
    base64::push_all(secret, needles);
    percent::push_all(secret, needles);
    escapes::push_all(secret, needles);
}

fn trim(secret: &[u8]) -> &[u8] {
    let outer = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`');
    let start = secret.iter().position(|byte| !outer(byte)).unwrap_or(secret.len());
    let end = secret.iter().rposition(|byte| !outer(byte)).map_or(start, |last| last + 1);
    &secret[start..end]
}

fn copy(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}

/// Drops repetitions (most forms of a token without special characters are the token itself); the first form
/// that gave the bytes is kept.
pub(crate) fn unique(mut needles: Vec<Needle>) -> Vec<Needle> {
    needles.sort_by(|left, right| left.bytes.cmp(&right.bytes).then(left.encoding.cmp(&right.encoding)));
    needles.dedup_by(|later, earlier| later.bytes == earlier.bytes);
    needles
}

#[cfg(test)]
mod tests;
