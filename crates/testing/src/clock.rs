//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use flero_model::{Clock, Timestamp};

/// See the module.
#[derive(Debug)]
pub struct StoppedClock(AtomicI64);

impl StoppedClock {
    /// A clock that shows the middle of January 2027.
    #[must_use]
    pub fn new() -> Self {
        Self(AtomicI64::new(1_800_000_000_000))
    }

    /// Shows the true time: for tests with servers that have a clock of their own.
    ///
    /// # Panics
    /// When this machine's clock stands before 1970.
    #[allow(clippy::disallowed_methods, reason = "the servers that it is compared with read this clock too")]
    pub fn show_true_time(&self) {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        self.0.store(i64::try_from(since.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Moves the clock on, by milliseconds.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Default for StoppedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
