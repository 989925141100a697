//! What a user does, over HTTP and in this order: store a credential, build a workflow, activate it, call it.

use std::{net::SocketAddr, time::Duration};

use flero_model::secret::SecretString;
use http::Method;
use serde_json::{Value, json};

use super::client::Caller;
use crate::exit::Failure;

/// Where the journey goes.
pub(crate) struct Journey {
    /// The installation, without a slash at its end.
    pub(crate) base: String,
    /// The owner's key.
    pub(crate) key: SecretString,
    /// The owner's password.
    pub(crate) password: SecretString,
    /// The practice service.
    pub(crate) practice: SocketAddr,
}

/// What came of it.
pub(crate) struct Run {
    pub(crate) credential: String,
    pub(crate) workflow: String,
    /// What the webhook answered.
    pub(crate) answer: Value,
    /// The execution as the API tells it.
    pub(crate) report: Value,
    /// A key that may only read, for the browser.
    pub(crate) view_key: SecretString,
}

impl Run {
    pub(crate) fn id(&self) -> &str {
        self.report["id"].as_str().unwrap_or_default()
    }
}

impl Journey {
    pub(crate) async fn travel(&self) -> Result<Run, Failure> {
        let caller = Caller::new(self.base.clone(), self.key.expose().clone());
        let credential = self.connect(&caller).await?;
        let workflow = caller.call(Method::POST, "/api/workflows", Some(&self.workflow(&credential))).await?;
        let workflow = text(&workflow["id"])?;
        let active = json!({"status": "active"});
        caller.call(Method::POST, &format!("/api/workflows/{workflow}/status"), Some(&active)).await?;
        let answer = caller.call(Method::POST, "/webhook/demo", Some(&json!({"order": 42}))).await?;
        let report = self.execution(&caller).await?;
        let view = json!({"name": "Browser", "scopes": ["executions:read", "workflows:read"], "expiresAt": self.tomorrow()});
        let view = caller.call(Method::POST, "/api/api-keys", Some(&view)).await?;
        Ok(Run { credential, workflow, answer, report, view_key: SecretString::new(text(&view["key"])?) })
    }

    /// Connects an account by OAuth: begins, opens the address as a browser does, follows the service back, saves.
    async fn connect(&self, caller: &Caller) -> Result<String, Failure> {
        let start = "/api/credentials/oauth/start";
        let started = caller.call(Method::POST, start, Some(&self.credential())).await?;
        let back = caller.follow(&text(&started["authorizationUrl"])?).await?;
        caller.follow(&back).await?;
        let save = json!({"attemptId": started["attemptId"], "name": "Practice service"});
        let saved = caller.call(Method::POST, "/api/credentials", Some(&save)).await?;
        text(&saved["id"])
    }

    fn credential(&self) -> Value {
        let service = format!("http://{}", self.practice);
        json!({
            "name": "Practice service", "service": "http", "authType": "oauth2", "scope": "workspace",
            "parameters": {
                "authorizationUrl": format!("{service}/authorize"), "tokenUrl": format!("{service}/token"),
                "clientId": super::practice::CLIENT_ID, "clientAuthMethod": "none", "scopes": "orders",
            },
            "data": {}, "allowedHosts": [service], "notes": "Made by the demonstration.",
        })
    }

    fn workflow(&self, credential: &str) -> Value {
        json!({
            "name": "Demonstration",
            "nodes": [
                {"id": "in", "name": "Webhook", "type": "WebhookTrigger", "position": {"x": 0, "y": 0},
                 "parameters": {"path": "demo", "method": "POST", "responseMode": "onCompletion"}},
                {"id": "call", "name": "Look up the order", "type": "HTTPRequest", "credentialId": credential, "position": {"x": 260, "y": 0},
                 "parameters": {"method": "GET", "url": format!("http://{}/orders/{{{{ $trigger.body.order }}}}", self.practice)}},
                {"id": "end", "name": "Answer", "type": "Terminal", "position": {"x": 520, "y": 0},
                 "parameters": {"output": {"found": "{{ $node[\"Look up the order\"].json.body.title }}"}}},
            ],
            "edges": [{"from": "in", "to": "call"}, {"from": "call", "to": "end"}],
        })
    }

    /// The one execution that there is, once it has ended.
    async fn execution(&self, caller: &Caller) -> Result<Value, Failure> {
        for _ in 0..100 {
            let list = caller.call(Method::GET, "/api/executions?limit=1", None).await?;
            if let Some(id) = list["items"][0]["id"].as_str() {
                let report = caller.call(Method::GET, &format!("/api/executions/{id}"), None).await?;
                if !report["finishedAt"].is_null() {
                    return Ok(report);
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Failure::work("the execution did not end within five seconds."))
    }

    fn tomorrow(&self) -> String {
        use flero_model::Clock as _;
        crate::wiring::clock::SystemClock.now().plus_millis(86_400_000).to_string()
    }
}

fn text(value: &Value) -> Result<String, Failure> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::work("the API answered something else than it promises."))
}
