//! Whether `FLERO_PUBLIC_URL` leads here: the address is called as a service's redirect would call it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flero_connect::{
    Call, Config, Connect, Intent, OpenFailure, OpenSecret, Ports, Purpose, Request, StoreSource,
    call::Credential, resolve::SystemResolver,
};
use flero_model::{
    OrganizationId, UserId, WorkspaceId,
    policy::{Principal, Via},
    role::{OrganizationRole, Role},
    secret::SecretBytes,
};
use flero_store::credentials::CredentialWithSecret;
use http::Method;
use serde_json::Value;
use url::Url;

use super::Verdict;
use crate::wiring::Installation;

/// How long the answer may take: it comes from a proxy next door, or not at all.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Calls the address, and says what came back.
pub(super) async fn check(installation: &Installation) -> (Verdict, String) {
    let public = installation.config.public_url.as_str().trim_end_matches('/').to_owned();
    let Some(connect) = door(installation) else {
        return (
            Verdict::Bad,
            format!("{public}: this is no address that can be called; set FLERO_PUBLIC_URL."),
        );
    };
    let nobody = Principal {
        user: UserId::from_u128(0),
        organization: OrganizationId::from_u128(0),
        organization_role: OrganizationRole::Member,
        workspace: WorkspaceId::from_u128(0),
        role: Role::Viewer,
        via: Via::Local,
    };
    let mut request = Request::new(Method::GET, format!("{public}/oauth/self-test"));
    request.timeout = TIMEOUT;
    request.follow_redirects = false;
    let call = Call {
        principal: nobody,
        purpose: Purpose::Test,
        credential: Credential::None,
        intent: Intent::Record,
        request,
    };
    match connect.send(call).await {
        Ok(reply) => judged(&public, reply.status, &serde_json::from_slice(&reply.body).unwrap_or_default()),
        Err(error) => {
            let message = format!(
                "{public} was not reached: {error}. While no server runs this is as it should be; else people, webhooks and OAuth callbacks do not get here. Check FLERO_PUBLIC_URL, name, port, certificate and proxy."
            );
            (Verdict::Warning, message)
        }
    }
}

/// What an answer says.
fn judged(public: &str, status: u16, answer: &Value) -> (Verdict, String) {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (theirs, host) = (text("publicUrl"), text("host"));
    if status != 200 || theirs.is_empty() {
        let message = format!(
            "{public} answers, but not as Flero (status {status}): something else listens there, or the proxy does not pass /oauth/ on."
        );
        return (Verdict::Bad, message);
    }
    if theirs != public {
        let message = format!(
            "{public} leads to an installation that calls itself {theirs}: OAuth callbacks would be refused. Give both the same FLERO_PUBLIC_URL, or mend the proxy."
        );
        return (Verdict::Bad, message);
    }
    if !host.eq_ignore_ascii_case(authority(public)) {
        let message = format!(
            "{public} leads here, but the proxy passes on the host {host}; let it pass the original one (nginx: proxy_set_header Host $http_host)."
        );
        return (Verdict::Warning, message);
    }
    (Verdict::Good, format!("{public} leads here"))
}

/// Host and port as an address has them.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// A door that opens no secret and may go to addresses of this machine: the operator asks.
fn door(installation: &Installation) -> Option<Connect> {
    let url: &Url = &installation.config.public_url;
    let everywhere = format!("{},0.0.0.0/0,::/0", url.host_str()?);
    let config = Config { allow: everywhere.parse().ok()?, ..Config::default() };
    let ports = Ports {
        source: Arc::new(StoreSource::new(installation.port())),
        opener: Arc::new(Closed),
        clock: installation.clock.clone(),
        resolver: Arc::new(SystemResolver),
        oauth: None,
    };
    Some(Connect::new(config, ports))
}

struct Closed;

#[async_trait]
impl OpenSecret for Closed {
    async fn open(&self, _stored: &CredentialWithSecret) -> Result<SecretBytes, OpenFailure> {
        Err(OpenFailure::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_answers_is_told_apart() {
        let public = "https://flero.example.com";
        for (status, answer, verdict, word) in [
            (200, json!({"publicUrl": public, "host": "FLERO.example.com"}), Verdict::Good, "leads here"),
            (
                200,
                json!({"publicUrl": public, "host": "127.0.0.1:4444"}),
                Verdict::Warning,
                "passes on the host",
            ),
            (200, json!({"publicUrl": "http://localhost:4444", "host": "x"}), Verdict::Bad, "calls itself"),
            (200, json!({}), Verdict::Bad, "not as Flero"),
            (502, Value::Null, Verdict::Bad, "not as Flero"),
        ] {
            let (found, message) = judged(public, status, &answer);
            assert!(found == verdict && message.contains(word), "{message}");
        }
    }
}
