//! What kind of address it is. Pure functions over numbers.
//!
//! Sources: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its updates), the
//! IANA IPv6 global unicast registry, and the cloud vendors' documentation for metadata addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) as the IPv4 address that the system connects to.
#[must_use]
pub fn unmap(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// Whether the address belongs to a host of the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match unmap(address) {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // This network, private (RFC 1918), loopback.
        [0 | 10 | 127, ..] => false,
        // Shared between provider and customer, "CGNAT" (RFC 6598).
        [100, second, ..] if second & 0xc0 == 64 => false,
        // Link-local (RFC 3927), which holds most metadata services.
        [169, 254, ..] => false,
        [172, second, ..] if second & 0xf0 == 16 => false,
        // Protocol assignments (RFC 6890), documentation, the retired 6to4 relays (RFC 7526).
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [192, 168, ..] => false,
        // Benchmarking (RFC 2544).
        [198, 18 | 19, ..] => false,
        // Documentation (RFC 5737).
        [198, 51, 100, _] | [203, 0, 113, _] => false,
        // Multicast, reserved, limited broadcast.
        [224..=255, ..] => false,
        _ => true,
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64 (RFC 6052) is how a host without IPv4 reaches it; the embedded address is checked apart.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => true,
        // Protocol assignments (RFC 2928): Teredo, benchmarking, ORCHID and others.
        [0x2001, second, ..] if second & 0xfe00 == 0 => false,
        // Documentation (RFC 3849), 6to4 (RFC 3056, retired by RFC 7526), documentation (RFC 9637).
        [0x2001, 0xdb8, ..] | [0x2002, ..] => false,
        [0x3fff, second, ..] if second & 0xf000 == 0 => false,
        // Global unicast is 2000::/3; everything else is special or not assigned.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Addresses of the services that hand out a machine's own credentials and configuration.
const METADATA_V4: &[Ipv4Addr] = &[
    // AWS, Google Cloud, Azure, DigitalOcean, Hetzner, OpenStack, Oracle.
    Ipv4Addr::new(169, 254, 169, 254),
    // AWS: container credentials (ECS) and pod identity (EKS), both by link-local address.
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    // Azure: the host's wire server, a public address that is routed to the host.
    Ipv4Addr::new(168, 63, 129, 16),
    // Alibaba Cloud.
    Ipv4Addr::new(100, 100, 100, 200),
    // Oracle Cloud, former generation.
    Ipv4Addr::new(192, 0, 0, 192),
    // Tencent Cloud.
    Ipv4Addr::new(169, 254, 0, 23),
];

const METADATA_V6: &[Ipv6Addr] = &[
    // AWS: instance metadata and pod identity.
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    // Google Cloud.
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    // Oracle Cloud.
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
    // OpenStack.
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
];

/// Whether it is the address of a cloud metadata service.
#[must_use]
pub fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => METADATA_V4.contains(&address),
        IpAddr::V6(address) => METADATA_V6.contains(&address),
    }
}

/// The IPv4 addresses that an IPv6 address carries: where a translator or a tunnel would send the packet.
pub fn embedded(address: IpAddr) -> impl Iterator<Item = IpAddr> {
    let found = match address {
        IpAddr::V4(_) => [None, None],
        IpAddr::V6(address) => embedded_in(address),
    };
    found.into_iter().flatten().map(IpAddr::V4)
}

fn embedded_in(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let octets = address.octets();
    let at = |start: usize| {
        Some(Ipv4Addr::new(octets[start], octets[start + 1], octets[start + 2], octets[start + 3]))
    };
    match address.segments() {
        // Unspecified and loopback are no IPv4-compatible addresses (RFC 4291 section 2.5.5.1).
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => [None, None],
        // Mapped, compatible, and translated by SIIT (`::ffff:0:a.b.c.d`, RFC 2765).
        [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => [at(12), None],
        // NAT64 with the well-known prefix, /96 (RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => [at(12), None],
        // NAT64 for local use (RFC 8215): the prefix may be /96, or /48 with the address around octet 8.
        [0x64, 0xff9b, 1, ..] => [at(12), Some(Ipv4Addr::new(octets[6], octets[7], octets[9], octets[10]))],
        // 6to4: the router's address follows the prefix (RFC 3056).
        [0x2002, ..] => [at(2), None],
        // Teredo: the server's address, and the client's with every bit turned (RFC 4380).
        [0x2001, 0, ..] => [at(4), Some(Ipv4Addr::new(!octets[12], !octets[13], !octets[14], !octets[15]))],
        // ISATAP: an interface identifier that says so, under any prefix (RFC 5214 section 6.1).
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => [at(12), None],
        _ => [None, None],
    }
}
