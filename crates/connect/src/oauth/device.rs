//! Device authorization (RFC 8628): a person types a short code on another device, and the tokens are polled for.

use std::time::Duration;

use flero_keyring::Binding;
use flero_model::{credential::Credential, destination::read_url, secret::SecretString};
use flero_store::{keys::SealedSecret, oauth::Attempt};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    OauthError,
    authorize::{Consent, Held},
    broker::Broker,
    fault::Fault,
    grants,
    refresh::proof_key,
    request::{self, Parameters},
    settings::endpoint,
};
use crate::{CREDENTIAL_FIELD, Connect};

/// The pause between polls when the service names none, and what `slow_down` adds (RFC 8628 sections 3.2 and 3.5).
const STEP_SECONDS: u64 = 5;
/// The longest pause and the longest life that are believed, in seconds.
const MAX_PAUSE_SECONDS: u64 = 60;
const MAX_LIFE_SECONDS: u64 = 1_800;

/// The field under which an attempt's device code is sealed.
pub(super) const DEVICE_CODE_FIELD: &str = "deviceCode";

/// A code that waits for a person.
#[derive(Debug)]
pub struct DeviceCode {
    /// What the person types. It is shown to nobody but who began.
    pub user_code: String,
    /// Where they type it.
    pub verification_uri: String,
    /// The same with the code in it, where the service offers that.
    pub verification_uri_complete: Option<String>,
    /// The first pause between polls.
    pub interval: Duration,
    /// How long the code lives.
    pub life: Duration,
    /// The sealed device code.
    pub secret: SealedSecret,
}

impl Connect {
    /// Asks for a device code (RFC 8628 section 3.1).
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn begin_device(
        &self,
        draft: &Credential,
        owner: &str,
        data: &SealedSecret,
    ) -> Result<DeviceCode, Fault> {
        self.check_token_reach(draft).await?;
        self.broker()?.begin_device(draft, owner, data).await
    }

    /// Polls until the person has answered or the code has ended.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn poll_device(
        &self,
        attempt: &Attempt,
        interval: Duration,
        life: Duration,
    ) -> Result<Consent, Fault> {
        self.check_token_reach(&attempt.draft).await?;
        self.broker()?.poll_device(attempt, interval, life).await
    }
}

impl Broker {
    async fn begin_device(
        &self,
        draft: &Credential,
        owner: &str,
        data: &SealedSecret,
    ) -> Result<DeviceCode, Fault> {
        let data = self.unseal(&Binding::of_record(owner, draft, CREDENTIAL_FIELD), &data.blob).await?;
        let (settings, client) = self.resolve(&draft.policy, &data).await?;
        let url = settings.ways.device_authorization_url.as_ref();
        let (url, _) = endpoint(url, "deviceAuthorizationUrl")?;
        let mut asked = Parameters::default();
        asked.set("client_id", &settings.client_id);
        if let Some(scope) = settings.scope() {
            asked.set("scope", &scope);
        }
        asked.extend(&settings.ways.authorization_parameters);
        let method = settings.ways.client_auth_method;
        let prepared = request::prepare(&settings, &client, method, url, asked, self.clock.now())?;
        let answer = self.wire.post(prepared).await?;
        let value: Value = serde_json::from_slice(answer.body.expose()).map_err(|_| Fault::Answer)?;
        if let Some(code) = value.get("error").and_then(Value::as_str) {
            return Err(Fault::Refused(OauthError::read(code)));
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        // A page that a person is sent to is a web page and nothing else.
        let page = |name: &str| text(name).filter(|text| read_url(text).is_ok()).map(str::to_owned);
        let seconds = |name: &str| value.get(name).and_then(Value::as_u64);
        let code = SecretString::from(text("device_code").ok_or(Fault::Answer)?);
        let binding = Binding::of_record(owner, draft, DEVICE_CODE_FIELD);
        Ok(DeviceCode {
            user_code: text("user_code").filter(|code| code.len() <= 64).ok_or(Fault::Answer)?.to_owned(),
            verification_uri: page("verification_uri")
                .or_else(|| page("verification_url"))
                .ok_or(Fault::Answer)?,
            verification_uri_complete: page("verification_uri_complete"),
            interval: Duration::from_secs(
                seconds("interval").unwrap_or(STEP_SECONDS).clamp(1, MAX_PAUSE_SECONDS),
            ),
            life: Duration::from_secs(
                seconds("expires_in").unwrap_or(MAX_LIFE_SECONDS).min(MAX_LIFE_SECONDS),
            ),
            secret: self.seal(&binding, &code.to_bytes()).await?,
        })
    }

    async fn poll_device(
        &self,
        attempt: &Attempt,
        mut interval: Duration,
        life: Duration,
    ) -> Result<Consent, Fault> {
        let Held { data, device_code, .. } =
            self.secrets_of_owner(&attempt.draft, &attempt.id.to_string()).await?;
        let (settings, client) = self.resolve(&attempt.draft.policy, &data).await?;
        let key = proof_key(&settings, None)?;
        let code = device_code.ok_or(Fault::NotConnected)?;
        let end = Instant::now() + life;
        loop {
            sleep(interval).await;
            if Instant::now() >= end {
                return Err(Fault::Refused(OauthError::ExpiredToken));
            }
            let asked = grants::device_code(&settings, &code);
            match self.call_token(&settings, &client, asked, false, key.as_ref()).await {
                Ok(answer) => return self.consent(attempt, answer).await,
                Err(Fault::Refused(OauthError::AuthorizationPending)) => {}
                Err(Fault::Refused(OauthError::SlowDown)) => interval += Duration::from_secs(STEP_SECONDS),
                // RFC 8628 section 3.5: a connection that times out is polled less often.
                Err(fault) if fault.is_transient() => {
                    interval = (interval * 2).min(Duration::from_secs(MAX_PAUSE_SECONDS))
                }
                Err(fault) => return Err(fault),
            }
        }
    }
}
