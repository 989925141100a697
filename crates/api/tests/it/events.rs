//! Events of connectors: what stands between a trigger and its registration at the service.

use flero_testing::{Answer, EventService, TestServer, signature};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, node, set_status};

const CONNECTOR: &str = "practice-events";

/// A server with a service of events, whose connector and credential it has.
pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) service: EventService,
    pub(crate) credential: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        let server = TestServer::start().await;
        let service = EventService::start(TOKEN).await;
        let _ = server.owner.post("/api/connectors/import", service.description()).await.expect(201);
        let body = json!({"name": "Events", "service": CONNECTOR, "authType": "bearer", "scope": "workspace", "data": {"token": TOKEN}});
        let credential = server.owner.post("/api/credentials", body).await.expect(201);
        let credential = credential["id"].as_str().unwrap().to_owned();
        Self { server, service, credential }
    }

    pub(crate) fn document(&self, event: &str, parameters: Value) -> Value {
        let mut trigger = node("in", "ConnectorTrigger", parameters);
        trigger["connector"] = json!(CONNECTOR);
        trigger["event"] = json!(event);
        trigger["credentialId"] = json!(self.credential);
        chain(vec![trigger, node("end", "Terminal", json!({"output": "{{ $trigger }}"}))])
    }

    /// An active workflow that waits for an event.
    pub(crate) async fn waiting(&self, event: &str, parameters: Value) -> String {
        let id = made(&self.server, self.document(event, parameters)).await;
        set_status(&self.server, &id, "active").await;
        id
    }

    pub(crate) async fn tend(&self) -> usize {
        self.server.engine.tend_events(&self.server.app.event_urls()).await.unwrap()
    }

    pub(crate) async fn event(&self, workflow: &str) -> Value {
        self.server.owner.get(&format!("/api/workflows/{workflow}/event")).await.expect(200)
    }

    /// Delivers to a URL of this server.
    pub(crate) async fn deliver(&self, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let path = url.split_once("/webhook/").unwrap().1;
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.server.owner.anonymous().send("POST", &format!("/webhook/{path}"), &all, body.to_owned()).await
    }

    pub(crate) async fn push(&self, delivery: &str, body: &str) -> Answer {
        let hook = self.service.hooks().pop().unwrap();
        let signed = format!("sha256={}", signature(&hook.secret, body.as_bytes()));
        let headers =
            [("x-hub-signature-256", signed.as_str()), ("x-event", "push"), ("x-delivery", delivery)];
        self.deliver(&hook.url, &headers, body).await
    }

    pub(crate) async fn runs(&self, workflow: &str) -> Vec<Value> {
        let path = format!("/api/executions?workflowId={workflow}&limit=200");
        self.server.owner.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
    }

    pub(crate) async fn outputs(&self, workflow: &str) -> Vec<Value> {
        let mut outputs = Vec::new();
        for run in self.runs(workflow).await {
            let path = format!("/api/executions/{}", run["id"].as_str().unwrap());
            let report = self.server.owner.get(&path).await.expect(200);
            assert_eq!(
                (&report["status"], &report["trigger"]["kind"]),
                (&json!("success"), &json!("event")),
                "{report}"
            );
            outputs.push(report["output"].clone());
        }
        outputs
    }
}

#[tokio::test]
async fn an_event_is_registered_at_activation_delivered_and_removed_at_pause() {
    let world = World::start().await;
    let workflow = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
    assert_eq!(world.event(&workflow).await["state"], "pending");
    assert_eq!(world.tend().await, 1);
    let told = world.event(&workflow).await;
    assert_eq!(
        (&told["state"], &told["way"], &told["registrationId"]),
        (&json!("active"), &json!("registered"), &json!("1"))
    );
    let hook = world.service.hooks().pop().unwrap();
    assert_eq!((hook.repo.as_str(), json!(hook.url)), ("spoon", told["webhookUrl"].clone()));
    assert!(
        hook.secret.len() >= 64 && hook.secret.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "256 bits of its own"
    );

    let answer = world.push("d1", "{\"ref\": \"refs/heads/main\"}").await.expect(200);
    assert_eq!(answer["status"], "accepted");
    let outputs = world.outputs(&workflow).await;
    assert_eq!(outputs.len(), 1);
    assert_eq!(outputs[0]["body"], json!({"ref": "refs/heads/main"}));
    assert_eq!((&outputs[0]["event"], &outputs[0]["deliveryId"]), (&json!("push"), &json!("d1")));
    assert!(outputs[0]["headers"].get("x-hub-signature-256").is_none(), "{}", outputs[0]);
    assert!(world.event(&workflow).await["lastEventAt"].is_string());

    set_status(&world.server, &workflow, "inactive").await;
    let paused = world.push("d2", "{}").await;
    assert_eq!(paused.problem(404), "not_found", "nothing is taken from the moment of the pause");
    assert_eq!(world.tend().await, 1);
    assert_eq!(world.service.hooks(), []);
    assert_eq!(
        world.server.owner.get(&format!("/api/workflows/{workflow}/event")).await.problem(404),
        "not_found"
    );
    let audit = world.server.owner.get("/api/audit?action=event.removed").await.expect(200);
    assert_eq!((&audit["total"], &audit["items"][0]["detail"]["outcome"]), (&json!(1), &json!("success")));
}

/// A registration is tried again until it is there, and a removal until it is gone.
#[tokio::test]
async fn what_fails_at_the_service_is_tried_again() {
    let world = World::start().await;
    world.service.fail_with(503);
    let workflow = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
    assert_eq!(world.tend().await, 1);
    let told = world.event(&workflow).await;
    assert_eq!(told["state"], "pending");
    assert!(told["error"].as_str().unwrap().contains("503"), "{told}");
    assert_eq!(world.tend().await, 0, "not before the pause is over");
    world.service.fail_with(0);
    world.server.clock.advance(30_000);
    assert_eq!(world.tend().await, 1);
    assert_eq!(
        (world.event(&workflow).await["state"].clone(), world.service.hooks().len()),
        (json!("active"), 1)
    );

    world.service.fail_with(500);
    // The workflow is gone, and the registration is still to be removed.
    assert_eq!(world.server.owner.delete(&format!("/api/workflows/{workflow}")).await.status, 204);
    for _ in 0..3 {
        assert_eq!(world.tend().await, 1);
        world.server.clock.advance(3_600_000);
    }
    assert_eq!(world.service.hooks().len(), 1);
    world.service.fail_with(0);
    world.tend().await;
    assert_eq!((world.service.hooks(), world.tend().await), (vec![], 0));
}

/// What is not at the service any more is removed; what cannot be removed for days is left to a person, on the record.
#[tokio::test]
async fn a_removal_ends_when_nothing_is_there_or_after_three_days() {
    for (status, outcome, most) in [(404, "success", 1), (410, "success", 1), (500, "given_up", 80)] {
        let world = World::start().await;
        let workflow = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
        world.tend().await;
        world.service.fail_with(status);
        set_status(&world.server, &workflow, "inactive").await;
        let mut attempts = 0;
        while world.tend().await == 1 {
            attempts += 1;
            world.server.clock.advance(3_600_000);
        }
        assert!(attempts <= most && (most == 1 || attempts > 72), "{status}: {attempts}");
        let audit = world.server.owner.get("/api/audit?action=event.removed").await.expect(200);
        assert_eq!(audit["items"][0]["detail"]["outcome"], outcome, "{status}");
    }
}

/// A registration whose answer was lost stays at the service, and starts nothing: its URL and secret are not used again.
#[tokio::test]
async fn a_registration_whose_answer_was_lost_starts_nothing() {
    let world = World::start().await;
    world.service.fail_with(502);
    world.service.lose_answers(true);
    let workflow = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
    world.tend().await;
    let lost = world.service.hooks().pop().unwrap();
    world.service.fail_with(0);
    world.server.clock.advance(30_000);
    world.tend().await;
    let good = world.service.hooks().pop().unwrap();
    assert_ne!((&good.url, &good.secret), (&lost.url, &lost.secret));
    let signed = format!("sha256={}", signature(&lost.secret, b"{}"));
    let headers = [("x-hub-signature-256", signed.as_str()), ("x-event", "push"), ("x-delivery", "d1")];
    assert_eq!(world.deliver(&lost.url, &headers, "{}").await.problem(404), "not_found");
    assert_eq!(world.deliver(&good.url, &headers, "{}").await.problem(401), "authentication_required");
    assert_eq!(world.push("d1", "{}").await.expect(200)["status"], "accepted");
    assert_eq!(world.runs(&workflow).await.len(), 1);
}

#[tokio::test]
async fn saving_the_same_event_keeps_its_registration_and_another_one_replaces_it() {
    let world = World::start().await;
    let workflow = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
    world.tend().await;
    let first = world.service.hooks();
    let path = format!("/api/workflows/{workflow}");
    let mut document = world.document("push", json!({"inputs": {"repo": "spoon"}}));
    document["name"] = json!("Renamed");
    let _ = world.server.owner.put(&path, document).await.expect(200);
    set_status(&world.server, &workflow, "active").await;
    assert_eq!((world.tend().await, world.service.hooks()), (0, first.clone()));
    let _ = world
        .server
        .owner
        .put(&path, world.document("push", json!({"inputs": {"repo": "fork"}})))
        .await
        .expect(200);
    set_status(&world.server, &workflow, "active").await;
    assert_eq!(world.tend().await, 2, "the new one, and the removal of the former");
    let hooks = world.service.hooks();
    assert_eq!((hooks.len(), hooks[0].repo.as_str()), (1, "fork"));
}

/// The secret stands sealed in the vault and nowhere else.
#[tokio::test]
async fn the_secret_of_a_registration_is_nowhere_but_in_the_vault() {
    let world = World::start().await;
    let workflow = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
    let told = world.waiting("told", json!({})).await;
    world.tend().await;
    let hooks = world.service.hooks();
    assert_eq!(hooks.len(), 2);
    for hook in &hooks {
        let signed = format!("sha256={}", signature(&hook.secret, b"{}"));
        let headers = [("x-hub-signature-256", signed.as_str()), ("x-event", "push"), ("x-delivery", "d1")];
        assert_eq!(
            world.deliver(&hook.url, &headers, "{}").await.expect(200)["status"],
            "accepted",
            "{hook:?}"
        );
    }
    for id in [&workflow, &told] {
        assert_eq!(
            (world.runs(id).await.len(), world.event(id).await["hasSecret"].clone()),
            (1, json!(true))
        );
    }
    let mut told = String::new();
    for path in ["/api/audit?limit=200", "/api/workflows"] {
        told.push_str(&world.server.owner.get(path).await.text());
    }
    for id in [&workflow] {
        told.push_str(&world.server.owner.get(&format!("/api/workflows/{id}")).await.text());
        told.push_str(&world.event(id).await.to_string());
        told.push_str(&world.outputs(id).await.iter().map(Value::to_string).collect::<String>());
    }
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(world.server.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            stored.extend(std::fs::read(path).unwrap());
        }
    }
    for hook in &hooks {
        assert!(!told.contains(&hook.secret));
        assert!(
            !stored.windows(hook.secret.len()).any(|part| part == hook.secret.as_bytes()),
            "in the database"
        );
    }
}

#[tokio::test]
async fn a_trigger_is_checked_when_it_is_saved() {
    let world = World::start().await;
    let faults = async |document: Value| {
        let answer = world.server.owner.post("/api/workflows", document).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        answer.json()["errors"][0]["pointer"].clone()
    };
    assert_eq!(faults(world.document("none", json!({}))).await, "/nodes/0/event");
    assert_eq!(faults(world.document("push", json!({}))).await, "/nodes/0/parameters/inputs/repo");
    let unknown = json!({"inputs": {"repo": "a", "branch": "b"}});
    assert_eq!(faults(world.document("push", unknown)).await, "/nodes/0/parameters/inputs/branch");
    let expression = json!({"inputs": {"repo": "{{ $env.REPO }}"}});
    assert_eq!(faults(world.document("push", expression)).await, "/nodes/0/parameters/inputs");
    assert_eq!(
        faults(world.document("item", json!({"pollMinutes": 11}))).await,
        "/nodes/0/parameters/pollMinutes"
    );
    let mut operation = world.document("push", json!({"inputs": {"repo": "a"}}));
    operation["nodes"][0]["operation"] = json!("register");
    assert_eq!(faults(operation).await, "/nodes/0/operation");
    let listed = world.server.owner.get(&format!("/api/connectors/{CONNECTOR}")).await.expect(200);
    let push = listed["triggers"].as_array().unwrap().iter().find(|one| one["id"] == "push").unwrap();
    assert_eq!((&push["way"], &push["input"]["required"]), (&json!("registered"), &json!(["repo"])));
    assert_eq!(push["input"]["properties"], json!({"repo": {"type": "string"}}));
}
