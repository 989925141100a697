//! OAuth apps: the client of the operator at a service, set up once and shared by many credentials.
//!
//! The nearest app is used: the workspace's, then the organization's, then the installation's. A credential names its
//! app in its parameters when it is made, so that an app that is set up later changes no existing credential.

use flero_keyring::Binding;
use flero_model::{
    OauthAppId,
    audit::{AuditAction, AuditDetail},
    credential::{AuthType, Policy, Scope},
    destination::{Destination, HostPattern, read_url},
    oauth_app::{AppLevel, OAUTH_APP, OauthApp},
    policy::{Action, Principal},
    service::{Oauth, Service, Template},
};
use flero_store::oauth_apps::{AppChange, AppUse};
use serde_json::{Map, Value};

use super::super::{
    SecretFields,
    fields::{Faults, check_app, read_hosts},
};
use crate::{App, Error, Result, app::permit, error::AppNeeded, random};

/// The fields of a description that an app stands in for.
const CLIENT_FIELDS: &[&str] = &["clientId", "clientSecret", "privateKey", "keyId"];

/// What an app says, besides its service and its place.
#[derive(Debug)]
pub struct AppClient {
    /// `clientId`, and where they are needed `clientAuthMethod`, `keyId`, `algorithm`.
    pub parameters: Map<String, Value>,
    /// The only hosts that its secrets are presented at; empty for those of the service's endpoints.
    pub allowed_hosts: Vec<String>,
    /// `clientSecret` or `privateKey`; neither for a public client.
    pub data: SecretFields,
}

impl App {
    /// The apps that the caller's workspace shares, by service and then the nearest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_oauth_apps(&self, who: &Principal) -> Result<Vec<OauthApp>> {
        permit(who, Action::ListOauthApps)?;
        Ok(self.store().list_oauth_apps(who.organization, who.workspace).await?)
    }

    /// An app.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn get_oauth_app(&self, who: &Principal, id: OauthAppId) -> Result<OauthApp> {
        permit(who, Action::ListOauthApps)?;
        let app = self.store().get_oauth_app(id).await?.app;
        permit(who, Action::ReadOauthApp(&app))?;
        Ok(app)
    }

    /// Sets an app up. Its secrets are sealed before they reach the store.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::OauthAppTaken`] when the service has one at this level.
    pub async fn create_oauth_app(
        &self,
        who: &Principal,
        level: AppLevel,
        service: &str,
        client: AppClient,
    ) -> Result<OauthApp> {
        permit(who, Action::CreateOauthApp(level))?;
        let policy = self.app_policy(who, service, &client).await?;
        let now = self.now();
        let app = OauthApp {
            id: OauthAppId::new(now, random::for_id()?),
            level,
            organization_id: (level == AppLevel::Organization).then_some(who.organization),
            workspace_id: (level == AppLevel::Workspace).then_some(who.workspace),
            policy,
            secret_fields: client.data.names(),
            created_at: now,
            updated_at: now,
            revision: 1,
            secret_revision: 1,
        };
        let change = self.app_change(who, &app, &client.data).await?;
        match self.store().create_oauth_app(change).await {
            Err(flero_store::Error::Taken { .. }) => Err(Error::OauthAppTaken),
            done => {
                done?;
                Ok(app)
            }
        }
    }

    /// Gives an app another client, whole: its secrets are given anew. Credentials that use it go on with it. The
    /// client ID stays while something uses the app, because grants are a client's own (RFC 6749 section 6).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::Changed`]; [`Error::OauthAppInUse`].
    pub async fn replace_oauth_app(
        &self,
        who: &Principal,
        id: OauthAppId,
        client: AppClient,
        expected: Option<u64>,
    ) -> Result<OauthApp> {
        let current = self.manageable_app(who, id).await?;
        if expected.is_some_and(|expected| expected != current.revision) {
            return Err(Error::Changed);
        }
        let policy = self.app_policy(who, &current.policy.service, &client).await?;
        let app = OauthApp {
            policy,
            secret_fields: client.data.names(),
            updated_at: self.now(),
            revision: current.revision + 1,
            secret_revision: current.secret_revision + 1,
            ..current.clone()
        };
        let uses = self.store().oauth_app_uses(id, self.now()).await?;
        if app.client_id() != current.client_id() && !uses.is_empty() {
            return Err(Error::OauthAppInUse(named(who, uses)));
        }
        let change = self.app_change(who, &app, &client.data).await?;
        self.store().update_oauth_app(change).await?;
        Ok(app)
    }

    /// Removes an app that nothing uses.
    ///
    /// # Errors
    /// [`Error::OauthAppInUse`] with what uses it; [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn delete_oauth_app(&self, who: &Principal, id: OauthAppId) -> Result<()> {
        let app = self.manageable_app(who, id).await?;
        let now = self.now();
        let record = self.record(who, AuditAction::OauthAppDeleted, id, about(&app));
        match self.store().delete_oauth_app(id, now, vec![record]).await {
            Err(flero_store::Error::Refused { .. }) => {
                Err(Error::OauthAppInUse(named(who, self.store().oauth_app_uses(id, now).await?)))
            }
            done => Ok(done?),
        }
    }

    async fn manageable_app(&self, who: &Principal, id: OauthAppId) -> Result<OauthApp> {
        // What the caller lacks in general is said before anything is looked up, so that it says nothing of `id`.
        permit(who, Action::CreateOauthApp(AppLevel::Workspace))
            .or_else(|_| permit(who, Action::CreateOauthApp(AppLevel::Organization)))?;
        let app = self.store().get_oauth_app(id).await?.app;
        permit(who, Action::ManageOauthApp(&app))?;
        Ok(app)
    }

    async fn app_change(&self, who: &Principal, app: &OauthApp, data: &SecretFields) -> Result<AppChange> {
        let sealed = self.0.keyring.seal(&Binding::of_app(app), &data.document()).await?;
        let record = self.record(who, AuditAction::OauthAppChanged, app.id, about(app));
        Ok(AppChange { app: app.clone(), secret: Some(sealed), audit: vec![record] })
    }

    /// Checks what was submitted, by the description of the service.
    async fn app_policy(&self, who: &Principal, service: &str, client: &AppClient) -> Result<Policy> {
        let mut faults = Faults::default();
        let described = self.described(who, service).await?;
        let ways: Vec<&Oauth> =
            described.iter().flat_map(|one| &one.auth).filter_map(|kind| kind.oauth.as_ref()).collect();
        if ways.is_empty() {
            let message = "Name a connector whose service authenticates with OAuth 2.";
            faults.add("/service", "oauth_app.service", message);
        }
        check_app(&client.parameters, &client.data, &mut faults);
        let allowed_hosts = if !client.allowed_hosts.is_empty() {
            read_hosts(&client.allowed_hosts, &mut faults)
        } else if let Some(hosts) = hosts_of(&ways) {
            hosts
        } else {
            let message = "The service's endpoints differ from account to account; name the hosts that the client's secret may be sent to.";
            faults.add("/allowedHosts", "credential.hosts_required", message);
            Vec::new()
        };
        if !faults.0.is_empty() {
            return Err(Error::Invalid(faults.0));
        }
        Ok(Policy {
            service: service.to_owned(),
            auth_type: AuthType::Oauth2,
            allowed_hosts,
            parameters: client.parameters.clone(),
        })
    }

    /// Names the app in the parameters of a credential that has no client of its own.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the parameters name an app that is not this service's or not shared here.
    pub(in crate::credentials) async fn choose_app(
        &self,
        who: &Principal,
        scope: Scope,
        service: Option<&Service>,
        auth_type: AuthType,
        parameters: &mut Map<String, Value>,
    ) -> Result<()> {
        let (Some(service), AuthType::Oauth2) = (service, auth_type) else { return Ok(()) };
        let text =
            |name: &str| parameters.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let wanted = text(OAUTH_APP);
        if text("clientId").is_some() {
            return match wanted {
                None => Ok(()),
                Some(_) => Err(wrong_app("Give either a client of the credential's own or an OAuth app.")),
            };
        }
        let apps = self.store().list_oauth_apps(who.organization, who.workspace).await?;
        // What the whole organization uses must not hang on one workspace.
        let fits = |app: &&OauthApp| {
            app.policy.service == service.id
                && !(scope == Scope::Organization && app.level == AppLevel::Workspace)
        };
        let found = match wanted {
            None => apps.iter().find(fits),
            Some(wanted) => Some(
                apps.iter()
                    .filter(fits)
                    .find(|app| app.id.to_string() == wanted)
                    .ok_or_else(|| wrong_app("There is no such OAuth app of this service here."))?,
            ),
        };
        if let Some(app) = found {
            let id = app.id.to_string();
            parameters.insert(OAUTH_APP.to_owned(), id.into());
        }
        Ok(())
    }
}

/// A description without what an app stands in for, where the parameters name one.
pub(in crate::credentials) fn without_client(
    service: Option<Service>,
    parameters: &Map<String, Value>,
) -> Option<Service> {
    let mut service = service?;
    if parameters.contains_key(OAUTH_APP) {
        for kind in service.auth.iter_mut().filter(|kind| kind.oauth.is_some()) {
            kind.fields.retain(|field| !CLIENT_FIELDS.contains(&field.name.as_str()));
        }
    }
    Some(service)
}

fn wrong_app(message: &str) -> Error {
    Error::field(format!("/parameters/{OAUTH_APP}"), "oauth_app.unknown", message)
}

/// The hosts of a service's endpoints; `None` where one of them depends on the account.
fn hosts_of(ways: &[&Oauth]) -> Option<Vec<HostPattern>> {
    let endpoints = |ways: &Oauth| -> [Option<Template>; 6] {
        [
            ways.token_url.clone(),
            ways.refresh_url.clone(),
            ways.revocation_url.clone(),
            ways.device_authorization_url.clone(),
            ways.pushed_authorization_url.clone(),
            ways.issuer.clone(),
        ]
    };
    let mut hosts = Vec::new();
    for url in ways.iter().flat_map(|ways| endpoints(ways)).flatten() {
        if url.names().next().is_some() {
            return None;
        }
        let (url, _) = read_url(url.as_str()).ok()?;
        let host: HostPattern = Destination::of(&url).ok()?.to_string().parse().ok()?;
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    (!hosts.is_empty()).then_some(hosts)
}

fn about(app: &OauthApp) -> AuditDetail {
    AuditDetail {
        name: Some(app.policy.service.clone()),
        to: Some(app.level.as_str().to_owned()),
        secret_revision: Some(app.secret_revision),
        ..AuditDetail::default()
    }
}

/// What uses an app, as far as the caller's workspace has it; the others are counted.
fn named(who: &Principal, uses: Vec<AppUse>) -> AppNeeded {
    let (own, others): (Vec<_>, Vec<_>) =
        uses.into_iter().partition(|one| one.workspace == Some(who.workspace));
    AppNeeded {
        credentials: own.into_iter().map(|one| (one.credential, one.name)).collect(),
        elsewhere: others.len() as u64,
    }
}
