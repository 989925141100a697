//! TLS client certificates: PEM or PKCS #12, encrypted or not.
//!
//! The certificate is shown in the TLS handshake, so a connection is the identity: every such credential has
//! connections of its own (security test 35), and none without TLS.

use std::{fmt, sync::Arc};

use data_encoding::BASE64;
use flero_model::credential::Policy;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::{
    SignatureScheme,
    client::ResolvesClientCert,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use zeroize::Zeroizing;

use super::{Document, parameter};
use crate::error::Kind;

/// The chain of a credential's certificate, in DER.
///
/// # Errors
/// As [`Identity::read`].
pub(super) fn chain(policy: &Policy, document: &Document) -> Result<Vec<CertificateDer<'static>>, Kind> {
    let key = document.text("privateKey")?;
    if key.contains("-----BEGIN ") {
        return certificates(parameter(policy, "certificate")?);
    }
    Ok(read_archive(key, document.optional_text("passphrase").unwrap_or_default())?.0)
}

/// What a connection shows, and whom it trusts.
pub(crate) struct Identity {
    shown: Option<Arc<CertifiedKey>>,
    /// The only authorities that may have signed the service's certificate; empty for the usual ones.
    pub(crate) roots: Vec<CertificateDer<'static>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Identity(..)")
    }
}

impl Identity {
    /// # Errors
    /// [`Kind::CertificateUnreadable`] when certificate and key cannot be read, do not belong together, or the
    /// passphrase is wrong.
    pub(crate) fn read(policy: &Policy, document: &Document) -> Result<Self, Kind> {
        let key = document.text("privateKey")?;
        let passphrase = document.optional_text("passphrase").unwrap_or_default();
        let (chain, key) = if key.contains("-----BEGIN ") {
            let chain = certificates(parameter(policy, "certificate")?)?;
            (chain, read_key(key, passphrase)?)
        } else {
            read_archive(key, passphrase)?
        };
        let shown = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(|_| Kind::CertificateUnreadable)?;
        let roots = match parameter(policy, "ca") {
            Ok(pem) => certificates(pem)?,
            Err(_) => Vec::new(),
        };
        Ok(Self { shown: Some(Arc::new(shown)), roots })
    }

    /// An identity that shows nothing, and trusts these authorities alone.
    pub(crate) const fn trusting(roots: Vec<CertificateDer<'static>>) -> Self {
        Self { shown: None, roots }
    }

    /// What shows the certificate in handshakes.
    pub(crate) fn resolver(&self) -> Option<Arc<dyn ResolvesClientCert>> {
        let shown = Arc::clone(self.shown.as_ref()?);
        Some(Arc::new(Always(shown)))
    }
}

/// The certificates of a PEM text, in their order.
///
/// # Errors
/// [`Kind::CertificateUnreadable`] when there is none, or one is damaged.
pub(crate) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Kind> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| Kind::CertificateUnreadable)?;
    if chain.is_empty() { Err(Kind::CertificateUnreadable) } else { Ok(chain) }
}

const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

/// A key as PEM: PKCS #8, PKCS #1 or SEC 1; PKCS #8 also encrypted (RFC 8018).
fn read_key(pem: &str, passphrase: &str) -> Result<PrivateKeyDer<'static>, Kind> {
    let Some(start) = pem.find(ENCRYPTED) else {
        return PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| Kind::CertificateUnreadable);
    };
    let body: Zeroizing<String> = Zeroizing::new(
        pem[start + ENCRYPTED.len()..]
            .split("-----END ")
            .next()
            .unwrap_or_default()
            .split_ascii_whitespace()
            .collect(),
    );
    let der = BASE64.decode(body.as_bytes()).map_err(|_| Kind::CertificateUnreadable)?;
    let plain = EncryptedPrivateKeyInfoRef::try_from(der.as_slice())
        .and_then(|info| info.decrypt(passphrase))
        .map_err(|_| Kind::CertificateUnreadable)?;
    Ok(PrivatePkcs8KeyDer::from(plain.as_bytes().to_vec()).into())
}

/// A PKCS #12 file (RFC 7292) in base64: its key and the chain of its certificate.
fn read_archive(
    coded: &str,
    passphrase: &str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Kind> {
    let coded: Zeroizing<String> = Zeroizing::new(coded.split_ascii_whitespace().collect());
    let der = Zeroizing::new(BASE64.decode(coded.as_bytes()).map_err(|_| Kind::CertificateUnreadable)?);
    let archive = KeyStore::from_pkcs12(&der, passphrase, Pkcs12ImportPolicy::Strict)
        .map_err(|_| Kind::CertificateUnreadable)?;
    let (_, found) = archive.private_key_chain().ok_or(Kind::CertificateUnreadable)?;
    let chain = found.certs().iter().map(|one| CertificateDer::from(one.as_der().to_vec())).collect();
    Ok((chain, PrivatePkcs8KeyDer::from(found.key().as_der().to_vec()).into()))
}

/// Shows one certificate to whoever asks for one.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesClientCert for Always {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
