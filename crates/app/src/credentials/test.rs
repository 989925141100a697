//! Testing a connection: does the service take the secret?
//!
//! For the generic service the test calls `parameters.testUrl` through the same door as every use. A service that
//! answers well with the secret and refuses without it has accepted it; one that answers well to anybody has
//! verified nothing. A described service names its own request, which tells the account too; a database is asked with
//! a statement, a mail server by logging in.

use std::time::Duration;

use flero_connect::{Call, Intent, Kind, Purpose, Reply, Request, call::Credential as Used, oauth::Settings};
use flero_model::{
    CredentialId, Timestamp,
    audit::{AuditAction, AuditDetail},
    credential::{AuthType, Credential, Policy},
    policy::Principal,
};
use http::Method;
use serde::Serialize;

use super::{NewCredential, SecretFields, fields::Faults, oauth};
use crate::{App, Error, Result};

mod database;
mod described;
mod mail;

/// How long a test may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of an answer is read; a test needs the status alone.
const MAX_BODY_BYTES: u64 = 1 << 20;

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The service takes the secret.
    Accepted,
    /// The service refused it.
    Refused,
    /// The service answered, but the answer says nothing about the secret.
    Unverified,
    /// No answer.
    Unreachable,
    /// There is nothing to call.
    NotTestable,
}

impl Verdict {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unverified => "unverified",
            Self::Unreachable => "unreachable",
            Self::NotTestable => "not_testable",
        }
    }
}

/// What a test brought to light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// How it ended.
    pub verdict: Verdict,
    /// The account, where the service told it.
    pub account: Option<String>,
    /// Permissions that the operations need and the secret lacks.
    pub missing_scopes: Vec<String>,
    /// When what was tested ends, as far as that is known: by its owner's word, by the secret's own, or with an access token
    /// that nothing renews.
    pub expires_at: Option<Timestamp>,
    /// From the call to the answer, in milliseconds.
    pub latency_ms: Option<u64>,
    /// One sentence for people.
    pub message: String,
}

impl TestResult {
    fn new(verdict: Verdict, latency_ms: Option<u64>, message: impl Into<String>) -> Self {
        Self {
            verdict,
            account: None,
            missing_scopes: Vec::new(),
            expires_at: None,
            latency_ms,
            message: message.into(),
        }
    }
}

impl App {
    /// Tests a credential that is not stored.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`].
    pub async fn test_new_credential(&self, who: &Principal, mut new: NewCredential) -> Result<TestResult> {
        new.data.flatten_key_file(new.auth_type);
        self.may_create(who, new.scope).await?;
        let policy = self.check_new(who, &new, Faults::default()).await?;
        let mut result = self.test_unsaved(who, &policy, &new.data).await;
        let by_secret = flero_connect::secret_ends_at(&policy, &new.data.document());
        result.expires_at = new.expires_at.into_iter().chain(by_secret).min();
        self.note_test(who, "unsaved".to_owned(), &result).await?;
        Ok(result)
    }

    /// Tests a stored credential. A failing one that is accepted is active again, and the other way round.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::CredentialRevoked`].
    pub async fn test_credential(&self, who: &Principal, id: CredentialId) -> Result<TestResult> {
        let credential = self.living_credential(who, id).await?;
        let mut result = self.call_test(who, &credential.policy, || Used::Stored(id)).await;
        self.add_grant(&credential, &mut result).await?;
        self.note_test(who, id.to_string(), &result).await?;
        Ok(result)
    }

    /// Adds what is known here of a stored credential: when it ends, and which permissions its grant lacks where the
    /// service's answer to the test did not say.
    async fn add_grant(&self, credential: &Credential, result: &mut TestResult) -> Result<()> {
        result.expires_at = credential.end().map(|(at, _)| at);
        if credential.policy.auth_type != AuthType::Oauth2 {
            return Ok(());
        }
        let Some(grant) = self.store().get_grant(credential.id).await?.map(|stored| stored.grant) else {
            return Ok(());
        };
        let needs_person = Settings::read(&credential.policy).is_ok_and(|ways| ways.grant.needs_person());
        if needs_person && !grant.has_refresh_token {
            result.expires_at = result.expires_at.into_iter().chain(grant.expires_at).min();
        }
        // A service that names no scopes gave those that were asked for (RFC 6749 section 5.1).
        if result.verdict == Verdict::Accepted && result.missing_scopes.is_empty() && !grant.scopes.is_empty()
        {
            let asked = oauth::wanted_scopes(&credential.policy).into_iter();
            result.missing_scopes = asked.filter(|scope| !grant.scopes.contains(scope)).collect();
        }
        Ok(())
    }

    pub(super) async fn test_unsaved(
        &self,
        who: &Principal,
        policy: &Policy,
        data: &SecretFields,
    ) -> TestResult {
        let used = || Used::Unsaved { policy: Box::new(policy.clone()), data: data.document() };
        self.call_test(who, policy, used).await
    }

    async fn note_test(&self, who: &Principal, target: String, result: &TestResult) -> Result<()> {
        let detail =
            AuditDetail { outcome: Some(result.verdict.as_str().to_owned()), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::CredentialTested, target, detail);
        self.store().append_audit(vec![record]).await.map_err(Error::from)
    }

    async fn call_test(
        &self,
        who: &Principal,
        policy: &Policy,
        used: impl Fn() -> Used + Send + Sync,
    ) -> TestResult {
        if policy.auth_type == AuthType::Database {
            return self.test_database(who, policy, used()).await;
        }
        if policy.auth_type == AuthType::Mail {
            return self.test_mail(who, used()).await;
        }
        let tests = described::requests(policy);
        if !tests.is_empty() {
            return self.described_test(who, policy, &tests, used).await;
        }
        let Some(url) = policy.parameters.get("testUrl").and_then(|value| value.as_str()) else {
            return TestResult::new(
                Verdict::NotTestable,
                None,
                "There is no URL to test with. Give one as the parameter testUrl.",
            );
        };
        let request = || Request::new(Method::GET, url);
        let reply = match self.send_test(who, policy, request(), used()).await {
            Ok(reply) => reply,
            Err(error) => return failed(&error),
        };
        if !(200..300).contains(&reply.status) {
            return judged(&reply);
        }
        let bare = self.send_test(who, policy, request(), Used::None).await;
        compared(&reply, is_refused(&bare, policy))
    }

    /// Makes one request of a test.
    async fn send_test(
        &self,
        who: &Principal,
        policy: &Policy,
        mut request: Request,
        credential: Used,
    ) -> std::result::Result<Reply, flero_connect::Error> {
        request.timeout = TIMEOUT;
        request.max_body_bytes = MAX_BODY_BYTES;
        request.validate_ssl =
            policy.parameters.get("validateSsl").and_then(|value| value.as_bool()).unwrap_or(true);
        let principal = who.clone();
        let call = Call { principal, purpose: Purpose::Test, credential, intent: Intent::Record, request };
        self.0.connect.send(call).await
    }
}

/// What a good answer says when it is known whether the same request without the secret is refused: only the difference
/// that the secret makes tells that it was taken.
fn compared(reply: &Reply, is_refused_without: bool) -> TestResult {
    let status = reply.status;
    if is_refused_without {
        let message = format!("The service took the secret (status {status}).");
        return TestResult::new(Verdict::Accepted, latency(reply), message);
    }
    let message =
        format!("The service answered with status {status}, but answers that without the secret too.");
    TestResult::new(Verdict::Unverified, latency(reply), message)
}

/// Whether the service refuses who shows no secret. Without its certificate, a client may not even get to ask.
fn is_refused(bare: &std::result::Result<Reply, flero_connect::Error>, policy: &Policy) -> bool {
    match bare {
        Ok(bare) => matches!(bare.status, 401 | 403),
        Err(error) => {
            policy.auth_type == AuthType::Certificate
                && matches!(error.kind(), Kind::Tls | Kind::ConnectionClosed | Kind::Protocol)
        }
    }
}

fn latency(reply: &Reply) -> Option<u64> {
    u64::try_from(reply.elapsed.as_millis()).ok()
}

/// What an answer outside of 2xx says.
fn judged(reply: &Reply) -> TestResult {
    let (verdict, message) = match reply.status {
        401 | 403 => (Verdict::Refused, "The service refused the secret"),
        407 | 408 | 429 | 500..=599 => {
            (Verdict::Unverified, "The service could not answer the test; try again later")
        }
        _ => (
            Verdict::Unverified,
            "The service answered, but not in a way that says whether it took the secret",
        ),
    };
    TestResult::new(verdict, latency(reply), format!("{message} (status {}).", reply.status))
}

/// What it means that the call was not made or not answered. The error's sentence quotes no query and no secret.
fn failed(error: &flero_connect::Error) -> TestResult {
    let verdict = match error.kind() {
        Kind::CredentialMalformed | Kind::CredentialPlacement | Kind::CredentialTypeUnsupported => {
            Verdict::NotTestable
        }
        // The service answered, and would not give this client a token.
        Kind::TokenRefused | Kind::ReconnectRequired | Kind::ExchangeRefused => Verdict::Refused,
        _ => Verdict::Unreachable,
    };
    let why = error.fault().map_or_else(|| format!("{error}."), flero_connect::oauth::Fault::sentence);
    TestResult::new(verdict, None, why)
}
