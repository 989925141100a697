//! The events of the built-in connectors themselves, each through the whole server: its description as it is, its vendor
//! played by a service on loopback that answers as the vendor documents.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    extract::State,
    http::{Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use data_encoding::{BASE64, HEXLOWER};
use flero_model::Clock as _;
use flero_openapi::fixture::Fixture;
use flero_testing::{Answer, Client, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, node, set_status};

#[path = "event_services/polled.rs"]
mod polled;
#[path = "event_services/webhooks.rs"]
mod webhooks;

/// The folder of a connector.
fn folder(connector: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors").join(connector)
}

fn files(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

/// A connector's description, which calls a service on loopback in place of its vendor's, with a token in place of what
/// its vendor asks for, unless the `scheme` of its own matters.
fn description(connector: &str, address: &str, scheme: Option<&str>) -> Value {
    let mut all = BTreeMap::new();
    files(&folder(connector), "", &mut all);
    let (document, faults) = flero_openapi::folder::assemble(&all).unwrap();
    assert!(faults.is_empty(), "{connector}: {faults:?}");
    let mut root = document.root;
    let base = root["servers"][0]["url"].as_str().unwrap();
    let path = base
        .split_once("://")
        .unwrap()
        .1
        .find('/')
        .map_or("", |at| &base[base.find("://").unwrap() + 3 + at..]);
    root["servers"] = json!([{"url": format!("http://{address}{path}")}]);
    for name in ["hosts", "connection", "test"] {
        root["x-flero"].as_object_mut().unwrap().remove(name);
    }
    let own = scheme.map(|name| root["components"]["securitySchemes"][name].take());
    root["components"]["securitySchemes"] =
        json!({"key": own.unwrap_or_else(|| json!({"type": "http", "scheme": "bearer"}))});
    root["security"] = json!([{"key": []}]);
    for item in root["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut().filter_map(Value::as_object_mut) {
            operation.remove("security");
        }
    }
    root
}

/// An exchange that a connector documents.
fn fixture(connector: &str, name: &str) -> Fixture {
    Fixture::parse(&fs::read_to_string(folder(connector).join("fixtures").join(name)).unwrap()).unwrap()
}

/// A request as the vendor saw it.
#[derive(Debug, Clone)]
struct Seen {
    method: String,
    path: String,
    query: String,
    body: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
    }
}

/// What a vendor asks a URL before it answers a registration: header fields and a body; and the answer that it wants.
type Question = Box<dyn Fn(&Seen) -> Option<(String, Vec<(&'static str, String)>, String)> + Send + Sync>;
type Answers = Box<dyn Fn(&Seen) -> (u16, Value) + Send + Sync>;

struct Inner {
    seen: Mutex<Vec<Seen>>,
    answers: Answers,
    question: Option<Question>,
    asked: Mutex<Vec<Answer>>,
    caller: Client,
}

/// A vendor's service.
#[derive(Clone)]
struct Vendor {
    address: String,
    inner: Arc<Inner>,
}

impl Vendor {
    async fn start(server: &TestServer, answers: Answers, question: Option<Question>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Inner {
            seen: Mutex::default(),
            answers,
            question,
            asked: Mutex::default(),
            caller: server.owner.anonymous(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, inner }
    }

    fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().unwrap().clone()
    }
}

async fn answer(State(inner): State<Arc<Inner>>, method: Method, uri: Uri, body: String) -> Response {
    let (path, query) = (uri.path().to_owned(), uri.query().unwrap_or_default().to_owned());
    let seen = Seen { method: method.to_string(), path, query, body };
    inner.seen.lock().unwrap().push(seen.clone());
    if let Some((url, headers, body)) = inner.question.as_ref().and_then(|question| question(&seen)) {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = inner.caller.send("POST", &path_of(&url), &headers, body).await;
        let is_taken = answer.status.is_success();
        inner.asked.lock().unwrap().push(answer);
        if !is_taken {
            return StatusCode::BAD_REQUEST.into_response();
        }
    }
    let (status, body) = (inner.answers)(&seen);
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

/// The path of a URL of this server.
fn path_of(url: &str) -> String {
    format!("/webhook/{}", url.split_once("/webhook/").unwrap().1)
}

fn hmac_sha256(key: &str, text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), text).as_ref().to_vec()
}

fn hex(key: &str, text: &str) -> String {
    HEXLOWER.encode(&hmac_sha256(key, text.as_bytes()))
}

/// A server with a connector that calls a vendor's service.
struct World {
    server: TestServer,
    vendor: Vendor,
    connector: String,
    credential: Option<String>,
}

impl World {
    async fn new(
        connector: &str,
        answers: Answers,
        question: Option<Question>,
        own: Option<(&str, Value)>,
    ) -> Self {
        let server = TestServer::start().await;
        let vendor = Vendor::start(&server, answers, question).await;
        let document = description(connector, &vendor.address, own.as_ref().map(|(scheme, _)| *scheme));
        let imported = server.owner.post("/api/connectors/import", document).await.expect(201);
        assert_eq!(imported["report"]["leftOut"], json!([]), "{connector}");
        let id = imported["connector"]["id"].as_str().unwrap().to_owned();
        let (kind, data) =
            own.map_or_else(|| ("bearer", json!({"token": TOKEN})), |(_, data)| ("apiKey", data));
        let body =
            json!({"name": "Events", "service": id, "authType": kind, "scope": "workspace", "data": data});
        let credential = server.owner.post("/api/credentials", body).await.expect(201);
        let credential = credential["id"].as_str().map(str::to_owned);
        Self { server, vendor, connector: id, credential }
    }

    /// An active workflow that waits for an event.
    async fn waiting(&self, event: &str, inputs: Value) -> String {
        let mut trigger = node("in", "ConnectorTrigger", json!({"inputs": inputs, "pollMinutes": 1}));
        trigger["connector"] = json!(self.connector);
        trigger["event"] = json!(event);
        trigger["credentialId"] = json!(self.credential);
        let id = made(
            &self.server,
            chain(vec![trigger, node("end", "Terminal", json!({"output": "{{ $trigger }}"}))]),
        )
        .await;
        set_status(&self.server, &id, "active").await;
        id
    }

    async fn tend(&self) {
        self.server.engine.tend_events(&self.server.app.event_urls()).await.unwrap();
    }

    async fn event(&self, workflow: &str) -> Value {
        self.server.owner.get(&format!("/api/workflows/{workflow}/event")).await.expect(200)
    }

    /// The bodies of the runs so far.
    async fn bodies(&self, workflow: &str) -> Vec<Value> {
        let path = format!("/api/executions?workflowId={workflow}&limit=200");
        let mut runs = self.server.owner.get(&path).await.expect(200)["items"].as_array().unwrap().clone();
        runs.sort_by_key(|run| run["id"].as_str().unwrap().to_owned());
        let mut bodies = Vec::new();
        for run in runs {
            let path = format!("/api/executions/{}", run["id"].as_str().unwrap());
            let report = self.server.owner.get(&path).await.expect(200);
            assert_eq!(report["status"], "success", "{report}");
            bodies.push(report["output"]["body"].clone());
        }
        bodies
    }

    async fn deliver(&self, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.server.owner.anonymous().send("POST", &path_of(url), &all, body.to_owned()).await
    }

    fn seconds(&self) -> i64 {
        self.server.clock.now().as_millis() / 1_000
    }
}
