//! Leaving for good: one's own account, and somebody whom an organization removes.
//!
//! The trail names people by their identifiers alone, so that it keeps who did what, and its chain, when the person
//! behind an identifier is forgotten.

use flero_model::{
    UserId,
    audit::{Actor, AuditAction, AuditDetail},
    policy::{Action, Principal},
};
use flero_store::{
    people::{Belonging, Departure},
    sessions::Session,
};

use super::{members::keep_owner, normal_email, sessions::is_fresh};
use crate::{
    App, Error, Refusal, Result,
    app::{actor, permit},
};

impl App {
    /// Deletes one's own account. `confirm` is its address, typed again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a fresh proof; [`Error::Invalid`]; [`Error::LastOwner`] while a workspace or the
    /// organization has no other owner.
    pub async fn delete_own_account(&self, own: &Session, confirm: &str) -> Result<()> {
        if !is_fresh(own, self.now()) {
            return Err(Error::Forbidden(Refusal::StepUp));
        }
        let departure = Departure {
            user: own.user,
            organization: None,
            belongings: Vec::new(),
            actor: Actor::User { user: own.user },
            at: self.now(),
            audit: self.everywhere(own.user, AuditAction::PersonDeleted, own.user).await?,
        };
        self.depart(departure, confirm).await
    }

    /// Removes somebody from the caller's organization with all that is theirs alone; whose only organization it is has
    /// no account afterwards. `confirm` is their address.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`]; [`Error::LastOwner`].
    pub async fn remove_organization_member(
        &self,
        who: &Principal,
        user: UserId,
        confirm: &str,
    ) -> Result<()> {
        permit(who, Action::ChangeOrganizationMember)?;
        let record = self.record(who, AuditAction::OrganizationMemberRemoved, user, AuditDetail::default());
        let departure = Departure {
            user,
            organization: Some(who.organization),
            belongings: Vec::new(),
            actor: actor(who),
            at: self.now(),
            audit: vec![record],
        };
        self.depart(departure, confirm).await
    }

    async fn depart(&self, mut departure: Departure, confirm: &str) -> Result<()> {
        let user = departure.user;
        // Whoever is no member is not there, whatever was typed.
        let credentials = self.store().belongings(user, departure.organization).await?;
        if normal_email(confirm) != self.store().account(user).await?.email {
            let message = "Confirm with the person's address: ?confirm=<address>.";
            return Err(Error::field("/confirm", "person.confirm", message));
        }
        for credential in credentials {
            let revoke = self.revocation(&credential).await?;
            let detail = AuditDetail::named(credential.name);
            let (place, action) = (credential.workspace_id, AuditAction::CredentialDeleted);
            let audit = self.record_in(place, departure.actor, action, credential.id, detail);
            departure.belongings.push(Belonging { credential: credential.id, audit, revoke });
        }
        let gone: Vec<_> = departure.belongings.iter().map(|one| one.credential).collect();
        let departed = self.store().depart(departure).await;
        gone.into_iter().for_each(|credential| self.credential_changed(credential));
        self.0.keys.forget_all();
        self.wake_outbox();
        departed.map_err(keep_owner)
    }
}
