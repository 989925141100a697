//! Where a workspace wants to be told: webhooks whose calls are signed as the Standard Webhooks specification says.

use flero_model::{
    WebhookEndpointId,
    audit::{AuditAction, AuditDetail},
    notification::{Category, Notification},
    policy::{Action, Principal},
    secret::SecretString,
};
use flero_store::notifications::WebhookEndpoint;
use url::Url;

use super::deliver::payload;
use crate::{App, Error, Result, app::permit, random};

/// An endpoint to make.
#[derive(Debug)]
pub struct NewEndpoint {
    /// Where to: `https`, or `http` to a host that the operator opened.
    pub url: String,
    /// Only about these; empty for all.
    pub categories: Vec<Category>,
}

impl App {
    /// The endpoints of the caller's workspace.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_endpoints(&self, who: &Principal) -> Result<Vec<WebhookEndpoint>> {
        permit(who, Action::WriteSettings)?;
        Ok(self.store().endpoints(who.workspace).await?)
    }

    /// Makes an endpoint. Its secret is made here, sealed, and told this once.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] for a URL that may not be called, and beyond ten of a workspace.
    pub async fn create_endpoint(
        &self,
        who: &Principal,
        new: NewEndpoint,
    ) -> Result<(WebhookEndpoint, SecretString)> {
        permit(who, Action::WriteSettings)?;
        let wrong = |message: String| Error::field("/url", "notification.url", message);
        let url = Url::parse(&new.url).map_err(|_| wrong("Give a URL with https.".to_owned()))?;
        if !url.username().is_empty()
            || url.password().is_some()
            || url.fragment().is_some()
            || new.url.len() > 2_000
        {
            return Err(wrong("Leave out user, password and fragment; calls are signed instead.".to_owned()));
        }
        self.0.connect.check_webhook(&url).map_err(|error| wrong(format!("{error}.")))?;
        let reach = self.0.connect.check_reach(who.organization, &url).await;
        reach.map_err(|error| wrong(format!("{error}.")))?;
        let now = self.now();
        let endpoint = WebhookEndpoint {
            id: WebhookEndpointId::new(now, random::for_id()?),
            workspace: who.workspace,
            url: url.to_string(),
            categories: new.categories,
            creator: who.user,
            created_at: now,
        };
        let (secret, sealed) = self.0.connect.new_webhook_secret(&endpoint).await?;
        let record =
            self.record(who, AuditAction::SettingsChanged, endpoint.id, self.about(&endpoint, "added"));
        match self.store().create_endpoint(endpoint.clone(), sealed, vec![record]).await {
            Ok(()) => Ok((endpoint, secret)),
            Err(flero_store::Error::Refused { .. }) => {
                Err(wrong("A workspace has at most ten webhooks; remove one first.".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Removes an endpoint with everything that waits for it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn delete_endpoint(&self, who: &Principal, id: WebhookEndpointId) -> Result<()> {
        let endpoint = self.own_endpoint(who, id).await?;
        let record = self.record(who, AuditAction::SettingsChanged, id, self.about(&endpoint, "removed"));
        Ok(self.store().delete_endpoint(who.workspace, id, vec![record]).await?)
    }

    /// Calls an endpoint at once, so that whoever set it up sees whether it takes the signature.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Call`] when there is no answer.
    pub async fn test_endpoint(&self, who: &Principal, id: WebhookEndpointId) -> Result<u16> {
        self.own_endpoint(who, id).await?;
        let (endpoint, sealed) = self.store().endpoint(id).await?;
        let now = self.now();
        let notification = Notification {
            id: flero_model::NotificationId::new(now, random::for_id()?),
            user: who.user,
            workspace: who.workspace,
            category: Category::CredentialActive,
            subject: id.to_string(),
            name: "Test".to_owned(),
            reason: Some("test".to_owned()),
            count: 1,
            created_at: now,
            last_at: now,
            read_at: None,
        };
        let message = flero_model::DeliveryId::new(now, random::for_id()?).to_string();
        let body = payload(&notification, self.public_url());
        Ok(self.call_in_reach(&endpoint, &sealed, &message, body).await?)
    }

    async fn own_endpoint(&self, who: &Principal, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
        permit(who, Action::WriteSettings)?;
        let found = self.store().endpoints(who.workspace).await?.into_iter().find(|one| one.id == id);
        found.ok_or(Error::NotFound)
    }

    /// The host alone: a path or a query of a webhook may be a secret.
    fn about(&self, endpoint: &WebhookEndpoint, outcome: &str) -> AuditDetail {
        AuditDetail {
            host: Url::parse(&endpoint.url).ok().and_then(|url| url.host_str().map(str::to_owned)),
            outcome: Some(outcome.to_owned()),
            fields: vec!["webhooks".to_owned()],
            ..AuditDetail::default()
        }
    }
}
