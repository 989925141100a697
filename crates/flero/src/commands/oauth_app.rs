//! `flero oauth-app`: the clients that every organization of the installation shares.
//!
//! They are set up at the machine and not over the API: no role of an organization says who runs the installation
//! (`docs/adr/0301-oauth-apps.md`).

use std::io::Read as _;

use flero_app::{
    App,
    credentials::{SecretField, SecretFields, oauth::AppClient},
};
use flero_model::{
    oauth_app::{AppLevel, OauthApp},
    policy::Principal,
    secret::SecretString,
};
use serde_json::{Map, Value, json};

use super::bootstrap::told;
use crate::{
    cli::{OauthApps, SetOauthApp},
    config::Config,
    exit::{Failure, say},
    wiring::Installation,
};

/// The longest secret that is read, in bytes; more than the use case takes, so that it can say so.
const SECRET_LIMIT_BYTES: u64 = 64 << 10;

/// Carries a command out.
pub(crate) async fn run(config: Config, command: OauthApps) -> Result<(), Failure> {
    let secret = match &command {
        OauthApps::Set(set) if set.secret_stdin => Some(read_secret()?),
        _ => None,
    };
    let installation = Installation::open(config)?;
    let keyring = installation.keyring().await?;
    let parts = installation.parts(keyring, "command").await?;
    let done = carry_out(&parts.app, command, secret).await;
    installation.retire().await;
    done
}

fn read_secret() -> Result<SecretString, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(SECRET_LIMIT_BYTES)
        .read_to_string(&mut text)
        .map_err(|_| Failure::usage("the secret on standard input is not text."))?;
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(SecretString::new(text))
}

async fn carry_out(app: &App, command: OauthApps, secret: Option<SecretString>) -> Result<(), Failure> {
    let who = app.local_principal().await.map_err(|error| match error {
        flero_app::Error::NotFound => {
            Failure::start("there is no owner yet; make one with `flero bootstrap`.")
        }
        other => told(other),
    })?;
    let shared: Vec<OauthApp> = app.list_oauth_apps(&who).await.map_err(told)?;
    let shared: Vec<OauthApp> =
        shared.into_iter().filter(|one| one.level == AppLevel::Installation).collect();
    match command {
        OauthApps::List(output) => list(&shared, output.json),
        OauthApps::Set(options) => {
            let present = shared.iter().find(|one| one.policy.service == options.service);
            let set = set(app, &who, options, secret, present).await?;
            say(&shown(&set).to_string())
        }
        OauthApps::Remove { service } => {
            let found = shared.iter().find(|one| one.policy.service == service);
            let found = found.ok_or_else(|| {
                Failure::work(
                    "the installation has no OAuth app of this service; `flero oauth-app list` shows all.",
                )
            })?;
            app.delete_oauth_app(&who, found.id).await.map_err(told)
        }
    }
}

async fn set(
    app: &App,
    who: &Principal,
    options: SetOauthApp,
    secret: Option<SecretString>,
    present: Option<&OauthApp>,
) -> Result<OauthApp, Failure> {
    let mut parameters = Map::new();
    let method = options.client_auth_method;
    let is_key = method.as_deref() == Some("private_key_jwt");
    let given =
        [("clientId", Some(options.client_id)), ("clientAuthMethod", method), ("keyId", options.key_id)];
    for (name, value) in given {
        parameters.extend(value.map(|value| (name.to_owned(), Value::String(value))));
    }
    let mut data = SecretFields::default();
    if let Some(secret) = secret {
        let name = if is_key { "privateKey" } else { "clientSecret" };
        data.0.insert(name.to_owned(), SecretField::Text(secret));
    }
    let client = AppClient { parameters, allowed_hosts: options.host, data };
    let done = match present {
        Some(present) => app.replace_oauth_app(who, present.id, client, None).await,
        None => app.create_oauth_app(who, AppLevel::Installation, &options.service, client).await,
    };
    done.map_err(told)
}

fn list(apps: &[OauthApp], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return say(&json!({"items": apps.iter().map(shown).collect::<Vec<_>>()}).to_string());
    }
    for app in apps {
        let hosts: Vec<String> = app.policy.allowed_hosts.iter().map(ToString::to_string).collect();
        say(&format!("{:<24} {}  {}", app.policy.service, app.client_id(), hosts.join(", ")))?;
    }
    Ok(())
}

fn shown(app: &OauthApp) -> Value {
    json!({"id": app.id, "service": app.policy.service, "clientId": app.client_id(),
        "clientAuthMethod": app.policy.parameters.get("clientAuthMethod"), "secretFields": app.secret_fields,
        "allowedHosts": app.policy.allowed_hosts})
}
