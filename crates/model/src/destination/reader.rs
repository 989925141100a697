//! A second, narrow reading of a URL's text, to refuse what two parsers could see differently.
//!
//! The `url` crate follows the WHATWG standard, which repairs much: it drops tabs and line breaks, takes a
//! backslash for a slash, decodes percent signs in hosts and reads `0x7f.1` as an address. Each of these has
//! been used to show one host to a check and another to the connection. The narrow reader repairs nothing;
//! where it and the parser disagree, the URL is refused.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{Destination, Scheme};

/// The longest URL that is accepted, in bytes; RFC 9110 section 4.1 asks for 8,000 at least.
pub const MAX_URL_BYTES: usize = 16 * 1024;

/// Why a URL is refused. The URL is not quoted: its query may hold something that is not for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Not `http://` or `https://` with both slashes.
    #[error("the URL must start with https:// or http://")]
    Scheme,
    /// The host is missing or not a valid name or address.
    #[error(
        "the URL has no valid host name or address; a name does not end in a dot, an address is not shortened"
    )]
    Host,
    /// A user name or password stands in front of the host.
    #[error("the URL holds a user name or password; store them as a credential instead")]
    UserInfo,
    /// It holds a character that parsers repair in different ways, or two readers see different hosts.
    #[error(
        "the URL can be read in more than one way; leave out backslashes, spaces, control characters and percent signs in the host"
    )]
    Ambiguous,
    /// Longer than [`MAX_URL_BYTES`].
    #[error("the URL is longer than 16 KiB")]
    TooLong,
}

/// Parses a URL that will be sent, and the destination that it names.
///
/// # Errors
/// [`InvalidUrl`] says what to change.
pub fn read_url(text: &str) -> Result<(Url, Destination), InvalidUrl> {
    if text.len() > MAX_URL_BYTES {
        return Err(InvalidUrl::TooLong);
    }
    let narrow = narrow_read(text)?;
    let url = Url::parse(text).map_err(|_| InvalidUrl::Host)?;
    let destination = Destination::of(&url)?;
    if narrow.agrees_with(&destination) { Ok((url, destination)) } else { Err(InvalidUrl::Ambiguous) }
}

/// What the narrow reader sees.
struct Narrow<'a> {
    scheme: Scheme,
    host: &'a str,
    port: Option<u16>,
}

fn narrow_read(text: &str) -> Result<Narrow<'_>, InvalidUrl> {
    if text.chars().any(|letter| letter.is_control() || letter.is_whitespace() || letter == '\\') {
        return Err(InvalidUrl::Ambiguous);
    }
    let (scheme, rest) = text.split_once("://").ok_or(InvalidUrl::Scheme)?;
    let scheme = if scheme.eq_ignore_ascii_case("https") {
        Scheme::Https
    } else if scheme.eq_ignore_ascii_case("http") {
        Scheme::Http
    } else {
        return Err(InvalidUrl::Scheme);
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(InvalidUrl::UserInfo);
    }
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => {
            let digits = &authority[colon + 1..];
            // An empty port and a sign or a leading zero are legal or repaired elsewhere; nobody needs them.
            if digits.is_empty()
                || digits.starts_with('0')
                || !digits.bytes().all(|byte| byte.is_ascii_digit())
            {
                return Err(InvalidUrl::Host);
            }
            (&authority[..colon], Some(digits.parse().map_err(|_| InvalidUrl::Host)?))
        }
        _ => (authority, None),
    };
    if host.is_empty() {
        return Err(InvalidUrl::Host);
    }
    Ok(Narrow { scheme, host, port })
}

impl Narrow<'_> {
    fn agrees_with(&self, parsed: &Destination) -> bool {
        let port = self.port.unwrap_or(self.scheme.default_port());
        if self.scheme != parsed.scheme || port != parsed.port {
            return false;
        }
        match &parsed.host {
            Host::Ipv4(address) => self.host.parse::<Ipv4Addr>() == Ok(*address),
            Host::Ipv6(address) => self
                .host
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(|inside| inside.parse::<Ipv6Addr>() == Ok(*address)),
            Host::Domain(name) if self.host.is_ascii() => self.host.eq_ignore_ascii_case(name),
            // An international name: the narrow reader knows no IDNA, so it only makes sure that the text has
            // as many labels as the result, and no label that changes into plain ASCII (full-width letters).
            Host::Domain(name) => {
                let mut labels = name.split('.');
                let same = self.host.split('.').all(|label| {
                    labels.next().is_some_and(|parsed| {
                        if label.is_ascii() {
                            label.eq_ignore_ascii_case(parsed)
                        } else {
                            parsed.starts_with("xn--")
                        }
                    })
                });
                same && labels.next().is_none()
            }
        }
    }
}

/// Refuses names that resolvers, certificates and comparisons treat differently.
pub(super) fn check_name(name: &str) -> Result<(), InvalidUrl> {
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() <= 253 && name.split('.').all(label_fits) { Ok(()) } else { Err(InvalidUrl::Host) }
}
