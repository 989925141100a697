//! Connector nodes: an operation and its inputs become a request, which goes through the door like every other, and
//! the answer is judged as the connector describes.

mod limits;
mod load;

use std::sync::Arc;

use flero_connect::{Intent, RecordedIntent, UseOutcome};
use flero_model::{CredentialId, WorkspaceId, credential::AuthType, service::GENERIC};
use flero_openapi::{
    Pack,
    answer::{ServiceError, error_of},
    connector::{BodyKind, Operation, Place},
    extension::{ErrorClass, ErrorRules, PagingHint},
    paging::{Bound, begin, segments},
    request::{Base, BodyPart, Built, Fault, RequestBody, build},
    xml,
};
use http::{HeaderMap, header};
use serde_json::{Map, Value};

pub(super) use load::Loaded;
pub(super) use load::Ready;

use super::{
    Engine,
    drive::Effected,
    http::{Answer, Caller},
};
use crate::{
    failure::{Class, Failure},
    files,
    params::{METHODS, Pagination, Paging, Slot},
    run::{HttpBody, HttpCall, OperationCall, Part, REPEATED},
};

/// Pages that are followed unless the page is chosen by an input.
const MAX_PAGES: u64 = 100;

impl Engine {
    /// Carries out an operation of a connector.
    pub(super) async fn call_operation(
        &self,
        mut caller: Caller<'_>,
        mut call: HttpCall,
    ) -> (Effected, Option<UseOutcome>) {
        let Some(asked) = call.operation.take() else {
            return (Err(Failure::new("internal.error", "There is no operation to carry out.")), None);
        };
        let asked = match self.checked(&caller, *asked).await {
            Ok(asked) => asked,
            Err(failure) => return (Err(failure), None),
        };
        let ready = Arc::clone(&asked.ready);
        caller.pack = Some(Arc::clone(&ready.pack));
        let caller = &caller;
        if let Some(engine) = ready.pack.connector().flero.database {
            return self
                .call_statement(caller, engine, &ready.operation, &asked.inputs, call.timeout_ms)
                .await;
        }
        if ready.pack.connector().flero.mail.is_some() {
            return self.call_mail(caller, &ready, &asked.inputs, &asked.key, call.timeout_ms).await;
        }
        if let Err(failure) = self.prepare_operation(caller, &mut call, asked).await {
            return (Err(failure), None);
        }
        // The intent row of the first request was committed with the step that began it.
        let intent =
            caller.credential.map_or(Intent::Record, |id| Intent::Recorded(RecordedIntent::committed(id)));
        let mut first = match self.request(caller, &call, intent).await {
            Ok(first) => first,
            Err((failure, used)) => return (Err(*failure), used),
        };
        let used = first.used.clone();
        let judged = self.judge(caller, &ready, &mut first);
        let result = match (judged, &call.paging) {
            (Some(judged), _) => Err(judged.with_answer(first)),
            (None, Some(paging)) => self.follow_pages(caller, &call, paging, first, Some(&ready)).await,
            // A good answer is no failure that an attempt could follow.
            (None, None) => Ok(first.into_result(None)),
        };
        (result, used)
    }

    /// The page of a list after the first one, judged as the first one was.
    pub(super) async fn further_page(
        &self,
        caller: &Caller<'_>,
        ready: &Ready,
        call: &HttpCall,
    ) -> Result<Answer, Failure> {
        let answer = self.request(caller, call, Intent::Record).await;
        let mut answer = answer.map_err(|(failure, _)| *failure)?;
        match self.judge(caller, ready, &mut answer) {
            Some(judged) => Err(judged.with_answer(answer)),
            None => Ok(answer),
        }
    }

    /// Loads the operation and checks the inputs.
    async fn checked(&self, caller: &Caller<'_>, asked: OperationCall) -> Result<Checked, Failure> {
        let workspace = caller.facts.workspace;
        let ready = self.operation(workspace, &asked.connector, &asked.operation).await?;
        let mut inputs = asked.inputs;
        inputs.retain(|_, value| !value.is_null());
        let hint = ready.operation.hints.idempotency.as_ref();
        if let Some(input) = hint.and_then(|hint| hint.input.as_ref()) {
            inputs.entry(input.clone()).or_insert_with(|| Value::String(asked.key.clone()));
        }
        ready.validator.coerce(&mut inputs);
        let has_pages = begin(&ready.operation, &mut inputs);
        let faults = ready.validator.check(&inputs);
        if !faults.is_empty() {
            return Err(invalid(&faults));
        }
        Ok(Checked { ready, inputs, key: asked.key, has_pages })
    }

    /// Makes the request.
    async fn prepare_operation(
        &self,
        caller: &Caller<'_>,
        call: &mut HttpCall,
        asked: Checked,
    ) -> Result<(), Failure> {
        let Checked { ready, inputs, key, has_pages } = asked;
        let hint = ready.operation.hints.idempotency.as_ref();
        let connection = self.connection(caller).await?;
        let connector = ready.pack.connector();
        let base = Base {
            url: &connector.base_url,
            connection: &connection,
            defaults: &connector.connection,
            headers: &connector.flero.headers,
        };
        let built = build(&base, &ready.operation, &inputs).map_err(|fault| invalid(&[fault]))?;
        let header = hint.and_then(|hint| hint.header.clone());
        let has_key = hint.is_some_and(|hint| hint.input.is_some());
        fill(call, built)?;
        let is_set = |name: &str| call.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let name = header.unwrap_or_else(|| "Idempotency-Key".to_owned());
        if REPEATED.contains(&call.method) && !has_key && !is_set(&name) {
            call.headers.push((name, key));
        }
        call.errors = ready.errors().cloned().map(Arc::new);
        let hint = ready.operation.hints.pagination.as_ref().filter(|_| has_pages);
        call.paging = hint.and_then(|hint| paging(hint, &ready));
        Ok(())
    }

    /// The parameters of the connection of whoever calls.
    async fn connection(&self, caller: &Caller<'_>) -> Result<Map<String, Value>, Failure> {
        let Some(id) = caller.credential else { return Ok(Map::new()) };
        self.connection_of(id).await.map_err(|error| {
            let message = format!("The credential could not be read: {error}.");
            Failure::new("store.unavailable", message).retryable()
        })
    }

    /// The parameters of a credential's connection: what its policy says, and what the service told with its token,
    /// such as the address for this account. None of it is secret, and none of it adds a host: whether a request may
    /// go to a host is decided at the door, by the policy alone.
    ///
    /// # Errors
    /// [`flero_store::Error`], but for a credential that is not there, which has none.
    pub async fn connection_of(&self, id: CredentialId) -> Result<Map<String, Value>, flero_store::Error> {
        let credential = match self.0.store.get_credential(id).await {
            Ok(credential) => credential,
            // The door refuses it with the right words.
            Err(flero_store::Error::NotFound) => return Ok(Map::new()),
            Err(error) => return Err(error),
        };
        let mut connection = credential.policy.parameters;
        if credential.policy.auth_type == AuthType::Oauth2
            && let Some(stored) = self.0.store.get_grant(id).await?
        {
            for (name, value) in stored.grant.values {
                connection.entry(name).or_insert(Value::String(value));
            }
        }
        Ok(connection)
    }

    /// The description of a credential's service. `None` where there is none, or it cannot be read now.
    pub async fn pack_of(&self, workspace: WorkspaceId, credential: CredentialId) -> Option<Arc<Pack>> {
        let service = self.0.connect.service_of(credential).await.ok().flatten()?;
        if service == GENERIC {
            return None;
        }
        self.connector(workspace, &service).await.ok().flatten()
    }

    /// Reads an answer, notes what it says of the service's limit, and tells the failure that it is, as the connector
    /// describes.
    fn judge(&self, caller: &Caller<'_>, ready: &Ready, answer: &mut Answer) -> Option<Judged> {
        ready.read_xml(answer);
        let error = self.error_in(ready, (answer.status, &answer.headers), &answer.body);
        self.note_limit(caller.credential, Some(&ready.pack), &answer.headers, error.as_ref());
        Some(Judged {
            error: error?,
            status: answer.status,
            retry_after_ms: self.wait_of(Some(&ready.pack), &answer.headers),
            name: ready.pack.summary().name.clone(),
        })
    }

    /// The service's error in an answer.
    pub(super) fn error_in(
        &self,
        ready: &Ready,
        (status, headers): (u16, &HeaderMap),
        body: &Value,
    ) -> Option<ServiceError> {
        let mut error = error_of(ready.errors(), status, body)?;
        // Some services refuse for their limit with the status of a missing permission.
        if error.class == ErrorClass::Permission && self.wait_of(Some(&ready.pack), headers).is_some() {
            error.class = ErrorClass::RateLimit;
        }
        Some(error)
    }
}

/// How a service tells of errors wherever its description says nothing closer.
pub(super) fn errors_of(pack: &Pack) -> Option<Arc<ErrorRules>> {
    pack.connector().flero.errors.clone().map(Arc::new)
}

impl Ready {
    /// How the service tells of errors: the operation's own way, or the connector's.
    pub(super) fn errors(&self) -> Option<&ErrorRules> {
        self.operation.hints.errors.as_ref().or(self.pack.connector().flero.errors.as_ref())
    }

    /// Makes an answer in XML one in JSON, led by the operation's schema.
    fn read_xml(&self, answer: &mut Answer) {
        let Value::String(text) = &answer.body else { return };
        if let Some(value) = self.xml_of((answer.status, &answer.headers), text) {
            answer.body = value;
        }
    }

    /// A text in XML as JSON; see [`xml::of_answer`].
    pub(super) fn xml_of(&self, (status, headers): (u16, &HeaderMap), text: &str) -> Option<Value> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        xml::of_answer(&self.operation, &self.answers, (status, kind), text)
    }
}

/// A service's error on its way to becoming a failure.
struct Judged {
    error: ServiceError,
    status: u16,
    retry_after_ms: Option<u64>,
    name: String,
}

impl Judged {
    /// The failure of the node; the answer goes along for the error port. What the service says about an error may
    /// quote what was sent, so the message has its code alone.
    fn with_answer(self, answer: Answer) -> Failure {
        let class = self.error.class;
        let what = match class {
            ErrorClass::Authentication => "refused the credential; test it, and replace it if it has expired",
            ErrorClass::Permission => {
                "does not let this credential do that; look at its permissions in the guide"
            }
            ErrorClass::Validation => {
                "did not accept the request; compare the inputs with the operation's description"
            }
            ErrorClass::RateLimit => "takes no more requests for now; try again later or set retries",
            ErrorClass::NotFound => "does not have what was named, or not for this credential",
            ErrorClass::Conflict => "has changed meanwhile what was named",
            ErrorClass::Server => "failed; try again later or set retries",
        };
        let code = self.error.code.map(|code| format!(", {code}")).unwrap_or_default();
        let message = format!("{} {what} (status {}{code}).", self.name, self.status);
        let mut failure = Failure::new(class.code(), message);
        failure.class = match class {
            ErrorClass::Authentication | ErrorClass::Permission => Class::Authentication,
            ErrorClass::Validation | ErrorClass::Conflict => Class::Validation,
            ErrorClass::Server => Class::of_status(self.status),
            ErrorClass::RateLimit | ErrorClass::NotFound => Class::Other,
        };
        failure.retryable = class.is_transient();
        failure.retry_after_ms = self.retry_after_ms;
        failure.output = Some(std::sync::Arc::new(answer.into_output(None)));
        failure
    }
}

/// An operation with inputs that fit it.
struct Checked {
    ready: Arc<Ready>,
    inputs: Map<String, Value>,
    /// The same for every attempt.
    key: String,
    /// Whether the pages after the first one are followed.
    has_pages: bool,
}

/// The failure of inputs that are not as the operation wants them.
pub(super) fn invalid(faults: &[Fault]) -> Failure {
    let list: Vec<String> =
        faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect();
    let mut failure =
        Failure::new("connector.input", format!("The inputs are not accepted. {}", list.join(" ")));
    failure.class = Class::Validation;
    failure
}

/// Puts a request into the call.
fn fill(call: &mut HttpCall, built: Built) -> Result<(), Failure> {
    call.method = METHODS.into_iter().find(|method| *method == built.method).ok_or_else(|| {
        Failure::new("http.method_refused", "This operation has a method that cannot be sent.")
    })?;
    call.url = built.url;
    call.headers = built.headers;
    let media_type = match built.body {
        RequestBody::Empty => None,
        RequestBody::Text { media_type, text } => {
            call.body = HttpBody::Bytes(text.into());
            Some(media_type)
        }
        RequestBody::File { media_type: _, file } if files::is_reference(&file) => {
            call.body = HttpBody::File(file);
            None
        }
        RequestBody::File { media_type, file } => {
            call.body = HttpBody::Bytes(crate::params::text_of(&file).into_owned().into());
            Some(media_type)
        }
        RequestBody::Multipart(parts) => {
            let part = |BodyPart { name, value, media_type }| Part { name, value, media_type };
            call.body = HttpBody::Multipart(parts.into_iter().map(part).collect());
            None
        }
    };
    if let Some(media_type) = media_type {
        call.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        call.headers.push(("Content-Type".to_owned(), media_type));
    }
    Ok(())
}

/// How pages are followed. One whose input has no place in the query or in the members of the body is asked for page
/// by page.
fn paging(hint: &PagingHint, ready: &Ready) -> Option<Paging> {
    let parts = |pointer: &str| -> Vec<String> {
        pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
    };
    let slot = |input: &str| slot(&ready.operation, input);
    let how = match hint {
        PagingHint::LinkHeader { .. } => Pagination::NextLink { path: None },
        PagingHint::NextLink { next, .. } => Pagination::NextLink { path: Some(parts(next)) },
        PagingHint::Cursor { next, input, more, .. } => {
            let more = more.as_deref().map(parts);
            Pagination::Cursor { path: parts(next), more, slot: slot(input)? }
        }
        PagingHint::Page { input, start, pages, .. } => {
            let pages = pages.as_deref().map(parts);
            Pagination::Page { slot: slot(input)?, start: *start, pages }
        }
        PagingHint::Offset { input, .. } => {
            Pagination::Offset { slot: slot(input)?, start: 0, limit_parameter: None, limit: 0 }
        }
        PagingHint::LastItem { id, more, input, .. } => {
            Pagination::LastItem { id: parts(id), more: parts(more), slot: slot(input)? }
        }
    };
    let bound = Bound::of(&ready.operation);
    Some(Paging { how, items: parts(hint.items()), max_pages: MAX_PAGES, bound })
}

/// The place of the input that chooses a page.
fn slot(operation: &Operation, input: &str) -> Option<Slot> {
    let parameter = operation.parameters.iter().find(|parameter| parameter.input() == input);
    if let Some(parameter) = parameter {
        return (parameter.place == Place::Query).then(|| Slot::Query(parameter.name.clone()));
    }
    let body = operation.body.as_ref()?;
    let mut names = segments(input);
    let field = body.fields.iter().find(|field| Some(field.input()) == names.first().map(String::as_str))?;
    match body.kind {
        BodyKind::Json => {
            names.first_mut()?.clone_from(&field.name);
            Some(Slot::Json(names))
        }
        BodyKind::Form if names.len() == 1 => Some(Slot::Form(field.name.clone())),
        BodyKind::Form | BodyKind::Multipart | BodyKind::Text | BodyKind::Binary => None,
    }
}
