//! People: accounts, sessions, and whom a request acts for.

mod account;
pub mod attempts;
mod depart;
pub mod invites;
mod members;
pub mod mfa;
pub mod openid;
mod password;
mod policies;
mod register;
pub mod scim;
pub mod sessions;
mod sign_up;
mod unlock;

use flero_model::policy::{Principal, Via};
use flero_store::people::{Account, Place};

pub(crate) use account::normal_email;
pub use account::{Owner, SetUp};
pub use password::{MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS};
pub use register::Registration;
pub(crate) use register::SetUpToken;

use crate::{App, Result};

/// Who somebody is, and where they are at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The account; its password's hash is left out.
    pub account: Account,
    /// The workspaces, the oldest membership first.
    pub places: Vec<Place>,
}

impl App {
    /// Whom the command line acts for: the first owner in the oldest workspace. Whoever can run it on the data
    /// folder holds the data already.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is nobody yet.
    pub async fn local_principal(&self) -> Result<Principal> {
        let member = self.store().first_owner().await?;
        Ok(Principal {
            user: member.user,
            organization: member.organization,
            organization_role: member.organization_role,
            workspace: member.workspace,
            role: member.role,
            via: Via::Local,
        })
    }

    /// Names for a person.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when the person is gone.
    pub async fn me(&self, user: flero_model::UserId) -> Result<Me> {
        let account = self.store().account(user).await?;
        let places = self.store().places(user).await?;
        Ok(Me { account: Account { password_hash: String::new(), ..account }, places })
    }
}
