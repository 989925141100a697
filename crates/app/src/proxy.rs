//! The authenticated proxy: code outside Flero calls a service with a credential that it never sees.
//!
//! What the service says of its limit is the credential's and not the caller's: workflows keep to what a proxied call was
//! told, and a proxied call to what they were told. It is not held back to wait, since its caller decides when to ask again.

use std::sync::Arc;

use flero_connect::{ProxyCall, ProxyReply};
use flero_model::policy::{Action, Principal};
use flero_openapi::answer::error_of;
use serde_json::Value;

use crate::{App, Error, Result, app::permit, credentials::sample};

impl App {
    /// Passes a request on. The door decides, records intent and outcome, and scrubs the answer.
    ///
    /// # Errors
    /// [`Error::NotFound`] (recorded); [`Error::Forbidden`]; [`Error::ServiceLimit`]; [`Error::Call`].
    pub async fn proxy(&self, who: &Principal, mut call: ProxyCall) -> Result<ProxyReply> {
        permit(who, Action::ProxyCredential(&sample(who)))?;
        let id = call.credential;
        self.find_credential(who, id, |credential| Action::ProxyCredential(credential)).await?;
        let wait_ms = self.0.engine.limit_ms(id);
        if wait_ms > 0 {
            return Err(Error::ServiceLimit { seconds: wait_ms.div_ceil(1_000) });
        }
        let pack = self.0.engine.pack_of(who.workspace, id).await;
        let errors = pack.as_ref().and_then(|pack| pack.connector().flero.errors.clone()).map(Arc::new);
        call.errors.clone_from(&errors);
        let reply = self.0.connect.proxy(call).await?;
        // The body is the caller's and goes by; the head says enough of a limit.
        let error = error_of(errors.as_deref(), reply.status, &Value::Null);
        self.0.engine.note_limit(Some(id), pack.as_deref(), &reply.headers, error.as_ref());
        Ok(reply)
    }
}
