use std::collections::BTreeMap;

use bytes::Bytes;
use flero_model::{Timestamp, credential::AuthType};
use serde_json::{Value, json};

use super::{super::challenge, *};

fn scheme(parameters: Value, data: &Value) -> Result<Oauth1, Kind> {
    let policy = Policy {
        service: "http".to_owned(),
        auth_type: AuthType::Oauth1,
        allowed_hosts: Vec::new(),
        parameters: parameters.as_object().cloned().unwrap(),
    };
    Oauth1::read(&policy, &Document::read(data.to_string().as_bytes())?)
}

/// The parameters of `Authorization`, decoded.
fn signed(
    scheme: &Oauth1,
    method: &str,
    url: &str,
    form: Option<&'static str>,
    moment: &Moment,
) -> BTreeMap<String, String> {
    let mut headers = HeaderMap::new();
    if form.is_some() {
        headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
    }
    let mut body = Bytes::from_static(form.unwrap_or_default().as_bytes());
    let (method, mut url) = (method.parse().unwrap(), url.parse().unwrap());
    let mut target = Target { method: &method, url: &mut url, headers: &mut headers, body: Some(&mut body) };
    scheme.apply(&mut target, moment).unwrap();
    let value = headers.get(header::AUTHORIZATION).unwrap();
    assert!(value.is_sensitive());
    let line = value.to_str().unwrap().to_owned();
    let found = challenge::read(&line).remove(0);
    ["realm", "oauth_token", "oauth_signature", "oauth_timestamp", "oauth_nonce"]
        .into_iter()
        .filter_map(|name| {
            let coded = found.get(name)?.replace('+', "%2B");
            let pair = format!("x={coded}");
            let (_, value) = form_urlencoded::parse(pair.as_bytes()).next()?;
            Some((name.to_owned(), value.into_owned()))
        })
        .collect()
}

fn moment(seconds: i64, nonce: &str) -> Moment {
    Moment { now: Timestamp::from_millis(seconds * 1000), nonce: nonce.to_owned() }
}

/// RFC 5849 section 3.4.1.1. The protocol's parameters of the example carry no `oauth_version`.
#[test]
fn the_base_string_is_the_one_of_the_standard() {
    let url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b".parse().unwrap();
    let own = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ];
    let expected = "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7";
    assert_eq!(*base_string("post", &url, &own, b"c2&a3=2+q"), expected);
    // Section 3.4.1.2.
    let other = "https://www.example.net:8080/?q=1".parse().unwrap();
    assert!(
        base_string("GET", &other, &[], b"").starts_with("GET&https%3A%2F%2Fwww.example.net%3A8080%2F&q%3D1")
    );
}

/// The request of RFC 5849 section 1.2, with the version that it leaves out.
#[test]
fn the_photo_of_the_standard_is_asked_for() {
    let scheme = scheme(
        json!({"consumerKey": "dpf43f3p2l4k3l03", "signatureMethod": "HMAC-SHA1", "realm": "Photos"}),
        &json!({"consumerSecret": "kd94hf93k423kf44", "token": "nnch734d00sl2jdk", "tokenSecret": "pfkkdhi9sl3r4s00"}),
    );
    let said = signed(
        &scheme.unwrap(),
        "GET",
        "http://photos.example.net/photos?file=vacation.jpg&size=original",
        None,
        &moment(1_191_242_096, "kllo9940pd9333jh"),
    );
    // OAuth Core 1.0 appendix A.5.3, which signs this request with its version.
    assert_eq!(said["oauth_signature"], "tR3+Ty81lMeYAr/Fid0kMTYa/WM=");
    assert_eq!((said["realm"].as_str(), said["oauth_nonce"].as_str()), ("Photos", "kllo9940pd9333jh"));
}

#[test]
fn plain_text_sends_both_secrets() {
    let scheme = scheme(
        json!({"consumerKey": "k", "signatureMethod": "PLAINTEXT"}),
        &json!({"consumerSecret": "j49sk3j29djd", "token": "t", "tokenSecret": "dh893hdasih9"}),
    );
    let said = signed(&scheme.unwrap(), "GET", "https://photos.example.net/", None, &moment(1, "n"));
    // RFC 5849 section 2.1: `j49sk3j29djd%26dh893hdasih9` on the wire.
    assert_eq!(said["oauth_signature"], "j49sk3j29djd&dh893hdasih9");
}

#[test]
fn a_form_is_signed_and_another_body_is_not() {
    let scheme = scheme(
        json!({"consumerKey": "k", "signatureMethod": "HMAC-SHA256"}),
        &json!({"consumerSecret": "s"}),
    )
    .unwrap();
    let of =
        |form| signed(&scheme, "POST", "https://x.test/", form, &moment(1, "n"))["oauth_signature"].clone();
    assert_ne!(of(Some("a=1")), of(Some("a=2")));
    assert_ne!(of(Some("a=1")), of(None));
    let mut headers =
        HeaderMap::from_iter([(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap())]);
    let (method, mut url) = (http::Method::POST, "https://x.test/".parse().unwrap());
    let mut target = Target { method: &method, url: &mut url, headers: &mut headers, body: None };
    assert_eq!(scheme.apply(&mut target, &moment(1, "n")), Err(Kind::CredentialPlacement));
}

#[test]
fn a_private_key_that_is_none_is_refused() {
    let bad = scheme(
        json!({"consumerKey": "k", "signatureMethod": "RSA-SHA1"}),
        &json!({"consumerSecret": "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"}),
    );
    assert_eq!(bad.err(), Some(Kind::CredentialMalformed));
}
