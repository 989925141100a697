//! Testing by the requests that a service's description names: each asks who the credential belongs to.

use flero_connect::{Reply, Request, call::Credential as Used};
use flero_model::{
    credential::Policy,
    policy::Principal,
    service::{TEST, TestRequest},
};
use http::Method;
use serde_json::Value;

use super::{TestResult, Verdict, failed, judged, latency};
use crate::App;

#[cfg(test)]
mod tests;

/// The longest account name or service's own word that is shown, in characters.
const MAX_SHOWN: usize = 200;

/// The requests that the credential's description named, without those whose address is known only after signing in.
pub(super) fn requests(policy: &Policy) -> Vec<TestRequest> {
    let described = policy.parameters.get(TEST).cloned().unwrap_or_default();
    let mut tests: Vec<TestRequest> = serde_json::from_value(described).unwrap_or_default();
    tests.retain(|test| test.url.names().next().is_none());
    tests
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
        let reply = match self.send_test(who, policy, request(test), used()).await {
            Ok(reply) => reply,
            Err(error) => return failed(&error),
        };
        let Some(mut result) = told(test, &reply) else {
            let bare = self.send_test(who, policy, request(test), Used::None).await;
            return super::compared(&reply, bare.as_ref().ok());
        };
        if result.verdict == Verdict::Accepted {
            result.missing_scopes = missing_scopes(test, &reply, policy);
        }
        result
    }
}

/// The request without authentication.
fn request(test: &TestRequest) -> Request {
    let method = if test.method == "POST" { Method::POST } else { Method::GET };
    let mut request = Request::new(method, test.url.as_str());
    request.headers =
        test.headers.iter().map(|(name, value)| (name.clone(), value.as_str().to_owned())).collect();
    if let Some(body) = &test.body {
        request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        request.body = body.to_string().into();
    }
    request
}

/// What the answer tells by itself; `None` when it needs to be compared with one without the secret.
fn told(test: &TestRequest, reply: &Reply) -> Option<TestResult> {
    if !(200..300).contains(&reply.status) {
        return Some(judged(reply));
    }
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let rule = &test.accept;
    if let Some(pointer) = &rule.pointer {
        let found = body.pointer(pointer);
        let is_met = match &rule.equals {
            Some(expected) => found == Some(expected),
            None => found.is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false))),
        };
        if !is_met {
            let word = rule.error_pointer.as_deref().and_then(|pointer| shown(body.pointer(pointer)?));
            let word = word.map(|word| format!(": {word}")).unwrap_or_default();
            let message = format!("The service answered, but not as it does to a good secret{word}.");
            return Some(TestResult::new(Verdict::Refused, latency(reply), message));
        }
    }
    let account = test.account.iter().find_map(|pointer| shown(body.pointer(pointer)?));
    if account.is_none() && rule.pointer.is_none() && !rule.proves_identity {
        return None;
    }
    let message = format!("The service took the secret (status {}).", reply.status);
    Some(TestResult { account, ..TestResult::new(Verdict::Accepted, latency(reply), message) })
}

/// A text or a number as one line for people.
fn shown(value: &Value) -> Option<String> {
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
    let asked = policy.parameters.get("scopes").and_then(Value::as_array).into_iter().flatten();
    asked.filter_map(Value::as_str).filter(|scope| !granted.contains(scope)).map(str::to_owned).collect()
}
