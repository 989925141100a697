//! The authenticated proxy: code outside Flero calls a service with a credential that it never sees.

use flero_connect::{ProxyCall, ProxyReply};
use flero_model::policy::{Action, Principal};

use crate::{App, Result, app::permit, credentials::sample};

impl App {
    /// Passes a request on. The door decides, records intent and outcome, and scrubs the answer.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] (recorded); [`crate::Error::Forbidden`]; [`crate::Error::Call`].
    pub async fn proxy(&self, who: &Principal, mut call: ProxyCall) -> Result<ProxyReply> {
        permit(who, Action::ProxyCredential(&sample(who)))?;
        self.find_credential(who, call.credential, |credential| Action::ProxyCredential(credential)).await?;
        call.errors = self.0.engine.error_rules(who.workspace, call.credential).await;
        Ok(self.0.connect.proxy(call).await?)
    }
}
