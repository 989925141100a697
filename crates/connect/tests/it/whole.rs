//! The door on the real vault and the real database.

use std::sync::Arc;

use data_encoding::BASE64;
use flero_connect::{
    Config, Connect, CredentialSource, Kind, OpenSecret, Ports, Request, StoreSource,
    resolve::SystemResolver, source::CREDENTIAL_FIELD,
};
use flero_keyring::{InitOptions, Keyring, Options};
use flero_model::{
    Clock, NodeInstanceId,
    audit::AuditAction,
    credential::{AuthType, Credential, Status},
    secret::SecretBytes,
};
use flero_store::{
    AuditStore, CredentialStore, PageRequest, Store, audit::AuditFilter, credentials::CredentialChange,
};
use flero_store_sqlite::SqliteStore;
use flero_vault::slot::EnvironmentKey;
use http::Method;
use serde_json::json;

use super::harness::{Answer, Server, StoppedClock, World, ascii_canary, call, workspace};

struct Installation {
    folder: tempfile::TempDir,
    store: SqliteStore,
    source: Arc<StoreSource>,
    door: Connect,
    credential: Credential,
}

/// An installation in a folder, with one bearer credential for 127.0.0.1.
async fn install() -> Installation {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("flero.db")).unwrap();
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let provider = Arc::new(EnvironmentKey::from_value(&BASE64.encode(&[7; 32]).into()).unwrap());
    let node = NodeInstanceId::new(StoppedClock.now(), 1);
    let init = InitOptions { providers: vec![provider], options: Options::default() };
    let keyring = Keyring::init(Arc::new(store.clone()), Arc::new(StoppedClock), node, init).await.unwrap();
    // The row is made by the harness, so that both kinds of test use the same one.
    let memory = World::new();
    let id = memory.credential(AuthType::Bearer, json!({}), json!({}), &["http://127.0.0.1"]);
    let credential = memory.memory.rows.lock().unwrap()[&id].credential.clone();
    let document = SecretBytes::new(json!({"token": ascii_canary()}).to_string().into_bytes());
    let sealed = keyring.seal_credential(&credential, CREDENTIAL_FIELD, &document).await.unwrap();
    let change = CredentialChange {
        credential: credential.clone(),
        secrets: vec![sealed],
        destroy: Vec::new(),
        audit: Vec::new(),
    };
    store.create_credential(change).await.unwrap();
    let source = Arc::new(StoreSource::new(shared));
    let door = Connect::new(
        Config { allow: "127.0.0.0/8".parse().unwrap(), ..Config::default() },
        Ports {
            source: Arc::clone(&source) as Arc<dyn CredentialSource>,
            opener: Arc::new(keyring) as Arc<dyn OpenSecret>,
            clock: Arc::new(StoppedClock),
            resolver: Arc::new(SystemResolver),
            oauth: None,
        },
    );
    Installation { folder, store, source, door, credential }
}

impl Installation {
    async fn get(&self, url: String) -> Result<flero_connect::Reply, flero_connect::Error> {
        self.door.send(call(Some(self.credential.id), Request::new(Method::GET, url))).await
    }

    async fn actions(&self) -> Vec<AuditAction> {
        let page =
            self.store.list_audit(workspace(), AuditFilter::default(), PageRequest::default()).await.unwrap();
        page.items.into_iter().rev().map(|record| record.event.action).collect()
    }
}

/// The secret goes to the service and comes back in no stored byte, though the service echoes it.
#[tokio::test]
async fn a_stored_secret_reaches_the_service_and_no_stored_byte() {
    let server = Server::start(|seen| Answer::new(200, seen.everything())).await;
    let installation = install().await;
    let reply = installation.get(server.url("127.0.0.1", "/echo")).await.unwrap();
    assert_eq!(server.seen()[0].header("authorization"), Some(format!("Bearer {}", ascii_canary()).as_str()));
    assert!(!String::from_utf8_lossy(&reply.body).contains("cnry"));
    assert_eq!(installation.actions().await, [AuditAction::CredentialUseIntent, AuditAction::CredentialUsed]);
    let row = installation.store.get_credential(installation.credential.id).await.unwrap();
    assert_eq!((row.status, row.last_used_at), (Status::Active, Some(StoppedClock.now())));
    for entry in std::fs::read_dir(installation.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"cnry"));
    }
}

/// A refused credential is failing until the service takes it again.
#[tokio::test]
async fn a_refusal_marks_the_credential_and_a_success_clears_it() {
    let server = Server::start(|seen| Answer::new(if seen.uri == "/no" { 401 } else { 200 }, "")).await;
    let installation = install().await;
    for (path, status) in [("/no", Status::Failing), ("/no", Status::Failing), ("/yes", Status::Active)] {
        installation.get(server.url("127.0.0.1", path)).await.unwrap();
        let row = installation.store.get_credential(installation.credential.id).await.unwrap();
        assert_eq!(row.status, status, "{path}");
    }
    let changes = installation.actions().await;
    let changed = changes.iter().filter(|action| **action == AuditAction::CredentialStatusChanged).count();
    assert_eq!(changed, 2, "{changes:?}");
}

/// Security test 5: an allow-list that somebody edited in the database opens nothing.
#[tokio::test]
async fn a_policy_edited_in_the_database_opens_nothing() {
    let server = Server::start(|_| Answer::new(200, "")).await;
    let installation = install().await;
    let mut edited = installation.credential.clone();
    edited.policy.allowed_hosts.push("http://localhost".parse().unwrap());
    let change =
        CredentialChange { credential: edited, secrets: Vec::new(), destroy: Vec::new(), audit: Vec::new() };
    installation.store.update_credential(change).await.unwrap();
    let refused = installation.get(server.url("localhost", "/")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::VaultTampered);
    assert_eq!(installation.actions().await.last(), Some(&AuditAction::VaultTampering));
    assert!(server.seen().is_empty());
}

/// Security test 23: a row is kept for half a second at most, and not at all once it is forgotten.
#[tokio::test]
async fn a_deleted_credential_is_gone_within_a_second() {
    let server = Server::start(|_| Answer::new(200, "")).await;
    let installation = install().await;
    let url = server.url("127.0.0.1", "/");
    installation.get(url.clone()).await.unwrap();
    installation.store.delete_credential(installation.credential.id, Vec::new()).await.unwrap();
    let started = std::time::Instant::now();
    while installation.get(url.clone()).await.is_ok() {
        assert!(started.elapsed() < std::time::Duration::from_secs(1), "still usable after a second");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let refused = installation.get(url.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::CredentialNotFound);

    let second = install().await;
    second.get(url.clone()).await.unwrap();
    second.store.delete_credential(second.credential.id, Vec::new()).await.unwrap();
    second.source.forget(second.credential.id);
    assert_eq!(second.get(url).await.unwrap_err().kind(), Kind::CredentialNotFound);
}
