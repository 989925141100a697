//! Streams of server-sent events: they outlive the request that was let through, so that whoever watches is asked about
//! again and again.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse as _, Response,
    sse::{Event, KeepAlive, Sse},
};
use flero_app::App;
use futures_util::{Stream, StreamExt as _};

use crate::extract::Caller;

/// How often it is asked: what is revoked ends within a second.
const ASKED_EVERY: Duration = Duration::from_millis(500);

/// Events for as long as the caller's session, key and role stay what they were when the request was let through.
pub(crate) fn watched(
    app: App,
    caller: Caller,
    events: impl Stream<Item = Event> + Send + 'static,
) -> Response {
    let gone = async move {
        while app.is_standing(&caller).await {
            tokio::time::sleep(ASKED_EVERY).await;
        }
    };
    let events = events.take_until(Box::pin(gone)).map(Ok::<_, Infallible>);
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}
