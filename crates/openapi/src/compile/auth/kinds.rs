//! One security scheme as one way to authenticate.

use std::collections::BTreeMap;

use flero_model::{
    credential::AuthType,
    service::{AuthKind, Field, Format, Place, Placement, Template},
};
use serde_json::{Map, Value, json};

use super::{label, oauth};
use crate::{extension::AuthHints, names};

/// The kind of a scheme, or why there is none.
pub(super) fn of_scheme(
    id: &str,
    scheme: &Map<String, Value>,
    hints: &AuthHints,
    reasons: &BTreeMap<String, String>,
) -> Result<AuthKind, String> {
    let text = |name: &str| scheme.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    if let Some(auth_type) = hints.auth_type {
        let mut kind = of_type(id, auth_type);
        if auth_type == AuthType::Oauth2 {
            kind.oauth = Some(oauth::described(scheme, hints.oauth.clone().unwrap_or_default(), reasons));
        }
        return Ok(kind);
    }
    match text("type").to_ascii_lowercase().as_str() {
        "basic" => Ok(of_type(id, AuthType::Basic)),
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "basic" => Ok(of_type(id, AuthType::Basic)),
            "bearer" => Ok(of_type(id, AuthType::Bearer)),
            "digest" => Ok(of_type(id, AuthType::Digest)),
            // Not registered with IANA, and used for TLS client certificates.
            "mutual" => Ok(of_type(id, AuthType::Certificate)),
            "negotiate" | "ntlm" => {
                Err("Negotiate (Kerberos, NTLM) needs the machine's own log-in, which a server has none of."
                    .to_owned())
            }
            // A scheme of its own (RFC 9110 section 11.1) is a word before a token.
            other
                if !other.is_empty()
                    && other.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
            {
                let mut kind = of_type(id, AuthType::ApiKey);
                kind.parameters =
                    parameters(&json!({ "in": "header", "name": "Authorization", "prefix": text("scheme") }));
                Ok(kind)
            }
            _ => Err("The http security scheme names no `scheme`.".to_owned()),
        },
        "apikey" => api_key(id, scheme),
        "mutualtls" => Ok(of_type(id, AuthType::Certificate)),
        "oauth2" => oauth::of_flows(id, scheme, hints.oauth.clone().unwrap_or_default(), reasons),
        "openidconnect" => {
            let mut kind = of_type(id, AuthType::Oauth2);
            kind.oauth = Some(oauth::discovered(scheme, hints.oauth.clone().unwrap_or_default(), reasons)?);
            Ok(kind)
        }
        _ => Err("The security scheme is of a type that OpenAPI does not know.".to_owned()),
    }
}

fn api_key(id: &str, scheme: &Map<String, Value>) -> Result<AuthKind, String> {
    let text = |name: &str| scheme.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    let (place, name, description) = (text("in"), text("name"), text("description").to_ascii_lowercase());
    if !matches!(place, "header" | "query" | "cookie") || name.is_empty() {
        return Err("The apiKey security scheme needs `in` (header, query or cookie) and `name`.".to_owned());
    }
    // Documents made of AWS's own models describe its signature as a key, because OpenAPI has no word for it.
    let is_signature = scheme
        .get("x-amazon-apigateway-authtype")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("sigv4"))
        || description.contains("amazon signature");
    if is_signature {
        return Ok(of_type(id, AuthType::AwsSigV4));
    }
    let is_authorization = place == "header" && name.eq_ignore_ascii_case("authorization");
    if is_authorization && description.contains("bearer") {
        return Ok(of_type(id, AuthType::Bearer));
    }
    let mut kind = of_type(id, AuthType::ApiKey);
    kind.parameters = parameters(&json!({ "in": place, "name": name }));
    Ok(kind)
}

fn parameters(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// Several keys in one credential.
pub(super) fn of_keys(keys: &[(&String, &Map<String, Value>)]) -> Option<AuthKind> {
    let mut kind = of_type("keys", AuthType::Custom);
    "Keys".clone_into(&mut kind.name);
    for (id, scheme) in keys {
        let text = |name: &str| scheme.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        let place = match text("in") {
            "header" => Place::Header,
            "query" => Place::Query,
            "cookie" => Place::Cookie,
            _ => return None,
        };
        let name: String =
            id.chars().filter(|sign| sign.is_ascii_alphanumeric() || "_-".contains(*sign)).collect();
        let value = Template::new(format!("{{{name}}}")).ok()?;
        kind.fields.push(secret(&name, &names::humanize(id)));
        kind.placements.push(Placement { place, name: text("name").to_owned(), value });
    }
    Some(kind)
}

/// Header fields that every operation asks for, where the document has no security scheme.
pub(super) fn of_headers(headers: &[&str]) -> AuthKind {
    if let [one] = headers {
        let mut kind = of_type("key", AuthType::ApiKey);
        kind.parameters = parameters(&json!({ "in": "header", "name": one }));
        return kind;
    }
    let mut kind = of_type("headers", AuthType::Custom);
    "Keys in header fields".clone_into(&mut kind.name);
    for header in headers {
        let name: String =
            header.chars().filter(|sign| sign.is_ascii_alphanumeric() || "_-".contains(*sign)).collect();
        if let Ok(value) = Template::new(format!("{{{name}}}")) {
            kind.fields.push(secret(&name, &names::humanize(header)));
            kind.placements.push(Placement { place: Place::Header, name: (*header).to_owned(), value });
        }
    }
    kind
}

fn field(name: &str, label: &str, secret: bool) -> Field {
    Field {
        name: name.to_owned(),
        label: label.to_owned(),
        help: String::new(),
        secret,
        optional: false,
        default: None,
        choices: Vec::new(),
        format: Format::Text,
    }
}

fn secret(name: &str, label: &str) -> Field {
    field(name, label, true)
}

fn optional(field: Field) -> Field {
    Field { optional: true, ..field }
}

/// A kind with the fields that its type takes, as the API's credential body names them.
pub(super) fn of_type(id: &str, auth_type: AuthType) -> AuthKind {
    let fields = match auth_type {
        AuthType::Bearer => vec![secret("token", "Token")],
        AuthType::Basic | AuthType::Digest => {
            vec![field("username", "User name", false), secret("password", "Password")]
        }
        AuthType::ApiKey => vec![secret("key", "Key")],
        AuthType::Certificate => vec![
            Field { format: Format::Multiline, ..field("certificate", "Certificate (PEM)", false) },
            Field { format: Format::Multiline, ..secret("privateKey", "Private key (PEM)") },
            optional(secret("passphrase", "Passphrase of the key")),
        ],
        AuthType::AwsSigV4 => vec![
            field("accessKeyId", "Access key ID", false),
            field("region", "Region", false),
            secret("secretAccessKey", "Secret access key"),
            optional(secret("sessionToken", "Session token")),
        ],
        AuthType::Oauth2 => {
            vec![field("clientId", "Client ID", false), secret("clientSecret", "Client secret")]
        }
        AuthType::ServiceAccount => vec![
            Field { format: Format::Multiline, ..secret("key", "Key file (JSON)") },
            optional(field("subject", "Acting for", false)),
        ],
        AuthType::Database => vec![
            Field { format: Format::Host, ..field("host", "Host", false) },
            optional(field("port", "Port", false)),
            field("database", "Database", false),
            field("user", "User", false),
            secret("password", "Password"),
        ],
        AuthType::Mail => vec![
            Field { format: Format::Host, ..field("host", "Host", false) },
            optional(field("port", "Port", false)),
            field("user", "User", false),
            secret("password", "Password"),
        ],
        AuthType::Oauth1 | AuthType::CustomHeaders | AuthType::Custom => Vec::new(),
    };
    AuthKind {
        id: id.to_owned(),
        auth_type,
        name: label(auth_type, id),
        fields,
        parameters: Map::new(),
        placements: Vec::new(),
        oauth: None,
        server: None,
        login: Vec::new(),
        test: Vec::new(),
    }
}
