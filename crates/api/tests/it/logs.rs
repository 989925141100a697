//! What the log holds.

use std::{
    io::Write,
    sync::{Arc, Mutex, OnceLock},
};

use flero_testing::{Service, TestServer};
use serde_json::json;
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

use crate::TOKEN;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The log of this whole test process at its finest level: that of the tests beside this one too.
fn log() -> &'static Captured {
    static LOG: OnceLock<Captured> = OnceLock::new();
    LOG.get_or_init(|| {
        let captured = Captured::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(captured.clone())
            .with_ansi(false);
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        captured
    })
}

/// Security test 40: at the finest level the log holds templates of paths, and nothing that was sent.
#[tokio::test]
async fn the_log_holds_templates_and_nothing_that_was_sent() {
    let log = log();
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = crate::stored(&server, &service).await;
    let canary = "canary-in-a-request-5521";
    let _ = server
        .owner
        .get(&format!("/api/proxy/{id}/{}/echo/{canary}?q={canary}", service.address))
        .await
        .expect(200);
    let _ = server.owner.get(&format!("/api/workflows?q={canary}")).await.expect(200);
    let _ = server.owner.get(&format!("/api/{canary}?{canary}={canary}")).await;
    let _ = server
        .owner
        .send("POST", &format!("/webhook/{canary}?token={canary}"), &[("x-webhook-secret", canary)], canary)
        .await;
    let _ = server.owner.send("GET", "/api/me", &[("authorization", &format!("Bearer {canary}"))], "").await;
    let _ = server.owner.post("/api/credentials", json!({"name": canary, "data": {"token": canary}})).await;
    let _ =
        server.owner.post(&format!("/api/credentials/{id}/rotate"), json!({"data": {"token": canary}})).await;
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.contains("/api/proxy/{credentialId}/{host}/{*path}") && text.contains("status=200"));
    let sent = text.lines().find(|line| line.contains(canary) || line.contains(TOKEN));
    assert_eq!(sent, None, "the log holds what was sent");
}
