//! OAuth 1.0a (RFC 5849), and the signature methods with SHA-2 that services added to it.

use data_encoding::BASE64;
use flero_model::credential::Policy;
use http::{HeaderMap, HeaderValue, header};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{Document, Moment, Target, encode_unreserved, parameter};
use crate::error::Kind;

mod sign;

use sign::Method;

/// What signs a request.
pub(crate) struct Oauth1 {
    consumer_key: String,
    /// The shared secret, or the private key as PEM for the RSA methods.
    consumer_secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
    token_secret: Zeroizing<String>,
    method: Method,
    realm: Option<String>,
}

impl Oauth1 {
    /// # Errors
    /// [`Kind::CredentialMalformed`] when something is missing, or the private key is none.
    pub(crate) fn read(policy: &Policy, document: &Document) -> Result<Self, Kind> {
        let name = parameter(policy, "signatureMethod").unwrap_or("HMAC-SHA1");
        let scheme = Self {
            consumer_key: parameter(policy, "consumerKey")?.to_owned(),
            consumer_secret: Zeroizing::new(document.text("consumerSecret")?.to_owned()),
            token: document.optional_text("token").map(|token| Zeroizing::new(token.to_owned())),
            token_secret: Zeroizing::new(
                document.optional_text("tokenSecret").unwrap_or_default().to_owned(),
            ),
            method: Method::read(name).ok_or(Kind::CredentialMalformed)?,
            realm: parameter(policy, "realm").ok().map(str::to_owned),
        };
        scheme.method.check_key(&scheme.consumer_secret)?;
        Ok(scheme)
    }

    /// Whether the body is a part of what is signed: a form (RFC 5849 section 3.4.1.3.1).
    pub(crate) fn needs_body(headers: &HeaderMap) -> bool {
        is_form(headers)
    }

    /// Signs the request as it is going to be sent.
    ///
    /// # Errors
    /// [`Kind::CredentialPlacement`] for a form that is streamed; [`Kind::CredentialMalformed`].
    pub(crate) fn apply(&self, target: &mut Target<'_>, moment: &Moment) -> Result<(), Kind> {
        let seconds = (moment.now.as_millis() / 1000).to_string();
        let mut own: Vec<(&str, &str)> =
            vec![("oauth_consumer_key", &self.consumer_key), ("oauth_signature_method", self.method.name())];
        if let Some(token) = &self.token {
            own.push(("oauth_token", token));
        }
        // RFC 5849 section 3.1 lets PLAINTEXT leave these out, but servers ask for them all the same.
        own.push(("oauth_timestamp", &seconds));
        own.push(("oauth_nonce", &moment.nonce));
        own.push(("oauth_version", "1.0"));
        let form = match (is_form(target.headers), target.body.as_deref()) {
            (false, _) => &[],
            (true, Some(body)) => body.as_ref(),
            (true, None) => return Err(Kind::CredentialPlacement),
        };
        let base = base_string(target.method.as_str(), target.url, &own, form);
        let signature = self.method.sign(&base, &self.consumer_secret, &self.token_secret)?;
        let mut line = Zeroizing::new(String::from("OAuth "));
        if let Some(realm) = &self.realm {
            line.push_str(&["realm=\"", realm, "\", "].concat());
        }
        for (name, value) in own.iter().copied().chain([("oauth_signature", signature.as_str())]) {
            line.push_str(&Zeroizing::new([name, "=\"", &encode_unreserved(value), "\", "].concat()));
        }
        let mut value =
            HeaderValue::from_str(line.trim_end_matches(", ")).map_err(|_| Kind::CredentialMalformed)?;
        value.set_sensitive(true);
        target.headers.insert(header::AUTHORIZATION, value);
        Ok(())
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The signature base string (RFC 5849 section 3.4.1). `own` are the protocol's parameters without `realm`.
fn base_string(method: &str, url: &Url, own: &[(&str, &str)], form: &[u8]) -> Zeroizing<String> {
    let mut pairs: Vec<(String, String)> =
        own.iter().map(|(name, value)| (encode_unreserved(name), encode_unreserved(value))).collect();
    // Both are read as forms (sections 3.4.1.3.1 and 3.4.1.3.2): `+` is a space.
    let query = url.query().unwrap_or_default().as_bytes();
    for (name, value) in form_urlencoded::parse(query).chain(form_urlencoded::parse(form)) {
        pairs.push((encode_unreserved(&name), encode_unreserved(&value)));
    }
    pairs.sort_unstable();
    let parameters: Vec<String> = pairs.into_iter().map(|(name, value)| [name, value].join("=")).collect();
    let parameters = Zeroizing::new(parameters.join("&"));
    // Section 3.4.1.2: scheme and host in lower case, without the scheme's own port, which is what the parser gives.
    let address = [&url.origin().ascii_serialization(), url.path()].concat();
    let parts = [method.to_ascii_uppercase(), encode_unreserved(&address), encode_unreserved(&parameters)];
    Zeroizing::new(parts.join("&"))
}

fn base64(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(BASE64.encode(bytes))
}

#[cfg(test)]
mod tests;
