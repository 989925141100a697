//! A service on loopback that needs a secret, echoes what it gets, and remembers it.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

/// One request as the service saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

#[derive(Debug)]
struct Inner {
    /// Whole values of `Authorization` that are taken.
    taken: Mutex<Vec<String>>,
    seen: Mutex<Vec<Seen>>,
}

/// See the module. `/me` answers 200 with a taken `Authorization` and 401 otherwise; `/echo` answers 200 with what
/// it got; `/open` answers 200 to anybody; `/status/{code}` answers that, with `?wait=60` as `Retry-After`; `/pages?from=0` lists seven things, three a
/// page, to whom it knows.
#[derive(Debug, Clone)]
pub struct Service {
    /// `127.0.0.1:port`.
    pub address: String,
    inner: Arc<Inner>,
}

impl Service {
    /// Starts a service that takes this bearer token.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let inner =
            Arc::new(Inner { taken: Mutex::new(vec![format!("Bearer {token}")]), seen: Mutex::default() });
        let router = Router::new().fallback(any(answer)).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, inner }
    }

    /// Takes this whole value of `Authorization` from now on, and no other.
    ///
    /// # Panics
    /// Never but after another panic.
    pub fn take_only(&self, authorization: &str) {
        *self.inner.taken.lock().unwrap() = vec![authorization.to_owned()];
    }

    /// What it got so far.
    ///
    /// # Panics
    /// Never but after another panic.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().unwrap().clone()
    }

    /// A URL of the service.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The entry of `allowedHosts` that allows it.
    #[must_use]
    pub fn host(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Shelves, as services of older days tell of them.
const SHELVES: &str =
    "<?xml version=\"1.0\"?><Shelves><Shelf><Id>1</Id><Name>Near &amp; far</Name></Shelf></Shelves>";

/// A page of things, and where the next one begins.
fn page(query: &str) -> Value {
    let from =
        query.split('&').find_map(|pair| pair.strip_prefix("from=")?.parse::<usize>().ok()).unwrap_or(0);
    let things: Vec<Value> =
        (from..7).take(3).map(|id| json!({"id": format!("t{id}"), "name": format!("Thing {id}")})).collect();
    let next = if from + 3 < 7 { json!(from + 3) } else { Value::Null };
    json!({"things": things, "next": next})
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    inner.seen.lock().unwrap().push(Seen {
        method: method.to_string(),
        target: target.clone(),
        headers: headers.clone(),
        body: body.clone(),
    });
    let given = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_taken = inner.taken.lock().unwrap().iter().any(|taken| taken == given);
    match uri.path() {
        "/me" if is_taken => Json(json!({"account": "ada", "id": 7})).into_response(),
        "/me" => (StatusCode::UNAUTHORIZED, Json(json!({"error": "who are you?"}))).into_response(),
        "/pages" if is_taken => Json(page(uri.query().unwrap_or_default())).into_response(),
        "/shelves" if is_taken => ([("content-type", "application/xml")], SHELVES).into_response(),
        path if path.starts_with("/status/") => {
            let code = path[8..].parse().unwrap_or(500);
            let status = StatusCode::from_u16(code).unwrap();
            match uri.query().and_then(|query| query.strip_prefix("wait=")) {
                Some(wait) => (status, [("retry-after", wait)]).into_response(),
                None => status.into_response(),
            }
        }
        _ => {
            let fields: Map<String, Value> = headers
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
                .collect();
            Json(json!({"method": method.as_str(), "target": target, "headers": fields, "body": String::from_utf8_lossy(&body)})).into_response()
        }
    }
}
