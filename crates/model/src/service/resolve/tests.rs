//! What is made of a description and a person's answers, and what is refused.

use serde_json::json;

use super::*;

/// A service with a label, a list, a server of one's own and a sign-in whose answer tells the host.
fn service() -> Service {
    serde_json::from_value(json!({
        "id": "acme",
        "name": "Acme",
        "baseUrl": "https://{sub}.acme.example/api/{room}",
        "hosts": [
            {"host": "{sub}.acme.example", "class": "label"},
            {"host": "{site}", "class": "typed"},
            {"host": "*.told.example", "class": "told"}
        ],
        "auth": [
            {
                "id": "token", "authType": "bearer", "name": "Token",
                "fields": [
                    {"name": "sub", "label": "Subdomain", "format": "hostLabel"},
                    {"name": "room", "label": "Room", "default": "main"},
                    {"name": "token", "label": "Token", "secret": true}
                ],
                "test": [{"method": "GET", "url": "https://{sub}.acme.example/me/{room}"}]
            },
            {
                "id": "own", "authType": "custom", "name": "Own server",
                "fields": [
                    {"name": "site", "label": "Host", "format": "host"},
                    {"name": "key", "label": "Key", "secret": true}
                ],
                "placements": [{"in": "header", "name": "X-Key", "value": "{key}"}]
            },
            {
                "id": "oauth2", "authType": "oauth2", "name": "OAuth",
                "fields": [
                    {"name": "sub", "label": "Subdomain", "format": "hostLabel"},
                    {"name": "clientId", "label": "Client ID"},
                    {"name": "clientSecret", "label": "Client secret", "secret": true}
                ],
                "oauth": {
                    "authorizationUrl": "https://{sub}.acme.example/authorize",
                    "tokenUrl": "https://{sub}.acme.example/token",
                    "answerValues": {"instance": "/instance_url"},
                    "authorizationParameters": {"where": "{instance}"}
                }
            }
        ]
    }))
    .unwrap()
}

fn given(
    kind: &str,
    parameters: &Value,
    secrets: &[&str],
    hosts: &[&str],
) -> Result<Policy, Vec<FieldProblem>> {
    let service = service();
    let kind = service.auth.iter().find(|one| one.id == kind).unwrap();
    let secrets: Vec<String> = secrets.iter().map(ToString::to_string).collect();
    let hosts: Vec<HostPattern> = hosts.iter().map(|host| host.parse().unwrap()).collect();
    let parameters = parameters.as_object().unwrap();
    resolve(&service, kind, Given { parameters, secrets: &secrets, hosts: &hosts })
}

fn places(result: Result<Policy, Vec<FieldProblem>>) -> Vec<(String, &'static str)> {
    result.unwrap_err().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn hosts_of(policy: &Policy) -> Vec<String> {
    policy.allowed_hosts.iter().map(ToString::to_string).collect()
}

#[test]
fn hosts_parameters_and_tests_are_filled_in() {
    let policy = given("token", &json!({"sub": "team-1"}), &["token"], &[]).unwrap();
    assert_eq!(policy.service, "acme");
    assert_eq!(hosts_of(&policy), ["team-1.acme.example", "*.told.example"]);
    assert_eq!(policy.parameters["room"], "main", "the default");
    assert_eq!(policy.parameters[TEST][0]["url"], "https://team-1.acme.example/me/main");
}

#[test]
fn a_server_of_ones_own_is_the_only_host_that_the_person_decides() {
    let policy = given("own", &json!({"site": "crm.example.org:8443"}), &["key"], &[]).unwrap();
    assert_eq!(hosts_of(&policy), ["crm.example.org:8443", "*.told.example"]);
    assert_eq!(
        policy.parameters[PLACEMENTS][0]["value"], "{key}",
        "secrets are filled in when they are sent"
    );
}

#[test]
fn what_the_service_tells_stays_open() {
    let parameters = json!({"sub": "x", "clientId": "id"});
    let policy = given("oauth2", &parameters, &["clientSecret"], &[]).unwrap();
    let oauth = &policy.parameters[OAUTH];
    assert_eq!(oauth["tokenUrl"], "https://x.acme.example/token");
    assert_eq!(oauth["authorizationParameters"]["where"], "{instance}");
    assert_eq!(policy.parameters["clientId"], "id");
}

#[test]
fn a_label_cannot_lead_out_of_its_domain() {
    let longest = "a".repeat(64);
    for bad in ["evil.example/", "evil.example#", "a.b", "a@b", "-a", "a-", "a b", "{sub}", "é", &longest] {
        let found = places(given("token", &json!({"sub": bad}), &["token"], &[]));
        assert_eq!(found, [("/parameters/sub".to_owned(), "json.format")], "{bad}");
    }
}

#[test]
fn a_typed_host_is_a_host_alone() {
    for bad in ["https://crm.example", "crm.example/path", "user@crm.example", "crm.example:0", "a b", ""] {
        assert!(given("own", &json!({"site": bad}), &["key"], &[]).is_err(), "{bad}");
    }
}

#[test]
fn a_value_in_a_path_cannot_begin_another_part() {
    for bad in ["a/b", "a?b", "a#b", "a%2e", "a\\b", "{room}", "a\nb"] {
        let parameters = json!({"sub": "x", "room": bad});
        assert_eq!(
            places(given("token", &parameters, &["token"], &[])),
            [("/parameters/room".to_owned(), "json.format")],
            "{bad}"
        );
    }
}

#[test]
fn what_is_missing_or_unknown_is_said_with_its_place() {
    let found = places(given("token", &json!({"in": "query", "sub": 3}), &["tokens"], &[]));
    assert_eq!(
        found,
        [
            ("/parameters/in".to_owned(), "json.unknown_field"),
            ("/parameters/sub".to_owned(), "json.type"),
            ("/data/token".to_owned(), "json.required"),
            ("/data/tokens".to_owned(), "json.unknown_field"),
        ]
    );
}

#[test]
fn hosts_can_be_narrowed_but_not_added() {
    let parameters = json!({"sub": "x"});
    let policy = given("token", &parameters, &["token"], &["x.acme.example:443"]).unwrap();
    assert_eq!(hosts_of(&policy), ["x.acme.example:443"]);
    let found = places(given("token", &parameters, &["token"], &["x.acme.example", "evil.example"]));
    assert_eq!(found, [("/allowedHosts/1".to_owned(), "credential.host")]);
}

#[test]
fn a_way_is_chosen_by_name_or_by_its_type() {
    let service = service();
    assert_eq!(choose(&service, AuthType::Oauth2, None).unwrap().id, "oauth2");
    assert_eq!(choose(&service, AuthType::Bearer, Some("token")).unwrap().id, "token");
    assert!(choose(&service, AuthType::Bearer, Some("oauth2")).is_none());
    assert!(choose(&service, AuthType::Basic, None).is_none());
}
