//! From options to the parameters of a node.

use flero_model::destination::read_url;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Error, Imported,
    options::{Data, Options},
    secrets,
};
use crate::params::METHODS;

pub(super) fn build(options: Options) -> Result<Imported, Error> {
    let mut notes = options.notes.clone();
    if options.urls.len() > 1 {
        notes.push("The command calls several URLs; only the first was imported.".to_owned());
    }
    let mut url = read(options.urls.first().ok_or(Error::NoUrl)?)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let mut found = secrets::Found::new(host);
    found.user_info(&mut url);
    let mut headers = headers(&options, &mut found);
    let body = body(&options, &mut headers);
    let mut query = query(&mut url);
    if options.get {
        query.extend(data_pairs(&options.data));
    }
    for pair in &options.url_query {
        query.push(split_pair(pair.trim_start_matches('+')));
    }
    found.pairs(&mut query);
    let method = method(&options, &body, &mut notes);
    let mut parameters = Map::new();
    parameters.insert("method".to_owned(), json!(method));
    parameters.insert("url".to_owned(), json!(literal(url.as_str())));
    insert_pairs(&mut parameters, "query", query);
    insert_pairs(&mut parameters, "headers", headers);
    if let Some((kind, value)) = body.filter(|_| !options.get) {
        parameters.insert("bodyType".to_owned(), json!(kind));
        parameters.insert("body".to_owned(), value);
    }
    if let Some(timeout) = options.timeout_ms {
        parameters.insert("timeoutMs".to_owned(), json!(timeout.min(600_000)));
    }
    if let Some(retries) = options.retries {
        parameters.insert("retries".to_owned(), json!(retries.min(10)));
    }
    if let Some(delay) = options.retry_delay_ms {
        parameters.insert("retryDelayMs".to_owned(), json!(delay));
    }
    // cURL follows redirects only when told and takes error statuses as answers; a node does the opposite.
    parameters.insert("followRedirects".to_owned(), json!(options.follow));
    if options.insecure {
        parameters.insert("validateSsl".to_owned(), json!(false));
    }
    if !options.fail {
        parameters.insert("failOnError".to_owned(), json!(false));
    }
    Ok(Imported { parameters, secrets: found.into_list(), notes })
}

fn read(text: &str) -> Result<Url, Error> {
    let text = text.trim();
    // cURL takes a URL without a protocol as http; a node needs one, and https is what is meant today.
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&text).map_err(|_| Error::Url("it is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::Url("only http and https can be called"));
    }
    let mut bare = url.clone();
    // User information is taken out as a secret, so it is no fault here.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    read_url(bare.as_str()).map_err(|_| Error::Url("its host cannot be read"))?;
    Ok(url)
}

/// A text as a parameter that means itself: braces would begin an expression.
fn literal(text: &str) -> String {
    text.replace("{{", "\\{{")
}

fn insert_pairs(parameters: &mut Map<String, Value>, name: &str, pairs: Vec<(String, String)>) {
    if pairs.is_empty() {
        return;
    }
    let mut members = Map::new();
    for (key, value) in pairs {
        let value = json!(literal(&value));
        match members.get_mut(&key) {
            None => {
                members.insert(key, value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = json!([first.clone(), value]),
        }
    }
    parameters.insert(name.to_owned(), Value::Object(members));
}

fn method(options: &Options, body: &Option<(&'static str, Value)>, notes: &mut Vec<String>) -> &'static str {
    let implied = match (options.head, body.is_some() && !options.get) {
        (true, _) => "HEAD",
        (_, true) => "POST",
        _ => "GET",
    };
    let Some(asked) = &options.method else { return implied };
    METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(asked)).unwrap_or_else(|| {
        notes.push(format!("The method of the command is not one that a node has; {implied} was taken."));
        implied
    })
}

fn headers(options: &Options, found: &mut secrets::Found) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for header in &options.headers {
        // `Name;` sends an empty header, `Name:` removes one.
        let (name, value) = match header.split_once(':') {
            Some((name, value)) => (name.trim(), value.trim()),
            None => (header.trim().trim_end_matches(';'), ""),
        };
        let is_removed = value.is_empty() && header.contains(':');
        // What belongs to the connection is Flero's own affair.
        let is_ours = ["host", "content-length", "connection", "accept-encoding", "transfer-encoding"]
            .contains(&name.to_ascii_lowercase().as_str());
        if !name.is_empty() && !is_removed && !is_ours && !found.header(name, value) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    if let Some(token) = &options.bearer {
        found.bearer(token);
    }
    if let Some(user) = &options.user {
        found.user(user);
    }
    for cookie in &options.cookies {
        found.cookies(cookie);
    }
    for (name, value) in [("User-Agent", &options.agent), ("Referer", &options.referer)] {
        if let Some(value) = value {
            headers.push((name.to_owned(), value.clone()));
        }
    }
    headers
}

/// The query of the URL as pairs; it leaves the URL.
fn query(url: &mut Url) -> Vec<(String, String)> {
    let pairs = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    url.set_query(None);
    pairs
}

fn split_pair(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (name.to_owned(), value.to_owned())
}

/// The data as pairs, for a query or a form.
fn data_pairs(data: &[Data]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for piece in data {
        match piece {
            Data::Plain(text) => {
                let decoded = url::form_urlencoded::parse(text.as_bytes());
                pairs.extend(decoded.map(|(name, value)| (name.into_owned(), value.into_owned())));
            }
            Data::Encode(text) | Data::Json(text) => pairs.push(split_pair(text)),
        }
    }
    pairs
}

fn header<'h>(headers: &'h [(String, String)], wanted: &str) -> Option<&'h str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
}

/// The body by its type. A `Content-Type` that the type implies is dropped.
fn body(options: &Options, headers: &mut Vec<(String, String)>) -> Option<(&'static str, Value)> {
    if !options.form.is_empty() {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        let mut members = Map::new();
        insert_pairs(&mut members, "form", options.form.iter().map(|part| split_pair(part)).collect());
        return Some(("multipart", members.remove("form").unwrap_or_default()));
    }
    if options.data.is_empty() {
        return None;
    }
    let is_json = options.data.iter().any(|piece| matches!(piece, Data::Json(_)));
    let text = joined(&options.data, is_json);
    let content_type = header(headers, "content-type")
        .map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    match content_type.as_deref() {
        Some(kind) if kind == "application/json" || kind.ends_with("+json") => {
            json_body(&text, headers, kind == "application/json")
        }
        None if is_json => json_body(&text, headers, true),
        Some("application/x-www-form-urlencoded") | None => {
            // Without a type cURL says it is a form; text that is plainly JSON was meant as JSON.
            if content_type.is_none() && text.trim_start().starts_with(['{', '[']) {
                return json_body(&text, headers, true);
            }
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            let pairs = data_pairs(&options.data);
            let is_form = pairs.iter().all(|(name, _)| !name.is_empty()) && text.contains('=');
            if !is_form {
                headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
                return Some(("raw", json!(literal(&text))));
            }
            let mut members = Map::new();
            insert_pairs(&mut members, "form", pairs);
            Some(("form", members.remove("form").unwrap_or_default()))
        }
        Some(_) => Some(("raw", json!(literal(&text)))),
    }
}

fn json_body(
    text: &str,
    headers: &mut Vec<(String, String)>,
    is_plain: bool,
) -> Option<(&'static str, Value)> {
    let parsed = serde_json::from_str::<Value>(text).ok().filter(|_| !text.contains("{{"));
    let Some(value) = parsed else {
        if header(headers, "content-type").is_none() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        return Some(("raw", json!(literal(text))));
    };
    if is_plain {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    }
    Some(("json", value))
}

/// The pieces as cURL joins them: with `&`, and `--json` without anything.
fn joined(data: &[Data], is_json: bool) -> String {
    let pieces: Vec<String> = data
        .iter()
        .map(|piece| match piece {
            Data::Plain(text) | Data::Json(text) => text.clone(),
            Data::Encode(text) => {
                let encode =
                    |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                match text.split_once('=') {
                    Some(("", content)) => encode(content),
                    Some((name, content)) => format!("{name}={}", encode(content)),
                    None => encode(text),
                }
            }
        })
        .collect();
    pieces.join(if is_json { "" } else { "&" })
}
