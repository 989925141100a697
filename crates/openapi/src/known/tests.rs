use flero_model::credential::AuthType;

use super::compiled;
use crate::{Pack, Tier};

const ENTRY: &str = "
id: acme
name: Acme
categories: [developer, crm]
summary: Orders and customers.
baseUrl: https://{account}.acme.example/v1/
hosts: [{host: '{account}.acme.example', class: label}]
auth:
  - id: token
    authType: bearer
    name: API token
    fields:
      - {name: account, label: Account, format: hostLabel}
      - {name: token, label: API token, secret: true}
docs: [https://acme.example/docs]
confirmed: [{sources: [openapi]}]
";

#[test]
fn a_known_service_is_a_connector_without_operations() {
    let (summary, bytes) = compiled("acme", ENTRY).unwrap();
    assert_eq!((summary.tier, summary.operation_count), (Tier::Known, 0));
    assert_eq!(
        (summary.category.as_str(), summary.auth_types.as_slice()),
        ("developer-tools", &[AuthType::Bearer][..])
    );
    assert_eq!(summary.keywords, ["developer", "crm"]);
    let pack = Pack::open(bytes).unwrap();
    assert_eq!(pack.summary(), &summary);
    assert!(pack.guide().contains("- *Account*"));
    let connection = &pack.connector().connection;
    assert_eq!(connection.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["account"]);
    let service = pack.connector().service("acme").unwrap();
    assert_eq!(service.base_url.as_str(), "https://{account}.acme.example/v1");
    assert_eq!(service.hosts.len(), 1);
}

#[test]
fn an_entry_under_another_name_or_with_an_unknown_member_is_refused() {
    assert!(compiled("other", ENTRY).unwrap_err().contains("acme"));
    assert!(compiled("acme", &format!("{ENTRY}colour: red\n")).is_err());
}

#[test]
fn every_category_of_a_known_service_is_one_of_the_connectors() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (summary, _) = compiled(path.file_stem().unwrap().to_str().unwrap(), &text).unwrap();
        assert!(crate::lint::CATEGORIES.contains(&summary.category.as_str()), "{}", summary.category);
    }
}
