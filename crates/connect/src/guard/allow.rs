//! The operator's list of private destinations that workflows may reach: `FLERO_EGRESS_ALLOW`.

use std::{net::IpAddr, str::FromStr};

use flero_model::destination::parse_authority;
use ipnet::IpNet;
use url::Host;

use super::address;

/// What the operator opens. Empty by default, which opens nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    target: Target,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Name(String),
    Network(IpNet),
}

/// An entry of the list is not of a known form. It is quoted: it comes from the operator's configuration and
/// holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "FLERO_EGRESS_ALLOW: `{entry}` is not host, host:port, cidr or cidr:port (IPv6 with a port: [fd00::/8]:443)"
)]
pub struct InvalidAllowEntry {
    /// The entry as it stands in the configuration.
    pub entry: String,
}

impl AllowList {
    /// Whether an entry names this host, and its port where it says one.
    #[must_use]
    pub fn names(&self, host: &Host<String>, port: u16) -> bool {
        let Host::Domain(host) = host else { return false };
        self.entries
            .iter()
            .any(|entry| entry.fits(port) && matches!(&entry.target, Target::Name(name) if name == host))
    }

    /// Whether an entry holds this address, and its port where it says one.
    #[must_use]
    pub fn holds(&self, address: IpAddr, port: u16) -> bool {
        let address = address::unmap(address);
        self.entries.iter().any(|entry| {
            entry.fits(port)
                && matches!(&entry.target, Target::Network(network) if network.contains(&address))
        })
    }
}

impl Entry {
    fn fits(&self, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
    }
}

impl FromStr for AllowList {
    type Err = InvalidAllowEntry;

    /// Reads a comma-separated list; blanks around entries and empty entries are left out.
    fn from_str(text: &str) -> Result<Self, InvalidAllowEntry> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(|entry| parse_entry(entry).ok_or_else(|| InvalidAllowEntry { entry: entry.to_owned() }))
            .collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }
}

fn parse_entry(text: &str) -> Option<Entry> {
    if text.contains('/') {
        return parse_network(text);
    }
    let (host, port) = parse_authority(text).ok()?;
    let target = match host {
        Host::Domain(name) => Target::Name(name),
        Host::Ipv4(address) => Target::Network(IpNet::from(IpAddr::V4(address))),
        Host::Ipv6(address) => Target::Network(IpNet::from(address::unmap(IpAddr::V6(address)))),
    };
    Some(Entry { target, port })
}

/// `10.0.0.0/8`, `10.0.0.0/8:443`, `fd00::/8`, `[fd00::/8]`, `[fd00::/8]:443`.
fn parse_network(text: &str) -> Option<Entry> {
    let (network, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (network, after) = rest.split_once(']')?;
            (network, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None if text.matches(':').count() > 1 => (text, None),
        None => text.split_once(':').map_or((text, None), |(network, port)| (network, Some(port))),
    };
    let port = match port {
        None => None,
        Some(digits) => Some(digits.parse().ok().filter(|port| *port != 0_u16)?),
    };
    let network: IpNet = network.parse().ok()?;
    Some(Entry { target: Target::Network(network.trunc()), port })
}
