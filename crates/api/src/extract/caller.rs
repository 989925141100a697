//! Who sends a request: an API key, or a session with its workspace.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    RequestPartsExt,
    extract::{ConnectInfo, FromRequestParts, RawPathParams},
    http::{HeaderMap, Method, header, request::Parts},
};
use flero_app::{App, AuthFault, Error, Refusal, people::sessions::Origin};
use flero_model::{WorkspaceId, policy::Principal};
use flero_store::{people::Object, sessions::Session};

use super::forged::{refuse_foreign_page, refuse_forged};
use crate::{cookies::Cookies, error::ApiError};

/// The authenticated sender in a workspace. A handler that takes it cannot be reached by a stranger.
///
/// A key belongs to one workspace. A session's workspace is that of the object in the path where there is one, else the
/// one that the request names, else the person's only one.
#[derive(Debug, Clone)]
pub struct Caller(pub Arc<Principal>);

/// A signed-in person, wherever they are members: for what people do for themselves. Somebody who must set up a second
/// factor first is refused.
#[derive(Debug, Clone)]
pub struct Person {
    /// The session.
    pub session: Session,
    /// Its token, as the browser sent it.
    pub token: Arc<str>,
}

/// A signed-in person who may be one that must set up a second factor first: for that, and for signing out.
#[derive(Debug, Clone)]
pub struct Enrolling(pub Person);

/// A session that waits for a second factor. It comes from a page of this server; a token against forged requests is not
/// asked for, since nobody else knows the factor.
#[derive(Debug, Clone)]
pub struct Awaiting(pub Session);

/// A key, or a session that need not name a workspace.
#[derive(Debug, Clone)]
pub enum Sender {
    /// A key.
    Key(Arc<Principal>),
    /// A session, and the workspace that the request names if the person is a member there.
    Session(Person, Option<Arc<Principal>>),
}

/// Where a request comes from, for the history of sign-ins.
#[derive(Debug, Clone)]
pub struct From(pub Origin);

impl std::ops::Deref for Caller {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let caller = if parts.headers.contains_key(header::AUTHORIZATION) {
            Self(by_key(parts, app).await?)
        } else {
            let person = parts.extract_with_state::<Person, App>(app).await?;
            Self(Arc::new(in_workspace(parts, app, &person.session).await?))
        };
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Enrolling(person) = parts.extract_with_state::<Enrolling, App>(app).await?;
        if app.must_enrol_in(&person.session).await? {
            return Err(Error::Forbidden(Refusal::Enrol).into());
        }
        Ok(person)
    }
}

impl FromRequestParts<App> for Enrolling {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let token = session_token(parts, app).await?;
        let session = app.authenticate_session(&token).await?;
        refuse_forged(parts, app, &token)?;
        Ok(Self(Person { session, token: token.into() }))
    }
}

impl FromRequestParts<App> for Awaiting {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let token = session_token(parts, app).await?;
        refuse_foreign_page(&parts.headers, app)?;
        Ok(Self(app.awaiting_session(&token).await?))
    }
}

impl FromRequestParts<App> for Sender {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self::Key(by_key(parts, app).await?));
        }
        let Enrolling(person) = parts.extract_with_state::<Enrolling, App>(app).await?;
        let named = match named_workspace(parts) {
            Some(id) => Some(Arc::new(app.principal_in(&person.session, id?).await?)),
            None => None,
        };
        Ok(Self::Session(person, named))
    }
}

impl FromRequestParts<App> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(Origin { address, user_agent: agent.unwrap_or_default().to_owned() }))
    }
}

/// The token in the cookie. A key is refused: what is asked for is a person's own.
async fn session_token(parts: &Parts, app: &App) -> Result<String, Error> {
    if parts.headers.contains_key(header::AUTHORIZATION) {
        // Whoever presents a key that is not known learns that first.
        by_key(parts, app).await?;
        return Err(Error::Forbidden(Refusal::ApiKey));
    }
    let token = Cookies::of(app.public_url()).session(&parts.headers);
    token.ok_or(Error::Unauthenticated(AuthFault::Missing))
}

async fn by_key(parts: &Parts, app: &App) -> Result<Arc<Principal>, Error> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    app.authenticate_api_key(bearer(&parts.headers)?, peer).await
}

/// The person in the workspace that the request is about.
async fn in_workspace(parts: &mut Parts, app: &App, session: &Session) -> Result<Principal, ApiError> {
    for object in objects(parts, app).await {
        if let Some(principal) = app.principal_for(session, object).await? {
            return Ok(principal);
        }
    }
    let workspace = match named_workspace(parts) {
        Some(named) => named?,
        None => app.only_workspace(session.user).await?,
    };
    Ok(app.principal_in(session, workspace).await?)
}

/// The objects that the path names, in their order.
async fn objects(parts: &mut Parts, app: &App) -> Vec<Object> {
    let Ok(parameters) = RawPathParams::from_request_parts(parts, app).await else { return Vec::new() };
    parameters.iter().filter_map(|(_, text)| object(text)).collect()
}

fn object(text: &str) -> Option<Object> {
    let (prefix, _) = text.split_once('_')?;
    match prefix {
        "cred" => text.parse().ok().map(Object::Credential),
        "wf" => text.parse().ok().map(Object::Workflow),
        "exec" => text.parse().ok().map(Object::Execution),
        "key" => text.parse().ok().map(Object::ApiKey),
        "inv" => text.parse().ok().map(Object::Invite),
        "scr" => text.parse().ok().map(Object::ScopeRequest),
        "ws" => text.parse().ok().map(Object::Workspace),
        _ => None,
    }
}

/// The workspace that the header names, or on a GET the query. A malformed one is not found, like one that is missing.
fn named_workspace(parts: &Parts) -> Option<Result<WorkspaceId, Error>> {
    let read = |text: &str| text.trim().parse().map_err(|_| Error::NotFound);
    let mut headers = parts.headers.get_all("flero-workspace").iter();
    match (headers.next(), headers.next()) {
        (Some(only), None) => return Some(only.to_str().map_err(|_| Error::NotFound).and_then(read)),
        (Some(_), Some(_)) => return Some(Err(Error::WorkspaceRequired)),
        (None, _) => {}
    }
    if parts.method != Method::GET {
        return None;
    }
    let query = parts.uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "workspace")
        .map(|(_, value)| read(&value))
}

/// The token of the one `Authorization` header (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Result<&str, Error> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (given.next(), given.next()) else {
        return Err(Error::Unauthenticated(AuthFault::Missing));
    };
    let text = only.to_str().map_err(|_| Error::Unauthenticated(AuthFault::Malformed))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(Error::Unauthenticated(AuthFault::Missing)),
    }
}
