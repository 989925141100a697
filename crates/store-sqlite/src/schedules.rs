//! Fire times of active schedules.

use async_trait::async_trait;
use flero_model::{Timestamp, WorkflowId};
use flero_store::{Error, Result, ScheduleStore, executions::NewExecution, schedules::Schedule};

use crate::{
    audit::Prepared,
    convert::{id, millis, time_or_none},
    executions,
    store::SqliteStore,
};

#[async_trait]
impl ScheduleStore for SqliteStore {
    async fn due_schedules(&self, now: Timestamp, limit: u32) -> Result<Vec<Schedule>> {
        self.look_up(|connection| {
            connection
                .prepare_cached(
                    "SELECT id, next_fire FROM workflow WHERE next_fire IS NOT NULL AND next_fire <= ?1
                     ORDER BY next_fire LIMIT ?2",
                )?
                .query_and_then((now.as_millis(), limit), |row| {
                    Ok(Schedule { workflow: id(row, 0)?, next_fire: time_or_none(row, 1)? })
                })?
                .collect()
        })
        .await
    }

    async fn next_fire(&self) -> Result<Option<Timestamp>> {
        self.look_up(|connection| {
            Ok(connection
                .prepare_cached("SELECT min(next_fire) FROM workflow WHERE next_fire IS NOT NULL")?
                .query_row([], |row| time_or_none(row, 0))?)
        })
        .await
    }

    async fn fire_schedule(
        &self,
        workflow: WorkflowId,
        expected: Timestamp,
        next: Option<Timestamp>,
        run: Option<NewExecution>,
    ) -> Result<()> {
        self.write(move |tx| {
            let moved = tx.run(
                "UPDATE workflow SET next_fire = ?3 WHERE id = ?1 AND next_fire = ?2",
                (workflow.as_bytes(), expected.as_millis(), millis(next)),
            )?;
            if moved == 0 {
                return Err(Error::Conflict.into());
            }
            if let Some(run) = &run {
                executions::accept(tx, run, &Prepared::all(&run.audit)?)?;
            }
            Ok(())
        })
        .await
    }
}
