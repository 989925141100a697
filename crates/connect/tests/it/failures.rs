//! Security test 39: what an error says, for every failure and every placement of the secret.

use std::{sync::Arc, time::Duration};

use flero_connect::{Config, Error, Request, TlsRoots};
use http::Method;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::harness::{Answer, Server, World, ascii_canary, certificate};

/// A server that answers every connection with these bytes and closes it.
async fn raw(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 8192];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    port
}

fn assert_silent(error: &Error) {
    let mut texts = vec![format!("{error} {error:?} {error:#?}")];
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        texts.push(format!("{inner} {inner:?}"));
        cause = inner.source();
    }
    for text in texts {
        for leak in
            [ascii_canary().as_str(), "cnry", "query-canary", "body-canary", "header-canary", "tail-51"]
        {
            assert!(!text.contains(leak), "{leak} in: {text}");
        }
    }
}

/// Security test 39: DNS, TLS, refused, closed, timeout, bad HTTP, bad compression, status, in every placement.
#[tokio::test]
async fn no_error_quotes_what_was_sent() {
    let (_, untrusted) = certificate(&["ok.test"], &[]);
    let tls = Server::start_with(Arc::new(|_| Answer::new(200, "")), Some(untrusted)).await;
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let gzip =
        Server::start(|seen| Answer::new(200, seen.everything()).header("content-encoding", "gzip")).await;
    let failures = [
        ("http.dns", "http://missing.test/".to_owned()),
        ("http.tls", format!("https://ok.test:{}/", tls.port())),
        ("http.connect", format!("http://ok.test:{closed}/")),
        ("http.connection_closed", format!("http://ok.test:{}/", raw(b"").await)),
        (
            "http.connection_closed",
            format!("http://ok.test:{}/", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx").await),
        ),
        ("http.protocol", format!("http://ok.test:{}/", raw(b"not http, cnry/7+Kd\r\n\r\n").await)),
        (
            "http.protocol",
            format!("http://ok.test:{}/", raw(b"HTTP/1.1 200 OK\r\nContent-Length: cnry\r\n\r\n").await),
        ),
        (
            "http.protocol",
            format!(
                "http://ok.test:{}/",
                raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncnry\r\n").await
            ),
        ),
        ("http.decoding", gzip.url("ok.test", "/")),
        ("credential.destination_refused", "http://evil.test/".to_owned()),
        ("egress.blocked", "http://10.0.0.1/".to_owned()),
        ("http.invalid_url", "http://user:query-canary@ok.test/".to_owned()),
    ];
    let world = World::with(Config {
        allow: "127.0.0.0/8".parse().unwrap(),
        roots: TlsRoots { system: false, extra: vec![certificate(&["x.test"], &[]).0] },
        ..Config::default()
    });
    world.memory.names.lock().unwrap().insert("missing.test".to_owned(), Vec::new());
    let hosts = ["http://ok.test", "ok.test", "http://missing.test", "http://10.0.0.1"];
    for credential in world.in_every_placement(&hosts) {
        for (code, url) in &failures {
            let mut request = Request::new(Method::POST, format!("{url}?q=query-canary#query-canary"));
            request.headers = vec![("X-Typed".to_owned(), "header-canary".to_owned())];
            request.body = "body-canary".into();
            request.timeout = Duration::from_secs(5);
            let error = world.send(Some(credential), request).await.unwrap_err();
            assert_eq!(error.code(), *code, "{url}");
            assert_silent(&error);
        }
    }
    for row in world.trail() {
        let text = format!("{row:?}");
        assert!(!text.contains("canary") && !text.contains("cnry"), "{text}");
    }
}

/// Every kind says what happened and what to do, in its own words, under its own code.
#[test]
fn every_code_is_documented() {
    let page = include_str!("../../../../docs/guide/egress.md");
    let source = include_str!("../../src/error.rs");
    let codes: Vec<&str> = source
        .lines()
        .filter_map(|line| line.split_once("=> \"").map(|(_, rest)| rest))
        .filter_map(|rest| rest.strip_suffix("\",").filter(|code| code.contains('.') && !code.contains(' ')))
        .collect();
    assert!(codes.len() > 30);
    for code in codes {
        assert!(page.contains(&format!("`{code}`")), "docs/guide/egress.md does not explain {code}");
    }
}

#[tokio::test]
async fn an_error_tells_whether_it_may_pass() {
    let world = World::new();
    let half = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx").await;
    let error = world.get(None, format!("http://ok.test:{half}/")).await.unwrap_err();
    assert!(error.kind().is_transient());
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = world.get(None, format!("http://ok.test:{closed}/")).await.unwrap_err();
    assert!(error.kind().is_transient());
}
