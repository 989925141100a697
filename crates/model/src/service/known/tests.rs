//! Every file of the folder `services/` against the rules that an entry keeps, and the table of all entries.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::super::{Field, Format, HostClass, Piece, Place, Template};
use super::{AuthKind, Confirmation, KnownService};
use crate::credential::AuthType;
use crate::destination::HostPattern;

/// The page whose table is made from the files; `FLERO_BLESS=1` writes it.
const PAGE: &str = "docs/connectors/known-services.md";
/// Where the table begins on the page.
const MARK: &str = "<!-- generated: all entries -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files with their names, sorted.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(root().join("services"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            assert_eq!(path.extension().unwrap(), "yaml", "{}", path.display());
            (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn services() -> Vec<KnownService> {
    files()
        .iter()
        .map(|(name, text)| {
            let service: KnownService =
                serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("services/{name}.yaml: {error}"));
            assert_eq!(&service.id, name, "the identifier is the name of the file");
            service
        })
        .collect()
}

/// The places of a template.
fn names(template: &Template) -> impl Iterator<Item = &str> {
    template.names()
}

/// The names that a way to authenticate has values for: its fields, what a log-in keeps, and what a sign-in tells.
fn values_of(kind: &AuthKind) -> BTreeSet<String> {
    let fields = kind.fields.iter().map(|field| field.name.clone());
    let kept = kind.login.iter().flat_map(|step| step.keep.keys().map(|name| format!("token.{name}")));
    let told =
        kind.oauth.iter().flat_map(|oauth| oauth.answer_values.keys().chain(&oauth.callback_values).cloned());
    fields.chain(kept).chain(told).collect()
}

/// Every template of a way to authenticate.
fn templates(kind: &AuthKind) -> Vec<&Template> {
    let mut all = Vec::new();
    for step in &kind.login {
        all.push(&step.url);
        all.extend(step.headers.values().chain(step.parameters.values()));
    }
    for test in &kind.test {
        all.push(&test.url);
        all.extend(test.headers.values());
    }
    all.extend(kind.placements.iter().map(|placement| &placement.value));
    if let Some(oauth) = &kind.oauth {
        all.extend(endpoints(kind));
        all.extend(oauth.authorization_parameters.values());
        all.extend(oauth.token_parameters.values().chain(oauth.refresh_parameters.values()));
    }
    all
}

/// The endpoints of an OAuth description.
fn endpoints(kind: &AuthKind) -> Vec<&Template> {
    let Some(oauth) = &kind.oauth else { return Vec::new() };
    [
        &oauth.authorization_url,
        &oauth.token_url,
        &oauth.refresh_url,
        &oauth.revocation_url,
        &oauth.device_authorization_url,
        &oauth.pushed_authorization_url,
        &oauth.issuer,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The host of an address, as it was written.
fn host(url: &Template) -> Option<&str> {
    url.as_str().strip_prefix("https://").map(|rest| rest.split(['/', '?']).next().unwrap_or(rest))
}

fn keeps_the_form(service: &KnownService) {
    let id = &service.id;
    assert!(
        id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
        "{id}"
    );
    assert!(!service.name.trim().is_empty(), "{id}: a name");
    assert!((1..=4).contains(&service.categories.len()), "{id}: one to four categories");
    assert!(service.summary.ends_with('.') && service.summary.len() < 160, "{id}: one sentence");
    assert!(!service.auth.is_empty(), "{id}: a way to authenticate");
    let kinds: BTreeSet<_> = service.auth.iter().map(|kind| &kind.id).collect();
    assert_eq!(kinds.len(), service.auth.len(), "{id}: ways to authenticate have names of their own");
    for kind in &service.auth {
        let fields: BTreeSet<_> = kind.fields.iter().map(|field| &field.name).collect();
        assert_eq!(fields.len(), kind.fields.len(), "{id}/{}: a field twice", kind.id);
        for field in &kind.fields {
            assert!(!field.label.is_empty(), "{id}: {} has a label", field.name);
            assert!(
                field
                    .default
                    .as_ref()
                    .is_none_or(|value| field.choices.is_empty() || field.choices.contains(value)),
                "{id}: {} is one of its choices",
                field.name
            );
        }
    }
}

#[test]
fn an_unknown_field_or_category_is_refused() {
    let (_, text) = files().swap_remove(0);
    assert!(serde_saphyr::from_str::<KnownService>(&text).is_ok());
    assert!(serde_saphyr::from_str::<KnownService>(&format!("{text}logo: x\n")).is_err());
    let odd = text.replacen("categories:\n  - ", "categories:\n  - odd", 1);
    assert!(odd != text && serde_saphyr::from_str::<KnownService>(&odd).is_err());
}

fn is_confirmed_and_cites_its_vendor(service: &KnownService) {
    let id = &service.id;
    assert!(!service.docs.is_empty(), "{id}: a page of the vendor");
    assert!(service.docs.iter().all(|page| page.starts_with("https://")), "{id}: pages are https");
    assert!(!service.confirmed.is_empty(), "{id}: how it was confirmed");
    for confirmation in &service.confirmed {
        match confirmation {
            Confirmation::VendorPage { url, on } => {
                assert!(url.starts_with("https://"), "{id}");
                let day = chrono::NaiveDate::parse_from_str(on, "%Y-%m-%d");
                assert!(day.is_ok(), "{id}: {on} is no day");
            }
            Confirmation::Sources(names) => assert!(!names.is_empty(), "{id}: the names of the sources"),
        }
    }
}

fn has_a_value_for_every_place(service: &KnownService) {
    let mut all = BTreeSet::new();
    for kind in &service.auth {
        let values = values_of(kind);
        for template in templates(kind) {
            for name in names(template) {
                assert!(values.contains(name), "{}/{}: nothing gives {{{name}}}", service.id, kind.id);
            }
        }
        all.extend(values);
    }
    for name in names(&service.base_url).chain(service.hosts.iter().flat_map(|rule| names(&rule.host))) {
        assert!(all.contains(name), "{}: nothing gives {{{name}}}", service.id);
    }
}

fn has_only_https_and_a_rule_for_every_host(service: &KnownService) {
    let id = &service.id;
    let rules: BTreeSet<&str> = service.hosts.iter().map(|rule| rule.host.as_str()).collect();
    let has_told = service.hosts.iter().any(|rule| rule.class == HostClass::Told);
    let tests = service.auth.iter().flat_map(|kind| kind.test.iter().map(|test| &test.url));
    let logins = service.auth.iter().flat_map(|kind| kind.login.iter().map(|step| &step.url));
    for url in std::iter::once(&service.base_url).chain(tests).chain(logins) {
        // An address that begins with a place is told by the service whole; its bounds are the told rules.
        let whole = matches!(url.pieces().next(), Some(Piece::Name(_)));
        assert!(
            if whole { has_told } else { host(url).is_some_and(|host| rules.contains(host)) },
            "{id}: no rule for {url}"
        );
    }
    for kind in &service.auth {
        for url in endpoints(kind) {
            assert!(host(url).is_some(), "{id}: {url} is https");
        }
    }
}

fn has_the_class_of_who_decides_a_host(service: &KnownService) {
    let id = &service.id;
    let fields: BTreeMap<&str, &Field> =
        service.auth.iter().flat_map(|kind| &kind.fields).map(|field| (field.name.as_str(), field)).collect();
    for rule in &service.hosts {
        let class = names(&rule.host)
            .map(|name| match fields.get(name) {
                None => HostClass::Told,
                Some(field) if matches!(field.format, Format::Host | Format::Url) => HostClass::Typed,
                Some(field) if !field.choices.is_empty() => HostClass::Listed,
                Some(field) => {
                    assert_eq!(field.format, Format::HostLabel, "{id}: {name} stands in a host");
                    HostClass::Label
                }
            })
            .max_by_key(|class| *class as usize);
        match class {
            Some(class) => assert_eq!(rule.class, class, "{id}: {}", rule.host),
            None => {
                assert!(matches!(rule.class, HostClass::Fixed | HostClass::Told), "{id}: {}", rule.host);
                assert!(rule.host.as_str().parse::<HostPattern>().is_ok(), "{id}: {} is a host", rule.host);
            }
        }
    }
}

fn has_reasons_and_harmless_tests(service: &KnownService) {
    let id = &service.id;
    for kind in &service.auth {
        for permission in kind.oauth.iter().flat_map(|oauth| &oauth.permissions) {
            assert!(
                permission.reason.ends_with('.') && permission.reason.len() > 10,
                "{id}: {} has no reason",
                permission.scope
            );
        }
        for test in &kind.test {
            assert!(matches!(test.method.as_str(), "GET" | "POST"), "{id}: {}", test.method);
            for pointer in test.account.iter().chain(&test.accept.pointer).chain(&test.accept.error_pointer) {
                assert!(pointer.starts_with('/'), "{id}: {pointer} is no JSON pointer");
            }
        }
    }
}

fn has_what_its_auth_types_need(service: &KnownService) {
    for kind in &service.auth {
        let at = format!("{}/{}", service.id, kind.id);
        let secrets: Vec<&str> =
            kind.fields.iter().filter(|field| field.secret).map(|field| field.name.as_str()).collect();
        let has = |name: &str| kind.fields.iter().any(|field| field.name == name && !field.secret);
        let given = |name: &str| kind.parameters.get(name).is_some_and(serde_json::Value::is_string);
        match kind.auth_type {
            AuthType::Bearer => assert_eq!(secrets, ["token"], "{at}"),
            AuthType::ApiKey => {
                assert_eq!(secrets, ["key"], "{at}");
                assert!(given("in") && given("name"), "{at}: where the key goes");
            }
            AuthType::Basic if secrets == ["username"] => assert!(given("password"), "{at}: the other half"),
            AuthType::Basic => {
                assert_eq!(secrets, ["password"], "{at}");
                assert!(has("username") || given("username"), "{at}: a user name");
            }
            AuthType::Oauth2 => {
                let oauth = kind.oauth.as_ref().unwrap_or_else(|| panic!("{at}: its description"));
                assert!(oauth.token_url.is_some() && has("clientId"), "{at}: a token endpoint and a client");
                assert_eq!(
                    oauth.grant_type.is_empty(),
                    oauth.authorization_url.is_some(),
                    "{at}: an authorization endpoint, for the code grant alone"
                );
            }
            AuthType::Custom => {
                assert!(!kind.placements.is_empty(), "{at}: where its values go");
                assert!(kind.placements.iter().all(|placement| placement.place != Place::Path), "{at}");
            }
            other => panic!("{at}: {} is not for known services", other.as_str()),
        }
    }
}

/// The rules, each a function that panics with what is wrong.
const RULES: &[fn(&KnownService)] = &[
    keeps_the_form,
    is_confirmed_and_cites_its_vendor,
    has_a_value_for_every_place,
    has_only_https_and_a_rule_for_every_host,
    has_the_class_of_who_decides_a_host,
    has_reasons_and_harmless_tests,
    has_what_its_auth_types_need,
];

#[test]
fn every_entry_keeps_the_rules() {
    let services = services();
    assert!(services.len() >= 250);
    for service in &services {
        for rule in RULES {
            rule(service);
        }
    }
}

/// The table of all entries.
fn table(services: &[KnownService]) -> String {
    let mut table = String::from(
        "| service | categories | ways to authenticate | test request | confirmed by |\n|---|---|---|---|---|\n",
    );
    for service in services {
        let categories: Vec<_> = service
            .categories
            .iter()
            .map(|category| serde_json::to_value(category).unwrap().as_str().unwrap().to_owned())
            .collect();
        let kinds: Vec<_> = service.auth.iter().map(|kind| kind.name.as_str()).collect();
        let tested = service.auth.iter().filter(|kind| !kind.test.is_empty()).count();
        let tested = match tested {
            0 => "no".to_owned(),
            all if all == service.auth.len() => "yes".to_owned(),
            some => format!("{some} of {}", service.auth.len()),
        };
        let confirmed: Vec<_> = service
            .confirmed
            .iter()
            .map(|confirmation| match confirmation {
                Confirmation::VendorPage { url, on } => format!("[vendor's page]({url}), {on}"),
                Confirmation::Sources(names) => names.join(", "),
            })
            .collect();
        writeln!(
            table,
            "| [{}]({}) (`{}`) | {} | {} | {tested} | {} |",
            service.name,
            service.docs[0],
            service.id,
            categories.join(", "),
            kinds.join(", "),
            confirmed.join("; ")
        )
        .unwrap();
    }
    table
}

#[test]
fn the_page_lists_every_entry() {
    let path = root().join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (text, _) = page.split_once(MARK).unwrap();
    let services = services();
    let tests =
        services.iter().filter(|service| service.auth.iter().any(|kind| !kind.test.is_empty())).count();
    let counted =
        format!("{} services; {tests} have a test request.\n\n{}", services.len(), table(&services));
    let expected = format!("{text}{MARK}\n{counted}");
    if std::env::var_os("FLERO_BLESS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page == expected, "{PAGE} is not what the files say; write it with FLERO_BLESS=1");
}
