//! What the parameters of an `oauth2` credential must say together, and the addresses that an issuer tells.

use flero_connect::oauth::{Fault, GrantType, Settings};
use flero_model::{
    credential::{AuthType, Policy},
    policy::Principal,
};
use serde_json::{Map, Value};

use super::super::fields::Faults;
use crate::{App, Error, Result};

/// Checks the parameters of the generic kind.
pub(in crate::credentials) fn check_parameters(parameters: &Map<String, Value>, faults: &mut Faults) {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some(grant) = GrantType::read(text("grantType")) else {
        let message = "Expected authorization_code, client_credentials, or the URN of device_code, jwt-bearer or token-exchange. The implicit and password grants are not offered (RFC 9700).";
        faults.add("/parameters/grantType", "json.choice", message);
        return;
    };
    // What an issuer's metadata tells need not be given.
    if !text("issuer").is_empty() {
        return;
    }
    let mut need = |name: &str, what: &str| {
        if text(name).is_empty() {
            faults.add(format!("/parameters/{name}"), "json.required", what);
        }
    };
    need("tokenUrl", "Give the token endpoint, or the issuer whose metadata names it.");
    match grant {
        GrantType::AuthorizationCode => {
            need(
                "authorizationUrl",
                "Give the authorization endpoint, or the issuer whose metadata names it.",
            );
        }
        GrantType::DeviceCode => need(
            "deviceAuthorizationUrl",
            "Give the device authorization endpoint, or the issuer whose metadata names it.",
        ),
        _ => {}
    }
}

impl App {
    /// Fills in the addresses that the issuer's metadata tells and the policy lacks. Returns whether authorization
    /// answers always name their issuer.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the metadata cannot be had or is another issuer's.
    pub(in crate::credentials) async fn discover(
        &self,
        who: &Principal,
        policy: &mut Policy,
    ) -> Result<bool> {
        if policy.auth_type != AuthType::Oauth2 {
            return Ok(false);
        }
        let settings = Settings::read(policy).map_err(fault)?;
        let Some(issuer) = settings.issuer() else { return Ok(false) };
        let lacks_push = settings.ways.pushed_authorization_url.is_none();
        let needs = match settings.grant {
            GrantType::AuthorizationCode => settings.ways.authorization_url.is_none(),
            GrantType::DeviceCode => settings.ways.device_authorization_url.is_none(),
            _ => false,
        } || settings.ways.token_url.is_none();
        if let Ok(url) = url::Url::parse(issuer) {
            self.0.connect.check_reach(who.organization, &url).await?;
        }
        let found = match self.0.connect.discover_issuer(issuer, &settings).await {
            Ok(found) => found,
            // With every address given the metadata is only asked whether answers name their issuer; an issuer
            // without metadata is one that does not.
            Err(Fault::Answer | Fault::Redirected) if !needs => return Ok(false),
            Err(why) => return Err(issuer_fault(why)),
        };
        for (name, address) in found.addresses {
            let is_push = name == "pushedAuthorizationUrl";
            let wanted = if is_push { lacks_push } else { !policy.parameters.contains_key(name) };
            let is_used = match name {
                "authorizationUrl" | "pushedAuthorizationUrl" => {
                    settings.grant == GrantType::AuthorizationCode
                }
                "deviceAuthorizationUrl" => settings.grant == GrantType::DeviceCode,
                _ => true,
            };
            if wanted && is_used {
                policy.parameters.insert(name.to_owned(), address.into());
            }
        }
        Ok(found.names_issuer)
    }
}

/// Why an issuer's metadata cannot be used, as a problem of the request.
fn issuer_fault(why: Fault) -> Error {
    const ELSE: &str = "check the issuer, letter for letter, or give the service's addresses instead of it";
    let message = match why {
        Fault::Answer => {
            format!("Nothing at the issuer's well-known addresses is its metadata (RFC 8414); {ELSE}.")
        }
        Fault::Redirected => format!("The issuer's metadata redirects, which is never followed; {ELSE}."),
        Fault::Call(kind) => {
            format!("The issuer's metadata could not be read: {}; {ELSE}.", flero_connect::Error::new(kind))
        }
        other => return fault(other),
    };
    Error::field("/parameters/issuer", "credential.issuer", message)
}

/// A fault of the settings as a problem of the request.
pub(super) fn fault(why: Fault) -> Error {
    let (pointer, code) = match why {
        Fault::Settings(part @ ("clientSecret" | "privateKey" | "subjectToken")) => {
            (format!("/data/{part}"), "json.required")
        }
        Fault::Settings(part) => (format!("/parameters/{part}"), "json.required"),
        Fault::Issuer | Fault::Downgrade => ("/parameters/issuer".to_owned(), "credential.issuer"),
        Fault::Inside(_) => return Error::Unavailable("The vault or the database cannot be used now."),
        _ => ("/parameters".to_owned(), "credential.oauth"),
    };
    Error::field(pointer, code, why.sentence())
}
