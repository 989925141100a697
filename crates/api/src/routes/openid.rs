//! Signing in with OpenID providers, and the identities that are linked to one's account.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    people::{
        mfa::Factor,
        openid::{LinkedIdentity, OpenidBegun, OpenidCallback, OpenidLanding, OpenidRefusal, OpenidStart},
        sessions::SignedIn,
    },
};
use flero_model::{IdentityId, IdentityProviderId, Timestamp, secret::SecretString};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};

use crate::{
    cookies::Cookies,
    error::{ApiResult, Problem},
    extract::{Body, From, Path, Person, Query, Submitted, Text, refuse_foreign_page},
};

/// The longest query that is read, in bytes.
const MAX_QUERY_BYTES: usize = 32 << 10;
/// Where somebody who is signed in is told why nothing came of it.
const ACCOUNT_PAGE: &str = "/settings/security";

/// Which providers are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProvidersQuery {
    /// Only those of this address's domain. No account is looked for.
    #[param(value_type = Option<String>)]
    pub email: Option<Text>,
}

/// A button of the sign-in page.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInProviderBody {
    /// What `POST /api/auth/openid/start` takes.
    #[schema(value_type = String)]
    pub id: IdentityProviderId,
    /// What the button says.
    pub name: String,
}

/// The providers that the sign-in page offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInProvidersBody {
    /// The oldest first.
    pub items: Vec<SignInProviderBody>,
}

/// A sign-in to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OpenidStartBody {
    /// With which provider.
    #[schema(value_type = String)]
    pub provider_id: IdentityProviderId,
    /// Where to go on after it: a path of this server; the first page unless told.
    #[serde(default)]
    pub return_to: Option<String>,
    /// The address that was typed in already; the provider is told.
    #[serde(default)]
    pub login_hint: Option<String>,
    /// Whether the person must sign in anew at the provider: for a step-up.
    #[serde(default)]
    pub reauthenticate: bool,
}

impl Submitted for OpenidStartBody {}

/// An identity to link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LinkIdentityBody {
    /// At which provider.
    #[schema(value_type = String)]
    pub provider_id: IdentityProviderId,
    /// Where to go on after it: a path of this server.
    #[serde(default)]
    pub return_to: Option<String>,
}

impl Submitted for LinkIdentityBody {}

/// What the browser is to open. The answer sets a cookie that it must come back with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenidStartedBody {
    /// The provider's sign-in page.
    pub authorization_url: String,
}

/// One of one's identities.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: IdentityId,
    /// At which provider.
    #[schema(value_type = String)]
    pub provider_id: IdentityProviderId,
    /// What the provider is called.
    pub provider_name: String,
    /// The address that the provider told last; empty where it told none.
    pub email: String,
    /// When it was linked.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used.
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Timestamp,
}

impl std::convert::From<LinkedIdentity> for IdentityBody {
    fn from(linked: LinkedIdentity) -> Self {
        Self {
            id: linked.identity.id,
            provider_id: linked.identity.provider,
            provider_name: linked.provider_name,
            email: linked.identity.email,
            created_at: linked.identity.created_at,
            last_used_at: linked.identity.last_used_at,
        }
    }
}

/// One's identities.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentitiesBody {
    /// The oldest first.
    pub items: Vec<IdentityBody>,
}

fn started(app: &App, begun: OpenidBegun) -> Response {
    let body = OpenidStartedBody { authorization_url: begun.authorization_url };
    let mut response = Json(body).into_response();
    Cookies::of(app.public_url()).set_openid(response.headers_mut(), &begun.browser_secret);
    response
}

/// List the OpenID providers that the sign-in page offers.
#[utoipa::path(get, path = "/api/auth/providers", tag = "sign-in", security(()), params(ProvidersQuery), responses(
    (status = OK, body = SignInProvidersBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_sign_in_providers(
    State(app): State<App>,
    Query(query): Query<ProvidersQuery>,
) -> ApiResult<Json<SignInProvidersBody>> {
    let found = app.sign_in_providers(query.email.as_ref().map(|email| email.0.as_str())).await?;
    let items = found.into_iter().map(|one| SignInProviderBody { id: one.id, name: one.name }).collect();
    Ok(Json(SignInProvidersBody { items }))
}

/// Begin to sign in with an OpenID provider. The browser opens the address that is answered, within ten minutes.
#[utoipa::path(post, path = "/api/auth/openid/start", tag = "sign-in", security(()), request_body = OpenidStartBody, responses(
    (status = OK, body = OpenidStartedBody), (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn start_openid(
    State(app): State<App>,
    From(origin): From,
    headers: HeaderMap,
    Body(body): Body<OpenidStartBody>,
) -> ApiResult<Response> {
    refuse_foreign_page(&headers, &app)?;
    let start = OpenidStart {
        provider: body.provider_id,
        return_to: body.return_to,
        login_hint: body.login_hint.filter(|hint| hint.len() <= 254),
        reauthenticates: body.reauthenticate,
    };
    let begun = app.start_openid(start, &origin).await?;
    Ok(started(&app, begun))
}

/// The address that an OpenID provider sends the browser back to. It leads on to a page without a code in its address: the
/// one that was asked for; `/login?factors=...` while a second factor is awaited (`POST /api/auth/mfa`); or
/// `/login?error=...` with `openid_unknown`, `openid_cancelled`, `openid_failed`, `openid_not_allowed` or `openid_taken`,
/// `/settings/security?error=...` for somebody who is signed in.
#[utoipa::path(get, path = "/api/auth/openid/{id}/callback", tag = "sign-in", security(()), params(("id" = String, Path)), responses(
    (status = SEE_OTHER, description = "To a page without a code in its address."),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn openid_callback(
    State(app): State<App>,
    From(origin): From,
    Path(provider): Path<IdentityProviderId>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let cookies = Cookies::of(app.public_url());
    let former = cookies.session(&headers);
    let session = match &former {
        Some(token) => app.authenticate_session(token).await.ok(),
        None => None,
    };
    let is_signed_in = session.is_some();
    let callback = OpenidCallback {
        provider,
        query: SecretString::new(query.filter(|query| query.len() <= MAX_QUERY_BYTES).unwrap_or_default()),
        browser_secret: cookies.openid(&headers),
        session,
    };
    let landing = app.take_openid_callback(callback, &origin).await?;
    let mut response = match &landing {
        OpenidLanding::SignedIn(_, path) | OpenidLanding::Linked(path) => see_other(path),
        OpenidLanding::Factor(awaiting, factors, path) => see_other(&factor_page(awaiting, factors, path)),
        OpenidLanding::Refused(refusal) => see_other(&refusal_page(*refusal, is_signed_in)),
    };
    if let OpenidLanding::SignedIn(signed_in, _) | OpenidLanding::Factor(signed_in, ..) = &landing {
        // The browser's former session ends: its token may be somebody else's.
        if let Some(former) = former {
            app.sign_out(&former).await?;
        }
        cookies.set(response.headers_mut(), signed_in);
    }
    cookies.clear_openid(response.headers_mut());
    Ok(response)
}

fn see_other(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// The sign-in page at its second step.
fn factor_page(awaiting: &SignedIn, factors: &[Factor], path: &str) -> String {
    let names: Vec<&str> = factors.iter().copied().map(Factor::as_str).collect();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("factors", &names.join(","))
        .append_pair("expiresAt", &awaiting.session.ends_at.to_string())
        .append_pair("next", path)
        .finish();
    format!("/login?{query}")
}

fn refusal_page(refusal: OpenidRefusal, is_signed_in: bool) -> String {
    let page = if is_signed_in { ACCOUNT_PAGE } else { "/login" };
    format!("{page}?error={}", refusal.as_str())
}

/// List the identities at OpenID providers that sign you in.
#[utoipa::path(get, path = "/api/me/identities", tag = "sign-in", security(("session" = [])), responses(
    (status = OK, body = IdentitiesBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_identities(State(app): State<App>, person: Person) -> ApiResult<Json<IdentitiesBody>> {
    let items = app.identities(&person.session).await?;
    Ok(Json(IdentitiesBody { items: items.into_iter().map(Into::into).collect() }))
}

/// Begin to link an identity at an OpenID provider to your account. You sign in there and come back in the same session.
#[utoipa::path(post, path = "/api/me/identities", tag = "sign-in", security(("session" = [])), request_body = LinkIdentityBody, responses(
    (status = OK, body = OpenidStartedBody), (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn link_identity(
    State(app): State<App>,
    person: Person,
    Body(body): Body<LinkIdentityBody>,
) -> ApiResult<Response> {
    let start = OpenidStart {
        provider: body.provider_id,
        return_to: body.return_to.or_else(|| Some(ACCOUNT_PAGE.to_owned())),
        login_hint: None,
        reauthenticates: false,
    };
    let begun = app.start_link(&person.session, start).await?;
    Ok(started(&app, begun))
}

/// Unlink an identity. A password, a passkey or another identity must be left to sign in with.
#[utoipa::path(delete, path = "/api/me/identities/{id}", tag = "sign-in", security(("session" = [])), params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn unlink_identity(
    State(app): State<App>,
    person: Person,
    Path(id): Path<IdentityId>,
) -> ApiResult<StatusCode> {
    app.unlink_identity(&person.session, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
