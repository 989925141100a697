//! One's own identities: linking one with proof of both sides, and unlinking it.

use flero_connect::oauth::openid::IdClaims;
use flero_model::{IdentityId, audit::AuditAction, identity::IdentityProvider};
use flero_store::{
    identity::{Identity, OpenidAttempt},
    sessions::Session,
};

use super::callback::{OpenidLanding, OpenidRefusal, Step, refused};
use crate::{
    App, Error, Refusal, Result,
    people::{normal_email, sessions::is_fresh},
};

/// An identity with the name of its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedIdentity {
    /// The identity.
    pub identity: Identity,
    /// What its provider is called.
    pub provider_name: String,
}

impl App {
    /// Links the identity to the account of the session that began the attempt, which must be the one that came back.
    pub(super) async fn link(
        &self,
        provider: &IdentityProvider,
        attempt: &OpenidAttempt,
        session: Option<Session>,
        claims: &IdClaims,
    ) -> Step<OpenidLanding> {
        let Some(own) = session.filter(|session| Some(session.id) == attempt.links) else {
            return Ok(Err(refused("other_session", OpenidRefusal::Unknown)));
        };
        match self.store().organization_role(own.user, provider.organization_id).await {
            Ok(_) => {}
            Err(flero_store::Error::NotFound) => {
                return Ok(Err(refused("not_a_member", OpenidRefusal::NotAllowed)));
            }
            Err(error) => return Err(error.into()),
        }
        let linked = OpenidLanding::Linked(attempt.return_to.clone());
        let email = claims.email(true).map(normal_email).unwrap_or_default();
        let identity = self.new_identity(provider, own.user, &claims.subject, email)?;
        let audit = self.everywhere(own.user, AuditAction::IdentityLinked, identity.id).await?;
        match self.store().link_identity(identity, audit).await {
            Ok(()) => Ok(Ok(linked)),
            Err(flero_store::Error::Taken { .. }) => {
                let known = self.store().identity(provider.id, &provider.issuer, &claims.subject).await?;
                let is_own = known.user == own.user;
                Ok(if is_own { Ok(linked) } else { Err(refused("identity_taken", OpenidRefusal::Taken)) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// One's identities, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn identities(&self, own: &Session) -> Result<Vec<LinkedIdentity>> {
        let mut linked = Vec::new();
        for identity in self.store().identities(own.user).await? {
            let provider_name = self.store().identity_provider(identity.provider).await?.provider.name;
            linked.push(LinkedIdentity { identity, provider_name });
        }
        Ok(linked)
    }

    /// Unlinks an identity. What is left must be enough to sign in with.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a fresh proof; [`Error::NotFound`]; [`Error::LastSignIn`].
    pub async fn unlink_identity(&self, own: &Session, id: IdentityId) -> Result<()> {
        if !is_fresh(own, self.now()) {
            return Err(Error::Forbidden(Refusal::StepUp));
        }
        let audit = self.everywhere(own.user, AuditAction::IdentityUnlinked, id).await?;
        match self.store().unlink_identity(own.user, id, audit).await {
            Err(flero_store::Error::Refused { .. }) => Err(Error::LastSignIn),
            done => Ok(done?),
        }
    }
}
