//! When a secret ends by itself, where it says so: a client certificate, a bearer token that is a signed JWT.

use data_encoding::BASE64URL_NOPAD;
use flero_model::{
    Timestamp,
    credential::{AuthType, Policy},
    secret::SecretBytes,
};
use x509_cert::{Certificate, der::Decode as _};

use super::{Document, certificate};

/// When the secret of a credential ends by its own word; `None` where it does not say, or cannot be read.
#[must_use]
pub fn secret_ends_at(policy: &Policy, data: &SecretBytes) -> Option<Timestamp> {
    let document = Document::read(data.expose()).ok()?;
    match policy.auth_type {
        // The service judges the whole chain, so the first one that ends counts.
        AuthType::Certificate => {
            certificate::chain(policy, &document).ok()?.iter().map(|der| not_after(der)).min()?
        }
        AuthType::Bearer => jwt_end(document.text("token").ok()?),
        _ => None,
    }
}

/// The end of a certificate's validity (RFC 5280 section 4.1.2.5).
fn not_after(der: &[u8]) -> Option<Timestamp> {
    let certificate = Certificate::from_der(der).ok()?;
    let end = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    i64::try_from(end.as_millis()).ok().map(Timestamp::from_millis)
}

/// The `exp` of a JWT (RFC 7519 section 4.1.4). Nothing is verified: it is its holder's own token.
fn jwt_end(token: &str) -> Option<Timestamp> {
    let mut parts = token.split('.');
    let (header, claims) = (parts.next()?, parts.next()?);
    if parts.count() != 1 || !header.starts_with("ey") {
        return None;
    }
    let claims = zeroize::Zeroizing::new(BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?);
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: f64,
    }
    let exp = serde_json::from_slice::<Claims>(&claims).ok()?.exp;
    // Beyond the year 9999 it is no date that anybody meant.
    #[allow(clippy::cast_possible_truncation)]
    (0.0..253_402_300_800.0).contains(&exp).then(|| Timestamp::from_millis((exp * 1_000.0) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(auth_type: AuthType) -> Policy {
        Policy {
            service: "http".into(),
            auth_type,
            allowed_hosts: Vec::new(),
            parameters: serde_json::Map::new(),
        }
    }

    fn bearer_end(token: &str) -> Option<Timestamp> {
        let document = serde_json::json!({"token": token}).to_string();
        secret_ends_at(&policy(AuthType::Bearer), &SecretBytes::new(document.into_bytes()))
    }

    #[test]
    fn a_signed_token_tells_its_end_and_another_one_does_not() {
        // RFC 7519 section 3.1: the example token, which ends in 2011.
        let example = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(bearer_end(example), Some(Timestamp::from_millis(1_300_819_380_000)));
        for other in ["sk_live_1", "a.b.c", "ey.e30.x", &example.replace('.', ":")] {
            assert_eq!(bearer_end(other), None, "{other}");
        }
    }

    #[test]
    fn a_client_certificate_tells_its_end() {
        let mut parameters = rcgen::CertificateParams::new(vec!["client".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(2031, 5, 6);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        let mut policy = policy(AuthType::Certificate);
        policy.parameters.insert("certificate".into(), certificate.pem().into());
        let document = serde_json::json!({"privateKey": key.serialize_pem()}).to_string();
        let data = SecretBytes::new(document.into_bytes());
        // 2031-05-06T00:00:00Z.
        assert_eq!(secret_ends_at(&policy, &data), Some(Timestamp::from_millis(1_935_792_000_000)));
        policy.parameters.insert("certificate".into(), "no certificate".into());
        assert_eq!(secret_ends_at(&policy, &data), None);
    }
}
