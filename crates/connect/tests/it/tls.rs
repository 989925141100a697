//! TLS with certificates made here.

use std::sync::Arc;

use flero_connect::{Kind, Request};
use flero_model::credential::AuthType;
use http::Method;
use serde_json::json;

use super::harness::{Answer, Server, World, ascii_canary, certificate};

fn url(server: &Server, name: &str) -> String {
    format!("https://{name}:{}/", server.port())
}

#[tokio::test]
async fn a_trusted_certificate_for_the_name_is_taken_over_http_1_and_http_2() {
    for alpn in [&["http/1.1"][..], &["h2", "http/1.1"], &[]] {
        let (trusted, config) = certificate(&["service.test"], alpn);
        let server = Server::start_with(Arc::new(|_| Answer::new(200, "safe")), Some(config)).await;
        let world = World::trusting(trusted);
        let credential = world.bearer(&["service.test"]);
        for _ in 0..3 {
            let reply = world.get(Some(credential), url(&server, "service.test")).await.unwrap();
            assert_eq!((reply.status, reply.body.as_ref()), (200, b"safe".as_slice()));
        }
        let seen = server.seen();
        assert_eq!(seen[0].header("authorization"), Some(format!("Bearer {}", ascii_canary()).as_str()));
        // One connection served all three.
        assert!(seen.iter().all(|seen| seen.connection == 0), "{alpn:?}");
    }
}

#[tokio::test]
async fn an_address_is_checked_against_the_certificate_as_an_address() {
    let (trusted, config) = certificate(&["127.0.0.1"], &[]);
    let server = Server::start_with(Arc::new(|_| Answer::new(200, "safe")), Some(config)).await;
    let world = World::trusting(trusted);
    assert_eq!(world.get(None, url(&server, "127.0.0.1")).await.unwrap().status, 200);
    assert_eq!(world.get(None, url(&server, "service.test")).await.unwrap_err().kind(), Kind::Tls);
}

#[tokio::test]
async fn an_untrusted_certificate_and_one_for_another_name_are_refused() {
    let (_, untrusted) = certificate(&["service.test"], &[]);
    let (trusted, other_name) = certificate(&["other.test"], &[]);
    let world = World::trusting(trusted);
    for config in [untrusted, other_name] {
        let server = Server::start_with(Arc::new(|_| Answer::new(200, "unsafe")), Some(config)).await;
        let refused = world.get(None, url(&server, "service.test")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Tls);
        assert!(server.seen().is_empty());
    }
}

#[tokio::test]
async fn checks_can_be_switched_off_only_where_the_credential_allows_it() {
    let (trusted, _) = certificate(&["elsewhere.test"], &[]);
    let (_, untrusted) = certificate(&["service.test"], &[]);
    let server = Server::start_with(Arc::new(|_| Answer::new(200, "unsafe")), Some(untrusted)).await;
    let world = World::trusting(trusted);
    let strict = world.bearer(&["service.test"]);
    let lax = world.credential(
        AuthType::Bearer,
        json!({"validateSsl": false}),
        json!({"token": ascii_canary()}),
        &["service.test"],
    );
    let request = || {
        let mut request = Request::new(Method::GET, url(&server, "service.test"));
        request.validate_ssl = false;
        request
    };
    assert_eq!(world.send(Some(strict), request()).await.unwrap_err().kind(), Kind::InsecureTlsRefused);
    assert!(server.seen().is_empty());
    assert_eq!(world.send(Some(lax), request()).await.unwrap().status, 200);
    assert_eq!(world.send(None, request()).await.unwrap().status, 200);
    // The choice belongs to the request: the unchecked connection is not used for a request that checks.
    let checked = world.get(Some(lax), url(&server, "service.test")).await.unwrap_err();
    assert_eq!(checked.kind(), Kind::Tls);
}

/// A redirect from TLS to clear text is never followed, even to a host that the credential allows in clear text.
#[tokio::test]
async fn a_redirect_from_tls_to_clear_text_is_refused() {
    let sink = Server::start(|_| Answer::new(200, "clear")).await;
    let target = sink.url("service.test", "/");
    let (trusted, config) = certificate(&["service.test"], &[]);
    let handler = Arc::new(move |_: &_| Answer::new(302, "").header("location", &target));
    let server = Server::start_with(handler, Some(config)).await;
    let world = World::trusting(trusted);
    let credential = world.bearer(&["service.test", "http://service.test"]);
    for credential in [Some(credential), None] {
        let refused = world.get(credential, url(&server, "service.test")).await.unwrap_err();
        assert_eq!((refused.kind(), refused.status()), (Kind::RedirectInsecure, Some(302)));
    }
    assert!(sink.seen().is_empty());
}
