//! Testing by the requests that a service's description names: each asks who the credential belongs to.

use flero_connect::{Reply, Request, call::Credential as Used};
use flero_model::{
    credential::Policy,
    policy::Principal,
    service::{AcceptRule, TEST, Template, TestRequest},
};
use http::Method;
use serde_json::Value;

use super::{super::oauth, TestResult, Verdict, failed, judged, latency};
use crate::App;

#[cfg(test)]
mod tests;

/// The longest account name or service's own word that is shown, in characters.
const MAX_SHOWN: usize = 200;

/// The requests that the credential's description named, without those whose address is known only after signing in.
pub(super) fn requests(policy: &Policy) -> Vec<TestRequest> {
    let described = policy.parameters.get(TEST).cloned().unwrap_or_default();
    let mut tests: Vec<TestRequest> = serde_json::from_value(described).unwrap_or_default();
    tests.retain(|test| filled(&test.url, policy).is_some());
    tests
}

/// A template with the credential's parameters in it; `None` when it names another value.
fn filled(template: &Template, policy: &Policy) -> Option<String> {
    template.fill(|name| policy.parameters.get(name).and_then(Value::as_str)).ok()
}

impl App {
    /// Makes the requests one after the other until one tells whether the secret was taken.
    pub(super) async fn described_test(
        &self,
        who: &Principal,
        policy: &Policy,
        tests: &[TestRequest],
        used: impl Fn() -> Used + Send,
    ) -> TestResult {
        let mut last = None;
        for test in tests {
            let result = self.one_test(who, policy, test, &used).await;
            if matches!(result.verdict, Verdict::Accepted | Verdict::Refused) {
                return result;
            }
            last = Some(result);
        }
        last.unwrap_or_else(|| {
            TestResult::new(Verdict::NotTestable, None, "The service documents no request to test with.")
        })
    }

    async fn one_test(
        &self,
        who: &Principal,
        policy: &Policy,
        test: &TestRequest,
        used: &(impl Fn() -> Used + Send),
    ) -> TestResult {
        let reply = match self.send_test(who, policy, request(test, policy), used()).await {
            Ok(reply) => reply,
            Err(error) => return failed(&error),
        };
        let mut result = told(test, &reply);
        if result.verdict != Verdict::Accepted {
            return result;
        }
        if !test.accept.proves_identity {
            let bare = self.send_test(who, policy, request(test, policy), Used::None).await;
            if !is_refused_without(&bare, policy, &test.accept) {
                return super::compared(&reply, false);
            }
        }
        result.missing_scopes = missing_scopes(test, &reply, policy);
        result
    }
}

/// The request without authentication.
fn request(test: &TestRequest, policy: &Policy) -> Request {
    let fill = |template| filled(template, policy).unwrap_or_default();
    let method = if test.method == "POST" { Method::POST } else { Method::GET };
    let mut request = Request::new(method, fill(&test.url));
    request.headers = test.headers.iter().map(|(name, value)| (name.clone(), fill(value))).collect();
    if let Some(body) = &test.body {
        request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        request.body = body.to_string().into();
    }
    request
}

/// What the answer tells by itself. An acceptance is to be compared with the answer to nobody, unless the service shows
/// such an answer to nobody else.
fn told(test: &TestRequest, reply: &Reply) -> TestResult {
    if !(200..300).contains(&reply.status) {
        return judged(reply);
    }
    let body = serde_json::from_slice(&reply.body).unwrap_or_default();
    if !test.accept.is_met(&body) {
        let word = test.accept.error_pointer.as_deref().and_then(|pointer| shown(body.pointer(pointer)?));
        let word = word.map(|word| format!(": {word}")).unwrap_or_default();
        let message = format!("The service answered, but not as it does to a good secret{word}.");
        return TestResult::new(Verdict::Refused, latency(reply), message);
    }
    let account = test.account.iter().find_map(|pointer| shown(body.pointer(pointer)?));
    let message = format!("The service took the secret (status {}).", reply.status);
    TestResult { account, ..TestResult::new(Verdict::Accepted, latency(reply), message) }
}

/// Whether the answer to the same request without the secret is a refusal, by its status or by the service's rule.
fn is_refused_without(
    bare: &Result<Reply, flero_connect::Error>,
    policy: &Policy,
    rule: &AcceptRule,
) -> bool {
    let by_rule = |bare: &Reply| !rule.is_met(&serde_json::from_slice(&bare.body).unwrap_or_default());
    super::is_refused(bare, policy) || bare.as_ref().is_ok_and(by_rule)
}

/// A text or a number as one line for people.
pub(super) fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let line: String = text.chars().filter(|letter| !letter.is_control()).take(MAX_SHOWN).collect();
    (!line.trim().is_empty()).then_some(line)
}

/// The scopes that were asked for and that the answer's header does not list.
fn missing_scopes(test: &TestRequest, reply: &Reply, policy: &Policy) -> Vec<String> {
    let Some(header) = test.scopes_header.as_deref().and_then(|name| reply.headers.get(name)) else {
        return Vec::new();
    };
    let granted: Vec<&str> =
        header.to_str().unwrap_or_default().split([',', ' ']).filter(|scope| !scope.is_empty()).collect();
    let asked: Vec<String> = match policy.parameters.get("scopes") {
        Some(Value::String(scopes)) => scopes.split([',', ' ']).map(str::to_owned).collect(),
        Some(Value::Array(scopes)) => scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        // What the description asks for, where nobody chose.
        _ => oauth::wanted_scopes(policy),
    };
    asked.into_iter().filter(|scope| !scope.is_empty() && !granted.contains(&scope.as_str())).collect()
}
