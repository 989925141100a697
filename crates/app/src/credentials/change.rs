//! Making a credential, and what every change of one has in common.

use flero_connect::{CREDENTIAL_FIELD, oauth::Settings};
use flero_model::{
    CredentialId,
    audit::{AuditAction, AuditDetail, NewAudit},
    credential::{AuthType, Belonging, Credential, Policy, Status},
    policy::Principal,
    secret::SecretBytes,
};
use flero_store::{
    credentials::CredentialChange,
    keys::{SealedSecret, SecretAddress, SecretSlot},
};

use super::{
    NewCredential,
    fields::{self, Faults, Needed, check_labels, check_secret, read_policy},
    oauth::without_client,
};
use crate::{App, Error, Result, random};

/// The place of a credential's own secret, the present or the former one.
pub(super) fn data_address(id: CredentialId, slot: SecretSlot) -> SecretAddress {
    SecretAddress { owner: id.to_string(), field: CREDENTIAL_FIELD.to_owned(), slot }
}

/// What somebody is told whose organization does not allow a service.
pub(super) const NO_SUCH_SERVICE: &str = "Your organization does not use this service with Flero.";

/// How often sealing is tried when the scope's key is exchanged at the same moment.
const SEAL_ATTEMPTS: usize = 3;

/// What is sealed for a credential as it is to be.
#[derive(Clone, Copy)]
pub(super) enum SecretSource<'s> {
    /// A document that was submitted.
    New(&'s SecretBytes),
    /// The stored secret of the credential as it was, with changes of its members, if there are any.
    Stored { sealed: &'s SealedSecret, changes: &'s SecretBytes, has_changes: bool },
}

impl App {
    /// Makes a credential. Its secret is sealed before it reaches the store.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::Unavailable`] when the vault is sealed.
    pub async fn create_credential(&self, who: &Principal, mut new: NewCredential) -> Result<Credential> {
        new.data.flatten_key_file(new.auth_type);
        self.may_create(who, new.scope).await?;
        let mut faults = Faults::default();
        check_labels(&new.name, &new.notes, new.expires_at, new.rotate_every_days, self.now(), &mut faults);
        let mut policy = self.check_new(who, &new, faults).await?;
        self.discover(who, &mut policy).await?;
        let mut credential = self.new_row(who, &new, policy)?;
        if Settings::read(&credential.policy).is_ok_and(|settings| settings.grant.needs_person())
            && credential.policy.auth_type == AuthType::Oauth2
        {
            // Nobody has connected it yet.
            credential.status = Status::Expired;
        }
        let detail = AuditDetail {
            name: Some(credential.name.clone()),
            secret_revision: Some(credential.secret_revision),
            to: Some(new.scope.as_str().to_owned()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialCreated, credential.id, detail);
        let document = new.data.document();
        credential.secret_ends_at = flero_connect::secret_ends_at(&credential.policy, &document);
        self.store_new(&credential, &document, vec![record]).await?;
        Ok(self.store().get_credential(credential.id).await?)
    }

    /// The row of a new credential.
    pub(super) fn new_row(&self, who: &Principal, new: &NewCredential, policy: Policy) -> Result<Credential> {
        let now = self.now();
        let id = CredentialId::new(now, random::for_id()?);
        let belonging =
            Belonging { organization: who.organization, workspace: who.workspace, owner: who.user };
        Ok(Credential {
            secret_fields: new.data.names(),
            account: fields::account_of(policy.auth_type, &new.data),
            notes: new.notes.clone(),
            expires_at: new.expires_at,
            rotate_every_days: new.rotate_every_days,
            ..Credential::new(id, belonging, new.name.trim(), new.scope, policy, now)
        })
    }

    /// Checks the policy and the secret of a submitted credential, beside faults that were found already.
    pub(super) async fn check_new(
        &self,
        who: &Principal,
        new: &NewCredential,
        mut faults: Faults,
    ) -> Result<Policy> {
        if !self.policies_of(who).await?.allows_connector(&new.service) {
            faults.add("/service", "policy.connector", NO_SUCH_SERVICE);
        }
        let described = self.described(who, &new.service).await?;
        let mut parameters = new.parameters.clone();
        fields::complete(new.auth_type, &mut parameters, &new.data, None);
        self.choose_app(who, new.scope, described.as_ref(), new.auth_type, &mut parameters).await?;
        let described = without_client(described, &parameters);
        let (service, hosts) = (&new.service, &new.allowed_hosts);
        let policy = read_policy(service, described.as_ref(), new.auth_type, parameters, hosts, &mut faults);
        if let Some(policy) = &policy {
            check_secret(policy, described.as_ref(), &new.data, Needed::Whole, &mut faults);
        }
        match policy {
            Some(policy) if faults.0.is_empty() => Ok(policy),
            _ => Err(Error::Invalid(faults.0)),
        }
    }

    async fn store_new(
        &self,
        credential: &Credential,
        document: &SecretBytes,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        for attempt in 1.. {
            let sealed = self.0.keyring.seal_credential(credential, CREDENTIAL_FIELD, document).await?;
            let change = CredentialChange {
                credential: credential.clone(),
                secrets: vec![sealed],
                destroy: Vec::new(),
                audit: audit.clone(),
            };
            match self.store().create_credential(change).await {
                // The key went out of use between sealing and storing.
                Err(flero_store::Error::Refused { .. }) if attempt < SEAL_ATTEMPTS => {
                    self.0.keyring.refresh().await?;
                }
                result => return Ok(result?),
            }
        }
        Ok(())
    }

    /// Seals the secret of a change to the credential as it was before, lets its tokens follow, and stores all of it.
    /// When the scope's key goes out of use in between, they are sealed again under the new one.
    pub(super) async fn store_sealed(
        &self,
        before: &Credential,
        change: CredentialChange,
        secret: SecretSource<'_>,
    ) -> Result<Credential> {
        let id = before.id;
        for attempt in 1.. {
            let mut change = change.clone();
            if let SecretSource::New(document) = secret {
                change.credential.secret_ends_at =
                    flero_connect::secret_ends_at(&change.credential.policy, document);
            }
            let to = &change.credential;
            let sealed = match secret {
                SecretSource::New(document) => {
                    self.0.keyring.seal_credential(to, CREDENTIAL_FIELD, document).await?
                }
                SecretSource::Stored { sealed, changes, .. } => {
                    self.0.keyring.reseal(sealed, before, to, to.secret_revision, Some(changes)).await?
                }
            };
            change.secrets.push(sealed);
            let has_new_secret = !matches!(secret, SecretSource::Stored { has_changes: false, .. });
            self.tokens_follow(before, &mut change, has_new_secret).await?;
            let stored = self.store().update_credential(change).await;
            self.credential_changed(id);
            match stored {
                Err(flero_store::Error::Refused { .. }) if attempt < SEAL_ATTEMPTS => {
                    self.0.keyring.refresh().await?;
                }
                Err(flero_store::Error::Refused { .. }) => return Err(Error::Changed),
                stored => return Ok(stored?),
            }
        }
        Err(Error::Changed)
    }

    /// Stores a change and drops what is kept of the credential in this process.
    pub(super) async fn store_change(&self, change: CredentialChange) -> Result<Credential> {
        let id = change.credential.id;
        let stored = self.store().update_credential(change).await;
        self.credential_changed(id);
        match stored {
            // The scope's key was exchanged between sealing and storing: nothing was changed, and the next try seals
            // under the new one.
            Err(flero_store::Error::Refused { .. }) => Err(Error::Changed),
            stored => Ok(stored?),
        }
    }
}
