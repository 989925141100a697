//! One request and the head of its answer, and what the library's errors mean.

use std::{error::Error as _, io};

use http::{Method, Request, Response};
use hyper::body::Incoming;

use crate::{
    body::{Outgoing, UploadFailed},
    client::{HttpClient, Lease},
    error::Kind,
};

/// Sends a request and waits for the head of the answer.
///
/// A safe request (RFC 9110 section 9.2.1) whose connection was closed by the service without an answer is sent
/// once more: an idle connection may be closed in the moment in which it is used again.
///
/// # Errors
/// What happened, as a kind alone.
pub(crate) async fn exchange(
    client: &HttpClient,
    request: Request<Outgoing>,
) -> Result<(Response<Incoming>, Lease), Kind> {
    let again = repeatable(&request);
    match (client.request(request).await, again) {
        (Err(Kind::ConnectionClosed), Some(again)) => client.request(again).await,
        (result, _) => result,
    }
}

/// A copy of a request that may be sent twice.
fn repeatable(request: &Request<Outgoing>) -> Option<Request<Outgoing>> {
    let Outgoing::Whole(body) = request.body() else { return None };
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return None;
    }
    let mut copy = Request::new(Outgoing::Whole(body.clone()));
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

/// What an error of the HTTP library means.
pub(crate) fn body_kind(fault: &hyper::Error) -> Kind {
    if fault.is_parse_too_large() {
        return Kind::HeadTooLarge;
    }
    if fault.is_parse() {
        return Kind::Protocol;
    }
    if fault.is_timeout() {
        return Kind::IdleTimeout;
    }
    let mut cause = fault.source();
    while let Some(inner) = cause {
        if inner.is::<UploadFailed>() {
            return Kind::Upload;
        }
        if let Some(fault) = inner.downcast_ref::<io::Error>() {
            // The library reports a broken chunk as invalid input, everything else comes from the connection.
            let is_content = matches!(fault.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
            return if is_content { Kind::Protocol } else { Kind::ConnectionClosed };
        }
        cause = inner.source();
    }
    if fault.is_incomplete_message()
        || fault.is_closed()
        || fault.is_canceled()
        || fault.is_body_write_aborted()
    {
        return Kind::ConnectionClosed;
    }
    Kind::Protocol
}
