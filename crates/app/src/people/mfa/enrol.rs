//! Setting up and removing one-time codes.

use flero_keyring::{Binding, totp::SECRET_BYTES};
use flero_model::{one_time_code, secret::SecretString};
use flero_store::{
    mfa::{ConfirmTotp, PENDING_TOTP_FIELD, TOTP_FIELD},
    sessions::Session,
};
use zeroize::Zeroizing;

use super::{Added, Factor, NewTotp, PENDING_MS, changed, shown};
use crate::{App, Error, Result, people::attempts::Bucket, random};

impl App {
    /// Makes a shared secret for an authenticator app. A former one stays in use until this one is confirmed.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a step-up; [`Error::Unavailable`] while the vault is sealed.
    pub async fn begin_totp(&self, own: &Session) -> Result<NewTotp> {
        self.permit_factor_change(own)?;
        let counter = self.store().totp(own.user).await?.map_or(0, |totp| totp.counter);
        let secret = Zeroizing::new(random::bytes::<SECRET_BYTES>()?);
        let binding = Binding::of_totp(own.user, PENDING_TOTP_FIELD, counter + 1);
        let sealed = self.0.keyring.seal_totp(&binding, &secret).await?;
        let now = self.now();
        self.store().begin_totp(own.user, counter, sealed, now).await?;
        let (_, email) = self.store().person(own.user).await?;
        let host = url::Url::parse(self.public_url()).ok();
        let host = host.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        let (secret, uri) = shown(&secret[..], host, &email);
        Ok(NewTotp { secret, uri, expires_at: now.plus_millis(PENDING_MS) })
    }

    /// Takes the shared secret into use with its first code, which is used up by that. Other sessions end.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong code; [`Error::NotFound`] when no secret waits for one; [`Error::Forbidden`]
    /// without a step-up; [`Error::TooManyAttempts`].
    pub async fn confirm_totp(&self, own: &Session, code: SecretString) -> Result<Added> {
        self.permit_factor_change(own)?;
        let now = self.now();
        let totp = self.store().totp(own.user).await?.ok_or(Error::NotFound)?;
        let is_waiting = totp.pending_since.is_some_and(|since| now.millis_since(since) < PENDING_MS);
        let pending = totp.pending.filter(|_| is_waiting).ok_or(Error::NotFound)?;
        let bucket = Bucket::Factor(own.user);
        self.attempt(bucket, None).await?;
        let wrong =
            || Error::field("/code", "mfa.wrong_code", "This is not the code that the app shows now.");
        let code = one_time_code::totp_code(code.expose()).ok_or_else(wrong)?;
        let from = Binding::of_totp(own.user, PENDING_TOTP_FIELD, totp.counter);
        let step = self.0.keyring.totp_step(&from, &pending.blob, &code, now).await?.ok_or_else(wrong)?;
        self.attempt_succeeded(bucket).await?;
        let to = Binding::of_totp(own.user, TOTP_FIELD, totp.counter);
        let secret = self.0.keyring.rebind(&pending.blob, &from, &to).await?;
        let (change, codes) = self.addition(own, Factor::Totp).await?;
        let confirm = ConfirmTotp { user: own.user, counter: totp.counter, step, secret, at: now, change };
        let is_first = self.store().confirm_totp(confirm).await.map_err(changed)?;
        let signed_in = self.renew(own, None, Vec::new()).await?;
        Ok(Added { signed_in, recovery_codes: is_first.then_some(codes) })
    }

    /// Removes one-time codes. Other sessions end.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a step-up; [`Error::NotFound`]; [`Error::LastFactor`].
    pub async fn remove_totp(&self, own: &Session) -> Result<()> {
        self.permit_factor_change(own)?;
        let change = self.removal(own, Factor::Totp).await?;
        self.store().remove_totp(own.user, change).await.map_err(changed)
    }
}
