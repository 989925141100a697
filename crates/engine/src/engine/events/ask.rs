//! Requests for events: an operation of the connector with filled-in inputs, through the door.

use std::sync::Arc;

use flero_connect::{Call, Intent, Purpose, Request, call::Credential};
use flero_openapi::{
    extension::ErrorClass,
    request::{Base, RequestBody, build},
};
use flero_store::events::Subscription;
use serde_json::{Map, Value};

use super::super::{Engine, connectors::Ready, http::json_of};
use crate::{Result, failure::Failure};

/// Why something could not be asked, or what the service said against it.
#[derive(Debug, Default)]
pub(in crate::engine) struct Refused {
    pub(super) status: Option<u16>,
    /// A sentence for people.
    pub(super) message: String,
    /// Whether it asks for too much at a time.
    pub(super) is_limit: bool,
    /// How long to wait, where the service says so; in milliseconds.
    pub(super) wait_ms: Option<u64>,
    /// Whether the same request would be refused again.
    pub(super) is_for_good: bool,
}

impl Refused {
    pub(super) fn of(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

impl From<&str> for Refused {
    fn from(message: &str) -> Self {
        Self::of(message)
    }
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self::of(message)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { wait_ms: failure.retry_after_ms, ..Self::of(failure.message.to_string()) }
    }
}

impl From<&flero_connect::Error> for Refused {
    fn from(error: &flero_connect::Error) -> Self {
        let failure = super::super::http::refusal(error);
        Self { status: error.status(), ..Self::from(failure) }
    }
}

impl Engine {
    /// The operation of a request, and the request without authentication.
    pub(super) async fn event_call(
        &self,
        subscription: &Subscription,
        operation: &str,
        mut inputs: Map<String, Value>,
    ) -> Result<std::result::Result<(std::sync::Arc<Ready>, Call), Refused>> {
        let found = self.operation(subscription.workspace, &subscription.connector, operation).await;
        let ready = match found {
            Ok(ready) => ready,
            Err(failure) => return Ok(Err(failure.into())),
        };
        if let Some(failure) = self.limited(subscription.credential, Some(&ready.pack)) {
            return Ok(Err(Refused { is_limit: true, ..Refused::from(failure) }));
        }
        ready.validator.coerce(&mut inputs);
        let connection = match subscription.credential {
            Some(id) => self.connection_of(id).await?,
            None => Map::new(),
        };
        let connector = ready.pack.connector();
        let base = Base {
            url: &connector.base_url,
            connection: &connection,
            defaults: &connector.connection,
            headers: &connector.flero.headers,
        };
        let mut faults = ready.validator.check(&inputs);
        let built = build(&base, &ready.operation, &inputs).map_err(|fault| faults.push(fault));
        let (Ok(built), true) = (built, faults.is_empty()) else {
            let list: Vec<String> =
                faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect();
            return Ok(Err(Refused::of(format!("The inputs are not accepted. {}", list.join(" ")))));
        };
        let Ok(method) = http::Method::from_bytes(built.method.as_bytes()) else {
            return Ok(Err(Refused::of("The operation has a method that cannot be sent.")));
        };
        let mut request = Request::new(method, built.url);
        request.headers = built.headers;
        request.errors = ready.errors().cloned().map(Arc::new);
        match built.body {
            RequestBody::Empty => {}
            RequestBody::Text { media_type, text } => {
                request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
                request.headers.push(("Content-Type".to_owned(), media_type));
                request.body = text.into();
            }
            RequestBody::File { .. } | RequestBody::Multipart(_) => {
                return Ok(Err(Refused::of("An operation that sends files cannot be used for events.")));
            }
        }
        let call = Call {
            principal: self.principal_of(subscription).await?,
            purpose: Purpose::Trigger { workflow: subscription.workflow },
            credential: subscription.credential.map_or(Credential::None, Credential::Stored),
            intent: Intent::Record,
            request,
        };
        Ok(Ok((ready, call)))
    }

    /// The body of an answer that is no error, as the connector describes.
    pub(super) fn event_answer(
        &self,
        subscription: &Subscription,
        ready: &Ready,
        reply: &flero_connect::Reply,
    ) -> std::result::Result<Value, Refused> {
        let xml = || ready.xml_of((reply.status, &reply.headers), std::str::from_utf8(&reply.body).ok()?);
        let body = json_of(&reply.body).or_else(xml).unwrap_or_default();
        let error = self.error_in(ready, (reply.status, &reply.headers), &body);
        self.note_limit(subscription.credential, Some(&ready.pack), &reply.headers, error.as_ref());
        let Some(error) = error else { return Ok(body) };
        // What the service says about an error may quote what was sent, so its code alone is told.
        let code = error.code.map(|code| format!(", {code}")).unwrap_or_default();
        let name = &ready.pack.summary().name;
        Err(Refused {
            status: Some(reply.status),
            message: format!("{name} refused it (status {}{code}).", reply.status),
            is_limit: error.class == ErrorClass::RateLimit,
            wait_ms: self.wait_of(Some(&ready.pack), &reply.headers),
            is_for_good: matches!(error.class, ErrorClass::Validation | ErrorClass::NotFound),
        })
    }
}
