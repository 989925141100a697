//! The workspace's settings: how long its runs are kept.

use flero_model::{
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
    problem::FieldProblem,
};
use flero_store::executions::Retention;

use crate::{App, Error, Result, app::permit};

/// A day in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// The most ended runs that a workspace may keep.
pub const MAX_COUNT: u64 = 10_000_000;
/// The longest that ended runs may be kept, in days: ten years.
pub const MAX_AGE_DAYS: u32 = 3_650;

/// How long the ended runs of a workspace are kept. Whichever limit is reached first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionSettings {
    /// At most this many.
    pub max_count: u64,
    /// None that is older, in days.
    pub max_age_days: u32,
}

impl App {
    /// Reads how long runs are kept.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn get_retention(&self, who: &Principal) -> Result<RetentionSettings> {
        permit(who, Action::ReadSettings)?;
        let Retention { max_count, max_age_ms } = self.store().workspace(who.workspace).await?.retention;
        let days = u32::try_from(max_age_ms / DAY_MS).unwrap_or(MAX_AGE_DAYS);
        Ok(RetentionSettings { max_count, max_age_days: days })
    }

    /// Sets how long runs are kept. What is beyond it by then is deleted within minutes.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`].
    pub async fn set_retention(
        &self,
        who: &Principal,
        wanted: RetentionSettings,
    ) -> Result<RetentionSettings> {
        permit(who, Action::WriteSettings)?;
        let mut problems = Vec::new();
        if !(1..=MAX_COUNT).contains(&wanted.max_count) {
            let message = format!("Keep 1 to {MAX_COUNT} executions.");
            problems.push(FieldProblem::new("/maxCount", "settings.range", message));
        }
        if !(1..=MAX_AGE_DAYS).contains(&wanted.max_age_days) {
            let message = format!("Keep executions for 1 to {MAX_AGE_DAYS} days.");
            problems.push(FieldProblem::new("/maxAgeDays", "settings.range", message));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let former = self.get_retention(who).await?;
        let written = |settings: RetentionSettings| {
            Some(format!("{} executions, {} days", settings.max_count, settings.max_age_days))
        };
        let detail = AuditDetail {
            from: written(former),
            to: written(wanted),
            fields: vec!["retention".to_owned()],
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::SettingsChanged, who.workspace, detail);
        let retention =
            Retention { max_count: wanted.max_count, max_age_ms: i64::from(wanted.max_age_days) * DAY_MS };
        self.store().set_retention(who.workspace, retention, vec![record]).await?;
        Ok(wanted)
    }
}
