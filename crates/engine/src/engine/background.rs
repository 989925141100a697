//! What runs beside the runs: timers, schedules, orphans, notes, retention.

use std::{future::Future, time::Duration};

use super::Engine;
use crate::Result;

/// How many woken runs are looked at in one go, and deleted in one transaction.
const BATCH: u32 = 200;
/// How often retention is looked at.
const RETENTION_EVERY: Duration = Duration::from_secs(300);
/// How often files that nothing refers to are deleted: it reads every journal.
const FILES_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// How long archived workflows are kept, in milliseconds: 30 days, from the product specification.
const ARCHIVED_MS: i64 = 30 * 86_400_000;
/// How long the scheduler sleeps at most: a clock that was set shows within this time.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

impl Engine {
    pub(super) fn spawn_loops(&self) {
        let sweep = self.0.config.sweep_every;
        self.every(sweep, "timers of waiting runs", |engine| async move { engine.wake_due().await });
        self.every(sweep, "notes about credentials", |engine| async move {
            engine.flush_signals().await;
            Ok(())
        });
        self.every(sweep.max(Duration::from_secs(5)), "runs of dead processes", |engine| async move {
            engine.claim_orphans().await.map(|_| ())
        });
        self.every(RETENTION_EVERY, "retention", |engine| async move { engine.retain().await });
        self.every(FILES_EVERY, "files that nothing refers to", |engine| async move {
            engine.sweep_files().await
        });
        let engine = self.clone();
        tokio::spawn(async move { engine.scheduler().await });
    }

    /// Does something again and again until the engine stops. A failure is logged, and the next turn comes.
    fn every<F, Fut>(&self, pause: Duration, what: &'static str, work: F)
    where
        F: Fn(Engine) -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send,
    {
        let engine = self.clone();
        tokio::spawn(async move {
            while !engine.is_shutting_down() {
                if let Err(error) = work(engine.clone()).await {
                    tracing::warn!(%error, "the sweep of {what} failed; it is tried again");
                }
                tokio::select! {
                    () = engine.0.stop.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        });
    }

    async fn scheduler(&self) {
        while !self.is_shutting_down() {
            let pause = match self.fire_due().await {
                Ok(pause) => pause.min(LONGEST_SLEEP),
                Err(error) => {
                    tracing::warn!(%error, "schedules could not be looked at; it is tried again");
                    LONGEST_SLEEP
                }
            };
            tokio::select! {
                () = self.0.stop.notified() => {}
                () = self.0.scheduler.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Brings runs back whose wait is over.
    pub(super) async fn wake_due(&self) -> Result<()> {
        for id in self.0.store.due_executions(self.0.node, self.now(), BATCH).await? {
            // One that is in memory looks at its own timers.
            if !self.0.live.has(id) {
                self.wake(id).await?;
            }
        }
        Ok(())
    }

    /// Deletes what is past its time.
    async fn retain(&self) -> Result<()> {
        let store = &self.0.store;
        for workspace in store.workspaces().await? {
            while store.prune_executions(workspace.id, workspace.retention, self.now(), BATCH).await?
                >= u64::from(BATCH)
            {
                // Between two batches others may write.
                tokio::task::yield_now().await;
            }
        }
        let destroyed = store.destroy_due_secrets(self.now()).await?;
        if destroyed > 0 {
            tracing::info!(destroyed, "former secrets whose grace period has passed were destroyed");
        }
        store.prune_events().await?;
        store.purge_archived(self.now().plus_millis(-ARCHIVED_MS)).await?;
        Ok(())
    }
}
