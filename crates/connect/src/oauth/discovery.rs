//! Metadata discovery (RFC 8414, OpenID Connect Discovery): the addresses of an issuer.
//!
//! It is done once, when a credential is set up; what is found is written into the policy, so that a service that
//! changes its metadata later changes no credential.

use flero_model::destination::read_url;
use http::HeaderMap;
use serde_json::Value;
use url::Url;

use super::{broker::Broker, fault::Fault};

/// What an issuer says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Parameter names of a credential, each with its address.
    pub addresses: Vec<(&'static str, String)>,
    /// Whether every authorization answer names its issuer (RFC 9207 section 3).
    pub names_issuer: bool,
    /// Whether requests must be pushed (RFC 9126 section 5).
    pub requires_push: bool,
}

/// The members of the metadata and the parameters that they fill.
const MEMBERS: &[(&str, &str)] = &[
    ("authorization_endpoint", "authorizationUrl"),
    ("token_endpoint", "tokenUrl"),
    ("revocation_endpoint", "revocationUrl"),
    ("device_authorization_endpoint", "deviceAuthorizationUrl"),
    ("pushed_authorization_request_endpoint", "pushedAuthorizationUrl"),
];

/// Where the metadata of an issuer may stand: between host and path (RFC 8414 section 3.1), and behind the path
/// (OpenID Connect Discovery section 4.1).
pub(super) fn places(issuer: &str) -> Result<[Url; 2], Fault> {
    const FAULT: Fault = Fault::Settings("issuer");
    let (url, _) = read_url(issuer).map_err(|_| FAULT)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(FAULT);
    }
    let path = url.path().trim_end_matches('/').to_owned();
    let mut oauth = url.clone();
    oauth.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    let mut openid = url;
    openid.set_path(&format!("{path}/.well-known/openid-configuration"));
    Ok([oauth, openid])
}

/// Reads metadata. Its issuer must be the configured one, letter for letter (RFC 8414 section 3.3).
///
/// A client that shows a certificate gets the addresses that are for such clients, where the server has some (RFC 8705
/// section 5).
pub(super) fn read(issuer: &str, body: &[u8], shows_certificate: bool) -> Result<Metadata, Fault> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Fault::Answer)?;
    if value.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err(Fault::Issuer);
    }
    if let Some(methods) = value.get("code_challenge_methods_supported").and_then(Value::as_array)
        && !methods.iter().any(|method| method == "S256")
    {
        // A server that lists methods but not S256 would have us fall back to `plain`, which protects nothing.
        return Err(Fault::Downgrade);
    }
    let yes = |name: &str| value.get(name) == Some(&Value::Bool(true));
    let addresses = MEMBERS
        .iter()
        .filter_map(|(member, parameter)| {
            let own = value.get("mtls_endpoint_aliases").filter(|_| shows_certificate);
            let text = own.and_then(|own| own.get(*member)).or_else(|| value.get(*member))?.as_str()?;
            read_url(text).ok()?;
            Some((*parameter, text.to_owned()))
        })
        .collect();
    Ok(Metadata {
        addresses,
        names_issuer: yes("authorization_response_iss_parameter_supported"),
        requires_push: yes("require_pushed_authorization_requests"),
    })
}

impl Broker {
    /// Fetches the metadata of an issuer.
    pub(super) async fn discover(&self, issuer: &str, shows_certificate: bool) -> Result<Metadata, Fault> {
        let mut last = Fault::Answer;
        for url in places(issuer)? {
            match self.wire.get(url, HeaderMap::new()).await {
                Ok(answer) if answer.status == 200 => {
                    match read(issuer, answer.body.expose(), shows_certificate) {
                        // What is no metadata at all may be an ordinary page; the other place is asked then.
                        Err(Fault::Answer) => last = Fault::Answer,
                        found => return found,
                    }
                }
                Ok(answer) if (300..400).contains(&answer.status) => last = Fault::Redirected,
                // A redirect tells more than that there is nothing at the other place.
                Ok(_) if last == Fault::Redirected => {}
                Ok(_) => last = Fault::Answer,
                Err(fault) => return Err(fault),
            }
        }
        Err(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_where_both_standards_put_it() {
        let urls = |issuer| places(issuer).unwrap().map(|url| url.to_string());
        assert_eq!(
            urls("https://as.example.com"),
            [
                "https://as.example.com/.well-known/oauth-authorization-server",
                "https://as.example.com/.well-known/openid-configuration"
            ]
        );
        assert_eq!(
            urls("https://as.example.com/tenant/")[0],
            "https://as.example.com/.well-known/oauth-authorization-server/tenant"
        );
        assert_eq!(
            urls("https://as.example.com/tenant")[1],
            "https://as.example.com/tenant/.well-known/openid-configuration"
        );
        assert!(places("https://as.example.com/?a=b").is_err() && places("ftp://x").is_err());
    }

    /// Security test 49: the issuer of the metadata is the configured one, letter for letter.
    #[test]
    fn metadata_of_another_issuer_is_refused() {
        let body = |issuer: &str| {
            format!(r#"{{"issuer":"{issuer}","token_endpoint":"https://as.example.com/token"}}"#)
        };
        let issuer = "https://as.example.com/t";
        assert_eq!(read(issuer, body(issuer).as_bytes(), false).unwrap().addresses.len(), 1);
        for other in
            ["https://as.example.com/t/", "https://AS.example.com/t", "https://evil.example.com/t", ""]
        {
            assert_eq!(read(issuer, body(other).as_bytes(), false), Err(Fault::Issuer), "{other}");
        }
        assert_eq!(read(issuer, b"{}", false), Err(Fault::Issuer));
        assert_eq!(read(issuer, b"<html>", false), Err(Fault::Answer));
    }

    /// Security test 50: a server that offers `plain` alone is refused.
    #[test]
    fn a_server_without_s256_is_refused() {
        let issuer = "https://as.example.com";
        for (methods, fine) in [(r#"["plain"]"#, false), ("[]", false), (r#"["plain","S256"]"#, true)] {
            let body = format!(r#"{{"issuer":"{issuer}","code_challenge_methods_supported":{methods}}}"#);
            assert_eq!(read(issuer, body.as_bytes(), false).is_ok(), fine, "{methods}");
        }
    }

    /// RFC 8705 section 5.
    #[test]
    fn a_client_with_a_certificate_gets_the_addresses_for_such_clients() {
        let issuer = "https://as.example.com";
        let body = format!(
            r#"{{"issuer":"{issuer}","token_endpoint":"https://as.example.com/token","revocation_endpoint":"https://as.example.com/revoke",
                "mtls_endpoint_aliases":{{"token_endpoint":"https://mtls.example.com/token"}}}}"#
        );
        for (shows, token) in
            [(false, "https://as.example.com/token"), (true, "https://mtls.example.com/token")]
        {
            let found = read(issuer, body.as_bytes(), shows).unwrap().addresses;
            let expected = [
                ("tokenUrl", token.to_owned()),
                ("revocationUrl", "https://as.example.com/revoke".to_owned()),
            ];
            assert_eq!(found, expected);
        }
    }
}
