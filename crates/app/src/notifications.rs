//! Notifications: what people are told without asking, in the application, by mail, and to webhooks.
//!
//! An event is noted in the transaction of the act that it is about. [`App::sweep_notifications`] fans it out to
//! whoever has to know, and works off the outbox of mails and webhook calls.

mod deliver;
mod endpoints;
mod fan_out;
mod words;

use std::{collections::BTreeMap, sync::Arc};

use flero_connect::mail::Mailer;
use flero_model::{
    NotificationId, Timestamp, UserId,
    notification::{Category, Frequency, Notification},
};
use flero_store::{Page, PageRequest, sessions::Session};

pub use endpoints::NewEndpoint;
pub use words::headline;

use crate::{App, Changes, Error, Result};

/// What one sees at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance {
    /// How many are not read.
    pub unread: u64,
    /// When the last one of all happened.
    pub last_at: Option<Timestamp>,
}

impl App {
    /// Watches who has something new.
    #[must_use]
    pub fn watch_notifications(&self) -> Changes<UserId> {
        Changes(self.0.told.subscribe())
    }

    /// Sends mails from now on; without this none is sent, and none is put into the outbox.
    pub fn set_mailer(&self, mailer: Mailer) {
        // A second one is not taken: the configuration is read once.
        let _ = self.0.mailer.set(Arc::new(mailer));
    }

    pub(crate) fn mailer(&self) -> Option<&Arc<Mailer>> {
        self.0.mailer.get()
    }

    /// A page of one's own notifications, what happened last first.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`].
    pub async fn list_notifications(
        &self,
        session: &Session,
        only_unread: bool,
        page: PageRequest,
    ) -> Result<Page<Notification>> {
        Ok(self.store().list_notifications(session.user, only_unread, page).await?)
    }

    /// How many of one's own are not read.
    ///
    /// # Errors
    /// As the store.
    pub async fn unread_notifications(&self, session: &Session) -> Result<Glance> {
        let (unread, last_at) = self.store().unread_notifications(session.user).await?;
        Ok(Glance { unread, last_at })
    }

    /// Marks one's own as read: these, or all.
    ///
    /// # Errors
    /// As the store.
    pub async fn read_notifications(
        &self,
        session: &Session,
        only: Option<Vec<NotificationId>>,
    ) -> Result<Glance> {
        self.store().read_notifications(session.user, only, self.now()).await?;
        self.unread_notifications(session).await
    }

    /// How often mails of each category are sent to the caller.
    ///
    /// # Errors
    /// As the store.
    pub async fn notification_settings(&self, session: &Session) -> Result<BTreeMap<Category, Frequency>> {
        self.frequencies(session.user).await
    }

    /// Chooses how often mails of some categories are sent; the others stay.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a category that is about one's own account, which is always told.
    pub async fn set_notification_settings(
        &self,
        session: &Session,
        chosen: BTreeMap<Category, Frequency>,
    ) -> Result<BTreeMap<Category, Frequency>> {
        if let Some((category, _)) = chosen
            .iter()
            .find(|(category, often)| category.is_about_account() && **often != Frequency::Immediately)
        {
            let pointer = format!("/email/{}", category.as_str());
            let message = "What concerns your own account is always told at once.";
            return Err(Error::field(pointer, "notification.account", message));
        }
        let mut all = self.store().notification_settings(session.user).await?;
        all.extend(chosen);
        self.store().set_notification_settings(session.user, all).await?;
        self.frequencies(session.user).await
    }

    /// The frequencies that count for somebody.
    async fn frequencies(&self, user: UserId) -> Result<BTreeMap<Category, Frequency>> {
        let chosen = self.store().notification_settings(user).await?;
        let one = |category: &Category| {
            let often = chosen.get(category).copied().filter(|_| !category.is_about_account());
            (*category, often.unwrap_or_else(|| category.usual_frequency()))
        };
        Ok(Category::ALL.iter().map(one).collect())
    }
}
