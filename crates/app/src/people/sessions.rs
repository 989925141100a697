//! Sessions: signing in and out, telling whose a session is, which ones there are.
//!
//! A session's token is 256 random bits, kept by the browser and stored as its SHA-256 alone. It is another one after
//! every proof (sign-in, second factor, step-up, password), so that a token that somebody planted is worth nothing
//! (Security test 62). Nothing of a session is kept in memory: what is ended is refused by the next request, in every
//! process.

use std::net::IpAddr;

use aws_lc_rs::{digest, hmac};
use data_encoding::BASE64URL_NOPAD;
use flero_model::{
    SessionId, Timestamp, UserId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    policy::{Principal, Via},
    secret::SecretString,
};
use flero_store::{
    people::Object,
    sessions::{Session, SessionState, SignIn, Which},
};

use super::{
    attempts::Bucket,
    mfa::{FACTOR_MS, Factor, SignInStep},
    normal_email, password,
};
use crate::{App, AuthFault, Error, Result, random};

/// How long a session may rest, in milliseconds. Source: NIST SP 800-63B-4 section 2.2.3 (AAL2: one hour).
pub const IDLE_MS: i64 = 3_600_000;
/// How long a session lasts at most, in milliseconds. Source: NIST SP 800-63B-4 section 2.2.3 (AAL2: 24 hours).
pub const LASTING_MS: i64 = 86_400_000;
/// How long a proof counts as fresh for a step-up, in milliseconds.
pub const FRESH_MS: i64 = 300_000;
/// How exactly the last request of a session is noted, in milliseconds.
const NOTED_EVERY_MS: i64 = 60_000;
/// The most characters that are kept of what a browser calls itself.
const MAX_USER_AGENT: usize = 200;

/// Where a sign-in comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The network address.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub user_agent: String,
}

impl Origin {
    fn address_text(&self) -> String {
        self.address.map(|address| address.to_string()).unwrap_or_default()
    }

    fn browser(&self) -> String {
        self.user_agent.chars().filter(|letter| !letter.is_control()).take(MAX_USER_AGENT).collect()
    }
}

/// A session that was just begun or renewed, with the token that the browser keeps.
#[derive(Debug)]
pub struct SignedIn {
    /// The token, told this once.
    pub token: SecretString,
    /// What is stored of it.
    pub session: Session,
}

impl SignedIn {
    /// The token against forged requests that belongs to it.
    #[must_use]
    pub fn csrf_token(&self) -> String {
        csrf_token(self.token.expose())
    }
}

/// SHA-256 of a token: what is stored of it.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    out
}

/// A token of 256 random bits, as 43 characters.
pub(crate) fn new_token() -> Result<SecretString> {
    Ok(SecretString::new(BASE64URL_NOPAD.encode(&random::bytes::<32>()?)))
}

/// The token against forged requests (CSRF) of a session. It is derived from the session's own token, so that a cookie
/// that somebody else planted never fits it.
///
/// Source: the signed double-submit cookie of the OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
#[must_use]
pub fn csrf_token(session_token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, session_token.as_bytes());
    BASE64URL_NOPAD.encode(hmac::sign(&key, b"flero csrf token 1").as_ref())
}

/// Whether a presented token against forged requests is the one of a session. Takes the same time wherever it differs.
#[must_use]
pub fn is_csrf_token(session_token: &str, presented: &str) -> bool {
    let expected = csrf_token(session_token);
    aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), presented.as_bytes()).is_ok()
}

impl App {
    /// Signs somebody in by address and password; whoever has a second factor is asked for it then.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] with one and the same answer, after the same work, whether there is such an account
    /// or not; [`Error::TooManyAttempts`].
    pub async fn sign_in(&self, email: &str, secret: SecretString, origin: &Origin) -> Result<SignInStep> {
        let email = normal_email(email);
        let bucket = Bucket::Password(&email);
        self.attempt(bucket, origin.address).await?;
        let account = match self.store().account_by_email(&email).await {
            Ok(account) => Some(account),
            Err(flero_store::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let upgrade = SecretString::new(secret.expose().clone());
        let stored = account.as_ref().map(|account| account.password_hash.clone());
        let is_right = password::verify(secret, stored).await?;
        let Some(account) = account else {
            self.note_nobody(&email).await?;
            return Err(Error::Unauthenticated(AuthFault::Login));
        };
        if !is_right {
            let entry = self.sign_in_entry(account.user, "wrong_password", origin);
            self.store().note_sign_in(entry, Vec::new()).await?;
            return Err(Error::Unauthenticated(AuthFault::Login));
        }
        self.attempt_succeeded(bucket).await?;
        if password::is_outdated(&account.password_hash) {
            let hash = password::hash(upgrade).await?;
            let former = account.password_hash;
            // Somebody who changed it meanwhile was faster, and theirs stands.
            match self.store().set_password(account.user, former, hash, None, None, Vec::new()).await {
                Ok(()) | Err(flero_store::Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let factors = self.store().factors(account.user).await?;
        if factors.has_any() {
            let awaiting = self.begin_awaiting(account.user, origin).await?;
            return Ok(SignInStep::Factor(awaiting, Factor::of(factors)));
        }
        Ok(SignInStep::Done(self.begin_session(account.user, origin).await?))
    }

    /// Begins a session that can do nothing but present a second factor, for five minutes.
    pub(super) async fn begin_awaiting(&self, user: UserId, origin: &Origin) -> Result<SignedIn> {
        self.refuse_shut_out(user, origin).await?;
        let (token, session) = self.draft_session(user, origin)?;
        let ends_at = session.created_at.plus_millis(FACTOR_MS);
        let session = Session { state: SessionState::Factor, idle_ms: FACTOR_MS, ends_at, ..session };
        let entry = self.sign_in_entry(user, "factor_awaited", origin);
        self.store().create_session(session.clone(), Some(entry), Vec::new()).await?;
        Ok(SignedIn { token, session })
    }

    /// Begins a session of somebody who proved who they are.
    pub(crate) async fn begin_session(&self, user: UserId, origin: &Origin) -> Result<SignedIn> {
        self.begin_session_with(user, origin, |session| session).await
    }

    /// The same with something added to the session.
    pub(super) async fn begin_session_with(
        &self,
        user: UserId,
        origin: &Origin,
        complete: impl FnOnce(Session) -> Session,
    ) -> Result<SignedIn> {
        self.refuse_shut_out(user, origin).await?;
        let (token, session) = self.draft_session(user, origin)?;
        let session = complete(session);
        let entry = self.sign_in_entry(user, "success", origin);
        let audit = self.everywhere(user, AuditAction::SignedIn, session.id).await?;
        self.store().create_session(session.clone(), Some(entry), audit).await?;
        Ok(SignedIn { token, session })
    }

    /// Whoever is shut out of every organization of theirs does not sign in. The answer is that of a wrong password.
    async fn refuse_shut_out(&self, user: UserId, origin: &Origin) -> Result<()> {
        if !self.store().is_shut_out(user).await? {
            return Ok(());
        }
        self.store().note_sign_in(self.sign_in_entry(user, "deactivated", origin), Vec::new()).await?;
        Err(Error::Unauthenticated(AuthFault::Login))
    }

    /// A session that is not stored yet.
    pub(super) fn draft_session(&self, user: UserId, origin: &Origin) -> Result<(SecretString, Session)> {
        let (now, token) = (self.now(), new_token()?);
        let session = Session {
            id: SessionId::new(now, random::for_id()?),
            token_hash: token_hash(token.expose()),
            user,
            state: SessionState::Active,
            created_at: now,
            last_seen_at: now,
            idle_ms: IDLE_MS,
            ends_at: now.plus_millis(LASTING_MS),
            proved_at: now,
            address: origin.address_text(),
            user_agent: origin.browser(),
            has_provider_factor: false,
        };
        Ok((token, session))
    }

    pub(super) fn sign_in_entry(&self, user: UserId, outcome: &str, origin: &Origin) -> SignIn {
        SignIn {
            user,
            at: self.now(),
            outcome: outcome.to_owned(),
            address: origin.address_text(),
            user_agent: origin.browser(),
        }
    }

    /// A record for each workspace of a person: what a person does for themselves concerns all of them.
    pub(crate) async fn everywhere(
        &self,
        user: UserId,
        action: AuditAction,
        target: impl ToString,
    ) -> Result<Vec<NewAudit>> {
        let target = target.to_string();
        let record = |workspace| {
            self.record_in(workspace, Actor::User { user }, action, &target, AuditDetail::default())
        };
        let places = self.store().places(user).await?;
        Ok(places.into_iter().map(|place| record(place.membership.workspace)).collect())
    }

    /// Whose session a token is, if it still is one. `None` in the state of an awaited factor as well.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it is over, ended, or never was.
    pub async fn authenticate_session(&self, token: &str) -> Result<Session> {
        let gone = || Error::Unauthenticated(AuthFault::Session);
        let session = match self.store().session_by_hash(&token_hash(token)).await {
            Ok(session) => session,
            Err(flero_store::Error::NotFound) => return Err(gone()),
            Err(error) => return Err(error.into()),
        };
        let now = self.now();
        if session.state != SessionState::Active || session.is_over(now) {
            return Err(gone());
        }
        if now.millis_since(session.last_seen_at) >= NOTED_EVERY_MS {
            self.store().touch_session(session.id, now).await?;
        }
        Ok(session)
    }

    /// The person of a session in a workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the person is no member.
    pub async fn principal_in(&self, session: &Session, workspace: WorkspaceId) -> Result<Principal> {
        let member = self.store().membership(session.user, workspace).await?;
        Ok(Principal {
            user: member.user,
            organization: member.organization,
            organization_role: member.organization_role,
            workspace: member.workspace,
            role: member.role,
            via: Via::Session { id: session.id, fresh: is_fresh(session, self.now()) },
        })
    }

    /// The principal for an object that the request names, if it lies in a workspace of the person.
    ///
    /// # Errors
    /// When the store fails. An object that is missing or foreign is `None`: the caller's own workspace then answers
    /// that it is not there.
    pub async fn principal_for(&self, session: &Session, object: Object) -> Result<Option<Principal>> {
        let home = match self.store().home_of(object).await {
            Ok(home) => home,
            Err(flero_store::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        match self.principal_in(session, home).await {
            Ok(principal) => Ok(Some(principal)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The person's only workspace.
    ///
    /// # Errors
    /// [`Error::WorkspaceRequired`] when there are several or none: nothing is guessed.
    pub async fn only_workspace(&self, user: UserId) -> Result<WorkspaceId> {
        match self.store().places(user).await?.as_slice() {
            [only] => Ok(only.membership.workspace),
            _ => Err(Error::WorkspaceRequired),
        }
    }

    /// Ends a session. A token of no session ends nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        let session = match self.store().session_by_hash(&token_hash(token)).await {
            Ok(session) => session,
            Err(flero_store::Error::NotFound) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let audit = self.everywhere(session.user, AuditAction::SessionsEnded, session.id).await?;
        self.store().end_sessions(session.user, Which::One(session.id), audit).await?;
        Ok(())
    }

    /// The sessions of a person, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_sessions(&self, own: &Session) -> Result<Vec<Session>> {
        Ok(self.store().list_sessions(own.user, self.now()).await?)
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such session, or it is somebody else's.
    pub async fn end_session(&self, own: &Session, id: SessionId) -> Result<()> {
        let audit = self.everywhere(own.user, AuditAction::SessionsEnded, id).await?;
        match self.store().end_sessions(own.user, Which::One(id), audit).await? {
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    }

    /// Ends all of one's sessions but the one that asks; tells how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_other_sessions(&self, own: &Session) -> Result<u64> {
        let audit = self.everywhere(own.user, AuditAction::SessionsEnded, own.user).await?;
        Ok(self.store().end_sessions(own.user, Which::AllBut(own.id), audit).await?)
    }

    /// The last entries of one's history of sign-ins, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_sign_ins(&self, own: &Session, limit: u32) -> Result<Vec<SignIn>> {
        Ok(self.store().list_sign_ins(own.user, limit).await?)
    }

    /// Removes sessions that are over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn prune_sessions(&self) -> Result<u64> {
        Ok(self.store().prune_sessions(self.now()).await?)
    }

    /// Gives a session a new token after a proof.
    pub(super) async fn renew(
        &self,
        own: &Session,
        entry: Option<SignIn>,
        audit: Vec<NewAudit>,
    ) -> Result<SignedIn> {
        self.renew_with(own, |now| now, entry, audit).await
    }

    /// Gives a session a new token; `proved_at` tells when the person last proved who they are, given the present time.
    async fn renew_with(
        &self,
        own: &Session,
        proved_at: impl FnOnce(Timestamp) -> Timestamp,
        entry: Option<SignIn>,
        audit: Vec<NewAudit>,
    ) -> Result<SignedIn> {
        let (now, token) = (self.now(), new_token()?);
        let session = Session {
            token_hash: token_hash(token.expose()),
            state: SessionState::Active,
            last_seen_at: now,
            proved_at: proved_at(now),
            ..own.clone()
        };
        match self.store().renew_session(own.token_hash, session.clone(), entry, audit).await {
            Ok(()) => Ok(SignedIn { token, session }),
            Err(flero_store::Error::NotFound) => Err(Error::Unauthenticated(AuthFault::Session)),
            Err(error) => Err(error.into()),
        }
    }

    /// Proves by password that the person is still the one who signed in; the session gets a new token.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong password; [`Error::Forbidden`] for somebody who has a second factor;
    /// [`Error::TooManyAttempts`].
    pub async fn step_up_by_password(&self, own: &Session, secret: SecretString) -> Result<SignedIn> {
        self.refuse_without_factor(own.user).await?;
        self.check_own_password(own, "/password", secret).await?;
        self.renew(own, None, Vec::new()).await
    }

    async fn check_own_password(&self, own: &Session, pointer: &str, secret: SecretString) -> Result<String> {
        let bucket = Bucket::OwnPassword(own.user);
        self.attempt(bucket, None).await?;
        let account = self.store().account(own.user).await?;
        if !password::verify(secret, Some(account.password_hash.clone())).await? {
            return Err(Error::field(pointer, "person.wrong_password", "This is not your password."));
        }
        self.attempt_succeeded(bucket).await?;
        Ok(account.password_hash)
    }

    /// Changes one's password. Other sessions end unless `keep_others`; the asking one gets a new token.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong present or a bad new password; [`Error::TooManyAttempts`].
    pub async fn change_password(
        &self,
        own: &Session,
        (present, new): (SecretString, SecretString),
        keep_others: bool,
        origin: &Origin,
    ) -> Result<SignedIn> {
        let account = self.store().account(own.user).await?;
        if let Some(problem) =
            password::problem("/newPassword", &new, &[&account.name, &account.email, "flero"])
        {
            return Err(Error::Invalid(vec![problem]));
        }
        let former = self.check_own_password(own, "/password", present).await?;
        let hash = password::hash(new).await?;
        let audit = self.everywhere(own.user, AuditAction::PasswordChanged, own.user).await?;
        let end = (!keep_others).then_some(Which::AllBut(own.id));
        let entry = self.sign_in_entry(own.user, "password_changed", origin);
        self.store().set_password(own.user, former, hash, end, Some(entry), audit).await?;
        // A password is no fresh proof of somebody who has a second factor.
        let proved_at = own.proved_at;
        let has_factor = self.store().factors(own.user).await?.has_any();
        self.renew_with(own, |now| if has_factor { proved_at } else { now }, None, Vec::new()).await
    }
}

/// Whether the last proof is fresh enough for a step-up.
#[must_use]
pub const fn is_fresh(session: &Session, now: Timestamp) -> bool {
    let age = now.millis_since(session.proved_at);
    age >= 0 && age < FRESH_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 62: a token against forged requests fits its own session alone.
    #[test]
    fn a_csrf_token_belongs_to_one_session() {
        let token = csrf_token("one");
        assert!(is_csrf_token("one", &token) && !is_csrf_token("two", &token));
        for wrong in ["", "x", &token[1..]] {
            assert!(!is_csrf_token("one", wrong));
        }
    }
}
