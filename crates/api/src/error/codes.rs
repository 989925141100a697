//! The table of problem codes. Each has a page in `docs/errors/` that says what happened and what to do.

use axum::http::StatusCode;

/// A documented kind of problem.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// The stable code; the page's file is named after it.
    pub code: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// A title that is the same for every problem of this kind.
    pub title: &'static str,
    /// The page in Markdown.
    pub page: &'static str,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $title)]
            pub const $name: &Code = &Code {
                code: $code,
                status: StatusCode::$status,
                title: $title,
                page: include_str!(concat!("../../../../docs/errors/", $code, ".md")),
            };
        )*

        /// Every code there is.
        pub const ALL: &[&Code] = &[$($name),*];
    };
}

codes! {
    INVALID_JSON = "invalid_json", BAD_REQUEST, "The body is not valid JSON";
    INVALID_BODY = "invalid_body", BAD_REQUEST, "The body is not of its kind";
    INVALID_URL = "invalid_url", BAD_REQUEST, "The URL cannot be called";
    INVALID_QUERY = "invalid_query", BAD_REQUEST, "The query parameters are wrong";
    INVALID_CURSOR = "invalid_cursor", BAD_REQUEST, "The cursor is not of this list";
    INVALID_HEADER = "invalid_header", BAD_REQUEST, "A header of the request is wrong";
    AUTHENTICATION_REQUIRED = "authentication_required", UNAUTHORIZED, "Authentication is required";
    INVALID_API_KEY = "invalid_api_key", UNAUTHORIZED, "The API key is not valid";
    EXPIRED_API_KEY = "expired_api_key", UNAUTHORIZED, "The API key has expired";
    INVALID_LOGIN = "invalid_login", UNAUTHORIZED, "The address or the password is wrong";
    INVALID_FACTOR = "invalid_factor", UNAUTHORIZED, "The second factor is not right";
    SESSION_ENDED = "session_ended", UNAUTHORIZED, "The session is over";
    NETWORK_NOT_ALLOWED = "network_not_allowed", UNAUTHORIZED, "The API key is not taken from this network";
    ROLE_INSUFFICIENT = "role_insufficient", FORBIDDEN, "Your role does not include this";
    SCOPE_MISSING = "scope_missing", FORBIDDEN, "The API key lacks a scope";
    SESSION_REQUIRED = "session_required", FORBIDDEN, "This needs a signed-in person";
    STEP_UP_REQUIRED = "step_up_required", FORBIDDEN, "Prove again who you are";
    FACTOR_REQUIRED = "factor_required", FORBIDDEN, "A second factor is needed";
    MFA_ENROLMENT_REQUIRED = "mfa_enrolment_required", FORBIDDEN, "Set up a second factor first";
    REQUEST_FORGED = "request_forged", FORBIDDEN, "The request may be from another site";
    REGISTRATION_CLOSED = "registration_closed", FORBIDDEN, "Accounts are made with an invitation";
    INVITE_INVALID = "invite_invalid", NOT_FOUND, "The invitation is not valid any more";
    LAST_FACTOR = "last_factor", CONFLICT, "The last factor stays";
    PASSKEY_TAKEN = "passkey_taken", CONFLICT, "The passkey is in use";
    NAME_TAKEN = "name_taken", CONFLICT, "The name or the address is taken";
    INVALID_SCIM = "invalid_scim", BAD_REQUEST, "The SCIM request cannot be followed";
    LAST_SIGN_IN = "last_sign_in", CONFLICT, "This is the only way to sign in";
    PROVIDER_UNAVAILABLE = "provider_unavailable", BAD_GATEWAY, "The OpenID provider cannot be used now";
    PASSKEYS_UNAVAILABLE = "passkeys_unavailable", CONFLICT, "Passkeys need a host name";
    LAST_OWNER = "last_owner", CONFLICT, "Somebody must stay owner";
    WORKSPACE_ARCHIVED = "workspace_archived", CONFLICT, "The workspace is archived";
    WORKSPACE_NOT_EMPTY = "workspace_not_empty", CONFLICT, "The workspace is not empty";
    ACCOUNT_EXISTS = "account_exists", CONFLICT, "There is an account with this address";
    WORKSPACE_REQUIRED = "workspace_required", BAD_REQUEST, "The workspace is not named";
    TOO_MANY_ATTEMPTS = "too_many_attempts", TOO_MANY_REQUESTS, "Too many failed attempts";
    KEY_WIDENING = "key_widening", FORBIDDEN, "A key cannot make a key that can do more";
    NOT_FOUND = "not_found", NOT_FOUND, "Not found";
    METHOD_NOT_ALLOWED = "method_not_allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    BODY_TIMEOUT = "body_timeout", REQUEST_TIMEOUT, "The body did not arrive in time";
    WEBHOOK_PATH_TAKEN = "webhook_path_taken", CONFLICT, "The webhook path is taken";
    CREDENTIAL_IN_USE = "credential_in_use", CONFLICT, "Active workflows use the credential";
    OAUTH_APP_IN_USE = "oauth_app_in_use", CONFLICT, "Credentials use the OAuth app";
    OAUTH_APP_TAKEN = "oauth_app_taken", CONFLICT, "The service has an OAuth app";
    CREDENTIAL_REVOKED = "credential_revoked", CONFLICT, "The credential is revoked";
    SCOPE_REQUEST_OPEN = "scope_request_open", CONFLICT, "There is an open request already";
    SCOPE_REQUEST_CLOSED = "scope_request_closed", CONFLICT, "The request is not open";
    SCOPE_REQUEST_STALE = "scope_request_stale", CONFLICT, "The request does not fit any more";
    NO_FORMER_SECRET = "no_former_secret", CONFLICT, "There is no former secret";
    ATTEMPT_NOT_CONNECTED = "attempt_not_connected", CONFLICT, "The attempt is not connected";
    ACCOUNT_CHANGED = "account_changed", CONFLICT, "The account is another one";
    WORKFLOW_ARCHIVED = "workflow_archived", CONFLICT, "The workflow is archived";
    CREDENTIAL_EXPIRED = "credential_expired", CONFLICT, "The credential has expired";
    CREDENTIAL_UNUSABLE = "credential_unusable", CONFLICT, "The credential cannot be used this way";
    CANNOT_START = "cannot_start", CONFLICT, "The workflow cannot begin like this";
    EXECUTION_ENDED = "execution_ended", CONFLICT, "The execution has ended";
    ALREADY_SET_UP = "already_set_up", CONFLICT, "The installation has an owner";
    CHANGED = "changed", PRECONDITION_FAILED, "Changed by somebody else";
    BODY_TOO_LARGE = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The content type is not taken";
    INVALID_FIELDS = "invalid_fields", UNPROCESSABLE_ENTITY, "Fields are wrong";
    CREDENTIAL_REFUSED = "credential_refused", UNPROCESSABLE_ENTITY, "The service refused the secret";
    DESTINATION_REFUSED = "destination_refused", FORBIDDEN, "The destination is refused";
    TOO_MANY_RUNS = "too_many_runs", TOO_MANY_REQUESTS, "The workflow takes no further run now";
    SERVICE_LIMIT = "service_limit", TOO_MANY_REQUESTS, "The service takes no more requests now";
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "Something went wrong inside";
    EXECUTION_FAILED = "execution_failed", INTERNAL_SERVER_ERROR, "The execution failed";
    EXECUTION_TIMEOUT = "execution_timeout", GATEWAY_TIMEOUT, "The execution took too long";
    UPSTREAM_FAILED = "upstream_failed", BAD_GATEWAY, "The service could not be reached";
    UPSTREAM_TIMEOUT = "upstream_timeout", GATEWAY_TIMEOUT, "The service did not answer in time";
    UNAVAILABLE = "unavailable", SERVICE_UNAVAILABLE, "Not available now";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_code_as_heading_and_says_what_to_do() {
        for code in ALL {
            assert!(code.page.starts_with(&format!("# {}\n", code.code)), "{}", code.code);
            assert!(
                code.page.contains("## What happened") && code.page.contains("## What to do"),
                "{}",
                code.code
            );
            assert!(code.page.contains(&code.status.as_u16().to_string()), "{} names its status", code.code);
        }
        let mut names: Vec<&str> = ALL.iter().map(|code| code.code).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
