//! Authentication schemes: how an opened secret becomes part of a request.
//!
//! [`Scheme::read`] turns a credential's policy and its opened document into a scheme, [`Scheme::apply`] adds it
//! to a request after everything else is decided. A further auth type is a further variant here and nothing
//! elsewhere.

use std::{fmt, sync::Arc};

use data_encoding::{BASE64, HEXLOWER};
use flero_model::{
    Timestamp,
    credential::{AuthType, Policy},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use crate::error::Kind;

pub(crate) mod aws;
pub(crate) mod bound;
pub(crate) mod certificate;
pub(crate) mod challenge;
pub(crate) mod digest;
mod document;
mod end;
pub(crate) mod exchange;
pub(crate) mod login;
mod oauth1;
mod place;
mod placements;
pub(crate) mod rsa;
mod service_account;

use aws::Aws;
use bound::BoundToken;
use certificate::Identity;
use digest::Digest;
use login::Login;
use oauth1::Oauth1;
use service_account::ServiceAccount;

pub(crate) use document::Document;
pub use end::secret_ends_at;
pub(crate) use place::Target;

/// A way to authenticate, holding the secret. It lives as long as one use.
pub(crate) enum Scheme {
    /// Whole header fields: bearer, basic, custom headers, a key in a header.
    Fields(Vec<(HeaderName, HeaderValue)>),
    /// A key in a query parameter, a cookie, the path or the body.
    Key { place: Place, name: String, key: Zeroizing<String> },
    /// Several of them at once, as a connector describes it.
    All(Vec<Self>),
    /// The answer to a challenge of the service.
    Digest(Box<Digest>),
    /// A signature over the request with OAuth 1.0a.
    Oauth1(Box<Oauth1>),
    /// A signature of AWS over the request, perhaps with the key of a role that is assumed first.
    Aws(Box<Aws>),
    /// A service account, whose signed assertion is first exchanged for a token.
    ServiceAccount(Box<ServiceAccount>),
    /// What was typed, which is first traded for a token.
    Login(Box<Login>),
    /// A certificate that is shown in the TLS handshake.
    Certificate(Arc<Identity>),
    /// An access token that is bound to a key or a certificate.
    Bound(Box<BoundToken>),
}

/// When a request is signed, and a number that is used once.
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) nonce: String,
}

impl Moment {
    /// This moment, with 128 random bits.
    ///
    /// # Errors
    /// [`Kind::VaultUnavailable`] when the machine has no randomness.
    pub(crate) fn at(now: Timestamp) -> Result<Self, Kind> {
        let mut random = [0; 16];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| Kind::VaultUnavailable)?;
        Ok(Self { now, nonce: HEXLOWER.encode(&random) })
    }
}

/// Where a key goes, besides a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Query,
    Cookie,
    Path,
    Body,
}

impl fmt::Debug for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Fields(_) => "Fields(..)",
            Self::Key { .. } => "Key(..)",
            Self::All(_) => "All(..)",
            Self::Digest(_) => "Digest(..)",
            Self::Oauth1(_) => "Oauth1(..)",
            Self::Aws(_) => "Aws(..)",
            Self::ServiceAccount(_) => "ServiceAccount(..)",
            Self::Login(_) => "Login(..)",
            Self::Certificate(_) => "Certificate(..)",
            Self::Bound(_) => "Bound(..)",
        })
    }
}

/// Whether credentials of this type can authenticate an HTTP request.
pub(crate) const fn is_supported(auth_type: AuthType) -> bool {
    !matches!(auth_type, AuthType::Database | AuthType::Mail)
}

impl Scheme {
    /// The scheme of a credential.
    ///
    /// # Errors
    /// [`Kind::CredentialTypeUnsupported`], or [`Kind::CredentialMalformed`] when a field is missing or holds
    /// what cannot be sent.
    pub(crate) fn read(policy: &Policy, document: &Document) -> Result<Self, Kind> {
        match policy.auth_type {
            AuthType::Bearer => Self::bearer(document.text("token")?),
            AuthType::Basic => {
                let pair = Zeroizing::new(format!(
                    "{}:{}",
                    parameter(policy, "username")?,
                    document.text("password")?
                ));
                let coded = Zeroizing::new(BASE64.encode(pair.as_bytes()));
                Ok(Self::Fields(vec![(header::AUTHORIZATION, secret_value(&["Basic ", &coded])?)]))
            }
            AuthType::CustomHeaders => {
                let fields = document
                    .map("headers")?
                    .iter()
                    .map(|(name, value)| Ok((field_name(name)?, secret_value(&[value.expose()])?)))
                    .collect::<Result<Vec<_>, Kind>>()?;
                if fields.is_empty() { Err(Kind::CredentialMalformed) } else { Ok(Self::Fields(fields)) }
            }
            AuthType::ApiKey => Self::read_api_key(policy, document),
            AuthType::Digest => {
                let (username, password) = (parameter(policy, "username")?, document.text("password")?);
                Ok(Self::Digest(Box::new(Digest::new(username, password))))
            }
            AuthType::Oauth1 => Ok(Self::Oauth1(Box::new(Oauth1::read(policy, document)?))),
            AuthType::Certificate => Ok(Self::Certificate(Arc::new(Identity::read(policy, document)?))),
            AuthType::AwsSigV4 => Ok(Self::Aws(Box::new(Aws::read(policy, document)?))),
            AuthType::ServiceAccount => {
                Ok(Self::ServiceAccount(Box::new(ServiceAccount::read(policy, document)?)))
            }
            AuthType::Custom => match Login::read(policy, document)? {
                Some(login) => Ok(Self::Login(Box::new(login))),
                None => placements::read(policy, document).map(Self::All),
            },
            _ => Err(Kind::CredentialTypeUnsupported),
        }
    }

    /// The scheme of an access token (RFC 6750 section 2.1).
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`] when the token cannot be sent.
    pub(crate) fn bearer(token: &str) -> Result<Self, Kind> {
        Ok(Self::Fields(vec![(header::AUTHORIZATION, secret_value(&["Bearer ", token])?)]))
    }

    fn read_api_key(policy: &Policy, document: &Document) -> Result<Self, Kind> {
        let name = parameter(policy, "name")?;
        let prefix = policy.parameters.get("prefix").and_then(Value::as_str).unwrap_or_default();
        // A prefix is written before the key with one blank, as in `Bearer abc`; one that ends in a sign of its
        // own (`token=`, `Key-`) is not torn off its key.
        let blank = if prefix.ends_with(|last: char| last.is_ascii_alphanumeric()) { " " } else { "" };
        let key = document.text("key")?;
        let prefixed = Zeroizing::new(format!("{prefix}{blank}{key}"));
        let place = match policy.parameters.get("in").and_then(Value::as_str).unwrap_or("header") {
            "header" => {
                return Ok(Self::Fields(vec![(field_name(name)?, secret_value(&[&prefixed])?)]));
            }
            "query" => Place::Query,
            "cookie" => Place::Cookie,
            "path" => Place::Path,
            "body" => Place::Body,
            _ => return Err(Kind::CredentialMalformed),
        };
        Ok(Self::Key { place, name: name.to_owned(), key: prefixed })
    }

    /// Adds the secret to a request, in place of whatever the caller put there.
    ///
    /// # Errors
    /// [`Kind::CredentialPlacement`] when the request has no such place, [`Kind::CredentialMalformed`] when the
    /// key cannot stand there.
    pub(crate) fn apply(&self, target: &mut Target<'_>, moment: &Moment) -> Result<(), Kind> {
        match self {
            Self::Fields(fields) => {
                for (name, value) in fields {
                    target.headers.insert(name.clone(), value.clone());
                }
                Ok(())
            }
            Self::Key { place, name, key } => target.put(*place, name, key),
            Self::All(schemes) => schemes.iter().try_for_each(|scheme| scheme.apply(target, moment)),
            Self::Digest(digest) => digest.apply(target),
            Self::Oauth1(oauth1) => oauth1.apply(target, moment),
            Self::Aws(aws) => aws.apply(target, moment),
            // Its token takes its place before a request is made.
            Self::ServiceAccount(_) | Self::Login(_) => Err(Kind::ExchangeFailed),
            // A connection without TLS shows no certificate, so the service would not know who asks.
            Self::Certificate(_) if target.url.scheme() == "https" => Ok(()),
            Self::Certificate(_) => Err(Kind::CertificateNeedsTls),
            Self::Bound(bound) => bound.apply(target, moment),
        }
    }

    /// The certificate that connections show.
    pub(crate) fn identity(&self) -> Option<&Arc<Identity>> {
        match self {
            Self::Certificate(identity) => Some(identity),
            Self::Bound(bound) => bound.identity.as_ref(),
            _ => None,
        }
    }

    /// Whether the body must be known before the request is sent: it is signed, or the request may be sent twice.
    pub(crate) fn needs_body(&self, url: &Url, headers: &HeaderMap) -> bool {
        match self {
            Self::Digest(_) => true,
            Self::Bound(bound) => bound.proof.is_some(),
            Self::Oauth1(_) => Oauth1::needs_body(headers),
            Self::Key { place: Place::Body, .. } => true,
            Self::Aws(aws) => aws.needs_body(url),
            Self::All(schemes) => schemes.iter().any(|scheme| scheme.needs_body(url, headers)),
            _ => false,
        }
    }

    /// Looks at an answer. `true` when the request is to be sent once more, because the service asked for something
    /// that this scheme can now give.
    pub(crate) fn is_challenged(
        &self,
        origin: &str,
        status: u16,
        headers: &HeaderMap,
        moment: &Moment,
    ) -> bool {
        match self {
            Self::Digest(digest) if status == 401 => digest.take_challenge(origin, headers, moment),
            Self::Digest(digest) => {
                digest.take_info(origin, headers);
                false
            }
            Self::Bound(bound) => bound.is_challenged(origin, status, headers),
            _ => false,
        }
    }

    /// The whole header values that are sent, which the scrubber replaces even when they are short.
    pub(crate) fn header_values(&self) -> Vec<Zeroizing<Vec<u8>>> {
        match self {
            Self::Fields(fields) => {
                fields.iter().map(|(_, value)| Zeroizing::new(value.as_bytes().to_vec())).collect()
            }
            Self::Key { key, .. } => vec![Zeroizing::new(key.as_bytes().to_vec())],
            Self::All(schemes) => schemes.iter().flat_map(Self::header_values).collect(),
            Self::Bound(bound) => vec![bound.header_value()],
            Self::Digest(_)
            | Self::Oauth1(_)
            | Self::Aws(_)
            | Self::ServiceAccount(_)
            | Self::Login(_)
            | Self::Certificate(_) => Vec::new(),
        }
    }

    /// Whether `presented` carries this secret in the place where this scheme would put it. The comparison
    /// takes the same time whatever is presented.
    pub(crate) fn matches(&self, headers: &HeaderMap, query: Option<&str>) -> bool {
        match self {
            Self::Fields(fields) => fields.iter().fold(true, |all, (name, value)| {
                let mut presented = headers.get_all(name).iter();
                let first = presented.next().map(HeaderValue::as_bytes).unwrap_or_default();
                // A repeated field could mean one thing here and another behind a proxy.
                let single = presented.next().is_none();
                same_bytes(name, first, value.as_bytes()) & single & all
            }),
            Self::Key { place: Place::Query, name, key } => {
                let found = query.map(|query| {
                    url::form_urlencoded::parse(query.as_bytes())
                        .filter(|(parameter, _)| parameter == name)
                        .collect::<Vec<_>>()
                });
                match found.as_deref() {
                    Some([(_, value)]) => constant_time_eq(value.as_bytes(), key.as_bytes()),
                    _ => false,
                }
            }
            Self::Key { place: Place::Cookie, name, key } => {
                place::cookie(headers, name).is_some_and(|value| constant_time_eq(value, key.as_bytes()))
            }
            // These answer a challenge or sign a request of ours; a caller of a webhook cannot present them.
            _ => false,
        }
    }
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 section 2.3; RFC 5849 section 3.6).
fn encode_unreserved(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut coded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            coded.push(char::from(byte));
        } else {
            let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value & 15)]);
            coded.extend(['%', digit(byte >> 4), digit(byte)]);
        }
        coded
    })
}

/// Compares a presented field; the scheme word of `Authorization` is case-insensitive (RFC 9110 section 11.1).
fn same_bytes(name: &HeaderName, presented: &[u8], expected: &[u8]) -> bool {
    let split = |value: &[u8]| value.iter().position(|byte| *byte == b' ').map_or(0, |blank| blank + 1);
    if *name == header::AUTHORIZATION {
        let (word, wanted) = (split(presented), split(expected));
        let same_word = presented[..word].eq_ignore_ascii_case(&expected[..wanted]);
        return constant_time_eq(&presented[word..], &expected[wanted..]) & same_word;
    }
    constant_time_eq(presented, expected)
}

/// Compares by hash, so that neither the content nor the length shows in the time.
pub(crate) fn constant_time_eq(presented: &[u8], expected: &[u8]) -> bool {
    use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
    let (left, right) =
        (digest::digest(&digest::SHA256, presented), digest::digest(&digest::SHA256, expected));
    verify_slices_are_equal(left.as_ref(), right.as_ref()).is_ok()
}

/// A header value that logs do not show and HTTP/2 never puts into its table (RFC 7541 section 7.1.3).
fn secret_value(parts: &[&str]) -> Result<HeaderValue, Kind> {
    let text = Zeroizing::new(parts.concat());
    let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| Kind::CredentialMalformed)?;
    value.set_sensitive(true);
    Ok(value)
}

fn field_name(name: &str) -> Result<HeaderName, Kind> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Kind::CredentialMalformed)?;
    if crate::headers::is_reserved(&name) { Err(Kind::CredentialMalformed) } else { Ok(name) }
}

fn parameter<'a>(policy: &'a Policy, name: &str) -> Result<&'a str, Kind> {
    policy
        .parameters
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or(Kind::CredentialMalformed)
}

#[cfg(test)]
mod tests;
