//! Save: the tokens of an attempt become those of its credential.

use flero_connect::{CREDENTIAL_FIELD, oauth::VERIFIER_FIELD};
use flero_keyring::Binding;
use flero_model::{
    OauthAttemptId, Timestamp,
    audit::{AuditAction, AuditDetail},
    credential::{Credential, Status},
    policy::Principal,
};
use flero_store::{
    credentials::CredentialChange,
    keys::SealedSecret,
    oauth::{Attempt, AttemptStatus, Grant, TOKENS_FIELD},
};

use super::super::fields::{Faults, check_labels};
use crate::{App, Error, Result};

/// What Save gives besides the attempt.
#[derive(Debug, Default)]
pub struct SaveAttempt {
    /// The display name; a reconnected credential keeps its own unless told.
    pub name: Option<String>,
    /// Free text for people.
    pub notes: Option<String>,
    /// When it stops being usable.
    pub expires_at: Option<Timestamp>,
    /// After how many days a rotation is due.
    pub rotate_every_days: Option<u32>,
    /// Whether another account than before is meant.
    pub other_account: bool,
}

impl App {
    /// Makes the credential of a connected attempt, or gives the credential its new grant. Returns whether it is new.
    ///
    /// # Errors
    /// [`Error::NotFound`] for somebody else's attempt; [`Error::AttemptNotConnected`]; [`Error::AccountChanged`]
    /// when a reconnected credential would change its account; [`Error::Changed`] when its policy was edited since;
    /// [`Error::Invalid`]; [`Error::Forbidden`].
    pub async fn save_oauth_attempt(
        &self,
        who: &Principal,
        id: OauthAttemptId,
        save: SaveAttempt,
    ) -> Result<(Credential, bool)> {
        let attempt = self.own_attempt(who, id).await?;
        if attempt.status != AttemptStatus::Connected || attempt.expires_at <= self.now() {
            return Err(Error::AttemptNotConnected);
        }
        if attempt.reconnects {
            return Ok((self.save_reconnect(who, attempt, &save).await?, false));
        }
        self.may_create(who, attempt.draft.scope).await?;
        let now = self.now();
        let mut credential = attempt.draft.clone();
        credential.name = save.name.unwrap_or(credential.name).trim().to_owned();
        credential.notes = save.notes.unwrap_or(credential.notes);
        credential.expires_at = save.expires_at.or(credential.expires_at);
        credential.rotate_every_days = save.rotate_every_days.or(credential.rotate_every_days);
        credential.account.clone_from(&attempt.account);
        credential.created_at = now;
        credential.updated_at = now;
        credential.secret_changed_at = now;
        let mut faults = Faults::default();
        check_labels(
            &credential.name,
            &credential.notes,
            credential.expires_at,
            credential.rotate_every_days,
            now,
            &mut faults,
        );
        if !faults.0.is_empty() {
            return Err(Error::Invalid(faults.0));
        }
        let secrets = self.adopt(&attempt, &credential, 1, true).await?;
        let detail = AuditDetail {
            name: Some(credential.name.clone()),
            to: Some(credential.scope.as_str().to_owned()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialCreated, credential.id, detail);
        let change = CredentialChange { credential, secrets, destroy: Vec::new(), audit: vec![record] };
        let grant = Grant { revision: 1, ..attempt.grant };
        let made = self.store().save_attempt(id, change, grant, None).await.map_err(conflict)?;
        Ok((self.store().get_credential(made.id).await?, true))
    }

    async fn save_reconnect(
        &self,
        who: &Principal,
        attempt: Attempt,
        save: &SaveAttempt,
    ) -> Result<Credential> {
        let mut credential = self.living_credential(who, attempt.draft.id).await?;
        if credential.policy.canonical_bytes() != attempt.draft.policy.canonical_bytes()
            || credential.scope != attempt.draft.scope
        {
            return Err(Error::Changed);
        }
        let former = self.store().get_grant(credential.id).await?;
        let known = former.as_ref().and_then(|former| former.grant.account_key.as_deref());
        let is_other = match (known, attempt.grant.account_key.as_deref()) {
            (Some(known), Some(new)) => known != new,
            // Without a key the name is all that there is to compare.
            _ => {
                credential.account.is_some()
                    && attempt.account.is_some()
                    && credential.account != attempt.account
            }
        };
        if is_other && !save.other_account {
            return Err(Error::AccountChanged);
        }
        let revision = former.as_ref().map_or(0, |former| former.grant.revision) + 1;
        let secrets = self.adopt(&attempt, &credential, revision, false).await?;
        let revoke = match former.filter(|former| is_other && former.tokens.is_some()) {
            Some(former) => self.revocation_of(&credential, &former).await?,
            None => None,
        };
        if let Some(name) = &save.name {
            credential.name = name.trim().to_owned();
        }
        credential.account = attempt.account.clone().or(credential.account);
        credential.status = Status::Active;
        credential.updated_at = self.now();
        credential.secret_changed_at = self.now();
        let detail = AuditDetail {
            outcome: Some(if is_other { "other_account" } else { "same_account" }.to_owned()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialReconnected, credential.id, detail);
        let change = CredentialChange { credential, secrets, destroy: Vec::new(), audit: vec![record] };
        let id = change.credential.id;
        let grant = Grant { revision, ..attempt.grant };
        let saved = self.store().save_attempt(attempt.id, change, grant, revoke).await;
        self.credential_changed(id);
        saved.map_err(conflict)
    }

    /// The secrets of an attempt, sealed for its credential.
    async fn adopt(
        &self,
        attempt: &Attempt,
        credential: &Credential,
        revision: u64,
        with_data: bool,
    ) -> Result<Vec<SealedSecret>> {
        let owner = attempt.id.to_string();
        let mut adopted = Vec::new();
        for sealed in self.store().secrets_of(owner.clone()).await? {
            let field = sealed.address.field.as_str();
            let to = match field {
                TOKENS_FIELD => Binding::of_tokens(credential, revision),
                CREDENTIAL_FIELD if with_data => Binding::of_credential(credential, CREDENTIAL_FIELD),
                CREDENTIAL_FIELD | VERIFIER_FIELD => continue,
                _ => continue,
            };
            let from = Binding::of_record(&owner, &attempt.draft, field);
            adopted.push(self.0.keyring.rebind(&sealed.blob, &from, &to).await?);
        }
        Ok(adopted)
    }
}

/// Somebody saved the same attempt, or changed the credential, a moment earlier.
fn conflict(error: flero_store::Error) -> Error {
    match error {
        flero_store::Error::Conflict | flero_store::Error::Refused { .. } => Error::Changed,
        error => error.into(),
    }
}
