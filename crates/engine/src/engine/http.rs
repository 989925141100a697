//! HTTPRequest nodes: the request goes through the door, the answer comes back as the node's output.

use std::{sync::Arc, time::Duration};

use flero_connect::{Call, Intent, Purpose, RecordedIntent, Reply, Request, UseOutcome, call::Credential};
use flero_model::CredentialId;
use flero_openapi::{Pack, answer::error_of};
use flero_store::blobs::BlobRef;
use http::{HeaderMap, Method, header};
use serde_json::{Map, Value, json};

use super::{
    Engine,
    code::sentence,
    connectors::errors_of,
    drive::{Effected, Facts},
    transfer::{Inbound, Outgoing},
};
use crate::{
    failure::{Class, Failure},
    files,
    params::ResponseFormat,
    run::{EffectResult, HttpCall, Ticket},
};

/// The deepest answer that is taken as JSON. Journals are read back with a limit of 128 levels, of which the
/// journal itself, outputs and merges need some.
pub(super) const MAX_DEPTH: usize = 90;

/// One answer, read.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    pub(super) size: u64,
    pub(super) elapsed: Duration,
    pub(super) used: Option<UseOutcome>,
}

/// Who calls, for what, with which credential.
pub(super) struct Caller<'f> {
    pub(super) facts: &'f Facts,
    pub(super) purpose: Purpose,
    pub(super) credential: Option<CredentialId>,
    /// The description of the service, where there is one: the operation's, else that of the credential's service.
    pub(super) pack: Option<Arc<Pack>>,
}

impl Engine {
    pub(super) async fn call_http(
        &self,
        facts: &Facts,
        ticket: Ticket,
        node: &str,
        mut call: HttpCall,
        credential: Option<CredentialId>,
    ) -> (Effected, Option<UseOutcome>) {
        let purpose = Purpose::Node {
            workflow: facts.workflow.id,
            execution: facts.id,
            node: node.to_owned(),
            attempt: ticket.attempt,
        };
        let mut caller = Caller { facts, purpose, credential, pack: None };
        if call.operation.is_some() {
            return self.call_operation(caller, call).await;
        }
        if let Some(id) = credential {
            caller.pack = self.pack_of(facts.workspace, id).await;
            call.errors = caller.pack.as_deref().and_then(errors_of);
        }
        // The intent row of the first request was committed with the step that began it.
        let intent = credential.map_or(Intent::Record, |id| Intent::Recorded(RecordedIntent::committed(id)));
        let first = match self.plain_request(&caller, &call, intent).await {
            Ok(first) => first,
            Err((failure, used)) => return (Err(*failure), used),
        };
        let used = first.used.clone();
        let result = match &call.paging {
            Some(paging) if first.status < 400 => {
                self.follow_pages(&caller, &call, paging, first, None).await
            }
            _ => Ok(self.result_of(&caller, first)),
        };
        (result, used)
    }

    /// Sends a request that belongs to no operation, and notes what its answer says of the service's limit.
    pub(super) async fn plain_request(
        &self,
        caller: &Caller<'_>,
        call: &HttpCall,
        intent: Intent,
    ) -> Result<Answer, (Box<Failure>, Option<UseOutcome>)> {
        let answer = self.request(caller, call, intent).await?;
        let error = error_of(call.errors.as_deref(), answer.status, &answer.body);
        self.note_limit(caller.credential, caller.pack.as_deref(), &answer.headers, error.as_ref());
        Ok(answer)
    }

    /// The result of such a request.
    pub(super) fn result_of(&self, caller: &Caller<'_>, answer: Answer) -> EffectResult {
        let retry_after_ms = self.wait_of(caller.pack.as_deref(), &answer.headers);
        answer.into_result(retry_after_ms)
    }

    /// Sends one request and reads its answer. Where the service is known to take none with this credential for now, it
    /// waits, or fails.
    pub(super) async fn request(
        &self,
        caller: &Caller<'_>,
        call: &HttpCall,
        intent: Intent,
    ) -> Result<Answer, (Box<Failure>, Option<UseOutcome>)> {
        let unsent = |failure: Failure| (Box::new(failure), None);
        self.wait_for_limit(caller, call.timeout_ms).await.map_err(unsent)?;
        let principal = self.principal(caller.facts).await.map_err(|error| {
            unsent(
                Failure::new(
                    "store.unavailable",
                    format!("The rights of the run could not be read: {error}."),
                )
                .retryable(),
            )
        })?;
        let mut request = Request::new(method(call.method), &*call.url);
        request.headers.clone_from(&call.headers);
        request.timeout = Duration::from_millis(call.timeout_ms);
        request.follow_redirects = call.follow_redirects;
        request.validate_ssl = call.validate_ssl;
        request.errors.clone_from(&call.errors);
        let landing = self.landing(caller.facts, call.response);
        request.landing = Some(Arc::<Inbound>::clone(&landing));
        let (body, content_type) = self.body(caller.facts, &call.body).await.map_err(unsent)?;
        match body {
            Outgoing::Whole(bytes) => request.body = bytes,
            Outgoing::Files(upload) => request.upload = Some(upload),
        }
        if let Some(content_type) = content_type {
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            request.headers.push(("Content-Type".to_owned(), content_type));
        }
        let credential = caller.credential.map_or(Credential::None, Credential::Stored);
        let sent = Call { principal, purpose: caller.purpose.clone(), credential, intent, request };
        let reply = match self.0.connect.send(sent).await {
            Ok(reply) => reply,
            Err(mut error) => {
                let used = error.used.take().map(|used| *used);
                return Err((Box::new(refusal(&error)), used));
            }
        };
        let used = reply.used.clone();
        self.read(caller.facts, call, reply, &landing).await.map_err(|failure| (Box::new(failure), used))
    }

    /// Reads the body of an answer by the node's `responseFormat`.
    async fn read(
        &self,
        facts: &Facts,
        call: &HttpCall,
        reply: Reply,
        landing: &Inbound,
    ) -> Result<Answer, Failure> {
        let size = reply.landed.unwrap_or(reply.body.len() as u64);
        let content_type = reply.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = content_type.map(kind_of);
        let body = match call.response {
            _ if size == 0 => Value::Null,
            _ if reply.landed.is_some() => {
                stored(landing.finish().await, size, content_type, &reply.headers)?
            }
            ResponseFormat::Json => match json_of(&reply.body) {
                Some(value) => value,
                // What an error says is worth reading whatever its form.
                None if reply.status >= 400 => text_body(&reply.body),
                None => {
                    let message =
                        "The answer is not JSON, or nested too deeply. Choose another responseFormat.";
                    let mut failure = Failure::new("http.invalid_json", message);
                    failure.class = Class::Validation;
                    return Err(failure);
                }
            },
            ResponseFormat::Text => text_body(&reply.body),
            ResponseFormat::File => self.store_file(facts, &reply, content_type).await?,
            ResponseFormat::Auto => match kind.as_deref() {
                Some(kind) if is_json(kind) => json_of(&reply.body).unwrap_or_else(|| text_body(&reply.body)),
                Some(kind) if is_text(kind) => text_body(&reply.body),
                None if std::str::from_utf8(&reply.body).is_ok() => text_body(&reply.body),
                _ => self.store_file(facts, &reply, content_type).await?,
            },
        };
        Ok(Answer {
            status: reply.status,
            headers: reply.headers,
            body,
            size,
            elapsed: reply.elapsed,
            used: reply.used,
        })
    }

    /// Stores a file that is at hand.
    async fn store_file(
        &self,
        facts: &Facts,
        reply: &Reply,
        content_type: Option<&str>,
    ) -> Result<Value, Failure> {
        let blob = self.0.blobs.put_blob(files::stored_in(facts.workspace, &reply.body)).await;
        stored(blob, reply.body.len() as u64, content_type, &reply.headers)
    }
}

/// The reference to a file that was stored.
fn stored(
    blob: Result<BlobRef, flero_store::Error>,
    size: u64,
    content_type: Option<&str>,
    headers: &HeaderMap,
) -> Result<Value, Failure> {
    let blob = blob.map_err(|error| {
        Failure::new("file.not_stored", format!("The answer could not be stored: {error}."))
    })?;
    let disposition = headers.get(header::CONTENT_DISPOSITION).and_then(|value| value.to_str().ok());
    Ok(files::reference(&blob, size, content_type, disposition.and_then(file_name).as_deref()))
}

impl Answer {
    /// With how long the service wants to be left alone before another attempt, in milliseconds.
    pub(super) fn into_result(self, retry_after_ms: Option<u64>) -> EffectResult {
        let status = self.status;
        EffectResult::Http { output: Arc::new(self.into_output(None)), status, retry_after_ms }
    }

    /// `statusCode`, `headers`, `body`, `responseTime` (milliseconds), `size` (bytes), and what paging adds.
    pub(super) fn into_output(self, paging: Option<Map<String, Value>>) -> Value {
        let mut output = Map::with_capacity(6);
        output.insert("statusCode".to_owned(), json!(self.status));
        output.insert("headers".to_owned(), Value::Object(headers_of(&self.headers)));
        output.insert("body".to_owned(), self.body);
        let elapsed = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX);
        output.insert("responseTime".to_owned(), json!(elapsed));
        output.insert("size".to_owned(), json!(self.size));
        output.extend(paging.unwrap_or_default());
        Value::Object(output)
    }
}

/// Header fields by lower-case name; repeated ones joined as RFC 9110 section 5.3 says, `Set-Cookie` as a list.
fn headers_of(headers: &HeaderMap) -> Map<String, Value> {
    let mut all = Map::with_capacity(headers.keys_len());
    for name in headers.keys() {
        let values = || headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let value = if name == header::SET_COOKIE {
            Value::Array(values().map(|value| Value::String(value.into_owned())).collect())
        } else {
            let mut values = values();
            let first = values.next().unwrap_or_default().into_owned();
            Value::String(values.fold(first, |all, value| all + ", " + &value))
        };
        all.insert(name.as_str().to_owned(), value);
    }
    all
}

pub(super) fn method(text: &str) -> Method {
    Method::from_bytes(text.as_bytes()).unwrap_or(Method::GET)
}

/// The type in a `Content-Type` without its parameters.
pub(super) fn kind_of(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// JSON by any of its names; AWS has its own (Smithy, AWS JSON 1.0 and 1.1).
pub(super) fn is_json(kind: &str) -> bool {
    matches!(kind, "application/json" | "text/json")
        || kind.ends_with("+json")
        || kind.starts_with("application/x-amz-json-")
}

pub(super) fn is_text(kind: &str) -> bool {
    kind.starts_with("text/")
        || kind.ends_with("+xml")
        || matches!(
            kind,
            "application/xml"
                | "application/javascript"
                | "application/x-www-form-urlencoded"
                | "application/x-ndjson"
        )
}

fn text_body(bytes: &[u8]) -> Value {
    Value::String(String::from_utf8_lossy(bytes).into_owned())
}

pub(super) fn json_of(bytes: &[u8]) -> Option<Value> {
    let value = serde_json::from_slice(bytes).ok()?;
    is_shallow(&value, MAX_DEPTH).then_some(value)
}

/// Whether a value is nested at most so deep.
pub(super) fn is_shallow(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(items) => left > 0 && items.iter().all(|item| is_shallow(item, left - 1)),
        Value::Object(members) => left > 0 && members.values().all(|item| is_shallow(item, left - 1)),
        _ => true,
    }
}

/// The name in `Content-Disposition` (RFC 6266), without any folder.
fn file_name(disposition: &str) -> Option<String> {
    let value = disposition.split(';').map(str::trim).find_map(|part| part.strip_prefix("filename="))?;
    let name = value.trim_matches('"').rsplit(['/', '\\']).next()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// `Retry-After` in milliseconds: seconds or a date (RFC 9110 section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: flero_model::Timestamp) -> Option<u64> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let at = chrono::DateTime::parse_from_rfc2822(text).ok()?.timestamp_millis();
    u64::try_from(at - now.as_millis()).ok()
}

/// An error of the door as a failure of the node.
pub(super) fn refusal(error: &flero_connect::Error) -> Failure {
    let kind = error.kind();
    let mut failure = Failure::new(kind.code(), sentence(&error.to_string()));
    failure.retryable = kind.is_transient();
    if kind.is_timeout() {
        failure.class = Class::Timeout;
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now = flero_model::Timestamp::from_millis(1_445_412_480_000 - 5_000);
        for (text, expected) in [
            ("120", Some(120_000)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(5_000)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", None),
            ("soon", None),
        ] {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now), expected, "{text}");
        }
    }

    #[test]
    fn a_file_name_has_no_folder() {
        assert_eq!(file_name("attachment; filename=\"../../etc/passwd\"").as_deref(), Some("passwd"));
        assert_eq!(file_name("attachment; filename=report.pdf").as_deref(), Some("report.pdf"));
        assert_eq!(file_name("inline"), None);
    }
}
