//! Events: the secrets that deliveries are verified by, and the one request that tells such a secret to a service.
//!
//! The secret of a subscription is made here and sealed at once, or comes from the service's answer and is sealed before
//! anybody sees it. Whoever asks for the registration writes a mark in its place, which is replaced on the way out.

use std::sync::Arc;

use bytes::Bytes;
use flero_keyring::{Binding, Keyring, needles};
use flero_model::{policy::Principal, secret::SecretString};
use flero_openapi::extension::Verification;
use flero_store::{events::Subscription, keys::SealedSecret};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Connect, admit::Use, send};
use crate::{
    auth::Document,
    call::{Call, Reply, Request},
    error::{Error, Kind},
    outcome::{Intent, Purpose, UseOutcome},
    scrub::Scrubber,
    signature::{self, Delivery},
};

/// A delivery that its service sent.
#[derive(Debug)]
pub struct Genuine {
    /// SHA-256 of its signature; `None` where the service sends a token instead.
    pub signature: Option<[u8; 32]>,
    /// Whether its body is signed.
    pub body_signed: bool,
    /// Whether its header fields are signed too.
    pub headers_signed: bool,
    /// How the use of a credential's field ended, to be stored with the run that is accepted.
    pub outcome: Option<UseOutcome>,
    /// Replaces the secret wherever else it stands; only where the service sends it.
    pub scrubber: Option<Arc<Scrubber>>,
}

/// A request that registers a subscription.
#[derive(Debug)]
pub struct Registering<'a> {
    /// The request. It follows no redirects: the secret is for one address.
    pub call: Call,
    /// What stands in the place of the secret.
    pub mark: &'a str,
    /// The subscription under the id that it goes on with.
    pub subscription: &'a Subscription,
    /// Its secret, where Flero makes it.
    pub secret: Option<&'a SealedSecret>,
    /// Where the answer has the secret, where the service makes it: a JSON pointer.
    pub told: Option<&'a str>,
}

impl Connect {
    pub(super) fn keys(&self) -> Result<&Keyring, Error> {
        self.inner.oauth.as_ref().map(|broker| broker.keyring()).ok_or_else(|| Kind::VaultUnavailable.into())
    }

    /// Makes the secret of a subscription, in the form that the rule says.
    ///
    /// # Errors
    /// [`Kind::VaultUnavailable`].
    pub async fn new_event_secret(
        &self,
        subscription: &Subscription,
        rule: &Verification,
    ) -> Result<SealedSecret, Error> {
        let mut random = Zeroizing::new([0_u8; 32]);
        aws_lc_rs::rand::fill(&mut *random).map_err(|_| Error::new(Kind::VaultUnavailable))?;
        self.seal_event(subscription, &signature::secret_of(rule, &random), 1).await
    }

    /// Seals the secret that a person gave. `None` when it does not have the form that the rule says.
    ///
    /// # Errors
    /// [`Kind::VaultUnavailable`].
    pub async fn seal_event_secret(
        &self,
        subscription: &Subscription,
        rule: &Verification,
        secret: &SecretString,
        revision: u64,
    ) -> Result<Option<SealedSecret>, Error> {
        if !signature::is_usable(rule, secret) {
            return Ok(None);
        }
        self.seal_event(subscription, secret, revision).await.map(Some)
    }

    async fn seal_event(
        &self,
        subscription: &Subscription,
        secret: &SecretString,
        revision: u64,
    ) -> Result<SealedSecret, Error> {
        let sealed =
            self.keys()?.seal(&Binding::of_subscription(subscription, revision), &secret.to_bytes()).await;
        sealed.map_err(|_| Kind::VaultUnavailable.into())
    }

    async fn open_event(
        &self,
        subscription: &Subscription,
        sealed: &SealedSecret,
    ) -> Result<SecretString, Error> {
        let binding = Binding::of_subscription(subscription, sealed.revision);
        let opened = self.keys()?.open_bound_for_connect(&binding, &sealed.blob).await;
        let plain = opened.map_err(|error| {
            Error::new(if error.is_tampering() { Kind::VaultTampered } else { Kind::VaultUnavailable })
        })?;
        plain.to_text().map_err(|_| Kind::VaultTampered.into())
    }

    /// Whether a delivery was sent by the service: over its raw body, in constant time, within the tolerance. `None`
    /// when it was not.
    ///
    /// # Errors
    /// [`Error`] when there is no secret to compare with. The sender learns nothing of it.
    pub async fn verify_delivery(
        &self,
        principal: &Principal,
        subscription: &Subscription,
        rule: &Verification,
        sealed: Option<&SealedSecret>,
        delivery: Delivery<'_>,
    ) -> Result<Option<Genuine>, Error> {
        let (secret, outcome) = self.event_secret(principal, subscription, rule, sealed).await?;
        let Some(proof) = signature::verify(rule, &secret, delivery, self.inner.clock.now()) else {
            return Ok(None);
        };
        let scrubber =
            matches!(rule, Verification::Token(_)).then(|| Arc::new(scrubber(secret.expose().as_bytes())));
        Ok(Some(Genuine {
            signature: proof.signature,
            body_signed: proof.body_signed,
            headers_signed: proof.headers_signed,
            outcome,
            scrubber,
        }))
    }

    /// The signature of a challenge that a genuine delivery asked for; `None` where only the service can sign.
    ///
    /// # Errors
    /// As [`Connect::verify_delivery`].
    pub async fn sign_challenge(
        &self,
        principal: &Principal,
        subscription: &Subscription,
        rule: &Verification,
        sealed: Option<&SealedSecret>,
        challenge: &str,
    ) -> Result<Option<String>, Error> {
        let (secret, _) = self.event_secret(principal, subscription, rule, sealed).await?;
        Ok(signature::sign_text(rule, &secret, challenge))
    }

    /// Whether the credential of a subscription holds what deliveries are verified by: asked before the service is.
    ///
    /// # Errors
    /// [`Error`] when the credential cannot be used.
    pub async fn can_verify_by_credential(
        &self,
        principal: &Principal,
        subscription: &Subscription,
        rule: &Verification,
    ) -> Result<bool, Error> {
        match self.event_secret(principal, subscription, rule, None).await {
            Ok((secret, _)) => Ok(signature::is_usable(rule, &secret)),
            // The field is missing or empty.
            Err(error) if matches!(error.kind(), Kind::CredentialMalformed | Kind::CredentialNotFound) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// The secret that deliveries are verified by, and the outcome of the use of a credential whose field it is.
    async fn event_secret(
        &self,
        principal: &Principal,
        subscription: &Subscription,
        rule: &Verification,
        sealed: Option<&SealedSecret>,
    ) -> Result<(SecretString, Option<UseOutcome>), Error> {
        match (rule.credential_field(), subscription.credential, sealed) {
            (Some(field), Some(credential), _) => {
                let purpose = Purpose::Inbound { workflow: subscription.workflow };
                let use_ = Use { principal, purpose: &purpose, intent: Intent::Record };
                let row = self.inner.find(&use_, credential).await.map_err(Error::new)?;
                let plain = self.inner.open(&row).await.map_err(Error::new)?;
                let document = Document::read(plain.expose()).map_err(Error::new)?;
                let secret = SecretString::from(document.text(field).map_err(Error::new)?);
                let revision = Some(row.credential.secret_revision);
                let mut outcome = use_.outcome(credential, revision, None, Ok(0), None);
                outcome.detail.status = None;
                Ok((secret, Some(outcome)))
            }
            (_, _, Some(sealed)) => Ok((self.open_event(subscription, sealed).await?, None)),
            _ => Err(Kind::CredentialNotFound.into()),
        }
    }

    /// Sends a registration with the secret in its place. The answer does not hold the secret any more; one that the
    /// service made is given back sealed.
    ///
    /// # Errors
    /// As [`Connect::send`]; [`Kind::VaultUnavailable`] and [`Kind::VaultTampered`] before anything is sent.
    pub async fn register_event(
        &self,
        asked: Registering<'_>,
    ) -> Result<(Reply, Option<SealedSecret>), Error> {
        let Registering { mut call, mark, subscription, secret, told } = asked;
        call.request.follow_redirects = false;
        let mut scrubbers = Vec::new();
        if let Some(sealed) = secret {
            let plain = self.open_event(subscription, sealed).await?;
            put(&mut call.request, mark, plain.expose());
            scrubbers.push(scrubber(plain.expose().as_bytes()));
        }
        let mut reply = send::send(&self.inner, call).await?;
        self.inner.counters.note(Ok(reply.status));
        let mut made = None;
        if let Some(pointer) = told
            && let Some(secret) = secret_in(&reply.body, pointer)
        {
            made = Some(self.seal_event(subscription, &secret, 1).await?);
            scrubbers.push(scrubber(secret.expose().as_bytes()));
        }
        for scrubber in &scrubbers {
            reply.body = scrubber.scrub(reply.body);
            scrubber.scrub_headers(&mut reply.headers);
        }
        Ok((reply, made))
    }
}

/// Puts the secret in the place of its mark, written as the place wants it. The mark is of letters and digits, and so is
/// the secret but for the signs of Base64, which JSON takes as they are.
fn put(request: &mut Request, mark: &str, secret: &str) {
    let coded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    request.url = request.url.replace(mark, &coded);
    let mut is_form = false;
    for (name, value) in &mut request.headers {
        is_form |= name.eq_ignore_ascii_case("content-type") && value.contains("form-urlencoded");
        *value = value.replace(mark, secret);
    }
    if let Ok(body) = std::str::from_utf8(&request.body) {
        request.body = Bytes::from(body.replace(mark, if is_form { &coded } else { secret }));
    }
}

fn secret_in(body: &[u8], pointer: &str) -> Option<SecretString> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let text = answer.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then(|| SecretString::from(text))
}

fn scrubber(secret: &[u8]) -> Scrubber {
    let found = needles::of_secret(secret).into_iter().map(needles::Needle::into_bytes).collect();
    Scrubber::new(found, vec![Zeroizing::new(secret.to_vec())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_written_as_its_place_wants_it() {
        let mut request = Request::new(http::Method::POST, "https://api.example.com/hooks?s=fleromark");
        request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        request.headers.push(("X-Secret".to_owned(), "fleromark".to_owned()));
        request.body = Bytes::from_static(b"{\"secret\":\"fleromark\"}");
        let mut form = Request::new(http::Method::POST, "https://api.example.com/hooks");
        form.headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        form.body = Bytes::from_static(b"secret=fleromark");
        for one in [&mut request, &mut form] {
            put(one, "fleromark", "a+b/c=");
        }
        assert_eq!(request.url, "https://api.example.com/hooks?s=a%2Bb%2Fc%3D");
        assert_eq!(request.headers[1].1, "a+b/c=");
        assert_eq!(request.body, "{\"secret\":\"a+b/c=\"}");
        assert_eq!(form.body, "secret=a%2Bb%2Fc%3D");
    }
}
