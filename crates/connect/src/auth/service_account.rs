//! Service accounts: a JWT that is signed with the key file's private key is exchanged for an access token (RFC 7523
//! section 2.1; Google Identity, "Using OAuth 2.0 for Server to Server Applications").

use data_encoding::BASE64URL_NOPAD;
use flero_model::{credential::Policy, secret::SecretString};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::{
    Document, Moment,
    exchange::{Asked, DEFAULT_TOKEN_SECONDS, Exchanged, MAX_TOKEN_SECONDS, Ready},
    parameter,
    rsa::{Hash, PrivateKey},
    secret_value,
};
use crate::error::Kind;

/// How long an assertion is good for, in seconds.
const ASSERTION_SECONDS: i64 = 300;

/// What signs assertions.
pub(crate) struct ServiceAccount {
    key: PrivateKey,
    key_id: Option<String>,
    issuer: String,
    subject: Option<String>,
    scopes: String,
    token_url: String,
}

#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: SecretString,
    private_key_id: Option<String>,
}

impl ServiceAccount {
    /// # Errors
    /// [`Kind::CredentialMalformed`] when the key file or the address of the exchange is missing or damaged.
    pub(crate) fn read(policy: &Policy, document: &Document) -> Result<Self, Kind> {
        let file: KeyFile =
            serde_json::from_str(document.text("key")?).map_err(|_| Kind::CredentialMalformed)?;
        let scopes = match policy.parameters.get("scopes") {
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            Some(Value::String(words)) => words.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => String::new(),
        };
        Ok(Self {
            key: PrivateKey::from_pem(file.private_key.expose())?,
            key_id: file.private_key_id,
            issuer: file.client_email,
            subject: parameter(policy, "subject").ok().map(str::to_owned),
            scopes,
            token_url: parameter(policy, "tokenUrl")?.to_owned(),
        })
    }

    /// The request that trades an assertion for a token.
    pub(crate) fn ask(&self, moment: &Moment) -> Result<Asked, Kind> {
        let now = moment.now.as_millis() / 1000;
        let mut head = json!({"alg": "RS256", "typ": "JWT"});
        if let Some(id) = &self.key_id {
            head["kid"] = json!(id);
        }
        let mut claims = json!({"iss": self.issuer, "aud": self.token_url, "iat": now, "exp": now + ASSERTION_SECONDS, "jti": moment.nonce});
        if let Some(subject) = &self.subject {
            claims["sub"] = json!(subject);
        }
        if !self.scopes.is_empty() {
            claims["scope"] = json!(self.scopes);
        }
        let code = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let unsigned = [code(&head), code(&claims)].join(".");
        let signature = BASE64URL_NOPAD.encode(&self.key.sign(Hash::Sha256, unsigned.as_bytes())?);
        let assertion = Zeroizing::new([unsigned, signature].join("."));
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("assertion", &assertion)
            .finish();
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Ok(Asked { method: Method::POST, url: self.token_url.clone(), headers, body: body.into() })
    }
}

#[derive(Deserialize)]
struct Answer {
    access_token: Option<SecretString>,
    expires_in: Option<Value>,
    error: Option<Value>,
}

/// Reads the answer of a token endpoint (RFC 6749 sections 5.1 and 5.2).
///
/// # Errors
/// [`Kind::ExchangeRefused`] when the assertion is refused, [`Kind::ExchangeFailed`] otherwise.
pub(crate) fn answered(status: u16, body: &[u8], moment: &Moment) -> Result<Exchanged, Kind> {
    let is_refusal = matches!(status, 400 | 401 | 403);
    let unread = if is_refusal { Kind::ExchangeRefused } else { Kind::ExchangeFailed };
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unread)?;
    let token = match (status, answer.access_token, answer.error) {
        (200, Some(token), None) if !token.expose().is_empty() => token,
        (200, _, Some(_)) => return Err(Kind::ExchangeRefused),
        _ => return Err(unread),
    };
    // Some services write the number as a text.
    let seconds = match &answer.expires_in {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let seconds = seconds.unwrap_or(DEFAULT_TOKEN_SECONDS).clamp(0, MAX_TOKEN_SECONDS);
    let value = secret_value(&["Bearer ", token.expose()]).map_err(|_| Kind::ExchangeFailed)?;
    Ok(Exchanged { ready: Ready::Bearer(value), until: moment.now.plus_millis(seconds * 1000) })
}
