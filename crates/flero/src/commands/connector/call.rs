//! `flero connector call`: the request of one operation, printed with the secret masked, or sent with a credential of
//! the running Flero.

use bytes::Bytes;
use flero_openapi::{
    answer::error_of,
    connector::{Connector, Operation},
    request::{Base, Built, RequestBody, build},
    validate::Validator,
};
use http::Method;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    mask,
    remote::{Answer, Running, problem},
    source,
};
use crate::{
    cli::Call,
    exit::{Failure, say},
};

/// Prints or sends it. Exit code 1 when the service's answer is an error.
pub(super) async fn run(asked: Call) -> Result<(), Failure> {
    let source = source::load(&asked.source)?;
    let connector = source.connector;
    if connector.flero.database.is_some() || connector.flero.mail.is_some() {
        let message = "the operations of a database or a mail server are no requests; run them in a workflow";
        return Err(Failure::usage(message));
    }
    let operation = connector.operations.iter().find(|one| one.id == asked.operation).ok_or_else(|| {
        let known: Vec<&str> = connector.operations.iter().map(|one| one.id.as_str()).take(40).collect();
        Failure::usage(format!("there is no operation {}; there are: {}", asked.operation, known.join(", ")))
    })?;
    let mut inputs = inputs(asked.inputs.as_deref(), operation)?;
    let validator = Validator::of(operation, &connector.schemas.read());
    validator.coerce(&mut inputs);
    let faults = validator.check(&inputs);
    if !faults.is_empty() {
        let list: Vec<String> =
            faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect();
        return Err(Failure::usage(format!("the inputs are not accepted. {}", list.join(" "))));
    }
    let mut connection = connection(&asked.connection)?;
    let Some(credential) = &asked.credential else {
        // A place that only a credential fills is shown by its name.
        for field in &connector.connection {
            let shown = field.default.clone().unwrap_or_else(|| format!("{{{}}}", field.name));
            connection.entry(field.name.clone()).or_insert_with(|| json!(shown));
        }
        let built = request(&connector, operation, &inputs, &connection)?;
        let shown = mask::shown(&built, mask::kind_of(&connector, operation));
        let text = if asked.output.json { shown.json().to_string() } else { shown.text() };
        return say(text.trim_end());
    };
    let running = Running::of(&asked.remote)?;
    let known =
        running.json(Method::GET, &credential_path(credential), "application/json", Bytes::new()).await?;
    if let Some(parameters) = known["parameters"].as_object() {
        for (name, value) in parameters {
            connection.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    let built = request(&connector, operation, &inputs, &connection)?;
    let answer = send(&running, credential, built).await?;
    tell(&connector, operation, &answer, asked.output.json)
}

pub(super) fn credential_path(id: &str) -> String {
    // Whatever was typed stays one segment of the path.
    let coded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/api/credentials/{coded}")
}

fn inputs(given: Option<&str>, operation: &Operation) -> Result<Map<String, Value>, Failure> {
    let text = match given {
        None => {
            return Ok(operation.hints.example.as_ref().map(|one| one.inputs.clone()).unwrap_or_default());
        }
        Some("-") => {
            std::io::read_to_string(std::io::stdin()).map_err(|_| Failure::work("nothing can be read"))?
        }
        Some(text) => text.to_owned(),
    };
    serde_json::from_str(&text)
        .map_err(|_| Failure::usage("--inputs is a JSON object, or - for standard input"))
}

fn connection(given: &[String]) -> Result<Map<String, Value>, Failure> {
    let pair = |text: &String| {
        let (name, value) =
            text.split_once('=').ok_or_else(|| Failure::usage("--connection is NAME=VALUE"))?;
        Ok((name.to_owned(), json!(value)))
    };
    given.iter().map(pair).collect()
}

fn request(
    connector: &Connector,
    operation: &Operation,
    inputs: &Map<String, Value>,
    connection: &Map<String, Value>,
) -> Result<Built, Failure> {
    let base = Base {
        url: &connector.base_url,
        connection,
        defaults: &connector.connection,
        headers: &connector.flero.headers,
    };
    build(&base, operation, inputs)
        .map_err(|fault| Failure::usage(format!("{}: {}", fault.pointer, fault.message)))
}

/// Sends a request through the authenticated proxy.
pub(super) async fn send(running: &Running, credential: &str, built: Built) -> Result<Answer, Failure> {
    let url = Url::parse(&built.url).map_err(|_| Failure::work("the operation's address is no URL"))?;
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let credential: String = url::form_urlencoded::byte_serialize(credential.as_bytes()).collect();
    let path = format!("/api/proxy/{credential}/{host}{}{query}", url.path());
    let mut headers = built.headers;
    let mut typed = |media_type: String| {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        headers.push(("Content-Type".to_owned(), media_type));
    };
    let body = match built.body {
        RequestBody::Empty => Bytes::new(),
        RequestBody::Text { media_type, text } => {
            typed(media_type);
            text.into()
        }
        RequestBody::File { media_type, file: Value::String(text) } => {
            typed(media_type);
            text.into()
        }
        RequestBody::File { .. } | RequestBody::Multipart(_) => {
            return Err(Failure::usage("an operation that sends files is called in a workflow"));
        }
    };
    let method = Method::from_bytes(built.method.as_bytes())
        .map_err(|_| Failure::work("the operation has a method that cannot be sent"))?;
    let answer = running.send(method, &path, &headers, body).await?;
    // What Flero itself refuses is told as such; a service's answer goes on to the caller.
    let kind = answer.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let told = answer.json();
    if kind.is_some_and(|kind| kind.starts_with("application/problem+json")) && is_ours(&told) {
        return Err(Failure::work(problem(answer.status, &told)));
    }
    Ok(answer)
}

/// Whether a problem is one of Flero's own: its type is a page of the installation.
fn is_ours(told: &Value) -> bool {
    told["type"].as_str().is_some_and(|kind| kind.starts_with("/docs/errors/"))
}

fn tell(connector: &Connector, operation: &Operation, answer: &Answer, as_json: bool) -> Result<(), Failure> {
    let body =
        serde_json::from_slice(&answer.body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&answer.body)));
    let rules = operation.hints.errors.as_ref().or(connector.flero.errors.as_ref());
    let error = error_of(rules, answer.status, &body);
    if as_json {
        let told = error.as_ref().map(|error| json!({"class": error.class.code(), "code": error.code}));
        say(&json!({"status": answer.status, "body": body, "error": told}).to_string())?;
    } else {
        say(&format!("HTTP {}", answer.status))?;
        say(&serde_json::to_string_pretty(&body).unwrap_or_default())?;
    }
    match error {
        None => Ok(()),
        Some(_) if as_json => Err(Failure::told()),
        Some(error) => {
            let code = error.code.map(|code| format!(", {code}")).unwrap_or_default();
            Err(Failure::work(format!("the service refused it ({}{code})", error.class.code())))
        }
    }
}
