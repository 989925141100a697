//! Security test 40: what is logged at TRACE, by this crate and by every library under it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use flero_connect::Request;
use flero_model::credential::AuthType;
use http::Method;
use serde_json::json;
use tracing::subscriber::{DefaultGuard, set_default};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

use super::harness::{Answer, Server, World, certificate};

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Takes what this thread logs at TRACE until the guard is dropped. The runtime of a test has one thread, so what
    /// the tasks of libraries log is there too.
    pub(crate) fn begin() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber =
            tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(log.clone()).finish();
        (log, set_default(subscriber))
    }

    /// What was logged so far, each line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        text.lines().map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Security test 40: every placement of the secret over HTTP/1.1 and HTTP/2, successes and failures.
#[tokio::test]
async fn no_log_line_holds_the_secret() {
    let (log, _guard) = Log::begin();
    let (trusted, config) = certificate(&["ok.test"], &["h2"]);
    // The server runs on a thread of its own: what it logs is not what the door logs.
    let (send, receive) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let plain = Server::start(|seen| Answer::new(200, seen.everything())).await;
            let handler: super::harness::Handler = Arc::new(|seen| Answer::new(401, seen.everything()));
            let tls = Server::start_with(handler, Some(config)).await;
            let _ = send.send((plain, tls));
            std::future::pending::<()>().await;
        });
    });
    let (plain, tls) = receive.await.unwrap();
    let world = World::trusting(trusted);
    let hosts = ["http://ok.test", "ok.test"];
    let in_path = json!({"in": "path", "name": "k"});
    let in_path = world.credential(AuthType::ApiKey, in_path, json!({"key": "canary-path-1"}), &hosts);
    let mut credentials = world.in_every_placement(&hosts);
    credentials.push(in_path);
    let nobody = Server::start(|_| Answer::default()).await.port().wrapping_add(1);
    for credential in credentials {
        for base in [
            plain.url("ok.test", ""),
            format!("https://ok.test:{}", tls.port()),
            format!("http://ok.test:{nobody}"),
            "http://evil.test".to_owned(),
        ] {
            let mut request = Request::new(Method::POST, format!("{base}/{{k}}/?q=canary-typed-1"));
            request.headers = vec![("X-Typed".to_owned(), "canary-typed-1".to_owned())];
            request.body = "canary-typed-1".into();
            let _ = world.send(Some(credential), request).await;
        }
    }
    assert!(plain.seen().iter().any(|seen| seen.everything().contains("cnry")));
    assert!(tls.seen().iter().any(|seen| seen.everything().contains("cnry")));
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("TRACE"), "nothing was logged, so the test shows nothing");
    for line in log.lines() {
        for leak in ["cnry", "canary", "YWRhOmNucnk"] {
            assert!(!line.contains(leak), "{line}");
        }
    }
}
