//! Secrets that are first traded for one that ends soon: an assumed role, a service account's token. The result stays
//! in memory until shortly before its end, per credential and secret revision, and is never stored.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use flero_model::{CredentialId, Timestamp};
use http::{HeaderMap, HeaderValue, Method};
use zeroize::Zeroizing;

use super::{Moment, Scheme, aws, login, service_account};
use crate::{error::Kind, scrub::Scrubber};

/// How long a token is used when its answer does not say, in seconds.
pub(super) const DEFAULT_TOKEN_SECONDS: i64 = 300;

/// The longest that a token is kept, whatever its answer says, in seconds.
pub(super) const MAX_TOKEN_SECONDS: i64 = 86_400;

/// A request that trades a secret for a token.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What came back.
pub(crate) struct Exchanged {
    pub(crate) ready: Ready,
    /// When it ends.
    pub(crate) until: Timestamp,
}

/// What requests are authenticated with afterwards.
pub(crate) enum Ready {
    /// The value of `Authorization`.
    Bearer(HeaderValue),
    /// A key of AWS.
    Aws(aws::Keys),
    /// What a log-in gave.
    Values(login::Values),
}

impl Ready {
    /// The secrets in it, which an answer must not show.
    pub(crate) fn secrets(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let copy = |text: &[u8]| Zeroizing::new(text.to_vec());
        match self {
            Self::Bearer(value) => vec![copy(value.as_bytes().strip_prefix(b"Bearer ").unwrap_or_default())],
            Self::Aws(keys) => {
                let token = keys.session_token.iter().map(|token| copy(token.as_bytes()));
                std::iter::once(copy(keys.secret.as_bytes())).chain(token).collect()
            }
            Self::Values(values) => values.values().map(|value| copy(value.as_bytes())).collect(),
        }
    }
}

/// A token in use, and the scrubber that knows it.
pub(crate) struct Kept {
    pub(crate) ready: Ready,
    pub(crate) scrubber: Arc<Scrubber>,
    /// When another one is fetched: ahead of the end by a fifth of its life, at most a minute.
    pub(crate) renew_at: Timestamp,
}

/// What is known of one credential's token. Whoever holds the lock fetches it; the others wait and then find it there.
#[derive(Default)]
pub(crate) enum Held {
    /// Nothing.
    #[default]
    Nothing,
    /// A token.
    Token(Arc<Kept>),
    /// The service did not take the secret, with this status. Until then nobody tries it again: services lock accounts
    /// whose password is wrong again and again.
    Refused { status: Option<u16>, until: Timestamp },
}

/// One credential's place.
pub(crate) type Slot = Arc<tokio::sync::Mutex<Held>>;

/// The tokens in use.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<(CredentialId, u64), Slot>>);

/// The most tokens that are kept.
const MAX_KEPT: usize = 4096;

impl Tokens {
    /// The place of a credential's token.
    pub(crate) fn slot(&self, key: (CredentialId, u64)) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_KEPT && !slots.contains_key(&key) {
            slots.clear();
        }
        Arc::clone(slots.entry(key).or_default())
    }

    /// Forgets a credential's token, because it was refused, or its secret was replaced.
    pub(crate) fn forget(&self, credential: CredentialId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(id, _), _| *id != credential);
    }
}

impl Exchanged {
    /// When to fetch another one.
    pub(crate) fn renew_at(&self, now: Timestamp) -> Timestamp {
        let life = (self.until.as_millis() - now.as_millis()).max(0);
        now.plus_millis(life - (life / 5).min(60_000))
    }
}

impl Scheme {
    /// Whether a request of its own comes first.
    pub(crate) fn is_traded(&self) -> bool {
        match self {
            Self::Aws(aws) => aws.role.is_some(),
            scheme => matches!(scheme, Self::ServiceAccount(_) | Self::Login(_)),
        }
    }

    /// The request that comes first, if there is one.
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`].
    pub(crate) fn ask(&self, moment: &Moment) -> Option<Result<Asked, Kind>> {
        match self {
            Self::Aws(aws) => aws.role.as_ref().map(|role| role.ask(&aws.keys, moment)),
            Self::ServiceAccount(account) => Some(account.ask(moment)),
            _ => None,
        }
    }

    /// Reads its answer.
    ///
    /// # Errors
    /// [`Kind::ExchangeRefused`]; [`Kind::ExchangeFailed`].
    pub(crate) fn answered(&self, status: u16, body: &[u8], moment: &Moment) -> Result<Exchanged, Kind> {
        match self {
            Self::Aws(_) => aws::answered(status, body),
            _ => service_account::answered(status, body, moment),
        }
    }

    /// The scheme with what came back.
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`] when it cannot stand where the description wants it.
    pub(crate) fn with(self, ready: &Ready) -> Result<Self, Kind> {
        Ok(match (self, ready) {
            (Self::Aws(aws), Ready::Aws(keys)) => Self::Aws(Box::new(aws.with_keys(keys.clone()))),
            (Self::Login(login), Ready::Values(values)) => login.placed(values)?,
            (_, Ready::Bearer(value)) => Self::Fields(vec![(http::header::AUTHORIZATION, value.clone())]),
            (scheme, _) => scheme,
        })
    }
}
