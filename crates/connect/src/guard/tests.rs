use std::net::{Ipv4Addr, Ipv6Addr};

use flero_model::destination::read_url;
use proptest::prelude::*;

use super::*;

/// Where the public and the special IPv4 addresses begin, as another implementation (Python 3.11 `ipaddress`,
/// `is_global` and not `is_multicast`) says for every address.
const REFERENCE: &str = include_str!("../../tests/data/ipv4-reference.txt");

/// What is closed here although the reference calls it global, with the reason.
const STRICTER: &[(&str, &str, &str)] = &[
    ("192.0.0.8", "192.0.0.255", "the whole block of protocol assignments, RFC 6890"),
    ("192.88.99.0", "192.88.99.255", "6to4 relays, retired by RFC 7526"),
];

fn number(text: &str) -> u32 {
    text.parse::<Ipv4Addr>().unwrap().into()
}

fn guard(allow: &str, own: &[&str]) -> Guard {
    Guard::new(allow.parse().unwrap(), own.iter().map(|address| address.parse().unwrap()).collect())
}

fn to(url: &str) -> Destination {
    read_url(url).unwrap().1
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The reference as ranges: first address, and whether it and what follows is public.
fn reference() -> Vec<(u32, bool)> {
    REFERENCE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (address, word) = line.split_once(' ').unwrap();
            (number(address), word == "open")
        })
        .collect()
}

fn expected(table: &[(u32, bool)], address: u32) -> bool {
    let place = table.partition_point(|(first, _)| *first <= address);
    table[place - 1].1
        && !STRICTER.iter().any(|(first, last, _)| (number(first)..=number(last)).contains(&address))
}

/// Security test 30: the classes of IPv4 addresses are those of an independent table. The long size walks all
/// 2^32; the short one walks both sides of every border, every special block smaller than a /16, and one address
/// of each /20.
#[test]
fn every_ipv4_address_is_classed_as_the_reference_says() {
    let table = reference();
    let check = |address: u32| {
        let is_public = address::is_public(IpAddr::V4(Ipv4Addr::from(address)));
        assert_eq!(is_public, expected(&table, address), "{}", Ipv4Addr::from(address));
    };
    if std::env::var_os("FLERO_SOAK").is_some() {
        (0..=u32::MAX).for_each(check);
        return;
    }
    for (border, _) in &table {
        (border.saturating_sub(300)..border.saturating_add(300)).for_each(check);
    }
    for (first, last, _) in STRICTER {
        (number(first) - 300..number(last) + 300).for_each(check);
    }
    (0..=u32::MAX).step_by(4093).for_each(check);
}

#[test]
fn the_blocks_of_ipv6_are_classed_as_the_registries_say() {
    for (address, is_public) in [
        ("2600::1", true),
        ("2001:4860:4860::8888", true),
        ("2a00:1450::1", true),
        ("64:ff9b::808:808", true),
        ("::ffff:8.8.8.8", true),
        ("::", false),
        ("::1", false),
        ("::ffff:127.0.0.1", false),
        ("::ffff:0:8.8.8.8", false),
        ("::8.8.8.8", false),
        ("64:ff9b:1::808:808", false),
        ("100::1", false),
        ("2001::1", false),
        ("2001:2::1", false),
        ("2001:20::1", false),
        ("2001:1ff::1", false),
        ("2001:200::1", true),
        ("2001:db8::1", false),
        ("2002:808:808::1", false),
        ("3fff::1", false),
        ("3fff:1000::1", true),
        ("4000::1", false),
        ("5f00::1", false),
        ("fc00::1", false),
        ("fd12::1", false),
        ("fe80::1", false),
        ("fec0::1", false),
        ("ff02::1", false),
    ] {
        assert_eq!(address::is_public(ip(address)), is_public, "{address}");
    }
}

/// Security test 30: an IPv4 address inside an IPv6 one is checked itself.
#[test]
fn a_private_address_in_any_wrapping_is_closed() {
    let target = to("https://service.example");
    for wrapped in [
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::10.0.0.1",
        "2002:a00:1::1",
        "2001:0:a00:1::1",
        "2001:0:808:808:0:0:f5ff:fffe",
        "2600::5efe:10.0.0.1",
        "2600::200:5efe:10.0.0.1",
    ] {
        assert_eq!(guard("", &[]).check_address(&target, ip(wrapped)), Err(Blocked::Private), "{wrapped}");
    }
    assert_eq!(guard("", &[]).check_address(&target, ip("64:ff9b::8.8.8.8")), Ok(()));
}

/// Security test 32: metadata services of AWS, Google Cloud, Azure, Alibaba, Oracle and Tencent stay closed, by
/// address in every wrapping and by name, whatever the operator lists.
#[test]
fn metadata_services_stay_closed_whatever_is_listed() {
    let open = guard("0.0.0.0/0,::/0,metadata.google.internal,service.example", &[]);
    let target = to("http://service.example");
    for address in [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "169.254.0.23",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "fe80::a9fe:a9fe",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "2002:a9fe:a9fe::1",
        "2600::5efe:a9fe:a9fe",
        "2001:0:808:808:0:0:5601:5601",
    ] {
        assert_eq!(open.check_address(&target, ip(address)), Err(Blocked::Metadata), "{address}");
    }
    for name in ["metadata.google.internal", "METADATA.google.internal", "metadata", "instance-data"] {
        let target = to(&format!("http://{name}/computeMetadata/v1/"));
        assert_eq!(open.check_destination(&target), Err(Blocked::Metadata), "{name}");
    }
    assert_eq!(open.check_destination(&to("http://[::ffff:a9fe:a9fe]/")), Err(Blocked::Metadata));
}

/// Security test 33: own listeners, database and queue stay closed, whatever the operator lists.
#[test]
fn own_services_stay_closed_whatever_is_listed() {
    let open = guard("0.0.0.0/0,::/0,localhost", &["127.0.0.1:7373", "10.0.0.5:5432", "[::]:4222"]);
    let closed = |url: &str, address: &str| open.check_address(&to(url), ip(address));
    assert_eq!(closed("http://localhost:7373", "127.0.0.1"), Err(Blocked::Own));
    assert_eq!(closed("http://localhost:7373", "127.9.9.9"), Err(Blocked::Own));
    assert_eq!(closed("http://localhost:7373", "0.0.0.0"), Err(Blocked::Own));
    assert_eq!(closed("http://localhost:7373", "::1"), Err(Blocked::Own));
    assert_eq!(closed("http://localhost:7373", "::ffff:127.0.0.1"), Err(Blocked::Own));
    assert_eq!(closed("http://localhost:7373", "64:ff9b::127.0.0.1"), Err(Blocked::Own));
    assert_eq!(closed("http://db:5432", "10.0.0.5"), Err(Blocked::Own));
    assert_eq!(closed("http://db:4222", "::1"), Err(Blocked::Own));
    assert_eq!(closed("http://localhost:9000", "127.0.0.1"), Ok(()));
    assert_eq!(closed("http://db:5433", "10.0.0.5"), Ok(()));
    // A listener on every interface is found by the two ends of the connection being one machine.
    let connected =
        |local: &str, peer: &str| open.check_connected(local.parse().unwrap(), peer.parse().unwrap());
    assert_eq!(connected("192.0.2.7:50000", "192.0.2.7:4222"), Err(Blocked::Own));
    assert_eq!(connected("[::ffff:192.0.2.7]:50000", "192.0.2.7:4222"), Err(Blocked::Own));
    assert_eq!(connected("192.0.2.7:50000", "192.0.2.8:4222"), Ok(()));
    assert_eq!(connected("192.0.2.7:50000", "192.0.2.7:80"), Ok(()));
}

#[test]
fn nothing_private_is_open_by_default() {
    let closed = Guard::default();
    for url in [
        "http://127.0.0.1",
        "http://10.1.2.3",
        "http://192.168.1.1",
        "http://[::1]",
        "http://[fd00::1]",
        "http://0.0.0.0",
    ] {
        assert_eq!(closed.check_destination(&to(url)), Err(Blocked::Private), "{url}");
    }
    assert_eq!(closed.check_destination(&to("http://8.8.8.8")), Ok(()));
}

#[test]
fn the_operator_opens_exactly_what_is_listed() {
    let open = guard(
        "10.0.0.0/8, 192.168.1.1:8080, db.internal, cache.internal:6379, [fd00::/8]:443, fd99::/16",
        &[],
    );
    let at = |url: &str, address: &str| open.check_address(&to(url), ip(address)).is_ok();
    assert!(at("http://a.example", "10.255.0.1"));
    assert!(!at("http://a.example", "11.0.0.1") || address::is_public(ip("11.0.0.1")));
    assert!(!at("http://a.example", "172.16.0.1"));
    assert!(at("http://a.example:8080", "192.168.1.1"));
    assert!(!at("http://a.example:80", "192.168.1.1"));
    assert!(at("http://db.internal:5", "172.16.0.1"));
    assert!(!at("http://xdb.internal:5", "172.16.0.1"));
    assert!(at("http://cache.internal:6379", "172.16.0.1"));
    assert!(!at("http://cache.internal:6380", "172.16.0.1"));
    assert!(at("https://a.example", "fd12::1"));
    assert!(!at("http://a.example", "fd12::1"));
    assert!(at("http://a.example", "fd99::1"));
    assert!(open.lists(&to("http://db.internal")));
    assert!(open.lists(&to("http://10.1.1.1")));
    assert!(!open.lists(&to("http://a.example")));
}

#[test]
fn an_entry_that_cannot_be_read_names_itself() {
    for entry in
        ["10.0.0.0/33", "10.0.0.0/8:0", "10.0.0.0/8:x", "http://a", "a/b", "[fd00::/8", "a:b:c", "a:70000"]
    {
        let refused = format!("good.example,{entry}").parse::<AllowList>();
        assert_eq!(refused, Err(InvalidAllowEntry { entry: entry.to_owned() }));
    }
    assert_eq!(" , ".parse::<AllowList>(), Ok(AllowList::default()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("FLERO_SOAK").is_some() { 10_000_000 } else { 5_000 }))]

    /// Security test 30: among random IPv6 addresses only global unicast and NAT64 is open, never one that
    /// carries a private IPv4 address.
    #[test]
    fn a_random_ipv6_address_is_open_only_as_global_unicast(bits: u128, top in prop_oneof![Just(None), (0..0x4000_u16).prop_map(Some)]) {
        let bits = top.map_or(bits, |top| (bits & (u128::MAX >> 16)) | (u128::from(top) << 112));
        let address = Ipv6Addr::from(bits);
        if Guard::default().check_address(&to("https://a.example"), IpAddr::V6(address)).is_ok() {
            let first = address.segments()[0];
            prop_assert!(first >> 13 == 1 || first == 0x64 || address.to_ipv4_mapped().is_some(), "{address}");
            prop_assert!(address::embedded(IpAddr::V6(address)).all(address::is_public));
        }
    }

    /// An address is judged alike alone and mapped into IPv6.
    #[test]
    fn a_mapped_address_is_judged_like_itself(bits: u32) {
        let plain = Ipv4Addr::from(bits);
        let guard = Guard::default();
        let target = to("https://a.example");
        prop_assert_eq!(
            guard.check_address(&target, IpAddr::V4(plain)),
            guard.check_address(&target, IpAddr::V6(plain.to_ipv6_mapped()))
        );
    }
}
