//! The weakest provider: `FLERO_KEK` in the environment, for containers that have nothing better.

use async_trait::async_trait;
use data_encoding::BASE64;
use flero_model::secret::SecretString;
use zeroize::Zeroizing;

use super::symmetric::Kek;
use super::{Identity, SlotProvider, Wrapped, names};
use crate::context::SlotContext;
use crate::keys::RootKey;
use crate::{Error, Result};

/// 32 bytes are 44 characters of base64.
const TEXT_BYTES: usize = 44;

/// A key from `FLERO_KEK`.
#[derive(Debug)]
pub struct EnvironmentKey {
    kek: Kek,
}

impl EnvironmentKey {
    /// Reads the value of `FLERO_KEK`: standard base64 with padding of exactly 32 bytes, nothing around it.
    ///
    /// # Errors
    /// [`Error::Provider`] for any other text, which is not quoted.
    pub fn from_value(value: &SecretString) -> Result<Self> {
        let wrong = || {
            Error::provider(
                names::ENVIRONMENT,
                "FLERO_KEK must be the base64 form of exactly 32 bytes (44 characters); \
                 make one with `openssl rand -base64 32`",
            )
        };
        let text = value.expose().as_bytes();
        if text.len() != TEXT_BYTES {
            return Err(wrong());
        }
        let mut bytes = Zeroizing::new([0_u8; 33]);
        let length = BASE64.decode_mut(text, &mut bytes[..]).map_err(|_| wrong())?;
        let kek = Kek::take(names::ENVIRONMENT, &mut bytes[..length]).map_err(|_| wrong())?;
        Ok(Self { kek })
    }
}

#[async_trait]
impl SlotProvider for EnvironmentKey {
    fn identify(&self) -> Identity {
        Identity {
            provider: names::ENVIRONMENT,
            key_id: Some(self.kek.key_id().to_owned()),
            weakness: Some(
                "FLERO_KEK stays readable in the process's environment and in container inspection; \
                 prefer a key file or a systemd credential",
            ),
            asymmetric: false,
        }
    }

    async fn wrap(&self, root: &RootKey, context: &SlotContext<'_>) -> Result<Wrapped> {
        self.kek.wrap(root, context)
    }

    async fn unwrap(&self, wrapped: &Wrapped, context: &SlotContext<'_>) -> Result<RootKey> {
        self.kek.unwrap(wrapped, context)
    }

    async fn health(&self) -> Result<()> {
        Ok(())
    }
}
