//! Events of connectors: registered, delivered, polled.

use flero_model::{Clock as _, WorkflowId};
use flero_store::EventStore as _;
use flero_testing::{Answer, EventService, TestServer, signature};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, node, set_status};

const CONNECTOR: &str = "practice-events";

struct World {
    server: TestServer,
    service: EventService,
    credential: String,
}

impl World {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let service = EventService::start(TOKEN).await;
        let _ = server.owner.post("/api/connectors/import", service.description()).await.expect(201);
        let body = json!({"name": "Events", "service": CONNECTOR, "authType": "bearer", "scope": "workspace", "data": {"token": TOKEN}});
        let credential = server.owner.post("/api/credentials", body).await.expect(201);
        let credential = credential["id"].as_str().unwrap().to_owned();
        Self { server, service, credential }
    }

    fn document(&self, event: &str, parameters: Value) -> Value {
        let mut trigger = node("in", "ConnectorTrigger", parameters);
        trigger["connector"] = json!(CONNECTOR);
        trigger["event"] = json!(event);
        trigger["credentialId"] = json!(self.credential);
        chain(vec![trigger, node("end", "Terminal", json!({"output": "{{ $trigger }}"}))])
    }

    /// An active workflow that waits for an event.
    async fn waiting(&self, event: &str, parameters: Value) -> String {
        let id = made(&self.server, self.document(event, parameters)).await;
        set_status(&self.server, &id, "active").await;
        id
    }

    async fn tend(&self) -> usize {
        self.server.engine.tend_events(&self.server.app.event_urls()).await.unwrap()
    }

    async fn event(&self, workflow: &str) -> Value {
        self.server.owner.get(&format!("/api/workflows/{workflow}/event")).await.expect(200)
    }

    /// Delivers to a URL of this server.
    async fn deliver(&self, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let path = url.split_once("/webhook/").unwrap().1;
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.server.owner.anonymous().send("POST", &format!("/webhook/{path}"), &all, body.to_owned()).await
    }

    async fn push(&self, delivery: &str, body: &str) -> Answer {
        let hook = self.service.hooks().pop().unwrap();
        let signed = format!("sha256={}", signature(&hook.secret, body.as_bytes()));
        let headers =
            [("x-hub-signature-256", signed.as_str()), ("x-event", "push"), ("x-delivery", delivery)];
        self.deliver(&hook.url, &headers, body).await
    }

    async fn runs(&self, workflow: &str) -> Vec<Value> {
        let path = format!("/api/executions?workflowId={workflow}&limit=200");
        self.server.owner.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
    }

    async fn outputs(&self, workflow: &str) -> Vec<Value> {
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

/// Tampered, late and replayed deliveries start nothing.
#[tokio::test]
async fn what_was_tampered_with_or_replayed_starts_nothing() {
    let world = World::start().await;
    let workflow = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
    world.tend().await;
    let hook = world.service.hooks().pop().unwrap();
    let body = "{\"n\": 1}";
    let signed = format!("sha256={}", signature(&hook.secret, body.as_bytes()));
    let send = async |signature: &str, delivery: &str, body: &str| {
        let headers = [("x-hub-signature-256", signature), ("x-event", "push"), ("x-delivery", delivery)];
        world.deliver(&hook.url, &headers, body).await
    };
    assert_eq!(send(&signed, "d1", "{\"n\": 2}").await.problem(401), "authentication_required");
    assert_eq!(send("sha256=00", "d1", body).await.problem(401), "authentication_required");
    assert_eq!(
        send(&signed, "d1", "{\"n\":1}").await.problem(401),
        "authentication_required",
        "serialized anew"
    );
    let unsigned = world.deliver(&hook.url, &[("x-event", "push")], body).await;
    assert_eq!(unsigned.problem(401), "authentication_required");
    assert_eq!(world.runs(&workflow).await.len(), 0);
    assert_eq!(send(&signed, "d1", body).await.expect(200)["status"], "accepted");
    assert_eq!(send(&signed, "d1", body).await.expect(200)["status"], "repeated");
    // The field with the id is not signed: another one does not make a new delivery of the same bytes.
    assert_eq!(send(&signed, "d2", body).await.expect(200)["status"], "repeated");
    // And the same id with other bytes is a repetition by the service.
    assert_eq!(world.push("d1", "{\"n\": 3}").await.expect(200)["status"], "repeated");
    let ping = [("x-hub-signature-256", signed.as_str()), ("x-event", "ping"), ("x-delivery", "d3")];
    assert_eq!(world.deliver(&hook.url, &ping, body).await.expect(200)["status"], "ignored");
    assert_eq!(world.runs(&workflow).await.len(), 1);
    let foreign = format!("{}sub_01h455vb4pex5vsknk084sn02q", hook.url.split("sub_").next().unwrap());
    assert_eq!(world.deliver(&foreign, &[], body).await.problem(404), "not_found");
    let get = world
        .server
        .owner
        .anonymous()
        .get(&format!("/webhook/{}", hook.url.split_once("/webhook/").unwrap().1))
        .await;
    assert_eq!(get.problem(405), "method_not_allowed");
}

#[tokio::test]
async fn many_equal_deliveries_at_once_start_one_run() {
    let world = World::start().await;
    let workflow = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
    world.tend().await;
    let answers = futures_util::future::join_all((0..12).map(|_| world.push("d1", "{}"))).await;
    let accepted = answers.iter().filter(|answer| answer.json()["status"] == "accepted").count();
    assert_eq!((accepted, world.runs(&workflow).await.len()), (1, 1));
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

/// Slack's way: a person enters the URL and gives the secret; the question for the URL is signed as everything is.
#[tokio::test]
async fn an_event_that_a_person_enters_at_the_service_takes_the_secret_that_they_give() {
    let world = World::start().await;
    let workflow = world.waiting("message", json!({})).await;
    let told = world.event(&workflow).await;
    assert_eq!(
        (&told["way"], &told["needsSecret"], &told["hasSecret"]),
        (&json!("manual"), &json!(true), &json!(false))
    );
    let url = told["webhookUrl"].as_str().unwrap().to_owned();
    let secret = "8f742231b10e8888abcd99yyyzzz85a5";
    let send = async |secret: &str, age: i64, body: &str| {
        let time = world.server.clock.now().as_millis() / 1_000 - age;
        let signed = format!("v0={}", signature(secret, format!("v0:{time}:{body}").as_bytes()));
        let time = time.to_string();
        world.deliver(&url, &[("x-signature", signed.as_str()), ("x-timestamp", time.as_str())], body).await
    };
    let question = "{\"type\": \"url_verification\", \"challenge\": \"3eZbrw1aB\"}";
    assert_eq!(send(secret, 0, question).await.problem(401), "authentication_required");
    let path = format!("/api/workflows/{workflow}/event/secret");
    assert_eq!(world.server.owner.put(&path, json!({"secret": " "})).await.status, 422);
    let given = world.server.owner.put(&path, json!({"secret": secret})).await.expect(200);
    assert_eq!(given["hasSecret"], true);
    assert!(!given.to_string().contains(secret));
    let echo = send(secret, 0, question).await;
    assert_eq!((echo.status.as_u16(), echo.text().as_str()), (200, "3eZbrw1aB"));
    assert_eq!(echo.headers["content-type"], "text/plain; charset=utf-8");

    let message = "{\"type\": \"event_callback\", \"event_id\": \"Ev1\", \"event\": {\"type\": \"message\"}}";
    assert_eq!(send(secret, 301, message).await.problem(401), "authentication_required", "late");
    assert_eq!(send(secret, -301, message).await.problem(401), "authentication_required", "from the future");
    assert_eq!(send(secret, 0, message).await.expect(200)["status"], "accepted");
    // Sent again with a new time and a new signature: the id in the signed body is the same.
    assert_eq!(send(secret, 5, message).await.expect(200)["status"], "repeated");
    // Whoever gives another one replaces it, and the URL stays over a pause.
    let _ = world.server.owner.put(&path, json!({"secret": "another"})).await.expect(200);
    assert_eq!(send(secret, 0, question).await.problem(401), "authentication_required");
    set_status(&world.server, &workflow, "inactive").await;
    assert_eq!(send("another", 0, question).await.problem(404), "not_found");
    assert_eq!(world.event(&workflow).await["state"], "paused");
    set_status(&world.server, &workflow, "active").await;
    assert_eq!(world.event(&workflow).await["webhookUrl"], json!(url));
    assert_eq!(send("another", 0, question).await.text(), "3eZbrw1aB");
    assert_eq!(world.runs(&workflow).await.len(), 1);
    let registered = world.waiting("push", json!({"inputs": {"repo": "spoon"}})).await;
    let path = format!("/api/workflows/{registered}/event/secret");
    assert_eq!(
        world.server.owner.put(&path, json!({"secret": "x"})).await.status,
        422,
        "it has one of its own"
    );
}

#[tokio::test]
async fn a_question_in_the_query_is_answered_as_plain_text_and_a_token_is_taken_out() {
    let world = World::start().await;
    let workflow = world.waiting("echoed", json!({})).await;
    let url = world.event(&workflow).await["webhookUrl"].as_str().unwrap().to_owned();
    let echo = world.deliver(&format!("{url}?validationToken=a%20%3Cb%3E"), &[], "").await;
    assert_eq!((echo.status.as_u16(), echo.text().as_str()), (200, "a <b>"));
    assert_eq!(
        (&echo.headers["content-type"], &echo.headers["x-content-type-options"]),
        (&"text/plain; charset=utf-8".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    let token = "token-0123456789abcdef";
    let path = format!("/api/workflows/{workflow}/event/secret");
    let _ = world.server.owner.put(&path, json!({"secret": token})).await.expect(200);
    let body = json!({"echo": format!("I was sent with {token}")}).to_string();
    assert_eq!(
        world.deliver(&url, &[("x-token", "token-0123456789abcdee")], &body).await.problem(401),
        "authentication_required"
    );
    assert_eq!(world.deliver(&url, &[("x-token", token)], &body).await.expect(200)["status"], "accepted");
    let output = world.outputs(&workflow).await.pop().unwrap();
    assert!(!output.to_string().contains(token), "{output}");
}

/// A delivery with a list starts a run for each of its events, in its order, and none twice.
#[tokio::test]
async fn a_delivery_with_several_events_starts_a_run_for_each() {
    let world = World::start().await;
    let send = async |event: &str, body: &str| {
        let workflow = world.waiting(event, json!({})).await;
        let url = world.event(&workflow).await["webhookUrl"].as_str().unwrap().to_owned();
        let path = format!("/api/workflows/{workflow}/event/secret");
        let _ = world.server.owner.put(&path, json!({"secret": "list-secret"})).await.expect(200);
        let bodies = body.split('|').map(str::to_owned).collect::<Vec<_>>();
        let mut answers = Vec::new();
        for body in bodies {
            let signed = format!("sha256={}", signature("list-secret", body.as_bytes()));
            answers.push(world.deliver(&url, &[("x-hub-signature-256", &signed)], &body).await.expect(200));
        }
        (workflow, answers)
    };
    let listed = "{\"events\": [{\"type\": \"made\", \"id\": 1}, {\"type\": \"gone\", \"id\": 2}, {\"type\": \"made\", \"id\": 3}]}\
        |{\"events\": [{\"type\": \"made\", \"id\": 3}, {\"type\": \"made\", \"id\": 4}]}|{\"events\": [{\"type\": \"made\", \"id\": 4}]}\
        |{\"events\": []}|{}";
    let (workflow, answers) = send("listed", listed).await;
    let words: Vec<&str> = answers.iter().map(|answer| answer["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["accepted", "accepted", "repeated", "ignored", "ignored"]);
    assert_eq!(answers[0]["executionIds"].as_array().unwrap().len(), 2);
    let mut runs = world.runs(&workflow).await;
    runs.sort_by_key(|run| run["id"].as_str().unwrap().to_owned());
    let order: Vec<&Value> =
        answers[..2].iter().flat_map(|answer| answer["executionIds"].as_array().unwrap()).collect();
    assert_eq!(runs.iter().map(|run| &run["id"]).collect::<Vec<_>>().len(), order.len());
    let mut ids = Vec::new();
    for id in order {
        let report =
            world.server.owner.get(&format!("/api/executions/{}", id.as_str().unwrap())).await.expect(200);
        ids.push((report["output"]["body"]["id"].clone(), report["output"]["deliveryId"].clone()));
    }
    assert_eq!(ids, [(json!(1), json!("1")), (json!(3), json!("3")), (json!(4), json!("4"))]);

    // Without ids they are known by the delivery's signature and their place in it.
    let (workflow, answers) = send(
        "unnamed",
        "[{\"type\": \"made\"}, {\"type\": \"made\"}]|[{\"type\": \"made\"}, {\"type\": \"made\"}]",
    )
    .await;
    assert_eq!((&answers[0]["status"], &answers[1]["status"]), (&json!("accepted"), &json!("repeated")));
    assert_eq!(world.runs(&workflow).await.len(), 2);
    let many = json!(vec![json!({"type": "made"}); 5_001]).to_string();
    let url = world.event(&workflow).await["webhookUrl"].as_str().unwrap().to_owned();
    let signed = format!("sha256={}", signature("list-secret", many.as_bytes()));
    assert_eq!(world.deliver(&url, &[("x-hub-signature-256", &signed)], &many).await.status, 400);
}

/// A trigger that takes no more holds the rest of a list back: the service's next attempt goes on where this one ended.
#[tokio::test]
async fn a_list_that_is_cut_off_goes_on_with_the_next_attempt() {
    let world = World::start().await;
    let workflow = world.waiting("listed", json!({"rateLimit": {"max": 2, "perMs": 60_000}})).await;
    let url = world.event(&workflow).await["webhookUrl"].as_str().unwrap().to_owned();
    let path = format!("/api/workflows/{workflow}/event/secret");
    let _ = world.server.owner.put(&path, json!({"secret": "list-secret"})).await.expect(200);
    let events: Vec<Value> = (0..3).map(|n| json!({"type": "made", "id": n})).collect();
    let body = json!({ "events": events }).to_string();
    let signed = format!("sha256={}", signature("list-secret", body.as_bytes()));
    let headers = [("x-hub-signature-256", signed.as_str())];
    assert_eq!(world.deliver(&url, &headers, &body).await.status, 429);
    assert_eq!(world.runs(&workflow).await.len(), 2);
    world.server.clock.advance(60_000);
    let again = world.deliver(&url, &headers, &body).await.expect(200);
    assert_eq!((&again["status"], again["executionIds"].as_array().unwrap().len()), (&json!("accepted"), 1));
    assert_eq!(world.runs(&workflow).await.len(), 3);
}

/// The questions of Zoom (answered with a signature), Okta (in a header field) and Notion (a token that a person confirms).
#[tokio::test]
async fn services_get_the_answers_that_they_ask_for_before_the_first_event() {
    let world = World::start().await;
    let waiting = async |event: &str| {
        let workflow = world.waiting(event, json!({})).await;
        let url = world.event(&workflow).await["webhookUrl"].as_str().unwrap().to_owned();
        (format!("/api/workflows/{workflow}/event"), url)
    };
    let (path, url) = waiting("validated").await;
    let _ =
        world.server.owner.put(&format!("{path}/secret"), json!({"secret": "zoom-secret"})).await.expect(200);
    let question =
        "{\"payload\": {\"plainToken\": \"qgg8vlvZRS6UYooatFL8Aw\"}, \"event\": \"endpoint.url_validation\"}";
    let time = (world.server.clock.now().as_millis() / 1_000).to_string();
    let signed =
        |secret: &str| format!("v0={}", signature(secret, format!("v0:{time}:{question}").as_bytes()));
    let ask = async |signed: &str| {
        world.deliver(&url, &[("x-signature", signed), ("x-timestamp", &time)], question).await
    };
    assert_eq!(ask(&signed("another")).await.problem(401), "authentication_required");
    let answer = ask(&signed("zoom-secret")).await.expect(200);
    let token = signature("zoom-secret", b"qgg8vlvZRS6UYooatFL8Aw");
    assert_eq!(answer, json!({"plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": token}));

    let (_, url) = waiting("asked").await;
    let path_of = |url: &str| format!("/webhook/{}", url.split_once("/webhook/").unwrap().1);
    let asked = world.server.owner.anonymous();
    let answer =
        asked.send("GET", &path_of(&url), &[("x-challenge", "abc <1>")], String::new()).await.expect(200);
    assert_eq!(answer, json!({"verification": "abc <1>"}));
    assert_eq!(
        asked.send("HEAD", &path_of(&url), &[], String::new()).await.status,
        200,
        "SurveyMonkey looks so"
    );
}

/// Notion's way (<https://developers.notion.com/reference/webhooks>, with its own example of a token): the token is shown
/// to whoever may give it, and verifies nothing before it was given.
#[tokio::test]
async fn a_secret_that_a_service_tells_is_shown_and_counts_when_it_is_given() {
    let world = World::start().await;
    let workflow = world.waiting("confirmed", json!({})).await;
    let path = format!("/api/workflows/{workflow}/event");
    let url = world.event(&workflow).await["webhookUrl"].as_str().unwrap().to_owned();
    assert_eq!(world.event(&workflow).await["toldSecret"], Value::Null);
    let token = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl";
    let told = json!({ "verification_token": token }).to_string();
    assert_eq!(world.deliver(&url, &[], &told).await.expect(200)["status"], "told");
    let view = world.event(&workflow).await;
    assert_eq!((&view["toldSecret"], &view["hasSecret"]), (&json!(token), &json!(false)));
    // Notion's example of a delivery.
    let body = "{\"id\":\"367cba44-b6f3-4c92-81e7-6a2e9659efd4\",\"timestamp\":\"2024-12-05T23:55:34.285Z\",\"type\":\"page.created\"}";
    let signed = format!("sha256={}", signature(token, body.as_bytes()));
    let deliver = async || world.deliver(&url, &[("x-hub-signature-256", &signed)], body).await;
    assert_eq!(deliver().await.problem(401), "authentication_required", "nobody gave it yet");
    let _ = world.server.owner.put(&format!("{path}/secret"), json!({"secret": token})).await.expect(200);
    assert_eq!(world.event(&workflow).await["toldSecret"], Value::Null);
    assert_eq!(deliver().await.expect(200)["status"], "accepted");
    // From the first genuine delivery on nobody can send another one.
    let forged = json!({"verification_token": "secret_of_somebody_else"}).to_string();
    assert_eq!(world.deliver(&url, &[], &forged).await.problem(401), "authentication_required");
    assert_eq!(world.event(&workflow).await["toldSecret"], Value::Null);
    assert!(!world.outputs(&workflow).await[0].to_string().contains(token));
}

/// No event is lost and none comes twice, over restarts too.
#[tokio::test]
async fn polling_begins_with_what_is_new_and_goes_on_where_it_ended() {
    let world = World::start().await;
    (0..30).for_each(|n| world.service.add(&format!("old{n}"), n));
    let workflow = world.waiting("item", json!({"pollMinutes": 1})).await;
    world.tend().await;
    assert_eq!(world.runs(&workflow).await.len(), 0, "what was there before is old");
    world.service.add("a", 100);
    world.service.add("b", 100);
    assert_eq!(world.tend().await, 0, "not before the minute is over");
    world.server.clock.advance(60_000);
    assert_eq!(world.tend().await, 1);
    // Another one with the same cursor, told only later.
    world.service.add("c", 100);
    world.server.clock.advance(60_000);
    world.tend().await;
    (0..60).for_each(|n| world.service.add(&format!("more{n}"), 200 + n));
    for _ in 0..5 {
        world.server.clock.advance(60_000);
        world.tend().await;
    }
    let mut ids: Vec<String> = world
        .outputs(&workflow)
        .await
        .iter()
        .map(|output| output["body"]["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    let mut wanted: Vec<String> =
        (0..60).map(|n| format!("more{n}")).chain(["a", "b", "c"].map(str::to_owned)).collect();
    wanted.sort();
    assert_eq!(ids, wanted);
    assert_eq!(world.event(&workflow).await["way"], "polling");
}

#[tokio::test]
async fn a_poll_that_dies_or_fails_loses_nothing_and_repeats_nothing() {
    let world = World::start().await;
    let workflow = world.waiting("item", json!({"pollMinutes": 1})).await;
    world.tend().await;
    world.service.add("a", 1);
    world.server.clock.advance(60_000);
    // A process takes the subscription and dies.
    let now = world.server.clock.now();
    let store = &world.server.store;
    let dead = store.claim_subscriptions(now, now.plus_millis(300_000), 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(world.tend().await, 0, "it may be alive");
    world.server.clock.advance(300_000);
    assert_eq!(world.tend().await, 1);
    assert_eq!(world.runs(&workflow).await.len(), 1);
    // It was alive after all, and comes too late.
    let late =
        flero_store::events::PollCommit { runs: vec![], keys: vec![], cursor: None, next_at: now, at: now };
    let refused = store.commit_poll(dead[0].id, dead[0].fence, late).await;
    assert!(matches!(refused, Err(flero_store::Error::Conflict)), "{refused:?}");

    world.service.add("b", 2);
    world.service.fail_with(500);
    world.server.clock.advance(60_000);
    world.tend().await;
    assert!(world.event(&workflow).await["error"].as_str().unwrap().contains("500"));
    world.service.fail_with(0);
    world.server.clock.advance(30_000);
    world.tend().await;
    assert_eq!(world.runs(&workflow).await.len(), 2);
    assert!(world.event(&workflow).await["error"].is_null());
    let id: WorkflowId = workflow.parse().unwrap();
    assert_eq!(store.subscription_of(id).await.unwrap().unwrap().cursor, Some(json!(2)));
}

/// A limit of the trigger holds events back; it does not drop them.
#[tokio::test]
async fn a_rate_limit_holds_polled_events_back() {
    let world = World::start().await;
    let limited = json!({"pollMinutes": 1, "rateLimit": {"max": 2, "perMs": 60_000}});
    let workflow = world.waiting("item", limited).await;
    world.tend().await;
    (1..=5).for_each(|n| world.service.add(&format!("i{n}"), n));
    for expected in [2, 4, 5] {
        world.server.clock.advance(60_000);
        world.tend().await;
        assert_eq!(world.runs(&workflow).await.len(), expected);
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
    assert_eq!((&push["way"], &push["inputs"]), (&json!("registered"), &json!(["repo"])));
}
