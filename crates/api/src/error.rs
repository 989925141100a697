//! Problems as RFC 9457 writes them, and the one translation of the domain's errors into them.
//!
//! Callers get a stable code and a safe sentence; the cause goes to the log alone. No submitted value is quoted.

pub mod codes;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flero_app::{AuthFault, Error, Refusal};
use flero_model::problem::FieldProblem;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use codes::Code;

/// An answer that is a problem.
#[derive(Debug)]
pub struct ApiError {
    code: &'static Code,
    detail: String,
    errors: Vec<FieldProblem>,
    extra: Vec<(String, Value)>,
    headers: Vec<(header::HeaderName, HeaderValue)>,
}

/// What a problem says, without its form.
pub(crate) struct Parts {
    /// The status.
    pub(crate) status: StatusCode,
    /// What happened here, and what to do.
    pub(crate) detail: String,
    /// Headers of the answer.
    pub(crate) headers: Vec<(header::HeaderName, HeaderValue)>,
}

/// The result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// A problem as RFC 9457 writes it (`application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Where this kind of problem is described: a reference relative to this server.
    #[schema(rename = "type", example = "/docs/errors/not_found")]
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind's title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here, and what to do.
    pub detail: String,
    /// The kind's stable code.
    pub code: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<FieldError>)]
    pub errors: Vec<FieldProblem>,
    /// What else is told of this kind of problem.
    #[serde(flatten)]
    #[schema(value_type = crate::schema::ProblemDetails)]
    pub extra: Map<String, Value>,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Where: a JSON pointer (RFC 6901) into the submitted document.
    pub pointer: String,
    /// A stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl ApiError {
    /// A problem of a kind, with a sentence about this case.
    pub fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), extra: Vec::new(), headers: Vec::new() }
    }

    /// The answer for whatever is not there, or not there for this caller.
    pub fn not_found() -> Self {
        Self::new(codes::NOT_FOUND, "There is nothing with this ID that you can see.")
    }

    /// Wrong fields.
    pub fn fields(errors: Vec<FieldProblem>) -> Self {
        let detail = match errors.len() {
            1 => "One field is wrong; see errors.".to_owned(),
            count => format!("{count} fields are wrong; see errors."),
        };
        Self { errors, ..Self::new(codes::INVALID_FIELDS, detail) }
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds a member to the problem document.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.extra.push((name.to_owned(), value));
        self
    }

    /// The parts of the answer, for whoever writes it in another form.
    pub(crate) fn into_parts(self) -> Parts {
        Parts { status: self.code.status, detail: self.detail, headers: self.headers }
    }

    /// The kind of problem.
    #[must_use]
    pub const fn code(&self) -> &'static Code {
        self.code
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: format!("/docs/errors/{}", self.code.code),
            title: self.code.title.to_owned(),
            status: self.code.status.as_u16(),
            detail: self.detail,
            code: self.code.code.to_owned(),
            errors: self.errors,
            extra: self.extra.into_iter().collect(),
        };
        let mut response = Response::new(Body::from(serde_json::to_string(&problem).unwrap_or_default()));
        *response.status_mut() = self.code.status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<Error> for ApiError {
    /// The table from the domain's errors to HTTP. It is long because it is a table.
    #[allow(clippy::too_many_lines)]
    fn from(error: Error) -> Self {
        let said = sentence(&error.to_string());
        match error {
            Error::NotFound | Error::NoWebhook => Self::not_found(),
            Error::ReferenceNotFound(errors) => Self { errors, ..Self::new(codes::NOT_FOUND, said) },
            Error::Forbidden(Refusal::Role) => Self::new(codes::ROLE_INSUFFICIENT, said),
            Error::Forbidden(Refusal::Scope(scope)) => {
                Self::new(codes::SCOPE_MISSING, said).with_member("scope", Value::from(scope.as_str()))
            }
            Error::Forbidden(Refusal::ApiKey) => Self::new(codes::SESSION_REQUIRED, said),
            Error::Forbidden(Refusal::StepUp) => Self::new(codes::STEP_UP_REQUIRED, said),
            Error::Forbidden(Refusal::Forged) => Self::new(codes::REQUEST_FORGED, said),
            Error::Forbidden(Refusal::Factor) => Self::new(codes::FACTOR_REQUIRED, said),
            Error::Forbidden(Refusal::Enrol) => Self::new(codes::MFA_ENROLMENT_REQUIRED, said),
            Error::LastFactor => Self::new(codes::LAST_FACTOR, said),
            Error::LastSignIn => Self::new(codes::LAST_SIGN_IN, said),
            Error::NameTaken => Self::new(codes::NAME_TAKEN, said),
            Error::ProviderUnavailable => Self::new(codes::PROVIDER_UNAVAILABLE, said),
            Error::PasskeyTaken => Self::new(codes::PASSKEY_TAKEN, said),
            Error::PasskeysUnavailable => Self::new(codes::PASSKEYS_UNAVAILABLE, said),
            Error::RegistrationClosed => Self::new(codes::REGISTRATION_CLOSED, said),
            Error::InviteInvalid => Self::new(codes::INVITE_INVALID, said),
            Error::LastOwner => Self::new(codes::LAST_OWNER, said),
            Error::WorkspaceArchived => Self::new(codes::WORKSPACE_ARCHIVED, said),
            Error::WorkspaceNotEmpty => Self::new(codes::WORKSPACE_NOT_EMPTY, said),
            Error::AccountExists => Self::new(codes::ACCOUNT_EXISTS, said),
            Error::WorkspaceRequired => Self::new(codes::WORKSPACE_REQUIRED, said),
            Error::TooManyAttempts { seconds } => {
                let problem = Self::new(codes::TOO_MANY_ATTEMPTS, said);
                match seconds {
                    Some(seconds) => problem.with_header(header::RETRY_AFTER, HeaderValue::from(seconds)),
                    None => problem,
                }
            }
            Error::ServiceLimit { seconds } => Self::new(codes::SERVICE_LIMIT, said)
                .with_header(header::RETRY_AFTER, HeaderValue::from(seconds)),
            Error::Forbidden(Refusal::Widening) => Self::new(codes::KEY_WIDENING, said),
            Error::Unauthenticated(fault) => unauthenticated(fault, said),
            Error::Invalid(errors) => Self::fields(errors),
            Error::Changed => Self::new(codes::CHANGED, said),
            Error::InvalidCursor => Self::new(codes::INVALID_CURSOR, said),
            Error::WebhookPathTaken => Self::new(codes::WEBHOOK_PATH_TAKEN, said),
            Error::CredentialInUse(workflows) => Self::new(codes::CREDENTIAL_IN_USE, said)
                .with_member("workflows", serde_json::to_value(workflows).unwrap_or_default()),
            Error::OauthAppInUse(needed) => Self::new(codes::OAUTH_APP_IN_USE, said)
                .with_member("credentials", app_users(&needed))
                .with_member("elsewhere", needed.elsewhere.into()),
            Error::OauthAppTaken => Self::new(codes::OAUTH_APP_TAKEN, said),
            Error::SecretRefused { message } => Self::new(codes::CREDENTIAL_REFUSED, message),
            Error::AttemptNotConnected => Self::new(codes::ATTEMPT_NOT_CONNECTED, said),
            Error::AccountChanged => Self::new(codes::ACCOUNT_CHANGED, said),
            Error::CredentialRevoked => Self::new(codes::CREDENTIAL_REVOKED, said),
            Error::ScopeRequestOpen => Self::new(codes::SCOPE_REQUEST_OPEN, said),
            Error::ScopeRequestClosed => Self::new(codes::SCOPE_REQUEST_CLOSED, said),
            Error::ScopeRequestStale => Self::new(codes::SCOPE_REQUEST_STALE, said),
            Error::NoFormerSecret => Self::new(codes::NO_FORMER_SECRET, said),
            Error::WorkflowArchived => Self::new(codes::WORKFLOW_ARCHIVED, said),
            Error::ExecutionEnded => Self::new(codes::EXECUTION_ENDED, said),
            Error::AlreadySetUp => Self::new(codes::ALREADY_SET_UP, said),
            Error::WebhookMethod { allowed } => {
                let problem = Self::new(codes::METHOD_NOT_ALLOWED, said);
                match HeaderValue::from_str(&allowed) {
                    Ok(value) => problem.with_header(header::ALLOW, value),
                    Err(_) => problem,
                }
            }
            Error::WebhookUnauthorized => Self::new(codes::AUTHENTICATION_REQUIRED, said),
            Error::InvalidBody(_) => Self::new(codes::INVALID_BODY, said),
            Error::CannotStart(_) => Self::new(codes::CANNOT_START, said),
            Error::Call(cause) => call(&cause, said),
            Error::Busy => Self::new(codes::TOO_MANY_RUNS, said)
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("1")),
            Error::Unavailable(_) => {
                tracing::warn!(reason = %said, "not available");
                Self::new(codes::UNAVAILABLE, said)
            }
            Error::Internal(reason) => internal(reason),
            Error::Store(cause) => store(&cause),
        }
    }
}

fn unauthenticated(fault: AuthFault, said: String) -> ApiError {
    let code = match fault {
        AuthFault::Missing => codes::AUTHENTICATION_REQUIRED,
        AuthFault::Malformed | AuthFault::Unknown => codes::INVALID_API_KEY,
        AuthFault::Expired => codes::EXPIRED_API_KEY,
        AuthFault::Login => codes::INVALID_LOGIN,
        AuthFault::Factor => codes::INVALID_FACTOR,
        AuthFault::Session => codes::SESSION_ENDED,
        AuthFault::Network => codes::NETWORK_NOT_ALLOWED,
    };
    // RFC 9110 section 11.6.1 asks for the challenge with every 401.
    ApiError::new(code, said)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"flero\""))
}

/// A call that failed at the door. Its sentence names the destination and holds no query and no secret.
fn call(cause: &flero_connect::Error, said: String) -> ApiError {
    use flero_connect::Kind;
    let code = match cause.kind() {
        Kind::DestinationRefused | Kind::Blocked(_) | Kind::EgressPolicy | Kind::InsecureTlsRefused => {
            codes::DESTINATION_REFUSED
        }
        Kind::InvalidUrl(_) => codes::INVALID_URL,
        Kind::InvalidHeader | Kind::ReservedHeader => codes::INVALID_HEADER,
        Kind::MethodRefused => codes::METHOD_NOT_ALLOWED,
        Kind::CredentialNotFound => codes::NOT_FOUND,
        Kind::CredentialForbidden => codes::ROLE_INSUFFICIENT,
        Kind::CredentialExpired => codes::CREDENTIAL_EXPIRED,
        Kind::CredentialTypeUnsupported | Kind::CredentialMalformed | Kind::CredentialPlacement => {
            codes::CREDENTIAL_UNUSABLE
        }
        Kind::VaultUnavailable
        | Kind::AuditUnavailable
        | Kind::StoreUnavailable
        | Kind::TooManyConnections => codes::UNAVAILABLE,
        Kind::VaultTampered => codes::INTERNAL,
        Kind::Upload => codes::INVALID_BODY,
        kind if kind.is_timeout() => codes::UPSTREAM_TIMEOUT,
        _ => codes::UPSTREAM_FAILED,
    };
    ApiError::new(code, said).with_member("reason", Value::from(cause.code()))
}

fn store(cause: &flero_app::StoreError) -> ApiError {
    tracing::error!(%cause, "the store failed");
    if matches!(cause, flero_app::StoreError::Unavailable { .. }) {
        return ApiError::new(
            codes::UNAVAILABLE,
            "The database does not answer. Nothing was changed; try again.",
        );
    }
    internal("the store failed")
}

/// A failure inside: the cause goes to the log, the caller gets a sentence that tells nothing of it.
pub(crate) fn internal(cause: &str) -> ApiError {
    tracing::error!(cause, "a request failed inside");
    ApiError::new(
        codes::INTERNAL,
        "The request failed inside Flero. Its log tells why, under the answer's X-Request-Id.",
    )
}

/// Makes a sentence of an error's message: a capital letter and a full stop.
///
/// A first word with `.`, `:` or `/` is a host, an address or a code, and stays as it is written.
pub(crate) fn sentence(message: &str) -> String {
    if message.split(' ').next().unwrap_or_default().contains(['.', ':', '/']) {
        return if message.ends_with('.') { message.to_owned() } else { format!("{message}.") };
    }
    let mut letters = message.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let rest = letters.as_str();
    if message.ends_with('.') { format!("{first}{rest}") } else { format!("{first}{rest}.") }
}

/// The credentials that use an OAuth app, for the caller.
fn app_users(needed: &flero_app::AppNeeded) -> serde_json::Value {
    let one = |(id, name): &(Option<flero_model::CredentialId>, String)| serde_json::json!({"credentialId": id, "name": name});
    needed.credentials.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_sentence_begins_with_a_capital_letter_unless_a_name_begins_it() {
        assert_eq!(sentence("the disk is full"), "The disk is full.");
        assert_eq!(sentence("Wait a little."), "Wait a little.");
        assert_eq!(sentence(""), ".");
        for name in ["example.com: the name did not resolve", "[::1]:80 refused", "a/b is no host."] {
            assert_eq!(sentence(name).trim_end_matches('.'), name.trim_end_matches('.'));
        }
    }
}
