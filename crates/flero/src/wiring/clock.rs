//! The system's clock: the only place that reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use flero_model::{Clock, Timestamp};

/// The system's time of day.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "every other place reads the time through the Clock port")]
    fn now(&self) -> Timestamp {
        // A time before 1970 means that the clock was never set; the start of 1970 is then as good as any.
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}
