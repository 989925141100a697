//! The forms are checked against other people's encoders where one is at hand, and against written-out answers
//! where none is.

use aho_corasick::AhoCorasick;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use proptest::prelude::*;

use super::*;

fn has(needles: &[Needle], encoding: Encoding, expected: &str) -> bool {
    needles.iter().any(|needle| needle.encoding() == encoding && needle.bytes() == expected.as_bytes())
}

#[test]
fn the_forms_of_a_secret_with_every_kind_of_character() {
    let needles = of_secret("s3cr\"et/<Ü> 'k'&=+".as_bytes());
    for (encoding, expected) in [
        (Encoding::Raw, "s3cr\"et/<Ü> 'k'&=+"),
        (Encoding::HexLower, "7333637222 65742f3cc39c3e20276b27263d2b"),
        (Encoding::HexUpper, "7333637222 65742F3CC39C3E20276B27263D2B"),
        (Encoding::PercentUpper, "s3cr%22et%2F%3C%C3%9C%3E%20%27k%27%26%3D%2B"),
        (Encoding::PercentUpper, "s3cr%22et%2F%3C%C3%9C%3E%20'k'%26%3D%2B"),
        (Encoding::PercentUpper, "s3cr%22et/%3C%C3%9C%3E%20'k'&=+"),
        (Encoding::PercentLower, "s3cr%22et%2f%3c%c3%9c%3e%20%27k%27%26%3d%2b"),
        (Encoding::PercentDouble, "s3cr%2522et%252F%253C%25C3%259C%253E%2520%2527k%2527%2526%253D%252B"),
        (Encoding::Form, "s3cr%22et%2F%3C%C3%9C%3E+%27k%27%26%3D%2B"),
        (Encoding::Json, "s3cr\\\"et/<Ü> 'k'&=+"),
        (Encoding::Json, "s3cr\\\"et\\/<\\u00dc> 'k'&=+"),
        (Encoding::Json, "s3cr\\\"et/\\u003cÜ\\u003e 'k'\\u0026=+"),
        (Encoding::Json, "s3cr\\\"et/\\u003C\\u00DC\\u003E \\u0027k\\u0027\\u0026=\\u002B"),
        (Encoding::Xml, "s3cr&quot;et/&lt;Ü&gt; &apos;k&apos;&amp;=+"),
        (Encoding::Xml, "s3cr&quot;et/&lt;Ü&gt; &#x27;k&#x27;&amp;=+"),
        (Encoding::Xml, "s3cr\"et/&lt;Ü&gt; 'k'&amp;=+"),
        (Encoding::QuotedPrintable, "s3cr\"et/<=C3=9C> 'k'&=3D+"),
    ] {
        let expected = if matches!(encoding, Encoding::HexLower | Encoding::HexUpper) {
            expected.replace(' ', "")
        } else {
            expected.to_owned()
        };
        assert!(has(&needles, encoding, &expected), "{encoding}: {expected}");
    }
}

#[test]
fn every_kind_of_form_is_there() {
    let mut kinds: Vec<String> = of_secret(b" \"se/cret<\xc3\x9c>+=?~ k\" ")
        .iter()
        .map(|needle| needle.encoding().to_string())
        .collect();
    kinds.sort();
    kinds.dedup();
    let mut expected = vec![
        "raw",
        "trimmed",
        "base64+0",
        "base64+1",
        "base64+2",
        "base64url+0",
        "base64url+1",
        "base64url+2",
        "hex",
        "HEX",
        "percent",
        "PERCENT",
        "percent-twice",
        "percent-every",
        "form",
        "json",
        "unicode-escape",
        "xml",
        "xml-numeric",
        "quoted-printable",
        "utf-16le",
        "utf-16be",
    ];
    expected.sort_unstable();
    assert_eq!(kinds, expected);
}

#[test]
fn a_short_secret_has_its_raw_form_only() {
    let needles = of_secret(b"1234567");
    assert_eq!(needles.len(), 1);
    assert_eq!(needles[0].bytes(), b"1234567");
    assert_eq!(of_prefixed("Bearer ", b"1234567").len(), 1);
}

#[test]
fn a_document_gives_the_needles_of_each_value() {
    let needles =
        of_document(br#"{"headers":{"X-One":"first-value","X-Two":"second-value"},"pin":1234567890}"#);
    for value in ["first-value", "second-value", "1234567890"] {
        assert!(has(&needles, Encoding::Raw, value), "{value}");
    }
    assert!(!has(&needles, Encoding::Raw, "X-One"));
    assert!(has(&of_document(b"no json at all"), Encoding::Raw, "no json at all"));
}

#[test]
fn a_key_file_gives_each_line_of_its_key_and_none_of_its_public_members() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n\
               -----END PRIVATE KEY-----\n";
    let file = serde_json::json!({
        "type": "service_account", "token_uri": "https://oauth2.googleapis.com/token", "private_key": key,
        "private_key_id": "0123456789abcdef",
    });
    let document = serde_json::json!({ "key": file.to_string() });
    let needles = of_document(document.to_string().as_bytes());
    for line in ["MIIEvQIBADANBgkqhkiG9w0BAQEF", "AASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "0123456789abcdef"] {
        assert!(has(&needles, Encoding::Raw, line), "{line}");
    }
    assert!(has(&needles, Encoding::Raw, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"));
    for public in ["service_account", "https://oauth2.googleapis.com/token", "-----BEGIN PRIVATE KEY-----"] {
        assert!(!has(&needles, Encoding::Raw, public), "{public}");
    }
    // Services that show a key for people write it in hexadecimal.
    let der = data_encoding::HEXLOWER.encode(&BASE64.decode(b"MIIEvQIBADANBgkqhkiG9w0BAQEF").unwrap());
    assert!(needles.iter().any(|needle| needle.bytes().starts_with(der.as_bytes())));
}

#[test]
fn basic_authentication_is_covered_as_a_whole() {
    let needles = of_basic("Aladdin", b"open sesame");
    // RFC 7617 section 2.
    assert!(has(&needles, Encoding::Base64(0), "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
}

#[test]
fn needles_are_unique_and_not_shown() {
    let needles = of_secret(b"plaintoken123");
    let mut bytes: Vec<_> = needles.iter().map(|needle| needle.bytes().to_vec()).collect();
    bytes.dedup();
    assert_eq!(bytes.len(), needles.len());
    assert!(!format!("{needles:?}").contains("plaintoken"));
}

fn secret() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9_-]{8,64}", "[ -~]{8,64}", "\\PC{8,32}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if std::env::var_os("FLERO_SOAK").is_some() { 10_000 } else { 200 }
    ))]

    /// Security test 37 (its needles): a secret is found in what other people's encoders make of it, wherever it
    /// stands in the text.
    #[test]
    fn a_secret_is_found_in_what_other_encoders_write(secret in secret(), before in "[ -~]{0,9}", after in "[ -~]{0,9}") {
        let text = format!("{before}{secret}{after}");
        let needles = of_secret(secret.as_bytes());
        let search = AhoCorasick::new(needles.iter().map(Needle::bytes)).unwrap();
        let found = |encoded: &[u8]| search.is_match(encoded);
        prop_assert!(found(text.as_bytes()), "raw");
        prop_assert!(found(BASE64.encode(text.as_bytes()).as_bytes()), "base64");
        prop_assert!(found(BASE64URL_NOPAD.encode(text.as_bytes()).as_bytes()), "base64url");
        prop_assert!(found(data_encoding::HEXLOWER.encode(text.as_bytes()).as_bytes()), "hex");
        prop_assert!(found(serde_json::to_string(&text).unwrap().as_bytes()), "json");
        let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        prop_assert!(found(form.as_bytes()), "form");
        let mut url = url::Url::parse("https://example.com/").unwrap();
        url.query_pairs_mut().append_pair("q", &text);
        prop_assert!(found(url.as_str().as_bytes()), "query pair");
        url.set_query(Some(&secret));
        // A URL drops line breaks and tabs; such a secret never had a form in it.
        if !secret.contains(['\n', '\r', '\t']) {
            prop_assert!(found(url.as_str().as_bytes()), "query");
        }
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        prop_assert!(found(&utf16), "utf-16");
    }
}
