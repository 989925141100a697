//! Where a request goes, and which destinations a credential allows.
//!
//! There is one parser, the `url` crate; what it parsed is what is sent and what is compared. [`read_url`]
//! reads the raw text a second time with a deliberately narrow reader, and refuses what the two see
//! differently: `https://allowed.example\@other.example` and its kin never reach a comparison.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

mod reader;

pub use reader::{InvalidUrl, MAX_URL_BYTES, read_url};

/// The two schemes that a request can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// HTTP over TLS.
    Https,
    /// HTTP in clear text.
    Http,
}

impl Scheme {
    /// The name as a URL writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    /// The port that a URL means when it names none (RFC 9110 section 4.2).
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// The scheme, host and port that a request is really sent to. Two equal destinations are one origin
/// (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    /// The scheme.
    pub scheme: Scheme,
    /// The host in its canonical form: IDNA-normalised name, or address.
    pub host: Host<String>,
    /// The port, the scheme's own where the URL names none.
    pub port: u16,
}

impl Destination {
    /// The destination of a parsed URL.
    ///
    /// # Errors
    /// [`InvalidUrl`] when the scheme is not `http` or `https`, the host is missing or ends in a dot, or the
    /// URL carries a user name or password.
    pub fn of(url: &Url) -> Result<Self, InvalidUrl> {
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(InvalidUrl::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidUrl::UserInfo);
        }
        let host = url.host().ok_or(InvalidUrl::Host)?.to_owned();
        if let Host::Domain(name) = &host {
            reader::check_name(name)?;
        }
        let port = url.port().unwrap_or(scheme.default_port());
        if port == 0 {
            return Err(InvalidUrl::Host);
        }
        Ok(Self { scheme, host, port })
    }
}

impl fmt::Display for Destination {
    /// `host` where the port is the scheme's own, else `host:port`; `http://` in front of clear text. This is
    /// safe to show: it holds no path, no query and no user information.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scheme == Scheme::Http {
            formatter.write_str("http://")?;
        }
        write!(formatter, "{}", self.host)?;
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(formatter, ":{}", self.port) }
    }
}

/// One entry of a credential's allowed hosts: `host`, `host:port`, `*.domain` or `http://host[:port]`.
///
/// Without a port every port of the host. `*.domain` is exactly one label in front of the domain, and the
/// domain is never a public suffix (<https://publicsuffix.org>). Clear text only where the entry says
/// `http://`, or where the operator's egress list names the host. The text form is canonical: two entries
/// that mean the same are written the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPattern {
    clear_text: bool,
    host: PatternHost,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum PatternHost {
    Exact(Host<String>),
    /// The domain below which one label may stand.
    Below(String),
}

/// Why a text is not an allowed-hosts entry. The text is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// Not of the four forms.
    #[error(
        "write the host alone: api.example.com, api.example.com:8443, *.example.com or http://host[:port]"
    )]
    Form,
    /// The host is not a valid name or address.
    #[error("this is not a valid host name or address; an IPv6 address stands in brackets")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port must be a number from 1 to 65535")]
    Port,
    /// The wildcard would cover hosts of different owners.
    #[error("a wildcard needs a domain of one owner: *.example.com, but not *.com, *.co.uk or *.github.io")]
    PublicSuffix,
}

impl HostPattern {
    /// Whether a request may go to this destination. `clear_text_listed` says that the operator's egress list
    /// names the host, which is the only other way to allow `http`.
    #[must_use]
    pub fn allows(&self, destination: &Destination, clear_text_listed: bool) -> bool {
        let scheme_fits = match destination.scheme {
            Scheme::Https => !self.clear_text,
            Scheme::Http => self.clear_text || clear_text_listed,
        };
        scheme_fits
            && self.port.is_none_or(|port| port == destination.port)
            && self.host.holds(&destination.host)
    }

    /// Whether every destination that `other` allows is allowed by this entry too, whatever the operator lists.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let host_covered = match (&self.host, &other.host) {
            (own, PatternHost::Exact(host)) => own.holds(host),
            (PatternHost::Below(domain), PatternHost::Below(narrower)) => domain == narrower,
            (PatternHost::Exact(_), PatternHost::Below(_)) => false,
        };
        let port_covered = self.port.is_none() || self.port == other.port;
        self.clear_text == other.clear_text && port_covered && host_covered
    }
}

impl PatternHost {
    fn holds(&self, host: &Host<String>) -> bool {
        match (self, host) {
            (Self::Exact(own), host) => own == host,
            (Self::Below(domain), Host::Domain(name)) => name
                .strip_suffix(domain.as_str())
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|label| !label.is_empty() && !label.contains('.')),
            (Self::Below(_), _) => false,
        }
    }
}

impl FromStr for HostPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        if let Some(domain) = text.strip_prefix("*.") {
            return parse_wildcard(domain);
        }
        let (clear_text, authority) = match text.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("http://") => (true, &text[7..]),
            _ => (false, text),
        };
        let (host, port) = parse_authority(authority)?;
        Ok(Self { clear_text, host: PatternHost::Exact(host), port })
    }
}

/// Reads `host` or `host:port` with the URL parser, so that an entry and a URL mean the same host.
///
/// # Errors
/// [`InvalidPattern`] says what is wrong: user information, a path, a bad host or a bad port.
pub fn parse_authority(text: &str) -> Result<(Host<String>, Option<u16>), InvalidPattern> {
    let after_host = if text.starts_with('[') {
        text.find(']').map_or("", |end| &text[end + 1..])
    } else {
        text.find(':').map_or("", |colon| &text[colon..])
    };
    let port = match after_host.strip_prefix(':') {
        None if after_host.is_empty() => None,
        None => return Err(InvalidPattern::Host),
        Some(digits) if !digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            return Err(if digits.contains(':') { InvalidPattern::Host } else { InvalidPattern::Form });
        }
        Some(digits) => Some(digits.parse().ok().filter(|port| *port != 0_u16).ok_or(InvalidPattern::Port)?),
    };
    // The explicit port keeps what was written apart from what the scheme implies.
    let host = &text[..text.len() - after_host.len()];
    let (url, _) = read_url(&format!("https://{host}/")).map_err(|fault| match fault {
        InvalidUrl::Host | InvalidUrl::Ambiguous => InvalidPattern::Host,
        _ => InvalidPattern::Form,
    })?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(InvalidPattern::Form);
    }
    match url.host() {
        Some(host) => Ok((host.to_owned(), port)),
        None => Err(InvalidPattern::Host),
    }
}

fn parse_wildcard(domain: &str) -> Result<HostPattern, InvalidPattern> {
    if domain.contains('*') {
        return Err(InvalidPattern::Form);
    }
    match parse_authority(domain)? {
        (Host::Domain(name), None) => {
            // A domain that is a public suffix itself has no registrable part.
            if psl::domain_str(&name).is_none() {
                return Err(InvalidPattern::PublicSuffix);
            }
            Ok(HostPattern { clear_text: false, host: PatternHost::Below(name), port: None })
        }
        _ => Err(InvalidPattern::Form),
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.clear_text {
            formatter.write_str("http://")?;
        }
        match &self.host {
            PatternHost::Exact(host) => write!(formatter, "{host}")?,
            PatternHost::Below(domain) => write!(formatter, "*.{domain}")?,
        }
        match self.port {
            Some(port) => write!(formatter, ":{port}"),
            None => Ok(()),
        }
    }
}

impl Serialize for HostPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HostPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)
            .map_err(|_| serde::de::Error::custom("expected a string"))?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
