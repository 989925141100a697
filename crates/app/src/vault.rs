//! The state of the vault, as an organization's owner sees it.

pub use flero_keyring::{ScopeStatus, SlotStatus, Status, VersionStatus};
use flero_model::policy::{Action, Principal};

use crate::{App, Result, app::permit};

impl App {
    /// The key slots of the installation and the versions of its keys. Nothing in it is secret, and it can be read
    /// while the vault is sealed.
    ///
    /// # Errors
    /// [`crate::Error::Forbidden`]; [`crate::Error::Unavailable`] when the database does not answer.
    pub async fn vault_status(&self, who: &Principal) -> Result<Status> {
        permit(who, Action::ReadVault)?;
        Ok(self.0.keyring.status().await?)
    }
}
