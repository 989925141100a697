//! What a directory asks: who it is, for what, and with which body.
//!
//! Each part is an extractor that fails in SCIM's own form. [`Directory`] stands first in every handler, so that nothing
//! is read or looked up for somebody who may not provision.

use std::str::FromStr;

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use flero_app::App;
use flero_model::json;
use flero_store::scim::Slice;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{
    error::{SCIM_JSON, ScimError, ScimResult},
    filter::{self, Filter, Place},
};
use crate::{
    error::{ApiError, codes},
    extract::{Caller, Path, collect},
};

/// The most resources that are looked at for one list, where the store cannot select by itself.
pub(super) const MOST_LOOKED_AT: u32 = 20_000;
/// The most resources of a page.
pub(super) const MOST_RESULTS: u32 = 200;
/// How many a page has unless told.
const USUAL_RESULTS: u32 = 100;
/// The largest body, in bytes: a group with thousands of members.
const MAX_BODY_BYTES: usize = 2 << 20;

/// A caller who may provision.
#[derive(Debug)]
pub struct Directory(pub Caller);

impl FromRequestParts<App> for Directory {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ScimResult<Self> {
        let caller = Caller::from_request_parts(parts, app).await?;
        app.permit_provisioning(&caller).map_err(ApiError::from)?;
        Ok(Self(caller))
    }
}

/// The identifier of the path. A malformed one is nobody's.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: FromStr> FromRequestParts<App> for Id<T> {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ScimResult<Self> {
        let Path(text) = Path::<String>::from_request_parts(parts, app).await?;
        text.parse().map(Self).map_err(|_| ScimError::not_found())
    }
}

/// A body as a JSON object, of SCIM's media type or of plain JSON.
#[derive(Debug)]
pub struct Object(pub Map<String, Value>);

impl FromRequest<App> for Object {
    type Rejection = ScimError;

    async fn from_request(request: Request, _app: &App) -> ScimResult<Self> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            let message = format!("Send the body as Content-Type: {SCIM_JSON}.");
            return Err(ApiError::new(codes::UNSUPPORTED_MEDIA_TYPE, message).into());
        }
        let bytes = collect(body, &parts.headers, MAX_BODY_BYTES).await?;
        match json::parse(&bytes) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(ScimError::bad("invalidSyntax", "A resource is a JSON object.")),
            Err(fault) => Err(crate::extract::invalid_json(&fault).into()),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(SCIM_JSON) || essence.eq_ignore_ascii_case("application/json")
}

/// The parameters of a list, or of a resource.
#[derive(Debug, Default)]
pub struct Asked {
    pub(super) filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    pub(super) attributes: Option<String>,
    pub(super) excluded: Option<String>,
    /// The versions that the client has already.
    known: Option<String>,
}

impl FromRequestParts<App> for Asked {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> ScimResult<Self> {
        let known = parts.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        Ok(Self { known: known.map(str::to_owned), ..Self::read(parts.uri.query()) })
    }
}

impl Asked {
    fn read(query: Option<&str>) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let place = match name.as_ref() {
                "filter" => &mut asked.filter,
                "sortBy" => &mut asked.sort_by,
                "sortOrder" => &mut asked.sort_order,
                "startIndex" => &mut asked.start_index,
                "count" => &mut asked.count,
                "attributes" => &mut asked.attributes,
                "excludedAttributes" => &mut asked.excluded,
                _ => continue,
            };
            *place = Some(value.into_owned());
        }
        asked
    }

    /// Whether the client has a version already (RFC 9110 section 13.1.2).
    pub(super) fn knows(&self, version: &str) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        self.known.as_ref().is_some_and(|known| {
            known.split(',').any(|tag| tag.trim() == "*" || opaque(tag) == opaque(version))
        })
    }

    /// Which resources are asked for, and in which order.
    pub(super) fn query(&self) -> ScimResult<Query> {
        let filter = self.filter.as_deref().map(filter::filter).transpose()?;
        let sort_by = match self.sort_by.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => Some(filter::path(name)?.place),
            None => None,
        };
        let is_descending = match self.sort_order.as_deref().unwrap_or("ascending") {
            order if order.eq_ignore_ascii_case("ascending") => false,
            order if order.eq_ignore_ascii_case("descending") => true,
            _ => return Err(ScimError::bad("invalidValue", "sortOrder is ascending or descending.")),
        };
        Ok(Query { filter, sort_by, is_descending })
    }

    /// The part of the list. Values out of range mean the nearest one (RFC 7644 section 3.4.2.4).
    pub(super) fn slice(&self) -> ScimResult<Slice> {
        let number = |text: &Option<String>, usual: i64| match text {
            Some(text) => text
                .parse::<i64>()
                .map_err(|_| ScimError::bad("invalidValue", "startIndex and count are whole numbers.")),
            None => Ok(usual),
        };
        let start = number(&self.start_index, 1)?.max(1);
        let count = number(&self.count, i64::from(USUAL_RESULTS))?.clamp(0, i64::from(MOST_RESULTS));
        Ok(Slice { offset: (start - 1).unsigned_abs(), count: u32::try_from(count).unwrap_or(USUAL_RESULTS) })
    }
}

/// Which resources are asked for, and in which order.
#[derive(Debug)]
pub(super) struct Query {
    filter: Option<Filter>,
    sort_by: Option<Place>,
    is_descending: bool,
}

impl Query {
    /// What the store selects by itself: everything, or one attribute that has one value, in the usual order.
    pub(super) fn for_store<F>(&self, all: F, equal: impl Fn(&str, &str) -> Option<F>) -> Option<F> {
        match &self.filter {
            _ if self.sort_by.is_some() => None,
            None => Some(all),
            Some(filter) => filter.as_equal().and_then(|(name, value)| equal(&name, value)),
        }
    }

    /// Selects and sorts resources, each with what it shows of itself. Whatever has no value comes last, and first where
    /// the order is descending (RFC 7644 section 3.4.2.3). `exact` are the attributes whose case counts.
    pub(super) fn select<T>(&self, mut all: Vec<(T, Map<String, Value>)>, exact: &[&str]) -> Vec<T> {
        all.retain(|(_, shown)| self.filter.as_ref().is_none_or(|filter| filter.fits(shown, exact)));
        if let Some(place) = &self.sort_by {
            all.sort_by_cached_key(|(_, shown)| {
                let key = place.sort_key(shown, exact);
                (key.is_none(), key)
            });
            if self.is_descending {
                all.reverse();
            }
        }
        all.into_iter().map(|(one, _)| one).collect()
    }
}
