//! Access tokens that are bound to a key or to a certificate: whoever only has the token can do nothing with it
//! (RFC 9449, RFC 8705 section 3).

use std::sync::Arc;

use flero_model::secret::SecretString;
use http::{HeaderMap, header};
use zeroize::Zeroizing;

use super::{Moment, Target, certificate::Identity, secret_value};
use crate::{
    error::Kind,
    oauth::dpop::{self, About, Nonces, ProofKey},
};

/// See the module. One with neither is a plain bearer token.
pub(crate) struct BoundToken {
    pub(crate) token: Zeroizing<String>,
    /// What signs the proofs, and what servers want to find in them.
    pub(crate) proof: Option<(ProofKey, Arc<Nonces>)>,
    /// The certificate that connections show.
    pub(crate) identity: Option<Arc<Identity>>,
}

impl BoundToken {
    /// # Errors
    /// [`Kind::CredentialMalformed`] when the sealed key cannot be read.
    pub(crate) fn new(
        token: &SecretString,
        key: Option<&SecretString>,
        nonces: &Arc<Nonces>,
        identity: Option<Arc<Identity>>,
    ) -> Result<Self, Kind> {
        let proof = key
            .map(|sealed| ProofKey::read(sealed).map(|key| (key, Arc::clone(nonces))))
            .transpose()
            .map_err(|_| Kind::CredentialMalformed)?;
        Ok(Self { token: Zeroizing::new(token.expose().clone()), proof, identity })
    }

    /// The word in front of the token (RFC 6750 section 2.1, RFC 9449 section 7.1).
    fn word(&self) -> &'static str {
        if self.proof.is_some() { "DPoP " } else { "Bearer " }
    }

    /// Adds the token, and the proof for this request.
    ///
    /// # Errors
    /// [`Kind::CertificateNeedsTls`] when a certificate is to be shown and there is no TLS;
    /// [`Kind::CredentialMalformed`] when the token cannot be sent.
    pub(crate) fn apply(&self, target: &mut Target<'_>, moment: &Moment) -> Result<(), Kind> {
        if self.identity.is_some() && target.url.scheme() != "https" {
            return Err(Kind::CertificateNeedsTls);
        }
        target.headers.insert(header::AUTHORIZATION, secret_value(&[self.word(), &self.token])?);
        let Some((key, nonces)) = &self.proof else { return Ok(()) };
        let nonce = nonces.get(key, &target.url.origin().ascii_serialization());
        let about = About {
            method: target.method,
            url: target.url,
            token: Some(&self.token),
            nonce: nonce.as_deref(),
        };
        let proof = key.proof(&about, &moment.nonce, moment.now).map_err(|_| Kind::CredentialMalformed)?;
        target.headers.insert(dpop::PROOF, proof);
        Ok(())
    }

    /// Keeps the nonce of an answer. `true` when the service refused for want of it.
    pub(crate) fn is_challenged(&self, origin: &str, status: u16, headers: &HeaderMap) -> bool {
        let Some((key, nonces)) = &self.proof else { return false };
        nonces.take(key, origin, headers) && dpop::wants_nonce(status, headers)
    }

    /// What is sent.
    pub(crate) fn header_value(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.word().as_bytes(), self.token.as_bytes()].concat())
    }
}
