//! Calls of webhooks that a workspace wants notifications at: through the guard like every call, signed as the
//! Standard Webhooks specification says (<https://github.com/standard-webhooks/standard-webhooks>, version 1.0.0).

use std::time::Duration;

use aws_lc_rs::{hmac, rand};
use bytes::Bytes;
use data_encoding::BASE64;
use flero_keyring::Binding;
use flero_model::secret::SecretString;
use flero_store::{keys::SealedSecret, notifications::WebhookEndpoint};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;
use zeroize::Zeroizing;

use super::Connect;
use crate::{
    error::{Error, Kind},
    oauth::Prepared,
};

/// What a secret of the specification begins with.
const PREFIX: &str = "whsec_";
/// How long an endpoint may take; the specification recommends 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(15);

impl Connect {
    /// Makes the secret of an endpoint: told this once, and sealed. It is bound to the endpoint's URL, so that whoever
    /// changes the URL in the database gets no signature.
    ///
    /// # Errors
    /// [`Kind::VaultUnavailable`].
    pub async fn new_webhook_secret(
        &self,
        endpoint: &WebhookEndpoint,
    ) -> Result<(SecretString, SealedSecret), Error> {
        let mut random = Zeroizing::new([0_u8; 32]);
        rand::fill(&mut *random).map_err(|_| Error::new(Kind::VaultUnavailable))?;
        let secret = SecretString::new([PREFIX, &BASE64.encode(&*random)].concat());
        let sealed = self.keys()?.seal(&Binding::of_endpoint(endpoint), &secret.to_bytes()).await;
        Ok((secret, sealed.map_err(|_| Error::new(Kind::VaultUnavailable))?))
    }

    /// Whether a URL may be called for notifications: `https`, or `http` to a host that the operator's list names.
    ///
    /// # Errors
    /// [`Error`] with the reason.
    pub fn check_webhook(&self, url: &Url) -> Result<(), Error> {
        self.broker().map_err(Error::from)?.wire.check(url).map_err(Error::from)
    }

    /// Calls an endpoint with a message; gives back the status of the answer, whatever it is. Redirects are not
    /// followed: the signature is for one address.
    ///
    /// # Errors
    /// [`Error`] when there is no answer, the address is closed, or the secret does not open.
    pub async fn call_webhook(
        &self,
        endpoint: &WebhookEndpoint,
        sealed: &SealedSecret,
        id: &str,
        body: String,
    ) -> Result<u16, Error> {
        let url = Url::parse(&endpoint.url).map_err(|_| Error::new(Kind::Connect))?;
        let opened = self.keys()?.open_bound_for_connect(&Binding::of_endpoint(endpoint), &sealed.blob).await;
        let secret = opened.map_err(|error| {
            Error::new(if error.is_tampering() { Kind::VaultTampered } else { Kind::VaultUnavailable })
        })?;
        let seconds = self.inner.clock.now().as_millis() / 1_000;
        let signature = sign(secret.expose(), id, seconds, &body).ok_or(Error::new(Kind::VaultTampered))?;
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signature),
        ] {
            let value = HeaderValue::from_str(&value).map_err(|_| Error::new(Kind::Connect))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let prepared = Prepared { url, headers, body: Bytes::from(body), identity: None };
        let calling = self.broker().map_err(Error::from)?.wire.post(prepared);
        let answer = tokio::time::timeout(TIMEOUT, calling).await.map_err(|_| Error::new(Kind::Timeout))?;
        Ok(answer.map_err(Error::from)?.status)
    }
}

/// The signature of a message: `v1,` and HMAC-SHA-256 over identifier, time and body, in base64.
fn sign(secret: &[u8], id: &str, seconds: i64, body: &str) -> Option<String> {
    let coded = secret.strip_prefix(PREFIX.as_bytes())?;
    let key = Zeroizing::new(BASE64.decode(coded).ok()?);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", BASE64.encode(tag.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries (`standardwebhooks`, test of `sign`).
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = r#"{"test": 2432232314}"#;
        let signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(sign(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg", 1, body), None);
    }
}
