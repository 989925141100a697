//! SCIM 2.0 (RFC 7643, RFC 7644): an organization's directory keeps its people and groups up.
//!
//! Answers, errors included, are in SCIM's own form and media type. Unknown query parameters are ignored, as SCIM's
//! clients expect. `PATCH` reads the resource, changes it as JSON and writes it like `PUT`, if nobody was faster.

mod discovery;
mod error;
mod filter;
mod patch;
mod resource;

use axum::{
    extract::{RawQuery, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flero_app::App;
use flero_model::{GroupId, UserId, json};
use flero_store::scim::{GroupFilter, ScimGroup, ScimUser, Slice, UserFilter};
use serde_json::{Map, Value};
use url::form_urlencoded;

use self::error::{SCIM_JSON, ScimError, ScimErrorBody, ScimResult, answer};
use crate::{
    error::{ApiError, Problem, codes},
    extract::{Caller, IfMatch, Path, collect},
};

/// The most resources of a page.
const MOST_RESULTS: u32 = 200;
/// How many a page has unless told.
const USUAL_RESULTS: u32 = 100;
/// The largest body, in bytes: a group with thousands of members.
const MAX_BODY_BYTES: usize = 2 << 20;
/// The schema of a list.
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A caller, or why there is none, to be said in SCIM's form.
type Known = Result<Caller, ApiError>;

/// The caller, who may provision: said before anything is read or looked up.
fn permitted(app: &App, caller: Known) -> ScimResult<Caller> {
    let caller = caller?;
    app.permit_provisioning(&caller)?;
    Ok(caller)
}

/// The parameters of a list.
#[derive(Debug, Default)]
struct Asked {
    filter: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    attributes: Option<String>,
    excluded: Option<String>,
}

impl Asked {
    fn read(query: Option<&str>) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let place = match name.as_ref() {
                "filter" => &mut asked.filter,
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

    /// The part of the list. Values out of range mean the nearest one (RFC 7644 section 3.4.2.4).
    fn slice(&self) -> ScimResult<Slice> {
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

    fn narrowed(&self, resource: Map<String, Value>) -> Value {
        Value::Object(resource::narrowed(resource, self.attributes.as_deref(), self.excluded.as_deref()))
    }

    /// A list response (RFC 7644 section 3.4.2).
    fn list(&self, total: u64, slice: Slice, found: Vec<Map<String, Value>>) -> Response {
        let resources: Vec<Value> = found.into_iter().map(|one| self.narrowed(one)).collect();
        let body = serde_json::json!({
            "schemas": [LIST], "totalResults": total, "startIndex": slice.offset + 1,
            "itemsPerPage": resources.len(), "Resources": resources,
        });
        answer(StatusCode::OK, &body)
    }
}

/// The address of the endpoint.
fn base(app: &App) -> String {
    format!("{}/api/scim/v2", app.public_url())
}

/// One resource, with its version and its place.
fn one(status: StatusCode, revision: u64, resource: Value) -> Response {
    let location = resource["meta"]["location"].as_str().and_then(|text| HeaderValue::from_str(text).ok());
    let mut response = answer(status, &resource);
    let version = HeaderValue::from_str(&resource::version(revision));
    response.headers_mut().extend(version.map(|version| (header::ETAG, version)));
    response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    response
}

/// A body as a JSON object, of SCIM's media type or of plain JSON.
async fn body(request: Request) -> ScimResult<Map<String, Value>> {
    let (parts, body) = request.into_parts();
    if !is_json(&parts.headers) {
        let message = format!("Send the body as Content-Type: {SCIM_JSON}.");
        return Err(ApiError::new(codes::UNSUPPORTED_MEDIA_TYPE, message).into());
    }
    let bytes = collect(body, &parts.headers, MAX_BODY_BYTES).await?;
    match json::parse(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ScimError::bad("invalidSyntax", "A resource is a JSON object.")),
        Err(fault) => Err(crate::extract::invalid_json(&fault).into()),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(SCIM_JSON) || essence.eq_ignore_ascii_case("application/json")
}

/// An identifier of the path. A malformed one is nobody's.
fn id<T: std::str::FromStr>(text: &str) -> ScimResult<T> {
    text.parse().map_err(|_| ScimError::not_found())
}

fn expected(given: Result<IfMatch, ApiError>) -> ScimResult<Option<u64>> {
    Ok(given?.0)
}

fn shown(user: &ScimUser, app: &App) -> Map<String, Value> {
    resource::user(user, &base(app))
}

fn shown_group(group: &ScimGroup, app: &App) -> Map<String, Value> {
    resource::group(group, &base(app))
}

/// List people of the organization, by `filter`, `startIndex` and `count`.
#[utoipa::path(get, path = "/api/scim/v2/Users", tag = "scim", params(
        ("filter" = Option<String>, Query, description = "`userName eq \"...\"`, or `externalId`, `id`, `emails.value`"),
        ("startIndex" = Option<u64>, Query), ("count" = Option<u32>, Query)), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn list_scim_users(
    State(app): State<App>,
    caller: Known,
    RawQuery(query): RawQuery,
) -> ScimResult<Response> {
    let (caller, asked) = (permitted(&app, caller)?, Asked::read(query.as_deref()));
    let filter = match &asked.filter {
        Some(text) => user_filter(filter::filter(text)?)?,
        None => UserFilter::All,
    };
    let slice = asked.slice()?;
    let (found, total) = app.list_scim_users(&caller, filter, slice).await?;
    Ok(asked.list(total, slice, found.iter().map(|user| shown(user, &app)).collect()))
}

fn user_filter(asked: filter::Equal) -> ScimResult<UserFilter> {
    let Value::String(text) = asked.value else { return Ok(UserFilter::Nobody) };
    match asked.attribute.as_str() {
        "username" => Ok(UserFilter::UserName(text)),
        "externalid" => Ok(UserFilter::ExternalId(text)),
        "emails" | "emails.value" => Ok(UserFilter::Email(text)),
        "id" => Ok(text.parse().map_or(UserFilter::Nobody, UserFilter::Id)),
        _ => Err(ScimError::bad(
            "invalidFilter",
            "People are filtered by userName, externalId, emails.value or id.",
        )),
    }
}

/// Make somebody: an account without a password, and a member of the organization.
#[utoipa::path(post, path = "/api/scim/v2/Users", tag = "scim", request_body(content = Object, content_type = "application/scim+json"), responses(
    (status = CREATED, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn create_scim_user(
    State(app): State<App>,
    caller: Known,
    request: Request,
) -> ScimResult<Response> {
    let caller = permitted(&app, caller)?;
    let made = app.create_scim_user(&caller, resource::read_user(&body(request).await?)?).await?;
    Ok(one(StatusCode::CREATED, made.revision, Value::Object(shown(&made, &app))))
}

/// Read somebody.
#[utoipa::path(get, path = "/api/scim/v2/Users/{id}", tag = "scim", params(("id" = String, Path)), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn get_scim_user(
    State(app): State<App>,
    caller: Known,
    Path(text): Path<String>,
    RawQuery(query): RawQuery,
) -> ScimResult<Response> {
    let caller = permitted(&app, caller)?;
    let found = app.get_scim_user(&caller, id::<UserId>(&text)?).await?;
    let asked = Asked::read(query.as_deref());
    Ok(one(StatusCode::OK, found.revision, asked.narrowed(shown(&found, &app))))
}

/// Replace what the directory says of somebody; `active: false` ends every membership.
#[utoipa::path(put, path = "/api/scim/v2/Users/{id}", tag = "scim", params(("id" = String, Path)), request_body(content = Object, content_type = "application/scim+json"), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn replace_scim_user(
    State(app): State<App>,
    caller: Known,
    Path(text): Path<String>,
    if_match: Result<IfMatch, ApiError>,
    request: Request,
) -> ScimResult<Response> {
    let (caller, user) = (permitted(&app, caller)?, id::<UserId>(&text)?);
    let fields = resource::read_user(&body(request).await?)?;
    let changed = app.replace_scim_user(&caller, user, fields, expected(if_match)?).await?;
    Ok(one(StatusCode::OK, changed.revision, Value::Object(shown(&changed, &app))))
}

/// Change somebody by operations.
#[utoipa::path(patch, path = "/api/scim/v2/Users/{id}", tag = "scim", params(("id" = String, Path)), request_body(content = Object, content_type = "application/scim+json"), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn patch_scim_user(
    State(app): State<App>,
    caller: Known,
    Path(text): Path<String>,
    if_match: Result<IfMatch, ApiError>,
    request: Request,
) -> ScimResult<Response> {
    let (caller, user) = (permitted(&app, caller)?, id::<UserId>(&text)?);
    let operations = Value::Object(body(request).await?);
    let former = app.get_scim_user(&caller, user).await?;
    let expected = expected(if_match)?.or(Some(former.revision));
    let mut resource = shown(&former, &app);
    // A name that was only made of its parts does not stand against new parts.
    keep_told_name(&mut resource, &former);
    patch::apply(&mut resource, &operations)?;
    let changed = app.replace_scim_user(&caller, user, resource::read_user(&resource)?, expected).await?;
    Ok(one(StatusCode::OK, changed.revision, Value::Object(shown(&changed, &app))))
}

/// Leaves the shown name out of a resource where it is the given name and the family name.
fn keep_told_name(resource: &mut Map<String, Value>, user: &ScimUser) {
    if user.name == format!("{} {}", user.given_name, user.family_name).trim() {
        resource.remove("displayName");
        if let Some(Value::Object(name)) = resource.get_mut("name") {
            name.remove("formatted");
        }
    }
}

/// End every membership of somebody. The account stays, and is found again when they come back.
#[utoipa::path(delete, path = "/api/scim/v2/Users/{id}", tag = "scim", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn delete_scim_user(
    State(app): State<App>,
    caller: Known,
    Path(text): Path<String>,
) -> ScimResult<StatusCode> {
    let caller = permitted(&app, caller)?;
    app.delete_scim_user(&caller, id(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the groups of the directory.
#[utoipa::path(get, path = "/api/scim/v2/Groups", tag = "scim", params(
        ("filter" = Option<String>, Query, description = "`displayName eq \"...\"`, or `externalId`, `id`, `members.value`"),
        ("startIndex" = Option<u64>, Query), ("count" = Option<u32>, Query)), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn list_scim_groups(
    State(app): State<App>,
    caller: Known,
    RawQuery(query): RawQuery,
) -> ScimResult<Response> {
    let (caller, asked) = (permitted(&app, caller)?, Asked::read(query.as_deref()));
    let filter = match &asked.filter {
        Some(text) => group_filter(filter::filter(text)?)?,
        None => GroupFilter::All,
    };
    let slice = asked.slice()?;
    let (found, total) = app.list_scim_groups(&caller, filter, slice).await?;
    Ok(asked.list(total, slice, found.iter().map(|group| shown_group(group, &app)).collect()))
}

fn group_filter(asked: filter::Equal) -> ScimResult<GroupFilter> {
    let Value::String(text) = asked.value else { return Ok(GroupFilter::Nothing) };
    match asked.attribute.as_str() {
        "displayname" => Ok(GroupFilter::DisplayName(text)),
        "externalid" => Ok(GroupFilter::ExternalId(text)),
        "members" | "members.value" => Ok(text.parse().map_or(GroupFilter::Nothing, GroupFilter::Member)),
        "id" => Ok(text.parse().map_or(GroupFilter::Nothing, GroupFilter::Id)),
        _ => Err(ScimError::bad(
            "invalidFilter",
            "Groups are filtered by displayName, externalId, members.value or id.",
        )),
    }
}

/// Make a group. What its members may do is what the organization gives groups of this name.
#[utoipa::path(post, path = "/api/scim/v2/Groups", tag = "scim", request_body(content = Object, content_type = "application/scim+json"), responses(
    (status = CREATED, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn create_scim_group(
    State(app): State<App>,
    caller: Known,
    request: Request,
) -> ScimResult<Response> {
    let caller = permitted(&app, caller)?;
    let made = app.create_scim_group(&caller, resource::read_group(&body(request).await?)?).await?;
    Ok(one(StatusCode::CREATED, made.revision, Value::Object(shown_group(&made, &app))))
}

/// Read a group.
#[utoipa::path(get, path = "/api/scim/v2/Groups/{id}", tag = "scim", params(("id" = String, Path)), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn get_scim_group(
    State(app): State<App>,
    caller: Known,
    Path(text): Path<String>,
    RawQuery(query): RawQuery,
) -> ScimResult<Response> {
    let caller = permitted(&app, caller)?;
    let found = app.get_scim_group(&caller, id::<GroupId>(&text)?).await?;
    let asked = Asked::read(query.as_deref());
    Ok(one(StatusCode::OK, found.revision, asked.narrowed(shown_group(&found, &app))))
}

/// Replace a group with its members.
#[utoipa::path(put, path = "/api/scim/v2/Groups/{id}", tag = "scim", params(("id" = String, Path)), request_body(content = Object, content_type = "application/scim+json"), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn replace_scim_group(
    State(app): State<App>,
    caller: Known,
    Path(text): Path<String>,
    if_match: Result<IfMatch, ApiError>,
    request: Request,
) -> ScimResult<Response> {
    let (caller, group) = (permitted(&app, caller)?, id::<GroupId>(&text)?);
    let fields = resource::read_group(&body(request).await?)?;
    let changed = app.replace_scim_group(&caller, group, fields, expected(if_match)?).await?;
    Ok(one(StatusCode::OK, changed.revision, Value::Object(shown_group(&changed, &app))))
}

/// Change a group by operations.
#[utoipa::path(patch, path = "/api/scim/v2/Groups/{id}", tag = "scim", params(("id" = String, Path)), request_body(content = Object, content_type = "application/scim+json"), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn patch_scim_group(
    State(app): State<App>,
    caller: Known,
    Path(text): Path<String>,
    if_match: Result<IfMatch, ApiError>,
    request: Request,
) -> ScimResult<Response> {
    let (caller, group) = (permitted(&app, caller)?, id::<GroupId>(&text)?);
    let operations = Value::Object(body(request).await?);
    let former = app.get_scim_group(&caller, group).await?;
    let expected = expected(if_match)?.or(Some(former.revision));
    let mut resource = shown_group(&former, &app);
    patch::apply(&mut resource, &operations)?;
    let changed = app.replace_scim_group(&caller, group, resource::read_group(&resource)?, expected).await?;
    Ok(one(StatusCode::OK, changed.revision, Value::Object(shown_group(&changed, &app))))
}

/// Delete a group; its members lose what they had by it alone.
#[utoipa::path(delete, path = "/api/scim/v2/Groups/{id}", tag = "scim", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn delete_scim_group(
    State(app): State<App>,
    caller: Known,
    Path(text): Path<String>,
) -> ScimResult<StatusCode> {
    let caller = permitted(&app, caller)?;
    app.delete_scim_group(&caller, id(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tell what the endpoint can do.
#[utoipa::path(get, path = "/api/scim/v2/ServiceProviderConfig", tag = "scim", responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_configuration(State(app): State<App>, caller: Known) -> ScimResult<Response> {
    permitted(&app, caller)?;
    Ok(answer(StatusCode::OK, &discovery::configuration(&base(&app))))
}

/// List the types of resources.
#[utoipa::path(get, path = "/api/scim/v2/ResourceTypes", tag = "scim", responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_resource_types(State(app): State<App>, caller: Known) -> ScimResult<Response> {
    permitted(&app, caller)?;
    Ok(all(discovery::resource_types(&base(&app))))
}

/// List the schemas.
#[utoipa::path(get, path = "/api/scim/v2/Schemas", tag = "scim", responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_schemas(State(app): State<App>, caller: Known) -> ScimResult<Response> {
    permitted(&app, caller)?;
    Ok(all(discovery::schemas(&base(&app))))
}

/// Read a type of resource.
#[utoipa::path(get, path = "/api/scim/v2/ResourceTypes/{name}", tag = "scim", params(("name" = String, Path)), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_resource_type(
    State(app): State<App>,
    caller: Known,
    Path(name): Path<String>,
) -> ScimResult<Response> {
    permitted(&app, caller)?;
    found(discovery::resource_types(&base(&app)), &name)
}

/// Read a schema.
#[utoipa::path(get, path = "/api/scim/v2/Schemas/{name}", tag = "scim", params(("name" = String, Path)), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_schema(
    State(app): State<App>,
    caller: Known,
    Path(name): Path<String>,
) -> ScimResult<Response> {
    permitted(&app, caller)?;
    found(discovery::schemas(&base(&app)), &name)
}

/// The one of a list with an identifier.
fn found(resources: Vec<Value>, id: &str) -> ScimResult<Response> {
    let one = resources.into_iter().find(|one| one["id"] == id).ok_or_else(ScimError::not_found)?;
    Ok(answer(StatusCode::OK, &one))
}

/// A list that is always whole.
fn all(resources: Vec<Value>) -> Response {
    let count = resources.len();
    let body = serde_json::json!({"schemas": [LIST], "totalResults": count, "startIndex": 1,
        "itemsPerPage": count, "Resources": resources});
    answer(StatusCode::OK, &body).into_response()
}
