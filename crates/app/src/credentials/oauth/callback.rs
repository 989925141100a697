//! The callback: what a service sends a person's browser back with. Everything in it is hostile until it is checked.
//!
//! The order of the checks matters: `state` first, which closes the attempt to any second callback, then where it
//! came in, whose browser it is, which issuer it names (RFC 9207), and only then the code is used.

use std::time::Duration;

use flero_connect::oauth::{Consent, Fault, OauthError};
use flero_model::{
    OauthAttemptId,
    audit::{Actor, AuditAction, AuditDetail},
    secret::SecretString,
};
use flero_store::oauth::{Attempt, AttemptStatus};
use tokio::time::timeout;
use url::form_urlencoded;

use super::{callback_name, state_hash};
use crate::{App, Result};

/// How long the browser waits for the exchange; it goes on behind a page that says so.
const PAGE_PATIENCE: Duration = Duration::from_secs(20);
/// The longest text of a service that is kept, in characters.
const MAX_MESSAGE: usize = 300;
/// The longest code (RFC 6749 sets no limit; the longest seen have 2 KiB).
const MAX_CODE_BYTES: usize = 8 << 10;

/// A request to the callback.
pub struct Callback {
    /// The last segment of the path: the service or the credential.
    pub name: String,
    /// The query, as it came.
    pub query: SecretString,
    /// What the browser presented of itself, as an attempt is bound to it; `None` without a session.
    pub session: Option<String>,
    /// Whether it came in at the host of the installation's own address.
    pub is_right_host: bool,
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Callback({})", self.name)
    }
}

/// The attempt that a callback belonged to. What came of it stands in the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landed(pub OauthAttemptId);

/// Why a callback was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackFault {
    /// It has no `state`, or one that is unknown, used, or past its ten minutes.
    UnknownState,
    /// It came in at another host than the installation's, where the browser does not show who began. The attempt stays
    /// open, so that it can go on at the right one.
    WrongHost,
}

/// The parameters of the query; one that is given twice is an attempt to be understood in two ways.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn read(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().take(100).collect())
    }

    /// The only value of a parameter.
    pub(crate) fn one(&self, name: &str) -> std::result::Result<Option<&str>, ()> {
        let mut found = self.0.iter().filter(|(other, _)| other == name);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some((_, value)), None) => Ok(Some(value)),
            (Some(_), Some(_)) => Err(()),
        }
    }
}

impl App {
    /// Takes a callback. The attempt is closed to every further one, whatever comes of this one.
    ///
    /// # Errors
    /// The fault inside says that no attempt belongs to it; else as the store.
    pub async fn take_callback(
        &self,
        callback: Callback,
    ) -> Result<std::result::Result<Landed, CallbackFault>> {
        let parameters = Parameters::read(callback.query.expose());
        let Ok(Some(state)) = parameters.one("state") else { return Ok(Err(CallbackFault::UnknownState)) };
        let attempt = match self.store().take_attempt(state_hash(state), self.now()).await {
            Ok(attempt) => attempt,
            Err(flero_store::Error::NotFound) => return Ok(Err(CallbackFault::UnknownState)),
            Err(error) => return Err(error.into()),
        };
        let id = attempt.id;
        if !callback.is_right_host && is_session_missing(&attempt, &callback) {
            let open = Attempt { status: AttemptStatus::Pending, ..attempt };
            self.store().update_attempt(AttemptStatus::Exchanging, open, Vec::new(), Vec::new()).await?;
            return Ok(Err(CallbackFault::WrongHost));
        }
        match accept(&attempt, &callback, &parameters) {
            Err(refusal) => self.fail(attempt, refusal.code, refusal.message).await?,
            Ok(code) => {
                let mut attempt = attempt;
                let names = flero_connect::oauth::Settings::read(&attempt.draft.policy)
                    .map(|settings| settings.ways.callback_values)
                    .unwrap_or_default();
                for name in names {
                    if let Ok(Some(value)) = parameters.one(&name)
                        && value.len() <= 1_024
                        && !value.chars().any(char::is_control)
                    {
                        attempt.grant.values.insert(name, value.to_owned());
                    }
                }
                // What a service gives for a code is not thrown away because the browser went away.
                let app = self.clone();
                let exchange = tokio::spawn(async move { app.exchange(attempt, code).await });
                if let Ok(Ok(done)) = timeout(PAGE_PATIENCE, exchange).await {
                    done?;
                }
            }
        }
        Ok(Ok(Landed(id)))
    }

    async fn exchange(&self, attempt: Attempt, code: SecretString) -> Result<()> {
        match self.0.connect.exchange_code(&attempt, code).await {
            Ok(consent) => self.connected(attempt, consent, AttemptStatus::Exchanging).await,
            Err(fault) => self.fail(attempt, fault.word().to_owned(), fault.sentence()).await,
        }
    }

    /// Notes what a person's consent gave.
    pub(super) async fn connected(
        &self,
        mut attempt: Attempt,
        consent: Consent,
        from: AttemptStatus,
    ) -> Result<()> {
        attempt.status = AttemptStatus::Connected;
        attempt.account = consent.account.map(|account| account.name);
        attempt.grant = consent.grant;
        let detail = AuditDetail {
            credential: Some(attempt.draft.id),
            outcome: Some("success".to_owned()),
            ..AuditDetail::default()
        };
        let record = self.record_in(
            attempt.workspace,
            Actor::User { user: attempt.user },
            AuditAction::OauthConnected,
            attempt.id,
            detail,
        );
        Ok(self.store().update_attempt(from, attempt, consent.secrets, vec![record]).await?)
    }

    /// Closes an attempt.
    pub(super) async fn fail(&self, mut attempt: Attempt, code: String, message: String) -> Result<()> {
        let from = attempt.status;
        attempt.status = AttemptStatus::Failed;
        let detail = AuditDetail {
            credential: Some(attempt.draft.id),
            outcome: Some(code.clone()),
            ..AuditDetail::default()
        };
        attempt.error = Some(code);
        attempt.message = Some(message);
        let record = self.record_in(
            attempt.workspace,
            Actor::User { user: attempt.user },
            AuditAction::OauthConnected,
            attempt.id,
            detail,
        );
        Ok(self.store().update_attempt(from, attempt, Vec::new(), vec![record]).await?)
    }

    /// What the page after a callback says: whether it is connected, and the message if it is not.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`].
    pub async fn landing(&self, id: OauthAttemptId) -> Result<super::AttemptView> {
        let attempt = self.store().get_attempt(id).await?;
        Ok(self.attempt_view(attempt))
    }
}

/// Whether an attempt was begun in a browser that did not come back.
fn is_session_missing(attempt: &Attempt, callback: &Callback) -> bool {
    attempt.bound_to.starts_with("session") && callback.session.as_deref() != Some(&attempt.bound_to)
}

/// Why a callback closes its attempt.
struct Refusal {
    code: String,
    message: String,
}

fn refusal(code: &str, message: impl Into<String>) -> Refusal {
    Refusal { code: code.to_owned(), message: message.into() }
}

/// The code of a callback that may be used.
fn accept(
    attempt: &Attempt,
    callback: &Callback,
    parameters: &Parameters,
) -> std::result::Result<SecretString, Refusal> {
    if callback.name != callback_name(&attempt.draft) {
        return Err(refusal(
            "wrong_callback",
            "The answer came in at the address of another service, so it was not used. Begin again.",
        ));
    }
    if is_session_missing(attempt, callback) {
        return Err(refusal(
            "other_browser",
            "The answer came from another browser than the one that began, so it was not used. Begin again in this one.",
        ));
    }
    let doubled =
        |()| refusal("invalid_callback", "The answer says something twice, so it was not used. Begin again.");
    match (parameters.one("iss").map_err(doubled)?, &attempt.issuer) {
        (Some(named), Some(expected)) if named != expected => {
            return Err(refusal(Fault::Issuer.word(), Fault::Issuer.sentence()));
        }
        (None, Some(_)) if attempt.requires_issuer => {
            return Err(refusal(Fault::Issuer.word(), Fault::Issuer.sentence()));
        }
        _ => {}
    }
    if let Some(error) = parameters.one("error").map_err(doubled)? {
        let described = parameters.one("error_description").map_err(doubled)?.unwrap_or_default();
        return Err(refused_by_service(error, described));
    }
    match parameters.one("code").map_err(doubled)? {
        Some(code) if !code.is_empty() && code.len() <= MAX_CODE_BYTES => Ok(SecretString::from(code)),
        _ => Err(refusal("invalid_callback", "The answer holds no code. Begin again.")),
    }
}

/// What a service says instead of a code. Its own words are kept as plain text; whatever shows them must not read
/// them as anything else.
fn refused_by_service(error: &str, described: &str) -> Refusal {
    // Microsoft: AADSTS65001 and AADSTS90094 mean that an administrator has to approve the app first
    // (learn.microsoft.com/entra/identity-platform/reference-error-codes).
    let wants_admin =
        ["AADSTS65001", "AADSTS90094", "AADSTS900941"].iter().any(|code| described.contains(code));
    let error = if wants_admin { OauthError::AdminConsentRequired } else { OauthError::read(error) };
    let mut message = Fault::Refused(error).sentence();
    let words: String = described.chars().filter(|letter| !letter.is_control()).take(MAX_MESSAGE).collect();
    if !words.trim().is_empty() {
        message.push_str(&format!(" The service says: \u{201c}{}\u{201d}", words.trim()));
    }
    refusal(error.as_str(), message)
}

#[cfg(test)]
mod tests;
