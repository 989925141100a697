//! Security tests 28 and 34: where a redirect may lead, and what goes along.

use flero_connect::{Kind, Request};
use flero_model::credential::AuthType;
use http::Method;
use serde_json::json;

use super::harness::{Answer, Server, World, ascii_canary};

/// A sink that answers everything, and a source that redirects to `/to?<status>|<target>`.
async fn pair() -> (Server, Server) {
    let sink = Server::start(|_| Answer::new(200, "sink")).await;
    let source =
        Server::start(|seen| match seen.uri.strip_prefix("/to/").filter(|rest| !rest.contains("?x=")) {
            Some(rest) => {
                let (status, target) = rest.split_once('/').unwrap();
                let target = data_encoding::BASE64URL_NOPAD
                    .decode(target.split('?').next().unwrap().as_bytes())
                    .unwrap();
                Answer::new(status.parse().unwrap(), "moved").header("location", target)
            }
            None => Answer::new(200, "arrived"),
        })
        .await;
    (source, sink)
}

fn to(source: &Server, name: &str, status: u16, target: &str) -> String {
    source.url(name, &format!("/to/{status}/{}", data_encoding::BASE64URL_NOPAD.encode(target.as_bytes())))
}

fn assert_clean(sink: &Server) {
    for seen in sink.seen() {
        let text = seen.everything();
        // The characters that no encoding of a URL or a header changes.
        assert!(!text.contains("cnry") && !text.contains("canary-"), "the sink saw the secret: {text}");
        assert_eq!(seen.header("authorization"), None);
        assert_eq!(seen.header("referer"), None);
        assert_eq!(seen.header("cookie"), None);
    }
}

/// Security test 28: every status times every kind of target, with the secret in every placement. A sink
/// outside the policy never hears of the request; one inside it never sees the secret.
#[tokio::test]
async fn a_redirect_never_carries_the_secret_away() {
    let (source, sink) = pair().await;
    let world = World::new();
    let hosts = ["http://ok.test", "http://other.test"];
    for credential in world.in_every_placement(&hosts) {
        for status in [301, 302, 303, 307, 308] {
            let outside = [
                sink.url("evil.test", "/x"),
                sink.url("sub.ok.test", "/x"),
                format!("//evil.test:{}/x", sink.port()),
                format!("https://ok.test:{}/x", sink.port()),
                format!("http://ok.test:{}@evil.test:{}/x", source.port(), sink.port()),
                "ftp://ok.test/x".to_owned(),
                "https:evil.test/x".to_owned(),
                "///evil.test/x".to_owned(),
                "\\\\evil.test/x".to_owned(),
                "http://evil.test\\@ok.test/x".to_owned(),
                "http://169.254.169.254/latest".to_owned(),
                "http://[::ffff:169.254.169.254]/".to_owned(),
            ];
            for target in &outside {
                let refused = world.get(Some(credential), to(&source, "ok.test", status, target)).await.err();
                let kind = refused.map(|error| error.kind());
                assert!(
                    matches!(
                        kind,
                        Some(Kind::DestinationRefused | Kind::RedirectInvalid | Kind::Blocked(_) | Kind::Tls)
                    ),
                    "{status} {target}: {kind:?}"
                );
            }
            let inside = [sink.url("other.test", "/x"), sink.url("ok.test", "/other-port")];
            for target in &inside {
                let mut request = Request::new(Method::GET, to(&source, "ok.test", status, target));
                request.headers = vec![
                    ("Authorization".to_owned(), "Bearer typed-by-hand".to_owned()),
                    ("Cookie".to_owned(), "a=typed-by-hand".to_owned()),
                    ("X-Token".to_owned(), "typed-by-hand".to_owned()),
                    ("Accept-Language".to_owned(), "de".to_owned()),
                ];
                let reply = world.send(Some(credential), request).await.unwrap();
                assert_eq!((reply.status, reply.redirects), (200, 1), "{target}");
            }
        }
    }
    assert_clean(&sink);
    assert!(sink.seen().iter().all(|seen| !seen.everything().contains("typed-by-hand")));
    assert!(sink.seen().iter().all(|seen| seen.header("accept-language") == Some("de")));
}

/// The same origin gets the credential again, in whatever way the target is written.
#[tokio::test]
async fn a_redirect_within_the_origin_keeps_the_credential() {
    let (source, _) = pair().await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    for target in [
        "/here",
        "../../here?x=1",
        "?x=2",
        &source.url("ok.test", "/here"),
        &format!("//ok.test:{}/h", source.port()),
    ] {
        let reply = world.get(Some(credential), to(&source, "ok.test", 302, target)).await.unwrap();
        assert_eq!(reply.status, 200, "{target}");
        let last = source.seen().pop().unwrap();
        assert_eq!(
            last.header("authorization"),
            Some(format!("Bearer {}", ascii_canary()).as_str()),
            "{target}"
        );
        assert_eq!(last.header("referer"), None);
    }
}

#[tokio::test]
async fn a_body_goes_again_only_to_the_same_origin() {
    let (source, sink) = pair().await;
    let world = World::new();
    for (status, target, expected) in [
        (307, "/again".to_owned(), Some((Method::POST, "payload"))),
        (308, "/again".to_owned(), Some((Method::POST, "payload"))),
        (301, "/again".to_owned(), Some((Method::GET, ""))),
        (302, "/again".to_owned(), Some((Method::GET, ""))),
        (303, "/again".to_owned(), Some((Method::GET, ""))),
        (307, sink.url("evil.test", "/x"), None),
        (308, sink.url("evil.test", "/x"), None),
    ] {
        let mut request = Request::new(Method::POST, to(&source, "ok.test", status, &target));
        request.body = "payload".into();
        request.headers = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
        let result = world.send(None, request).await;
        match expected {
            Some((method, body)) => {
                result.unwrap();
                let last = source.seen().pop().unwrap();
                assert_eq!(
                    (&last.method, last.body.as_ref()),
                    (&method, body.as_bytes()),
                    "{status} {target}"
                );
                assert_eq!(last.header("content-type").is_some(), !body.is_empty());
            }
            None => assert_eq!(result.err().map(|error| error.kind()), Some(Kind::RedirectBody)),
        }
    }
    assert!(sink.seen().is_empty());
}

/// An open redirector of the service that puts its own query into the target.
#[tokio::test]
async fn a_target_that_holds_the_secret_is_not_followed() {
    let sink = Server::start(|_| Answer::new(200, "sink")).await;
    let port = sink.port();
    let source = Server::start(move |seen| {
        let query = seen.uri.split_once('?').map_or("", |(_, query)| query);
        Answer::new(302, "").header("location", format!("http://other.test:{port}/?{query}"))
    })
    .await;
    let world = World::new();
    let credential = world.credential(
        AuthType::ApiKey,
        json!({"in": "query", "name": "k"}),
        json!({"key": ascii_canary()}),
        &["http://ok.test", "http://other.test"],
    );
    let refused = world.get(Some(credential), source.url("ok.test", "/")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::RedirectSecret);
    assert!(!format!("{refused} {refused:?}").contains("cnry"));
    assert!(sink.seen().is_empty());
}

#[tokio::test]
async fn twenty_redirects_are_too_many_and_ten_are_not() {
    let source = Server::start(|seen| {
        let step: u32 = seen.uri.trim_start_matches('/').parse().unwrap();
        if step == 0 {
            Answer::new(200, "end")
        } else {
            Answer::new(302, "").header("location", format!("/{}", step - 1))
        }
    })
    .await;
    let world = World::new();
    assert_eq!(world.get(None, source.url("ok.test", "/10")).await.unwrap().redirects, 10);
    let refused = world.get(None, source.url("ok.test", "/20")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::TooManyRedirects);
    assert_eq!(source.seen().len(), 11 + 11);
}

#[tokio::test]
async fn a_redirect_is_handed_over_when_it_is_not_to_be_followed() {
    let (source, _) = pair().await;
    let world = World::new();
    let mut request = Request::new(Method::GET, to(&source, "ok.test", 302, "http://evil.test/x"));
    request.follow_redirects = false;
    let reply = world.send(None, request).await.unwrap();
    assert_eq!((reply.status, reply.headers["location"].to_str().unwrap()), (302, "http://evil.test/x"));
}

/// Security test 34: neither a Referer nor a proxy of the environment. The proxy is proven by its absence: the
/// client has no code for it, and a proxy would see the absolute form.
#[tokio::test]
async fn a_request_is_sent_in_origin_form_without_referer() {
    let (source, _) = pair().await;
    let world = World::new();
    world.get(None, to(&source, "ok.test", 302, "/end?a=b#fragment")).await.unwrap();
    let last = source.seen().pop().unwrap();
    assert_eq!(last.uri, "/end?a=b");
    assert_eq!(last.header("host"), Some(format!("ok.test:{}", source.port()).as_str()));
    assert_eq!(last.header("referer"), None);
}
