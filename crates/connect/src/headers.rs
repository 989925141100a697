//! Which header fields a caller may set, and which of an answer are passed on.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{decode, error::Kind};

/// What Flero calls itself.
const USER_AGENT: &str = concat!("Flero/", env!("CARGO_PKG_VERSION"));

/// Fields that belong to one connection (RFC 9110 section 7.6.1), or that the library computes. A caller who
/// could set them could make the service see another request than the one that was checked.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    const RESERVED: &[HeaderName] = &[
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
        header::EXPECT,
    ];
    RESERVED.contains(name)
        || matches!(name.as_str(), "keep-alive" | "http2-settings")
        || name.as_str().starts_with("proxy-")
}

/// Reads the fields that a caller sets.
///
/// # Errors
/// [`Kind::ReservedHeader`] for a field that only Flero sets, [`Kind::InvalidHeader`] for a name that is no
/// token or a value with a line break or another control character.
pub(crate) fn read(fields: &[(String, String)]) -> Result<HeaderMap, Kind> {
    let mut headers = HeaderMap::with_capacity(fields.len() + 4);
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Kind::InvalidHeader)?;
        if is_reserved(&name) {
            return Err(Kind::ReservedHeader);
        }
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Kind::InvalidHeader)?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// Adds what every request says unless its caller said it.
pub(crate) fn add_defaults(headers: &mut HeaderMap) {
    headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
    headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers.entry(header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static(decode::ACCEPTED));
}

/// Removes what belongs to the connection alone.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    // A `Connection` field names further fields that belong to it.
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE, header::TE, header::TRAILER]
    {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"] {
        headers.remove(name);
    }
}

/// What a caller of the proxy sends to Flero itself, and not to the service.
pub(crate) fn strip_for_proxy(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    for name in [
        header::HOST,
        header::CONTENT_LENGTH,
        header::EXPECT,
        header::AUTHORIZATION,
        header::COOKIE,
        header::ORIGIN,
        header::REFERER,
        header::FORWARDED,
        header::VIA,
    ] {
        headers.remove(name);
    }
    for name in ["x-csrf-token", "flero-workspace", "x-real-ip", "http2-settings"] {
        headers.remove(name);
    }
    let forwarded: Vec<HeaderName> = headers
        .keys()
        .filter(|name| {
            ["x-forwarded-", "sec-fetch-", "proxy-"].iter().any(|prefix| name.as_str().starts_with(prefix))
        })
        .cloned()
        .collect();
    for name in forwarded {
        headers.remove(name);
    }
}
