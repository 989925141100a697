use std::time::Duration;

use flero_connect::Reply;
use flero_model::service::TestRequest;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{missing_scopes, request, told};
use crate::credentials::Verdict;

fn test(more: Value) -> TestRequest {
    let mut all = json!({"method": "GET", "url": "https://api.acme.example/me"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        headers: HeaderMap::new(),
        body: body.to_string().into(),
        landed: None,
        elapsed: Duration::from_millis(7),
        redirects: 0,
        used: None,
    }
}

#[test]
fn an_answer_that_tells_the_account_is_accepted_with_its_name() {
    let rule = test(json!({"account": ["/email", "/login"]}));
    let result = told(&rule, &reply(200, &json!({"email": null, "login": "ada\n"})));
    assert_eq!((result.verdict, result.account.as_deref()), (Verdict::Accepted, Some("ada")));
    assert_eq!(result.latency_ms, Some(7));
}

#[test]
fn a_service_that_answers_200_to_failures_is_understood_by_its_rule() {
    let rule = test(json!({"accept": {"pointer": "/ok", "equals": true, "errorPointer": "/error"}}));
    let result = told(&rule, &reply(200, &json!({"ok": false, "error": "invalid_auth"})));
    assert_eq!(result.verdict, Verdict::Refused);
    assert!(result.message.ends_with("invalid_auth."), "{}", result.message);
    assert_eq!(told(&rule, &reply(200, &json!({"ok": true}))).verdict, Verdict::Accepted);
    assert_eq!(told(&rule, &reply(401, &json!({}))).verdict, Verdict::Refused);
    assert_eq!(told(&rule, &reply(500, &json!({}))).verdict, Verdict::Unverified);
}

#[test]
fn a_request_carries_what_the_description_says_and_missing_scopes_are_told() {
    let rule =
        test(json!({"method": "POST", "body": {"query": "{viewer{id}}"}, "headers": {"X-Version": "2"},
        "scopesHeader": "X-OAuth-Scopes"}));
    let policy = serde_json::from_value(json!({"service": "acme", "authType": "bearer",
        "allowedHosts": ["api.acme.example"], "parameters": {"scopes": ["repo", "admin"]}}))
    .unwrap();
    let made = request(&rule, &policy);
    assert_eq!((made.method.as_str(), made.headers.len()), ("POST", 2));
    assert_eq!(made.body, json!({"query": "{viewer{id}}"}).to_string());
    let mut answer = reply(200, &json!({}));
    answer.headers.insert("x-oauth-scopes", "repo, user".parse().unwrap());
    assert_eq!(missing_scopes(&rule, &answer, &policy), ["admin"]);
}
