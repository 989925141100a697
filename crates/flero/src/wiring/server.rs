//! From an installation to everything that runs: the door, the engine, the application.

use std::{sync::Arc, time::Duration};

use flero_app::App;
use flero_connect::{Connect, Ports, resolve::SystemResolver};
use flero_engine::{Engine, EngineConfig, EngineParts};
use flero_keyring::{Keyring, ScopeRotationOptions};
use flero_sandbox::{Sandbox, SandboxConfig};
use flero_store::KeyStore as _;

use super::Installation;
use crate::exit::Failure;

/// How often the process reports that it lives and looks for changes of the keys.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);

/// How often rotations of scope keys are carried on: the destruction of an old key waits for days.
const ROTATIONS_EVERY: Duration = Duration::from_secs(3_600);

/// How often the heads of the audit trails are noted, in the log and under the audit key.
const CHECKPOINTS_EVERY: Duration = Duration::from_secs(3_600);

/// What runs.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) keyring: Keyring,
    pub(crate) engine: Engine,
    pub(crate) connect: Connect,
    pub(crate) app: App,
}

impl Installation {
    /// Puts everything together. Nothing runs yet but the reports of `kind`.
    pub(crate) async fn parts(&self, keyring: Keyring, kind: &'static str) -> Result<Parts, Failure> {
        let allow = self.config.egress_allow.join(",").parse();
        let allow = allow
            .map_err(|error: flero_connect::guard::InvalidAllowEntry| Failure::start(error.to_string()))?;
        let config = flero_connect::Config {
            allow,
            own_addresses: std::iter::once(self.config.listen).chain(self.config.metrics_listen).collect(),
            ..flero_connect::Config::default()
        };
        let source = Arc::new(flero_connect::StoreSource::new(self.port()));
        let ports = Ports {
            source: source.clone(),
            opener: Arc::new(keyring.clone()),
            clock: self.clock.clone(),
            resolver: Arc::new(SystemResolver),
            oauth: Some(flero_connect::oauth::OauthPorts {
                store: self.port(),
                keyring: keyring.clone(),
                timing: flero_connect::oauth::Timing::default(),
            }),
        };
        let connect = Connect::new(config, ports);
        let engine = Engine::new(EngineParts {
            config: EngineConfig { file_bytes: self.config.max_file_bytes, ..EngineConfig::default() },
            store: self.port(),
            blobs: self.blobs.clone(),
            connect: connect.clone(),
            sandbox: Some(sandbox()?),
            clock: self.clock.clone(),
            node: self.node,
        });
        let app = App::new(flero_app::Parts {
            store: self.port(),
            clock: self.clock.clone(),
            public_url: self.config.public_url.to_string(),
            keyring: keyring.clone(),
            connect: connect.clone(),
            source,
            engine: engine.clone(),
            registries: Arc::new(flero_registry::Tuf::default()),
            marketplace: flero_app::marketplace::MarketplaceFolders {
                memory: self.config.data_dir.join("marketplace"),
                registries: self.config.marketplace_folder.clone(),
            },
        });
        self.report(&keyring, kind).await?;
        Ok(Parts { keyring, engine, connect, app })
    }

    /// Reports this process as alive, now and from time to time.
    async fn report(&self, keyring: &Keyring, kind: &'static str) -> Result<(), Failure> {
        keyring.heartbeat(kind).await.map_err(super::keyring)?;
        let keyring = keyring.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(HEARTBEAT_EVERY).await;
                if let Err(error) = keyring.heartbeat(kind).await {
                    tracing::warn!(%error, "the keys could not be checked");
                }
            }
        });
        Ok(())
    }

    /// Carries rotations on that were begun at the command line or interrupted, now and from time to time.
    pub(crate) fn carry_rotations_on(&self, keyring: &Keyring) {
        let keyring = keyring.clone();
        tokio::spawn(async move {
            loop {
                match keyring.resume_scope_rotations(ScopeRotationOptions::default(), Vec::new()).await {
                    Ok(scopes) if scopes.is_empty() => {}
                    Ok(scopes) => tracing::info!(scopes = scopes.len(), "carried rotations of scope keys on"),
                    Err(error) => tracing::warn!(%error, "rotations of scope keys could not be carried on"),
                }
                tokio::time::sleep(ROTATIONS_EVERY).await;
            }
        });
    }

    /// Notes the heads of the audit trails, now and from time to time.
    pub(crate) fn checkpoint_audit(&self, app: &App) {
        let app = app.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = app.checkpoint_audit().await {
                    tracing::warn!(target: "audit", %error, "the heads of the audit trails could not be noted");
                }
                tokio::time::sleep(CHECKPOINTS_EVERY).await;
            }
        });
    }

    /// Forgets every other server of this data folder: the lock tells that none lives, so their runs can be taken
    /// over at once.
    pub(crate) async fn retire_former_servers(&self, kind: &str) -> Result<(), Failure> {
        let retired = self.store.retire_nodes(self.node, Some(kind)).await;
        retired.map_err(|error| super::database(&self.config, &error))
    }

    /// Forgets this process, at its end.
    pub(crate) async fn retire(&self) {
        if let Err(error) = self.store.retire_nodes(self.node, None).await {
            tracing::warn!(%error, "the end of this process could not be noted");
        }
    }
}

fn sandbox() -> Result<Sandbox, Failure> {
    let program = std::env::current_exe().map_err(|error| {
        Failure::start(format!("the program does not find its own file ({}).", error.kind()))
    })?;
    Sandbox::new(SandboxConfig::new(program, vec!["sandbox-child".to_owned()]))
        .map_err(|error| Failure::start(format!("the sandbox for Code nodes cannot be set up: {error}.")))
}
