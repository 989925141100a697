//! Query parameters: unknown and repeated ones are refused.

use axum::{extract::FromRequestParts, http::request::Parts};
use flero_store::PageRequest;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::from_value::from_value;
use crate::error::{ApiError, codes};

/// The query parameters as a type.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// Free text from a query, at most 200 characters.
#[derive(Debug, Clone)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.chars().count() > 200 {
            return Err(serde::de::Error::custom("use at most 200 characters"));
        }
        Ok(Self(text))
    }
}

/// An identifier to filter by. A malformed one is like one that nobody has: the list is empty, as it is for an unknown
/// and a foreign one.
#[derive(Debug, Clone, Copy)]
pub struct FilterId<T>(Option<T>);

/// Identifiers with a value that is never given to anything.
pub trait Nobody {
    /// That value. It is no UUID of version 7, and every identifier is one.
    const NOBODY: Self;
}

macro_rules! nobody {
    ($($name:ident),*) => {$(
        impl Nobody for flero_model::$name {
            const NOBODY: Self = Self::from_u128(u128::MAX);
        }
    )*};
}

nobody!(CredentialId, UserId, WorkflowId);

impl<T: Nobody> FilterId<T> {
    /// What to filter by.
    #[must_use]
    pub fn id(self) -> T {
        self.0.unwrap_or(T::NOBODY)
    }
}

impl<'de, T: std::str::FromStr> Deserialize<'de> for FilterId<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.parse().ok()))
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// At most this many entries, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

impl ListQuery {
    /// Checks and converts.
    ///
    /// # Errors
    /// A problem when the limit is out of range.
    pub fn page(limit: Option<u32>, cursor: Option<String>) -> Result<PageRequest, ApiError> {
        let limit = limit.unwrap_or(50);
        if !(1..=200).contains(&limit) {
            return Err(ApiError::new(codes::INVALID_QUERY, "limit is a number from 1 to 200."));
        }
        Ok(PageRequest { limit, cursor })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut given = Map::new();
        for (name, value) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            // Which workspace a session is about is read beside the caller; every GET takes it.
            if name == "workspace" && parts.method == axum::http::Method::GET {
                continue;
            }
            if given.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
                return Err(ApiError::new(
                    codes::INVALID_QUERY,
                    "A query parameter stands twice; remove one.",
                ));
            }
        }
        from_value(&Value::Object(given), true).map(Self).map_err(|fault| {
            let name = fault.pointer.trim_start_matches('/');
            // Names of parameters are known or refused by their place; a value is never quoted.
            let detail =
                format!("Query parameter `{}`: {}", name.chars().take(60).collect::<String>(), fault.message);
            ApiError::new(codes::INVALID_QUERY, detail)
        })
    }
}
