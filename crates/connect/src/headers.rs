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

/// Removes a request for a range of bytes (RFC 9110 section 14.2; a service may ignore it anyway). Beside a credential
/// the answers to two ranges could each hold a half of the secret, and no half is found in an answer. Ranges of other
/// units, by which some services page through lists, are left alone: they do not cut inside a value.
pub(crate) fn strip_byte_ranges(headers: &mut HeaderMap) {
    let is_of_items = |value: &HeaderValue| {
        let unit = value.to_str().ok().and_then(|text| text.trim_start().split(['=', ' ', ':']).next());
        unit.is_some_and(|unit| !unit.is_empty() && !unit.eq_ignore_ascii_case("bytes"))
    };
    if headers.contains_key(header::RANGE) && !headers.get_all(header::RANGE).iter().all(is_of_items) {
        headers.remove(header::RANGE);
        headers.remove(header::IF_RANGE);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 37: a secret must not be fetched in halves.
    #[test]
    fn a_range_of_bytes_is_not_sent_beside_a_credential() {
        let kept = |ranges: &[&str]| {
            let mut headers = HeaderMap::new();
            for range in ranges {
                headers.append(header::RANGE, HeaderValue::from_str(range).unwrap());
            }
            headers.insert(header::IF_RANGE, HeaderValue::from_static("\"v1\""));
            strip_byte_ranges(&mut headers);
            assert_eq!(headers.contains_key(header::RANGE), headers.contains_key(header::IF_RANGE));
            headers.contains_key(header::RANGE)
        };
        for range in ["bytes=0-15", "Bytes=0-15", " bytes=16-", "bytes 0-1", "bytes: 0-3", "=0-3", ""] {
            assert!(!kept(&[range]), "{range}");
        }
        assert!(!kept(&["id ]5..; max=10", "bytes=0-3"]));
        assert!(kept(&["id ]5..; max=10"]) && kept(&["items=0-24"]));
    }
}
