//! Metadata and requests; ID tokens themselves are tested with a provider that signs them.

use super::*;

fn client() -> OpenidClient {
    OpenidClient {
        organization: OrganizationId::from_u128(1),
        issuer: "https://id.example.com".into(),
        client_id: "c".into(),
        method: ClientAuthMethod::None,
        key_id: None,
        secret: None,
    }
}

fn document() -> Value {
    json!({"issuer": "https://id.example.com", "authorization_endpoint": "https://id.example.com/a?tenant=1",
        "token_endpoint": "https://id.example.com/t", "jwks_uri": "https://id.example.com/k",
        "code_challenge_methods_supported": ["S256", "plain"]})
}

#[test]
fn metadata_is_its_own_issuers_and_whole() {
    let issuer = "https://id.example.com";
    let read_changed = |change: &dyn Fn(&mut Value)| {
        let mut changed = document();
        change(&mut changed);
        read(issuer, changed.to_string().as_bytes())
    };
    assert!(!read_changed(&|_| {}).unwrap().names_issuer);
    assert_eq!(read_changed(&|one| one["issuer"] = json!("https://id.example.com/")), Err(Fault::Issuer));
    assert_eq!(
        read_changed(&|one| one["code_challenge_methods_supported"] = json!(["plain"])),
        Err(Fault::Downgrade)
    );
    for needed in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        assert_eq!(read_changed(&|one| one[needed] = Value::Null), Err(Fault::Answer), "{needed}");
    }
}

#[test]
fn a_request_says_what_an_attempt_needs_and_keeps_what_the_address_has() {
    let metadata = read("https://id.example.com", document().to_string().as_bytes()).unwrap();
    let (state, nonce, verifier) = (
        SecretString::from("s t"),
        SecretString::from("n"),
        SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    );
    let mut asked = OpenidRequest {
        redirect_uri: "https://flero.example/back",
        scopes: &["groups".to_owned()],
        state: &state,
        nonce: &nonce,
        verifier: &verifier,
        login_hint: None,
        reauthenticates: false,
    };
    let query = |asked: &OpenidRequest<'_>| -> Vec<(String, String)> {
        let url = Url::parse(&authorization_url(&metadata, &client(), asked).unwrap()).unwrap();
        url.query_pairs().into_owned().collect()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        query(&asked),
        [
            pair("tenant", "1"),
            pair("response_type", "code"),
            pair("client_id", "c"),
            pair("redirect_uri", "https://flero.example/back"),
            pair("scope", "openid email profile groups"),
            pair("nonce", "n"),
            // The challenge of RFC 7636 appendix B.
            pair("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            pair("code_challenge_method", "S256"),
            pair("state", "s t"),
        ]
    );
    asked.reauthenticates = true;
    let anew = query(&asked);
    assert!(anew.contains(&pair("prompt", "login")) && anew.contains(&pair("max_age", "0")));
}
