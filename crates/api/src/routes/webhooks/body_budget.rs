//! How much memory the bodies of webhook calls may take together.
//!
//! One body may have 16 MiB and a server keeps up to 4,096 connections: without a common bound, anybody who knows a
//! webhook's address could make the process hold 64 GiB. A call therefore takes its body's size out of one budget
//! before the first byte is read, and gives it back when the run is accepted or answered.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use hyper::body::SizeHint;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{ApiError, codes};

/// Bodies up to this size, in bytes, are read without the budget, so that a few large or slow calls never keep the
/// usual small ones out. With 4,096 connections they add 64 MiB at most.
const SMALL_BYTES: u64 = 16 << 10;

/// The budget of all webhook bodies of this process: 256 MiB, for which a call waits 5 seconds at most.
pub(in crate::routes) static WEBHOOK_BODIES: BodyBudget = BodyBudget::new(256 << 10, Duration::from_secs(5));

/// An amount of memory that bodies share.
#[derive(Debug)]
pub(in crate::routes) struct BodyBudget {
    /// One permit is 1 KiB: a semaphore's request is a `u32`.
    permits: Semaphore,
    patience: Duration,
}

impl BodyBudget {
    /// A budget of `kibibytes` KiB, for which a call waits `patience` at most.
    pub(in crate::routes) const fn new(kibibytes: usize, patience: Duration) -> Self {
        Self { permits: Semaphore::const_new(kibibytes), patience }
    }

    /// Takes a body's size, at most `limit` bytes: the announced one, or `limit` when none is announced. Gives
    /// `None` when the body needs no room. The room is given back when the permit is dropped.
    ///
    /// # Errors
    /// `unavailable` when no room becomes free in time.
    pub(in crate::routes) async fn take(
        &self,
        size: SizeHint,
        limit: usize,
    ) -> Result<Option<SemaphorePermit<'_>>, ApiError> {
        let (least, limit) = (size.lower(), limit as u64);
        let bytes = size.upper().unwrap_or(limit).min(limit);
        // A body that announces more than the limit is refused unread.
        if bytes <= SMALL_BYTES || least > limit {
            return Ok(None);
        }
        let kibibytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        match tokio::time::timeout(self.patience, self.permits.acquire_many(kibibytes)).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            Ok(Err(_)) | Err(_) => Err(no_room()),
        }
    }
}

fn no_room() -> ApiError {
    ApiError::new(
        codes::UNAVAILABLE,
        "Too many large webhook bodies are being read at once. Nothing was started; send the request again.",
    )
    .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, HttpBody},
        response::IntoResponse,
    };
    use futures_util::stream;

    use super::*;

    const LIMIT: usize = 64 << 10;

    fn of(bytes: usize) -> SizeHint {
        Body::from(vec![b'x'; bytes]).size_hint()
    }

    fn chunked() -> SizeHint {
        Body::from_stream(stream::iter([Ok::<_, std::io::Error>("x")])).size_hint()
    }

    #[tokio::test]
    async fn a_body_without_room_is_refused_and_has_room_after_the_others() {
        let budget = BodyBudget::new(100, Duration::from_millis(20));
        let first = budget.take(of(40 << 10), LIMIT).await.unwrap();
        let second = budget.take(of((60 << 10) - 1), LIMIT).await.unwrap();
        assert!(first.is_some() && second.is_some());
        let refused = budget.take(of(17 << 10), LIMIT).await.unwrap_err().into_response();
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["retry-after"]),
            (503, &"1".parse().unwrap())
        );
        assert!(budget.take(of(16 << 10), LIMIT).await.unwrap().is_none(), "small bodies pass");
        drop(first);
        assert!(budget.take(of(17 << 10), LIMIT).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_body_of_unknown_size_takes_the_whole_limit_and_one_above_it_nothing() {
        let budget = BodyBudget::new(100, Duration::from_millis(20));
        let held = budget.take(chunked(), LIMIT).await.unwrap();
        assert_eq!((held.is_some(), budget.permits.available_permits()), (true, 36));
        assert!(budget.take(chunked(), LIMIT).await.is_err());
        assert!(budget.take(of(LIMIT + 1), LIMIT).await.unwrap().is_none());
        assert!(budget.take(Body::empty().size_hint(), LIMIT).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_call_that_waits_gets_the_room_that_becomes_free() {
        let budget = BodyBudget::new(64, Duration::from_secs(30));
        let held = budget.take(of(LIMIT), LIMIT).await.unwrap();
        let (waited, ()) = tokio::join!(budget.take(of(LIMIT), LIMIT), async { drop(held) });
        assert!(waited.unwrap().is_some());
    }
}
