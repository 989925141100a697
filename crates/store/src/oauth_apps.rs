//! OAuth apps: the operator's clients at services. Their secrets are sealed under the app's own identifier.

use async_trait::async_trait;
use flero_model::{
    CredentialId, OauthAppId, OrganizationId, Timestamp, WorkspaceId, audit::NewAudit, oauth_app::OauthApp,
};

use crate::{Result, keys::SealedSecret};

/// The field under which an app's secrets are sealed.
pub const APP_FIELD: &str = "data";

/// An app with its sealed secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredApp {
    /// What is known of it.
    pub app: OauthApp,
    /// Its secrets; `None` for a public client.
    pub secret: Option<SealedSecret>,
}

/// An app to write.
#[derive(Debug, Clone, PartialEq)]
pub struct AppChange {
    /// The app as it is to be. A change has a revision one above the stored one.
    pub app: OauthApp,
    /// Its secrets, where they are written anew.
    pub secret: Option<SealedSecret>,
    /// What is recorded.
    pub audit: Vec<NewAudit>,
}

/// Something that needs an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppUse {
    /// The credential; `None` for one that is being connected, and for one that is gone and whose grant waits to be
    /// revoked.
    pub credential: Option<CredentialId>,
    /// Its workspace, where that is known.
    pub workspace: Option<WorkspaceId>,
    /// Its name; empty where there is none yet or none any more.
    pub name: String,
}

/// See the module.
#[async_trait]
pub trait OauthAppStore {
    /// The apps that a workspace shares, by service and then the nearest first.
    async fn list_oauth_apps(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Vec<OauthApp>>;

    /// An app; [`crate::Error::NotFound`]. The caller decides who may see it.
    async fn get_oauth_app(&self, id: OauthAppId) -> Result<StoredApp>;

    /// Makes an app. [`crate::Error::Taken`] when its service has one at that place.
    async fn create_oauth_app(&self, change: AppChange) -> Result<()>;

    /// Changes an app. [`crate::Error::Conflict`] when the stored revision is not the one below; the service and the
    /// place stay.
    async fn update_oauth_app(&self, change: AppChange) -> Result<()>;

    /// What needs an app at this time, at most a hundred.
    async fn oauth_app_uses(&self, id: OauthAppId, now: Timestamp) -> Result<Vec<AppUse>>;

    /// Deletes an app with its secrets. [`crate::Error::Refused`] while something needs it.
    async fn delete_oauth_app(&self, id: OauthAppId, now: Timestamp, audit: Vec<NewAudit>) -> Result<()>;
}
