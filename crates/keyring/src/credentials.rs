//! Sealing, using and resealing the secrets of credentials.

use flero_model::credential::Credential;
use flero_model::secret::SecretBytes;
use flero_store::keys::{SealedSecret, SecretAddress, SecretSlot};
use flero_store::oauth::TOKENS_FIELD;
use flero_vault::Error as VaultError;

use crate::keyring::Keyring;
use crate::{Binding, Error, Result, document};

impl Keyring {
    /// Seals a credential's secret document under the active key of its scope, bound to its policy and to
    /// `credential.secret_revision`. The result is the row to store.
    ///
    /// # Errors
    /// [`Error::Sealed`]; [`VaultError::TooLarge`]; [`Error::Store`].
    pub async fn seal_credential(
        &self,
        credential: &Credential,
        field: &str,
        document: &SecretBytes,
    ) -> Result<SealedSecret> {
        self.seal(&Binding::of_credential(credential, field), document).await
    }

    /// Seals any secret with an explicit binding, for owners that are no credentials.
    ///
    /// # Errors
    /// As [`Keyring::seal_credential`].
    pub async fn seal(&self, binding: &Binding, plaintext: &SecretBytes) -> Result<SealedSecret> {
        let (tree, keyset) = self.keyset_for_sealing(&binding.scope).await?;
        let key = keyset.active()?;
        let blob = flero_vault::seal(key, &binding.context(&tree.instance_text), plaintext.expose())?;
        Ok(SealedSecret {
            address: SecretAddress {
                owner: binding.owner.clone(),
                field: binding.field.clone(),
                slot: SecretSlot::Current,
            },
            revision: binding.revision,
            scope: binding.scope.clone(),
            key_version: key.version(),
            bound_type: binding.bound_type.clone(),
            policy_hash: binding.policy.as_bytes().to_vec(),
            blob,
            destroy_at: None,
        })
    }

    /// Opens a credential's secret for a use in `connect`: **the only way for plaintext out of this crate**. The
    /// binding is made from the credential's own row, so a moved blob, an older revision and an edited policy are
    /// all refused.
    ///
    /// # Errors
    /// [`Error::Tampered`] (an alarm) when the key is there and the blob does not open; [`Error::Sealed`];
    /// [`Error::Store`]; [`VaultError::UnknownKeyVersion`] and [`VaultError::KeyNotUsable`], after one reload.
    pub async fn open_for_connect(
        &self,
        credential: &Credential,
        field: &str,
        blob: &[u8],
    ) -> Result<SecretBytes> {
        self.open(&Binding::of_credential(credential, field), blob).await
    }

    /// Opens a secret of a credential that has a binding of its own (a token set, a secret of an attempt or of a
    /// revocation) for a use in `connect`: [`Keyring::open_for_connect`] with that binding.
    ///
    /// # Errors
    /// As [`Keyring::open_for_connect`].
    pub async fn open_bound_for_connect(&self, binding: &Binding, blob: &[u8]) -> Result<SecretBytes> {
        self.open(binding, blob).await
    }

    /// Moves a secret to another owner, field or revision without handing it out. The policy stays the same.
    ///
    /// # Errors
    /// [`Error::PolicyWidened`] when the bindings have different policies or types; otherwise as
    /// [`Keyring::open_for_connect`].
    pub async fn rebind(&self, blob: &[u8], from: &Binding, to: &Binding) -> Result<SealedSecret> {
        if from.policy != to.policy || from.bound_type != to.bound_type {
            return Err(Error::PolicyWidened);
        }
        let plaintext = self.open(from, blob).await?;
        self.seal(to, &plaintext).await
    }

    /// Moves a secret to another scope, a narrower policy, a further revision or a duplicate, without handing it
    /// out. With `changes` (a JSON object), its members replace those of the document; `null` removes one.
    ///
    /// `sealed` is the row as it is stored and `from` the credential as it is stored; `to` is the credential as it
    /// is to be, and `revision` the revision that the result gets.
    ///
    /// # Errors
    /// [`Error::PolicyWidened`] when `to` allows more than `from` in any way; otherwise as
    /// [`Keyring::open_for_connect`].
    pub async fn reseal(
        &self,
        sealed: &SealedSecret,
        from: &Credential,
        to: &Credential,
        revision: u64,
        changes: Option<&SecretBytes>,
    ) -> Result<SealedSecret> {
        if !to.policy.is_same_or_narrower_than(&from.policy) {
            return Err(Error::PolicyWidened);
        }
        let field = &sealed.address.field;
        let mut binding = Binding::of_credential(from, field);
        // The present secret must have the revision of the credential's row; a former one and a token set have
        // their own.
        if sealed.address.slot == SecretSlot::Previous || *field == TOKENS_FIELD {
            binding.revision = sealed.revision;
        }
        let mut plaintext = self.open(&binding, &sealed.blob).await?;
        if let Some(changes) = changes {
            plaintext = document::merge(&plaintext, changes)?;
        }
        let target = Binding { revision, ..Binding::of_credential(to, field) };
        let resealed = self.seal(&target, &plaintext).await?;
        let address = SecretAddress { slot: sealed.address.slot, ..resealed.address };
        Ok(SealedSecret { address, destroy_at: sealed.destroy_at, ..resealed })
    }

    /// Opens inside the crate. An unknown or unusable version loads the keyset once more, and then stays closed.
    pub(crate) async fn open(&self, binding: &Binding, blob: &[u8]) -> Result<SecretBytes> {
        let (tree, keyset) = self.keyset(&binding.scope).await?;
        let first = flero_vault::open(&keyset, &binding.context(&tree.instance_text), blob);
        let second = match first {
            Err(VaultError::UnknownKeyVersion { .. } | VaultError::KeyNotUsable { .. }) => {
                let (tree, keyset) = self.load_keyset(&binding.scope).await?;
                flero_vault::open(&keyset, &binding.context(&tree.instance_text), blob)
            }
            other => other,
        };
        second.map_err(|error| match error {
            VaultError::Refused | VaultError::Malformed => {
                tracing::error!(
                    owner = binding.owner,
                    "a stored secret does not open: it was changed outside flero"
                );
                Error::Tampered { owner: binding.owner.clone() }
            }
            VaultError::KeyNotUsable { version, .. } => {
                tracing::error!(
                    owner = binding.owner,
                    version,
                    "a stored secret refers to a key that is out of use"
                );
                error.into()
            }
            other => other.into(),
        })
    }
}
