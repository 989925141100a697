//! Security test 29: a corpus of URL tricks against every way in which a URL reaches the door.

use std::{net::IpAddr, sync::Arc};

use data_encoding::BASE64URL_NOPAD;
use flero_connect::{ProxyCall, Request};
use flero_model::role::Role;
use http::{HeaderMap, Method};

use super::harness::{Answer, Server, World, ascii_canary, principal};

const CORPUS: &str = include_str!("../data/url-tricks.txt");

fn corpus(port: u16) -> Vec<String> {
    CORPUS
        .lines()
        .filter(|line| !line.starts_with("//"))
        .map(|line| serde_json::from_str::<String>(line).unwrap())
        .map(|url| url.replace("{LONG}", &format!("http://evil.test:{{P}}/{}", "a".repeat(20_000))))
        .map(|url| url.replace("{P}", &port.to_string()))
        .collect()
}

/// The allowed server on 127.0.0.1, the other one on 127.0.0.2 at the same port, where every other name leads.
async fn world() -> (World, Server, Server) {
    let evil = Server::start_at("127.0.0.2:0", Arc::new(|_| Answer::new(200, "evil")), None).await;
    let address = format!("127.0.0.1:{}", evil.port());
    let ok = Server::start_at(
        &address,
        Arc::new(|seen| match seen.uri.strip_prefix("/to/") {
            Some(target) => {
                let target = BASE64URL_NOPAD.decode(target.as_bytes()).unwrap();
                if http::HeaderValue::from_bytes(&target).is_err() {
                    return Answer::new(200, "cannot be sent as a header");
                }
                Answer::new(302, "").header("location", target)
            }
            None => Answer::new(200, "ok"),
        }),
        None,
    )
    .await;
    let world = World::new();
    let mut names = world.memory.names.lock().unwrap();
    for name in ["evil.test", "localhost", "metadata.google.internal"] {
        names.insert(name.to_owned(), vec![vec![IpAddr::from([127, 0, 0, 2])]]);
    }
    drop(names);
    (world, ok, evil)
}

fn assert_untouched(world: &World, evil: &Server, trick: &str) {
    assert!(evil.seen().is_empty(), "{trick:?} reached the other server");
    let asked = std::mem::take(&mut *world.memory.asked.lock().unwrap());
    assert!(asked.iter().all(|name| name == "ok.test"), "{trick:?} made the door ask for {asked:?}");
}

fn assert_silent(error: &flero_connect::Error) {
    let text = format!("{error} {error:?}");
    assert!(!text.contains(&ascii_canary()) && !text.contains("typed"), "{text}");
}

/// Security test 29: in the URL of a node.
#[tokio::test]
async fn no_trick_in_a_url_moves_the_credential() {
    let (world, _, evil) = world().await;
    let credential = world.bearer(&["ok.test", "http://ok.test"]);
    let tricks = corpus(evil.port());
    assert!(tricks.len() >= 500, "the corpus has only {} tricks", tricks.len());
    for trick in tricks {
        if let Err(error) = world.get(Some(credential), &trick).await {
            assert_silent(&error);
        }
        assert_untouched(&world, &evil, &trick);
    }
}

/// Security test 29: in the target of a redirect.
#[tokio::test]
async fn no_trick_in_a_redirect_moves_the_credential() {
    let (world, ok, evil) = world().await;
    let credential = world.bearer(&["ok.test", "http://ok.test"]);
    for trick in corpus(evil.port()).into_iter().filter(|trick| trick.len() < 4096) {
        let url = ok.url("ok.test", &format!("/to/{}", BASE64URL_NOPAD.encode(trick.as_bytes())));
        if let Err(error) = world.get(Some(credential), url).await {
            assert_silent(&error);
        }
        assert_untouched(&world, &evil, &trick);
    }
}

/// Security test 29: in the host and in the path of the proxy route.
#[tokio::test]
async fn no_trick_in_a_proxy_path_moves_the_credential() {
    let (world, _, evil) = world().await;
    let credential = world.bearer(&["ok.test", "http://ok.test"]);
    for trick in corpus(evil.port()) {
        let after_scheme = trick.split_once("://").map_or(trick.as_str(), |(_, rest)| rest);
        let whole = (after_scheme.to_owned(), "/".to_owned());
        let split = after_scheme.split_once('/').map(|(host, path)| (host.to_owned(), format!("/{path}")));
        let in_path = ("ok.test".to_owned(), after_scheme.to_owned());
        let joined = ("ok.test".to_owned(), format!("//{after_scheme}"));
        for (host, path_and_query) in [Some(whole), split, Some(in_path), Some(joined)].into_iter().flatten()
        {
            let mut principal = principal();
            principal.role = Role::Owner;
            let call = ProxyCall {
                principal,
                credential,
                method: Method::GET,
                host,
                path_and_query,
                headers: HeaderMap::new(),
                body: super::proxy::empty(),
                timeout: std::time::Duration::from_secs(5),
                errors: None,
            };
            if let Err(error) = world.door.proxy(call).await {
                assert_silent(&error);
            }
            assert_untouched(&world, &evil, &trick);
        }
    }
}

/// The corpus can fail: without a credential's policy, plain names of it do reach the other server.
#[tokio::test]
async fn the_other_server_is_reachable_without_a_policy() {
    let (world, _, evil) = world().await;
    assert_eq!(world.get(None, evil.url("evil.test", "/")).await.unwrap().body.as_ref(), b"evil");
    assert_eq!(evil.seen().len(), 1);
}

/// Fields that would change what the service sees of the request's target or framing.
#[tokio::test]
async fn fields_of_the_connection_cannot_be_set() {
    let (world, ok, _) = world().await;
    for (name, value, code) in [
        ("Host", "evil.test", "http.reserved_header"),
        ("hOsT", "evil.test", "http.reserved_header"),
        ("Content-Length", "5", "http.reserved_header"),
        ("Transfer-Encoding", "chunked", "http.reserved_header"),
        ("Connection", "authorization", "http.reserved_header"),
        ("Upgrade", "h2c", "http.reserved_header"),
        ("HTTP2-Settings", "AAA", "http.reserved_header"),
        ("Proxy-Authorization", "Basic x", "http.reserved_header"),
        ("Proxy-Connection", "keep-alive", "http.reserved_header"),
        ("Expect", "100-continue", "http.reserved_header"),
        ("TE", "trailers", "http.reserved_header"),
        ("X-Ok\r\nX-Bad", "1", "http.invalid_header"),
        ("X Ok", "1", "http.invalid_header"),
        (":authority", "evil.test", "http.invalid_header"),
        ("", "1", "http.invalid_header"),
        ("X-Ok", "1\r\nHost: evil.test", "http.invalid_header"),
        ("X-Ok", "1\n", "http.invalid_header"),
        ("X-Ok", "\0", "http.invalid_header"),
    ] {
        let mut request = Request::new(Method::GET, ok.url("ok.test", "/"));
        request.headers = vec![(name.to_owned(), value.to_owned())];
        assert_eq!(world.send(None, request).await.unwrap_err().code(), code, "{name:?}");
    }
    for method in [Method::CONNECT, Method::TRACE] {
        let refused = world.send(None, Request::new(method, ok.url("ok.test", "/"))).await.unwrap_err();
        assert_eq!(refused.code(), "http.method_refused");
    }
    assert!(ok.seen().is_empty());
}
