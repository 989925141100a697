//! A systemd credential: `LoadCredentialEncrypted=flero-kek:...` in the unit, sealed to the TPM or the host key.
//!
//! systemd puts the decrypted 32 bytes into `$CREDENTIALS_DIRECTORY/flero-kek`, on memory that is never swapped and
//! that child processes do not inherit. Source: <https://systemd.io/CREDENTIALS>.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::key_file::{Owner, read_checked};
use super::symmetric::Kek;
use super::{Identity, SlotProvider, Wrapped, names};
use crate::Result;
use crate::context::SlotContext;
use crate::keys::RootKey;

/// The name of the credential in the unit file.
const CREDENTIAL_NAME: &str = "flero-kek";

/// A key that systemd hands over.
#[derive(Debug)]
pub struct SystemdCredential {
    path: PathBuf,
    kek: Kek,
}

impl SystemdCredential {
    /// Reads the credential from the folder that `$CREDENTIALS_DIRECTORY` names.
    ///
    /// # Errors
    /// [`crate::Error::Provider`] when it is missing, not a regular file, open to others, or not 32 bytes. There
    /// is no fall-back to another source.
    pub fn open(credentials_directory: &Path) -> Result<Self> {
        let path = credentials_directory.join(CREDENTIAL_NAME);
        let mut key = read_checked(&path, Owner::OursOrRoot)?;
        Ok(Self { path, kek: Kek::take(names::SYSTEMD, &mut key[..])? })
    }
}

#[async_trait]
impl SlotProvider for SystemdCredential {
    fn identify(&self) -> Identity {
        Identity {
            provider: names::SYSTEMD,
            key_id: Some(self.kek.key_id().to_owned()),
            weakness: None,
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
        read_checked(&self.path, Owner::OursOrRoot).map(|_| ())
    }
}
