//! The parameters of each grant.

use flero_model::{Timestamp, secret::SecretString};

use super::{
    client::Client,
    fault::Fault,
    request::{self, Parameters},
    settings::{GrantType, Settings},
    token_set::TokenSet,
};

/// A code that the service gave for a person's consent.
#[derive(Debug)]
pub(crate) struct Code {
    /// The code.
    pub(crate) code: SecretString,
    /// The redirect URI that it was sent to.
    pub(crate) redirect_uri: String,
    /// The PKCE verifier; `None` where the description switches PKCE off.
    pub(crate) verifier: Option<SecretString>,
}

/// The parameters that exchange a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
#[must_use]
pub(crate) fn code(settings: &Settings, code: &Code) -> Parameters {
    let mut parameters = Parameters::default();
    parameters.set("grant_type", GrantType::AuthorizationCode.as_str());
    parameters.set("code", code.code.expose());
    parameters.set("redirect_uri", &code.redirect_uri);
    if let Some(verifier) = &code.verifier {
        parameters.set("code_verifier", verifier.expose());
    }
    add_resources(settings, &mut parameters);
    parameters.extend(&settings.ways.token_parameters);
    parameters
}

/// The parameters that poll for a device code's tokens (RFC 8628 section 3.4).
#[must_use]
pub(crate) fn device_code(settings: &Settings, device_code: &SecretString) -> Parameters {
    let mut parameters = Parameters::default();
    parameters.set("grant_type", GrantType::DeviceCode.as_str());
    parameters.set("device_code", device_code.expose());
    parameters.set("client_id", &settings.client_id);
    parameters.extend(&settings.ways.token_parameters);
    parameters
}

/// The parameters that ask for the next token set without a person: by the refresh token where there is one, else by
/// the grant itself.
///
/// # Errors
/// [`Fault::NotConnected`] when only a person can give one; [`Fault::Settings`] when something is missing.
pub(crate) fn next(
    settings: &Settings,
    client: &Client,
    tokens: Option<&TokenSet>,
    now: Timestamp,
) -> Result<Parameters, Fault> {
    if let Some(refresh) = tokens.and_then(|tokens| tokens.refresh.as_ref()) {
        let mut parameters = Parameters::default();
        parameters.set("grant_type", "refresh_token");
        parameters.set("refresh_token", refresh.expose());
        add_resources(settings, &mut parameters);
        parameters.extend(&settings.ways.refresh_parameters);
        return Ok(parameters);
    }
    let mut parameters = Parameters::default();
    parameters.set("grant_type", settings.grant.as_str());
    match settings.grant {
        GrantType::AuthorizationCode | GrantType::DeviceCode => return Err(Fault::NotConnected),
        GrantType::ClientCredentials => {}
        GrantType::JwtBearer => {
            let audience = match settings.audience.as_deref().or(settings.issuer()) {
                Some(audience) => audience.to_owned(),
                None => settings.token_url()?.0.to_string(),
            };
            let subject = settings.subject.as_deref().unwrap_or(&settings.client_id);
            let assertion = request::assertion(settings, client, subject, &audience, settings.scope(), now)?;
            parameters.set("assertion", assertion.expose());
        }
        GrantType::TokenExchange => {
            let subject = client.subject_token.as_ref().ok_or(Fault::Settings("subjectToken"))?;
            parameters.set("subject_token", subject.expose());
            let kind = settings
                .subject_token_type
                .as_deref()
                .unwrap_or("urn:ietf:params:oauth:token-type:access_token");
            parameters.set("subject_token_type", kind);
        }
    }
    if let Some(scope) = settings.scope() {
        parameters.set("scope", &scope);
    }
    if let Some(audience) = settings.audience.as_deref().filter(|_| settings.grant != GrantType::JwtBearer) {
        parameters.set("audience", audience);
    }
    add_resources(settings, &mut parameters);
    parameters.extend(&settings.ways.token_parameters);
    Ok(parameters)
}

/// RFC 8707 section 2: `resource` may be repeated.
fn add_resources(settings: &Settings, parameters: &mut Parameters) {
    for resource in &settings.resources {
        parameters.add("resource", resource);
    }
}
