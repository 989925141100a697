//! One's own second factors.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    people::mfa::{Added, Factor, Mfa},
};
use flero_model::{PasskeyId, Timestamp, secret::SecretString};
use flero_store::mfa::StoredPasskey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{auth_factors::CeremonyBody, members::NameBody};
use crate::{
    cookies::Cookies,
    error::{ApiResult, Problem},
    extract::{Body, Enrolling, Path, Submitted},
};

/// One's second factors.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MfaBody {
    /// Whether an organization requires a factor.
    pub is_required: bool,
    /// What one can prove with: `passkey`, `totp`, `recovery_code`.
    pub factors: Vec<&'static str>,
    /// Since when codes of an authenticator app are set up; null without.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub totp_since: Option<Timestamp>,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<PasskeyBody>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
}

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: PasskeyId,
    /// What the person calls it.
    pub name: String,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last proved somebody; null before.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl From<StoredPasskey> for PasskeyBody {
    fn from(passkey: StoredPasskey) -> Self {
        Self {
            id: passkey.id,
            name: passkey.name,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }
}

impl From<Mfa> for MfaBody {
    fn from(mfa: Mfa) -> Self {
        Self {
            is_required: mfa.factors.is_required,
            factors: Factor::of(mfa.factors).into_iter().map(Factor::as_str).collect(),
            totp_since: mfa.totp_since,
            passkeys: mfa.passkeys.into_iter().map(PasskeyBody::from).collect(),
            recovery_codes_left: mfa.factors.recovery_codes,
        }
    }
}

/// A shared secret for an authenticator app, shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewTotpBody {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The same as an `otpauth:` URI, for a QR code.
    pub otpauth_uri: String,
    /// Until when its first code is awaited.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// The first code of a shared secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// The code that the app shows.
    #[schema(value_type = String)]
    pub code: SecretString,
}

impl Submitted for CodeBody {}

/// A passkey to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskeyBody {
    /// What to call it.
    pub name: String,
    /// The challenge that is answered.
    pub challenge: String,
    /// The authenticator's answer: a `PublicKeyCredential` of WebAuthn as `toJSON()` writes it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

impl Submitted for NewPasskeyBody {}

/// A factor that was added. The session has a new token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddedBody {
    /// Ten recovery codes with the first factor, shown this once; null with every further one.
    pub recovery_codes: Option<Vec<String>>,
    /// What goes into `X-CSRF-Token` from now on.
    pub csrf_token: String,
}

/// Recovery codes, shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodesBody {
    /// Each opens once.
    pub recovery_codes: Vec<String>,
}

fn texts(codes: &[SecretString]) -> Vec<String> {
    codes.iter().map(|code| code.expose().clone()).collect()
}

fn added(app: &App, status: StatusCode, added: &Added) -> Response {
    let body = AddedBody {
        recovery_codes: added.recovery_codes.as_deref().map(texts),
        csrf_token: added.signed_in.csrf_token(),
    };
    let mut response = (status, Json(body)).into_response();
    Cookies::of(app.public_url()).set(response.headers_mut(), &added.signed_in);
    response
}

/// Read which second factors you have.
#[utoipa::path(get, path = "/api/me/mfa", tag = "sign-in", security(("session" = [])), responses(
    (status = OK, body = MfaBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_mfa(State(app): State<App>, Enrolling(person): Enrolling) -> ApiResult<Json<MfaBody>> {
    Ok(Json(app.get_mfa(&person.session).await?.into()))
}

/// Begin to set up an authenticator app. A former one stays in use until this one is confirmed. Needs a step-up.
#[utoipa::path(post, path = "/api/me/totp", tag = "sign-in", security(("session" = [])), responses(
    (status = CREATED, body = NewTotpBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin_totp(State(app): State<App>, Enrolling(person): Enrolling) -> ApiResult<Response> {
    let new = app.begin_totp(&person.session).await?;
    let body = NewTotpBody {
        secret: new.secret.expose().clone(),
        otpauth_uri: new.uri.expose().clone(),
        expires_at: new.expires_at,
    };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Confirm the authenticator app with its first code. Other sessions end. Needs a step-up.
#[utoipa::path(post, path = "/api/me/totp/confirm", tag = "sign-in", security(("session" = [])), request_body = CodeBody, responses(
    (status = OK, body = AddedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn confirm_totp(
    State(app): State<App>,
    Enrolling(person): Enrolling,
    Body(body): Body<CodeBody>,
) -> ApiResult<Response> {
    Ok(added(&app, StatusCode::OK, &app.confirm_totp(&person.session, body.code).await?))
}

/// Remove the authenticator app. Other sessions end. Needs a step-up.
#[utoipa::path(delete, path = "/api/me/totp", tag = "sign-in", security(("session" = [])), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove_totp(State(app): State<App>, Enrolling(person): Enrolling) -> ApiResult<StatusCode> {
    app.remove_totp(&person.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin to add a passkey. Needs a step-up.
#[utoipa::path(post, path = "/api/me/passkeys/start", tag = "sign-in", security(("session" = [])), responses(
    (status = OK, body = CeremonyBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin_passkey(
    State(app): State<App>,
    Enrolling(person): Enrolling,
) -> ApiResult<Json<CeremonyBody>> {
    Ok(Json(app.begin_passkey(&person.session).await?.into()))
}

/// Add the passkey that your authenticator made. Other sessions end. Needs a step-up.
#[utoipa::path(post, path = "/api/me/passkeys", tag = "sign-in", security(("session" = [])), request_body = NewPasskeyBody, responses(
    (status = CREATED, body = AddedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add_passkey(
    State(app): State<App>,
    Enrolling(person): Enrolling,
    Body(body): Body<NewPasskeyBody>,
) -> ApiResult<Response> {
    let new = app.add_passkey(&person.session, &body.name, &body.challenge, body.credential).await?;
    Ok(added(&app, StatusCode::CREATED, &new))
}

/// Rename a passkey.
#[utoipa::path(patch, path = "/api/me/passkeys/{id}", tag = "sign-in", security(("session" = [])), params(("id" = String, Path)), request_body = NameBody, responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rename_passkey(
    State(app): State<App>,
    Enrolling(person): Enrolling,
    Path(id): Path<PasskeyId>,
    Body(body): Body<NameBody>,
) -> ApiResult<StatusCode> {
    app.rename_passkey(&person.session, id, &body.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a passkey. Other sessions end. Needs a step-up.
#[utoipa::path(delete, path = "/api/me/passkeys/{id}", tag = "sign-in", security(("session" = [])), params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove_passkey(
    State(app): State<App>,
    Enrolling(person): Enrolling,
    Path(id): Path<PasskeyId>,
) -> ApiResult<StatusCode> {
    app.remove_passkey(&person.session, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make new recovery codes; the former ones open nothing any more. Needs a step-up.
#[utoipa::path(post, path = "/api/me/recovery-codes", tag = "sign-in", security(("session" = [])), responses(
    (status = CREATED, body = RecoveryCodesBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn replace_recovery_codes(
    State(app): State<App>,
    Enrolling(person): Enrolling,
) -> ApiResult<Response> {
    let codes = app.replace_recovery_codes(&person.session).await?;
    Ok((StatusCode::CREATED, Json(RecoveryCodesBody { recovery_codes: texts(&codes) })).into_response())
}
