use bytes::Bytes;
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::scrub::StreamScrubber;

/// The 24 forms, written here once more and apart from the product's own encoder.
fn forms(secret: &str, before: &[u8], after: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = secret.as_bytes();
    let each =
        |write: &dyn Fn(u8) -> String| bytes.iter().map(|byte| write(*byte)).collect::<String>().into_bytes();
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let percent =
        |byte: u8| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let percent_lower =
        |byte: u8| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") };
    let around = [before, bytes, after].concat();
    let escape = |text: &str, table: &[(char, &str)]| {
        let replace = |letter: char| {
            table
                .iter()
                .find(|(own, _)| *own == letter)
                .map_or(letter.to_string(), |(_, to)| (*to).to_owned())
        };
        text.chars().map(replace).collect::<String>().into_bytes()
    };
    vec![
        ("raw", bytes.to_vec()),
        ("base64", BASE64.encode(bytes).into_bytes()),
        ("base64 without padding", BASE64_NOPAD.encode(bytes).into_bytes()),
        ("base64url", BASE64URL.encode(bytes).into_bytes()),
        ("base64url without padding", BASE64URL_NOPAD.encode(bytes).into_bytes()),
        ("base64 inside", BASE64.encode(&around).into_bytes()),
        ("base64url inside", BASE64URL.encode(&around).into_bytes()),
        ("basic with a user", BASE64.encode(format!("u:{secret}").as_bytes()).into_bytes()),
        ("basic with a longer user", BASE64.encode(format!("user:{secret}").as_bytes()).into_bytes()),
        ("hex", HEXLOWER.encode(bytes).into_bytes()),
        ("HEX", HEXUPPER.encode(bytes).into_bytes()),
        ("percent", each(&percent)),
        ("percent, lower", each(&percent_lower)),
        ("percent twice", String::from_utf8(each(&percent)).unwrap().replace('%', "%25").into_bytes()),
        ("form", url::form_urlencoded::byte_serialize(bytes).collect::<String>().into_bytes()),
        ("json", serde_json::to_vec(secret).unwrap()),
        ("base64 further inside", BASE64.encode(&[b"x", around.as_slice()].concat()).into_bytes()),
        ("\\u", secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>().into_bytes()),
        (
            "xml",
            escape(
                secret,
                &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&apos;")],
            ),
        ),
        (
            "html",
            escape(secret, &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")]),
        ),
        (
            "quoted-printable",
            each(&|byte| {
                if byte == b'=' || byte > 126 { format!("={byte:02X}") } else { char::from(byte).to_string() }
            }),
        ),
        ("utf-16le", secret.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("utf-16be", secret.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("header", format!("Bearer {secret}").into_bytes()),
    ]
}

/// Puts an encoded secret into a body as it comes.
fn carry(carrier: usize, form: &[u8]) -> Vec<u8> {
    let (before, after): (&[u8], &[u8]) = match carrier {
        0 => (b"", b""),
        1 => (b"{\"headers\":{\"Authorization\":\"", b"\"},\"ok\":true}"),
        2 => (b"id: 1\nevent: message\ndata: ", b"\n\n"),
        3 => (b"<html><body><pre>", b"</pre></body></html>"),
        _ => (b"https://api.example.com/v1/things?limit=10&token=", b"&page=2"),
    };
    [before, form, after].concat()
}

fn bearer(token: &str) -> Scrubber {
    let policy = Policy {
        service: "http".to_owned(),
        auth_type: AuthType::Bearer,
        allowed_hosts: Vec::new(),
        parameters: Map::new(),
    };
    let plain = json!({"token": token}).to_string().into_bytes();
    let scheme = Scheme::read(&policy, &Document::read(&plain).unwrap()).unwrap();
    compile(&policy, &plain, &scheme)
}

/// The longest piece of the form that is still there.
fn longest_rest(clean: &[u8], form: &[u8]) -> usize {
    (1..=form.len())
        .rev()
        .find(|len| form.windows(*len).any(|piece| clean.windows(*len).any(|window| window == piece)))
        .unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("FLERO_SOAK").is_some() { 10_000 } else { 40 }))]

    /// Security test 37: random secrets in 24 forms and five carriers, split at random places: the secret is
    /// gone, and what is left of a form is at most what its neighbours' bits hide (three characters of base64
    /// on either side).
    #[test]
    fn every_form_of_a_secret_is_found(
        secret in "[ -~]{12,60}",
        before in "[a-z:]{0,5}",
        after in "[a-z:]{0,5}",
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        // A header value has no blanks at its ends.
        prop_assume!(secret.trim() == secret);
        let scrubber = Arc::new(bearer(&secret));
        for (name, form) in forms(&secret, before.as_bytes(), after.as_bytes()) {
            for carrier in 0..5 {
                let body = carry(carrier, &form);
                let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len())).collect();
                places.sort_unstable();
                let mut stream = StreamScrubber::new(Arc::clone(&scrubber));
                let mut clean = Vec::new();
                let mut from = 0;
                for place in places.into_iter().chain([body.len()]) {
                    clean.extend_from_slice(&stream.push(Bytes::copy_from_slice(&body[from..place])));
                    from = place;
                }
                clean.extend_from_slice(&stream.finish());
                let text = String::from_utf8_lossy(&clean).into_owned();
                prop_assert!(text.contains(crate::scrub::MARKER), "{name} in carrier {carrier} was not found: {text}");
                prop_assert!(!text.contains(&secret), "{name} in carrier {carrier}");
                if name.starts_with("base64") {
                    prop_assert!(longest_rest(&clean, &form) < 16, "{name} in carrier {carrier}: {text}");
                }
            }
        }
    }
}

#[test]
fn a_short_password_is_found_as_it_is_sent() {
    let policy = Policy {
        service: "http".to_owned(),
        auth_type: AuthType::Basic,
        allowed_hosts: Vec::new(),
        parameters: json!({"username": "ada"}).as_object().cloned().unwrap_or_default(),
    };
    let plain = br#"{"password":"pw1"}"#;
    let scheme = Scheme::read(&policy, &Document::read(plain).unwrap()).unwrap();
    let scrubber = compile(&policy, plain, &scheme);
    let coded = BASE64.encode(b"ada:pw1");
    assert_eq!(scrubber.scrub(Bytes::from(format!("sent Basic {coded}."))), "sent Basic [REDACTED].");
    let mut headers = HeaderMap::new();
    headers.insert("x", HeaderValue::from_str(&format!("Basic {coded}")).unwrap());
    headers.insert("y", HeaderValue::from_static("pw1"));
    scrubber.scrub_headers(&mut headers);
    assert_eq!((headers["x"].as_bytes(), headers["y"].as_bytes()), (&b"[REDACTED]"[..], &b"[REDACTED]"[..]));
    assert_eq!(scrubber.scrub(Bytes::from_static(b"pw1 is an ordinary word")), "pw1 is an ordinary word");
}

#[test]
fn every_line_of_a_key_is_a_needle() {
    let lines: Vec<String> = (0..4).map(|line| BASE64.encode(&[line; 48])).collect();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
    let policy = Policy {
        service: "http".to_owned(),
        auth_type: AuthType::CustomHeaders,
        allowed_hosts: Vec::new(),
        parameters: Map::new(),
    };
    let plain = json!({"headers": {"x-key": "canary-value-1"}, "key": pem}).to_string().into_bytes();
    let scheme = Scheme::read(&policy, &Document::read(&plain).unwrap()).unwrap();
    let scrubber = compile(&policy, &plain, &scheme);
    for line in lines {
        assert!(scrubber.finds(format!("  {line}").as_bytes()));
    }
}

#[tokio::test]
async fn compiled_needles_are_dropped_although_nobody_asks_again() {
    assert_eq!(Scrubbers::default().kept_for, Duration::from_secs(60));
    let scrubbers = Scrubbers { kept_for: Duration::from_millis(200), ..Scrubbers::default() };
    let key = (CredentialId::new(flero_model::Timestamp::default(), 1), 1);
    let kept = Arc::downgrade(&scrubbers.get(key, || bearer("canary-token-1")));
    assert!(kept.upgrade().is_some());
    let until = Instant::now() + Duration::from_secs(10);
    while kept.upgrade().is_some() {
        assert!(Instant::now() < until, "the needles are still in memory");
        sleep(Duration::from_millis(20)).await;
    }
}
