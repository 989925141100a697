use proptest::prelude::*;

use super::*;

fn pattern(text: &str) -> HostPattern {
    text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn destination(text: &str) -> Destination {
    read_url(text).unwrap_or_else(|fault| panic!("{text}: {fault}")).1
}

#[test]
fn an_entry_is_written_in_one_way() {
    for (text, canonical) in [
        ("API.Example.com", "api.example.com"),
        ("api.example.com:443", "api.example.com:443"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("*.Example.com", "*.example.com"),
        ("HTTP://localhost:8080", "http://localhost:8080"),
        ("[::1]:8080", "[::1]:8080"),
        ("[0:0::1]", "[::1]"),
        ("10.0.0.1", "10.0.0.1"),
        ("my_host.example.com", "my_host.example.com"),
    ] {
        assert_eq!(pattern(text).to_string(), canonical);
        assert_eq!(pattern(canonical), pattern(text));
        assert_eq!(serde_json::from_value::<HostPattern>(text.into()).ok(), Some(pattern(text)));
    }
}

#[test]
fn an_entry_of_another_form_is_refused_with_what_to_write() {
    use InvalidPattern::{Form, Host, Port, PublicSuffix};
    for (text, expected) in [
        ("", Host),
        ("https://api.example.com", Form),
        ("api.example.com/", Form),
        ("api.example.com/v1", Form),
        ("api.example.com?x", Form),
        ("user@api.example.com", Form),
        ("api.example.com:0", Port),
        ("api.example.com:65536", Port),
        ("api.example.com:", Port),
        ("api.example.com:http", Form),
        ("api.example.com.", Host),
        ("api..example.com", Host),
        ("api.example.com\\evil.example", Host),
        ("api example.com", Host),
        ("%61pi.example.com", Host),
        ("0x7f.1", Host),
        ("2130706433", Host),
        ("::1", Host),
        ("[::1", Host),
        ("*", Host),
        ("*.*.example.com", Form),
        ("a*.example.com", Host),
        ("*.com", PublicSuffix),
        ("*.co.uk", PublicSuffix),
        ("*.github.io", PublicSuffix),
        ("*.s3.amazonaws.com", PublicSuffix),
        ("*.localhost", PublicSuffix),
        ("*.example.com:443", Form),
        ("http://*.example.com", Host),
        ("*.10.0.0.1", Form),
    ] {
        let refused = text.parse::<HostPattern>();
        assert_eq!(refused, Err(expected), "{text}");
    }
}

#[test]
fn an_entry_allows_exactly_what_it_says() {
    let allowed = |entry: &str, url: &str| pattern(entry).allows(&destination(url), false);
    assert!(allowed("api.example.com", "https://api.example.com/x?y"));
    assert!(allowed("api.example.com", "https://API.EXAMPLE.COM:8443"));
    assert!(!allowed("api.example.com", "http://api.example.com"));
    assert!(!allowed("api.example.com", "https://api.example.com.evil.example"));
    assert!(!allowed("api.example.com", "https://xapi.example.com"));
    assert!(allowed("api.example.com:8443", "https://api.example.com:8443"));
    assert!(!allowed("api.example.com:8443", "https://api.example.com"));
    assert!(allowed("api.example.com:443", "https://api.example.com"));
    assert!(allowed("*.example.com", "https://a.example.com"));
    assert!(!allowed("*.example.com", "https://example.com"));
    assert!(!allowed("*.example.com", "https://a.b.example.com"));
    assert!(!allowed("*.example.com", "https://aexample.com"));
    assert!(allowed("http://10.0.0.1", "http://10.0.0.1:81"));
    assert!(!allowed("http://10.0.0.1", "https://10.0.0.1"));
    assert!(allowed("bücher.example", "https://xn--bcher-kva.example"));
}

#[test]
fn clear_text_needs_the_entry_or_the_operator() {
    let target = destination("http://api.example.com");
    assert!(!pattern("api.example.com").allows(&target, false));
    assert!(pattern("api.example.com").allows(&target, true));
    assert!(pattern("http://api.example.com").allows(&target, false));
}

#[test]
fn an_entry_covers_only_what_it_allows() {
    let covers = |wide: &str, narrow: &str| pattern(wide).covers(&pattern(narrow));
    assert!(covers("api.example.com", "api.example.com:443"));
    assert!(!covers("api.example.com:443", "api.example.com"));
    assert!(covers("*.example.com", "api.example.com"));
    assert!(covers("*.example.com", "api.example.com:8443"));
    assert!(!covers("*.example.com", "*.api.example.com"));
    assert!(!covers("api.example.com", "*.example.com"));
    assert!(!covers("api.example.com", "http://api.example.com"));
    assert!(!covers("http://api.example.com", "api.example.com"));
    assert!(covers("http://api.example.com", "http://api.example.com:80"));
}

/// Security test 29: what parsers repair in different ways is refused before any comparison.
#[test]
fn a_url_that_can_be_read_in_two_ways_is_refused() {
    for url in [
        "https://api.ok.example\\@evil.example",
        "https://api.ok.example@evil.example",
        "https://api.ok.example\t.evil.example",
        "https://api.ok.example\n",
        "https://api%2eok.example",
        "https://ａｐｉ.ok.example",
        "https://api。ok.example",
        "https://api.ok.example.",
        "https://api.ok.example:443:80",
        "https://api.ok.example:",
        "https://api.ok.example:0443",
        "https:///api.ok.example",
        "https:api.ok.example",
        "//api.ok.example",
        "https://0x7f.1",
        "https://0177.0.0.1",
        "https://2130706433",
        "https://127.1",
        "https://[::1%25eth0]",
        "https://[::ffff:127.0.0.1",
        "ftp://api.ok.example",
        "https://api.ok.example:99999",
        "https://",
        "https://?x",
        "https://xn--a.example",
    ] {
        assert!(read_url(url).is_err(), "{url} was accepted");
    }
}

#[test]
fn a_refusal_never_quotes_the_url() {
    let refused = read_url("https://h\\x/?token=canary-token-1").err();
    assert!(
        !format!("{refused:?} {}", refused.map(|fault| fault.to_string()).unwrap_or_default())
            .contains("canary")
    );
}

proptest! {
    /// Covering is sound: whatever the narrower entry allows, the wider allows.
    #[test]
    fn covering_never_widens(wide in entry(), narrow in entry(), url in "(https?)://(a\\.|b\\.a\\.)?example\\.com(:443|:80|:8443)?", listed: bool) {
        let (wide, narrow) = (pattern(&wide), pattern(&narrow));
        let target = destination(&url);
        if wide.covers(&narrow) && narrow.allows(&target, listed) {
            prop_assert!(wide.allows(&target, listed));
        }
    }

    /// A wildcard never allows a host of another registrable domain.
    #[test]
    fn a_wildcard_stays_with_one_owner(host in "[a-z]{1,3}(\\.[a-z]{1,3}){0,3}\\.(example\\.com|com|co\\.uk|example\\.com\\.evil\\.net)") {
        if let Ok((_, target)) = read_url(&format!("https://{host}/"))
            && pattern("*.example.com").allows(&target, true)
        {
            prop_assert_eq!(psl::domain_str(&host), Some("example.com"));
        }
    }

    /// Whatever the text, what is accepted is what a plain reading of the text says.
    #[test]
    fn the_parsed_host_stands_in_the_text(text in "https?://[ -~]{0,30}") {
        if let Ok((url, target)) = read_url(&text) {
            let authority = text.split("://").nth(1).unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
            prop_assert!(authority.to_ascii_lowercase().starts_with(&url.host_str().unwrap_or_default().to_ascii_lowercase())
                || matches!(target.host, Host::Ipv6(_)));
        }
    }

    /// The text form reads back as the same entry.
    #[test]
    fn an_entry_survives_its_text_form(text in entry()) {
        let once = pattern(&text);
        prop_assert_eq!(pattern(&once.to_string()), once);
    }
}

fn entry() -> impl Strategy<Value = String> {
    "(http://)?(a\\.|b\\.a\\.)?example\\.com(:443|:80|:8443)?|\\*\\.(a\\.)?example\\.com"
}
