//! AWS Signature Version 4, made by the library of AWS's own SDK.
//!
//! What is signed is what is sent: path and query are first written in the one form that services read back the same
//! way, then signed, then sent unchanged.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
        SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use flero_model::{Timestamp, credential::Policy};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::{Document, Moment, Target, encode_unreserved, parameter};
use crate::error::Kind;

mod role;
mod scope;

pub(crate) use role::{Role, answered};
use scope::Scope;

/// How long a presigned URL is good for: it is used at once.
const PRESIGNED_FOR: Duration = Duration::from_secs(300);

/// An access key. The secret parts are wiped when it is dropped.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: Zeroizing<String>,
    pub(crate) session_token: Option<Zeroizing<String>>,
}

/// What signs a request.
pub(crate) struct Aws {
    pub(crate) keys: Keys,
    region: Option<String>,
    service: Option<String>,
    is_presigned: bool,
    /// The role to assume before anything is signed.
    pub(crate) role: Option<Role>,
}

impl Aws {
    /// # Errors
    /// [`Kind::CredentialMalformed`] when something is missing.
    pub(crate) fn read(policy: &Policy, document: &Document) -> Result<Self, Kind> {
        let optional = |name: &str| parameter(policy, name).ok().map(str::to_owned);
        let token = document.optional_text("sessionToken");
        let region = optional("region");
        Ok(Self {
            keys: Keys {
                id: parameter(policy, "accessKeyId")?.to_owned(),
                secret: Zeroizing::new(document.text("secretAccessKey")?.to_owned()),
                session_token: token.map(|token| Zeroizing::new(token.to_owned())),
            },
            role: Role::read(policy, region.as_deref()),
            region,
            service: optional("awsService"),
            is_presigned: policy.parameters.get("presigned") == Some(&Value::Bool(true)),
        })
    }

    /// The same with the keys of the assumed role.
    pub(crate) fn with_keys(mut self, keys: Keys) -> Self {
        (self.keys, self.role) = (keys, None);
        self
    }

    /// Whether the body is a part of what is signed. S3 takes streams unsigned under TLS.
    pub(crate) fn needs_body(&self, url: &Url) -> bool {
        !(url.scheme() == "https" && self.scope(url).is_ok_and(|scope| scope.is_s3()))
    }

    /// What the signature is for: as the credential says, else as the host's name does.
    fn scope(&self, url: &Url) -> Result<Scope, Kind> {
        let told = Scope::of_host(url.host_str().unwrap_or_default());
        let region = self.region.clone().or_else(|| told.as_ref().map(|told| told.region.clone()));
        let service = self.service.clone().or_else(|| told.map(|told| told.service));
        match (region, service) {
            (Some(region), Some(service)) => Ok(Scope { region, service }),
            _ => Err(Kind::AwsScopeUnknown),
        }
    }

    /// Signs the request as it is going to be sent.
    ///
    /// # Errors
    /// [`Kind::AwsScopeUnknown`]; [`Kind::CredentialPlacement`] for a streamed body that must be signed;
    /// [`Kind::CredentialMalformed`] for a header or URL that cannot be signed.
    pub(crate) fn apply(&self, target: &mut Target<'_>, moment: &Moment) -> Result<(), Kind> {
        let scope = self.scope(target.url)?;
        normalize(target.url);
        for name in [header::AUTHORIZATION.as_str(), "x-amz-date", "x-amz-security-token"] {
            target.headers.remove(name);
        }
        let body = match target.body.as_deref() {
            _ if self.is_presigned && scope.is_s3() => SignableBody::UnsignedPayload,
            Some(bytes) => SignableBody::Bytes(bytes),
            None if !self.needs_body(target.url) => SignableBody::UnsignedPayload,
            None => return Err(Kind::CredentialPlacement),
        };
        let location =
            if self.is_presigned { SignatureLocation::QueryParams } else { SignatureLocation::Headers };
        let (headers, query) = sign_request(
            &self.keys,
            &scope,
            location,
            target.method.as_str(),
            target.url,
            target.headers,
            body,
            moment.now,
        )?;
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(&value).map_err(|_| Kind::CredentialMalformed)?;
            value.set_sensitive(true);
            target.headers.insert(HeaderName::from_static(name), value);
        }
        if !query.is_empty() {
            let mut all = Zeroizing::new(target.url.query().unwrap_or_default().to_owned());
            for (name, value) in query {
                if !all.is_empty() {
                    all.push('&');
                }
                all.push_str(&Zeroizing::new([name, "=", &encode_unreserved(&value)].concat()));
            }
            target.url.set_query(Some(&all));
        }
        Ok(())
    }
}

type Signed = (Vec<(&'static str, Zeroizing<String>)>, Vec<(&'static str, Zeroizing<String>)>);

/// The header fields and query parameters to add.
#[allow(
    clippy::too_many_arguments,
    reason = "each is a part of what is signed, and there is one caller more"
)]
fn sign_request(
    keys: &Keys,
    scope: &Scope,
    location: SignatureLocation,
    method: &str,
    url: &Url,
    headers: &HeaderMap,
    body: SignableBody<'_>,
    now: Timestamp,
) -> Result<Signed, Kind> {
    let malformed = |()| Kind::CredentialMalformed;
    let mut settings = SigningSettings::default();
    settings.signature_location = location;
    if location == SignatureLocation::QueryParams {
        settings.expires_in = Some(PRESIGNED_FOR);
    }
    if scope.is_s3() {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    let token = keys.session_token.as_ref().map(|token| token.as_str().to_owned());
    let identity = Credentials::new(keys.id.as_str(), keys.secret.as_str(), token, None, "flero").into();
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&scope.region)
        .name(&scope.service)
        .time(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
        .settings(settings)
        .build()
        .map_err(|_| malformed(()))?
        .into();
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let signed = signed_headers(headers, authority);
    let request =
        SignableRequest::new(method, url.as_str(), signed.into_iter(), body).map_err(|_| malformed(()))?;
    // The library writes the request into its trace lines; nobody is to read them.
    let silence = tracing::subscriber::NoSubscriber::default();
    let output = tracing::subscriber::with_default(silence, || sign(request, &parameters))
        .map_err(|_| malformed(()))?;
    let (headers, query) = output.into_parts().0.into_parts();
    Ok((
        headers.into_iter().map(|one| (one.name(), Zeroizing::new(one.value().to_owned()))).collect(),
        query.into_iter().map(|(name, value)| (name, Zeroizing::new(value.into_owned()))).collect(),
    ))
}

/// The fields that are signed: the host, the type of the body, and AWS's own. Others may change on the way.
fn signed_headers<'a>(headers: &'a HeaderMap, authority: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut signed = vec![("host", authority)];
    signed.extend(headers.iter().filter_map(|(name, value)| {
        let counts = name.as_str().starts_with("x-amz-") || *name == header::CONTENT_TYPE;
        counts.then(|| value.to_str().ok().map(|value| (name.as_str(), value))).flatten()
    }));
    signed
}

/// Writes path and query with everything but the unreserved characters encoded.
fn normalize(url: &mut Url) {
    let decode = |text: &str| {
        // A plus sign in a path is itself; only forms take it for a space.
        let text = ["x=", &text.replace('+', "%2B").replace('&', "%26").replace(';', "%3B")].concat();
        url::form_urlencoded::parse(text.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let recode = |text: &str| encode_unreserved(&decode(text));
    let path: Vec<String> = url.path().split('/').map(recode).collect();
    url.set_path(&path.join("/"));
    if let Some(query) = url.query() {
        let spaced = query.replace('+', "%20");
        let pairs: Vec<String> = spaced
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) => [recode(name), recode(value)].join("="),
                None => recode(pair),
            })
            .collect();
        url.set_query(Some(&pairs.join("&")));
    }
}

#[cfg(test)]
mod tests;
