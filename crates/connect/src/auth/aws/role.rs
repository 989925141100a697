//! Assuming a role: the long-lived key is traded for one that ends soon (AWS STS API Reference, "AssumeRole").

use aws_sigv4::http_request::{SignableBody, SignatureLocation};
use bytes::Bytes;
use flero_model::{Timestamp, credential::Policy};
use http::{HeaderMap, HeaderValue, Method, header};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{Keys, Scope, parameter, sign_request};
use crate::{
    auth::{
        Moment,
        exchange::{Asked, Exchanged, Ready},
    },
    error::Kind,
};

/// How long the role's key is asked to be good for: what every role allows.
const DURATION_SECONDS: &str = "3600";

/// A role and where it is assumed.
pub(crate) struct Role {
    arn: String,
    external_id: Option<String>,
    url: String,
    region: String,
}

impl Role {
    pub(super) fn read(policy: &Policy, region: Option<&str>) -> Option<Self> {
        let arn = parameter(policy, "roleArn").ok()?.to_owned();
        let region = region.unwrap_or("us-east-1").to_owned();
        let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
        let url = match parameter(policy, "stsUrl") {
            Ok(url) => url.to_owned(),
            Err(_) => format!("https://sts.{region}.amazonaws.com{suffix}/"),
        };
        let external_id = parameter(policy, "externalId").ok().map(str::to_owned);
        Some(Self { arn, external_id, url, region })
    }

    /// The request, signed with the long-lived key.
    pub(crate) fn ask(&self, keys: &Keys, moment: &Moment) -> Result<Asked, Kind> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "AssumeRole");
        form.append_pair("Version", "2011-06-15");
        form.append_pair("RoleArn", &self.arn);
        form.append_pair(
            "RoleSessionName",
            &format!("flero-{}", &moment.nonce[..moment.nonce.len().min(12)]),
        );
        form.append_pair("DurationSeconds", DURATION_SECONDS);
        if let Some(id) = &self.external_id {
            form.append_pair("ExternalId", id);
        }
        let body = Bytes::from(form.finish());
        let url: Url = self.url.parse().map_err(|_| Kind::CredentialMalformed)?;
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, kind);
        let scope = Scope { region: self.region.clone(), service: "sts".to_owned() };
        let (signed, _) = sign_request(
            keys,
            &scope,
            SignatureLocation::Headers,
            "POST",
            &url,
            &headers,
            SignableBody::Bytes(&body),
            moment.now,
        )?;
        for (name, value) in signed {
            let mut value = HeaderValue::from_str(&value).map_err(|_| Kind::CredentialMalformed)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(Asked { method: Method::POST, url: self.url.clone(), headers, body })
    }
}

/// Reads the answer of STS.
///
/// # Errors
/// [`Kind::ExchangeRefused`] when the key or the role is refused, [`Kind::ExchangeFailed`] otherwise.
pub(crate) fn answered(status: u16, body: &[u8]) -> Result<Exchanged, Kind> {
    let text = std::str::from_utf8(body).map_err(|_| Kind::ExchangeFailed)?;
    if status != 200 {
        // A limit answers 400 too (STS, "Common Errors").
        let is_limit = element(text, "Code").is_some_and(|code| code.contains("Throttl"));
        return Err(if matches!(status, 400 | 401 | 403) && !is_limit {
            Kind::ExchangeRefused
        } else {
            Kind::ExchangeFailed
        });
    }
    let part = |name| element(text, name).ok_or(Kind::ExchangeFailed);
    let until: Timestamp = part("Expiration")?.parse().map_err(|_| Kind::ExchangeFailed)?;
    let keys = Keys {
        id: part("AccessKeyId")?.to_owned(),
        secret: Zeroizing::new(part("SecretAccessKey")?.to_owned()),
        session_token: Some(Zeroizing::new(part("SessionToken")?.to_owned())),
    };
    Ok(Exchanged { ready: Ready::Aws(keys), until })
}

/// The text of the first element of this name. What STS gives here has no escapes and no attributes.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(&format!("<{name}>"))? + name.len() + 2;
    let length = xml[start..].find('<')?;
    Some(xml[start..start + length].trim()).filter(|text| !text.is_empty())
}
