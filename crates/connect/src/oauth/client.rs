//! Who the client is: what the credential itself holds, or the OAuth app that it names.
//!
//! An app's secrets are presented at the hosts alone that the app is bound to. A credential is made by a connector's
//! description, and whoever imports one of the same name must not be able to have somebody else's client secret sent
//! to an address of their own.

use std::sync::Arc;

use flero_keyring::Binding;
use flero_model::{
    credential::Policy,
    destination::Destination,
    oauth_app::OauthApp,
    secret::{SecretBytes, SecretString},
    service::{self, ClientAuthMethod},
};
use serde::Deserialize;

use super::{
    broker::{Broker, store_down},
    fault::Fault,
    settings::Settings,
};
use crate::{
    auth::{
        Document,
        certificate::{self, Identity},
    },
    error::Kind,
};

/// What the client has to present: the secret fields of an `oauth2` credential, or of its app.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Client {
    /// `client_secret`.
    pub(crate) client_secret: Option<SecretString>,
    /// A private key in PEM, for assertions (RFC 7523).
    pub(crate) private_key: Option<SecretString>,
    /// The token that is exchanged (RFC 8693).
    pub(crate) subject_token: Option<SecretString>,
    /// What connections show and whom they trust (RFC 8705).
    #[serde(skip)]
    pub(crate) identity: Option<Arc<Identity>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Client(..)")
    }
}

/// The certificate that a credential shows, and the only authorities that it trusts; `None` where its policy names
/// neither.
///
/// # Errors
/// [`Kind::CertificateUnreadable`]; [`Kind::CredentialMalformed`].
pub(crate) fn identity(policy: &Policy, data: &SecretBytes) -> Result<Option<Arc<Identity>>, Kind> {
    let given = |name: &str| policy.parameters.get(name).and_then(serde_json::Value::as_str);
    let described = || policy.parameters.get(service::OAUTH)?.get("clientAuthMethod")?.as_str();
    let shows = given("certificate").is_some_and(|pem| !pem.is_empty())
        || given("clientAuthMethod")
            .or_else(described)
            .is_some_and(|method| method.contains("tls_client_auth"));
    if shows {
        let document = Document::read(data.expose())?;
        return Ok(Some(Arc::new(Identity::read(policy, &document)?)));
    }
    match given("ca").filter(|pem| !pem.is_empty()) {
        Some(pem) => Ok(Some(Arc::new(Identity::trusting(certificate::certificates(pem)?)))),
        None => Ok(None),
    }
}

impl Broker {
    /// The settings of a credential and its client.
    ///
    /// # Errors
    /// [`Fault::Settings`]; [`Fault::AppGone`], [`Fault::AppHost`]; [`Fault::Inside`].
    pub(super) async fn resolve(
        &self,
        policy: &Policy,
        data: &SecretBytes,
    ) -> Result<(Settings, Client), Fault> {
        let mut settings = Settings::read(policy)?;
        let mut client = read(data)?;
        client.identity = identity(policy, data).map_err(Fault::Inside)?;
        let Some(id) = settings.app else { return Ok((settings, client)) };
        let stored = self.store.get_oauth_app(id).await.map_err(|error| match error {
            flero_store::Error::NotFound => Fault::AppGone,
            _ => store_down(),
        })?;
        if stored.app.policy.service != policy.service {
            return Err(Fault::AppGone);
        }
        settings.take_client(&stored.app);
        self.check_app_hosts(&settings, &stored.app)?;
        if let Some(sealed) = &stored.secret {
            let own = read(&self.unseal(&Binding::of_app(&stored.app), &sealed.blob).await?)?;
            client.client_secret = own.client_secret;
            client.private_key = own.private_key;
        }
        Ok((settings, client))
    }

    /// Every address that the client authenticates at must be one of the app's.
    fn check_app_hosts(&self, settings: &Settings, app: &OauthApp) -> Result<(), Fault> {
        for url in settings.client_endpoints() {
            let destination = Destination::of(&url?).map_err(|_| Fault::AppHost)?;
            let listed = self.wire.lists(&destination);
            if !app.policy.allowed_hosts.iter().any(|host| host.allows(&destination, listed)) {
                return Err(Fault::AppHost);
            }
        }
        Ok(())
    }
}

/// Reads a client's secrets.
fn read(plain: &SecretBytes) -> Result<Client, Fault> {
    serde_json::from_slice(plain.expose()).map_err(|_| Fault::Inside(Kind::CredentialMalformed))
}

/// Whether a client of this method shows a certificate at the token endpoint (RFC 8705 section 2).
pub(super) const fn is_tls(method: ClientAuthMethod) -> bool {
    matches!(method, ClientAuthMethod::TlsClientAuth | ClientAuthMethod::SelfSignedTlsClientAuth)
}
