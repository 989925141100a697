//! Whom a request comes from when a reverse proxy passes it on.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// Not of an RFC, but what proxies write; each appends the address that it heard the request from.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of whoever sent a request to the first of the proxies that the operator trusts. The list is read from its
/// end for as long as a trusted proxy wrote it; what stands before that may be anybody's words.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    let mut entries = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .rev()
        .flat_map(|field| field.as_bytes().rsplit(|byte| *byte == b','));
    while is_trusted(client) {
        let Some(before) = entries.next().and_then(address) else { break };
        client = before;
    }
    client
}

/// An address as proxies write it: alone, or with the port that they heard it from.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let alone = text.parse::<IpAddr>().or_else(|_| text.trim_matches(['[', ']']).parse());
    let found = alone.or_else(|_| text.parse::<std::net::SocketAddr>().map(|with_port| with_port.ip()));
    found.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(peer: &str, fields: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(X_FORWARDED_FOR, field.parse().unwrap());
        }
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    /// Security test 59: nobody comes from another address by saying so.
    #[test]
    fn only_what_a_trusted_proxy_wrote_is_believed() {
        for (peer, fields, client) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.7, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.7", "198.51.100.1,10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.3"], "10.0.0.3"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("2001:db8::1", &["[2001:4860::5]:443"], "2001:4860::5"),
            ("2001:db8::1", &["[2001:4860::5]"], "2001:4860::5"),
            ("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, "], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(client_of(peer, fields), client, "{peer} {fields:?}");
        }
    }
}
