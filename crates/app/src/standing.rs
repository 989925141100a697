//! Whether somebody who watches may still: a stream outlives the request that began it.

use flero_model::{
    SessionId, UserId,
    policy::{Principal, Via},
};
use flero_store::sessions::Session;

use crate::{App, Result};

impl App {
    /// Whether the session or the key of a principal is still there, and the person is what they were in the workspace. When
    /// that cannot be read, it is not.
    pub async fn is_standing(&self, who: &Principal) -> bool {
        self.stands(who).await.unwrap_or(false)
    }

    async fn stands(&self, who: &Principal) -> Result<bool> {
        let member = self.store().membership(who.user, who.workspace).await?;
        if (member.role, member.organization_role) != (who.role, who.organization_role) {
            return Ok(false);
        }
        match &who.via {
            Via::Session { id, .. } => {
                let Some(session) = self.living(who.user, *id).await? else { return Ok(false) };
                Ok(!self.must_enrol_in(&session).await?)
            }
            Via::ApiKey { id, .. } => {
                let key = self.store().get_api_key(who.workspace, *id).await?;
                let is_over = key.revoked_at.is_some() || key.expires_at.is_some_and(|end| end <= self.now());
                Ok(!is_over && !self.must_enrol(who.user).await?)
            }
            Via::Local | Via::Run { .. } => Ok(true),
        }
    }

    /// Whether a session is still there.
    pub async fn is_session_alive(&self, session: &Session) -> bool {
        matches!(self.living(session.user, session.id).await, Ok(Some(_)))
    }

    async fn living(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        let sessions = self.store().list_sessions(user, self.now()).await?;
        Ok(sessions.into_iter().find(|one| one.id == id))
    }
}
