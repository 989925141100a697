//! A caller from outside: the demonstration uses Flero over HTTP, as anybody would.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

/// More than any answer of the demonstration.
const ANSWER_LIMIT_BYTES: usize = 4 << 20;

/// Calls one installation.
pub(crate) struct Caller {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    key: String,
}

impl Caller {
    /// A caller with an API key; `base` has no slash at its end.
    pub(crate) fn new(base: String, key: String) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), base, key }
    }

    /// Sends a request and reads a JSON answer; `path` starts with a slash.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let bytes = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        let request = Request::builder()
            .method(method.clone())
            .uri(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/json");
        // A webhook is called by somebody who has no key.
        let request = if path.starts_with("/api/") {
            request.header(header::AUTHORIZATION, format!("Bearer {}", self.key))
        } else {
            request
        };
        let answer =
            self.client.request(request.body(Full::from(bytes))?).await.context("Flero does not answer")?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_LIMIT_BYTES).collect().await;
        let body = body.map_err(|_| anyhow::anyhow!("the answer to {method} {path} was cut off"))?.to_bytes();
        let value: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        if !status.is_success() {
            bail!("{method} {path} answered {status}: {}", value["detail"].as_str().unwrap_or("no detail"));
        }
        Ok(value)
    }

    /// Opens an address as a browser does, without a key, and tells where it sends the browser.
    pub(crate) async fn follow(&self, url: &str) -> anyhow::Result<String> {
        let request = Request::builder().uri(url).body(Full::default())?;
        let answer = self.client.request(request).await.context("a page does not answer")?;
        let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        Ok(location.context("a page sends the browser nowhere")?.to_owned())
    }
}
