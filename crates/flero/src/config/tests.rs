//! Configuration as an operator may get it wrong.

use std::path::Path;

use super::*;

fn settings() -> Settings {
    // An empty file keeps the tests apart from the configuration of whoever runs them.
    Settings {
        config: Some("/dev/null".into()),
        data_dir: Some("/srv/flero".into()),
        key_file: Some("/etc/flero/root.key".into()),
        ..Settings::default()
    }
}

fn refusal(settings: Settings) -> String {
    Config::resolve(settings).unwrap_err().to_string()
}

#[test]
fn defaults_are_those_of_the_contract() {
    let config = Config::resolve(settings()).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:7373");
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:7373/");
    assert_eq!(config.database, Path::new("/srv/flero/flero.db"));
    assert_eq!(config.log, "info");
}

#[test]
fn plain_http_is_refused_unless_loopback_or_asked_for() {
    let public = |url: &str, insecure: Option<&str>| Settings {
        public_url: Some(url.into()),
        insecure_http: insecure.map(Into::into),
        ..settings()
    };
    assert!(refusal(public("http://flero.example.com", None)).contains("FLERO_INSECURE_HTTP=1"));
    assert!(Config::resolve(public("http://flero.example.com", Some("1"))).is_ok());
    assert!(Config::resolve(public("https://flero.example.com", None)).is_ok());
    assert!(Config::resolve(public("http://[::1]:80", None)).is_ok());
    assert!(refusal(public("ftp://x", None)).contains("http or https"));
    assert!(!refusal(public("https://me:hunter22@x", None)).contains("hunter22"));
}

#[test]
fn what_this_version_cannot_do_is_refused_with_a_sentence() {
    let database = |url: &str| Settings { database_url: Some(url.into()), ..settings() };
    assert!(refusal(database("postgres://u:hunter22@db/x")).contains("SQLite only"));
    assert!(!refusal(database("postgres://u:hunter22@db/x")).contains("hunter22"));
    assert!(refusal(database("nonsense")).contains("sqlite:<path>"));
    assert!(refusal(Settings { nats_url: Some("nats://x".into()), ..settings() }).contains("one machine"));
    assert!(refusal(Settings { roles: Some("api".into()), ..settings() }).contains("one process"));
    assert!(refusal(Settings { listen: Some("localhost".into()), ..settings() }).contains("127.0.0.1:7373"));
    assert_eq!(Config::resolve(database("sqlite:///var/x.db")).unwrap().database, Path::new("/var/x.db"));
}

#[test]
fn a_flag_wins_over_the_file_and_an_unknown_key_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flero.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:1\"\negress_allow = [\"10.0.0.0/8\", \"db:5432\"]\n")
        .unwrap();
    let from_file = Config::resolve(Settings { config: Some(path.clone()), ..settings() }).unwrap();
    assert_eq!((from_file.listen.port(), from_file.egress_allow.len()), (1, 2));
    let flag = Settings { config: Some(path.clone()), listen: Some("127.0.0.1:2".into()), ..settings() };
    assert_eq!(Config::resolve(flag).unwrap().listen.port(), 2);
    std::fs::write(&path, "listen = \"127.0.0.1:1\"\nlisen = 3\n").unwrap();
    let error = refusal(Settings { config: Some(path), ..settings() });
    assert!(error.contains("line 2") && error.contains("lisen"), "{error}");
}

#[test]
fn proxies_are_named_by_address_or_network_and_never_all_of_them() {
    let with = |text: &str| Settings { trusted_proxies: Some(text.into()), ..settings() };
    assert!(Config::resolve(settings()).unwrap().trusted_proxies.is_empty());
    let named = Config::resolve(with("10.0.0.5, 172.16.0.0/12,::1")).unwrap().trusted_proxies;
    assert_eq!(
        named.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["10.0.0.5/32", "172.16.0.0/12", "::1/128"]
    );
    for text in ["0.0.0.0/0", "::/0", "proxy.example.com", "10.0.0.0/33"] {
        assert!(refusal(with(text)).contains("FLERO_TRUSTED_PROXIES"), "{text}");
    }
}

#[test]
fn counters_are_served_on_loopback_alone() {
    let with = |text: &str| Settings { metrics_listen: Some(text.into()), ..settings() };
    assert_eq!(Config::resolve(settings()).unwrap().metrics_listen, None);
    let address = Config::resolve(with("[::1]:9464")).unwrap().metrics_listen.unwrap();
    assert_eq!(address.to_string(), "[::1]:9464");
    for text in ["0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464"] {
        assert!(refusal(with(text)).contains("loopback"), "{text}");
    }
    assert!(refusal(with("9464")).contains("FLERO_METRICS_LISTEN"));
}

#[test]
fn a_practice_service_is_asked_for_and_on_loopback_alone() {
    let with = |text: &str| Settings { practice: Some(text.into()), ..settings() };
    assert_eq!(Config::resolve(settings()).unwrap().practice, None);
    assert_eq!(Config::resolve(with("127.0.0.1:7374")).unwrap().practice.unwrap().port(), 7374);
    for text in ["0.0.0.0:7374", "192.0.2.1:7374", "7374"] {
        assert!(refusal(with(text)).contains("FLERO_PRACTICE"), "{text}");
    }
}
