//! Connections that do not behave.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo, routing::get};
use flero_api::{Limits, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::{sleep, timeout},
};

async fn slow() -> &'static str {
    sleep(Duration::from_millis(300)).await;
    "whole"
}

/// A server with short limits, and what ends it.
async fn start() -> (String, oneshot::Sender<()>, tokio::task::JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let limits = Limits {
        head_timeout: Duration::from_millis(300),
        connections: 2,
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        ..Limits::default()
    };
    let (end, ended) = oneshot::channel();
    let who = async |ConnectInfo(client): ConnectInfo<SocketAddr>| client.ip().to_string();
    let router =
        Router::new().route("/", get(|| async { "ok" })).route("/slow", get(slow)).route("/who", get(who));
    let served = tokio::spawn(serve(listener, router, limits, async {
        let _ = ended.await;
    }));
    (address, end, served)
}

async fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset instead of an answer is an end, too.
    let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer))
        .await
        .expect("the connection stays open");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_request_comes_from_whom_the_trusted_proxy_names() {
    let (address, _end, _) = start().await;
    for (field, client) in [("", "127.0.0.1"), ("x-forwarded-for: 192.0.2.1, 203.0.113.9\r\n", "203.0.113.9")]
    {
        let request = format!("GET /who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{field}\r\n");
        assert!(exchange(&address, &request).await.ends_with(&format!("\r\n\r\n{client}")), "{client}");
    }
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off() {
    let (address, _end, _) = start().await;
    assert!(!exchange(&address, "GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await.contains("200 OK"));
    assert!(
        exchange(&address, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.ends_with("ok")
    );
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let (address, _end, _) = start().await;
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(200));
    let answer = exchange(&address, &many).await;
    // hyper answers 431; a reset of the connection can overtake the answer.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(200_000));
    assert!(!exchange(&address, &long).await.contains("200 OK"));
    assert!(!exchange(&address, "BREW coffee\r\n\r\n").await.contains("200 OK"));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_and_are_served() {
    let (address, _end, _) = start().await;
    let request = "GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answers =
        tokio::join!(exchange(&address, request), exchange(&address, request), exchange(&address, request));
    for answer in [answers.0, answers.1, answers.2] {
        assert!(answer.ends_with("whole"));
    }
}

#[tokio::test]
async fn a_request_that_runs_is_finished_at_the_end() {
    let (address, end, served) = start().await;
    let running =
        tokio::spawn(async move { exchange(&address, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await });
    sleep(Duration::from_millis(100)).await;
    end.send(()).unwrap();
    assert!(running.await.unwrap().ends_with("whole"));
    timeout(Duration::from_secs(5), served).await.unwrap().unwrap().unwrap();
}
