//! One transition, one transaction: records, audit rows and the row of the run together.

use std::time::Duration;

use flero_connect::{Purpose, intent_record};
use flero_model::{Timestamp, audit::NewAudit, destination::read_url, execution::ExecutionStatus};
use flero_store::executions::ExecutionStep;

use super::{
    Engine,
    drive::{Facts, Going},
};
use crate::{
    Result,
    run::{Command, Run, Step},
};

/// The first and the longest pause before a failed append is tried again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// What became of an append.
pub(super) enum Appended {
    /// It is durable.
    Done,
    /// The run belongs to another process by now, or is gone: nothing of it may be carried out here.
    Lost,
}

/// Where a command sends its credential, as far as the run knows: a database's address is the credential's own.
pub(super) fn host_of(command: &Command) -> Option<String> {
    match command {
        Command::CallHttp { call, .. } => host(&call.url),
        _ => None,
    }
}

impl Engine {
    /// The intent rows of the effects that a step begins. No row, no use.
    pub(super) async fn intents(
        &self,
        facts: &Facts,
        run: &Run,
        step: &Step,
        now: Timestamp,
        audit: &mut Vec<NewAudit>,
    ) -> Result<()> {
        for command in &step.commands {
            let (Some((ticket, node)), Some(credential)) = (command.used_by(), command.credential()) else {
                continue;
            };
            let principal = self.principal(facts).await?;
            let purpose = Purpose::Node {
                workflow: run.workflow.id,
                execution: facts.id,
                node: node.to_string(),
                attempt: ticket.attempt,
            };
            audit.push(intent_record(&principal, credential, &purpose, host_of(command), now));
        }
        Ok(())
    }

    /// Appends a step. The database failing is not the run's failure: it is tried again until it works, or until
    /// the run turns out to belong to somebody else.
    pub(super) async fn append(&self, going: &mut Going, step: &Step, mut audit: Vec<NewAudit>) -> Appended {
        let now = self.now();
        let mut pause = PAUSES.0;
        loop {
            match self.intents(&going.facts, &going.run, step, now, &mut audit).await {
                Ok(()) => break,
                Err(error) => {
                    tracing::warn!(execution = %going.facts.id, %error, "a run waits for the database")
                }
            }
            audit.retain(|row| row.action != flero_model::audit::AuditAction::CredentialUseIntent);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
        let run = &going.run;
        let status = run.status();
        let discard = status == ExecutionStatus::Success && !going.facts.keeps_success();
        let mut pause = PAUSES.0;
        loop {
            let result = async {
                let journal =
                    if step.records.is_empty() { Vec::new() } else { vec![self.entry(&step.records).await?] };
                let wrote = journal.len() as u64;
                let transition = ExecutionStep {
                    id: going.facts.id,
                    owner: self.0.node,
                    sequence: going.entries,
                    journal,
                    status,
                    started_at: run.started,
                    finished_at: run.finished_at(),
                    error: run.error().cloned(),
                    wake_at: run.wake_at(),
                    credentials: step.commands.iter().filter_map(Command::credential).collect(),
                    audit: audit.clone(),
                    discard,
                };
                self.0.store.append_execution(transition).await?;
                Ok::<u64, crate::Error>(wrote)
            }
            .await;
            match result {
                Ok(wrote) => {
                    going.entries += wrote;
                    return Appended::Done;
                }
                Err(crate::Error::Store(flero_store::Error::NotFound)) => return Appended::Lost,
                Err(crate::Error::Store(flero_store::Error::Conflict)) => {
                    return self.after_conflict(going, step).await;
                }
                Err(error) => {
                    tracing::warn!(execution = %going.facts.id, %error, "a run waits for the database")
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// An append whose answer was lost looks like a conflict when it is repeated: the journal tells.
    async fn after_conflict(&self, going: &mut Going, step: &Step) -> Appended {
        let Ok(entries) = self.0.store.execution_journal(going.facts.id).await else { return Appended::Lost };
        let Ok(entry) = self.entry(&step.records).await else { return Appended::Lost };
        let place = usize::try_from(going.entries).unwrap_or(usize::MAX);
        let is_ours = !step.records.is_empty() && entries.len() == place + 1 && entries[place] == entry;
        let owner_is_ours = is_ours && self.0.store.get_execution_anywhere(going.facts.id).await.is_ok();
        if owner_is_ours {
            going.entries += 1;
            return Appended::Done;
        }
        tracing::info!(execution = %going.facts.id, "a run is carried out by another process now");
        Appended::Lost
    }
}

/// The host of a URL as audit rows write it: no path, no query. `None` where the URL cannot be read; the call will
/// be refused for that.
pub(super) fn host(url: &str) -> Option<String> {
    read_url(url).ok().map(|(_, destination)| destination.to_string())
}
