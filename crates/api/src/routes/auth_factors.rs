//! Signing in with a second factor or by a passkey alone, and proving again who one is.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use flero_app::{
    App,
    people::mfa::{Ceremony, Proof},
};
use flero_model::{Timestamp, problem::FieldProblem, secret::SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::auth::with_cookies;
use crate::{
    cookies::Cookies,
    error::{ApiError, ApiResult, Problem},
    extract::{Awaiting, Body, Enrolling, From, Submitted, refuse_foreign_page},
};

/// A kind of second factor.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactorName {
    /// A code of an authenticator app.
    Totp,
    /// A recovery code, in place of a factor that was lost.
    RecoveryCode,
    /// A passkey.
    Passkey,
}

/// A second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FactorBody {
    /// Which kind.
    #[schema(value_type = String)]
    pub factor: FactorName,
    /// The code, with `totp` and `recovery_code`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub code: Option<SecretString>,
    /// The challenge that is answered, with `passkey`.
    #[serde(default)]
    pub challenge: Option<String>,
    /// The authenticator's answer, with `passkey`: a `PublicKeyCredential` of WebAuthn as `toJSON()` writes it.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub credential: Option<Value>,
}

impl Submitted for FactorBody {}

/// A proof of who one is: the password, or a second factor. Whoever has a factor needs one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StepUpBody {
    /// The password; enough for somebody who has no second factor.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub password: Option<SecretString>,
    /// Which kind of factor.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub factor: Option<FactorName>,
    /// The code, with `totp` and `recovery_code`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub code: Option<SecretString>,
    /// The challenge that is answered, with `passkey`.
    #[serde(default)]
    pub challenge: Option<String>,
    /// The authenticator's answer, with `passkey`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub credential: Option<Value>,
}

impl Submitted for StepUpBody {}

/// An authenticator's answer to the challenge of a sign-in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyAnswerBody {
    /// The challenge that is answered.
    pub challenge: String,
    /// A `PublicKeyCredential` of WebAuthn as `toJSON()` writes it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

impl Submitted for PasskeyAnswerBody {}

/// A challenge for an authenticator.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CeremonyBody {
    /// What the answer names. It can be answered once.
    pub challenge: String,
    /// What `navigator.credentials` takes, with binary members in base64url.
    #[schema(value_type = Object)]
    pub options: Value,
    /// Until when it can be answered.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl std::convert::From<Ceremony> for CeremonyBody {
    fn from(ceremony: Ceremony) -> Self {
        Self {
            challenge: ceremony.challenge.expose().clone(),
            options: ceremony.options,
            expires_at: ceremony.expires_at,
        }
    }
}

fn missing(pointer: &str) -> ApiError {
    ApiError::fields(vec![FieldProblem::new(pointer, "json.required", "This is needed with this factor.")])
}

/// The factor that was presented.
fn proof(
    factor: FactorName,
    code: Option<SecretString>,
    challenge: Option<String>,
    credential: Option<Value>,
) -> Result<Proof, ApiError> {
    match factor {
        FactorName::Totp => code.map(Proof::Totp).ok_or_else(|| missing("/code")),
        FactorName::RecoveryCode => code.map(Proof::RecoveryCode).ok_or_else(|| missing("/code")),
        FactorName::Passkey => {
            let challenge = challenge.ok_or_else(|| missing("/challenge"))?;
            let credential = Box::new(credential.ok_or_else(|| missing("/credential"))?);
            Ok(Proof::Passkey { challenge, credential })
        }
    }
}

/// Present the second factor of a sign-in by password. The session gets a new token.
#[utoipa::path(post, path = "/api/auth/mfa", tag = "sign-in", security(("session" = [])), request_body = FactorBody, responses(
    (status = OK, body = super::auth::SignedInBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn sign_in_by_factor(
    State(app): State<App>,
    Awaiting(awaiting): Awaiting,
    From(origin): From,
    Body(body): Body<FactorBody>,
) -> ApiResult<Response> {
    let proof = proof(body.factor, body.code, body.challenge, body.credential)?;
    let signed_in = app.sign_in_by_factor(&awaiting, proof, &origin).await?;
    Ok(with_cookies(&app, StatusCode::OK, &signed_in))
}

/// Ask for a challenge to answer with a passkey, as the second factor of a sign-in by password.
#[utoipa::path(post, path = "/api/auth/mfa/passkey", tag = "sign-in", security(("session" = [])), responses(
    (status = OK, body = CeremonyBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin_factor_passkey(
    State(app): State<App>,
    Awaiting(awaiting): Awaiting,
) -> ApiResult<Json<CeremonyBody>> {
    Ok(Json(app.begin_passkey_proof(&awaiting).await?.into()))
}

/// Ask for a challenge to sign in by a passkey alone.
#[utoipa::path(post, path = "/api/auth/passkey/start", tag = "sign-in", security(()), responses(
    (status = OK, body = CeremonyBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin_passkey_sign_in(
    State(app): State<App>,
    From(origin): From,
    headers: HeaderMap,
) -> ApiResult<Json<CeremonyBody>> {
    refuse_foreign_page(&headers, &app)?;
    Ok(Json(app.begin_passkey_sign_in(&origin).await?.into()))
}

/// Sign in by a passkey alone. The session is in a cookie.
#[utoipa::path(post, path = "/api/auth/passkey", tag = "sign-in", security(()), request_body = PasskeyAnswerBody, responses(
    (status = OK, body = super::auth::SignedInBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn sign_in_by_passkey(
    State(app): State<App>,
    From(origin): From,
    headers: HeaderMap,
    Body(body): Body<PasskeyAnswerBody>,
) -> ApiResult<Response> {
    refuse_foreign_page(&headers, &app)?;
    let signed_in = app.sign_in_by_passkey(&body.challenge, body.credential, &origin).await?;
    // The browser's former session ends: its token may be somebody else's.
    if let Some(former) = Cookies::of(app.public_url()).session(&headers) {
        app.sign_out(&former).await?;
    }
    Ok(with_cookies(&app, StatusCode::OK, &signed_in))
}

/// Prove again who you are (step-up), with the password or, if you have one, a second factor. The session gets a new token.
#[utoipa::path(post, path = "/api/auth/step-up", tag = "sign-in", security(("session" = [])), request_body = StepUpBody, responses(
    (status = OK, body = super::auth::SignedInBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn step_up(
    State(app): State<App>,
    Enrolling(person): Enrolling,
    From(origin): From,
    Body(body): Body<StepUpBody>,
) -> ApiResult<Response> {
    let signed_in = match (body.password, body.factor) {
        (Some(password), None) => app.step_up_by_password(&person.session, password).await?,
        (None, Some(factor)) => {
            let proof = proof(factor, body.code, body.challenge, body.credential)?;
            app.step_up_by_factor(&person.session, proof, &origin).await?
        }
        _ => {
            let message = "Give either the password or a factor.";
            return Err(ApiError::fields(vec![FieldProblem::new("/password", "json.required", message)]));
        }
    };
    Ok(with_cookies(&app, StatusCode::OK, &signed_in))
}

/// Ask for a challenge to answer with a passkey, for a step-up.
#[utoipa::path(post, path = "/api/auth/step-up/passkey", tag = "sign-in", security(("session" = [])), responses(
    (status = OK, body = CeremonyBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin_step_up_passkey(
    State(app): State<App>,
    Enrolling(person): Enrolling,
) -> ApiResult<Json<CeremonyBody>> {
    Ok(Json(app.begin_passkey_proof(&person.session).await?.into()))
}
