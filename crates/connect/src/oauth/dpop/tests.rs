//! The figures of RFC 9449, and what a verifier would ask of a proof.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::*;

/// The key of the figures of RFC 9449 section 4.1.
fn figure_key() -> Value {
    json!({"kty": "EC", "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA", "crv": "P-256"})
}

/// The proof of RFC 9449 section 7.1, without line breaks.
const FIGURE_PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
const FIGURE_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

fn decoded(part: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()
}

/// Verifies a proof by the key that it carries, as a server does; gives its claims.
fn verified(proof: &str) -> Value {
    let parts: Vec<&str> = proof.split('.').collect();
    let header: Value = serde_json::from_slice(&decoded(parts[0])).unwrap();
    assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    assert!(header["jwk"]["d"].is_null(), "the private part stays at home");
    let coordinate = |name: &str| decoded(header["jwk"][name].as_str().unwrap());
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    public.verify(format!("{}.{}", parts[0], parts[1]).as_bytes(), &decoded(parts[2])).unwrap();
    serde_json::from_slice(&decoded(parts[1])).unwrap()
}

/// The figures of RFC 9449 sections 6.1 and 7.1: thumbprint, hash of the token, and the signed text to the letter.
#[test]
fn the_figures_of_the_rfc_come_out_to_the_letter() {
    assert_eq!(thumbprint(&figure_key()), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    assert_eq!(hash(FIGURE_TOKEN.as_bytes()), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    let url = "https://resource.example.org/protectedresource?page=2#x".parse().unwrap();
    let about = About { method: &Method::GET, url: &url, token: Some(FIGURE_TOKEN), nonce: None };
    let claims = claims(&about, "e1j3V_bKic8-LAEB", Timestamp::from_millis(1_562_262_618_999));
    let coded = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let ours = format!("{}.{}", coded(&Value::Object(header(&figure_key()))), coded(&claims));
    assert_eq!(ours, FIGURE_PROOF.rsplit_once('.').unwrap().0);
    assert_eq!(verified(FIGURE_PROOF), claims, "and what verifies ours verifies theirs");
}

#[test]
fn a_proof_is_for_one_method_and_address_and_for_the_key_that_was_sealed() {
    let sealed = ProofKey::generate().unwrap();
    let key = ProofKey::read(&sealed).unwrap();
    let url = "https://api.example.com/a/b?secret=1".parse().unwrap();
    let about = About { method: &Method::POST, url: &url, token: None, nonce: Some("n-1") };
    let proof = key.proof(&about, "once", Timestamp::from_millis(5_000)).unwrap();
    let expected =
        json!({"jti": "once", "htm": "POST", "htu": "https://api.example.com/a/b", "iat": 5, "nonce": "n-1"});
    assert_eq!(verified(proof.to_str().unwrap()), expected);
    assert_eq!(ProofKey::read(&sealed).unwrap().thumbprint, key.thumbprint);
    assert_ne!(ProofKey::read(&ProofKey::generate().unwrap()).unwrap().thumbprint, key.thumbprint);
    assert!(ProofKey::read(&SecretString::from("bm8ga2V5")).is_err());
}

#[test]
fn a_nonce_is_kept_for_its_key_and_origin() {
    let [one, other] = [(); 2].map(|()| ProofKey::read(&ProofKey::generate().unwrap()).unwrap());
    let nonces = Nonces::default();
    let given =
        |nonce: &str| HeaderMap::from_iter([(HeaderName::from_static(NONCE), nonce.parse().unwrap())]);
    assert!(nonces.take(&one, "https://a", &given("n1")));
    assert!(!nonces.take(&one, "https://a", &given("n1")), "the same again is no news");
    assert!(nonces.take(&one, "https://a", &given("n2")));
    assert!(
        !nonces.take(&one, "https://a", &given("")) && !nonces.take(&one, "https://a", &HeaderMap::new())
    );
    assert_eq!(nonces.get(&one, "https://a").as_deref(), Some("n2"));
    assert_eq!((nonces.get(&other, "https://a"), nonces.get(&one, "https://b")), (None, None));
}

#[test]
fn only_a_refusal_for_the_nonce_asks_for_another_try() {
    for (status, field, wanted) in [
        (401, r#"DPoP error="use_dpop_nonce", error_description="x""#, true),
        (401, r#"Bearer, DPoP algs="ES256", error="use_dpop_nonce""#, true),
        (401, r#"DPoP error="invalid_token""#, false),
        (401, r#"Bearer error="use_dpop_nonce""#, false),
        (400, r#"DPoP error="use_dpop_nonce""#, false),
    ] {
        let headers = HeaderMap::from_iter([(http::header::WWW_AUTHENTICATE, field.parse().unwrap())]);
        assert_eq!(wants_nonce(status, &headers), wanted, "{status} {field}");
    }
}
