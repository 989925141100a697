//! An authorization server on loopback, with an API that takes its tokens, whose misbehaviour a test decides.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_lc_rs::digest;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{any, get, post},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The client that the server knows.
pub const CLIENT_ID: &str = "flero-test";
/// Its secret.
pub const CLIENT_SECRET: &str = "client-secret-canary-7f3a";

/// One answer that a test puts in the place of the right one.
#[derive(Debug, Clone)]
pub struct Misbehaviour {
    /// The status.
    pub status: u16,
    /// The content type; none when empty.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

#[derive(Debug, Default)]
struct Inner {
    life: Option<Value>,
    rotates: bool,
    delay: Duration,
    misbehaviours: VecDeque<Misbehaviour>,
    /// The server does its work, but nobody hears the answer.
    lost_answers: u32,
    /// The server does its work and then keeps the answer to itself.
    holds_answers: bool,
    /// How many token requests were served, whether or not anybody heard of it.
    served: usize,
    /// An old refresh token that comes again is taken once more instead of ending its family.
    has_grace: bool,
    /// What the next polls for a device code are answered with, before tokens.
    device_answers: VecDeque<&'static str>,
    /// How long device codes live, in seconds; ten minutes when 0.
    device_life: u64,
    /// When the last device code was given or polled for, and how long each poll came after that.
    last_poll: Option<Instant>,
    polls: Vec<Duration>,
    /// The metadata; none is published without.
    metadata: Option<Misbehaviour>,
    down: bool,
    /// Answers come a byte at a time, with this pause between them.
    drip: Option<Duration>,
    issuer: Option<String>,
    counter: u64,
    subject: Option<String>,
    codes: HashMap<String, String>,
    refresh: HashMap<String, u64>,
    spent: HashMap<String, u64>,
    dead_families: HashSet<u64>,
    access: HashSet<String>,
    /// The form of each token request.
    requests: Vec<HashMap<String, String>>,
    revocations: Vec<String>,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Provider {
    /// `127.0.0.1:port`.
    pub address: String,
    inner: Arc<Mutex<Inner>>,
}

impl Provider {
    /// Starts one whose access tokens live an hour.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Mutex::new(Inner { life: Some(json!(3600)), ..Inner::default() }));
        let provider = Self { address, inner };
        let router = Router::new()
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/revoke", post(revoke))
            .route("/device", post(device))
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/api/{*rest}", any(api))
            .route("/words/{*rest}", any(words))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap())
    }

    /// A URL of the server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The body of an `oauth2` credential for it.
    #[must_use]
    pub fn credential(&self, grant: &str) -> Value {
        json!({
            "name": "Practice", "service": "http", "authType": "oauth2",
            "parameters": {"grantType": grant, "authorizationUrl": self.url("/authorize"), "tokenUrl": self.url("/token"),
                "revocationUrl": self.url("/revoke"), "clientId": CLIENT_ID, "scopes": "read write"},
            "data": {"clientSecret": CLIENT_SECRET}, "allowedHosts": [format!("http://{}", self.address)],
        })
    }

    /// What `expires_in` is from now on; `None` leaves it out.
    pub fn set_life(&self, life: Option<Value>) {
        self.with(|inner| inner.life = life);
    }

    /// Whether each refresh gives a new refresh token, and an old one that comes again ends the whole family.
    pub fn set_rotating(&self, rotates: bool) {
        self.with(|inner| inner.rotates = rotates);
    }

    /// How long the token endpoint takes.
    pub fn set_delay(&self, delay: Duration) {
        self.with(|inner| inner.delay = delay);
    }

    /// Answers the next token requests like this.
    pub fn misbehave(&self, answers: impl IntoIterator<Item = Misbehaviour>) {
        self.with(|inner| inner.misbehaviours.extend(answers));
    }

    /// Does the work of the next token requests, but answers with a broken connection's worth: nothing of use.
    pub fn lose_answers(&self, count: u32) {
        self.with(|inner| inner.lost_answers = count);
    }

    /// Does the work of token requests, but sends no answer as long as this is set.
    pub fn hold_answers(&self, holds: bool) {
        self.with(|inner| inner.holds_answers = holds);
    }

    /// How many token requests were served, whether or not anybody heard of it.
    #[must_use]
    pub fn served(&self) -> usize {
        self.with(|inner| inner.served)
    }

    /// Whether an old refresh token that comes again is taken once more.
    pub fn set_grace(&self, has_grace: bool) {
        self.with(|inner| inner.has_grace = has_grace);
    }

    /// The errors that the next polls for a device code get, before one gets tokens; polls are counted anew.
    pub fn answer_polls(&self, errors: &[&'static str]) {
        self.with(|inner| {
            inner.device_answers = errors.iter().copied().collect();
            inner.polls.clear();
        });
    }

    /// How long each poll came after the one before it, or after the code.
    #[must_use]
    pub fn polls(&self) -> Vec<Duration> {
        self.with(|inner| inner.polls.clone())
    }

    /// How long the next device codes live, in seconds.
    pub fn set_device_life(&self, seconds: u64) {
        self.with(|inner| inner.device_life = seconds);
    }

    /// What stands where the metadata is looked for (RFC 8414).
    pub fn publish(&self, metadata: Misbehaviour) {
        self.with(|inner| inner.metadata = Some(metadata));
    }

    /// How long to wait between the bytes of the next token answers.
    pub fn set_drip(&self, pause: Option<Duration>) {
        self.with(|inner| inner.drip = pause);
    }

    /// Whether everything answers 503.
    pub fn set_down(&self, down: bool) {
        self.with(|inner| inner.down = down);
    }

    /// The `iss` that authorization answers carry.
    pub fn set_issuer(&self, issuer: Option<&str>) {
        self.with(|inner| inner.issuer = issuer.map(str::to_owned));
    }

    /// Who signs in from now on.
    pub fn set_subject(&self, subject: &str) {
        self.with(|inner| inner.subject = Some(subject.to_owned()));
    }

    /// Answers as it should again.
    pub fn clear_misbehaviour(&self) {
        self.with(|inner| inner.misbehaviours.clear());
    }

    /// Ends every access token, as a service may at any time.
    pub fn forget_access_tokens(&self) {
        self.with(|inner| inner.access.clear());
    }

    /// Ends every grant.
    pub fn forget_grants(&self) {
        self.with(|inner| inner.refresh.clear());
    }

    /// The forms of the token requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<HashMap<String, String>> {
        self.with(|inner| inner.requests.clone())
    }

    /// The tokens that were revoked.
    #[must_use]
    pub fn revocations(&self) -> Vec<String> {
        self.with(|inner| inner.revocations.clone())
    }

    /// Whether a family of refresh tokens was ended because an old one came again.
    #[must_use]
    pub fn ended_families(&self) -> usize {
        self.with(|inner| inner.dead_families.len())
    }
}

impl IntoResponse for Misbehaviour {
    fn into_response(self) -> Response {
        let mut answer = Response::new(axum::body::Body::from(self.body));
        *answer.status_mut() = StatusCode::from_u16(self.status).unwrap();
        if !self.content_type.is_empty() {
            answer.headers_mut().insert(header::CONTENT_TYPE, self.content_type.parse().unwrap());
        }
        for (name, value) in &self.headers {
            let name = header::HeaderName::from_bytes(name.as_bytes()).unwrap();
            answer.headers_mut().insert(name, value.parse().unwrap());
        }
        answer
    }
}

async fn metadata(State(server): State<Provider>) -> Response {
    let published = server.with(|inner| inner.metadata.clone());
    published.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}

fn form(body: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

async fn authorize(State(server): State<Provider>, Query(asked): Query<HashMap<String, String>>) -> Response {
    let code = server.with(|inner| {
        inner.counter += 1;
        let code = format!("code-canary-{}-b81c", inner.counter);
        inner.codes.insert(code.clone(), asked.get("code_challenge").cloned().unwrap_or_default());
        code
    });
    let mut back: url::Url = asked["redirect_uri"].parse().unwrap();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &asked["state"]);
    if let Some(issuer) = server.with(|inner| inner.issuer.clone()) {
        back.query_pairs_mut().append_pair("iss", &issuer);
    }
    Redirect::to(back.as_str()).into_response()
}

fn refused(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({"error": code, "error_description": "<b>no</b>"}))).into_response()
}

async fn token(State(server): State<Provider>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = form(&body);
    let (delay, scripted, down) = server.with(|inner| {
        inner.requests.push(asked.clone());
        // What is lost was served before.
        let scripted = if inner.lost_answers == 0 { inner.misbehaviours.pop_front() } else { None };
        (inner.delay, scripted, inner.down)
    });
    tokio::time::sleep(delay).await;
    if down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if let Some(scripted) = scripted {
        return scripted.into_response();
    }
    let basic = format!("Basic {}", BASE64.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}").as_bytes()));
    let by_header =
        headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == basic.as_bytes());
    let by_body = asked.get("client_secret").is_some_and(|secret| secret == CLIENT_SECRET);
    if !by_header && !by_body {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let answer = give(&server, &asked);
    let (is_lost, is_held) = server.with(|inner| {
        let is_lost = inner.lost_answers > 0;
        inner.lost_answers = inner.lost_answers.saturating_sub(1);
        inner.served += 1;
        (is_lost, inner.holds_answers)
    });
    if is_held {
        std::future::pending::<()>().await;
    }
    match answer {
        Ok(_) if is_lost => {
            // A body that is shorter than announced: the connection breaks in the middle of the answer.
            let broken = futures_util::stream::iter([Ok("{\"acc"), Err(std::io::Error::other("broken"))]);
            Response::new(axum::body::Body::from_stream(broken))
        }
        Ok(tokens) => match server.with(|inner| inner.drip) {
            Some(pause) => dripping(&tokens, pause),
            None => Json(tokens).into_response(),
        },
        Err(code) => refused(StatusCode::BAD_REQUEST, code),
    }
}

/// An answer whose bytes come one at a time.
fn dripping(tokens: &Value, pause: Duration) -> Response {
    let bytes: Vec<Bytes> = tokens.to_string().bytes().map(|byte| Bytes::from(vec![byte])).collect();
    let drops = futures_util::stream::iter(bytes);
    let drops = futures_util::StreamExt::then(drops, move |byte| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, std::io::Error>(byte)
    });
    Response::new(axum::body::Body::from_stream(drops))
}

fn give(server: &Provider, asked: &HashMap<String, String>) -> Result<Value, &'static str> {
    server.with(|inner| {
        let text = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        inner.counter += 1;
        let number = inner.counter;
        let mut family = number;
        let with_refresh = match text("grant_type") {
            "authorization_code" => {
                let challenge = inner.codes.remove(text("code")).ok_or("invalid_grant")?;
                let hash = digest::digest(&digest::SHA256, text("code_verifier").as_bytes());
                if !challenge.is_empty() && BASE64URL_NOPAD.encode(hash.as_ref()) != challenge {
                    return Err("invalid_grant");
                }
                true
            }
            "refresh_token" => {
                let old = text("refresh_token");
                let spent = inner.spent.get(old).copied();
                if let Some(spent) = spent.filter(|_| !inner.has_grace) {
                    inner.dead_families.insert(spent);
                    inner.refresh.retain(|_, other| *other != spent);
                    return Err("invalid_grant");
                }
                family = match spent {
                    Some(spent) => spent,
                    None => *inner.refresh.get(old).ok_or("invalid_grant")?,
                };
                if inner.rotates {
                    inner.refresh.remove(old);
                    inner.spent.insert(old.to_owned(), family);
                }
                inner.rotates
            }
            "client_credentials" => false,
            "urn:ietf:params:oauth:grant-type:device_code" => {
                let pause = inner.last_poll.replace(Instant::now()).unwrap().elapsed();
                inner.polls.push(pause);
                if let Some(error) = inner.device_answers.pop_front() {
                    return Err(error);
                }
                true
            }
            _ => return Err("unsupported_grant_type"),
        };
        let access = format!("access-canary-{number}-40d2");
        inner.access.insert(access.clone());
        let mut answer = json!({"access_token": access, "token_type": "Bearer", "scope": "read"});
        if let Some(life) = &inner.life {
            answer["expires_in"] = life.clone();
        }
        if with_refresh {
            let refresh = format!("refresh-canary-{number}-9ab6");
            inner.refresh.insert(refresh.clone(), family);
            answer["refresh_token"] = json!(refresh);
        }
        if text("grant_type") == "authorization_code" {
            let claims = BASE64URL_NOPAD.encode(
                json!({"iss": "https://id.example.com", "sub": inner.subject.as_deref().unwrap_or("7"), "email": "ada@example.com"}).to_string().as_bytes(),
            );
            answer["id_token"] = json!(format!("e30.{claims}.sig"));
        }
        Ok(answer)
    })
}

/// RFC 8628 section 3.2, with its example of a user code.
async fn device(State(server): State<Provider>) -> Response {
    let life = server.with(|inner| {
        inner.last_poll = Some(Instant::now());
        if inner.device_life == 0 { 600 } else { inner.device_life }
    });
    let page = server.url("/activate");
    Json(json!({"device_code": "device-canary-2c1d", "user_code": "WDJB-MJHT", "verification_uri": page,
        "interval": 1, "expires_in": life}))
    .into_response()
}

async fn revoke(State(server): State<Provider>, body: Bytes) -> Response {
    let asked = form(&body);
    server.with(|inner| {
        if inner.down {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let token = asked.get("token").cloned().unwrap_or_default();
        inner.refresh.remove(&token);
        inner.access.remove(&token);
        inner.revocations.push(token);
        StatusCode::OK.into_response()
    })
}

/// An API that answers 200 to everything, and says in words that it does not take a token.
async fn words(server: State<Provider>, headers: HeaderMap) -> Response {
    let answer = api(server, headers).await;
    match answer.status() {
        StatusCode::UNAUTHORIZED => Json(json!({"ok": false, "error": "token_expired"})).into_response(),
        _ => answer,
    }
}

async fn api(State(server): State<Provider>, headers: HeaderMap) -> Response {
    let presented =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = presented.strip_prefix("Bearer ").unwrap_or_default();
    if server.with(|inner| inner.access.contains(token)) {
        Json(json!({"ok": true, "youSent": presented})).into_response()
    } else {
        (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_token"}))).into_response()
    }
}
