//! Proving who one is with a second factor: at sign-in and for a step-up.

use flero_keyring::Binding;
use flero_model::{
    SessionId, UserId,
    audit::{AuditAction, AuditDetail},
    one_time_code,
    secret::SecretString,
};
use flero_store::{
    mfa::TOTP_FIELD,
    sessions::{Session, SessionState},
};

use super::{Factor, recovery};
use crate::{
    App, AuthFault, Error, Refusal, Result,
    people::{
        attempts::Bucket,
        sessions::{IDLE_MS, LASTING_MS, Origin, SignedIn, token_hash},
    },
};

/// A second factor as it is presented.
#[derive(Debug)]
pub enum Proof {
    /// A code of an authenticator app.
    Totp(SecretString),
    /// A recovery code.
    RecoveryCode(SecretString),
    /// What an authenticator answered to a challenge.
    Passkey {
        /// The challenge's identifier.
        challenge: String,
        /// The answer, as WebAuthn's `PublicKeyCredential` in JSON.
        credential: Box<serde_json::Value>,
    },
}

/// How far a sign-in by password has come.
#[derive(Debug)]
pub enum SignInStep {
    /// Signed in.
    Done(SignedIn),
    /// The password was right; a factor is awaited for five minutes. The session can do nothing else.
    Factor(SignedIn, Vec<Factor>),
}

/// The one answer to every proof that is not right.
pub(super) const fn wrong() -> Error {
    Error::Unauthenticated(AuthFault::Factor)
}

impl App {
    /// The session that waits for a factor.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it is over, or none.
    pub async fn awaiting_session(&self, token: &str) -> Result<Session> {
        let gone = || Error::Unauthenticated(AuthFault::Session);
        let session = match self.store().session_by_hash(&token_hash(token)).await {
            Ok(session) => session,
            Err(flero_store::Error::NotFound) => return Err(gone()),
            Err(error) => return Err(error.into()),
        };
        if session.state != SessionState::Factor || session.is_over(self.now()) {
            return Err(gone());
        }
        Ok(session)
    }

    /// Ends a sign-in with a second factor. The session gets a new token and its full time.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; [`Error::TooManyAttempts`].
    pub async fn sign_in_by_factor(
        &self,
        awaiting: &Session,
        proof: Proof,
        origin: &Origin,
    ) -> Result<SignedIn> {
        match self.prove(awaiting.user, awaiting.id, proof, origin).await {
            Ok(()) => {}
            Err(Error::Unauthenticated(AuthFault::Factor)) => {
                let entry = self.sign_in_entry(awaiting.user, "wrong_factor", origin);
                self.store().note_sign_in(entry, Vec::new()).await?;
                return Err(wrong());
            }
            Err(error) => return Err(error),
        }
        let entry = self.sign_in_entry(awaiting.user, "success", origin);
        let audit = self.everywhere(awaiting.user, AuditAction::SignedIn, awaiting.id).await?;
        let ends_at = self.now().plus_millis(LASTING_MS);
        let full = Session { idle_ms: IDLE_MS, ends_at, ..awaiting.clone() };
        self.renew(&full, Some(entry), audit).await
    }

    /// Proves with a second factor that the person is still the one who signed in; the session gets a new token.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a factor that is not right; [`Error::TooManyAttempts`].
    pub async fn step_up_by_factor(&self, own: &Session, proof: Proof, origin: &Origin) -> Result<SignedIn> {
        let pointer = match &proof {
            Proof::Passkey { .. } => "/credential",
            Proof::Totp(_) | Proof::RecoveryCode(_) => "/code",
        };
        match self.prove(own.user, own.id, proof, origin).await {
            Ok(()) => self.renew(own, None, Vec::new()).await,
            Err(Error::Unauthenticated(AuthFault::Factor)) => {
                let message = "This is not right, was used before, or is too old.";
                Err(Error::field(pointer, "mfa.wrong_factor", message))
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses a step-up by password to somebody who has a factor.
    pub(in crate::people) async fn refuse_without_factor(&self, user: UserId) -> Result<()> {
        let has_factor = self.store().factors(user).await?.has_any();
        if has_factor { Err(Error::Forbidden(Refusal::Factor)) } else { Ok(()) }
    }

    /// Checks a factor and uses it up. Attempts are counted before they are made, for the person and for the address.
    async fn prove(&self, user: UserId, session: SessionId, proof: Proof, origin: &Origin) -> Result<()> {
        let bucket = Bucket::Factor(user);
        self.attempt(bucket, origin.address).await?;
        match proof {
            Proof::Totp(code) => self.prove_by_totp(user, &code).await?,
            Proof::RecoveryCode(code) => self.prove_by_recovery_code(user, &code).await?,
            Proof::Passkey { challenge, credential } => {
                self.prove_by_passkey(user, session, &challenge, *credential).await?;
            }
        }
        self.attempt_succeeded(bucket).await
    }

    async fn prove_by_totp(&self, user: UserId, code: &SecretString) -> Result<()> {
        let code = one_time_code::totp_code(code.expose()).ok_or_else(wrong)?;
        let current = self.store().totp(user).await?.and_then(|totp| totp.current);
        let (revision, sealed) = current.ok_or_else(wrong)?;
        let binding = Binding::of_totp(user, TOTP_FIELD, revision);
        let step = self.0.keyring.totp_step(&binding, &sealed.blob, &code, self.now()).await?;
        let step = step.ok_or_else(wrong)?;
        match self.store().use_totp_step(user, revision, step).await {
            Err(flero_store::Error::Conflict) => Err(wrong()),
            other => Ok(other?),
        }
    }

    async fn prove_by_recovery_code(&self, user: UserId, code: &SecretString) -> Result<()> {
        let code = one_time_code::recovery_code(code.expose()).ok_or_else(wrong)?;
        let left = self.store().factors(user).await?.recovery_codes.saturating_sub(1);
        let detail = AuditDetail { count: Some(u64::from(left)), ..AuditDetail::default() };
        let audit = self.records_of(user, AuditAction::RecoveryCodeUsed, &detail).await?;
        match self.store().use_recovery_code(user, recovery::hash(user, &code), audit).await {
            Err(flero_store::Error::NotFound) => Err(wrong()),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }
}
