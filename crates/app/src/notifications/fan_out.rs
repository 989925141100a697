//! From an event to whoever has to know of it.

use flero_model::{
    CredentialId, DeliveryId, NotificationId, Timestamp, UserId, WorkspaceId,
    audit::{Actor, AuditRecord},
    credential::{Credential, Scope},
    execution::TriggerKind,
    notification::{Candidate, Category, Frequency, Notification, doer, recipients},
    role::{OrganizationRole, Role},
};
use flero_store::{
    PageRequest,
    notifications::{Delivery, Event, NewNotification, PendingEvent, Target},
};

use crate::{App, Result, random};

/// How many events are fanned out at once.
const BATCH: u32 = 100;
/// Within this time the same thing joins what was not read yet, and no further mail is sent: an hour.
const JOIN_MS: i64 = 3_600_000;
/// When mails that gather for a day are sent, in milliseconds after midnight UTC: at seven.
const DIGEST_MS: i64 = 7 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// Who is told what of an event.
struct Told {
    workspace: WorkspaceId,
    at: Timestamp,
    subject: String,
    name: String,
    reason: Option<String>,
    people: Vec<UserId>,
    /// Whether the webhooks of the workspace may know it too.
    is_public: bool,
}

impl App {
    /// Fans out what happened; returns how many events there were.
    ///
    /// # Errors
    /// As the store.
    pub(super) async fn fan_out(&self) -> Result<usize> {
        let mut done = 0;
        loop {
            let events = self.store().pending_events(BATCH).await?;
            let read = events.len();
            for event in events {
                self.fan_out_one(event).await?;
                done += 1;
            }
            if read < BATCH as usize {
                return Ok(done);
            }
        }
    }

    async fn fan_out_one(&self, pending: PendingEvent) -> Result<()> {
        let told = match &pending.event {
            Event::Recorded(record) if pending.category.is_about_account() => {
                self.told_of_account(pending.category, record).await?
            }
            Event::Recorded(record) if pending.category.is_about_request() => {
                self.told_of_scope(pending.category, record).await?
            }
            Event::Recorded(record) => self.told_of_credential(pending.category, record).await?,
            Event::Failed { workspace, execution } => self.told_of_run(*workspace, *execution).await?,
        };
        let (mut notifications, mut webhooks) = (Vec::new(), Vec::new());
        if let Some(told) = told {
            for user in &told.people {
                notifications.push(self.new_notification(pending.category, &told, *user).await?);
            }
            if told.is_public {
                webhooks = self.webhook_deliveries(pending.category, &told).await?;
            }
        }
        let joins_since = self.now().plus_millis(-JOIN_MS);
        let filed = self.store().file_event(pending.place, notifications, webhooks, joins_since).await;
        match filed {
            Ok(people) => {
                for user in people {
                    // Nobody may be looking.
                    let _ = self.0.told.send(user);
                }
                Ok(())
            }
            // Another process was faster.
            Err(flero_store::Error::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn told_of_credential(&self, category: Category, record: &AuditRecord) -> Result<Option<Told>> {
        let event = &record.event;
        let Ok(id) = event.target.parse::<CredentialId>() else { return Ok(None) };
        let credential = match self.store().get_credential(id).await {
            Ok(credential) => credential,
            // It was deleted meanwhile: there is nothing left to act on.
            Err(flero_store::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut people = recipients(&credential, &self.candidates(&credential).await?);
        if category.spares_actor() {
            people.retain(|user| Some(*user) != doer(&event.actor));
        }
        Ok(Some(Told {
            workspace: credential.workspace_id,
            at: event.at,
            subject: event.target.clone(),
            reason: event.detail.outcome.clone(),
            people,
            is_public: credential.scope != Scope::Personal,
            name: credential.name,
        }))
    }

    /// A request may be about a Personal credential, so that no webhook of the workspace is told.
    async fn told_of_scope(&self, category: Category, record: &AuditRecord) -> Result<Option<Told>> {
        let event = &record.event;
        let Some((named, mut people)) = self.told_of_request(record).await? else { return Ok(None) };
        if category.spares_actor() {
            people.retain(|user| Some(*user) != doer(&event.actor));
        }
        Ok(Some(Told {
            workspace: event.workspace,
            at: event.at,
            subject: event.target.clone(),
            name: named.credential_name,
            reason: Some(named.request.status.as_str().to_owned()),
            people,
            is_public: false,
        }))
    }

    /// Everybody who may have to do with a credential.
    async fn candidates(&self, credential: &Credential) -> Result<Vec<Candidate>> {
        let mut found = vec![self.candidate(credential, credential.owner_id).await?];
        if credential.scope == Scope::Personal {
            return Ok(found);
        }
        let mut page = PageRequest { limit: 200, cursor: None };
        loop {
            let (more, cursor) = if credential.scope == Scope::Organization {
                let listed =
                    self.store().list_organization_members(credential.organization_id, page.clone()).await?;
                let able = listed
                    .items
                    .into_iter()
                    .filter(|one| one.role >= OrganizationRole::Admin && one.deactivated_at.is_none());
                let one = |user, role| Candidate { user, role: None, organization_role: Some(role) };
                (able.map(|member| one(member.user, member.role)).collect::<Vec<_>>(), listed.next_cursor)
            } else {
                let listed = self.store().list_members(credential.workspace_id, page.clone()).await?;
                let able = listed.items.into_iter().filter(|one| one.role >= Role::Admin);
                let one = |user, role| Candidate { user, role: Some(role), organization_role: None };
                (able.map(|member| one(member.user, member.role)).collect::<Vec<_>>(), listed.next_cursor)
            };
            found.extend(more.into_iter().filter(|one| one.user != credential.owner_id));
            match cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => return Ok(found),
            }
        }
    }

    async fn candidate(&self, credential: &Credential, user: UserId) -> Result<Candidate> {
        let role = match self.store().membership(user, credential.workspace_id).await {
            Ok(membership) => Some(membership.role),
            Err(flero_store::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let organization_role = match self.store().organization_role(user, credential.organization_id).await {
            Ok(role) => Some(role),
            Err(flero_store::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Candidate { user, role, organization_role })
    }

    /// What concerns a person's own account: a record stands in each of their workspaces, and one of them is told.
    async fn told_of_account(&self, category: Category, record: &AuditRecord) -> Result<Option<Told>> {
        let event = &record.event;
        // What was done at the machine names the person as its target.
        let named = || (event.actor == Actor::System).then(|| event.target.parse().ok()).flatten();
        let Some(user) = doer(&event.actor).or_else(named) else { return Ok(None) };
        let places = self.store().places(user).await?;
        if places.first().is_none_or(|place| place.membership.workspace != event.workspace) {
            return Ok(None);
        }
        let mut reason = event.action.as_str().to_owned();
        if category == Category::UnusualSignIn {
            let Some(session) = self.sign_in_of(user, &event.target).await? else { return Ok(None) };
            let (address, browser) = (session.address.clone(), session.user_agent.clone());
            let seen = self.store().signed_in_before(user, session.created_at, address, browser).await?;
            // The first sign-in of all has nothing that it could differ from.
            reason = match (seen.any, seen.address, seen.browser) {
                (false, ..) | (true, true, true) => return Ok(None),
                (true, false, true) => "new_address",
                (true, true, false) => "new_browser",
                (true, false, false) => "new_address_and_browser",
            }
            .to_owned();
        }
        Ok(Some(Told {
            workspace: event.workspace,
            at: event.at,
            subject: event.target.clone(),
            name: event.detail.name.clone().unwrap_or_default(),
            reason: Some(reason),
            people: vec![user],
            is_public: false,
        }))
    }

    async fn sign_in_of(
        &self,
        user: UserId,
        session: &str,
    ) -> Result<Option<flero_store::sessions::Session>> {
        let sessions = self.store().list_sessions(user, self.now()).await?;
        Ok(sessions.into_iter().find(|one| one.id.to_string() == session))
    }

    /// Whoever starts a run by hand sees how it ends; of any other the owner of its workflow is told.
    async fn told_of_run(
        &self,
        workspace: WorkspaceId,
        execution: flero_model::ExecutionId,
    ) -> Result<Option<Told>> {
        let run = match self.store().get_execution(workspace, execution).await {
            Ok(run) => run,
            Err(flero_store::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let workflow = match self.store().get_workflow(workspace, run.workflow).await {
            Ok(stored) => stored,
            Err(flero_store::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if matches!(
            run.trigger,
            TriggerKind::Manual
                | TriggerKind::Test
                | TriggerKind::Replay { .. }
                | TriggerKind::SubWorkflow { .. }
        ) {
            return Ok(None);
        }
        let is_member = self.store().membership(workflow.owner, workspace).await.is_ok();
        let people = if is_member { vec![workflow.owner] } else { self.admins_of(workspace).await? };
        Ok(Some(Told {
            workspace,
            at: run.finished_at.unwrap_or(run.created_at),
            // The workflow, so that its failures join each other.
            subject: workflow.id.to_string(),
            name: workflow.name,
            reason: run.error.map(|error| error.code),
            people,
            is_public: true,
        }))
    }

    /// Everybody who administers a workspace.
    async fn admins_of(&self, workspace: WorkspaceId) -> Result<Vec<UserId>> {
        let (mut admins, mut page) = (Vec::new(), PageRequest { limit: 200, cursor: None });
        loop {
            let listed = self.store().list_members(workspace, page.clone()).await?;
            let able = listed.items.into_iter().filter(|one| one.role >= Role::Admin);
            admins.extend(able.map(|one| one.user));
            match listed.next_cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => return Ok(admins),
            }
        }
    }

    async fn new_notification(
        &self,
        category: Category,
        told: &Told,
        user: UserId,
    ) -> Result<NewNotification> {
        let notification = told.to(user, category)?;
        let often = self.frequencies(user).await?.get(&category).copied().unwrap_or(Frequency::Immediately);
        let next_at = match often {
            _ if self.mailer().is_none() => None,
            Frequency::Never => None,
            Frequency::Immediately => Some(self.now()),
            Frequency::Daily => Some(next_digest(self.now())),
        };
        let mail = match next_at {
            Some(next_at) => Some(self.delivery(Target::Mail(user), notification.clone(), next_at)?),
            None => None,
        };
        Ok(NewNotification { notification, mail })
    }

    async fn webhook_deliveries(&self, category: Category, told: &Told) -> Result<Vec<Delivery>> {
        let mut deliveries = Vec::new();
        for endpoint in self.store().endpoints(told.workspace).await? {
            if !endpoint.categories.is_empty() && !endpoint.categories.contains(&category) {
                continue;
            }
            let notification = told.to(endpoint.creator, category)?;
            deliveries.push(self.delivery(Target::Webhook(endpoint.id), notification, self.now())?);
        }
        Ok(deliveries)
    }

    pub(super) fn delivery(
        &self,
        target: Target,
        notification: Notification,
        next_at: Timestamp,
    ) -> Result<Delivery> {
        let now = self.now();
        let id = DeliveryId::new(now, random::for_id()?);
        Ok(Delivery { id, target, notification, attempts: 0, next_at, created_at: now })
    }
}

impl Told {
    /// What one person is told.
    fn to(&self, user: UserId, category: Category) -> Result<Notification> {
        Ok(Notification {
            id: NotificationId::new(self.at, random::for_id()?),
            user,
            workspace: self.workspace,
            category,
            subject: self.subject.clone(),
            name: self.name.clone(),
            reason: self.reason.clone(),
            count: 1,
            created_at: self.at,
            last_at: self.at,
            read_at: None,
        })
    }
}

/// The next seven o'clock UTC.
fn next_digest(now: Timestamp) -> Timestamp {
    let since = (now.as_millis() - DIGEST_MS).rem_euclid(DAY_MS);
    now.plus_millis(DAY_MS - since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sent_at_the_next_seven_oclock() {
        let seven = 20_000 * DAY_MS + DIGEST_MS;
        for (now, then) in [(seven, seven + DAY_MS), (seven - 1, seven), (seven + 1, seven + DAY_MS)] {
            assert_eq!(next_digest(Timestamp::from_millis(now)), Timestamp::from_millis(then));
        }
    }
}
