//! Accounts at servers that speak no HTTP: what each kind of them says for itself, so that one door leads to all.

use std::{future::Future, sync::Arc};

use flero_model::{
    credential::{AuthType, Policy},
    destination::{Destination, Scheme, parse_authority},
};
use rustls::ClientConfig;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    auth::{Document, certificate, certificate::Identity},
    dial::Dialer,
    error::Kind,
    scrub::Scrubber,
};

/// Why a server gave no answer.
pub(crate) enum Fault<R> {
    /// The server says so.
    Server(R),
    /// The connection or the answer says so.
    Kind(Kind),
}

impl<R> From<Kind> for Fault<R> {
    fn from(kind: Kind) -> Self {
        Self::Kind(kind)
    }
}

/// An account, opened for one use.
pub(crate) trait Account: Sized + Send + Sync {
    /// What is asked of the server.
    type Work: Sync;
    /// What it answers.
    type Answer: Send;
    /// What it says is wrong.
    type Refusal: Send;

    /// The type of its credentials.
    const AUTH_TYPE: AuthType;
    /// What is said of a credential of another type.
    const NEEDED: Kind;

    /// Where the server of a policy is. The scheme says whether TLS is used.
    fn destination(policy: &Policy) -> Option<Destination>;

    /// # Errors
    /// [`Kind::CredentialMalformed`]; [`Kind::CertificateUnreadable`].
    fn read(policy: &Policy, document: &Document) -> Result<Self, Kind>;

    /// Connects to a checked address, asks and disconnects.
    fn ask(
        &self,
        dialer: &Dialer,
        destination: &Destination,
        work: &Self::Work,
    ) -> impl Future<Output = Result<Self::Answer, Fault<Self::Refusal>>> + Send;

    /// Replaces the secret wherever the server repeats it.
    ///
    /// # Errors
    /// [`Kind::Decoding`] when nothing usable would be left.
    fn clean(scrubber: &Scrubber, answer: Self::Answer) -> Result<Self::Answer, Kind>;

    /// The same of a refusal.
    fn clean_refusal(scrubber: &Scrubber, refusal: Self::Refusal) -> Self::Refusal;

    /// Whether the server refused who asks.
    fn is_refused(refusal: &Self::Refusal) -> bool;
}

/// A text without the secret.
pub(crate) fn clean_text(scrubber: &Scrubber, text: &str) -> String {
    String::from_utf8_lossy(&scrubber.scrub(text.to_owned().into())).into_owned()
}

/// A value without the secret.
///
/// # Errors
/// [`Kind::Decoding`].
pub(crate) fn clean<T: Serialize + DeserializeOwned>(scrubber: &Scrubber, value: T) -> Result<T, Kind> {
    let bytes = serde_json::to_vec(&value).map_err(|_| Kind::Decoding)?;
    if !scrubber.finds(&bytes) {
        return Ok(value);
    }
    serde_json::from_slice(&scrubber.scrub(bytes.into())).map_err(|_| Kind::Decoding)
}

/// A parameter of a policy that has to be there.
///
/// # Errors
/// [`Kind::CredentialMalformed`].
pub(crate) fn text<'p>(policy: &'p Policy, name: &str) -> Result<&'p str, Kind> {
    let text = policy.parameters.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty()).ok_or(Kind::CredentialMalformed)
}

/// The server that a policy names, at its port or the usual one.
pub(crate) fn server(policy: &Policy, scheme: Scheme, default_port: u16) -> Option<Destination> {
    let (host, _) = parse_authority(text(policy, "host").ok()?).ok()?;
    let port = match policy.parameters.get("port") {
        // A connector's form gives texts.
        Some(Value::String(port)) => port.parse().ok()?,
        Some(port) => u16::try_from(port.as_u64()?).ok()?,
        None => default_port,
    };
    Some(Destination { scheme, host, port })
}

/// The only authorities of the server's certificate, where the policy names them.
///
/// # Errors
/// [`Kind::CertificateUnreadable`].
pub(crate) fn authorities(policy: &Policy) -> Result<Option<Arc<Identity>>, Kind> {
    let roots = text(policy, "ca").ok().map(certificate::certificates).transpose()?;
    Ok(roots.map(|roots| Arc::new(Identity::trusting(roots))))
}

/// The TLS of a protocol that is not HTTP, so that none is offered in the handshake.
///
/// # Errors
/// As [`crate::tls::Tls::config`].
pub(crate) async fn tls_config(
    dialer: &Dialer,
    identity: Option<&Identity>,
) -> Result<Arc<ClientConfig>, Kind> {
    let mut config = (*dialer.tls.config(true, identity).await?).clone();
    config.alpn_protocols.clear();
    Ok(config.into())
}
