//! TLS towards services: trusted roots, protocol versions, and the one way to switch certificate checks off.
//!
//! `SSLKEYLOGFILE` has no effect: rustls logs keys only through a key log that is set, and none is set here.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::sync::OnceCell;

use crate::{auth::certificate::Identity, error::Kind};

/// How many TLS sessions a pool may resume. Sessions are never shared between pools, because a resumed session
/// links two connections.
const RESUMABLE_SESSIONS: usize = 32;

/// Which authorities are trusted.
#[derive(Debug, Clone)]
pub struct TlsRoots {
    /// Whether the machine's own store is used. It is read at the first TLS connection.
    pub system: bool,
    /// Further authorities, for example of a company or a test.
    pub extra: Vec<CertificateDer<'static>>,
}

impl Default for TlsRoots {
    fn default() -> Self {
        Self { system: true, extra: Vec::new() }
    }
}

/// Makes client configurations from roots that are read once.
#[derive(Debug)]
pub(crate) struct Tls {
    roots: TlsRoots,
    checked: OnceCell<ClientConfig>,
}

impl Tls {
    pub(crate) fn new(roots: TlsRoots) -> Self {
        Self { roots, checked: OnceCell::new() }
    }

    /// A configuration for one pool, with its own sessions.
    pub(crate) async fn config(
        &self,
        verify: bool,
        identity: Option<&Identity>,
    ) -> Result<Arc<ClientConfig>, Kind> {
        let mut config = match identity {
            _ if !verify => unchecking_config()?,
            // A credential that names the service's authority trusts that one alone.
            Some(identity) if !identity.roots.is_empty() => trusting(&identity.roots)?,
            _ => self.checked.get_or_try_init(|| self.checking_config()).await?.clone(),
        };
        if let Some(shown) = identity.and_then(Identity::resolver) {
            config.client_auth_cert_resolver = shown;
        }
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.resumption = Resumption::in_memory_sessions(RESUMABLE_SESSIONS);
        Ok(Arc::new(config))
    }

    async fn checking_config(&self) -> Result<ClientConfig, Kind> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.roots.extra.iter().cloned());
        if self.roots.system {
            // Reading some hundred files would stop other work on this thread.
            let found = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs)
                .await
                .map_err(|_| Kind::NoTrustedRoots)?;
            store.add_parsable_certificates(found.certs);
        }
        if store.is_empty() {
            return Err(Kind::NoTrustedRoots);
        }
        Ok(builder()?.with_root_certificates(store).with_no_client_auth())
    }
}

fn trusting(roots: &[CertificateDer<'static>]) -> Result<ClientConfig, Kind> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root.clone()).map_err(|_| Kind::CertificateUnreadable)?;
    }
    Ok(builder()?.with_root_certificates(store).with_no_client_auth())
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Kind> {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Kind::Tls)
}

fn unchecking_config() -> Result<ClientConfig, Kind> {
    let verifier = Arc::new(AnyCertificate(aws_lc_rs::default_provider()));
    Ok(builder()?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// Takes any certificate, but still checks that the peer holds its key.
#[derive(Debug)]
struct AnyCertificate(CryptoProvider);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
