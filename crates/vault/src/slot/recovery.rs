//! The recovery slot: the root key wrapped to an age recipient whose identity is printed once and kept on paper.

use std::fmt;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use age::x25519;
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use flero_model::secret::SecretString;
use zeroize::Zeroizing;

use super::{Identity, SlotProvider, Wrapped, age_box, names};
use crate::context::SlotContext;
use crate::keys::RootKey;
use crate::{Error, Result};

fn refuse(reason: &str) -> Error {
    Error::provider(names::RECOVERY, reason)
}

/// A new recovery identity, to be shown once and never stored.
pub struct RecoveryKit {
    identity: x25519::Identity,
}

impl RecoveryKit {
    /// Makes a new identity.
    pub fn generate() -> Self {
        Self { identity: x25519::Identity::generate() }
    }

    /// The identity in the text form of age, `AGE-SECRET-KEY-1...`.
    pub fn identity(&self) -> SecretString {
        SecretString::from(self.identity.to_string().expose_secret())
    }

    /// Eight hexadecimal characters over the identity: whoever copies it by hand can compare them.
    pub fn checksum(&self) -> String {
        checksum(self.identity().expose())
    }

    /// The public half, `age1...`, which the slot stores.
    pub fn recipient(&self) -> String {
        self.identity.to_public().to_string()
    }

    /// The two lines to print: the identity and its checksum.
    pub fn to_text(&self) -> SecretString {
        let identity = self.identity();
        SecretString::new(format!("{}\nchecksum {}\n", identity.expose(), self.checksum()))
    }

    /// The provider that makes the slot, and proves by unwrapping that the printed identity opens it.
    pub fn provider(&self) -> Recovery {
        Recovery { recipient: self.identity.to_public(), identity: Some(self.identity.clone()) }
    }
}

impl fmt::Debug for RecoveryKit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RecoveryKit({})", self.recipient())
    }
}

fn checksum(identity: &str) -> String {
    HEXLOWER.encode(&digest(&SHA256, identity.as_bytes()).as_ref()[..4])
}

/// A recovery slot's provider: with the public half it wraps, with the identity it also unwraps.
pub struct Recovery {
    recipient: x25519::Recipient,
    identity: Option<x25519::Identity>,
}

impl Recovery {
    /// The public half alone.
    ///
    /// # Errors
    /// [`Error::Provider`] when the text is not an age X25519 recipient.
    pub fn from_recipient(recipient: &str) -> Result<Self> {
        let recipient = x25519::Recipient::from_str(recipient)
            .map_err(|_| refuse("this is not an age recipient (age1...)"))?;
        Ok(Self { recipient, identity: None })
    }

    /// The printed identity, with or without its checksum line; spaces and letter case do not matter.
    ///
    /// # Errors
    /// [`Error::Provider`] for a typing error, which the checksums find. The text is not quoted.
    pub fn from_text(text: &SecretString) -> Result<Self> {
        let wrong =
            || refuse("this is not a recovery identity (AGE-SECRET-KEY-1...); check it against the paper");
        let lower = Zeroizing::new(text.expose().to_ascii_lowercase());
        let (key, expected) = match lower.split_once("checksum") {
            Some((key, expected)) => (key, Some(expected)),
            None => (lower.as_str(), None),
        };
        let squeeze = |part: &str| part.split_whitespace().collect::<String>();
        let mut key = Zeroizing::new(squeeze(key));
        key.make_ascii_uppercase();
        if expected.is_some_and(|expected| squeeze(expected) != checksum(&key)) {
            return Err(refuse("the checksum does not belong to this identity; check it against the paper"));
        }
        let identity = x25519::Identity::from_str(&key).map_err(|_| wrong())?;
        Ok(Self { recipient: identity.to_public(), identity: Some(identity) })
    }
}

impl fmt::Debug for Recovery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Recovery({})", self.recipient)
    }
}

#[async_trait]
impl SlotProvider for Recovery {
    fn identify(&self) -> Identity {
        Identity {
            provider: names::RECOVERY,
            key_id: Some(self.recipient.to_string()),
            weakness: None,
            asymmetric: true,
        }
    }

    async fn wrap(&self, root: &RootKey, context: &SlotContext<'_>) -> Result<Wrapped> {
        Ok(Wrapped {
            key_id: self.recipient.to_string(),
            parameters: "{}".to_owned(),
            blob: age_box::wrap(&self.recipient, root, context)?,
        })
    }

    async fn unwrap(&self, wrapped: &Wrapped, context: &SlotContext<'_>) -> Result<RootKey> {
        match &self.identity {
            Some(identity) => age_box::unwrap(identity, &wrapped.blob, context),
            None => Err(refuse("the printed recovery identity is needed to open this slot")),
        }
    }

    async fn health(&self) -> Result<()> {
        Ok(())
    }
}
