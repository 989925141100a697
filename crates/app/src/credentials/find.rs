//! Finding a credential for a caller: foreign, missing and deleted ones are one answer, and recorded.

use flero_model::{
    CredentialId, Timestamp,
    credential::{AuthType, Belonging, Credential, Policy, Scope, Status},
    policy::{Action, Principal},
};

use crate::{App, Error, Result, app::permit};

impl App {
    /// Whether the caller may add a credential of a scope: by the matrix, and by the organization's policy.
    pub(super) async fn may_create(&self, who: &Principal, scope: Scope) -> Result<()> {
        permit(who, Action::CreateCredential(scope))?;
        if scope == Scope::Personal && !self.policies_of(who).await?.personal_credentials.allows(who.role) {
            let message = "Your organization does not let you have Personal credentials.";
            return Err(Error::field("/scope", "policy.personal_credentials", message));
        }
        Ok(())
    }

    /// A credential that the caller may see.
    pub(super) async fn readable_credential(&self, who: &Principal, id: CredentialId) -> Result<Credential> {
        // What the caller lacks in general is said before anything is looked up, so that it says nothing of `id`.
        permit(who, Action::ReadCredential(&sample(who)))?;
        self.find_credential(who, id, |credential| Action::ReadCredential(credential)).await
    }

    /// A credential that the caller may change.
    pub(super) async fn manageable_credential(
        &self,
        who: &Principal,
        id: CredentialId,
    ) -> Result<Credential> {
        permit(who, Action::ManageCredential(&sample(who)))?;
        self.find_credential(who, id, |credential| Action::ManageCredential(credential)).await
    }

    /// A credential that the caller may change and that still has a secret.
    pub(super) async fn living_credential(&self, who: &Principal, id: CredentialId) -> Result<Credential> {
        let credential = self.manageable_credential(who, id).await?;
        if credential.status == Status::Revoked { Err(Error::CredentialRevoked) } else { Ok(credential) }
    }

    /// Finds a credential for an act. A refusal that hides it is recorded (Security test 21).
    pub(crate) async fn find_credential(
        &self,
        who: &Principal,
        id: CredentialId,
        act: for<'c> fn(&'c Credential) -> Action<'c>,
    ) -> Result<Credential> {
        let found = match self.store().get_credential(id).await {
            Ok(credential) => permit(who, act(&credential)).map(|()| credential),
            Err(flero_store::Error::NotFound) => Err(Error::NotFound),
            Err(error) => return Err(error.into()),
        };
        if matches!(found, Err(Error::NotFound)) {
            self.note_denied(who, id).await?;
        }
        found
    }
}

/// A credential that the caller would own. Asking the policy about it tells what the caller lacks in general, before
/// any look-up, so that a refusal says nothing of what exists.
pub(crate) fn sample(who: &Principal) -> Credential {
    let belonging = Belonging { organization: who.organization, workspace: who.workspace, owner: who.user };
    let policy = Policy {
        service: String::new(),
        auth_type: AuthType::Bearer,
        allowed_hosts: Vec::new(),
        parameters: serde_json::Map::new(),
    };
    let (id, at) = (CredentialId::from_u128(0), Timestamp::default());
    Credential::new(id, belonging, "", Scope::Personal, policy, at)
}
