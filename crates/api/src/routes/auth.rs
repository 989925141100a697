//! Signing in and out, making an account, one's own sessions and password.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    people::{
        Registration,
        mfa::{Factor, SignInStep},
        sessions::SignedIn,
    },
};
use flero_model::{SessionId, Timestamp, UserId, secret::SecretString};
use flero_store::sessions::{Session, SignIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    cookies::Cookies,
    error::{ApiResult, Problem},
    extract::{Body, Enrolling, From, Path, Person, Submitted, refuse_foreign_page},
};

/// Address and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// The address.
    pub email: String,
    /// The password.
    #[schema(value_type = String)]
    pub password: SecretString,
}

impl Submitted for LoginBody {}

/// What came of a sign-in by password.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum LoginAnswer {
    /// Somebody is signed in.
    SignedIn(SignedInBody),
    /// A second factor is awaited.
    FactorAwaited(FactorAwaitedBody),
}

/// A second factor is awaited, at `POST /api/auth/mfa`, with the session in the cookie. It can do nothing else.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactorAwaitedBody {
    /// Always true here.
    pub mfa_required: bool,
    /// What the person can prove with: `passkey`, `totp`, `recovery_code`.
    pub factors: Vec<&'static str>,
    /// Until when it is awaited.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedInBody {
    /// Always false here: no second factor is awaited.
    pub mfa_required: bool,
    /// The person.
    #[schema(value_type = String)]
    pub user_id: UserId,
    /// What goes into `X-CSRF-Token`; it also stands in the cookie `flero-csrf`.
    pub csrf_token: String,
    /// When the session ends whatever happens.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// An account to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RegisterBody {
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The password: 15 characters or more.
    #[schema(value_type = String)]
    pub password: SecretString,
    /// The token of an invitation: what follows `/invite/` in its URL.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub invite_token: Option<SecretString>,
    /// The token of the set-up link that the server prints while nobody owns it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub setup_token: Option<SecretString>,
    /// The name of the first workspace; only with a set-up token.
    #[serde(default)]
    pub workspace: Option<String>,
}

impl Submitted for RegisterBody {}

/// Whoever wants to join.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUpBody {
    /// The address that the invitation is sent to.
    pub email: String,
}

impl Submitted for SignUpBody {}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PasswordBody {
    /// The present password.
    #[schema(value_type = String)]
    pub password: SecretString,
    /// The new one.
    #[schema(value_type = String)]
    pub new_password: SecretString,
    /// Whether other sessions go on; left out, they end.
    #[serde(default)]
    pub keep_other_sessions: bool,
}

impl Submitted for PasswordBody {}

/// One of one's sessions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The last request, to the accuracy of a minute.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Where it began from.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// One's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsBody {
    /// The newest first.
    pub items: Vec<SessionBody>,
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedBody {
    /// So many.
    pub ended: u64,
}

/// One entry of the history of sign-ins.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInBody {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How it ended, for example `success` or `wrong_password`.
    pub outcome: String,
    /// Where from.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// One's history of sign-ins.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInsBody {
    /// The newest first, 200 at most.
    pub items: Vec<SignInBody>,
}

impl SessionBody {
    fn of(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id,
            is_current: session.id == current,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.ends_at,
            address: session.address,
            user_agent: session.user_agent,
        }
    }
}

impl std::convert::From<SignIn> for SignInBody {
    fn from(entry: SignIn) -> Self {
        Self { at: entry.at, outcome: entry.outcome, address: entry.address, user_agent: entry.user_agent }
    }
}

/// The answer to whoever has a new session or token: the cookies beside what they may know.
pub(crate) fn with_cookies(app: &App, status: StatusCode, signed_in: &SignedIn) -> Response {
    let body = SignedInBody {
        mfa_required: false,
        user_id: signed_in.session.user,
        csrf_token: signed_in.csrf_token(),
        expires_at: signed_in.session.ends_at,
    };
    let mut response = (status, Json(body)).into_response();
    Cookies::of(app.public_url()).set(response.headers_mut(), signed_in);
    response
}

/// Sign in by password. The session is in a cookie; of somebody who has a second factor it only waits for that.
#[utoipa::path(post, path = "/api/auth/login", tag = "sign-in", security(()), request_body = LoginBody, responses(
    (status = OK, body = LoginAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn login(
    State(app): State<App>,
    From(origin): From,
    headers: HeaderMap,
    Body(body): Body<LoginBody>,
) -> ApiResult<Response> {
    refuse_foreign_page(&headers, &app)?;
    let step = app.sign_in(&body.email, body.password, &origin).await?;
    // The browser's former session ends: its token may be somebody else's.
    if let Some(former) = Cookies::of(app.public_url()).session(&headers) {
        app.sign_out(&former).await?;
    }
    match step {
        SignInStep::Done(signed_in) => Ok(with_cookies(&app, StatusCode::OK, &signed_in)),
        SignInStep::Factor(awaiting, factors) => {
            let body = FactorAwaitedBody {
                mfa_required: true,
                factors: factors.into_iter().map(Factor::as_str).collect(),
                expires_at: awaiting.session.ends_at,
            };
            let mut response = Json(body).into_response();
            Cookies::of(app.public_url()).set(response.headers_mut(), &awaiting);
            Ok(response)
        }
    }
}

/// Sign out. Without a session nothing happens.
#[utoipa::path(post, path = "/api/auth/logout", tag = "sign-in", security(("session" = []), ()), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn logout(
    State(app): State<App>,
    person: Result<Enrolling, crate::error::ApiError>,
) -> ApiResult<Response> {
    match person {
        Ok(Enrolling(person)) => app.sign_out(&person.token).await?,
        Err(error) if error.code().status == StatusCode::UNAUTHORIZED => {}
        Err(error) => return Err(error),
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    Cookies::of(app.public_url()).clear(response.headers_mut());
    Ok(response)
}

/// Make an account with an invitation or, as the first owner, with the set-up token. It is signed in.
#[utoipa::path(post, path = "/api/auth/register", tag = "sign-in", security(()), request_body = RegisterBody, responses(
    (status = CREATED, body = SignedInBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn register(
    State(app): State<App>,
    From(origin): From,
    headers: HeaderMap,
    Body(body): Body<RegisterBody>,
) -> ApiResult<Response> {
    refuse_foreign_page(&headers, &app)?;
    let with = Registration {
        name: body.name,
        email: body.email,
        password: body.password,
        invite_token: body.invite_token,
        setup_token: body.setup_token,
        workspace: body.workspace,
    };
    let signed_in = app.register(with, &origin).await?;
    Ok(with_cookies(&app, StatusCode::CREATED, &signed_in))
}

/// Ask to join with an address of a domain that an organization takes people of. The invitation comes by mail.
#[utoipa::path(post, path = "/api/auth/sign-up", tag = "sign-in", security(()), request_body = SignUpBody, responses(
    (status = ACCEPTED), (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn sign_up(
    State(app): State<App>,
    From(origin): From,
    headers: HeaderMap,
    Body(body): Body<SignUpBody>,
) -> ApiResult<StatusCode> {
    refuse_foreign_page(&headers, &app)?;
    app.sign_up(&body.email, &origin).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Change your password. Other sessions end unless they are to be kept.
#[utoipa::path(post, path = "/api/me/password", tag = "sign-in", security(("session" = [])), request_body = PasswordBody, responses(
    (status = OK, body = SignedInBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn change_password(
    State(app): State<App>,
    person: Person,
    From(origin): From,
    Body(body): Body<PasswordBody>,
) -> ApiResult<Response> {
    let passwords = (body.password, body.new_password);
    let keep = body.keep_other_sessions;
    let signed_in = app.change_password(&person.session, passwords, keep, &origin).await?;
    Ok(with_cookies(&app, StatusCode::OK, &signed_in))
}

/// List your sessions.
#[utoipa::path(get, path = "/api/me/sessions", tag = "sign-in", security(("session" = [])), responses(
    (status = OK, body = SessionsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_sessions(State(app): State<App>, person: Person) -> ApiResult<Json<SessionsBody>> {
    let items = app.list_sessions(&person.session).await?;
    let items = items.into_iter().map(|session| SessionBody::of(session, person.session.id)).collect();
    Ok(Json(SessionsBody { items }))
}

/// End one of your sessions.
#[utoipa::path(delete, path = "/api/me/sessions/{id}", tag = "sign-in", security(("session" = [])), params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn end_session(
    State(app): State<App>,
    person: Person,
    Path(id): Path<SessionId>,
) -> ApiResult<StatusCode> {
    app.end_session(&person.session, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of your sessions but this one.
#[utoipa::path(delete, path = "/api/me/sessions", tag = "sign-in", security(("session" = [])), responses(
    (status = OK, body = EndedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn end_other_sessions(State(app): State<App>, person: Person) -> ApiResult<Json<EndedBody>> {
    Ok(Json(EndedBody { ended: app.end_other_sessions(&person.session).await? }))
}

/// List your last sign-ins, successful or not.
#[utoipa::path(get, path = "/api/me/sign-ins", tag = "sign-in", security(("session" = [])), responses(
    (status = OK, body = SignInsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_sign_ins(State(app): State<App>, person: Person) -> ApiResult<Json<SignInsBody>> {
    let items = app.list_sign_ins(&person.session, 200).await?;
    Ok(Json(SignInsBody { items: items.into_iter().map(SignInBody::from).collect() }))
}
