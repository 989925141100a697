//! `flero connector test`: each operation's example against its fixture, and the real test request with a credential.

use std::path::Path;

use bytes::Bytes;
use flero_model::service::{AuthKind, TestRequest};
use flero_openapi::{
    compile::check,
    folder::assemble,
    lint::{Exchange, exchanges},
    request::{Built, RequestBody},
};
use http::Method;
use serde_json::{Value, json};

use super::{call, folder, remote::Running};
use crate::{
    cli::Remote,
    exit::{Failure, say},
};

/// Tells of every operation and sums up. Exit code 1 when anything differs or the credential is not taken.
pub(super) async fn run(
    path: &Path,
    credential: Option<&str>,
    remote: &Remote,
    as_json: bool,
) -> Result<(), Failure> {
    let read = folder::read(path)?;
    let (document, faults) = assemble(&read.files).map_err(|error| Failure::work(error.to_string()))?;
    if let Some(fault) = faults.first() {
        return Err(Failure::work(format!("{}: {}", fault.pointer, fault.reason)));
    }
    let compiled = check(&document);
    let told = exchanges(&compiled, &read.files);
    let failed = told.iter().filter(|one| !one.faults.is_empty()).count();
    let asked = match credential {
        Some(id) => Some(ask(&compiled.connector.auth, id, &Running::of(remote)?).await?),
        None => None,
    };
    let taken = asked.as_ref().is_none_or(|asked| asked.taken);
    if as_json {
        let asked = asked
            .map(|asked| json!({"taken": asked.taken, "account": asked.account, "message": asked.message}));
        let line =
            json!({"id": read.id, "ok": failed == 0 && taken, "operations": told, "credential": asked});
        say(&line.to_string())?;
    } else {
        for one in &told {
            print(one)?;
        }
        let composed = told.iter().filter(|one| one.composed).count();
        say(&format!("{}: {} operations, {failed} failed, {composed} composed", read.id, told.len()))?;
        if let Some(asked) = asked {
            say(&asked.message)?;
        }
    }
    if failed == 0 && taken { Ok(()) } else { Err(Failure::told()) }
}

fn print(one: &Exchange) -> Result<(), Failure> {
    if one.faults.is_empty() {
        return say(&format!("ok      {} ({})", one.operation, one.page));
    }
    one.faults.iter().try_for_each(|fault| say(&format!("FAILED  {}: {fault}", one.operation)))
}

/// What became of the real test request.
struct Asked {
    taken: bool,
    account: Option<String>,
    message: String,
}

/// Makes the connector's test requests with a credential, until one tells the account.
async fn ask(kinds: &[AuthKind], id: &str, running: &Running) -> Result<Asked, Failure> {
    let known =
        running.json(Method::GET, &call::credential_path(id), "application/json", Bytes::new()).await?;
    let parameters = &known["parameters"];
    let auth_type = known["authType"].as_str().unwrap_or_default();
    let kind = kinds.iter().find(|kind| kind.auth_type.as_str() == auth_type && !kind.test.is_empty());
    let kind = kind.ok_or_else(|| {
        Failure::work(format!("the connector has no test request for credentials of type {auth_type}"))
    })?;
    let mut last = None;
    for test in &kind.test {
        let Ok(url) = test.url.fill(|name| parameters[name].as_str()) else { continue };
        let answer = call::send(running, id, built(test, url, parameters)).await?;
        let asked = judged(test, answer.status, &answer.json());
        if asked.taken {
            return Ok(asked);
        }
        last = Some(asked);
    }
    last.ok_or_else(|| Failure::work("the test request needs a parameter that the credential does not have"))
}

fn built(test: &TestRequest, url: String, parameters: &Value) -> Built {
    let fill = |name: &str| parameters[name].as_str();
    let headers =
        test.headers.iter().filter_map(|(name, value)| Some((name.clone(), value.fill(fill).ok()?)));
    let body = match &test.body {
        Some(body) => RequestBody::Text { media_type: "application/json".to_owned(), text: body.to_string() },
        None => RequestBody::Empty,
    };
    Built { method: test.method.clone(), url, headers: headers.collect(), body }
}

fn judged(test: &TestRequest, status: u16, body: &Value) -> Asked {
    let account = test.account.iter().find_map(|pointer| match body.pointer(pointer)? {
        Value::String(text) => Some(text.chars().filter(|sign| !sign.is_control()).take(200).collect()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let account: Option<String> = account;
    let taken = (200..300).contains(&status) && test.accept.is_met(body);
    let message = match (&account, taken) {
        (Some(account), true) => format!("The service took the credential; the account is {account}."),
        (None, true) => "The service took the credential, and its answer tells no account.".to_owned(),
        (_, false) => format!("The service did not take the credential (status {status})."),
    };
    Asked { taken, account, message }
}
