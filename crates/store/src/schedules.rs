//! Fire times of active schedules. A fire and the next fire time are one transaction with the acceptance of the
//! run, so that no fire is lost and none happens twice.

use async_trait::async_trait;
use flero_model::{Timestamp, WorkflowId};

use crate::{Result, executions::NewExecution};

/// An armed schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The workflow.
    pub workflow: WorkflowId,
    /// When it fires next; `None` when it never will again.
    pub next_fire: Option<Timestamp>,
}

/// See the module.
#[async_trait]
pub trait ScheduleStore {
    /// Schedules that are due at a time, earliest first.
    async fn due_schedules(&self, now: Timestamp, limit: u32) -> Result<Vec<Schedule>>;

    /// The earliest fire time of all, to know how long to sleep.
    async fn next_fire(&self) -> Result<Option<Timestamp>>;

    /// Moves a schedule on and accepts the run of this fire (none when it is skipped), if its fire time is still
    /// the expected one; else [`crate::Error::Conflict`].
    async fn fire_schedule(
        &self,
        workflow: WorkflowId,
        expected: Timestamp,
        next: Option<Timestamp>,
        run: Option<NewExecution>,
    ) -> Result<()>;
}
