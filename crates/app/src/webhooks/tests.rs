//! Bodies and headers of webhook requests.

use bytes::Bytes;
use flero_engine::params::PayloadType;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{InboundCredential, incoming, payload};
use crate::Error;

fn head(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn read(kind: PayloadType, content_type: &str, body: &[u8]) -> Result<Value, Error> {
    payload::read(kind, &head(&[("content-type", content_type)]), &Bytes::copy_from_slice(body))
}

#[test]
fn auto_goes_by_the_content_type_alone() {
    let auto = |content_type: &str, body: &[u8]| read(PayloadType::Auto, content_type, body).unwrap();
    assert_eq!(auto("application/json", b"{\"a\":1}"), json!({"a": 1}));
    assert_eq!(auto("application/cloudevents+json; charset=utf-8", b"[1]"), json!([1]));
    assert_eq!(auto("text/plain", b"{\"a\":1}"), json!("{\"a\":1}"));
    assert_eq!(
        auto("application/x-www-form-urlencoded", b"a=1&b=x%20y&a=2"),
        json!({"a": ["1", "2"], "b": "x y"})
    );
    assert_eq!(auto("application/octet-stream", b"\x00\xff"), json!("AP8="));
    assert_eq!(auto("application/json", b""), Value::Null);
}

#[test]
fn a_body_of_another_kind_is_refused_without_being_quoted() {
    for (kind, body) in [
        (PayloadType::Json, &b"hunter2"[..]),
        (PayloadType::Json, b"{\"a\":1,\"a\":2}"),
        (PayloadType::Text, b"\xff\xfe"),
    ] {
        let Err(Error::InvalidBody(reason)) = read(kind, "application/json", body) else { panic!("taken") };
        assert!(!reason.contains("hunter2"));
    }
    let form = "multipart/form-data; boundary=x";
    for body in [&b"--x\r\nno end"[..], b"", b"--y--", b"--x\r\n\r\n\r\n--x--"] {
        let result = read(PayloadType::Form, form, body);
        assert!(body.is_empty() || matches!(result, Err(Error::InvalidBody(_))));
    }
}

#[test]
fn a_multipart_form_gives_texts_and_files() {
    let body = b"--b1\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n--b1\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\nContent-Type: image/png\r\n\r\n\x00\x01\r\n--b1--\r\n";
    let value = read(PayloadType::Auto, "multipart/form-data; boundary=\"b1\"", body).unwrap();
    assert_eq!(
        value,
        json!({"title": "Hello", "f": {"fileName": "a.bin", "contentType": "image/png", "base64": "AAE="}})
    );
}

#[test]
fn what_authenticated_a_request_is_not_passed_on() {
    let given = head(&[
        ("authorization", "Bearer x"),
        ("cookie", "a=b"),
        ("x-webhook-secret", "s"),
        ("x-hub-signature-256", "sha256=1"),
        ("stripe-signature", "t=1"),
        ("x-gitlab-token", "t"),
        ("x-shopify-hmac-sha256", "h"),
        ("x-custom", "carried"),
        ("content-type", "application/json"),
        ("x-github-event", "push"),
        ("x-many", "1"),
        ("x-many", "2"),
    ]);
    let credential = |hides_headers| {
        Some(InboundCredential {
            id: flero_model::CredentialId::from_u128(1),
            carried_in: Some("x-custom".into()),
            hides_headers,
        })
    };
    let kept = incoming::headers(&given, credential(false).as_ref());
    assert_eq!(
        Value::Object(kept),
        json!({"content-type": "application/json", "x-github-event": "push", "x-many": "1, 2"})
    );
    let ordinary = incoming::headers(&given, credential(true).as_ref());
    assert_eq!(Value::Object(ordinary), json!({"content-type": "application/json"}));
    let query =
        incoming::query(Some("a=1&token=t&api_key=k&a=2&X-Custom=c&sig=s"), credential(false).as_ref());
    assert_eq!(Value::Object(query), json!({"a": ["1", "2"]}));
}
