//! Signatures as the vendors publish them, and what may not pass for one.

use flero_openapi::extension::Verification;
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn rule(value: Value) -> Verification {
    serde_json::from_value(value).unwrap()
}

fn fields(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

/// Checks at a time in seconds.
fn check(rule: &Verification, secret: &str, pairs: &[(&str, &str)], body: &[u8], at: i64) -> Option<Proof> {
    let headers = fields(pairs);
    let delivery = Delivery {
        method: "POST",
        url: "https://flero.example/webhook/events/x",
        query: None,
        headers: &headers,
        body,
    };
    verify(rule, &SecretString::from(secret), delivery, Timestamp::from_millis(at * 1_000))
}

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

/// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>, "Testing the webhook payload
/// validation".
#[test]
fn the_example_that_github_publishes_is_taken_and_nothing_near_it() {
    let github = rule(
        json!({"type": "hmacSha256", "header": "X-Hub-Signature-256", "prefix": "sha256=", "encoding": "hex"}),
    );
    let secret = "It's a Secret to Everybody";
    let good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let with = |signature: &str, body: &[u8]| {
        check(&github, secret, &[("x-hub-signature-256", signature)], body, 0).is_some()
    };
    assert!(with(good, b"Hello, World!"));
    assert!(!with(good, b"Hello, World?"));
    assert!(!with(&good[7..], b"Hello, World!"), "without its prefix");
    assert!(!with(&good.replace("sha256=7571", "sha256=7572"), b"Hello, World!"));
    assert!(!with(&good[..good.len() - 2], b"Hello, World!"), "a part of it");
    assert!(!with("sha256=", b"Hello, World!"));
    assert!(check(&github, secret, &[], b"Hello, World!", 0).is_none(), "no signature at all");
    assert!(check(&github, "", &[("x-hub-signature-256", good)], b"Hello, World!", 0).is_none());
}

/// <https://docs.slack.dev/authentication/verifying-requests-from-slack/>, the example of the step by step walk-through.
const SLACK_BODY: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

#[test]
fn the_example_that_slack_publishes_is_taken_within_five_minutes_and_not_after() {
    let slack = rule(
        json!({"type": "hmacSha256", "header": "X-Slack-Signature", "prefix": "v0=", "encoding": "hex",
        "payload": "v0:{timestamp}:{body}", "timestamp": "X-Slack-Request-Timestamp", "toleranceSeconds": 300}),
    );
    let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    let at = |time: &str, now: i64| {
        let pairs = [("x-slack-signature", signature), ("x-slack-request-timestamp", time)];
        check(&slack, "8f742231b10e8888abcd99yyyzzz85a5", &pairs, SLACK_BODY, now).is_some()
    };
    let sent = 1_531_420_618;
    assert!(at("1531420618", sent) && at("1531420618", sent + 300) && at("1531420618", sent - 300));
    assert!(!at("1531420618", sent + 301), "late");
    assert!(!at("1531420618", sent - 301), "from the future");
    assert!(!at("1531420619", sent), "another time than the signed one");
    assert!(!at("", sent) && !at("99999999999999999999", sent) && !at("-9223372036854775808", sent));
}

/// The test vector of the libraries of <https://www.standardwebhooks.com/>.
#[test]
fn the_vector_of_standard_webhooks_is_taken_and_its_id_is_signed() {
    let standard = rule(
        json!({"type": "hmacSha256", "header": "webhook-signature", "prefix": "v1,", "encoding": "base64",
        "payload": "{header.webhook-id}.{timestamp}.{body}", "timestamp": "webhook-timestamp",
        "secretPrefix": "whsec_", "secretEncoding": "base64"}),
    );
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let with = |signature: &str, id: &str| {
        let pairs =
            [("webhook-id", id), ("webhook-timestamp", "1614265330"), ("webhook-signature", signature)];
        check(&standard, secret, &pairs, b"{\"test\": 2432232314}", 1_614_265_330)
    };
    let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    assert!(with(good, id).unwrap().headers_signed);
    let among_others = format!("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x {good}");
    assert_eq!(with(&among_others, id), with(good, id));
    assert_eq!(with(good, "msg_another"), None);
    assert_eq!(with(&good.replace("v1,", "v1a,"), id), None);
}

/// <https://docs.stripe.com/webhooks#verify-manually>: Stripe publishes the scheme and no values.
#[test]
fn stripes_scheme_takes_any_of_its_signatures_and_the_time_among_them() {
    let stripe =
        rule(json!({"type": "hmacSha256", "header": "Stripe-Signature", "elements": true, "prefix": "v1",
        "encoding": "hex", "payload": "{timestamp}.{body}", "timestamp": "t", "toleranceSeconds": 300}));
    let body = b"{\"id\": \"evt_1\"}";
    let now = 1_492_774_577;
    let hex = HEXLOWER.encode(&sign(b"whsec_test", b"1492774577.{\"id\": \"evt_1\"}"));
    let with =
        |value: &str| check(&stripe, "whsec_test", &[("stripe-signature", value)], body, now).is_some();
    assert!(with(&format!("t={now},v1={hex},v0=6ffb")));
    assert!(with(&format!("t={now},v1={},v1={hex}", "00".repeat(32))));
    assert!(!with(&format!("t={now},v0={hex}")), "a scheme that is no proof");
    assert!(!with(&format!("v1={hex}")), "without its time");
    assert!(!with(&format!("t={},v1={hex}", now - 1)));
}

/// HubSpot signs method, URL, body and milliseconds
/// (<https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests>); Shopify the body in Base64
/// (<https://shopify.dev/docs/apps/build/webhooks/subscribe/https>).
#[test]
fn method_url_and_milliseconds_can_be_signed() {
    let hubspot = rule(
        json!({"type": "hmacSha256", "header": "X-HubSpot-Signature-v3", "encoding": "base64",
        "payload": "{method}{url}{body}{timestamp}", "timestamp": "X-HubSpot-Request-Timestamp", "timestampUnit": "milliseconds"}),
    );
    let text = b"POSThttps://flero.example/webhook/events/x{}1700000000123";
    let signature = BASE64.encode(&sign(b"client secret", text));
    let pairs =
        [("x-hubspot-signature-v3", signature.as_str()), ("x-hubspot-request-timestamp", "1700000000123")];
    assert!(check(&hubspot, "client secret", &pairs, b"{}", 1_700_000_000).is_some());
    assert!(check(&hubspot, "client secret", &pairs, b"{}", 1_700_000_400).is_none());
}

#[test]
fn a_token_is_compared_as_a_whole() {
    let token = rule(json!({"type": "token", "header": "X-Gitlab-Token"}));
    let with =
        |secret: &str, given: &str| check(&token, secret, &[("x-gitlab-token", given)], b"", 0).is_some();
    assert!(with("abc", "abc"));
    assert!(!with("abc", "ab") && !with("abc", "abcd") && !with("abc", "ABC") && !with("", ""));
    assert!(check(&token, "abc", &[], b"", 0).is_none());
}

#[test]
fn a_token_may_stand_in_the_query_of_the_url_that_was_registered() {
    let rule = rule(json!({"type": "token", "query": "token"}));
    let headers = fields(&[("token", "abc")]);
    let with = |secret: &str, query: Option<&str>| {
        let delivery =
            Delivery { method: "POST", url: "https://flero.example/x", query, headers: &headers, body: b"" };
        verify(&rule, &SecretString::from(secret), delivery, Timestamp::from_millis(0)).is_some()
    };
    assert!(with("abc", Some("a=b&token=abc")) && with("a b", Some("token=a%20b")));
    assert!(!with("abc", Some("token=abd")) && !with("abc", Some("tokens=abc")) && !with("abc", None));
    assert!(!with("", Some("token=")), "no secret is none");
}

#[test]
fn a_new_secret_signs_and_verifies_in_the_form_of_its_rule() {
    for value in [
        json!({"type": "hmacSha256", "header": "h", "encoding": "hex"}),
        json!({"type": "hmacSha256", "header": "h", "encoding": "hex", "secretPrefix": "whsec_", "secretEncoding": "base64"}),
        json!({"type": "token", "header": "h"}),
    ] {
        let rule = rule(value);
        let secret = secret_of(&rule, &[7; 32]);
        assert!(is_usable(&rule, &secret));
        assert!(secret.expose().len() >= 44, "256 bits");
    }
    let base64 = rule(
        json!({"type": "hmacSha256", "header": "h", "encoding": "hex", "secretPrefix": "whsec_", "secretEncoding": "base64"}),
    );
    assert!(!is_usable(&base64, &SecretString::from("whsec_no base64!")));
    assert!(!is_usable(&base64, &SecretString::from("whsec_")));
}

proptest! {
    /// A body that was changed in one bit, and a signature too, is refused.
    #[test]
    fn no_changed_bit_passes(body in proptest::collection::vec(any::<u8>(), 1..200), at in any::<prop::sample::Index>(), bit in 0_u8..8, of_body in any::<bool>()) {
        let rule = rule(json!({"type": "hmacSha256", "header": "h", "encoding": "hex"}));
        let mut body = body;
        let mut signature = sign(b"key", &body);
        let good = HEXLOWER.encode(&signature);
        prop_assert!(check(&rule, "key", &[("h", &good)], &body, 0).is_some());
        if of_body {
            let place = at.index(body.len());
            body[place] ^= 1 << bit;
        } else {
            let place = at.index(signature.len());
            signature[place] ^= 1 << bit;
        }
        prop_assert!(check(&rule, "key", &[("h", &HEXLOWER.encode(&signature))], &body, 0).is_none());
    }
}

/// The example of Twilio's own libraries (twilio-php, `docs/usage/validation.rst`): the URL and then the
/// fields of the form, sorted, signed with the account's token.
#[test]
fn the_example_that_twilio_publishes_is_taken_and_nothing_near_it() {
    let twilio = rule(
        json!({"type": "hmacSha1", "header": "X-Twilio-Signature", "encoding": "base64", "payload": "{url}{form}"}),
    );
    let body =
        b"Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE";
    let headers = fields(&[("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]);
    let check = |secret: &str, body: &[u8]| {
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let delivery = Delivery { method: "POST", url, query: None, headers: &headers, body };
        verify(&twilio, &SecretString::from(secret), delivery, Timestamp::from_millis(0)).is_some()
    };
    assert!(check("12345", body));
    assert!(!check("12346", body));
    assert!(!check("12345", &body[..body.len() - 1]));
}

/// Signatures by a key pair that is made here and verified by its public key in each of its forms.
#[test]
fn signatures_by_a_private_key_are_taken_by_its_public_key_alone() {
    use aws_lc_rs::{
        encoding::AsDer as _,
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
    };
    let random = SystemRandom::new();
    let body = br#"{"event": "paid"}"#;
    let signed = [b"1700000000", &body[..]].concat();
    let ed = Ed25519KeyPair::generate().unwrap();
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let rsa = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let mut by_rsa = vec![0; rsa.public_modulus_len()];
    rsa.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, &signed, &mut by_rsa).unwrap();
    let pem = |der: &[u8]| {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(der))
    };
    let cases = [
        ("ed25519", ed.sign(&signed).as_ref().to_vec(), HEXLOWER.encode(ed.public_key().as_ref())),
        (
            "ecdsaP256Sha256",
            ec.sign(&random, &signed).unwrap().as_ref().to_vec(),
            BASE64.encode(ec.public_key().as_der().unwrap().as_ref()),
        ),
        ("rsaSha256", by_rsa, pem(rsa.public_key().as_der().unwrap().as_ref())),
    ];
    for (name, signature, key) in &cases {
        let rule = rule(json!({"type": name, "header": "x-signature", "encoding": "base64",
            "payload": "{timestamp}{body}", "timestamp": "x-time"}));
        let signature = BASE64.encode(signature);
        let with = |body: &[u8], time: &str, key: &str| {
            check(&rule, key, &[("x-signature", &signature), ("x-time", time)], body, 1_700_000_010)
        };
        let proof = with(body, "1700000000", key).unwrap_or_else(|| panic!("{name}"));
        assert!(proof.signature.is_some());
        assert!(with(b"{}", "1700000000", key).is_none(), "{name}: another body");
        assert!(with(body, "1700000001", key).is_none(), "{name}: another time");
        assert!(with(body, "1700000000", "").is_none(), "{name}: no key");
        for (other, _, wrong) in cases.iter().filter(|(other, ..)| other != name) {
            assert!(with(body, "1700000000", wrong).is_none(), "{name} by the key of {other}");
        }
        assert!(is_usable(&rule, &SecretString::from(key.as_str())));
        assert!(!is_usable(&rule, &SecretString::from("not a key")));
    }
}

/// <https://developer.box.com/guides/webhooks/v2/signatures-v2/>, with the keys that Box's own libraries use for it
/// (`SamplePrimaryKey`): the body and then the time, which is a text, signed by two keys of which one may be new.
#[test]
fn the_example_that_box_publishes_is_taken_by_either_of_its_keys() {
    let rule = rule(
        json!({"type": "hmacSha256", "header": "box-signature-primary", "otherHeaders": ["box-signature-secondary"],
        "encoding": "base64", "payload": "{body}{timestamp}", "timestamp": "box-delivery-timestamp",
        "timestampUnit": "rfc3339", "toleranceSeconds": 600}),
    );
    let body = br#"{"type":"webhook_event","webhook":{"id":"1234567890"},"trigger":"FILE.UPLOADED","source":{"id":"1234567890","type":"file","name":"Test.txt"}}"#;
    let primary = ("box-signature-primary", "6TfeAW3A1PASkgboxxA5yqHNKOwFyMWuEXny/FPD5hI=");
    let secondary = ("box-signature-secondary", "v+1CD1Jdo3muIcbpv5lxxgPglOqMfsNHPV899xWYydo=");
    let sent = ("box-delivery-timestamp", "2020-01-01T00:00:00-07:00");
    let now = sent.1.parse::<Timestamp>().unwrap().as_millis() / 1_000;
    let with = |keys: &str, pairs: &[(&str, &str)], late: i64| check(&rule, keys, pairs, body, now + late);
    let both = "SamplePrimaryKey SampleSecondaryKey\n";
    assert!(with("SamplePrimaryKey", &[primary, sent], 0).is_some());
    assert!(with("SampleSecondaryKey", &[secondary, sent], 599).is_some());
    assert!(
        with("SampleSecondaryKey", &[primary, secondary, sent], 0).is_some(),
        "the first is by an older key"
    );
    let by_one = with(both, &[primary, sent], 0).unwrap();
    assert_eq!(Some(by_one), with(both, &[secondary, sent], 0), "and it is the same delivery");
    assert!(with("SamplePrimaryKey", &[primary, sent], 601).is_none(), "late");
    assert!(with("SampleSecondaryKey", &[primary, sent], 0).is_none());
    assert!(with("AnotherKey AndAnother", &[primary, secondary, sent], 0).is_none());
    assert!(with("", &[primary, sent], 0).is_none() && with(" \n", &[primary, sent], 0).is_none());
    assert!(!is_usable(&rule, &SecretString::from("one two three")));
    let otherwise = ("box-delivery-timestamp", "2020-01-01T07:00:00Z");
    assert!(with("SamplePrimaryKey", &[primary, otherwise], 0).is_none(), "written otherwise");
    assert!(with("SamplePrimaryKey", &[primary, ("box-delivery-timestamp", "1577862000")], 0).is_none());
}

/// <https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks>: time and token in the body, and
/// the body itself not signed. Mailgun publishes the scheme and no key.
#[test]
fn a_signature_in_the_body_proves_its_time_and_its_token() {
    let mailgun = rule(json!({"type": "hmacSha256", "header": "/signature/signature", "encoding": "hex",
        "payload": "{timestamp}{/signature/token}", "timestamp": "/signature/timestamp"}));
    let token = "e0b5477167110d68991efc6b9f89f0a11066af27834600e123";
    let hex = HEXLOWER.encode(&sign(b"key", format!("1770920772{token}").as_bytes()));
    let body = |token: &str, time: Value| {
        json!({"signature": {"timestamp": time, "token": token, "signature": hex}, "event-data": {"event": "opened"}})
            .to_string()
    };
    let with = |body: &str| check(&mailgun, "key", &[], body.as_bytes(), 1_770_920_800);
    let proof = with(&body(token, json!("1770920772"))).unwrap();
    assert!(proof.signature.is_some() && !proof.body_signed, "an id in the body may have been changed");
    assert_eq!(with(&body(token, json!(1_770_920_772))), Some(proof), "a number as well");
    assert_eq!(with(&body("another", json!("1770920772"))), None);
    assert_eq!(with(&body(token, json!("1770920773"))), None);
    assert_eq!(with("{}"), None);
    assert_eq!(with("not JSON"), None);
}

/// Zoom's validation of a URL (<https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint>).
#[test]
fn the_answer_to_a_challenge_is_signed_as_deliveries_are() {
    let zoom =
        rule(json!({"type": "hmacSha256", "header": "x-zm-signature", "prefix": "v0=", "encoding": "hex",
        "payload": "v0:{timestamp}:{body}", "timestamp": "x-zm-request-timestamp"}));
    let secret = SecretString::from("secret");
    let signed = sign_text(&zoom, &secret, "qgg8vlvZRS6UYooatFL8Aw").unwrap();
    assert_eq!(signed, HEXLOWER.encode(&sign(b"secret", b"qgg8vlvZRS6UYooatFL8Aw")));
    let token = rule(json!({"type": "token", "header": "h"}));
    assert_eq!(sign_text(&token, &secret, "x"), None);
}

/// The example of LINE's own library (`line-bot-sdk-java`, `LineSignatureValidatorTest`).
#[test]
fn the_example_that_line_publishes_is_taken_and_nothing_near_it() {
    let line = rule(json!({"type": "hmacSha256", "header": "X-Line-Signature", "encoding": "base64"}));
    let with =
        |signature: &str| check(&line, "SECRET", &[("x-line-signature", signature)], b"{}", 0).is_some();
    assert!(with("3q8QXTAGaey18yL8FWTqdVlbMr6hcuNvM4tefa0o9nA="));
    assert!(!with("596359635963"));
}
