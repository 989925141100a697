//! The leak scan finds what it must, names it without quoting it, and is quiet otherwise.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use data_encoding::{BASE64, HEXUPPER};
use flero_keyring::leak_scan::{OnProgress, Progress, Report};
use flero_model::credential::Scope;
use flero_store::keys::SecretSlot;
use flero_store::{CredentialStore, credentials::CredentialChange};

use crate::support::{World, bytes, provider};

fn silent() -> OnProgress {
    Arc::new(|_: Progress| {})
}

struct Scene {
    world: World,
    keyring: flero_keyring::Keyring,
    folder: PathBuf,
}

async fn scene() -> Scene {
    let world = World::new();
    let keyring = world.init(vec![provider(1)]).await;
    let folder = world.folder.path().join("logs");
    fs::create_dir(&folder).unwrap();
    Scene { world, keyring, folder }
}

async fn scan(scene: &Scene) -> Report {
    scene.keyring.leak_scan(std::slice::from_ref(&scene.folder), silent()).await.unwrap()
}

/// Security test 43: the secret is found in other files in every form, and in none of the database's own.
#[tokio::test]
async fn a_planted_secret_is_found_and_the_database_is_clean() {
    let scene = scene().await;
    let document = r#"{"token":"canary-Ä/+token"}"#;
    let credential = scene.world.create(&scene.keyring, Scope::Workspace, document).await;
    let own = scene.keyring.leak_scan(&scene.world.store.files_to_scan(), silent()).await.unwrap();
    assert!(own.is_clean(), "{own:?}");
    assert!(own.bytes_scanned > 0 && own.files > 0 && own.secrets == 1 && own.needles > 20);

    fs::write(scene.folder.join("raw.log"), "GET /?key=canary-Ä/+token").unwrap();
    fs::create_dir(scene.folder.join("deep")).unwrap();
    let basic = format!("Basic {}", BASE64.encode("user:canary-Ä/+token".as_bytes()));
    fs::write(scene.folder.join("deep/basic.log"), basic).unwrap();
    fs::write(scene.folder.join("dump.hex"), HEXUPPER.encode("xcanary-Ä/+token".as_bytes())).unwrap();
    fs::write(scene.folder.join("clean.log"), "GET /?key=[REDACTED]").unwrap();
    let report = scan(&scene).await;
    let mut found: Vec<_> = report
        .hits
        .iter()
        .map(|hit| (hit.file.file_name().unwrap().to_str().unwrap(), hit.offset, hit.encoding.as_str()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, [("basic.log", 13, "base64+2"), ("dump.hex", 2, "HEX"), ("raw.log", 10, "raw")]);
    assert!(report.hits.iter().all(|hit| hit.owner == credential.id.to_string() && hit.field == "data"));
    assert!(!report.is_clean());
    assert!(!serde_json::to_string(&report).unwrap().contains("canary"));
}

/// A needle that lies across the border of two reads, at every place of the border, is found once.
#[tokio::test]
async fn a_secret_across_two_windows_is_found_once() {
    let scene = scene().await;
    scene.world.create(&scene.keyring, Scope::Workspace, r#"{"token":"canary-across"}"#).await;
    for place in 0..=13_usize {
        let mut text = vec![b'.'; 1024 * 1024 + 4_096];
        let start = 1024 * 1024 - place;
        text[start..start + 13].copy_from_slice(b"canary-across");
        fs::write(scene.folder.join("big.log"), text).unwrap();
        let report = scan(&scene).await;
        let offsets: Vec<u64> = report.hits.iter().map(|hit| hit.offset).collect();
        assert_eq!(offsets, [start as u64], "place {place}");
    }
}

#[tokio::test]
async fn one_value_in_two_credentials_names_both() {
    let scene = scene().await;
    scene.world.create(&scene.keyring, Scope::Workspace, r#"{"token":"shared-canary"}"#).await;
    scene.world.create(&scene.keyring, Scope::Personal, r#"{"key":"shared-canary"}"#).await;
    fs::write(scene.folder.join("a.log"), "shared-canary").unwrap();
    assert_eq!(scan(&scene).await.hits.len(), 2);
}

#[tokio::test]
async fn former_secrets_are_looked_for_too() {
    let scene = scene().await;
    let mut credential =
        scene.world.create(&scene.keyring, Scope::Workspace, r#"{"token":"former-canary"}"#).await;
    let mut former = scene.world.store.get_secret(credential.id, SecretSlot::Current).await.unwrap();
    former.address.slot = SecretSlot::Previous;
    credential.secret_revision += 1;
    let new = scene
        .keyring
        .seal_credential(&credential, "data", &bytes(r#"{"token":"present-one"}"#))
        .await
        .unwrap();
    let change = CredentialChange { credential, secrets: vec![new, former], destroy: vec![], audit: vec![] };
    scene.world.store.update_credential(change).await.unwrap();
    fs::write(scene.folder.join("a.log"), "former-canary").unwrap();
    let report = scan(&scene).await;
    assert_eq!((report.secrets, report.hits.len()), (2, 1));
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_said() {
    let scene = scene().await;
    let short = scene.world.create(&scene.keyring, Scope::Workspace, r#"{"pin":"1234"}"#).await;
    fs::write(scene.folder.join("a.log"), "1234").unwrap();
    let report = scan(&scene).await;
    assert_eq!(report.too_short, [short.id.to_string()]);
    assert!(report.hits.is_empty());
    scene.keyring.seal_vault("closed");
    assert!(scene.keyring.leak_scan(&[], silent()).await.is_err());
}

/// More needles than one group holds: every file is read once for each group, and nothing is missed.
#[tokio::test]
async fn many_large_secrets_are_scanned_in_groups() {
    let scene = scene().await;
    let large = |number: u32| format!("{number:08}-{}", "abcdefghijklmnopqrstuvwxyz012345".repeat(400));
    for number in 0..6 {
        scene.world.create(&scene.keyring, Scope::Workspace, &large(number)).await;
    }
    fs::write(scene.folder.join("a.log"), format!("{} {}", large(0), large(5))).unwrap();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&steps);
    let progress: OnProgress = Arc::new(move |step: Progress| seen.lock().unwrap().push(step));
    let report = scene.keyring.leak_scan(std::slice::from_ref(&scene.folder), progress).await.unwrap();
    assert_eq!(report.hits.len(), 2, "{:?}", report.hits);
    let size = fs::metadata(scene.folder.join("a.log")).unwrap().len();
    assert!(report.bytes_scanned >= 2 * size, "{} of {size}", report.bytes_scanned);
    assert!(steps.lock().unwrap().last().is_some_and(|last| last.bytes_scanned == report.bytes_scanned));
}
