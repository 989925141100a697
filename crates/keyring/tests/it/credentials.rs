//! Secrets of credentials: what opens them, what does not, and moving them without handing them out.

use flero_keyring::{Binding, Error, Health, Keyring, Options};
use flero_model::credential::Scope;
use flero_store::CredentialStore;
use flero_store::credentials::CredentialChange;
use flero_store::keys::SecretSlot;

use crate::support::{World, bytes, provider};

#[tokio::test]
async fn a_stored_secret_opens_after_a_restart() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    for scope in [Scope::Personal, Scope::Workspace, Scope::Organization] {
        let credential = world.create(&keyring, scope, r#"{"token":"canary"}"#).await;
        let restarted = world.unlock(vec![provider(1)]).await.unwrap();
        assert_eq!(world.open(&restarted, credential.id).await.unwrap(), r#"{"token":"canary"}"#);
    }
}

/// Security tests 3 and 4: what the row says decides; a blob of another row, field or revision does not open, and is
/// reported as tampering.
#[tokio::test]
async fn a_blob_in_a_foreign_row_is_tampering() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let mine = world.create(&keyring, Scope::Workspace, "mine").await;
    let other = world.create(&keyring, Scope::Workspace, "other").await;
    let blob = world.store.get_credential_with_secret(other.id).await.unwrap().secret.unwrap().blob;

    let error = keyring.open_for_connect(&mine, "data", &blob).await.unwrap_err();
    assert!(error.is_tampering() && !error.is_unavailable(), "{error}");
    assert!(keyring.open_for_connect(&other, "tokens", &blob).await.unwrap_err().is_tampering());
    let mut older = other.clone();
    older.secret_revision += 1;
    assert!(keyring.open_for_connect(&older, "data", &blob).await.unwrap_err().is_tampering());
    let mut promoted = other.clone();
    promoted.scope = Scope::Organization;
    assert!(keyring.open_for_connect(&promoted, "data", &blob).await.is_err());
    assert!(keyring.open_for_connect(&other, "data", &blob).await.is_ok());
}

/// Security test 5: an allow-list that was edited in the database makes the secret unopenable, as an alarm.
#[tokio::test]
async fn an_allow_list_edited_in_the_database_closes_the_secret() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let mut credential = world.create(&keyring, Scope::Workspace, "secret").await;
    credential.policy.allowed_hosts.push("evil.example".parse().unwrap());
    let edit =
        CredentialChange { credential: credential.clone(), secrets: vec![], destroy: vec![], audit: vec![] };
    world.store.update_credential(edit).await.unwrap();
    assert!(world.open(&keyring, credential.id).await.unwrap_err().is_tampering());
}

/// Security test 20 (its lowest door): a wider policy needs the secret again; a narrower one does not.
#[tokio::test]
async fn a_secret_follows_a_narrower_policy_and_never_a_wider_one() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let from = world.create(&keyring, Scope::Workspace, r#"{"token":"t","other":"o"}"#).await;
    let sealed = world.store.get_secret(from.id, SecretSlot::Current).await.unwrap();

    let mut wider = from.clone();
    wider.policy.allowed_hosts.push("evil.example".parse().unwrap());
    let refused = keyring.reseal(&sealed, &from, &wider, 2, None).await.unwrap_err();
    assert!(matches!(refused, Error::PolicyWidened));
    let mut placed = from.clone();
    placed.policy.parameters.insert("in".to_owned(), "query".into());
    assert!(matches!(keyring.reseal(&sealed, &from, &placed, 2, None).await, Err(Error::PolicyWidened)));

    let mut narrower = from.clone();
    narrower.policy.allowed_hosts.pop();
    narrower.secret_revision = 2;
    let changes = bytes(r#"{"token":"new"}"#);
    let resealed = keyring.reseal(&sealed, &from, &narrower, 2, Some(&changes)).await.unwrap();
    let opened = keyring.open_for_connect(&narrower, "data", &resealed.blob).await.unwrap();
    let value: serde_json::Value = serde_json::from_slice(opened.expose()).unwrap();
    assert_eq!(value, serde_json::json!({"token": "new", "other": "o"}));
    assert!(keyring.open_for_connect(&from, "data", &resealed.blob).await.is_err());
}

#[tokio::test]
async fn a_secret_moves_to_another_scope_and_to_a_duplicate() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let from = world.create(&keyring, Scope::Personal, "secret").await;
    let sealed = world.store.get_secret(from.id, SecretSlot::Current).await.unwrap();
    let mut to = from.clone();
    to.scope = Scope::Organization;
    to.secret_revision = 2;
    let moved = keyring.reseal(&sealed, &from, &to, 2, None).await.unwrap();
    assert_eq!(moved.scope, to.key_scope());
    assert_eq!(keyring.open_for_connect(&to, "data", &moved.blob).await.unwrap().expose(), b"secret");

    let duplicate = world.credential(Scope::Personal);
    let copied = keyring.reseal(&sealed, &from, &duplicate, 1, None).await.unwrap();
    assert_eq!(copied.address.owner, duplicate.id.to_string());
    assert_eq!(keyring.open_for_connect(&duplicate, "data", &copied.blob).await.unwrap().expose(), b"secret");
}

/// A row whose revision was changed does not pass through resealing into a sound one.
#[tokio::test]
async fn a_rolled_back_secret_is_not_resealed() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let from = world.create(&keyring, Scope::Workspace, "old").await;
    let old = world.store.get_secret(from.id, SecretSlot::Current).await.unwrap();
    world.write(&keyring, from.id, "new").await.unwrap();
    let now = world.store.get_credential(from.id).await.unwrap();
    assert!(keyring.reseal(&old, &now, &now, 3, None).await.unwrap_err().is_tampering());
}

/// Security test 15: a sealed vault opens and seals nothing and says so; it can be opened later.
#[tokio::test]
async fn a_sealed_vault_uses_no_credential() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let credential = world.create(&keyring, Scope::Workspace, "secret").await;
    let node = world.node();
    let sealed = Keyring::sealed(world.faulty.clone(), world.clock.clone(), node, Options::default());
    assert!(matches!(sealed.health(), Health::Sealed { .. }));
    let refused = world.open(&sealed, credential.id).await.unwrap_err();
    assert!(matches!(refused, Error::Sealed { .. }) && refused.is_unavailable());
    assert!(sealed.seal_credential(&credential, "data", &bytes("x")).await.is_err());
    assert!(sealed.audit_mac(b"checkpoint").is_err() && sealed.rotate_root(&[], vec![]).await.is_err());

    assert!(sealed.unseal(vec![provider(2)]).await.is_err());
    assert!(matches!(sealed.health(), Health::Sealed { reason } if reason.contains("another one")));
    assert!(sealed.status().await.unwrap().sealed.is_some());

    sealed.unseal(vec![provider(1)]).await.unwrap();
    assert_eq!(world.open(&sealed, credential.id).await.unwrap(), "secret");
    sealed.seal_vault("closed by the operator");
    assert!(world.open(&sealed, credential.id).await.is_err());
}

/// Security test 43 (its backups): without the key nothing of a copied database can be read.
#[tokio::test]
async fn a_database_without_its_key_does_not_open() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    world.create(&keyring, Scope::Workspace, "canary-in-the-database").await;
    let error = world.unlock(vec![]).await.unwrap_err();
    assert!(error.to_string().contains("no key was given for it"), "{error}");
    for file in world.store.files_to_scan() {
        let stored = std::fs::read(file).unwrap_or_default();
        assert!(!stored.windows(8).any(|window| window == b"canary-i"));
    }
}

#[tokio::test]
async fn two_processes_agree_on_the_first_key_of_a_scope() {
    let world = World::new();
    let first = world.init(vec![provider(1)]).await;
    let second = world.unlock(vec![provider(1)]).await.unwrap();
    let credential = world.credential(Scope::Workspace);
    let document = bytes("x");
    let (left, right) = tokio::join!(
        first.seal_credential(&credential, "data", &document),
        second.seal_credential(&credential, "data", &document),
    );
    for sealed in [left.unwrap(), right.unwrap()] {
        assert_eq!(sealed.key_version, 1);
        for keyring in [&first, &second] {
            assert!(keyring.open_for_connect(&credential, "data", &sealed.blob).await.is_ok());
        }
    }
}

#[tokio::test]
async fn the_audit_key_outlives_a_restart() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let mac = keyring.audit_mac(b"checkpoint").unwrap();
    let restarted = world.unlock(vec![provider(1)]).await.unwrap();
    assert!(restarted.verify_audit_mac(b"checkpoint", &mac).is_ok());
    assert!(restarted.verify_audit_mac(b"another", &mac).is_err());
}

/// A scope whose keys were damaged is closed alone.
#[tokio::test]
async fn other_scopes_stay_open_when_one_is_damaged() {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let credential = world.create(&keyring, Scope::Workspace, "secret").await;
    let mut foreign = credential.clone();
    foreign.scope = Scope::Organization;
    let binding = Binding::of_credential(&foreign, "data");
    // A key of the workspace is put into the row of the organization: what a writer of the database could do.
    let row =
        flero_store::KeyStore::scope_keys(&world.store, &credential.key_scope()).await.unwrap().remove(0);
    let generation = flero_store::KeyStore::vault_state(&world.store).await.unwrap().unwrap().generation;
    let moved = flero_store::keys::ScopeKeyRow { scope: binding.scope.clone(), ..row };
    flero_store::KeyStore::add_scope_key(&world.store, generation, moved, vec![]).await.unwrap();

    let restarted = world.unlock(vec![provider(1)]).await.unwrap();
    assert!(restarted.seal(&binding, &bytes("x")).await.is_err());
    assert_eq!(world.open(&restarted, credential.id).await.unwrap(), "secret");
    let status = restarted.status().await.unwrap();
    assert!(
        status.warnings.iter().any(|warning| warning.contains(&binding.scope.id)),
        "{:?}",
        status.warnings
    );
}
