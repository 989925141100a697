//! Registries, and installing packages from them.

use std::path::Path;

use flero_marketplace::{Package, community};
use flero_model::Timestamp;
use flero_registry::publish::Publisher;
use flero_testing::{Client, PASSWORD, TestServer};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

const PACKAGES: &str = "/api/marketplace/packages";
const REGISTRIES: &str = "/api/marketplace/registries";

/// A server with a registry of a publisher that it trusts.
struct World {
    server: TestServer,
    owner: Client,
    publisher: Publisher,
    _keys: TempDir,
}

/// A community package under another name and version, which the program has not built in.
fn package(version: &str, edit: impl Fn(&str) -> String) -> Package {
    let mut files = community::package("frankfurter").unwrap().files.clone();
    let main = files.get_mut("connector.yaml").unwrap();
    *main = edit(std::str::from_utf8(main).unwrap()).into_bytes();
    Package::new("rates".into(), version.parse().unwrap(), files).unwrap()
}

fn same(text: &str) -> String {
    text.to_owned()
}

/// A version that may send secrets to one more host.
fn further(text: &str) -> String {
    let own = "    - {host: api.frankfurter.dev, class: fixed}\n";
    text.replace(own, &format!("{own}    - {{host: elsewhere.example.com, class: fixed}}\n"))
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let keys = tempfile::tempdir().unwrap();
        let publisher =
            Publisher { folder: server.folder().join("registries/ours"), keys: keys.path().join("keys") };
        publisher.init(now()).await.unwrap();
        let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
        let world = Self { server, owner, publisher, _keys: keys };
        world.publish(&package("1.0.0", same)).await;
        let added = world.owner.post(REGISTRIES, world.registry("Ours")).await.expect(201);
        assert_eq!((&added["id"], &added["name"]), (&json!("ours"), &json!("Ours")));
        world
    }

    fn registry(&self, name: &str) -> Value {
        let root: Value = serde_json::from_slice(&std::fs::read(self.publisher.root()).unwrap()).unwrap();
        json!({"name": name, "url": address(&self.publisher.folder), "root": root})
    }

    async fn publish(&self, package: &Package) {
        self.publisher.publish(package, now()).await.unwrap();
    }

    async fn install(&self, body: Value) -> flero_testing::Answer {
        self.owner.post(&format!("{PACKAGES}/ours/rates/install"), body).await
    }

    async fn package(&self) -> Value {
        self.owner.get(&format!("{PACKAGES}/ours/rates")).await.expect(200)
    }
}

/// The time that signatures are checked by, which no test can stop.
#[allow(clippy::disallowed_methods, reason = "signatures are checked by the real time")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

fn address(folder: &Path) -> String {
    Url::from_directory_path(folder).unwrap().to_string()
}

fn consent() -> Value {
    json!({"accept": {"hosts": ["api.frankfurter.dev"]}})
}

#[tokio::test]
async fn a_package_is_found_agreed_to_installed_and_called_by_its_name() {
    let world = World::new().await;
    let offer = world.owner.get(&format!("{PACKAGES}?q=frank")).await.expect(200);
    let registries: Vec<&Value> =
        offer["items"].as_array().unwrap().iter().map(|item| &item["registry"]).collect();
    assert_eq!(registries, [&json!("community"), &json!("ours")]);
    let refused = world.install(json!({})).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("api.frankfurter.dev"), "{}", refused.text());
    let connectors = world.owner.get("/api/connectors?tier=marketplace").await.expect(200);
    assert_eq!(connectors["total"], 0);
    let installed = world.install(consent()).await.expect(200);
    assert_eq!(installed["installed"]["version"], "1.0.0");
    assert_eq!(installed["change"], Value::Null);
    let connector = world.owner.get("/api/connectors/rates").await.expect(200);
    assert_eq!(connector["tier"], "marketplace");
    assert_eq!(connector["operations"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn an_upgrade_that_reaches_further_waits_for_consent_and_can_be_put_back() {
    let world = World::new().await;
    let _ = world.install(consent()).await.expect(200);
    world.publish(&package("1.1.0", further)).await;
    let seen = world.package().await;
    assert_eq!(seen["needsConsent"], true);
    assert_eq!(seen["change"]["added"]["hosts"], json!(["elsewhere.example.com"]));
    assert_eq!(world.install(json!({})).await.status, 422);
    assert_eq!(world.install(json!({"accept": {"hosts": ["api.frankfurter.dev"]}})).await.status, 422);
    assert_eq!(world.package().await["installed"]["version"], "1.0.0", "what was refused changed nothing");
    let agreed = json!({"accept": {"hosts": ["elsewhere.example.com"]}});
    let upgraded = world.install(agreed).await.expect(200);
    assert_eq!(upgraded["installed"]["version"], "1.1.0");
    assert_eq!(upgraded["installed"]["formerVersion"], "1.0.0");
    let hosts = |connector: &Value| connector["hosts"].as_array().unwrap().len();
    assert_eq!(hosts(&world.owner.get("/api/connectors/rates").await.expect(200)), 2);
    let back = "/api/marketplace/installed/rates/rollback";
    assert_eq!(world.owner.post(back, json!({})).await.status, 204);
    assert_eq!(hosts(&world.owner.get("/api/connectors/rates").await.expect(200)), 1);
    assert_eq!(world.package().await["installed"]["formerVersion"], Value::Null);
    assert_eq!(world.owner.post(back, json!({})).await.status, 404);
}

#[tokio::test]
async fn an_older_version_is_no_upgrade_and_a_built_in_connector_is_not_replaced() {
    let world = World::new().await;
    world.publish(&package("1.1.0", same)).await;
    let _ = world.install(consent()).await.expect(200);
    for version in ["1.0.0", "1.1.0"] {
        let refused = world.install(json!({"version": version})).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert!(refused.text().contains("marketplace.not_later"), "{}", refused.text());
    }
    let files = package("1.0.0", same).files;
    world.publish(&Package::new("slack".into(), "1.0.0".parse().unwrap(), files).unwrap()).await;
    let hidden = world.owner.post(&format!("{PACKAGES}/ours/slack/install"), consent()).await;
    assert!(hidden.text().contains("marketplace.built_in"), "{}", hidden.text());
    let wrong = world.install(json!({"version": "latest"})).await;
    assert!(wrong.text().contains("three numbers"), "{}", wrong.text());
}

#[tokio::test]
async fn a_package_that_was_changed_on_its_way_is_refused_and_changes_nothing() {
    let world = World::new().await;
    for entry in std::fs::read_dir(world.publisher.folder.join("targets")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("frankfurter.dev", "frankfurter.xyz")).unwrap();
    }
    let refused = world.install(consent()).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("marketplace.untrusted"), "{}", refused.text());
    assert_eq!(world.owner.get("/api/connectors/rates").await.status, 404);
}

#[tokio::test]
async fn a_registry_that_goes_back_in_time_is_named_and_the_others_are_there() {
    let world = World::new().await;
    let former = world.server.folder().join("former");
    copy(&world.publisher.folder, &former);
    world.publish(&package("1.0.1", same)).await;
    assert_eq!(world.package().await["version"], "1.0.1");
    std::fs::remove_dir_all(&world.publisher.folder).unwrap();
    copy(&former, &world.publisher.folder);
    let offer = world.owner.get(PACKAGES).await.expect(200);
    assert_eq!(offer["problems"][0]["registry"], "ours", "{offer}");
    assert!(offer["items"].as_array().unwrap().iter().all(|item| item["registry"] == "community"));
    assert_eq!(world.install(consent()).await.status, 422);
}

/// What a registry can do wrong, with a version installed from its good days: each is refused with its reason, and
/// nothing changes but what is told.
#[tokio::test]
async fn whatever_is_wrong_with_a_registry_is_refused_with_the_reason_and_changes_nothing() {
    let world = World::new().await;
    let _ = world.install(consent()).await.expect(200);
    let state = async || {
        let connector = world.owner.get("/api/connectors/rates").await.expect(200);
        let records = world.owner.get("/api/audit?action=package.installed").await.expect(200);
        (connector, records["total"].clone())
    };
    let before = state().await;
    let folder = &world.publisher.folder;
    let (old, good) = (world.server.folder().join("old"), world.server.folder().join("good"));
    copy(folder, &old);
    world.publish(&package("1.1.0", further)).await;
    let mut outside = package("1.2.0", same);
    outside.files.insert("../../etc/cron.d/flero".to_owned(), b"* * * * * root id".to_vec());
    world.publish(&outside).await;
    copy(folder, &good);
    assert_eq!(world.package().await["version"], "1.2.0", "the registry was seen as it is now");
    let stranger = Publisher {
        folder: world.server.folder().join("registries/theirs"),
        keys: world.server.folder().join("their-keys"),
    };
    stranger.init(now()).await.unwrap();
    for version in ["1.1.0", "1.2.0", "1.3.0"] {
        stranger.publish(&package(version, same), now()).await.unwrap();
    }
    let put = |from: &Path| {
        std::fs::remove_dir_all(folder).unwrap();
        copy(from, folder);
    };
    let grow = |name: &str| {
        let path = folder.join("metadata").join(name);
        std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(1 << 30).unwrap();
    };
    let agreed = json!({"version": "1.1.0", "accept": {"hosts": ["elsewhere.example.com"]}});
    type Spoil<'s> = Box<dyn Fn() + 's>;
    let cases: [(&str, Spoil<'_>, Value, &[&str]); 7] = [
        (
            "signed by somebody else",
            Box::new(|| put(&stranger.folder)),
            agreed.clone(),
            &["marketplace.untrusted"],
        ),
        ("an older index", Box::new(|| put(&old)), json!({}), &["marketplace.untrusted"]),
        ("an older version", Box::new(|| {}), json!({"version": "1.0.0"}), &["marketplace.not_later"]),
        (
            "a host that the installed version has not",
            Box::new(|| {}),
            json!({"version": "1.1.0", "accept": {"hosts": ["api.frankfurter.dev"]}}),
            &["marketplace.consent", "elsewhere.example.com"],
        ),
        (
            "a file outside of its folder",
            Box::new(|| {}),
            json!({"version": "1.2.0"}),
            &["marketplace.package", "leads out of its folder"],
        ),
        ("a timestamp of 1 GB", Box::new(|| grow("timestamp.json")), agreed.clone(), &["longer than"]),
        ("an index of 1 GB", Box::new(|| grow("4.targets.json")), agreed.clone(), &["longer than"]),
    ];
    for (what, spoil, body, reasons) in cases {
        spoil();
        let refused = world.install(body).await;
        assert_eq!(refused.status, 422, "{what}: {}", refused.text());
        for reason in reasons {
            assert!(refused.text().contains(reason), "{what}: {}", refused.text());
        }
        put(&good);
        assert_eq!(state().await, before, "{what}");
        assert_eq!(world.package().await["installed"]["version"], "1.0.0", "{what}");
    }
    let upgraded = world.install(agreed).await.expect(200);
    assert_eq!(upgraded["installed"]["version"], "1.1.0", "what is right with it is still taken");
}

/// A version that asks for a permission.
fn asking(text: &str) -> String {
    text.replace("  errors:\n", "  permissions: {\"rates:write\": Changes what others see.}\n  errors:\n")
        .replacen(
            "      x-flero-operation:\n",
            "      x-flero-operation:\n        permissions: [\"rates:write\"]\n",
            1,
        )
}

#[tokio::test]
async fn a_permission_another_registry_and_an_import_of_the_name_are_not_passed_over() {
    let world = World::new().await;
    let _ = world.install(consent()).await.expect(200);
    world.publish(&package("1.1.0", asking)).await;
    assert_eq!(world.package().await["needsConsent"], true);
    let refused = world.install(json!({})).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("/accept/permissions") && refused.text().contains("rates:write"));
    let _ = world.install(json!({"accept": {"permissions": ["rates:write"]}})).await.expect(200);

    let keys = world.server.folder().join("their-keys");
    let theirs = Publisher { folder: world.server.folder().join("registries/theirs"), keys };
    theirs.init(now()).await.unwrap();
    theirs.publish(&package("9.0.0", same), now()).await.unwrap();
    let root: Value = serde_json::from_slice(&std::fs::read(theirs.root()).unwrap()).unwrap();
    let body = json!({"name": "Theirs", "url": address(&theirs.folder), "root": root});
    let _ = world.owner.post(REGISTRIES, body).await.expect(201);
    let path = format!("{PACKAGES}/theirs/rates/install");
    let refused = world.owner.post(&path, consent()).await;
    assert!(refused.text().contains("marketplace.other_registry"), "{}", refused.text());
    assert_eq!(world.package().await["installed"]["version"], "1.1.0");

    assert_eq!(world.owner.delete("/api/marketplace/installed/rates").await.status, 204);
    let imported = json!({"openapi": "3.1.0", "info": {"title": "Rates", "version": "1"},
        "servers": [{"url": "https://rates.example"}], "paths": {"/a": {"get": {}}}});
    let _ = world.owner.post("/api/connectors/import", imported).await.expect(201);
    let refused = world.owner.post(&path, consent()).await;
    assert!(refused.text().contains("marketplace.taken"), "{}", refused.text());
    assert_eq!(world.owner.get("/api/connectors/rates").await.expect(200)["tier"], "imported");
}

#[tokio::test]
async fn a_registry_is_added_by_whoever_may_and_only_where_it_can_be_trusted() {
    let world = World::new().await;
    let refused = |body: Value| {
        let owner = &world.owner;
        async move { owner.post(REGISTRIES, body).await.text() }
    };
    let mut body = world.registry("Ours");
    assert!(refused(body.clone()).await.contains("There is a registry of this name"));
    body["name"] = json!("Another");
    body["root"]["signed"]["version"] = json!(7);
    assert!(refused(body).await.contains("marketplace.root"));
    let outside = json!({"name": "Outside", "url": "file:///etc/", "root": world.registry("x")["root"]});
    assert!(refused(outside).await.contains("FLERO_MARKETPLACE_FOLDER"));
    let metadata =
        json!({"name": "Meta", "url": "http://169.254.169.254/", "root": world.registry("x")["root"]});
    assert!(refused(metadata).await.contains("marketplace.unreachable"));
    let (editor, _) = crate::matrix::guest(&world.server, "editor@example.com", "editor").await;
    assert_eq!(editor.post(REGISTRIES, world.registry("Mine")).await.status, 403);
    assert_eq!(editor.post(&format!("{PACKAGES}/ours/rates/install"), consent()).await.status, 403);
    assert_eq!(editor.get(&format!("{PACKAGES}/ours/rates")).await.status, 200);
}

#[tokio::test]
async fn what_is_removed_is_gone_and_on_the_record() {
    let world = World::new().await;
    let _ = world.install(consent()).await.expect(200);
    assert_eq!(world.owner.delete("/api/marketplace/installed/rates").await.status, 204);
    assert_eq!(world.owner.delete("/api/marketplace/installed/rates").await.status, 404);
    assert_eq!(world.owner.get("/api/connectors/rates").await.status, 404);
    assert_eq!(world.owner.delete(&format!("{REGISTRIES}/ours")).await.status, 204);
    assert_eq!(world.owner.get(&format!("{PACKAGES}/ours/rates")).await.status, 404);
    let audit = world.owner.get("/api/audit?limit=20").await.expect(200);
    for action in ["registry.added", "package.installed", "package.removed", "registry.removed"] {
        assert!(audit.to_string().contains(action), "{action}");
    }
}

#[tokio::test]
async fn the_community_s_packages_are_there_without_a_network() {
    let server = TestServer::start().await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let body = json!({"accept": {"hosts": ["hacker-news.firebaseio.com"]}});
    let installed = owner.post(&format!("{PACKAGES}/community/hacker-news/install"), body).await.expect(200);
    assert_eq!(installed["installed"]["registry"], "community");
    let connector = owner.get("/api/connectors/hacker-news").await.expect(200);
    assert!(connector["guide"].as_str().is_some_and(|guide| guide.contains("Hacker News")), "{connector}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
