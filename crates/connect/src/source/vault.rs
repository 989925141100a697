//! The keyring as the opener of sealed secrets.

use async_trait::async_trait;
use flero_keyring::{Health, Keyring};
use flero_model::secret::SecretBytes;
use flero_store::credentials::CredentialWithSecret;

use super::{OpenFailure, OpenSecret};

/// The field under which a credential's secret document is sealed; bound into its ciphertext.
pub const CREDENTIAL_FIELD: &str = "data";

#[async_trait]
impl OpenSecret for Keyring {
    async fn open(&self, stored: &CredentialWithSecret) -> Result<SecretBytes, OpenFailure> {
        let Some(secret) = &stored.secret else { return Err(OpenFailure::Unavailable) };
        self.open_for_connect(&stored.credential, CREDENTIAL_FIELD, &secret.blob).await.map_err(|error| {
            if error.is_tampering() { OpenFailure::Tampered } else { OpenFailure::Unavailable }
        })
    }

    fn is_available(&self) -> bool {
        self.health() == Health::Open
    }
}
