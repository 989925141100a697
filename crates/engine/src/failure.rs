//! Why a node failed, in the form that error ports, retries and reports share.

use std::{borrow::Cow, sync::Arc};

use flero_model::execution::ErrorInfo;
use serde_json::{Map, Value, json};

/// The kind of a failure; what `ErrorHandling` nodes sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// Something took too long.
    Timeout,
    /// The service could not be reached or the connection broke.
    Network,
    /// The data or the parameters were not acceptable.
    Validation,
    /// The service or Flero refused who asked.
    Authentication,
    /// Anything else.
    Other,
}

impl Class {
    /// The name as documents and error objects write it.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Validation => "validation",
            Self::Authentication => "authentication",
            Self::Other => "other",
        }
    }

    /// The class of an error code.
    #[must_use]
    pub(crate) fn of_code(code: &str) -> Self {
        match code {
            "http.timeout"
            | "http.connect_timeout"
            | "http.idle_timeout"
            | "code.timeout"
            | "workflow.timeout" => Self::Timeout,
            "http.dns"
            | "http.connect"
            | "http.tls"
            | "http.connection_closed"
            | "http.too_many_connections"
            | "http.no_trusted_roots"
            | "http.protocol"
            | "http.upload" => Self::Network,
            _ if code.starts_with("credential.") || code.starts_with("vault.") => Self::Authentication,
            _ if code.starts_with("node.")
                || code.starts_with("expression.")
                || code.starts_with("egress.") =>
            {
                Self::Validation
            }
            "http.invalid_url" | "http.invalid_header" | "http.reserved_header" => Self::Validation,
            _ => Self::Other,
        }
    }

    /// The class of an HTTP status (RFC 9110 section 15).
    #[must_use]
    pub(crate) const fn of_status(status: u16) -> Self {
        match status {
            401 | 403 | 407 => Self::Authentication,
            408 | 504 => Self::Timeout,
            502 | 503 => Self::Network,
            400 | 405 | 406 | 409..=417 | 422 | 428 | 431 => Self::Validation,
            _ => Self::Other,
        }
    }
}

/// Why a node failed. The message holds names, never submitted values, secrets or a URL's query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// A stable code.
    pub(crate) code: Cow<'static, str>,
    /// One sentence: what happened and what to do.
    pub(crate) message: String,
    /// The kind.
    pub(crate) class: Class,
    /// Whether a further attempt of an effect may help.
    pub(crate) retryable: bool,
    /// The service's HTTP status, where it answered.
    pub(crate) status: Option<u16>,
    /// Milliseconds that the service asked to wait before the next attempt.
    pub(crate) retry_after_ms: Option<u64>,
    /// What came back all the same, for the error port: a service's answer.
    pub(crate) output: Option<Arc<Value>>,
    /// What a Code node wrote before it failed.
    pub(crate) logs: Vec<String>,
}

impl Failure {
    /// A failure that another attempt would not mend; the class is that of the code.
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let code = code.into();
        let class = Class::of_code(&code);
        Self {
            code,
            message: message.into(),
            class,
            retryable: false,
            status: None,
            retry_after_ms: None,
            output: None,
            logs: Vec::new(),
        }
    }

    /// The same failure, for which another attempt may help.
    #[must_use]
    pub(crate) fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The pair that reports hold.
    #[must_use]
    pub(crate) fn info(&self) -> ErrorInfo {
        ErrorInfo::new(self.code.clone(), self.message.clone())
    }
}

/// What the error port of a node gives: the answer of the service where there was one, and `error` with code,
/// message, class and the node that failed. The same object's `error` member is `$error` behind that port.
pub(crate) fn error_output(failure: &Failure, node_id: &str, node_name: &str) -> Arc<Value> {
    let mut output = match failure.output.as_deref() {
        Some(Value::Object(members)) => members.clone(),
        Some(Value::Null) | None => Map::new(),
        Some(other) => Map::from_iter([("body".to_owned(), other.clone())]),
    };
    let error = json!({
        "code": failure.code, "message": failure.message, "class": failure.class.as_str(),
        "nodeId": node_id, "node": node_name,
    });
    output.insert("error".to_owned(), error);
    Arc::new(Value::Object(output))
}
