//! OAuth 2 flows and OpenID Connect discovery.

use std::collections::BTreeMap;

use flero_model::{
    credential::AuthType,
    service::{AuthKind, Expiry, Field, Format, LoginStep, Oauth, Permission, Place, Placement, Template},
};
use serde_json::{Map, Value};

use super::kinds::of_type;

/// The flows in the order in which they are offered, with the grant of each (RFC 6749). The implicit flow gives a
/// token to a browser only (RFC 9700 section 2.1.2 forbids it), so its authorization endpoint is used with codes
/// where the document names a token endpoint too, or a person enters one.
const FLOWS: &[(&[&str], &str)] = &[
    (&["authorizationCode", "accessCode"], "authorization_code"),
    (&["clientCredentials", "application"], "client_credentials"),
    (&["deviceAuthorization"], "urn:ietf:params:oauth:grant-type:device_code"),
    (&["implicit"], "authorization_code"),
    (&["password"], "password"),
];

/// The kind of an `oauth2` scheme: the best of its flows.
pub(super) fn of_flows(
    id: &str,
    scheme: &Map<String, Value>,
    hints: Oauth,
    reasons: &BTreeMap<String, String>,
) -> Result<AuthKind, String> {
    let mut kind = of_type(id, AuthType::Oauth2);
    let oauth = described(scheme, hints, reasons);
    if oauth.grant_type.is_empty() {
        return Err("The oauth2 security scheme has no flow that is known.".to_owned());
    }
    if oauth.grant_type == "password" {
        return Ok(password(id, oauth.token_url));
    }
    if oauth.token_url.is_none() && oauth.issuer.is_none() {
        // A document that knows the implicit flow alone does not tell where codes are traded.
        kind.fields.push(Field {
            name: "tokenUrl".to_owned(),
            label: "Token URL".to_owned(),
            help: "The description names no token endpoint; the service's documentation does.".to_owned(),
            secret: false,
            optional: false,
            default: None,
            choices: Vec::new(),
            format: Format::Url,
        });
    }
    kind.oauth = Some(oauth);
    Ok(kind)
}

/// The password grant (RFC 6749 section 4.3). RFC 9700 section 2.4 forbids it, but some services have nothing else:
/// it is a log-in that trades what was typed for a token. Without a token endpoint, the token itself is entered.
fn password(id: &str, token_url: Option<Template>) -> AuthKind {
    let (Some(url), Ok(value)) = (token_url, Template::new("Bearer {token.access}")) else {
        return AuthKind { name: "Access token".to_owned(), ..of_type(id, AuthType::Bearer) };
    };
    let text = |name: &str, label: &str, secret: bool| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        help: String::new(),
        secret,
        optional: secret && name == "clientSecret",
        default: None,
        choices: Vec::new(),
        format: Format::Text,
    };
    let parameters = [
        ("grant_type", "password"),
        ("username", "{username}"),
        ("password", "{password}"),
        ("client_id", "{clientId}"),
        ("client_secret", "{clientSecret}"),
    ];
    let parameters = parameters
        .iter()
        .filter_map(|(name, value)| Some(((*name).to_owned(), Template::new(*value).ok()?)))
        .collect();
    let login = LoginStep {
        method: "POST".to_owned(),
        url,
        headers: BTreeMap::new(),
        format: flero_model::service::TokenFormat::Form,
        parameters,
        keep: BTreeMap::from([("access".to_owned(), "/access_token".to_owned())]),
        expiry: Some(Expiry::SecondsAt("/expires_in".to_owned())),
    };
    let placement = Placement { place: Place::Header, name: "Authorization".to_owned(), value };
    AuthKind {
        name: "User name and password".to_owned(),
        fields: vec![
            text("username", "User name", false),
            text("clientId", "Client ID", false),
            text("password", "Password", true),
            text("clientSecret", "Client secret", true),
        ],
        placements: vec![placement],
        login: vec![login],
        ..of_type(id, AuthType::Custom)
    }
}

/// What hints leave open is taken from the scheme's flow.
pub(super) fn described(
    scheme: &Map<String, Value>,
    mut oauth: Oauth,
    reasons: &BTreeMap<String, String>,
) -> Oauth {
    let Some((flow, grant)) = best(scheme) else { return oauth };
    let url = |name: &str| {
        let text = flow.get(name)?.as_str()?.trim();
        // An address that is relative or no address cannot be gone to.
        let is_absolute = text.starts_with("https://") || text.starts_with("http://");
        Template::new(text).ok().filter(|_| is_absolute)
    };
    if oauth.grant_type.is_empty() {
        grant.clone_into(&mut oauth.grant_type);
    }
    oauth.authorization_url = oauth.authorization_url.or_else(|| url("authorizationUrl"));
    oauth.token_url = oauth.token_url.or_else(|| url("tokenUrl"));
    oauth.refresh_url = oauth.refresh_url.or_else(|| url("refreshUrl"));
    oauth.device_authorization_url = oauth.device_authorization_url.or_else(|| url("deviceAuthorizationUrl"));
    if oauth.refresh_url == oauth.token_url {
        oauth.refresh_url = None;
    }
    if oauth.permissions.is_empty() {
        let scopes = flow.get("scopes").and_then(Value::as_object);
        let permission = |(scope, description): (&String, &Value)| {
            let own =
                reasons.get(scope).map(String::as_str).or_else(|| description.as_str()).unwrap_or_default();
            Permission {
                scope: scope.clone(),
                reason: crate::names::plain(own, 300),
                // Of a vendor's list, people choose what they need; what a curated connector gives a reason for
                // is what it needs.
                optional: !reasons.contains_key(scope),
            }
        };
        oauth.permissions = scopes.into_iter().flatten().map(permission).collect();
    }
    oauth
}

/// OpenID Connect: everything is discovered from the issuer (RFC 8414).
pub(super) fn discovered(
    scheme: &Map<String, Value>,
    mut oauth: Oauth,
    reasons: &BTreeMap<String, String>,
) -> Result<Oauth, String> {
    let url = scheme.get("openIdConnectUrl").and_then(Value::as_str).unwrap_or_default().trim();
    let issuer = url.split("/.well-known/").next().unwrap_or_default();
    if oauth.issuer.is_none() {
        let known = Template::new(issuer).ok().filter(|_| issuer.starts_with("https://"));
        oauth.issuer =
            Some(known.ok_or("The openIdConnect security scheme has no absolute `openIdConnectUrl`.")?);
    }
    if oauth.grant_type.is_empty() {
        "authorization_code".clone_into(&mut oauth.grant_type);
    }
    if oauth.permissions.is_empty() {
        let permission = |(scope, reason): (&String, &String)| Permission {
            scope: scope.clone(),
            reason: reason.clone(),
            optional: false,
        };
        oauth.permissions = reasons.iter().map(permission).collect();
    }
    Ok(oauth)
}

/// The flow that is used, and its grant. Swagger 2.0 has one flow, beside the scheme's own members.
fn best(scheme: &Map<String, Value>) -> Option<(&Map<String, Value>, &'static str)> {
    let own = scheme.get("flow").and_then(Value::as_str);
    let flows = scheme.get("flows").and_then(Value::as_object);
    FLOWS.iter().find_map(|(names, grant)| {
        let listed = names.iter().find_map(|name| flows?.get(*name)?.as_object());
        let single = own.filter(|own| names.contains(own)).map(|_| scheme);
        Some((listed.or(single)?, *grant))
    })
}
