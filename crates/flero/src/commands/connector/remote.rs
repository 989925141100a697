//! A running Flero, called over its API. A credential's secret stays there: what is sent to a service goes through the
//! authenticated proxy.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use url::Url;

use crate::{cli::Remote, exit::Failure};

/// The largest answer that is read.
const MAX_ANSWER_BYTES: usize = 50 << 20;
/// How long an answer may take; the proxy itself waits for two minutes.
const TIMEOUT: Duration = Duration::from_secs(150);

/// What was answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A running Flero with a key to its API.
pub(super) struct Running {
    base: Url,
    key: String,
}

impl Running {
    /// Reads where it is and the key.
    pub(super) fn of(remote: &Remote) -> Result<Self, Failure> {
        let base = Url::parse(&remote.server).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let base = base.ok_or_else(|| Failure::usage("--server is an http:// or https:// address"))?;
        let is_loopback = match base.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if base.scheme() == "http" && !is_loopback {
            return Err(Failure::usage("the API key is sent over https, or over http to this machine alone"));
        }
        let key = std::env::var("FLERO_API_KEY").unwrap_or_default();
        if key.trim().is_empty() {
            return Err(Failure::usage("put an API key of the running Flero into FLERO_API_KEY"));
        }
        Ok(Self { base, key: key.trim().to_owned() })
    }

    /// Calls the API; `path` begins with a slash and is sent as it stands.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(String, String)],
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let sent = timeout(TIMEOUT, self.exchange(method, path, headers, body)).await;
        let sent = sent.map_err(|_| Failure::work("Flero took too long to answer"))?;
        sent.map_err(Failure::from)
    }

    /// The JSON answer of the API, or its problem as a failure.
    pub(super) async fn json(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Bytes,
    ) -> Result<Value, Failure> {
        let headers = [("Content-Type".to_owned(), kind.to_owned())];
        let answer = self.send(method, path, &headers, body).await?;
        let told = answer.json();
        if (200..300).contains(&answer.status) {
            return Ok(told);
        }
        Err(Failure::work(problem(answer.status, &told)))
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        headers: &[(String, String)],
        body: Bytes,
    ) -> anyhow::Result<Answer> {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or(443);
        let authority = match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let path = format!("{}{path}", self.base.path().trim_end_matches('/'));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, authority)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body)).context("the request cannot be written")?;
        let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await;
        let stream = stream.context("Flero does not answer; is it running, and is --server right?")?;
        if self.base.scheme() == "http" {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(host.to_owned()).context("--server has no host name")?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(trusting()?));
        let stream = connector.connect(name, stream).await.context("the TLS connection to Flero failed")?;
        exchange(stream, request).await
    }
}

/// The sentence of a problem of the API.
pub(super) fn problem(status: u16, told: &Value) -> String {
    let detail = told["detail"].as_str().or_else(|| told["title"].as_str());
    let code = told["code"].as_str().map(|code| format!(", {code}")).unwrap_or_default();
    format!("Flero answered with status {status}{code}: {}", detail.unwrap_or("no reason is given"))
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> anyhow::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.context("Flero does not answer")?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.context("Flero does not answer")?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
    let body = body.map_err(|_| anyhow::anyhow!("the answer was cut off or is too large"))?.to_bytes();
    connection.abort();
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
}

/// TLS with the authorities of the machine.
fn trusting() -> anyhow::Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(config)
}
