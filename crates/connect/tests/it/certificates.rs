//! TLS client certificates, against a server that demands one.

use std::{net::SocketAddr, sync::Arc};

use flero_connect::{Kind, Request};
use flero_model::{CredentialId, credential::AuthType};
use http::Method;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::harness::World;

const PASSPHRASE: &str = "correct-horse-1";

fn data(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/client-certificate/");
    std::fs::read_to_string([folder, name].concat()).unwrap()
}

/// An authority that signs client certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(parameters, key), certificate }
    }

    /// A client's certificate and key as PEM, and the certificate's bytes.
    fn client(&self, name: &str) -> (String, String, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let made =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (made.pem(), key.serialize_pem(), made.der().to_vec())
    }
}

/// Answers every request with the number of the connection and the certificate that it showed, in hexadecimal.
async fn demanding_server(authority: &CertificateDer<'static>) -> (SocketAddr, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec!["mtls.test".to_owned()]).unwrap();
    let own = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![own.clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for connection in 0.. {
            let Ok((stream, _)) = listener.accept().await else { return };
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
                let body = format!("{connection} {}", data_encoding::HEXLOWER.encode(&shown));
                let mut seen = Vec::new();
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    seen.extend_from_slice(&buffer[..read]);
                    if seen.ends_with(b"\r\n\r\n") {
                        seen.clear();
                        let answer =
                            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    (address, own)
}

async fn shown_by(world: &World, id: CredentialId, url: &str) -> (String, Vec<u8>) {
    let reply = world.get(Some(id), url).await.unwrap();
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    let (connection, shown) = text.split_once(' ').unwrap();
    (connection.to_owned(), data_encoding::HEXLOWER.decode(shown.as_bytes()).unwrap())
}

/// Security test 35: two credentials for one host each show their own certificate, request by request, and their
/// connections are not mixed.
#[tokio::test]
async fn two_credentials_for_one_host_show_their_own_certificates() {
    let authority = Authority::new();
    let (address, own) = demanding_server(&authority.certificate).await;
    let world = World::trusting(own);
    let url = format!("https://mtls.test:{}/", address.port());
    let made: Vec<_> = ["one", "two"]
        .into_iter()
        .map(|name| {
            let (certificate, key, der) = authority.client(name);
            let id = world.credential(
                AuthType::Certificate,
                json!({ "certificate": certificate }),
                json!({ "privateKey": key }),
                &["mtls.test"],
            );
            (id, der)
        })
        .collect();
    let mut connections = [Vec::new(), Vec::new()];
    for _ in 0..20 {
        for (place, (id, der)) in made.iter().enumerate() {
            let (connection, shown) = shown_by(&world, *id, &url).await;
            assert!(shown == *der, "the other certificate was shown");
            connections[place].push(connection);
        }
    }
    assert!(connections[0].iter().all(|one| !connections[1].contains(one)));
    // Connections are reused for the same credential, and a request without one shows nothing and gets nowhere.
    assert!(connections[0].iter().all(|one| *one == connections[0][0]));
    assert!(world.get(None, &url).await.is_err());
}

#[tokio::test]
async fn a_certificate_is_read_in_each_of_its_forms() {
    let authority = CertificateDer::from_pem_slice(data("authority.pem").as_bytes()).unwrap();
    let (address, own) = demanding_server(&authority).await;
    let world = World::trusting(own);
    let url = format!("https://mtls.test:{}/", address.port());
    let wanted = CertificateDer::from_pem_slice(data("certificate.pem").as_bytes()).unwrap().to_vec();
    let pem = json!({ "certificate": data("certificate.pem") });
    for (parameters, key, passphrase) in [
        (pem.clone(), "key.pem", ""),
        (pem.clone(), "key-encrypted.pem", PASSPHRASE),
        (json!({}), "modern.p12.base64", PASSPHRASE),
        (json!({}), "legacy.p12.base64", PASSPHRASE),
    ] {
        let secret = json!({"privateKey": data(key), "passphrase": passphrase});
        let id = world.credential(AuthType::Certificate, parameters, secret, &["mtls.test"]);
        assert!(shown_by(&world, id, &url).await.1 == wanted, "{key}");
    }
    let (_, other_key, _) = Authority::new().client("other");
    for (parameters, secret) in [
        (pem.clone(), json!({"privateKey": data("key-encrypted.pem"), "passphrase": "wrong"})),
        (json!({}), json!({"privateKey": data("modern.p12.base64"), "passphrase": "wrong"})),
        (json!({}), json!({"privateKey": "bm8gYXJjaGl2ZQ=="})),
        (pem, json!({ "privateKey": other_key })),
    ] {
        let id = world.credential(AuthType::Certificate, parameters, secret, &["mtls.test"]);
        assert_eq!(world.get(Some(id), &url).await.unwrap_err().kind(), Kind::CertificateUnreadable);
    }
}

#[tokio::test]
async fn a_credential_may_name_the_authority_of_its_service() {
    let authority = Authority::new();
    let (address, own) = demanding_server(&authority.certificate).await;
    let world = World::new();
    let url = format!("https://mtls.test:{}/", address.port());
    let (certificate, key, der) = authority.client("one");
    let with = |ca: Option<String>| {
        let parameters = json!({"certificate": certificate, "ca": ca.unwrap_or_default()});
        world.credential(AuthType::Certificate, parameters, json!({ "privateKey": key }), &["mtls.test"])
    };
    let body = data_encoding::BASE64.encode(&own);
    let named = with(Some(format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")));
    assert!(shown_by(&world, named, &url).await.1 == der);
    assert_eq!(world.get(Some(with(None)), &url).await.unwrap_err().kind(), Kind::Tls);
    assert_eq!(world.get(Some(with(Some(data("authority.pem")))), &url).await.unwrap_err().kind(), Kind::Tls);
}

#[tokio::test]
async fn a_certificate_is_not_used_without_tls() {
    let world = World::new();
    let service = super::harness::Server::start(|_| super::harness::Answer::new(200, "")).await;
    let (certificate, key, _) = Authority::new().client("one");
    let id = world.credential(
        AuthType::Certificate,
        json!({ "certificate": certificate }),
        json!({ "privateKey": key }),
        &["http://127.0.0.1"],
    );
    let refused = world.send(Some(id), Request::new(Method::GET, service.url("127.0.0.1", "/"))).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::CertificateNeedsTls);
    assert!(service.seen().is_empty());
}
