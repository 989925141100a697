//! Beginning an attempt.

use std::time::Duration;

use flero_connect::{
    CREDENTIAL_FIELD,
    oauth::{GrantType, Settings},
};
use flero_keyring::Binding;
use flero_model::{
    CredentialId, OauthAttemptId, Timestamp,
    audit::{AuditAction, AuditDetail},
    credential::{AuthType, Credential},
    policy::Principal,
    secret::SecretString,
};
use flero_store::{
    keys::SealedSecret,
    oauth::{Attempt, AttemptStatus, Grant},
};

use super::{
    super::{NewCredential, fields::Faults},
    ATTEMPT_LIFE_MS, bound_to, callback_name,
    settings::fault,
    state_hash,
};
use crate::{App, Error, Result, random};

/// What an attempt is for.
#[derive(Debug)]
pub enum Target {
    /// A credential that is to be made.
    New(Box<NewCredential>),
    /// A credential that gets a new grant and keeps its identifier.
    Reconnect(CredentialId),
}

/// An attempt that has begun.
#[derive(Debug)]
pub struct Started {
    /// Its identifier.
    pub id: OauthAttemptId,
    /// The reserved identifier of the credential.
    pub credential: CredentialId,
    /// What the person opens.
    pub authorization_url: String,
    /// What the service must have registered as redirect URI.
    pub redirect_uri: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What the person types at the address, for a device code.
    pub user_code: Option<String>,
}

impl App {
    /// Begins an attempt to connect an account.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] when the settings lack something or the service
    /// does not take the request; [`Error::Unavailable`].
    pub async fn start_oauth(&self, who: &Principal, target: Target) -> Result<Started> {
        let id = OauthAttemptId::new(self.now(), random::for_id()?);
        let owner = id.to_string();
        let (draft, data, reconnects, requires_issuer) = match target {
            Target::New(new) => {
                self.may_create(who, new.scope).await?;
                let mut policy = self.check_new(who, &new, Faults::default()).await?;
                let requires_issuer = self.discover(who, &mut policy).await?;
                let draft = self.new_row(who, &new, policy)?;
                let binding = Binding::of_record(&owner, &draft, CREDENTIAL_FIELD);
                let data = self.0.keyring.seal(&binding, &new.data.document()).await?;
                (draft, data, false, requires_issuer)
            }
            Target::Reconnect(credential) => {
                let draft = self.living_credential(who, credential).await?;
                let data = self.copy_data(&draft, &owner).await?;
                // The addresses are the stored ones; only whether answers name their issuer is asked again.
                let requires_issuer = self.discover(who, &mut draft.policy.clone()).await.unwrap_or(false);
                (draft, data, true, requires_issuer)
            }
        };
        let settings = self.settings_with_person(&draft)?;
        let redirect_uri = format!("{}/oauth/callback/{}", self.0.public_url, callback_name(&draft));
        if settings.grant == GrantType::DeviceCode {
            return self.start_device(who, id, draft, data, reconnects).await;
        }
        let state = SecretString::new(data_encoding::BASE64URL_NOPAD.encode(&random::bytes::<32>()?));
        let begun = self
            .0
            .connect
            .begin_authorization(&draft, &owner, &data, &redirect_uri, &state)
            .await
            .map_err(fault)?;
        let mut attempt = self.new_attempt(who, id, draft, reconnects);
        attempt.state_hash = state_hash(state.expose());
        attempt.redirect_uri.clone_from(&redirect_uri);
        attempt.issuer = settings.issuer().map(str::to_owned);
        attempt.requires_issuer = requires_issuer;
        let (credential, expires_at) = (attempt.draft.id, attempt.expires_at);
        let secrets = std::iter::once(data).chain(begun.secrets).collect();
        self.store_attempt(who, attempt, secrets).await?;
        Ok(Started {
            id,
            credential,
            authorization_url: begun.authorization_url,
            redirect_uri,
            expires_at,
            user_code: None,
        })
    }

    /// Begins an attempt whose person types a code at the service (RFC 8628), and polls for its end.
    async fn start_device(
        &self,
        who: &Principal,
        id: OauthAttemptId,
        draft: Credential,
        data: SealedSecret,
        reconnects: bool,
    ) -> Result<Started> {
        let code = self.0.connect.begin_device(&draft, &id.to_string(), &data).await.map_err(fault)?;
        let mut attempt = self.new_attempt(who, id, draft, reconnects);
        // No callback ever presents this.
        attempt.state_hash = random::bytes::<32>()?;
        let (credential, expires_at) = (attempt.draft.id, attempt.expires_at);
        self.store_attempt(who, attempt.clone(), vec![data, code.secret]).await?;
        let app = self.clone();
        tokio::spawn(async move {
            // An attempt that has ended takes no tokens, so none are asked for any more.
            let life = code.life.min(Duration::from_millis(ATTEMPT_LIFE_MS.unsigned_abs()));
            let polled = app.0.connect.poll_device(&attempt, code.interval, life).await;
            let noted = match polled {
                Ok(consent) => app.connected(attempt, consent, AttemptStatus::Pending).await,
                Err(fault) => app.fail(attempt, fault.word().to_owned(), fault.sentence()).await,
            };
            if let Err(error) = noted {
                tracing::warn!(attempt = %id, %error, "the end of an attempt could not be noted");
            }
        });
        Ok(Started {
            id,
            credential,
            authorization_url: code.verification_uri_complete.unwrap_or(code.verification_uri),
            redirect_uri: String::new(),
            expires_at,
            user_code: Some(code.user_code),
        })
    }

    fn new_attempt(
        &self,
        who: &Principal,
        id: OauthAttemptId,
        draft: Credential,
        reconnects: bool,
    ) -> Attempt {
        let now = self.now();
        Attempt {
            id,
            workspace: who.workspace,
            user: who.user,
            bound_to: bound_to(who),
            state_hash: [0; 32],
            status: AttemptStatus::Pending,
            reconnects,
            redirect_uri: String::new(),
            issuer: None,
            requires_issuer: false,
            grant: Grant::default(),
            account: None,
            error: None,
            message: None,
            created_at: now,
            expires_at: now.plus_millis(ATTEMPT_LIFE_MS),
            draft,
        }
    }

    async fn store_attempt(
        &self,
        who: &Principal,
        attempt: Attempt,
        secrets: Vec<SealedSecret>,
    ) -> Result<()> {
        let detail = AuditDetail { credential: Some(attempt.draft.id), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::OauthStarted, attempt.id, detail);
        Ok(self.store().create_attempt(attempt, secrets, vec![record]).await?)
    }

    /// The settings, if a person is needed at all.
    fn settings_with_person(&self, draft: &Credential) -> Result<Settings> {
        if draft.policy.auth_type != AuthType::Oauth2 {
            let message = "Only a credential of the type oauth2 is connected in this way.";
            return Err(Error::field("/authType", "credential.oauth", message));
        }
        let settings = Settings::read(&draft.policy).map_err(fault)?;
        if settings.grant.needs_person() {
            return Ok(settings);
        }
        let message =
            "This grant needs nobody at the screen; make the credential with POST /api/credentials.";
        Err(Error::field("/parameters/grantType", "credential.oauth", message))
    }

    /// The stored secret of a credential, sealed for an attempt.
    async fn copy_data(&self, credential: &Credential, owner: &str) -> Result<SealedSecret> {
        let stored = self.store().get_credential_with_secret(credential.id).await?;
        let sealed = stored.secret.ok_or(Error::CredentialRevoked)?;
        let from = Binding::of_credential(&stored.credential, CREDENTIAL_FIELD);
        let to = Binding::of_record(owner, credential, CREDENTIAL_FIELD);
        Ok(self.0.keyring.rebind(&sealed.blob, &from, &to).await?)
    }
}
