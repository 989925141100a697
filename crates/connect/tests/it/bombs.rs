//! Security test 36: answers that are meant to exhaust are cut off.

use std::time::Duration;

use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use flero_connect::{Config, Kind, Request};
use http::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::harness::{Answer, Server, World};

/// A server that sends `head`, then `piece` again and again with a pause.
async fn drip(head: &'static str, piece: Vec<u8>, pause: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let piece = piece.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                if stream.write_all(head.as_bytes()).await.is_err() {
                    return;
                }
                while stream.write_all(&piece).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            });
        }
    });
    port
}

fn limited(url: String, max_body_bytes: u64, timeout: Duration) -> Request {
    let mut request = Request::new(Method::GET, url);
    request.max_body_bytes = max_body_bytes;
    request.timeout = timeout;
    request
}

const SECOND: Duration = Duration::from_secs(1);

/// Security test 36: a body without end, in every framing.
#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_limit() {
    let world = World::new();
    let piece = vec![b'x'; 16 * 1024];
    let mut chunk = b"4000\r\n".to_vec();
    chunk.extend_from_slice(&piece);
    chunk.extend_from_slice(b"\r\n");
    for (head, piece) in [
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", piece),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk),
    ] {
        let port = drip(head, piece, Duration::ZERO).await;
        let request = limited(format!("http://127.0.0.1:{port}/"), 1 << 20, 20 * SECOND);
        let refused = world.send(None, request).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::BodyTooLarge { limit: 1 << 20 });
    }
}

/// Security test 36: a length that is said to be too large is refused without reading.
#[tokio::test]
async fn ten_gigabytes_are_refused_by_their_length() {
    let port = drip("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n", vec![b'x'], 60 * SECOND).await;
    let request = limited(format!("http://127.0.0.1:{port}/"), 50 << 20, 20 * SECOND);
    let refused = World::new().send(None, request).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::BodyTooLarge { limit: 50 << 20 });
}

/// Security test 36: compression bombs in every coding, nested too.
#[tokio::test]
async fn a_compression_bomb_is_cut_off_at_the_limit() {
    let zeros = vec![0_u8; 8 << 20];
    let mut bombs: Vec<(&str, Vec<u8>)> = Vec::new();
    let mut gzip = Vec::new();
    GzipEncoder::new(zeros.as_slice()).read_to_end(&mut gzip).await.unwrap();
    let mut nested = Vec::new();
    GzipEncoder::new(gzip.as_slice()).read_to_end(&mut nested).await.unwrap();
    let mut brotli = Vec::new();
    BrotliEncoder::with_quality(zeros.as_slice(), async_compression::Level::Fastest)
        .read_to_end(&mut brotli)
        .await
        .unwrap();
    let mut zstd = Vec::new();
    ZstdEncoder::new(zeros.as_slice()).read_to_end(&mut zstd).await.unwrap();
    let mut zlib = Vec::new();
    ZlibEncoder::new(zeros.as_slice()).read_to_end(&mut zlib).await.unwrap();
    bombs.extend([("gzip", gzip), ("gzip, gzip", nested), ("br", brotli), ("zstd", zstd), ("deflate", zlib)]);
    let world = World::new();
    for (coding, body) in bombs {
        assert!(body.len() < 64 * 1024, "{coding} does not compress");
        let server =
            Server::start(move |_| Answer::new(200, body.clone()).header("content-encoding", coding)).await;
        let mut request = limited(server.url("ok.test", "/"), 1 << 20, 60 * SECOND);
        let refused = world.send(None, request).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::BodyTooLarge { limit: 1 << 20 }, "{coding}");
        request = limited(server.url("ok.test", "/"), 16 << 20, 60 * SECOND);
        let reply = world.send(None, request).await.unwrap();
        assert_eq!((reply.body.len(), reply.headers.get("content-encoding")), (8 << 20, None), "{coding}");
    }
}

/// Security test 36: a server that sends a byte now and then is cut off by the total time, one that falls
/// silent by the idle time.
#[tokio::test]
async fn a_slow_drip_ends_with_the_timeout() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    let port = drip(head, vec![b'x'], Duration::from_millis(20)).await;
    let request = limited(format!("http://127.0.0.1:{port}/"), 1 << 20, Duration::from_millis(300));
    assert_eq!(World::new().send(None, request).await.unwrap_err().kind(), Kind::Timeout);
    let silent = drip(head, vec![b'x'], 60 * SECOND).await;
    let impatient = World::with(Config {
        allow: "127.0.0.0/8".parse().unwrap(),
        idle_timeout: Duration::from_millis(100),
        ..Config::default()
    });
    let request = limited(format!("http://127.0.0.1:{silent}/"), 1 << 20, 30 * SECOND);
    assert_eq!(impatient.send(None, request).await.unwrap_err().kind(), Kind::IdleTimeout);
}

/// Security test 36: floods in the head, by number, by size and without an end.
#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let world = World::new();
    let many = Server::start(|_| {
        (0..200).fold(Answer::new(200, ""), |answer, number| answer.header(&format!("x-{number}"), "1"))
    })
    .await;
    let large = Server::start(|_| Answer::new(200, "").header("x-large", vec![b'x'; 200 * 1024])).await;
    for server in [many, large] {
        let refused = world.get(None, server.url("ok.test", "/")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::HeadTooLarge);
    }
    let endless = drip("HTTP/1.1 200 OK\r\n", b"x-flood: 1\r\n".repeat(1000), Duration::ZERO).await;
    let refused = world.get(None, format!("http://127.0.0.1:{endless}/")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::HeadTooLarge);
    let no_line_end = drip("HTTP/1.1 200 ", vec![b'x'; 8192], Duration::ZERO).await;
    let refused = world.get(None, format!("http://127.0.0.1:{no_line_end}/")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::HeadTooLarge);
}

#[tokio::test]
async fn no_more_connections_are_opened_than_allowed() {
    let port = drip("HTTP/1.1 200 OK\r\n", Vec::new(), 60 * SECOND).await;
    let world = World::with(Config {
        allow: "127.0.0.0/8".parse().unwrap(),
        max_connections: 3,
        ..Config::default()
    });
    let url = format!("http://127.0.0.1:{port}/");
    let calls = (0..5).map(|_| world.send(None, limited(url.clone(), 1, Duration::from_millis(400))));
    let kinds: Vec<_> = futures_util::future::join_all(calls)
        .await
        .into_iter()
        .map(|result| result.unwrap_err().kind())
        .collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::TooManyConnections).count(), 2);
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Timeout).count(), 3);
}

#[tokio::test]
async fn damaged_compression_is_told_as_such() {
    let server =
        Server::start(|_| Answer::new(200, "not gzip at all").header("content-encoding", "gzip")).await;
    let refused = World::new().get(None, server.url("ok.test", "/")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Decoding);
}
