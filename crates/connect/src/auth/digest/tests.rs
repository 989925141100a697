use bytes::Bytes;
use http::Method;
use url::Url;

use super::*;

/// Sends `method url` after this challenge and gives back the answer's parameters.
fn answer(user: &str, password: &str, challenge: &str, cnonce: &str, method: Method, url: &str) -> Challenge {
    let digest = Digest::new(user, password);
    challenged(&digest, challenge, cnonce, method, url)
}

fn challenged(digest: &Digest, challenge: &str, cnonce: &str, method: Method, url: &str) -> Challenge {
    let mut url: Url = url.parse().unwrap();
    let origin = url.origin().ascii_serialization();
    let headers = HeaderMap::from_iter([(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_bytes(challenge.as_bytes()).unwrap(),
    )]);
    assert!(digest.take_challenge(&origin, &headers, &moment(cnonce)));
    sent(digest, method, &mut url, b"")
}

fn moment(cnonce: &str) -> Moment {
    Moment { now: flero_model::Timestamp::default(), nonce: cnonce.to_owned() }
}

fn sent(digest: &Digest, method: Method, url: &mut Url, body: &'static [u8]) -> Challenge {
    let mut headers = HeaderMap::new();
    let mut body = Bytes::from_static(body);
    digest.apply(&mut Target { method: &method, url, headers: &mut headers, body: Some(&mut body) }).unwrap();
    let line = headers.get(header::AUTHORIZATION).unwrap().to_str().unwrap().to_owned();
    challenge::read(&line).remove(0)
}

const RFC_7616: &str = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

/// RFC 7616 section 3.9.1.
#[test]
fn the_example_of_the_standard_is_answered_as_printed() {
    let url = "http://www.example.org/dir/index.html";
    let with = |challenge: &str| answer("Mufasa", "Circle of Life", challenge, CNONCE, Method::GET, url);
    let sha = with(RFC_7616);
    assert_eq!(sha.get("response"), Some("753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"));
    assert_eq!(
        (sha.get("nc"), sha.get("qop"), sha.get("uri")),
        (Some("00000001"), Some("auth"), Some("/dir/index.html"))
    );
    assert_eq!(sha.get("opaque"), Some("FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"));
    let md5 = with(&RFC_7616.replace("SHA-256", "MD5"));
    assert_eq!(md5.get("response"), Some("8ca523f5e9506fed4657c9700eebdbec"));
}

/// RFC 7616 section 3.9.2 with the values of its erratum 4897: those that were printed were made with the wrong
/// initial values of SHA-512/256.
#[test]
fn a_user_name_is_hashed_where_the_service_asks_for_it() {
    let challenge = r#"Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDssOS", charset=UTF-8, userhash=true"#;
    let said = answer(
        "J\u{e4}s\u{f8}n Doe",
        "Secret, or not?",
        challenge,
        "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
        Method::GET,
        "http://api.example.org/doe.json",
    );
    assert_eq!(
        said.get("username"),
        Some("793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b")
    );
    assert_eq!(
        said.get("response"),
        Some("3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5")
    );
    assert_eq!(said.get("userhash"), Some("true"));
}

/// RFC 2617 section 3.5, and the same without `qop` as RFC 2069 has it.
#[test]
fn older_services_are_answered_too() {
    let challenge = r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#;
    let url = "http://www.nowhere.org/dir/index.html";
    let said = answer("Mufasa", "Circle Of Life", challenge, "0a4f113b", Method::GET, url);
    assert_eq!(said.get("response"), Some("6629fae49393a05397450978507c4ef1"));
    let plain = challenge.replace(r#"qop="auth,auth-int", "#, "");
    let said = answer("Mufasa", "Circle Of Life", &plain, "0a4f113b", Method::GET, url);
    assert_eq!(said.get("response"), Some("670fd8c2df070c60b045671b8b24ff02"));
    assert_eq!((said.get("cnonce"), said.get("nc")), (None, None));
}

#[test]
fn the_count_rises_until_the_service_gives_another_nonce() {
    let digest = Digest::new("Mufasa", "Circle of Life");
    let mut url: Url = "http://www.example.org/dir/index.html".parse().unwrap();
    let origin = url.origin().ascii_serialization();
    let first = challenged(&digest, RFC_7616, CNONCE, Method::GET, url.as_str());
    let second = sent(&digest, Method::GET, &mut url, b"");
    assert_eq!((first.get("nc"), second.get("nc")), (Some("00000001"), Some("00000002")));
    assert_ne!(first.get("response"), second.get("response"));
    let info =
        HeaderMap::from_iter([("authentication-info".parse().unwrap(), "nextnonce=\"n2\"".parse().unwrap())]);
    digest.take_info(&origin, &info);
    let third = sent(&digest, Method::GET, &mut url, b"");
    assert_eq!((third.get("nonce"), third.get("nc")), (Some("n2"), Some("00000001")));
}

#[test]
fn a_refusal_of_the_same_nonce_is_not_answered_unless_it_is_stale() {
    let digest = Digest::new("Mufasa", "wrong");
    let url = "http://www.example.org/";
    let _ = challenged(&digest, RFC_7616, CNONCE, Method::GET, url);
    let origin = Url::parse(url).unwrap().origin().ascii_serialization();
    let again = |challenge: &str| {
        let headers = HeaderMap::from_iter([(header::WWW_AUTHENTICATE, challenge.parse().unwrap())]);
        digest.take_challenge(&origin, &headers, &moment(CNONCE))
    };
    assert!(!again(RFC_7616));
    assert!(!again("Basic realm=\"x\""));
    let _ = sent(&digest, Method::GET, &mut url.parse().unwrap(), b"");
    assert!(again(&RFC_7616.replace("qop=", "stale=true, qop=")));
    let _ = sent(&digest, Method::GET, &mut url.parse().unwrap(), b"");
    assert!(again(&RFC_7616.replace("7ypf", "8ypf")));
}

#[test]
fn a_body_is_a_part_of_the_answer_where_only_that_is_offered() {
    let digest = Digest::new("u", "p");
    let challenge = r#"Digest realm="r", qop="auth-int", algorithm=SHA-256, nonce="n""#;
    let mut url: Url = "http://x.test/".parse().unwrap();
    let _ = challenged(&digest, challenge, "c", Method::POST, url.as_str());
    let (one, two) =
        (sent(&digest, Method::POST, &mut url, b"one"), sent(&digest, Method::POST, &mut url, b"two"));
    assert_eq!(one.get("qop"), Some("auth-int"));
    assert_ne!(one.get("response"), two.get("response"));
    let mut headers = HeaderMap::new();
    let streamed =
        digest.apply(&mut Target { method: &Method::POST, url: &mut url, headers: &mut headers, body: None });
    assert_eq!(streamed, Err(Kind::CredentialPlacement));
}

#[test]
fn the_strongest_challenge_is_answered() {
    let digest = Digest::new("u", "p");
    let both = r#"Digest realm="r", qop="auth", algorithm=MD5, nonce="a", Digest realm="r", qop="auth", algorithm=SHA-256-sess, nonce="b", Digest realm="r", algorithm=WHIRLPOOL, nonce="c""#;
    let said = challenged(&digest, both, "c", Method::GET, "http://x.test/");
    assert_eq!((said.get("algorithm"), said.get("nonce")), (Some("SHA-256-sess"), Some("b")));
}
