//! Second factors: one-time codes, passkeys, and recovery codes for whoever lost them.
//!
//! A change of factors needs a step-up, and ends the person's other sessions. Whoever has a factor proves with it at
//! sign-in and at a step-up; the password alone opens nothing then. The way of a lost factor is not weaker: a recovery
//! code takes the factor's place beside the password, not the password's.

mod enrol;
mod passkeys;
mod prove;
mod recovery;

use data_encoding::BASE32_NOPAD;
use flero_model::{
    Timestamp, UserId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    secret::SecretString,
};
use flero_store::{
    mfa::{FactorChange, Factors, StoredPasskey},
    sessions::Session,
};

pub use passkeys::Ceremony;
pub use prove::{Proof, SignInStep};

use super::sessions::{SignedIn, is_fresh};
use crate::{App, Error, Refusal, Result};

/// How long a sign-in waits for the second factor, in milliseconds.
pub const FACTOR_MS: i64 = 300_000;
/// How long a shared secret that was shown waits for its first code, in milliseconds.
pub const PENDING_MS: i64 = 900_000;

/// A kind of factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code, in place of a factor that was lost.
    RecoveryCode,
}

impl Factor {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// Those that a person can prove with.
    #[must_use]
    pub fn of(factors: Factors) -> Vec<Self> {
        let held = [
            (Self::Passkey, factors.passkeys > 0),
            (Self::Totp, factors.has_totp),
            (Self::RecoveryCode, factors.has_any() && factors.recovery_codes > 0),
        ];
        held.into_iter().filter(|(_, is_there)| *is_there).map(|(factor, _)| factor).collect()
    }
}

/// What a person has, for the page about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mfa {
    /// What there is.
    pub factors: Factors,
    /// Since when one-time codes are set up.
    pub totp_since: Option<Timestamp>,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<StoredPasskey>,
}

/// A shared secret, which is shown this once.
#[derive(Debug)]
pub struct NewTotp {
    /// The secret in base32, for typing.
    pub secret: SecretString,
    /// The same as a URI, for a QR code.
    pub uri: SecretString,
    /// Until when its first code is awaited.
    pub expires_at: Timestamp,
}

/// A factor that was added.
#[derive(Debug)]
pub struct Added {
    /// The session, which has another token by now.
    pub signed_in: SignedIn,
    /// Recovery codes, with the first factor; shown this once.
    pub recovery_codes: Option<Vec<SecretString>>,
}

impl App {
    /// What a person has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get_mfa(&self, own: &Session) -> Result<Mfa> {
        let factors = self.store().factors(own.user).await?;
        let totp = self.store().totp(own.user).await?;
        Ok(Mfa {
            factors,
            totp_since: totp.and_then(|totp| totp.confirmed_at),
            passkeys: self.store().passkeys(own.user).await?,
        })
    }

    /// Whether a person must set a factor up before anything else.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn must_enrol(&self, user: UserId) -> Result<bool> {
        Ok(self.store().factors(user).await?.must_enrol())
    }

    /// Whether the person of a session must set a factor up before anything else: not while a provider proved one that
    /// the organization takes for one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn must_enrol_in(&self, own: &Session) -> Result<bool> {
        Ok(!own.has_provider_factor && self.must_enrol(own.user).await?)
    }

    /// Refuses a change of factors without a fresh proof.
    fn permit_factor_change(&self, own: &Session) -> Result<()> {
        if is_fresh(own, self.now()) { Ok(()) } else { Err(Error::Forbidden(Refusal::StepUp)) }
    }

    /// A record of a change for each workspace of the person.
    async fn records_of(
        &self,
        user: UserId,
        action: AuditAction,
        detail: &AuditDetail,
    ) -> Result<Vec<NewAudit>> {
        let actor = Actor::User { user };
        let places = self.store().places(user).await?;
        let record = |place: flero_store::people::Place| {
            self.record_in(place.membership.workspace, actor, action, user, detail.clone())
        };
        Ok(places.into_iter().map(record).collect())
    }

    /// What comes along with a factor's removal.
    async fn removal(&self, own: &Session, factor: Factor) -> Result<FactorChange> {
        let detail = AuditDetail::named(factor.as_str());
        let audit = self.records_of(own.user, AuditAction::FactorRemoved, &detail).await?;
        Ok(FactorChange { keep: own.id, first_recovery_codes: Vec::new(), audit })
    }

    /// What comes along with a new factor, and the recovery codes that are shown if they are stored.
    async fn addition(&self, own: &Session, factor: Factor) -> Result<(FactorChange, Vec<SecretString>)> {
        let detail = AuditDetail::named(factor.as_str());
        let audit = self.records_of(own.user, AuditAction::FactorAdded, &detail).await?;
        let (codes, hashes) = recovery::mint(own.user)?;
        Ok((FactorChange { keep: own.id, first_recovery_codes: hashes, audit }, codes))
    }
}

/// The text and the URI of a shared secret. Source of the URI: the Key URI Format of Google Authenticator
/// (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
fn shown(secret: &[u8], host: &str, email: &str) -> (SecretString, SecretString) {
    let text = SecretString::new(BASE32_NOPAD.encode(secret));
    let encode = |part: &str| {
        url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>().replace('+', "%20")
    };
    let issuer = encode(&format!("Flero {host}"));
    let uri = format!(
        "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        encode(email),
        text.expose()
    );
    (text, SecretString::new(uri))
}

/// Turns what the store says of a change into what a person is told.
fn changed(error: flero_store::Error) -> Error {
    match error {
        flero_store::Error::Refused { .. } => Error::LastFactor,
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uri_is_one_that_an_app_reads() {
        let (text, uri) = shown(&[0xff; 20], "flero.example.com", "ada+x@example.com");
        assert_eq!(text.expose(), &"7".repeat(32));
        let uri = url::Url::parse(uri.expose()).unwrap();
        assert_eq!((uri.scheme(), uri.host_str()), ("otpauth", Some("totp")));
        assert_eq!(uri.path(), "/Flero%20flero.example.com:ada%2Bx%40example.com");
        let query: Vec<(String, String)> = uri.query_pairs().into_owned().collect();
        assert!(query.contains(&("issuer".into(), "Flero flero.example.com".into())), "{query:?}");
        assert!(query.contains(&("secret".into(), text.expose().clone())));
    }
}
