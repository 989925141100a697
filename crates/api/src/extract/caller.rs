//! Who sends a request.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use flero_app::{App, AuthFault, Error};
use flero_model::policy::Principal;

use crate::error::ApiError;

/// The authenticated sender. A handler that takes it cannot be reached by a stranger.
///
/// An API key is the one way in so far. A session would be tried here too, when no `Authorization` is given.
#[derive(Debug, Clone)]
pub struct Caller(pub Arc<Principal>);

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
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let presented = bearer(&parts.headers)?;
        let caller = Self(app.authenticate_api_key(presented, peer).await?);
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
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
