//! Inbound credentials: comparing what the caller of a webhook presented.
//!
//! Nothing leaves Flero here, but the secret is opened, so the same policy decides. There is no row before the
//! comparison: anybody on the internet can cause one, and a row for each would let them fill the trail. The
//! outcome of an accepted one goes into the transaction that accepts the execution.

use std::sync::Arc;

use flero_model::{CredentialId, WorkflowId, policy::Principal};
use http::HeaderMap;

use super::{Connect, admit::Use};
use crate::{
    error::Error,
    outcome::{Intent, Purpose, UseOutcome},
    scrub::Scrubber,
};

/// What a caller presented: the request's head.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// The header fields.
    pub headers: &'a HeaderMap,
    /// The query, without the question mark.
    pub query: Option<&'a str>,
}

/// A caller presented the secret.
#[derive(Debug)]
pub struct Verified {
    /// How the use ended, to be stored with the execution that is accepted.
    pub outcome: UseOutcome,
    /// Replaces the secret wherever else it stands in the request, before any of it becomes data.
    pub scrubber: Arc<Scrubber>,
}

impl Connect {
    /// Compares in constant time. `None` when the caller did not present the secret (401).
    ///
    /// # Errors
    /// [`Error`] when the credential cannot be used: missing, foreign, expired, or it does not open. The caller
    /// of the webhook learns none of this.
    pub async fn verify_inbound(
        &self,
        principal: &Principal,
        workflow: WorkflowId,
        credential: CredentialId,
        presented: Presented<'_>,
    ) -> Result<Option<Verified>, Error> {
        let purpose = Purpose::Inbound { workflow };
        let use_ = Use { principal, purpose: &purpose, intent: Intent::Record };
        let row = self.inner.find(&use_, credential).await.map_err(Error::new)?;
        let (scheme, scrubber) = self.inner.unseal(&row).await.map_err(Error::new)?;
        if !scheme.matches(presented.headers, presented.query) {
            return Ok(None);
        }
        let mut outcome = use_.outcome(credential, Some(row.credential.secret_revision), None, Ok(0), None);
        outcome.detail.status = None;
        Ok(Some(Verified { outcome, scrubber }))
    }
}
