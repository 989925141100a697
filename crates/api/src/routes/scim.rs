//! SCIM 2.0 (RFC 7643, RFC 7644): an organization's directory keeps its people and groups up.
//!
//! Answers, errors included, are in SCIM's own form and media type. Unknown query parameters are ignored, as SCIM's
//! clients expect. `PATCH` reads the resource, changes it as JSON and writes it like `PUT`, if nobody was faster.

mod discovery;
mod error;
mod filter;
mod patch;
mod request;
mod resource;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use flero_app::App;
use flero_model::{GroupId, UserId};
use flero_store::scim::{GroupFilter, ScimGroup, ScimUser, Slice, UserFilter};
use serde_json::{Map, Value};

use self::{
    error::{ScimError, ScimErrorBody, ScimResult, answer},
    request::{Asked, Directory, Id, MOST_LOOKED_AT, Object, Query},
};
use crate::{
    error::{ApiError, Problem},
    extract::IfMatch,
    schema,
};

/// The schema of a list.
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The address of the endpoint.
fn base(app: &App) -> String {
    format!("{}/api/scim/v2", app.public_url())
}

/// Somebody or a group, as SCIM shows it.
trait Shown {
    /// The version, and the resource, whole.
    fn shown(&self, app: &App) -> (u64, Map<String, Value>);

    /// The resource with the attributes that are asked for.
    fn narrowed(&self, app: &App, asked: &Asked) -> Value {
        let (attributes, excluded) = (asked.attributes.as_deref(), asked.excluded.as_deref());
        Value::Object(resource::narrowed(self.shown(app).1, attributes, excluded))
    }

    /// An answer with the resource, its version and its place.
    fn answer(&self, app: &App, asked: &Asked, status: StatusCode) -> Response {
        let (revision, whole) = self.shown(app);
        let mut response = answer(status, &self.narrowed(app, asked));
        let version = HeaderValue::from_str(&resource::version(revision));
        response.headers_mut().extend(version.map(|version| (header::ETAG, version)));
        let location = whole["meta"]["location"].as_str().and_then(|text| HeaderValue::from_str(text).ok());
        response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
        response
    }
}

/// An answer with a resource that was asked for, or that the client has it already (RFC 7644 section 3.14).
fn read_answer(one: &impl Shown, app: &App, asked: &Asked) -> Response {
    let mut response = one.answer(app, asked, StatusCode::OK);
    let version = response.headers().get(header::ETAG).and_then(|value| value.to_str().ok());
    if version.is_some_and(|version| asked.knows(version)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    response
}

impl Shown for ScimUser {
    fn shown(&self, app: &App) -> (u64, Map<String, Value>) {
        (self.revision, resource::user(self, &base(app)))
    }
}

impl Shown for ScimGroup {
    fn shown(&self, app: &App) -> (u64, Map<String, Value>) {
        (self.revision, resource::group(self, &base(app)))
    }
}

/// Those of all resources that are asked for: the part of the list, and how many there are.
fn chosen<T: Shown>(
    app: &App,
    query: &Query,
    slice: Slice,
    (all, total): (Vec<T>, u64),
    exact: &[&str],
) -> ScimResult<(Vec<T>, u64)> {
    if total > u64::from(MOST_LOOKED_AT) {
        let message =
            "There are too many resources for this filter or order; ask with one `eq` and no sortBy.";
        return Err(ScimError::bad("tooMany", message));
    }
    let shown = all.into_iter().map(|one| {
        let shown = one.shown(app).1;
        (one, shown)
    });
    let fitting = query.select(shown.collect(), exact);
    let total = fitting.len() as u64;
    let offset = usize::try_from(slice.offset).unwrap_or(usize::MAX);
    Ok((fitting.into_iter().skip(offset).take(slice.count as usize).collect(), total))
}

/// Everything, as far as it is looked at for one list.
const EVERYTHING: Slice = Slice { offset: 0, count: MOST_LOOKED_AT };

/// A page of a list (RFC 7644 section 3.4.2).
fn page(app: &App, asked: &Asked, slice: Slice, (found, total): (Vec<impl Shown>, u64)) -> Response {
    let resources: Vec<Value> = found.iter().map(|one| one.narrowed(app, asked)).collect();
    let body = serde_json::json!({
        "schemas": [LIST], "totalResults": total, "startIndex": slice.offset + 1,
        "itemsPerPage": resources.len(), "Resources": resources,
    });
    answer(StatusCode::OK, &body)
}

/// List people of the organization, by `filter`, `startIndex` and `count`.
#[utoipa::path(get, path = "/api/scim/v2/Users", tag = "scim", params(
        ("filter" = Option<String>, Query, description = "A filter of RFC 7644 section 3.4.2.2, for example `userName eq \"...\"`"),
        ("sortBy" = Option<String>, Query), ("sortOrder" = Option<String>, Query, description = "`ascending` or `descending`"),
        ("startIndex" = Option<u64>, Query), ("count" = Option<u32>, Query)), responses(
    (status = OK, body = schema::ScimList<schema::ScimUser>, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn list_scim_users(
    State(app): State<App>,
    Directory(caller): Directory,
    asked: Asked,
) -> ScimResult<Response> {
    let (query, slice) = (asked.query()?, asked.slice()?);
    let found = match query.for_store(UserFilter::All, user_filter) {
        Some(filter) => app.list_scim_users(&caller, filter, slice).await?,
        None => {
            let all = app.list_scim_users(&caller, UserFilter::All, EVERYTHING).await?;
            chosen(&app, &query, slice, all, &["id", "externalId"])?
        }
    };
    Ok(page(&app, &asked, slice, found))
}

/// What the store selects people by.
fn user_filter(attribute: &str, text: &str) -> Option<UserFilter> {
    match attribute {
        "username" => Some(UserFilter::UserName(text.to_owned())),
        "externalid" => Some(UserFilter::ExternalId(text.to_owned())),
        "emails" | "emails.value" => Some(UserFilter::Email(text.to_owned())),
        "id" => Some(text.parse().map_or(UserFilter::Nobody, UserFilter::Id)),
        _ => None,
    }
}

/// Make somebody: an account without a password, and a member of the organization.
#[utoipa::path(post, path = "/api/scim/v2/Users", tag = "scim", request_body(content = schema::ScimUser, content_type = "application/scim+json"), responses(
    (status = CREATED, body = schema::ScimUser, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn create_scim_user(
    State(app): State<App>,
    Directory(caller): Directory,
    asked: Asked,
    Object(resource): Object,
) -> ScimResult<Response> {
    let made = app.create_scim_user(&caller, resource::read_user(&resource)?).await?;
    Ok(made.answer(&app, &asked, StatusCode::CREATED))
}

/// Read somebody.
#[utoipa::path(get, path = "/api/scim/v2/Users/{id}", tag = "scim", params(("id" = String, Path)), responses(
    (status = OK, body = schema::ScimUser, content_type = "application/scim+json"), (status = NOT_MODIFIED), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn get_scim_user(
    State(app): State<App>,
    Directory(caller): Directory,
    Id(user): Id<UserId>,
    asked: Asked,
) -> ScimResult<Response> {
    Ok(read_answer(&app.get_scim_user(&caller, user).await?, &app, &asked))
}

/// Replace what the directory says of somebody; `active: false` ends every membership.
#[utoipa::path(put, path = "/api/scim/v2/Users/{id}", tag = "scim", params(("id" = String, Path)), request_body(content = schema::ScimUser, content_type = "application/scim+json"), responses(
    (status = OK, body = schema::ScimUser, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn replace_scim_user(
    State(app): State<App>,
    Directory(caller): Directory,
    Id(user): Id<UserId>,
    asked: Asked,
    if_match: Result<IfMatch, ApiError>,
    Object(resource): Object,
) -> ScimResult<Response> {
    let fields = resource::read_user(&resource)?;
    let changed = app.replace_scim_user(&caller, user, fields, if_match?.0).await?;
    Ok(changed.answer(&app, &asked, StatusCode::OK))
}

/// Change somebody by operations.
#[utoipa::path(patch, path = "/api/scim/v2/Users/{id}", tag = "scim", params(("id" = String, Path)), request_body(content = schema::ScimPatch, content_type = "application/scim+json"), responses(
    (status = OK, body = schema::ScimUser, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn patch_scim_user(
    State(app): State<App>,
    Directory(caller): Directory,
    Id(user): Id<UserId>,
    asked: Asked,
    if_match: Result<IfMatch, ApiError>,
    Object(operations): Object,
) -> ScimResult<Response> {
    let former = app.get_scim_user(&caller, user).await?;
    let (revision, mut resource) = former.shown(&app);
    // A name that was only made of its parts does not stand against new parts.
    keep_told_name(&mut resource, &former);
    patch::apply(&mut resource, &Value::Object(operations))?;
    let (fields, expected) = (resource::read_user(&resource)?, if_match?.0.or(Some(revision)));
    let changed = app.replace_scim_user(&caller, user, fields, expected).await?;
    Ok(changed.answer(&app, &asked, StatusCode::OK))
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
    Directory(caller): Directory,
    Id(user): Id<UserId>,
    if_match: Result<IfMatch, ApiError>,
) -> ScimResult<StatusCode> {
    app.delete_scim_user(&caller, user, if_match?.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the groups of the directory.
#[utoipa::path(get, path = "/api/scim/v2/Groups", tag = "scim", params(
        ("filter" = Option<String>, Query, description = "A filter of RFC 7644 section 3.4.2.2, for example `displayName eq \"...\"`"),
        ("sortBy" = Option<String>, Query), ("sortOrder" = Option<String>, Query, description = "`ascending` or `descending`"),
        ("startIndex" = Option<u64>, Query), ("count" = Option<u32>, Query)), responses(
    (status = OK, body = schema::ScimList<schema::ScimGroup>, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn list_scim_groups(
    State(app): State<App>,
    Directory(caller): Directory,
    asked: Asked,
) -> ScimResult<Response> {
    let (query, slice) = (asked.query()?, asked.slice()?);
    let found = match query.for_store(GroupFilter::All, group_filter) {
        Some(filter) => app.list_scim_groups(&caller, filter, slice).await?,
        None => {
            let all = app.list_scim_groups(&caller, GroupFilter::All, EVERYTHING).await?;
            chosen(&app, &query, slice, all, &["id", "externalId", "displayName"])?
        }
    };
    Ok(page(&app, &asked, slice, found))
}

/// What the store selects groups by.
fn group_filter(attribute: &str, text: &str) -> Option<GroupFilter> {
    match attribute {
        "displayname" => Some(GroupFilter::DisplayName(text.to_owned())),
        "externalid" => Some(GroupFilter::ExternalId(text.to_owned())),
        "members" | "members.value" => Some(text.parse().map_or(GroupFilter::Nothing, GroupFilter::Member)),
        "id" => Some(text.parse().map_or(GroupFilter::Nothing, GroupFilter::Id)),
        _ => None,
    }
}

/// Make a group. What its members may do is what the organization gives groups of this name.
#[utoipa::path(post, path = "/api/scim/v2/Groups", tag = "scim", request_body(content = schema::ScimGroup, content_type = "application/scim+json"), responses(
    (status = CREATED, body = schema::ScimGroup, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn create_scim_group(
    State(app): State<App>,
    Directory(caller): Directory,
    asked: Asked,
    Object(resource): Object,
) -> ScimResult<Response> {
    let made = app.create_scim_group(&caller, resource::read_group(&resource)?).await?;
    Ok(made.answer(&app, &asked, StatusCode::CREATED))
}

/// Read a group.
#[utoipa::path(get, path = "/api/scim/v2/Groups/{id}", tag = "scim", params(("id" = String, Path)), responses(
    (status = OK, body = schema::ScimGroup, content_type = "application/scim+json"), (status = NOT_MODIFIED), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn get_scim_group(
    State(app): State<App>,
    Directory(caller): Directory,
    Id(group): Id<GroupId>,
    asked: Asked,
) -> ScimResult<Response> {
    Ok(read_answer(&app.get_scim_group(&caller, group).await?, &app, &asked))
}

/// Replace a group with its members.
#[utoipa::path(put, path = "/api/scim/v2/Groups/{id}", tag = "scim", params(("id" = String, Path)), request_body(content = schema::ScimGroup, content_type = "application/scim+json"), responses(
    (status = OK, body = schema::ScimGroup, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn replace_scim_group(
    State(app): State<App>,
    Directory(caller): Directory,
    Id(group): Id<GroupId>,
    asked: Asked,
    if_match: Result<IfMatch, ApiError>,
    Object(resource): Object,
) -> ScimResult<Response> {
    let fields = resource::read_group(&resource)?;
    let changed = app.replace_scim_group(&caller, group, fields, if_match?.0).await?;
    Ok(changed.answer(&app, &asked, StatusCode::OK))
}

/// Change a group by operations.
#[utoipa::path(patch, path = "/api/scim/v2/Groups/{id}", tag = "scim", params(("id" = String, Path)), request_body(content = schema::ScimPatch, content_type = "application/scim+json"), responses(
    (status = OK, body = schema::ScimGroup, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn patch_scim_group(
    State(app): State<App>,
    Directory(caller): Directory,
    Id(group): Id<GroupId>,
    asked: Asked,
    if_match: Result<IfMatch, ApiError>,
    Object(operations): Object,
) -> ScimResult<Response> {
    let former = app.get_scim_group(&caller, group).await?;
    let (revision, mut resource) = former.shown(&app);
    patch::apply(&mut resource, &Value::Object(operations))?;
    let (fields, expected) = (resource::read_group(&resource)?, if_match?.0.or(Some(revision)));
    let changed = app.replace_scim_group(&caller, group, fields, expected).await?;
    Ok(changed.answer(&app, &asked, StatusCode::OK))
}

/// Delete a group; its members lose what they had by it alone.
#[utoipa::path(delete, path = "/api/scim/v2/Groups/{id}", tag = "scim", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn delete_scim_group(
    State(app): State<App>,
    Directory(caller): Directory,
    Id(group): Id<GroupId>,
    if_match: Result<IfMatch, ApiError>,
) -> ScimResult<StatusCode> {
    app.delete_scim_group(&caller, group, if_match?.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tell what the endpoint can do.
#[utoipa::path(get, path = "/api/scim/v2/ServiceProviderConfig", tag = "scim", responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_configuration(State(app): State<App>, _: Directory) -> ScimResult<Response> {
    Ok(answer(
        StatusCode::OK,
        &discovery::configuration(&base(&app), &format!("{}/docs/people", app.public_url())),
    ))
}

/// List the types of resources.
#[utoipa::path(get, path = "/api/scim/v2/ResourceTypes", tag = "scim", responses(
    (status = OK, body = schema::ScimList<Object>, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_resource_types(State(app): State<App>, _: Directory) -> ScimResult<Response> {
    Ok(all(discovery::resource_types(&base(&app))))
}

/// List the schemas.
#[utoipa::path(get, path = "/api/scim/v2/Schemas", tag = "scim", responses(
    (status = OK, body = schema::ScimList<Object>, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_schemas(State(app): State<App>, _: Directory) -> ScimResult<Response> {
    Ok(all(discovery::schemas(&base(&app))))
}

/// Read a type of resource.
#[utoipa::path(get, path = "/api/scim/v2/ResourceTypes/{name}", tag = "scim", params(("name" = String, Path)), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_resource_type(
    State(app): State<App>,
    _: Directory,
    Id(name): Id<String>,
) -> ScimResult<Response> {
    found(discovery::resource_types(&base(&app)), &name)
}

/// Read a schema.
#[utoipa::path(get, path = "/api/scim/v2/Schemas/{name}", tag = "scim", params(("name" = String, Path)), responses(
    (status = OK, body = Object, content_type = "application/scim+json"), (status = "4XX", content((ScimErrorBody = "application/scim+json"), (Problem = "application/problem+json")))))]
pub async fn scim_schema(State(app): State<App>, _: Directory, Id(name): Id<String>) -> ScimResult<Response> {
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
    answer(StatusCode::OK, &body)
}
