//! `flero marketplace`: making and trying out registries.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    extract::{Path as UrlPath, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use flero_marketplace::Package;
use flero_model::Clock as _;
use flero_registry::publish::{Publisher, Rotation};

use super::connector::folder;
use crate::{
    cli::Marketplace,
    exit::{Failure, say},
    wiring::clock::SystemClock,
};

/// Carries a command out.
pub(crate) async fn run(command: Marketplace) -> Result<(), Failure> {
    match command {
        Marketplace::Init { registry, keys } => init(publisher(registry, keys.keys)?).await,
        Marketplace::Publish { connector, as_version, registry, keys } => {
            publish(&publisher(registry, keys.keys)?, &connector, &as_version).await
        }
        Marketplace::Index { registry, keys } => {
            let count = publisher(registry, keys.keys)?.index(SystemClock.now()).await.map_err(failed)?;
            say(&format!("Signed anew: {count} package versions. Sign again within 90 days."))
        }
        Marketplace::Rotate { registry, root_key, registry_key, keys } => {
            let rotation = Rotation { root: root_key, registry: registry_key };
            rotate(&publisher(registry, keys.keys)?, rotation).await
        }
        Marketplace::Serve { registry, listen } => {
            if !listen.ip().is_loopback() {
                return Err(Failure::usage(
                    "this server is for trying out; publish the folder with a web server",
                ));
            }
            serve(registry, listen).await
        }
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::work(error.to_string())
}

/// A publisher whose keys do not lie in what is published.
fn publisher(folder: PathBuf, keys: PathBuf) -> Result<Publisher, Failure> {
    let whole = |path: &Path| std::path::absolute(path).map_err(failed);
    if whole(&keys)?.starts_with(whole(&folder)?) {
        return Err(Failure::usage("keep the keys outside of the registry: everything in it is published"));
    }
    Ok(Publisher { folder, keys })
}

async fn init(publisher: Publisher) -> Result<(), Failure> {
    publisher.init(SystemClock.now()).await.map_err(failed)?;
    say(&format!("The registry is in {}.", publisher.folder.display()))?;
    say(&format!("The keys are in {}: back them up, and publish them never.", publisher.keys.display()))?;
    say(&format!("Give {} to those who add the registry.", publisher.root().display()))
}

async fn rotate(publisher: &Publisher, rotation: Rotation) -> Result<(), Failure> {
    let root = publisher.rotate(rotation, SystemClock.now()).await.map_err(failed)?;
    say(&format!("Signed {} and a new index. Publish the folder as it is now.", root.display()))?;
    if rotation.root || rotation.registry {
        let keys = publisher.keys.display();
        say(&format!(
            "Back up the new keys in {keys}. Those named `before` sign nothing any more: destroy them."
        ))?;
    }
    say(&format!("Whoever adds the registry from now on gets {}.", root.display()))
}

async fn publish(publisher: &Publisher, connector: &Path, version: &str) -> Result<(), Failure> {
    let version = version.parse().map_err(|error| Failure::usage(format!("{error}")))?;
    let folder::Folder { id, files } = folder::read(connector)?;
    let package = Package::new(id, version, files).map_err(failed)?;
    let entry = publisher.publish(&package, SystemClock.now()).await.map_err(failed)?;
    let hosts: Vec<&str> = entry.reach.hosts.iter().map(String::as_str).collect();
    say(&format!(
        "{} {} is in the index: {} operations, {} events, hosts {}.",
        entry.name,
        entry.version,
        entry.reach.operations.len(),
        entry.reach.events.len(),
        hosts.join(", ")
    ))
}

async fn serve(registry: PathBuf, listen: std::net::SocketAddr) -> Result<(), Failure> {
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(|error| Failure::start(format!("{listen} cannot be used ({})", error.kind())))?;
    say(&format!(
        "The registry {} is on http://{}/",
        registry.display(),
        listener.local_addr().map_err(failed)?
    ))?;
    let router = Router::new().route("/{folder}/{name}", get(file)).with_state(registry);
    axum::serve(listener, router)
        .with_graceful_shutdown(async {
            // Without a signal handler it is served until the process ends.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await
        .map_err(failed)
}

/// One file of the two folders. The router has no route with more parts, and a part has no way up.
async fn file(
    State(registry): State<PathBuf>,
    UrlPath((folder, name)): UrlPath<(String, String)>,
) -> Response {
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    if !matches!(folder.as_str(), "metadata" | "targets") || !is_plain || name.starts_with('.') {
        return StatusCode::NOT_FOUND.into_response();
    }
    match tokio::fs::read(registry.join(folder).join(name)).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
