//! A service on loopback that tells events: webhooks can be registered there and removed, it signs what it delivers, and
//! it has a list that can be polled.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
};

use aws_lc_rs::hmac;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A webhook that is registered at the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Where it delivers.
    pub url: String,
    /// What it signs with.
    pub secret: String,
    /// The repository that it was registered for.
    pub repo: String,
}

#[derive(Debug, Default)]
struct Inner {
    token: String,
    hooks: Mutex<BTreeMap<u64, Hook>>,
    next: AtomicU64,
    /// The status of the next answer to a registration or a removal; 0 for the usual one.
    fails_with: AtomicU16,
    /// Whether a registration takes place although its answer is an error: as when the answer gets lost.
    loses_answers: std::sync::atomic::AtomicBool,
    items: Mutex<Vec<Value>>,
    polls: Mutex<Vec<String>>,
    /// The first page of the list that is not told; 0 for none.
    last_page: AtomicU64,
    /// How many pages of the list are told yet before the service wants a pause; 0 for no end.
    pages_left: AtomicU64,
}

/// See the module. It asks for a bearer token everywhere.
#[derive(Debug, Clone)]
pub struct EventService {
    /// `127.0.0.1:port`.
    pub address: String,
    inner: Arc<Inner>,
}

impl EventService {
    /// Starts a service.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Inner { token: format!("Bearer {token}"), ..Inner::default() });
        let router = Router::new()
            .route("/repos/{repo}/hooks", post(register))
            .route("/repos/{repo}/hooks/{id}", delete(remove))
            .route("/made", post(register_with_secret))
            .route("/items", get(items))
            .route("/pages", get(pages))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, inner }
    }

    /// The webhooks that are registered.
    ///
    /// # Panics
    /// Never but after another panic.
    #[must_use]
    pub fn hooks(&self) -> Vec<Hook> {
        self.inner.hooks.lock().unwrap().values().cloned().collect()
    }

    /// Answers registrations and removals with this status from now on; 0 for the usual one.
    pub fn fail_with(&self, status: u16) {
        self.inner.fails_with.store(status, Ordering::SeqCst);
    }

    /// Whether registrations take place although the answer is an error.
    pub fn lose_answers(&self, loses: bool) {
        self.inner.loses_answers.store(loses, Ordering::SeqCst);
    }

    /// Refuses pages of the list from this one on; 0 for none.
    pub fn refuse_pages(&self, from: u64) {
        self.inner.last_page.store(from, Ordering::SeqCst);
    }

    /// Tells only so many pages of the list from now on, and wants a pause of 90 seconds then.
    pub fn limit_pages(&self, most: u64) {
        self.inner.pages_left.store(most + 1, Ordering::SeqCst);
    }

    /// Adds an item to the list.
    ///
    /// # Panics
    /// Never but after another panic.
    pub fn add(&self, id: &str, at: u64) {
        self.inner.items.lock().unwrap().push(json!({"id": id, "at": at}));
    }

    /// The queries by which the list was asked for.
    ///
    /// # Panics
    /// Never but after another panic.
    #[must_use]
    pub fn polls(&self) -> Vec<String> {
        self.inner.polls.lock().unwrap().clone()
    }

    /// Its description as a connector: the events `push` (registered), `told` (registered, with a secret that the
    /// service makes), `message` (entered by a person), `listed` and `unnamed` (several in a delivery), `validated`, `asked`,
    /// `returned`, `baked` and `confirmed` (with questions before the first one), `item` and `timed` (polled from a cursor on),
    /// `newest`, `oldest` and `shuffled` (polled page by page, in these orders), `bounded` (as `newest`, but of a service that
    /// tells 80 items).
    #[must_use]
    pub fn description(&self) -> Value {
        let signed = json!({"type": "hmacSha256", "header": "X-Hub-Signature-256", "prefix": "sha256=", "encoding": "hex"});
        let timed = json!({"type": "hmacSha256", "header": "X-Signature", "prefix": "v0=", "encoding": "hex",
            "payload": "v0:{timestamp}:{body}", "timestamp": "X-Timestamp", "toleranceSeconds": 300});
        let body = |properties: Value| json!({"required": true, "content": {"application/json": {"schema": {"type": "object", "properties": properties}}}});
        let event =
            |summary: &str, trigger: Value| json!({"post": {"summary": summary, "x-flero-trigger": trigger}});
        let paged = |order: &str| json!({"polling": {"operation": "pages", "items": "/items", "id": "/id", "cursor": "/at", "inputs": {"order": order}}});
        let listed = json!([{"name": "order", "in": "query", "schema": {"type": "string"}}, {"name": "page", "in": "query", "schema": {"type": "integer"}}]);
        let mut bounded = paged("newest");
        bounded["polling"]["operation"] = json!("bounded");
        let repo = json!({"name": "repo", "in": "path", "required": true, "schema": {"type": "string"}});
        let named = json!({"header": "X-Event", "values": ["push"], "deliveryId": "X-Delivery"});
        json!({
            "openapi": "3.1.0", "info": {"title": "Practice Events", "version": "1"}, "servers": [{"url": format!("http://{}", self.address)}],
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}, "security": [{"token": []}],
            "paths": {
                "/repos/{repo}/hooks": {"post": {"operationId": "register", "parameters": [repo],
                    "requestBody": body(json!({"config": {"type": "object"}, "events": {"type": "array", "items": {"type": "string"}}}))}},
                "/repos/{repo}/hooks/{hook_id}": {"delete": {"operationId": "remove", "parameters": [repo,
                    {"name": "hook_id", "in": "path", "required": true, "schema": {"type": "integer"}}]}},
                "/made": {"post": {"operationId": "make", "requestBody": body(json!({"url": {"type": "string"}}))}},
                "/items": {"get": {"operationId": "items", "parameters": [{"name": "after", "in": "query", "schema": {"type": "integer"}}]}},
                "/pages": {"get": {"operationId": "pages", "x-flero-operation": {"pagination": {"type": "page", "items": "/items", "input": "page"}},
                    "parameters": listed}},
                "/pages?bounded=true": {"get": {"operationId": "bounded", "parameters": listed, "x-flero-operation": {"pagination":
                    {"type": "page", "items": "/items", "input": "page", "first": true, "maxItems": 80}}}},
            },
            "webhooks": {
                "push": event("Pushed", json!({"event": named, "verification": signed, "registration": {
                    "operation": "register", "id": "/id", "remove": "remove",
                    "inputs": {"repo": "{{repo}}", "events": ["push"], "config": {"url": "{{webhook.url}}", "secret": "{{webhook.secret}}"}},
                    "removeInputs": {"repo": "{{repo}}", "hook_id": "{{registration.id}}"}}})),
                "told": event("Told", json!({"verification": signed, "registration": {
                    "operation": "make", "id": "/id", "secret": "/signing/secret", "remove": "remove",
                    "inputs": {"url": "{{webhook.url}}"},
                    "removeInputs": {"repo": "made", "hook_id": "{{registration.id}}"}}})),
                "message": event("Message", json!({"verification": timed,
                    "event": {"pointer": "/event/type", "values": ["message"], "deliveryId": "/event_id"},
                    "handshake": {"pointer": "/type", "equals": "url_verification", "challenge": "/challenge"}})),
                "listed": event("Listed", json!({"verification": signed,
                    "event": {"items": "/events", "pointer": "/type", "values": ["made"], "deliveryId": "/id"}})),
                "unnamed": event("Unnamed", json!({"verification": signed,
                    "event": {"items": "", "pointer": "/type", "values": ["made"]}})),
                "validated": event("Validated", json!({"verification": timed,
                    "handshake": {"pointer": "/event", "equals": "endpoint.url_validation", "challenge": "/payload/plainToken",
                        "answer": {"plainToken": "{{challenge}}", "encryptedToken": "{{signature}}"}}})),
                "asked": event("Asked", json!({"verification": signed,
                    "handshake": {"header": "X-Challenge", "answer": {"verification": "{{challenge}}"}}})),
                "returned": event("Returned", json!({"verification": signed,
                    "handshake": {"header": "X-Hook-Secret", "answerHeader": "X-Hook-Secret"}})),
                "baked": event("Baked", json!({"verification": signed,
                    "handshake": {"header": "X-Hook-Secret", "answerHeader": "Set-Cookie"}})),
                "confirmed": event("Confirmed", json!({"verification": signed,
                    "handshake": {"secret": "/verification_token"}})),
                "echoed": event("Echoed", json!({"verification": {"type": "token", "header": "X-Token"}, "handshake": {"query": "validationToken"}})),
                "item": event("Item", json!({"polling": {"operation": "items", "items": "/items", "id": "/id", "cursor": "/at",
                    "inputs": {"after": "{{cursor}}"}}})),
                "timed": event("Timed", json!({"polling": {"operation": "items", "items": "/items", "id": "/id", "cursor": "/at",
                    "inputs": {"after": "{{cursor}}"}, "start": "{{now.seconds}}"}})),
                "newest": event("Newest first", paged("newest")),
                "oldest": event("Oldest first", paged("oldest")),
                "shuffled": event("Shuffled", paged("shuffled")),
                "bounded": event("Bounded", bounded),
            }
        })
    }
}

/// The signature of a body as GitHub writes it.
#[must_use]
pub fn signature(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    HEXLOWER.encode(tag.as_ref())
}

fn refused(inner: &Inner, headers: &HeaderMap) -> Option<Response> {
    let given = headers.get("authorization").and_then(|value| value.to_str().ok());
    if given != Some(&inner.token) {
        return Some(StatusCode::UNAUTHORIZED.into_response());
    }
    None
}

fn failure(inner: &Inner) -> Option<Response> {
    let status = inner.fails_with.load(Ordering::SeqCst);
    (status != 0).then(|| StatusCode::from_u16(status).unwrap().into_response())
}

fn keep(inner: &Inner, hook: Hook) -> u64 {
    let id = inner.next.fetch_add(1, Ordering::SeqCst) + 1;
    inner.hooks.lock().unwrap().insert(id, hook);
    id
}

async fn register(
    State(inner): State<Arc<Inner>>,
    Path(repo): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Some(answer) = refused(&inner, &headers) {
        return answer;
    }
    let fails = failure(&inner);
    if fails.is_some() && !inner.loses_answers.load(Ordering::SeqCst) {
        return fails.unwrap_or_default();
    }
    let text = |name: &str| body["config"][name].as_str().unwrap_or_default().to_owned();
    let secret = text("secret");
    let id = keep(&inner, Hook { url: text("url"), secret: secret.clone(), repo });
    // Some services answer with everything that they were told.
    let answer = (StatusCode::CREATED, Json(json!({"id": id, "config": {"secret": secret}}))).into_response();
    fails.unwrap_or(answer)
}

async fn register_with_secret(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Some(answer) = refused(&inner, &headers) {
        return answer;
    }
    let url = body["url"].as_str().unwrap_or_default().to_owned();
    let secret = format!("made-by-the-service-{}", inner.next.load(Ordering::SeqCst));
    let id = keep(&inner, Hook { url, secret: secret.clone(), repo: "made".to_owned() });
    (StatusCode::CREATED, Json(json!({"id": id, "signing": {"secret": secret}}))).into_response()
}

async fn remove(
    State(inner): State<Arc<Inner>>,
    Path((repo, id)): Path<(String, u64)>,
    headers: HeaderMap,
) -> Response {
    if let Some(answer) = refused(&inner, &headers).or_else(|| failure(&inner)) {
        return answer;
    }
    let mut hooks = inner.hooks.lock().unwrap();
    match hooks.get(&id) {
        Some(hook) if hook.repo == repo => {
            hooks.remove(&id);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Items at and behind `after`, the oldest first, at most 25.
async fn items(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(answer) = refused(&inner, &headers).or_else(|| failure(&inner)) {
        return answer;
    }
    let after = query.get("after").cloned().unwrap_or_default();
    inner.polls.lock().unwrap().push(after.clone());
    let least = after.parse::<u64>().unwrap_or(0);
    let mut found: Vec<Value> = inner
        .items
        .lock()
        .unwrap()
        .iter()
        .filter(|item| item["at"].as_u64() >= Some(least))
        .cloned()
        .collect();
    found.sort_by_key(|item| item["at"].as_u64());
    found.truncate(25);
    Json(json!({ "items": found })).into_response()
}

/// The whole list, two items a page.
async fn pages(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(answer) = refused(&inner, &headers).or_else(|| failure(&inner)) {
        return answer;
    }
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
    let page = number("page").unwrap_or(1);
    inner.polls.lock().unwrap().push(page.to_string());
    let left = inner.pages_left.load(Ordering::SeqCst);
    if left == 1 {
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "90")]).into_response();
    }
    inner.pages_left.store(left.saturating_sub(1), Ordering::SeqCst);
    let last = inner.last_page.load(Ordering::SeqCst);
    if last > 0 && page >= last {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let mut all = inner.items.lock().unwrap().clone();
    let at = |item: &Value| item["at"].as_u64().unwrap_or_default();
    match query.get("order").map(String::as_str) {
        Some("newest") => all.sort_by_key(|item| std::cmp::Reverse(at(item))),
        Some("shuffled") => all.sort_by_key(|item| (at(item) % 7, at(item))),
        _ => all.sort_by_key(at),
    }
    let skipped = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(2);
    let items: Vec<Value> = all.into_iter().skip(skipped).take(2).collect();
    Json(json!({ "items": items })).into_response()
}
