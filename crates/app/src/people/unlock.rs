//! Opening an account again: one that too many failures closed, and one whose password is lost.
//!
//! An owner of the organization ends the wait, and no more: whoever comes in still proves who they are. A new password is
//! given at the machine alone, where whoever can run the program on the data folder holds the data already.

use flero_model::{
    UserId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    policy::{Action, Principal},
    secret::SecretString,
};
use flero_store::{
    people::Account,
    sessions::{SignIn, Which},
};

use super::{attempts::Bucket, normal_email, password, sessions::Origin};
use crate::{App, Error, Result, app::permit};

impl App {
    /// Forgets the failed attempts of a member of the caller's organization: passwords, and second factors. A few times a
    /// day, or an owner could guess a member's factors without end.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::TooManyAttempts`].
    pub async fn unlock_member(&self, who: &Principal, user: UserId) -> Result<()> {
        permit(who, Action::ChangeOrganizationMember)?;
        self.store().organization_role(user, who.organization).await?;
        let account = self.store().account(user).await?;
        self.attempt(Bucket::Unlock(user), None).await?;
        let record = self.record(who, AuditAction::MemberUnlocked, user, AuditDetail::default());
        self.forget_attempts(&account, vec![record]).await
    }

    /// Forgets the failed attempts on an account, for the command line.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no account has the address.
    pub async fn unlock_account(&self, email: &str) -> Result<UserId> {
        let account = self.store().account_by_email(&normal_email(email)).await?;
        let audit = self.by_operator(account.user, AuditAction::MemberUnlocked).await?;
        self.forget_attempts(&account, audit).await?;
        Ok(account.user)
    }

    /// Gives an account another password, for the command line. Every session of it ends, failed attempts are forgotten,
    /// and a second factor is asked for as before.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no account has the address; [`Error::Invalid`] for a password that is not taken.
    pub async fn replace_password(&self, email: &str, secret: SecretString) -> Result<UserId> {
        let account = self.store().account_by_email(&normal_email(email)).await?;
        let about = [account.name.as_str(), account.email.as_str(), "flero"];
        if let Some(problem) = password::problem("/password", &secret, &about) {
            return Err(Error::Invalid(vec![problem]));
        }
        let (user, hash) = (account.user, password::hash(secret).await?);
        let audit = self.by_operator(user, AuditAction::PasswordChanged).await?;
        let entry: SignIn = self.sign_in_entry(user, "password_replaced", &Origin::default());
        let former = account.password_hash.clone();
        self.store().set_password(user, former, hash, Some(Which::All), Some(entry), audit).await?;
        self.forget_attempts(&account, Vec::new()).await?;
        Ok(user)
    }

    async fn forget_attempts(&self, account: &Account, audit: Vec<NewAudit>) -> Result<()> {
        let user = account.user;
        let buckets = [Bucket::Password(&account.email), Bucket::Factor(user), Bucket::OwnPassword(user)];
        let keys = buckets.into_iter().map(Bucket::key).collect();
        Ok(self.store().clear_attempts(keys, audit).await?)
    }

    /// A record for each workspace of a person of what was done at the machine, where nobody is signed in.
    async fn by_operator(&self, user: UserId, action: AuditAction) -> Result<Vec<NewAudit>> {
        let detail = AuditDetail { outcome: Some("command_line".to_owned()), ..AuditDetail::default() };
        let places = self.store().places(user).await?;
        let record = |place: flero_store::people::Place| {
            self.record_in(place.membership.workspace, Actor::System, action, user, detail.clone())
        };
        Ok(places.into_iter().map(record).collect())
    }
}
