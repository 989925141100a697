use proptest::prelude::*;
use serde_json::json;

use super::*;

fn policy(auth_type: AuthType, parameters: Value) -> Policy {
    Policy {
        service: "http".to_owned(),
        auth_type,
        allowed_hosts: Vec::new(),
        parameters: parameters.as_object().cloned().unwrap_or_default(),
    }
}

fn scheme(auth_type: AuthType, parameters: Value, data: &Value) -> Result<Scheme, Kind> {
    Scheme::read(&policy(auth_type, parameters), &Document::read(data.to_string().as_bytes())?)
}

fn moment() -> Moment {
    Moment { now: Timestamp::default(), nonce: "n".to_owned() }
}

#[test]
fn a_described_credential_puts_each_value_in_its_place() {
    let placements = json!({"account": "acme", "placements": [
        {"in": "header", "name": "X-Key", "value": "Token {key}"},
        {"in": "query", "name": "account", "value": "{account}"},
        {"in": "path", "name": "token", "value": "{token}"},
    ]});
    let data = json!({"key": "canary-1", "token": "canary-2"});
    let custom = scheme(AuthType::Custom, placements.clone(), &data).unwrap();
    let mut url = url::Url::parse("https://ok.test/bot{token}/me").unwrap();
    let mut headers = HeaderMap::new();
    custom
        .apply(
            &mut Target { method: &http::Method::GET, url: &mut url, headers: &mut headers, body: None },
            &moment(),
        )
        .unwrap();
    assert_eq!(url.as_str(), "https://ok.test/botcanary-2/me?account=acme");
    assert_eq!(headers["x-key"], "Token canary-1");
    assert!(headers["x-key"].is_sensitive());
    let missing = scheme(AuthType::Custom, placements, &json!({"key": "canary-1"}));
    assert_eq!(missing.err(), Some(Kind::CredentialMalformed));
    assert_eq!(scheme(AuthType::Custom, json!({}), &data).err(), Some(Kind::CredentialMalformed));
}

#[test]
fn an_injected_value_is_marked_as_secret() {
    for (auth_type, parameters, data) in [
        (AuthType::Bearer, json!({}), json!({"token": "canary-1"})),
        (AuthType::Basic, json!({"username": "u"}), json!({"password": "canary-1"})),
        (AuthType::ApiKey, json!({"in": "header", "name": "x"}), json!({"key": "canary-1"})),
        (AuthType::CustomHeaders, json!({}), json!({"headers": {"x": "canary-1"}})),
    ] {
        let scheme = scheme(auth_type, parameters, &data).unwrap();
        assert!(!format!("{scheme:?}").contains("canary"));
        let Scheme::Fields(fields) = scheme else { panic!("a header") };
        assert!(fields.iter().all(|(_, value)| value.is_sensitive()));
    }
}

#[test]
fn a_document_of_another_shape_is_refused_without_quoting_it() {
    for data in
        [json!({"token": 5}), json!({"token": ["canary"]}), json!("canary"), json!({"token": ""}), json!({})]
    {
        assert_eq!(
            scheme(AuthType::Bearer, json!({}), &data).err(),
            Some(Kind::CredentialMalformed),
            "{data}"
        );
    }
    for text in ["a\nb", "a\rb", "a\0b", "a\u{7f}b"] {
        let refused = scheme(AuthType::Bearer, json!({}), &json!({"token": text})).err();
        assert_eq!(refused, Some(Kind::CredentialMalformed));
    }
}

proptest! {
    /// A key in the path stays one segment, and comes out as it went in, whatever it is made of.
    #[test]
    fn a_key_in_the_path_cannot_leave_its_segment(key in "[ -~]{1,20}") {
        let scheme = scheme(AuthType::ApiKey, json!({"in": "path", "name": "k"}), &json!({"key": key})).unwrap();
        let mut url = url::Url::parse("https://ok.test/a/{k}/b?c#d").unwrap();
        let mut headers = HeaderMap::new();
        let result = scheme.apply(&mut Target { method: &http::Method::GET, url: &mut url, headers: &mut headers, body: None }, &moment());
        prop_assert_eq!((url.host_str(), url.query()), (Some("ok.test"), Some("c")));
        if result.is_ok() {
            let segments: Vec<&str> = url.path().split('/').collect();
            prop_assert_eq!(segments.len(), 4);
            let decoded: Vec<(String, String)> = url::form_urlencoded::parse(segments[2].as_bytes()).into_owned().collect();
            prop_assert_eq!(decoded, vec![(key, String::new())]);
        } else {
            prop_assert!(key.bytes().all(|byte| byte == b'.'));
        }
    }

    /// A key in the query is the last parameter of its name, and the only one.
    #[test]
    fn a_key_in_the_query_is_there_once(key in "\\PC{1,20}", query in "[a-c=&%k0-9]{0,20}") {
        let scheme = scheme(AuthType::ApiKey, json!({"in": "query", "name": "k"}), &json!({"key": key})).unwrap();
        let mut url = url::Url::parse(&format!("https://ok.test/?{query}")).unwrap();
        let mut headers = HeaderMap::new();
        scheme.apply(&mut Target { method: &http::Method::GET, url: &mut url, headers: &mut headers, body: None }, &moment()).unwrap();
        let found: Vec<String> = url.query_pairs().filter(|(name, _)| name == "k").map(|(_, value)| value.into_owned()).collect();
        prop_assert_eq!(found, vec![key]);
    }

    /// The comparison says the same as `==`.
    #[test]
    fn the_constant_time_comparison_is_a_comparison(left in "[ab]{0,3}", right in "[ab]{0,3}") {
        prop_assert_eq!(constant_time_eq(left.as_bytes(), right.as_bytes()), left == right);
    }
}
