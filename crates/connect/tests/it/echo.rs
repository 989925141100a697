//! Security test 38: a service that sends back what it was sent, in every kind of body.

use async_compression::tokio::bufread::{
    BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder,
};
use bytes::Bytes;
use flero_connect::{Kind, Request, scrub::MARKER};
use flero_model::{CredentialId, credential::AuthType};
use http::Method;
use serde_json::json;
use tokio::io::AsyncReadExt;

use super::harness::{Answer, Server, World, ascii_canary};

/// Every way to authenticate that sends the canary.
fn credentials(world: &World) -> Vec<(&'static str, CredentialId)> {
    let hosts = ["http://ok.test"];
    let key = |place: &str, name: &str| {
        let key = if place == "cookie" { "canary-cookie-key-1".to_owned() } else { ascii_canary() };
        world.credential(AuthType::ApiKey, json!({"in": place, "name": name}), json!({"key": key}), &hosts)
    };
    vec![
        ("bearer", world.bearer(&hosts)),
        (
            "basic",
            world.credential(
                AuthType::Basic,
                json!({"username": "ada"}),
                json!({"password": ascii_canary()}),
                &hosts,
            ),
        ),
        ("header", key("header", "x-api-key")),
        ("query", key("query", "api_key")),
        ("cookie", key("cookie", "session")),
        ("path", key("path", "key")),
        ("body", key("body", "api_key")),
        (
            "custom",
            world.credential(
                AuthType::CustomHeaders,
                json!({}),
                json!({"headers": {"x-one": ascii_canary(), "x-two": "canary-second-22"}}),
                &hosts,
            ),
        ),
    ]
}

/// What no answer may hold: the secrets, and the pair of Basic as it is sent.
fn secrets() -> Vec<String> {
    let pair = data_encoding::BASE64.encode(format!("ada:{}", ascii_canary()).as_bytes());
    let percent = url::form_urlencoded::byte_serialize(ascii_canary().as_bytes()).collect();
    let json = serde_json::to_string(&ascii_canary()).unwrap().trim_matches('"').to_owned();
    vec![ascii_canary(), pair, percent, json, "canary-second-22".to_owned(), "canary-cookie-key-1".to_owned()]
}

fn assert_clean(what: &str, reply: &flero_connect::Reply) {
    let body = String::from_utf8_lossy(&reply.body);
    let headers = format!("{:?}", reply.headers);
    for secret in secrets() {
        assert!(!body.contains(&secret), "{what}: the body holds {secret}");
        assert!(!headers.contains(&secret), "{what}: the headers hold {secret}");
    }
}

fn request(server: &Server, path: &str) -> Request {
    let mut request = Request::new(Method::POST, server.url("ok.test", &format!("{path}/{{key}}")));
    request.headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    request.body = Bytes::from_static(b"{\"a\":1}");
    request.follow_redirects = false;
    request
}

async fn pack(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    match coding {
        "gzip" => GzipEncoder::new(body).read_to_end(&mut packed).await,
        "br" => {
            BrotliEncoder::with_quality(body, async_compression::Level::Fastest)
                .read_to_end(&mut packed)
                .await
        }
        "zstd" => ZstdEncoder::new(body).read_to_end(&mut packed).await,
        "deflate" => ZlibEncoder::new(body).read_to_end(&mut packed).await,
        "raw-deflate" => DeflateEncoder::new(body).read_to_end(&mut packed).await,
        _ => unreachable!("a coding of the list"),
    }
    .unwrap();
    packed
}

fn answer(seen: &super::harness::Seen) -> Answer {
    let echo = seen.everything();
    let fields =
        seen.headers.iter().map(|(name, value)| (format!("x-echo-{name}"), value.as_bytes().to_vec()));
    let kind = seen.uri.split('/').nth(1).unwrap_or_default();
    match kind {
        "text" => Answer::new(200, echo),
        "json" => Answer::new(200, json!({"headers": echo, "list": [echo]}).to_string()),
        "html" => Answer::new(
            500,
            format!("<p>{}</p>", echo.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")),
        ),
        "multipart" => Answer::new(
            200,
            format!("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n{echo}\r\n--b--\r\n"),
        ),
        "sse" => Answer {
            status: 200,
            pieces: (0..3).map(|n| format!("id: {n}\ndata: {echo}\n\n").into()).collect(),
            ..Answer::default()
        },
        "bytes" => Answer {
            status: 200,
            pieces: echo.bytes().map(|byte| vec![byte].into()).collect(),
            ..Answer::default()
        },
        "head" => Answer { status: 200, headers: fields.collect(), ..Answer::default() },
        "trailer" => {
            let trailers = fields.collect();
            Answer { status: 200, pieces: vec!["body".into()], trailers, ..Answer::default() }
        }
        "location" => {
            let target = format!(
                "/next?was={}",
                url::form_urlencoded::byte_serialize(echo.as_bytes()).collect::<String>()
            );
            Answer::new(302, "").header("location", target).header("set-cookie", format!("was={}", seen.uri))
        }
        "big" => {
            let size = if std::env::var_os("FLERO_SOAK").is_some() { 45 << 20 } else { 2 << 20 };
            let mut body = "x".repeat(size);
            body.push_str(&echo);
            body.push_str(&"y".repeat(1000));
            Answer::new(200, body)
        }
        _ => Answer::new(404, echo),
    }
}

/// Security test 38: every way to authenticate, every kind of body, a 404 and a 500 among them.
#[tokio::test]
async fn no_echo_brings_the_secret_back() {
    let server = Server::start(answer).await;
    let world = World::new();
    for (name, credential) in credentials(&world) {
        for kind in [
            "text",
            "json",
            "html",
            "multipart",
            "sse",
            "bytes",
            "head",
            "trailer",
            "location",
            "big",
            "unknown",
        ] {
            let reply = world.send(Some(credential), request(&server, &format!("/{kind}"))).await.unwrap();
            assert_clean(&format!("{name} {kind}"), &reply);
        }
        let seen = server.seen();
        let sent = seen.iter().filter(|seen| {
            secrets().iter().any(|secret| seen.everything().contains(secret))
                || seen.everything().contains("cnry%2F")
        });
        assert!(sent.count() > 0, "{name}: the server got no secret, so the test shows nothing");
    }
}

/// Security test 38: compressed bodies are decompressed first, in every coding.
#[tokio::test]
async fn no_compressed_echo_brings_the_secret_back() {
    for coding in ["gzip", "br", "zstd", "deflate", "raw-deflate"] {
        let echo = format!("{} {} {}", "a".repeat(5000), secrets().join(" | "), "b".repeat(5000));
        let packed = pack(coding, echo.as_bytes()).await;
        let name = coding.trim_start_matches("raw-");
        let server =
            Server::start(move |_| Answer::new(200, packed.clone()).header("content-encoding", name)).await;
        let world = World::new();
        for (kind, credential) in credentials(&world).into_iter().take(2) {
            let reply = world.send(Some(credential), request(&server, "/x")).await.unwrap();
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            assert!(
                body.starts_with("aaaa") && body.ends_with("bbbb") && body.contains(MARKER),
                "{coding} {kind}"
            );
            assert!(!body.contains(&ascii_canary()), "{coding} {kind}");
            assert_eq!(reply.headers.get("content-encoding"), None);
            assert_eq!(reply.headers.get("content-length"), None);
        }
    }
}

/// A coding that cannot be undone could hide the secret, so it is refused beside a credential alone.
#[tokio::test]
async fn an_unknown_coding_is_refused_beside_a_credential() {
    for coding in ["compress", "snappy", "gzip, exi", "gzip, gzip, gzip", "br;q=1"] {
        let server =
            Server::start(move |_| Answer::new(200, "data").header("content-encoding", coding)).await;
        let world = World::new();
        let credential = world.bearer(&["http://ok.test"]);
        let refused = world.get(Some(credential), server.url("ok.test", "/")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::EncodingUnsupported, "{coding}");
        let reply = world.get(None, server.url("ok.test", "/")).await.unwrap();
        assert_eq!(
            (reply.body.as_ref(), reply.headers["content-encoding"].to_str().unwrap()),
            (b"data".as_slice(), coding)
        );
    }
}

#[tokio::test]
async fn a_clean_answer_arrives_unchanged() {
    let server = Server::start(|_| {
        Answer::new(200, "{\"ok\":true}")
            .header("content-type", "application/json")
            .header("x-a", "1")
            .header("x-a", "2")
    })
    .await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let reply = world.get(Some(credential), server.url("ok.test", "/")).await.unwrap();
    assert_eq!(reply.body.as_ref(), b"{\"ok\":true}");
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(reply.headers.get_all("x-a").iter().count(), 2);
}

#[tokio::test]
async fn a_head_and_an_empty_answer_with_a_coding_are_taken() {
    let server = Server::start(|seen| {
        let status = if seen.uri == "/none" { 204 } else { 200 };
        Answer {
            status,
            headers: vec![("content-encoding".to_owned(), b"gzip".to_vec())],
            ..Answer::default()
        }
    })
    .await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    for (method, path) in [(Method::HEAD, "/"), (Method::GET, "/none"), (Method::GET, "/")] {
        let reply =
            world.send(Some(credential), Request::new(method, server.url("ok.test", path))).await.unwrap();
        assert!(reply.body.is_empty());
    }
}
