//! Parts of the path. Whatever is malformed is not found, like what is missing or somebody else's.

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use flero_app::App;
use flero_model::CredentialId;
use serde::de::DeserializeOwned;

use super::caller::Caller;
use crate::error::ApiError;

/// The path's parameters.
#[derive(Debug)]
pub struct Path<T>(pub T);

/// The credential that the path names. A malformed ID is recorded like a foreign one (Security test 21).
#[derive(Debug)]
pub struct CredentialPath(pub CredentialId);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|path| Self(path.0)).map_err(|_| ApiError::not_found())
    }
}

impl FromRequestParts<App> for CredentialPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = parts.extract_with_state::<Caller, App>(app).await?;
        let parameters =
            RawPathParams::from_request_parts(parts, app).await.map_err(|_| ApiError::not_found())?;
        let text = parameters.iter().next().map(|(_, value)| value).unwrap_or_default();
        match text.parse() {
            Ok(id) => Ok(Self(id)),
            Err(_) => {
                app.note_malformed_credential(&caller).await?;
                Err(ApiError::not_found())
            }
        }
    }
}
