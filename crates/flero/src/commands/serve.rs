//! `flero serve`.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use flero_model::secret::SecretString;
use flero_store::PeopleStore as _;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    config::Config,
    demo::practice,
    exit::{Failure, say},
    wiring::{Installation, data_dir, database},
};

/// What this kind of process is called among the processes of an installation.
pub(crate) const KIND: &str = "server";

/// How long runs may go on after the end was asked for; what is left goes on at the next start.
const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

/// Runs the server until it is told to stop.
pub(crate) async fn run(config: Config) -> Result<(), Failure> {
    data_dir::prepare(&config.data_dir)?;
    let _lock = data_dir::lock(&config.data_dir).map_err(Failure::into_start)?;
    let listener = bind(&config).await?;
    let url = config.public_url.to_string();
    let server = Server::start(config, listener).await?;
    say(&format!("Flero listens on {url}"))?;
    if server.is_new {
        let token = server.parts.app.new_setup_token().await.map_err(super::told)?;
        // The token stands behind `#`, so that no proxy and no log on the way sees it.
        let link = format!("{}/register#setup={}", url.trim_end_matches('/'), token.expose());
        say(&format!(
            "\nThere is no owner yet. Open this link to become it; it works once, until the server ends:\n\n    {link}\n"
        ))?;
    }
    server.until(stopped()).await
}

/// Takes the configured address.
pub(crate) async fn bind(config: &Config) -> Result<TcpListener, Failure> {
    TcpListener::bind(config.listen).await.map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "is in use; stop what listens there, or choose another one with FLERO_LISTEN".to_owned()
            }
            std::io::ErrorKind::PermissionDenied => {
                "is not permitted; ports below 1024 need a right of their own".to_owned()
            }
            kind => format!("cannot be used ({kind})"),
        };
        Failure::start(format!("the address {} {why}.", config.listen))
    })
}

/// A server that serves.
pub(crate) struct Server {
    installation: Installation,
    parts: crate::wiring::Parts,
    listener: TcpListener,
    router: Router,
    /// Whether nobody owns the installation yet.
    pub(crate) is_new: bool,
}

impl Server {
    /// Opens everything; the address is taken already, so that two servers never work on one folder.
    pub(crate) async fn start(mut config: Config, listener: TcpListener) -> Result<Self, Failure> {
        let practice = start_practice(&mut config).await?;
        let installation = Installation::open(config)?;
        let keyring = installation.keyring().await?;
        installation.retire_former_servers(KIND).await?;
        let parts = installation.parts(keyring, KIND).await?;
        if let Some(address) = practice {
            parts.app.offer_practice(format!("http://{address}"), practice::OFFERED_TOKEN);
        }
        let failed = |error: &flero_store::Error| database(&installation.config, error);
        let is_new = !installation.store.has_people().await.map_err(|error| failed(&error))?;
        if installation.store.is_paused().await.map_err(|error| failed(&error))? {
            tracing::warn!(
                "this installation was restored from a backup and is paused; `flero resume` lets it run again"
            );
        } else {
            let taken = parts
                .engine
                .recover()
                .await
                .map_err(|error| Failure::start(format!("executions cannot be taken over: {error}.")))?;
            if taken > 0 {
                tracing::info!(executions = taken, "took over what an earlier process left open");
            }
            parts.engine.spawn_background();
            installation.carry_rotations_on(&parts.keyring);
            parts.app.spawn_oauth_sweeps();
            parts.app.spawn_credential_sweeps();
            parts.app.spawn_notifications();
            parts.engine.spawn_events(parts.app.event_urls());
        }
        if let Some(mail) = &installation.config.mail {
            let mailer = flero_connect::mail::Mailer::new(&mail.url, &mail.from);
            parts.app.set_mailer(mailer.map_err(|fault| Failure::start(format!("{fault}.")))?);
        }
        installation.checkpoint_audit(&parts.app);
        if let Some(address) = installation.config.metrics_listen {
            crate::metrics::serve(address, parts.clone(), installation.store.clone()).await?;
        }
        warn_of_slots(&parts.keyring).await;
        prune_sessions(&parts.app);
        tokio::task::spawn_blocking(|| {
            if flero_vault::seed_generator().is_err() {
                tracing::error!("there is no randomness; no secret can be sealed");
            }
        });
        crate::memory::let_start_up_code_go();
        let router = flero_api::router(parts.app.clone()).fallback(page);
        Ok(Self { installation, parts, listener, router, is_new })
    }

    /// The application, for the demonstration.
    pub(crate) fn parts(&self) -> &crate::wiring::Parts {
        &self.parts
    }

    /// The installation, for the demonstration.
    pub(crate) fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Serves until `end`, then lets requests and runs finish.
    pub(crate) async fn until(self, end: impl Future<Output = ()>) -> Result<(), Failure> {
        let trusted_proxies = self.installation.config.trusted_proxies.clone();
        let limits = flero_api::Limits { trusted_proxies, ..flero_api::Limits::default() };
        let served = flero_api::serve(self.listener, self.router, limits, end).await;
        let left = self.parts.engine.shutdown(GRACE).await;
        if left > 0 {
            tracing::info!(executions = left, "left to go on at the next start");
        }
        self.installation.retire().await;
        served.map_err(|error| {
            Failure::work(format!("the server cannot take connections any more ({}).", error.kind()))
        })
    }
}

/// Starts the practice service where one is asked for, and lets workflows reach it.
async fn start_practice(config: &mut Config) -> Result<Option<SocketAddr>, Failure> {
    let Some(address) = config.practice else { return Ok(None) };
    let token = Arc::new(SecretString::new(practice::OFFERED_TOKEN.to_owned()));
    let service = practice::start_at(address, token).await.map_err(|error| {
        Failure::start(format!("the address {address} of FLERO_PRACTICE cannot be used ({}).", error.kind()))
    })?;
    config.egress_allow.push(service.address.to_string());
    Ok(Some(service.address))
}

/// Removes sessions that are over, now and every hour.
fn prune_sessions(app: &flero_app::App) {
    let app = app.clone();
    tokio::spawn(async move {
        loop {
            if let Err(error) = app.prune_sessions().await {
                tracing::warn!(%error, "sessions that are over were not removed");
            }
            tokio::time::sleep(std::time::Duration::from_secs(3_600)).await;
        }
    });
}

/// Says what endangers the keys, once at the start.
async fn warn_of_slots(keyring: &flero_keyring::Keyring) {
    if let Ok(status) = keyring.status().await {
        for warning in status.warnings {
            tracing::warn!("{warning}");
        }
    }
}

/// The interface beside the API.
async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let accepts =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(nonce) = nonce() else {
        tracing::error!("there is no randomness; the page cannot be shown");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (status, asset) = match flero_web::asset(uri.path(), accepts, || nonce.clone()) {
        Some(asset) => (StatusCode::OK, asset),
        None if is_visit(&method, uri.path(), &headers) => (StatusCode::NOT_FOUND, flero_web::page(&nonce)),
        None => return flero_api::not_found(),
    };
    let mut response = (status, asset.body).into_response();
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, header::HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, asset.content_type);
    set(header::CACHE_CONTROL, asset.cache_control);
    set(header::VARY, "accept-encoding");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    if let Some(encoding) = asset.encoding {
        set(header::CONTENT_ENCODING, encoding);
    }
    if let Some(policy) = asset.policy {
        set(header::X_FRAME_OPTIONS, "DENY");
        set(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        match header::HeaderValue::from_str(&policy) {
            Ok(policy) => headers.insert(header::CONTENT_SECURITY_POLICY, policy),
            Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        };
    }
    response
}

/// Whether somebody opens an address in a browser: they are shown the page, which says that there is nothing. Programs,
/// and whoever calls what is for programs, are told so as a problem.
fn is_visit(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let is_for_programs = ["/api/", "/webhook/"].iter().any(|start| path.starts_with(start));
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    method == Method::GET && !is_for_programs && accept.contains("text/html")
}

/// Fresh random text for a page's policy: 128 bits, as CSP asks for (Content Security Policy Level 3, section 7.1).
fn nonce() -> Result<String, flero_vault::Error> {
    let random = flero_vault::random_u128()?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&random.to_be_bytes()))
}

/// Ends when the operator or the system asks for it. That is heard from the call on, not from the first look at what it
/// gives: whoever stops a server that has just answered stops it in order.
pub(crate) fn stopped() -> impl Future<Output = ()> {
    let mut terminate = signal(SignalKind::terminate()).ok();
    let mut interrupt = signal(SignalKind::interrupt()).ok();
    async move {
        tokio::select! {
            Some(()) = heard(&mut terminate) => {}
            Some(()) = heard(&mut interrupt) => {}
            // Nothing can be heard: it is served until the process ends.
            else => std::future::pending().await,
        }
    }
}

async fn heard(signal: &mut Option<Signal>) -> Option<()> {
    signal.as_mut()?.recv().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_somebody_who_opens_an_address_is_shown_the_page_at_one_that_nothing_has() {
        let html =
            HeaderMap::from_iter([(header::ACCEPT, header::HeaderValue::from_static("text/html,*/*;q=0.8"))]);
        let any = HeaderMap::from_iter([(header::ACCEPT, header::HeaderValue::from_static("*/*"))]);
        for (method, path, headers, shown) in [
            (Method::GET, "/nothing/here", &html, true),
            (Method::GET, "/api/nothing", &html, false),
            (Method::GET, "/webhook/nothing", &html, false),
            (Method::POST, "/nothing/here", &html, false),
            (Method::GET, "/nothing/here", &any, false),
            (Method::GET, "/nothing/here", &HeaderMap::new(), false),
        ] {
            assert_eq!(is_visit(&method, path, headers), shown, "{method} {path}");
        }
    }
    /// One test alone asks this process to end, and every test has a process of its own under nextest.
    #[tokio::test]
    async fn a_request_to_stop_is_heard_before_anybody_waits_for_it() {
        let stopped = stopped();
        let own = rustix::process::getpid();
        rustix::process::kill_process(own, rustix::process::Signal::TERM).unwrap();
        tokio::time::timeout(std::time::Duration::from_secs(5), stopped).await.unwrap();
    }
}
