//! Passkeys (WebAuthn), as second factor and as the only one.
//!
//! `webauthn-rs` checks the answers of authenticators. The state of a ceremony stays here, is taken once, and is over
//! after five minutes. User verification is asked for always, so that a passkey alone is two factors.

use flero_model::{PasskeyId, SessionId, Timestamp, UserId, secret::SecretString};
use flero_store::{
    mfa::{Challenge, ChallengePurpose, StoredPasskey},
    sessions::Session,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::{Host, Url};
use uuid::Uuid;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication,
        PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    },
};

use super::{Added, Factor, changed, prove::wrong};
use crate::{
    App, Error, Result,
    people::{
        account::name_problem,
        attempts::Bucket,
        sessions::{Origin, SignedIn, new_token, token_hash},
    },
    random,
};

/// How long a challenge can be answered, in milliseconds. Source: the longest that the WebAuthn Level 3 working draft
/// recommends in its section 15.1 is ten minutes, where the person is verified; half of it is enough for a key that has
/// to be fetched.
const CHALLENGE_MS: i64 = 300_000;

/// A ceremony that was begun.
#[derive(Debug)]
pub struct Ceremony {
    /// What the answer names. It tells nothing else.
    pub challenge: SecretString,
    /// What `navigator.credentials` takes, as JSON with binary members in base64url.
    pub options: Value,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
}

/// What is kept of a ceremony that proves somebody: with which changes of the passkeys in mind it was begun.
#[derive(Serialize, Deserialize)]
struct Proving {
    ceremony: PasskeyAuthentication,
    revisions: Vec<(PasskeyId, u64)>,
}

/// The relying party that a public URL makes. On loopback it is `localhost`: an address is no valid identifier
/// (WebAuthn section 5.1.3).
fn relying_party(public_url: &str) -> Result<Webauthn> {
    let mut origin = Url::parse(public_url).map_err(|_| Error::PasskeysUnavailable)?;
    let is_loopback = match origin.host() {
        Some(Host::Domain(_)) => false,
        Some(Host::Ipv4(address)) if address.is_loopback() => true,
        Some(Host::Ipv6(address)) if address.is_loopback() => true,
        _ => return Err(Error::PasskeysUnavailable),
    };
    if is_loopback && origin.set_host(Some("localhost")).is_err() {
        return Err(Error::PasskeysUnavailable);
    }
    let id = origin.domain().ok_or(Error::PasskeysUnavailable)?.to_owned();
    let builder = WebauthnBuilder::new(&id, &origin).map_err(|_| Error::PasskeysUnavailable)?;
    builder.rp_name("Flero").build().map_err(|_| Error::PasskeysUnavailable)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| Error::Internal("what is stored of a passkey cannot be read"))
}

fn written<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::Internal("a passkey cannot be stored"))
}

fn library<T>(result: std::result::Result<T, webauthn_rs::prelude::WebauthnError>) -> Result<T> {
    result.map_err(|error| {
        tracing::error!(%error, "a ceremony with a passkey could not begin");
        Error::Internal("a ceremony with a passkey could not begin")
    })
}

/// What a browser takes. The hint at how to ask for it is the page's to give.
fn options<T: Serialize>(options: &T) -> Result<Value> {
    let mut value =
        serde_json::to_value(options).map_err(|_| Error::Internal("a challenge cannot be written"))?;
    if let Some(members) = value.as_object_mut() {
        members.remove("mediation");
    }
    Ok(value)
}

impl App {
    async fn begin_ceremony(
        &self,
        purpose: ChallengePurpose,
        session: Option<SessionId>,
        state: String,
        options: Value,
    ) -> Result<Ceremony> {
        let (challenge, now) = (new_token()?, self.now());
        let expires_at = now.plus_millis(CHALLENGE_MS);
        let id_hash = token_hash(challenge.expose());
        let stored = Challenge { id_hash, purpose, session, state, created_at: now, expires_at };
        self.store().put_challenge(stored).await?;
        Ok(Ceremony { challenge, options, expires_at })
    }

    /// The state of a ceremony, which is over with that, whatever comes of it.
    async fn end_ceremony(
        &self,
        purpose: ChallengePurpose,
        session: Option<SessionId>,
        challenge: &str,
    ) -> Result<String> {
        match self.store().take_challenge(token_hash(challenge), self.now()).await {
            Ok(found) if found.purpose == purpose && found.session == session => Ok(found.state),
            Ok(_) | Err(flero_store::Error::NotFound) => Err(wrong()),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins to add a passkey.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a step-up; [`Error::PasskeysUnavailable`].
    pub async fn begin_passkey(&self, own: &Session) -> Result<Ceremony> {
        self.permit_factor_change(own)?;
        let party = relying_party(self.public_url())?;
        let (name, email) = self.store().person(own.user).await?;
        let held: Vec<Passkey> =
            self.store().passkeys(own.user).await?.iter().map(|key| read(&key.key)).collect::<Result<_>>()?;
        let known = held.iter().map(|key| key.cred_id().clone()).collect();
        let handle = Uuid::from_bytes(*own.user.as_bytes());
        let (creation, state) =
            library(party.start_passkey_registration(handle, &email, &name, Some(known)))?;
        let mut options = options(&creation)?;
        // A passkey that is kept on the device can be used without an address. The library asks for none.
        if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
            selection["residentKey"] = Value::from("preferred");
        }
        self.begin_ceremony(ChallengePurpose::Enrol, Some(own.id), written(&state)?, options).await
    }

    /// Adds the passkey that an authenticator made. Other sessions end.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an answer that does not fit the challenge; [`Error::PasskeyTaken`]; [`Error::Forbidden`]
    /// without a step-up.
    pub async fn add_passkey(
        &self,
        own: &Session,
        name: &str,
        challenge: &str,
        credential: Value,
    ) -> Result<Added> {
        self.permit_factor_change(own)?;
        if let Some(problem) = name_problem("/name", name) {
            return Err(Error::Invalid(vec![problem]));
        }
        let refused = || {
            let message = "This is no answer to the challenge, or the challenge is over; begin again.";
            Error::field("/credential", "mfa.wrong_factor", message)
        };
        let state = self.end_ceremony(ChallengePurpose::Enrol, Some(own.id), challenge).await;
        let state: PasskeyRegistration = read(&state.map_err(|_| refused())?)?;
        let answer: RegisterPublicKeyCredential =
            serde_json::from_value(credential).map_err(|_| refused())?;
        let party = relying_party(self.public_url())?;
        let passkey = party.finish_passkey_registration(&answer, &state).map_err(|error| {
            tracing::info!(%error, "a passkey was refused");
            refused()
        })?;
        let (change, codes) = self.addition(own, Factor::Passkey).await?;
        let stored = StoredPasskey {
            id: PasskeyId::new(self.now(), random::for_id()?),
            user: own.user,
            credential_id: passkey.cred_id().to_vec(),
            name: name.trim().to_owned(),
            key: written(&passkey)?,
            revision: 1,
            created_at: self.now(),
            last_used_at: None,
        };
        let is_first = match self.store().add_passkey(stored, change).await {
            Err(flero_store::Error::Taken { .. }) => return Err(Error::PasskeyTaken),
            Err(flero_store::Error::Refused { .. }) => {
                let message = "You have 20 passkeys; remove one first.";
                return Err(Error::field("/credential", "mfa.too_many", message));
            }
            other => other?,
        };
        let signed_in = self.renew(own, None, Vec::new()).await?;
        Ok(Added { signed_in, recovery_codes: is_first.then_some(codes) })
    }

    /// Gives a passkey another name. It proves what it proved before, so that no step-up is asked for.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is no name; [`Error::NotFound`].
    pub async fn rename_passkey(&self, own: &Session, id: PasskeyId, name: &str) -> Result<()> {
        if let Some(problem) = name_problem("/name", name) {
            return Err(Error::Invalid(vec![problem]));
        }
        Ok(self.store().rename_passkey(own.user, id, name.trim().to_owned()).await?)
    }

    /// Removes a passkey. Other sessions end.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a step-up; [`Error::NotFound`]; [`Error::LastFactor`].
    pub async fn remove_passkey(&self, own: &Session, id: PasskeyId) -> Result<()> {
        self.permit_factor_change(own)?;
        let change = self.removal(own, Factor::Passkey).await?;
        self.store().remove_passkey(own.user, id, change).await.map_err(changed)
    }

    /// Begins to prove the person of a session with one of their passkeys: at sign-in, or for a step-up.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the person has none; [`Error::PasskeysUnavailable`].
    pub async fn begin_passkey_proof(&self, session: &Session) -> Result<Ceremony> {
        let party = relying_party(self.public_url())?;
        let held = self.store().passkeys(session.user).await?;
        if held.is_empty() {
            return Err(Error::NotFound);
        }
        let keys: Vec<Passkey> = held.iter().map(|key| read(&key.key)).collect::<Result<_>>()?;
        let (request, ceremony) = library(party.start_passkey_authentication(&keys))?;
        let revisions = held.iter().map(|key| (key.id, key.revision)).collect();
        let state = written(&Proving { ceremony, revisions })?;
        self.begin_ceremony(ChallengePurpose::Prove, Some(session.id), state, options(&request)?).await
    }

    /// Checks an answer to [`App::begin_passkey_proof`].
    pub(super) async fn prove_by_passkey(
        &self,
        user: UserId,
        session: SessionId,
        challenge: &str,
        credential: Value,
    ) -> Result<()> {
        let state = self.end_ceremony(ChallengePurpose::Prove, Some(session), challenge).await?;
        let state: Proving = read(&state)?;
        let answer: PublicKeyCredential = serde_json::from_value(credential).map_err(|_| wrong())?;
        let party = relying_party(self.public_url())?;
        let result = party.finish_passkey_authentication(&answer, &state.ceremony).map_err(refused)?;
        let held = self.store().passkeys(user).await?;
        let credential_id: &[u8] = result.cred_id();
        let used = held.into_iter().find(|key| key.credential_id == credential_id);
        // One that was used since the challenge was made has another counter by now.
        let used = used.filter(|key| state.revisions.contains(&(key.id, key.revision))).ok_or_else(wrong)?;
        self.note_passkey_use(used, &result).await
    }

    /// Begins a sign-in by a passkey alone: which one, and whose, the authenticator tells.
    ///
    /// # Errors
    /// [`Error::PasskeysUnavailable`]; [`Error::TooManyAttempts`].
    pub async fn begin_passkey_sign_in(&self, origin: &Origin) -> Result<Ceremony> {
        self.attempt_from(origin.address).await?;
        let (request, state) =
            library(relying_party(self.public_url())?.start_discoverable_authentication())?;
        self.begin_ceremony(ChallengePurpose::SignIn, None, written(&state)?, options(&request)?).await
    }

    /// Signs somebody in by a passkey alone.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] with one answer for everything that is not right.
    pub async fn sign_in_by_passkey(
        &self,
        challenge: &str,
        credential: Value,
        origin: &Origin,
    ) -> Result<SignedIn> {
        let state = self.end_ceremony(ChallengePurpose::SignIn, None, challenge).await?;
        let state: DiscoverableAuthentication = read(&state)?;
        let answer: PublicKeyCredential = serde_json::from_value(credential).map_err(|_| wrong())?;
        let party = relying_party(self.public_url())?;
        let (handle, credential_id) = party.identify_discoverable_authentication(&answer).map_err(refused)?;
        let user = UserId::from_u128(handle.as_u128());
        let held = self.store().passkeys(user).await?;
        let used = held.into_iter().find(|key| key.credential_id == credential_id).ok_or_else(wrong)?;
        let passkey: Passkey = read(&used.key)?;
        let result =
            party.finish_discoverable_authentication_v2(&answer, state, &passkey).map_err(refused)?;
        self.note_passkey_use(used, &result).await?;
        // A device that verified the person proves more than what failed before.
        self.attempt_succeeded(Bucket::Factor(user)).await?;
        self.begin_session(user, origin).await
    }

    /// Notes the counter and flags of a passkey. Of two uses at once one counts.
    async fn note_passkey_use(&self, used: StoredPasskey, result: &AuthenticationResult) -> Result<()> {
        let mut passkey: Passkey = read(&used.key)?;
        if !result.user_verified() || passkey.update_credential(result).is_none() {
            return Err(wrong());
        }
        let key = written(&passkey)?;
        match self.store().use_passkey(used.id, used.revision, key, self.now()).await {
            Err(flero_store::Error::Conflict) => Err(wrong()),
            other => Ok(other?),
        }
    }
}

/// The library's reason goes to the log; the caller learns nothing of it.
fn refused(error: webauthn_rs::prelude::WebauthnError) -> Error {
    tracing::warn!(%error, "the answer of a passkey was refused");
    wrong()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_no_relying_party_but_loopback_is_localhost() {
        for (url, origin) in [
            ("https://flero.example.com", "https://flero.example.com/"),
            ("http://127.0.0.1:7373", "http://localhost:7373/"),
            ("http://[::1]:7373", "http://localhost:7373/"),
            ("http://localhost:7373", "http://localhost:7373/"),
        ] {
            let party = relying_party(url).unwrap();
            assert_eq!(party.get_allowed_origins()[0].as_str(), origin, "{url}");
        }
        for url in ["https://203.0.113.9", "https://[2001:db8::1]", "nonsense"] {
            assert!(matches!(relying_party(url), Err(Error::PasskeysUnavailable)), "{url}");
        }
    }
}
