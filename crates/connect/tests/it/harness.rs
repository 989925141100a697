//! Servers that note what reaches them, and a door whose ports are in memory.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt::Write as _,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use flero_connect::{
    Call, Config, Connect, CredentialSource, Intent, OpenFailure, OpenSecret, Ports, Purpose, Request,
    TlsRoots, Unavailable, UseOutcome, call::Credential as Chosen, resolve::Resolve,
};
use flero_model::{
    Clock, CredentialId, ExecutionId, OrganizationId, Timestamp, UserId, WorkflowId, WorkspaceId,
    audit::NewAudit,
    credential::{AuthType, Belonging, Credential, KeyScopeRef, Policy, Scope},
    organization_policies::OrganizationPolicies,
    policy::{Principal, Via},
    role::{OrganizationRole, Role},
    secret::SecretBytes,
};
use flero_store::{
    credentials::CredentialWithSecret,
    keys::{SealedSecret, SecretAddress, SecretSlot},
};
use futures_util::stream;
use http::{HeaderMap, Method, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

/// The secret that must never be seen where it does not belong. It has characters that every encoding changes.
pub(crate) const CANARY: &str = "cnry/7+Kd\"9<z&Qw=éX~tail-51";

/// One request as a server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) connection: u64,
}

impl Seen {
    /// Everything that arrived, as one text.
    pub(crate) fn everything(&self) -> String {
        let mut text = format!("{} {}\n", self.method, self.uri);
        for (name, value) in &self.headers {
            writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes())).unwrap();
        }
        text + &String::from_utf8_lossy(&self.body)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What a server answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) pieces: Vec<Bytes>,
    pub(crate) trailers: Vec<(String, Vec<u8>)>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, pieces: vec![body.into()], ..Self::default() }
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }
}

pub(crate) type Handler = Arc<dyn Fn(&Seen) -> Answer + Send + Sync>;

/// A server on loopback. It ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn start(handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(Arc::new(handler), None).await
    }

    pub(crate) async fn start_with(handler: Handler, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        Self::start_at("127.0.0.1:0", handler, tls).await
    }

    pub(crate) async fn start_at(
        address: &str,
        handler: Handler,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&server.seen);
        tokio::spawn(async move {
            let connections = AtomicU64::new(0);
            while let Ok((stream, _)) = listener.accept().await {
                let connection = connections.fetch_add(1, Ordering::Relaxed);
                let (handler, seen, tls) = (Arc::clone(&handler), Arc::clone(&seen), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, connection, handler, seen).await,
                        Some(config) => {
                            if let Ok(stream) = tokio_rustls::TlsAcceptor::from(config).accept(stream).await {
                                serve(stream, connection, handler, seen).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// A URL of this server under a name.
    pub(crate) fn url(&self, name: &str, path: &str) -> String {
        format!("http://{name}:{}{path}", self.port())
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    connection: u64,
    handler: Handler,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (handler, seen) = (Arc::clone(&handler), Arc::clone(&seen));
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let noted = Seen {
                method: parts.method,
                uri: parts.uri.to_string(),
                headers: parts.headers,
                body,
                connection,
            };
            let answer = handler(&noted);
            seen.lock().unwrap().push(noted);
            Ok::<_, Infallible>(respond(answer))
        }
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().max_buf_size(1 << 20);
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

fn respond(answer: Answer) -> Response<BoxBody<Bytes, Infallible>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let mut frames: Vec<_> = answer.pieces.into_iter().map(Frame::data).collect();
    if !answer.trailers.is_empty() {
        let trailers = answer
            .trailers
            .into_iter()
            .map(|(name, value)| {
                (name.parse::<http::HeaderName>().unwrap(), http::HeaderValue::from_bytes(&value).unwrap())
            })
            .collect();
        frames.push(Frame::trailers(trailers));
    }
    let body = StreamBody::new(stream::iter(frames.into_iter().map(Ok::<_, Infallible>)));
    response.body(BodyExt::boxed(body)).unwrap()
}

/// The ports in memory: rows, the trail, and a vault that seals by doing nothing.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) rows: Mutex<HashMap<CredentialId, Arc<CredentialWithSecret>>>,
    pub(crate) trail: Mutex<Vec<NewAudit>>,
    pub(crate) trail_is_down: Mutex<bool>,
    pub(crate) open_failure: Mutex<Option<OpenFailure>>,
    pub(crate) names: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    pub(crate) asked: Mutex<Vec<String>>,
    pub(crate) look_ups: AtomicU64,
    pub(crate) policies: Mutex<OrganizationPolicies>,
}

#[async_trait]
impl CredentialSource for Memory {
    async fn credential(&self, id: CredentialId) -> Result<Option<Arc<CredentialWithSecret>>, Unavailable> {
        Ok(self.rows.lock().unwrap().get(&id).cloned())
    }

    async fn policies(&self, _: OrganizationId) -> Result<Arc<OrganizationPolicies>, Unavailable> {
        Ok(Arc::new(self.policies.lock().unwrap().clone()))
    }

    async fn record(&self, event: NewAudit) -> Result<(), Unavailable> {
        if *self.trail_is_down.lock().unwrap() {
            return Err(Unavailable);
        }
        self.trail.lock().unwrap().push(event);
        Ok(())
    }

    async fn store_outcome(&self, outcome: UseOutcome, at: Timestamp) -> Result<(), Unavailable> {
        self.record(outcome.record(at)).await
    }
}

#[async_trait]
impl OpenSecret for Memory {
    async fn open(&self, stored: &CredentialWithSecret) -> Result<SecretBytes, OpenFailure> {
        if let Some(failure) = *self.open_failure.lock().unwrap() {
            return Err(failure);
        }
        stored
            .secret
            .as_ref()
            .map(|secret| SecretBytes::new(secret.blob.clone()))
            .ok_or(OpenFailure::Unavailable)
    }
}

#[async_trait]
impl Resolve for Memory {
    /// Names resolve to loopback unless the test says otherwise; successive answers follow each other.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.look_ups.fetch_add(1, Ordering::Relaxed);
        self.asked.lock().unwrap().push(name.to_owned());
        let mut names = self.names.lock().unwrap();
        match names.get_mut(name) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => answers.first().cloned().ok_or_else(|| io::Error::other("no such name")),
            None => Ok(vec![IpAddr::from([127, 0, 0, 1])]),
        }
    }
}

pub(crate) struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }
}

/// A door, what stands behind it, and one workspace.
pub(crate) struct World {
    pub(crate) door: Connect,
    pub(crate) memory: Arc<Memory>,
    next_id: AtomicU64,
}

impl World {
    /// A door that may reach loopback.
    pub(crate) fn new() -> Self {
        Self::with(Config { allow: "127.0.0.0/8".parse().unwrap(), ..Config::default() })
    }

    pub(crate) fn trusting(certificate: rustls::pki_types::CertificateDer<'static>) -> Self {
        Self::with(Config {
            allow: "127.0.0.0/8".parse().unwrap(),
            roots: TlsRoots { system: false, extra: vec![certificate] },
            ..Config::default()
        })
    }

    pub(crate) fn with(config: Config) -> Self {
        let memory = Arc::new(Memory::default());
        let door = Connect::new(
            config,
            Ports {
                source: Arc::clone(&memory) as Arc<dyn CredentialSource>,
                opener: Arc::clone(&memory) as Arc<dyn OpenSecret>,
                clock: Arc::new(StoppedClock),
                resolver: Arc::clone(&memory) as Arc<dyn Resolve>,
                oauth: None,
            },
        );
        Self { door, memory, next_id: AtomicU64::new(100) }
    }

    pub(crate) fn id(&self) -> u128 {
        u128::from(self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    /// Stores a credential of the workspace.
    pub(crate) fn credential(
        &self,
        auth_type: AuthType,
        parameters: Value,
        data: Value,
        hosts: &[&str],
    ) -> CredentialId {
        self.credential_with(auth_type, parameters, data, hosts, |_| {})
    }

    pub(crate) fn credential_with(
        &self,
        auth_type: AuthType,
        parameters: Value,
        data: Value,
        hosts: &[&str],
        change: impl FnOnce(&mut Credential),
    ) -> CredentialId {
        let id = CredentialId::new(StoppedClock.now(), self.id());
        let Value::Object(parameters) = parameters else { panic!("parameters are an object") };
        let belonging = Belonging { organization: organization(), workspace: workspace(), owner: user() };
        let policy = Policy {
            service: "http".to_owned(),
            auth_type,
            allowed_hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            parameters,
        };
        let mut credential =
            Credential::new(id, belonging, "Canary", Scope::Workspace, policy, StoppedClock.now());
        change(&mut credential);
        let secret = SealedSecret {
            address: SecretAddress {
                owner: id.to_string(),
                field: "data".to_owned(),
                slot: SecretSlot::Current,
            },
            revision: credential.secret_revision,
            scope: KeyScopeRef::workspace(workspace()),
            key_version: 1,
            bound_type: auth_type.as_str().to_owned(),
            policy_hash: Vec::new(),
            blob: data.to_string().into_bytes(),
            destroy_at: None,
        };
        let row = CredentialWithSecret { credential, secret: Some(secret) };
        self.memory.rows.lock().unwrap().insert(id, Arc::new(row));
        id
    }

    /// A bearer credential with the canary.
    pub(crate) fn bearer(&self, hosts: &[&str]) -> CredentialId {
        self.credential(AuthType::Bearer, json!({}), json!({"token": ascii_canary()}), hosts)
    }

    /// A credential for each place of a request that a secret can go to. A cookie takes fewer characters than the
    /// canary has.
    pub(crate) fn in_every_placement(&self, hosts: &[&str]) -> Vec<CredentialId> {
        let key = |place: &str, name: &str, key: &str| {
            self.credential(
                AuthType::ApiKey,
                json!({"in": place, "name": name}),
                json!({ "key": key }),
                hosts,
            )
        };
        let canary = ascii_canary();
        vec![
            self.bearer(hosts),
            self.credential(AuthType::Basic, json!({"username": "ada"}), json!({"password": canary}), hosts),
            key("header", "x-key", &canary),
            key("query", "k", &canary),
            key("cookie", "k", "canary-cookie-1"),
            self.credential(AuthType::CustomHeaders, json!({}), json!({"headers": {"x-a": canary}}), hosts),
        ]
    }

    pub(crate) async fn get(
        &self,
        credential: Option<CredentialId>,
        url: impl Into<String>,
    ) -> Result<flero_connect::Reply, flero_connect::Error> {
        self.send(credential, Request::new(Method::GET, url)).await
    }

    pub(crate) async fn send(
        &self,
        credential: Option<CredentialId>,
        request: Request,
    ) -> Result<flero_connect::Reply, flero_connect::Error> {
        self.door.send(call(credential, request)).await
    }

    pub(crate) fn trail(&self) -> Vec<NewAudit> {
        self.memory.trail.lock().unwrap().clone()
    }
}

/// The canary in the characters that a header value may have.
pub(crate) fn ascii_canary() -> String {
    CANARY.replace('é', "e")
}

pub(crate) fn call(credential: Option<CredentialId>, request: Request) -> Call {
    Call {
        principal: principal(),
        purpose: node(),
        credential: credential.map_or(Chosen::None, Chosen::Stored),
        intent: Intent::Record,
        request,
    }
}

pub(crate) fn node() -> Purpose {
    Purpose::Node {
        workflow: WorkflowId::new(StoppedClock.now(), 7),
        execution: ExecutionId::new(StoppedClock.now(), 8),
        node: "call".to_owned(),
        attempt: 1,
    }
}

pub(crate) fn principal() -> Principal {
    Principal {
        user: user(),
        organization: organization(),
        workspace: workspace(),
        organization_role: OrganizationRole::Member,
        role: Role::Editor,
        via: Via::Run { execution: ExecutionId::new(StoppedClock.now(), 8) },
    }
}

pub(crate) fn organization() -> OrganizationId {
    OrganizationId::new(StoppedClock.now(), 1)
}

pub(crate) fn workspace() -> WorkspaceId {
    WorkspaceId::new(StoppedClock.now(), 2)
}

pub(crate) fn user() -> UserId {
    UserId::new(StoppedClock.now(), 3)
}

/// A certificate for names, and the server configuration that shows it.
pub(crate) fn certificate(
    names: &[&str],
    alpn: &[&str],
) -> (rustls::pki_types::CertificateDer<'static>, Arc<rustls::ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(names.iter().map(ToString::to_string).collect::<Vec<_>>())
        .unwrap();
    let certificate = made.cert.der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    (certificate, Arc::new(config))
}
