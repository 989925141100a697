//! What an edit, a rotation and a copy of an `oauth2` credential mean for its tokens.

use flero_connect::oauth::Settings;
use flero_model::credential::{AuthType, Credential, Status};
use flero_store::{
    credentials::CredentialChange,
    keys::{SecretAddress, SecretSlot},
    oauth::TOKENS_FIELD,
};

use crate::{App, Error, Result};

/// The place of a credential's token set.
pub(in crate::credentials) fn tokens_address(credential: &Credential) -> SecretAddress {
    SecretAddress {
        owner: credential.id.to_string(),
        field: TOKENS_FIELD.to_owned(),
        slot: SecretSlot::Current,
    }
}

/// A copy as it is stored: the tokens stay with the original, because two credentials that share a refresh token end
/// each other's. A grant that needs nobody is asked for with the first use; any other waits for Reconnect.
pub(in crate::credentials) fn copied(mut copy: Credential) -> Credential {
    if copy.policy.auth_type == AuthType::Oauth2
        && Settings::read(&copy.policy).is_ok_and(|settings| settings.grant.needs_person())
    {
        copy.status = Status::Expired;
        copy.account = None;
    }
    copy
}

impl App {
    /// Lets the tokens follow a change: they stay while policy and scope stay, move along when the policy becomes
    /// narrower or the scope changes, and are destroyed otherwise, so that they never go where nobody allowed them to go. A grant that needs nobody is
    /// asked for anew with the next use.
    ///
    /// # Errors
    /// [`Error::Changed`] while the token set is being renewed.
    pub(in crate::credentials) async fn tokens_follow(
        &self,
        current: &Credential,
        change: &mut CredentialChange,
        has_new_secret: bool,
    ) -> Result<()> {
        if current.policy.auth_type != AuthType::Oauth2 {
            return Ok(());
        }
        let to = &change.credential;
        let same =
            to.policy.canonical_bytes() == current.policy.canonical_bytes() && to.scope == current.scope;
        let needs_person = Settings::read(&to.policy).is_ok_and(|settings| settings.grant.needs_person());
        let fresh_ones = has_new_secret && !needs_person;
        if same && !fresh_ones {
            return Ok(());
        }
        if fresh_ones || !to.policy.is_same_or_narrower_than(&current.policy) {
            change.destroy.push(tokens_address(current));
            if needs_person {
                change.credential.status = Status::Expired;
            }
            return Ok(());
        }
        let Some(stored) = self.store().get_grant(current.id).await? else { return Ok(()) };
        if stored.leased_until.is_some_and(|until| until > self.now()) {
            return Err(Error::Changed);
        }
        if let Some(tokens) = &stored.tokens {
            let revision = stored.grant.revision + 1;
            let resealed = self.0.keyring.reseal(tokens, current, &change.credential, revision, None).await?;
            change.secrets.push(resealed);
        }
        Ok(())
    }
}
