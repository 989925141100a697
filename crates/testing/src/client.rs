//! A client of the API that holds one key, or none.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{client::legacy, rt::TokioExecutor};
use serde_json::Value;

/// See the module.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    key: Option<String>,
    session: Option<SessionCookies>,
    workspace: Option<String>,
    http: legacy::Client<legacy::connect::HttpConnector, Full<Bytes>>,
}

/// What a browser keeps of a session.
#[derive(Debug, Clone)]
struct SessionCookies {
    cookies: String,
    csrf: String,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The JSON of an answer with this status.
    #[must_use]
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self.json()
    }

    /// The code of a problem with this status.
    #[must_use]
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        let problem = self.expect(status);
        // What SCIM refuses has SCIM's own form, and the same code in a header.
        let kinds = ["application/problem+json", "application/scim+json"];
        assert!(kinds.iter().any(|kind| self.headers["content-type"] == *kind), "{}", self.text());
        match self.headers.get("flero-code") {
            Some(code) => code.to_str().unwrap().to_owned(),
            None => problem["code"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

impl Client {
    pub(crate) fn new(base: String, key: Option<String>) -> Self {
        Self {
            base,
            key,
            session: None,
            workspace: None,
            http: legacy::Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// The same server with another key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), session: None, ..self.clone() }
    }

    /// The same server without a key.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { key: None, session: None, workspace: None, ..self.clone() }
    }

    /// A browser that keeps the cookies of an answer, and sends them with the token against forged requests.
    ///
    /// # Panics
    /// When the answer sets no session.
    #[must_use]
    #[track_caller]
    pub fn with_session(&self, answer: &Answer) -> Self {
        let cookies: Vec<&str> = answer
            .headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next())
            .collect();
        assert!(cookies.iter().any(|cookie| cookie.contains("flero-session=")), "{}", answer.text());
        let csrf = cookies.iter().find_map(|cookie| cookie.strip_prefix("flero-csrf=")).unwrap_or_default();
        let session = SessionCookies { cookies: cookies.join("; "), csrf: csrf.to_owned() };
        Self { key: None, session: Some(session), ..self.clone() }
    }

    /// The same browser with another cookie beside those that it has.
    #[must_use]
    pub fn with_cookie(&self, name: &str, value: &str) -> Self {
        let mut session =
            self.session.clone().unwrap_or(SessionCookies { cookies: String::new(), csrf: String::new() });
        let separator = if session.cookies.is_empty() { "" } else { "; " };
        session.cookies = format!("{}{separator}{name}={value}", session.cookies);
        Self { session: Some(session), ..self.clone() }
    }

    /// A browser that signed in.
    ///
    /// # Panics
    /// When the sign-in is refused.
    pub async fn sign_in(&self, email: &str, password: &str) -> Self {
        let body = serde_json::json!({"email": email, "password": password});
        let answer = self.anonymous().post("/api/auth/login", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.with_session(&answer)
    }

    /// The same with the header that names a workspace.
    #[must_use]
    pub fn in_workspace(&self, workspace: impl ToString) -> Self {
        Self { workspace: Some(workspace.to_string()), ..self.clone() }
    }

    /// A client of another server on this machine.
    #[must_use]
    pub fn at(&self, authority: &str) -> Self {
        Self { base: format!("http://{authority}"), ..self.clone() }
    }

    /// Sends a request with these headers and this body.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let response = self.begin(method, path, headers, body).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// As [`Self::send`], but the end of a stream of events, which may be far off, is not waited for: it reads as empty.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn glance(&self, method: &str, path: &str) -> Answer {
        let response = self.begin(method, path, &[], "").await;
        let (parts, body) = response.into_parts();
        let is_stream = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if is_stream { Bytes::new() } else { body.collect().await.unwrap().to_bytes() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Begins to watch a stream of events.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn watch(&self, path: &str) -> LiveEvents {
        let response = self.begin("GET", path, &[], "").await;
        assert_eq!(response.status(), 200);
        LiveEvents { body: response.into_body(), read: String::new() }
    }

    async fn begin(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Incoming> {
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("{}{path}", self.base));
        if let Some(key) = &self.key
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let given = |name: &str| headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        if let Some(session) = &self.session {
            for (name, value) in
                [("cookie", &session.cookies), ("x-csrf-token", &session.csrf), ("origin", &self.base)]
            {
                if !given(name) {
                    request = request.header(name, value.as_str());
                }
            }
        }
        if let Some(workspace) = self.workspace.as_ref().filter(|_| !given("flero-workspace")) {
            request = request.header("flero-workspace", workspace.as_str());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.http.request(request.body(Full::new(body.into())).unwrap()).await.unwrap()
    }

    /// Sends a JSON body.
    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// Sends a JSON body with POST.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.json("POST", path, &body).await
    }

    /// Sends GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Bytes::new()).await
    }

    /// Sends a JSON body with PATCH.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.json("PATCH", path, &body).await
    }

    /// Sends a JSON body with PUT.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.json("PUT", path, &body).await
    }

    /// Sends DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], Bytes::new()).await
    }
}

impl Client {
    /// `host:port` of the server.
    #[must_use]
    pub fn address(&self) -> String {
        self.base.trim_start_matches("http://").to_owned()
    }
}

/// A stream of events that is being watched.
#[derive(Debug)]
pub struct LiveEvents {
    body: Incoming,
    read: String,
}

impl LiveEvents {
    /// The next event as it was written.
    ///
    /// # Panics
    /// When none comes within ten seconds.
    pub async fn next(&mut self) -> String {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                // A comment keeps the connection open and says nothing.
                if !event.starts_with(':') {
                    return event;
                }
                continue;
            }
            let frame = tokio::time::timeout(std::time::Duration::from_secs(10), self.body.frame()).await;
            let frame = frame.expect("an event comes").expect("the stream goes on").unwrap();
            self.read.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }

    /// Whether the stream ends within this time, whatever comes before.
    ///
    /// # Panics
    /// When it breaks.
    pub async fn ends_within(&mut self, time: std::time::Duration) -> bool {
        let ends = async {
            while let Some(frame) = self.body.frame().await {
                let _ = frame.unwrap();
            }
        };
        tokio::time::timeout(time, ends).await.is_ok()
    }
}
