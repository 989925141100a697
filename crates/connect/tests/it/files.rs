//! Files that are never whole in memory: what is not taken is not read, and what is not read is not sent.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_compression::tokio::bufread::GzipEncoder;
use async_trait::async_trait;
use bytes::Bytes;
use flero_connect::{
    Kind, Request,
    call::{Landing, NotStored, Upload, UploadPieces},
    scrub::MARKER,
};
use flero_model::credential::AuthType;
use futures_util::stream;
use http::{HeaderMap, Method};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::harness::{Answer, Server, World, ascii_canary};

/// Much more than the buffers of two sockets hold.
const LENGTH: u64 = 64 << 20;
/// What the buffers of both ends of a connection hold at most (the system's own limits are 6 MB and 4 MB), and some.
const BUFFERS: u64 = 24 << 20;

/// Takes what says that it is an archive, a piece for each permit.
struct Store {
    gate: Semaphore,
    limit: u64,
    taken: Mutex<Vec<u8>>,
    begun: AtomicU64,
    largest: AtomicU64,
    keeps: bool,
}

impl Store {
    fn open(limit: u64) -> Arc<Self> {
        Arc::new(Self { gate: Semaphore::new(Semaphore::MAX_PERMITS), keeps: true, ..Self::closed(limit) })
    }

    fn closed(limit: u64) -> Self {
        Self {
            gate: Semaphore::new(0),
            limit,
            taken: Mutex::default(),
            begun: AtomicU64::default(),
            largest: AtomicU64::default(),
            keeps: false,
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.taken.lock().unwrap().clone()).unwrap()
    }
}

#[async_trait]
impl Landing for Store {
    async fn begin(&self, _status: u16, headers: &HeaderMap) -> Result<bool, NotStored> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.taken.lock().unwrap().clear();
        assert!(!format!("{headers:?}").contains(&ascii_canary()));
        Ok(headers.get("content-type").is_some_and(|kind| kind == "application/zip"))
    }

    async fn piece(&self, piece: Bytes) -> Result<(), NotStored> {
        self.gate.acquire().await.unwrap().forget();
        self.largest.fetch_max(piece.len() as u64, Ordering::SeqCst);
        if self.keeps {
            self.taken.lock().unwrap().extend_from_slice(&piece);
        }
        Ok(())
    }

    fn limit(&self) -> u64 {
        self.limit
    }
}

/// So many bytes, counted as they are asked for.
struct Counted {
    length: u64,
    asked: Arc<AtomicU64>,
}

impl Upload for Counted {
    fn length(&self) -> u64 {
        self.length
    }

    fn pieces(&self) -> UploadPieces {
        let (asked, whole) = (Arc::clone(&self.asked), self.length);
        Box::pin(stream::try_unfold(0_u64, move |sent| {
            let (asked, size) = (Arc::clone(&asked), (whole - sent).min(64 << 10));
            async move {
                asked.fetch_add(size, Ordering::SeqCst);
                let piece = Bytes::from(vec![b'u'; usize::try_from(size).unwrap()]);
                Ok((size > 0).then_some((piece, sent + size)))
            }
        }))
    }
}

/// Waits until a count has stood still for a while; that is when both ends wait for each other.
async fn settled(count: &AtomicU64) -> u64 {
    let mut last = u64::MAX;
    loop {
        let now = count.load(Ordering::SeqCst);
        if now == last && now > 0 {
            return now;
        }
        last = now;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

async fn head(stream: &mut TcpStream) -> (String, u64) {
    let mut seen = Vec::new();
    let end = loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap();
        seen.extend_from_slice(&piece[..read]);
        if let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    (String::from_utf8_lossy(&seen[..end]).to_lowercase(), (seen.len() - end) as u64)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_read_no_faster_than_it_is_stored() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&sent);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        head(&mut stream).await;
        let head =
            format!("HTTP/1.1 200 x\r\ncontent-type: application/zip\r\ncontent-length: {LENGTH}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let piece = vec![b'd'; 64 << 10];
        for _ in 0..LENGTH / piece.len() as u64 {
            stream.write_all(&piece).await.unwrap();
            counted.fetch_add(piece.len() as u64, Ordering::SeqCst);
        }
        // Until the other end has read all of it.
        let _ = stream.read(&mut [0]).await;
    });
    let store = Arc::new(Store::closed(LENGTH));
    let world = World::new();
    let credential = world.bearer(&[&format!("http://127.0.0.1:{port}")]);
    let mut request = Request::new(Method::GET, format!("http://127.0.0.1:{port}/"));
    request.landing = Some(Arc::<Store>::clone(&store));
    let asking = tokio::spawn(async move { world.send(Some(credential), request).await });
    let before = settled(&sent).await;
    assert!(before < BUFFERS, "{before} bytes were read although none is stored");
    store.gate.add_permits(1_000_000);
    let reply = asking.await.unwrap().unwrap();
    assert_eq!((reply.landed, reply.body.len()), (Some(LENGTH), 0));
    let largest = store.largest.load(Ordering::SeqCst);
    assert!(largest <= 1 << 20, "a piece has {largest} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_no_faster_than_it_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let may_read = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&may_read);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (head, mut read) = head(&mut stream).await;
        assert!(head.contains(&format!("content-length: {LENGTH}\r\n")), "{head}");
        gate.acquire().await.unwrap().forget();
        let mut piece = vec![0; 64 << 10];
        while read < LENGTH {
            read += stream.read(&mut piece).await.unwrap() as u64;
        }
        stream
            .write_all(format!("HTTP/1.1 200 x\r\ncontent-length: 8\r\n\r\n{read}").as_bytes())
            .await
            .unwrap();
    });
    let asked = Arc::new(AtomicU64::new(0));
    let world = World::new();
    let credential = world.bearer(&[&format!("http://127.0.0.1:{port}")]);
    let mut request = Request::new(Method::PUT, format!("http://127.0.0.1:{port}/"));
    request.upload = Some(Arc::new(Counted { length: LENGTH, asked: Arc::clone(&asked) }));
    let asking = tokio::spawn(async move { world.send(Some(credential), request).await });
    let before = settled(&asked).await;
    assert!(before < BUFFERS, "{before} bytes were read although none is taken");
    may_read.add_permits(1);
    let reply = asking.await.unwrap().unwrap();
    assert_eq!(reply.body, LENGTH.to_string());
}

/// Security test 38: a secret that a service sends back does not come to the disk, wherever the pieces are cut.
#[tokio::test]
async fn what_lands_is_scrubbed_and_decompressed() {
    let server = Server::start(|seen| {
        let echo = seen.everything();
        let (one, other) = echo.split_at(echo.find("cnry").unwrap() + 9);
        let pieces = vec![Bytes::from(one.to_owned()), Bytes::from(other.to_owned())];
        let answer = Answer { status: 200, pieces, ..Answer::default() }.header("x-echo", ascii_canary());
        match &*seen.uri {
            "/json" => answer.header("content-type", "application/json"),
            _ => answer.header("content-type", "application/zip"),
        }
    })
    .await;
    let world = World::new();
    let credential = world.bearer(&["http://ok.test"]);
    let store = Store::open(1 << 20);
    let ask = async |path: &str| {
        let mut request = Request::new(Method::GET, server.url("ok.test", path));
        request.landing = Some(Arc::<Store>::clone(&store));
        world.send(Some(credential), request).await.unwrap()
    };
    let reply = ask("/file").await;
    let text = store.text();
    assert!(text.contains(MARKER) && !text.contains("cnry"), "{text}");
    assert_eq!((reply.landed, reply.body.len()), (Some(text.len() as u64), 0));
    assert!(!format!("{:?}", reply.headers).contains("cnry"));
    assert!(reply.headers.get("content-length").is_none());
    let json = ask("/json").await;
    assert_eq!((json.landed, store.text().as_str()), (None, ""));
    assert!(String::from_utf8_lossy(&json.body).contains(MARKER));

    let mut packed = Vec::new();
    GzipEncoder::new(&b"unpacked"[..]).read_to_end(&mut packed).await.unwrap();
    let server = Server::start(move |_| {
        Answer::new(200, packed.clone())
            .header("content-type", "application/zip")
            .header("content-encoding", "gzip")
    })
    .await;
    let mut request = Request::new(Method::GET, server.url("ok.test", "/"));
    request.landing = Some(Arc::<Store>::clone(&store));
    let reply = world.send(Some(credential), request).await.unwrap();
    assert_eq!((reply.landed, store.text().as_str()), (Some(8), "unpacked"));
    assert!(reply.headers.get("content-encoding").is_none());
}

/// Security test 36: what lands has a limit too, said or not, and packed or not.
#[tokio::test]
async fn a_file_above_the_limit_is_cut_off() {
    let mut packed = Vec::new();
    GzipEncoder::new(vec![0; 4 << 20].as_slice()).read_to_end(&mut packed).await.unwrap();
    let server = Server::start(move |seen| {
        match &*seen.uri {
            "/packed" => Answer::new(200, packed.clone()).header("content-encoding", "gzip"),
            "/said" => Answer::new(200, vec![0; 4 << 20]),
            _ => {
                Answer { status: 200, pieces: vec![Bytes::from(vec![0; 64 << 10]); 64], ..Answer::default() }
            }
        }
        .header("content-type", "application/zip")
    })
    .await;
    let world = World::new();
    for path in ["/packed", "/said", "/unsaid"] {
        let store = Store::open(1 << 20);
        let mut request = Request::new(Method::GET, server.url("ok.test", path));
        request.landing = Some(Arc::<Store>::clone(&store));
        let refused = world.send(None, request).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::BodyTooLarge { limit: 1 << 20 }, "{path}");
        assert!(store.taken.lock().unwrap().len() <= 1 << 20);
    }
}

#[tokio::test]
async fn an_upload_is_sent_again_where_the_request_is_and_read_whole_where_it_is_signed() {
    let server = Server::start(|seen| match &*seen.uri {
        "/a" => Answer::new(307, "").header("location", "/b"),
        _ if seen.header("authorization").is_none() => {
            Answer::new(401, "").header("www-authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")
        }
        _ => Answer::new(200, seen.body.len().to_string()),
    })
    .await;
    let world = World::new();
    let send = async |credential, path: &str, length: u64| {
        let asked = Arc::new(AtomicU64::new(0));
        let mut request = Request::new(Method::PUT, server.url("ok.test", path));
        request.upload = Some(Arc::new(Counted { length, asked: Arc::clone(&asked) }));
        (world.send(Some(credential), request).await, asked.load(Ordering::SeqCst))
    };
    let bearer = world.bearer(&["http://ok.test"]);
    let (reply, asked) = send(bearer, "/a", 300_000).await;
    assert_eq!((reply.unwrap().body, asked), (Bytes::from("300000"), 600_000), "once for each hop");
    let digest = world.credential(
        AuthType::Digest,
        json!({"username": "ada"}),
        json!({"password": ascii_canary()}),
        &["http://ok.test"],
    );
    let (reply, asked) = send(digest, "/c", 300_000).await;
    assert_eq!((reply.unwrap().body, asked), (Bytes::from("300000"), 300_000));
    let (refused, asked) = send(digest, "/c", 51 << 20).await;
    assert_eq!((refused.unwrap_err().kind(), asked), (Kind::UploadTooLarge { limit: 50 << 20 }, 0));
}
