//! One's own notifications.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use flero_app::{
    App,
    notifications::{Glance, headline},
};
use flero_model::{
    NotificationId, Timestamp, WorkspaceId,
    notification::{Category, Frequency, Notification},
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, ListQuery, Person, Query, Submitted},
    list::Listing,
};

/// How often the store is looked at besides: another process may have told somebody something.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// A notification.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: NotificationId,
    /// What it is about, for example `credential.expired`.
    #[schema(value_type = String)]
    pub category: Category,
    /// What happened, in a sentence.
    pub message: String,
    /// Where it happened.
    #[schema(value_type = String)]
    pub workspace_id: WorkspaceId,
    /// The identifier of the object that it is about.
    pub subject: String,
    /// The object's name at that time.
    pub name: String,
    /// Why, as a word or a code.
    pub reason: Option<String>,
    /// How often it happened since it was last read.
    pub count: u64,
    /// When it happened first.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it happened last.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// When it was read.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub read_at: Option<Timestamp>,
}

impl From<Notification> for NotificationBody {
    fn from(one: Notification) -> Self {
        Self {
            message: headline(&one),
            id: one.id,
            category: one.category,
            workspace_id: one.workspace,
            subject: one.subject,
            name: one.name,
            reason: one.reason,
            count: one.count,
            created_at: one.created_at,
            last_at: one.last_at,
            read_at: one.read_at,
        }
    }
}

/// How many are not read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GlanceBody {
    /// How many are not read.
    pub unread: u64,
    /// When the last one of all happened.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<Timestamp>,
}

impl From<Glance> for GlanceBody {
    fn from(glance: Glance) -> Self {
        Self { unread: glance.unread, last_at: glance.last_at }
    }
}

/// Which notifications are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NotificationQuery {
    /// Only those that are not read.
    #[serde(default)]
    pub unread: bool,
    /// At most this many entries, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// What was read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadBody {
    /// These; all when it is left out.
    #[schema(value_type = Option<Vec<String>>, max_items = 200)]
    pub ids: Option<Vec<NotificationId>>,
}

impl Submitted for ReadBody {
    const MAY_BE_EMPTY: bool = true;
}

/// How often mails are sent: a category, and `immediately`, `daily` or `never`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationSettingsBody {
    /// By category. Those that are left out of a change stay. What is about one's own account is always `immediately`.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub email: BTreeMap<Category, Frequency>,
}

impl Submitted for NotificationSettingsBody {}

/// List your notifications, what happened last first.
#[utoipa::path(get, path = "/api/me/notifications", tag = "notifications", security(("session" = [])), params(NotificationQuery), responses(
    (status = OK, body = Listing<NotificationBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_notifications(
    State(app): State<App>,
    person: Person,
    Query(query): Query<NotificationQuery>,
) -> ApiResult<Json<Listing<NotificationBody>>> {
    let page = ListQuery::page(query.limit, query.cursor)?;
    let page = app.list_notifications(&person.session, query.unread, page).await?;
    Ok(Json(Listing::of(page, NotificationBody::from)))
}

/// Mark your notifications as read: these, or all.
#[utoipa::path(post, path = "/api/me/notifications/read", tag = "notifications", security(("session" = [])), request_body = ReadBody, responses(
    (status = OK, body = GlanceBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn read_notifications(
    State(app): State<App>,
    person: Person,
    Body(body): Body<ReadBody>,
) -> ApiResult<Json<GlanceBody>> {
    Ok(Json(app.read_notifications(&person.session, body.ids).await?.into()))
}

/// Read how often mails are sent to you.
#[utoipa::path(get, path = "/api/me/notifications/settings", tag = "notifications", security(("session" = [])), responses(
    (status = OK, body = NotificationSettingsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_notification_settings(
    State(app): State<App>,
    person: Person,
) -> ApiResult<Json<NotificationSettingsBody>> {
    Ok(Json(NotificationSettingsBody { email: app.notification_settings(&person.session).await? }))
}

/// Choose how often mails are sent to you.
#[utoipa::path(put, path = "/api/me/notifications/settings", tag = "notifications", security(("session" = [])), request_body = NotificationSettingsBody, responses(
    (status = OK, body = NotificationSettingsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put_notification_settings(
    State(app): State<App>,
    person: Person,
    Body(body): Body<NotificationSettingsBody>,
) -> ApiResult<Json<NotificationSettingsBody>> {
    let email = app.set_notification_settings(&person.session, body.email).await?;
    Ok(Json(NotificationSettingsBody { email }))
}

/// Watch your notifications: one event now, and one whenever something is new or was read.
#[utoipa::path(get, path = "/api/me/notifications/events", tag = "notifications", security(("session" = [])), responses(
    (status = OK, content_type = "text/event-stream", description = "Events named `notifications`; their data says how many are not read and when the last one happened."),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn watch_notifications(State(app): State<App>, person: Person) -> ApiResult<Response> {
    let told = app.watch_notifications();
    let first = app.unread_notifications(&person.session).await?;
    let state = (app, person.session, told, first);
    let rest = stream::unfold(state, |(app, session, mut told, last)| async move {
        loop {
            told.wait_for(session.user, LOOK_EVERY).await;
            // A session that ended meanwhile watches nothing any more.
            if !app.is_session_alive(&session).await {
                return None;
            }
            let glance = app.unread_notifications(&session).await.ok()?;
            if glance != last {
                return Some((event(glance), (app, session, told, glance)));
            }
        }
    });
    let events = futures_util::StreamExt::chain(stream::iter([event(first)]), rest);
    let events = futures_util::StreamExt::map(events, Ok::<_, Infallible>);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

fn event(glance: Glance) -> Event {
    let data = serde_json::to_string(&GlanceBody::from(glance)).unwrap_or_default();
    Event::default().event("notifications").data(data)
}
