//! Connecting an account by OAuth: an attempt is begun, a person allows it at the service, the callback comes, Save.
//!
//! An attempt is a record on the server: one use, ten minutes, bound to who began it, to the credential and to the
//! redirect URI. What is secret in it is sealed; its tokens wait sealed for Save, and an attempt that is not saved is
//! revoked and destroyed.

mod apps;
mod callback;
mod edit;
mod outbox;
mod save;
mod settings;
mod start;

use aws_lc_rs::digest;
use flero_model::{
    OauthAttemptId, SessionId, Timestamp,
    credential::{Credential, Policy},
    policy::{Action, Principal, Via},
};
use flero_store::oauth::{Attempt, AttemptStatus};

pub use apps::AppClient;
pub(crate) use callback::Parameters;
pub use callback::{Callback, CallbackFault, Landed};
pub use save::SaveAttempt;
pub use start::{Started, Target};

use super::sample;
use crate::{App, Error, Result, app::permit};

pub(super) use apps::without_client;
pub(super) use edit::{copied, tokens_address};
pub(super) use settings::check_parameters;

/// How long an attempt is good, in milliseconds (PRODUCT section 5; RFC 9700 asks for a short life).
const ATTEMPT_LIFE_MS: i64 = 600_000;

/// An attempt as its dialog sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptView {
    /// Which.
    pub id: OauthAttemptId,
    /// How far it has come.
    pub status: AttemptStatus,
    /// The account, where the service told it.
    pub account: Option<String>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Scopes that were asked for and not granted.
    pub missing_scopes: Vec<String>,
    /// Why it failed: a code.
    pub error: Option<String>,
    /// Why it failed, and what to do.
    pub message: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl App {
    /// How far an attempt has come. Only who began it sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn oauth_attempt(&self, who: &Principal, id: OauthAttemptId) -> Result<AttemptView> {
        // What the caller lacks in general is said before anything is looked up.
        permit(who, Action::ReadCredential(&sample(who)))?;
        Ok(self.attempt_view(self.own_attempt(who, id).await?))
    }

    fn attempt_view(&self, attempt: Attempt) -> AttemptView {
        let asked = wanted_scopes(&attempt.draft.policy);
        let connected = attempt.status == AttemptStatus::Connected;
        let missing = asked.into_iter().filter(|scope| connected && !attempt.grant.scopes.contains(scope));
        let is_over = attempt.expires_at <= self.now()
            && matches!(attempt.status, AttemptStatus::Pending | AttemptStatus::Connected);
        AttemptView {
            id: attempt.id,
            status: if is_over { AttemptStatus::Failed } else { attempt.status },
            missing_scopes: missing.collect(),
            account: attempt.account,
            scopes: if connected { attempt.grant.scopes } else { Vec::new() },
            error: if is_over { Some("attempt_expired".to_owned()) } else { attempt.error },
            message: if is_over {
                Some("The ten minutes are over; begin again.".to_owned())
            } else {
                attempt.message
            },
            expires_at: attempt.expires_at,
        }
    }

    /// An attempt of this caller; everybody else's looks like one that does not exist.
    async fn own_attempt(&self, who: &Principal, id: OauthAttemptId) -> Result<Attempt> {
        let attempt = self.store().get_attempt(id).await?;
        let is_own = attempt.user == who.user
            && attempt.workspace == who.workspace
            && attempt.bound_to == bound_to(who);
        if is_own { Ok(attempt) } else { Err(Error::NotFound) }
    }
}

/// What an attempt is bound to besides the person and the workspace.
fn bound_to(who: &Principal) -> String {
    match &who.via {
        Via::ApiKey { id, .. } => format!("key:{id}"),
        Via::Session { id, .. } => session_word(*id),
        Via::Local => "local".to_owned(),
        Via::Run { execution } => format!("run:{execution}"),
    }
}

/// What an attempt is bound to that a browser's session began.
#[must_use]
pub fn session_word(id: SessionId) -> String {
    format!("session:{id}")
}

/// SHA-256 of a `state`: the text itself is stored nowhere.
fn state_hash(state: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, state.as_bytes()).as_ref());
    hash
}

/// The scopes that a policy asks for.
pub(super) fn wanted_scopes(policy: &Policy) -> Vec<String> {
    flero_connect::oauth::Settings::read(policy).map(|settings| settings.scopes).unwrap_or_default()
}

/// The last part of a credential's redirect URI: the service, or the credential itself for the generic kind, so that
/// no two servers share one (RFC 9700 section 2.1).
fn callback_name(credential: &Credential) -> String {
    if credential.policy.service == flero_model::service::GENERIC {
        credential.id.to_string()
    } else {
        credential.policy.service.clone()
    }
}
