//! Events that are delivered: registered as the vendor documents, verified, taken once, and removed again.

use super::*;

/// A delivery as its vendor signs it: header fields and body.
type Sign = fn(secret: &str, seconds: i64, body: &str) -> Vec<(&'static str, String)>;

/// How a vendor delivers an event that Flero registers.
struct Registered {
    connector: &'static str,
    event: &'static str,
    inputs: Value,
    /// What the vendor is asked with, where it matters.
    own: Option<(&'static str, Value)>,
    /// The fixture of the registration.
    made: &'static str,
    /// Where the request of the registration has the URL.
    url: fn(&Seen) -> String,
    /// The secret of the signatures, from the request or the answer of the registration.
    secret: fn(&Seen, &Value) -> String,
    /// What the vendor asks the URL meanwhile.
    question: Option<fn(&Seen) -> Option<Asked>>,
    /// The request by which the registration is removed.
    removed: (&'static str, &'static str),
    /// A delivery, and one that has the same signature and says something else.
    body: &'static str,
    sign: Sign,
    /// Whether the time is signed.
    is_timed: bool,
}

type Asked = (String, Vec<(&'static str, String)>, String);

fn form(seen: &Seen, name: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(seen.body.as_bytes());
    pairs.find(|(found, _)| found == name).unwrap().1.into_owned()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {value}")).to_owned()
}

fn github(event: &'static str) -> Registered {
    Registered {
        connector: "github",
        event,
        inputs: json!({"owner": "octocat", "repo": "Hello-World"}),
        own: None,
        made: "repos-create-webhook.http",
        url: |seen| text(&seen.json(), "/config/url"),
        secret: |seen, _| text(&seen.json(), "/config/secret"),
        question: None,
        removed: ("DELETE", "/repos/octocat/Hello-World/hooks/12345678"),
        body: "{\"ref\":\"refs/heads/main\",\"action\":\"opened\"}",
        sign: |secret, _, body| {
            vec![
                ("x-hub-signature-256", format!("sha256={}", hex(secret, body))),
                ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned()),
            ]
        },
        is_timed: false,
    }
}

fn stripe(event: &'static str, body: &'static str) -> Registered {
    Registered {
        connector: "stripe",
        event,
        inputs: json!({}),
        own: None,
        made: "PostWebhookEndpoints.http",
        url: |seen| form(seen, "url"),
        secret: |_, answer| text(answer, "/secret"),
        question: None,
        removed: ("DELETE", "/v1/webhook_endpoints/we_1Mr5jULkdIwHu7ix1ibLTM0x"),
        body,
        sign: |secret, seconds, body| {
            let tag = hex(secret, &format!("{seconds}.{body}"));
            vec![("stripe-signature", format!("t={seconds},v1={tag},v0=6ffbb59b2300aae63f272406069a9788"))]
        },
        is_timed: true,
    }
}

fn shopify(event: &'static str) -> Registered {
    Registered {
        connector: "shopify",
        event,
        inputs: json!({}),
        own: Some(("token", json!({"key": TOKEN, "clientSecret": "hush"}))),
        made: "post-webhooks.http",
        url: |seen| text(&seen.json(), "/webhook/address"),
        secret: |_, _| "hush".to_owned(),
        question: None,
        removed: ("DELETE", "/admin/api/2026-07/webhooks/"),
        body: "{\"id\":820982911946154508,\"email\":\"jon@example.com\"}",
        sign: |secret, _, body| {
            vec![
                ("x-shopify-hmac-sha256", BASE64.encode(&hmac_sha256(secret, body.as_bytes()))),
                ("x-shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043".to_owned()),
            ]
        },
        is_timed: false,
    }
}

fn gitlab(event: &'static str) -> Registered {
    Registered {
        connector: "gitlab",
        event,
        inputs: json!({"id": "3"}),
        own: None,
        made: "postApiV4ProjectsIdHooks.http",
        url: |seen| text(&seen.json(), "/url"),
        secret: |seen, _| text(&seen.json(), "/token"),
        question: None,
        removed: ("DELETE", "/api/v4/projects/3/hooks/1"),
        body: "{\"object_kind\":\"push\",\"project\":{\"id\":3}}",
        sign: |secret, _, _| {
            vec![
                ("x-gitlab-token", secret.to_owned()),
                ("idempotency-key", "f5e5f430-f57b-4e6e-9fac-d9128cd7232f".to_owned()),
            ]
        },
        is_timed: false,
    }
}

/// <https://developers.asana.com/reference/createwebhook>: the secret is told to the URL first, and then in the answer.
fn asana(event: &'static str) -> Registered {
    Registered {
        connector: "asana",
        event,
        inputs: json!({"project": "8675309"}),
        own: None,
        made: "createWebhook.http",
        url: |seen| text(&seen.json(), "/data/target"),
        secret: |_, answer| text(answer, "/X-Hook-Secret"),
        question: Some(|seen| {
            let url = (seen.method == "POST").then(|| text(&seen.json(), "/data/target"))?;
            let secret = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81";
            Some((url, vec![("x-hook-secret", secret.to_owned())], "{}".to_owned()))
        }),
        removed: ("DELETE", "/api/1.0/webhooks/43214"),
        body: "{\"events\":[{\"action\":\"changed\",\"resource\":{\"gid\":\"1\",\"resource_type\":\"task\"}}]}",
        sign: |secret, _, body| vec![("x-hook-signature", hex(secret, body))],
        is_timed: false,
    }
}

/// <https://developer.monday.com/api-reference/docs/webhooks>, with its example of a challenge.
fn monday(event: &'static str) -> Registered {
    Registered {
        connector: "monday",
        event,
        inputs: json!({"board_id": "1234567890"}),
        own: None,
        made: "create_webhook.http",
        url: |seen| text(&seen.json(), "/variables/url"),
        secret: |_, _| String::new(),
        question: Some(|seen| {
            let url = text(&seen.json(), "/variables/url");
            Some((url, vec![("content-type", "application/json".to_owned())], CHALLENGE.to_owned()))
        }),
        removed: ("POST", "/v2"),
        body: "{\"event\":{\"type\":\"create_pulse\",\"pulseId\":1772099344,\"triggerUuid\":\"b5ed2e17c530f43668de130142445cba\"}}",
        sign: |_, _, _| Vec::new(),
        is_timed: false,
    }
}

const CHALLENGE: &str = "{\"challenge\":\"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P\"}";

/// The events of a connector, with the name that a delivery gives them, where a header field has it.
fn events(connector: &str) -> Vec<(&'static str, Option<(String, String)>)> {
    let document = description(connector, "127.0.0.1:1", None);
    let named = |(id, item): (&String, &Value)| {
        let event = &item["post"]["x-flero-trigger"]["event"];
        let field = event["header"].as_str().map(str::to_lowercase);
        let name = event["values"][0].as_str().unwrap_or_default().to_owned();
        (&*Box::leak(id.clone().into_boxed_str()), field.map(|field| (field, name)))
    };
    document["webhooks"].as_object().unwrap().iter().map(named).collect()
}

fn answers(case: &Registered) -> Answers {
    let made = fixture(case.connector, case.made);
    let (status, body) = (made.status, made.answer_json());
    Box::new(move |seen| {
        let removes = seen.method == "DELETE" || seen.body.contains("delete_webhook");
        if removes {
            (200, json!({"data": {"delete_webhook": {"id": "12345678"}}}))
        } else {
            (status, body.clone())
        }
    })
}

async fn holds(case: Registered, named: Option<(String, String)>) {
    let what = format!("{} {}", case.connector, case.event);
    let question = case.question.map(|question| {
        Box::new(move |seen: &Seen| (!seen.body.contains("delete_webhook")).then(|| question(seen))?)
            as Question
    });
    let world = World::new(case.connector, answers(&case), question, case.own.clone()).await;
    let workflow = world.waiting(case.event, case.inputs.clone()).await;
    world.tend().await;
    let told = world.event(&workflow).await;
    assert_eq!(
        (&told["state"], &told["way"], &told["error"]),
        (&json!("active"), &json!("registered"), &Value::Null),
        "{what}: {told}"
    );
    let asked = world.vendor.seen();
    assert_eq!(asked.len(), 1, "{what}: {asked:?}");
    let url = (case.url)(&asked[0]);
    assert!(url.starts_with(told["webhookUrl"].as_str().unwrap()), "{what}: {url}");
    let secret = (case.secret)(&asked[0], &fixture(case.connector, case.made).answer_json());
    if let Some(answer) = world.vendor.inner.asked.lock().unwrap().first() {
        match case.connector {
            "asana" => assert_eq!(answer.headers["x-hook-secret"], secret.as_str(), "{what}"),
            _ => assert_eq!(answer.text(), CHALLENGE, "{what}"),
        }
    }

    let send = async |url: &str, seconds: i64, signed: &str, body: &str| {
        let headers = (case.sign)(&secret, seconds, signed);
        let mut all: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(named.iter().map(|(field, name)| (field.as_str(), name.as_str())));
        world.deliver(url, &all, body).await
    };
    let (now, body) = (world.seconds(), case.body);
    // A token proves its sender and not the body.
    let is_signed = !matches!(case.connector, "gitlab" | "monday");
    if is_signed {
        let other = body.replacen(':', ": ", 1);
        assert_eq!(
            send(&url, now, body, &other).await.problem(401),
            "authentication_required",
            "{what}: changed"
        );
    }
    let unsigned = world.deliver(told["webhookUrl"].as_str().unwrap(), &[], body).await;
    assert_eq!(unsigned.problem(401), "authentication_required", "{what}: not signed");
    if case.is_timed {
        assert_eq!(
            send(&url, now - 301, body, body).await.problem(401),
            "authentication_required",
            "{what}: late"
        );
    }
    assert_eq!(send(&url, now, body, body).await.expect(200)["status"], "accepted", "{what}");
    assert_eq!(send(&url, now, body, body).await.expect(200)["status"], "repeated", "{what}");
    let bodies = world.bodies(&workflow).await;
    let whole: Value = serde_json::from_str(body).unwrap();
    let wanted = whole.pointer("/events/0").unwrap_or(&whole);
    assert_eq!(bodies, std::slice::from_ref(wanted), "{what}: once");

    set_status(&world.server, &workflow, "inactive").await;
    assert_eq!(send(&url, now, body, body).await.problem(404), "not_found", "{what}: paused");
    world.tend().await;
    let last = world.vendor.seen().pop().unwrap();
    assert!(last.method == case.removed.0 && last.path.starts_with(case.removed.1), "{what}: {last:?}");
    assert_ne!(last.path, "/admin/api/2026-07/webhooks/", "{what}");
    let audit = world.server.owner.get("/api/audit?action=event.removed").await.expect(200);
    assert_eq!(audit["items"][0]["detail"]["outcome"], "success", "{what}");
}

#[tokio::test]
async fn every_registered_event_is_asked_for_verified_taken_once_and_given_up() {
    for (connector, case) in [
        ("github", github as fn(&'static str) -> Registered),
        ("gitlab", gitlab),
        ("shopify", shopify),
        ("asana", asana),
        ("monday", monday),
    ] {
        for (event, named) in events(connector) {
            holds(case(event), named).await;
        }
    }
    for (event, _) in events("stripe") {
        let name = text(
            &description("stripe", "a", None),
            &format!("/webhooks/{event}/post/x-flero-trigger/event/values/0"),
        );
        let body = json!({"id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "type": name}).to_string();
        holds(stripe(event, body.leak()), None).await;
    }
}

/// Shopify's signatures are made with a secret of the credential; without it nothing is registered, and why is told.
#[tokio::test]
async fn an_event_that_nobody_could_verify_is_not_registered() {
    let mut case = shopify("ordersCreate");
    case.own = Some(("token", json!({"key": TOKEN})));
    let world = World::new("shopify", answers(&case), None, case.own.clone()).await;
    let workflow = world.waiting("ordersCreate", json!({})).await;
    world.tend().await;
    let told = world.event(&workflow).await;
    assert!(told["error"].as_str().unwrap().contains("`clientSecret`"), "{told}");
    assert_eq!((&told["state"], world.vendor.seen().len()), (&json!("pending"), 0));
}

/// An event that a person enters at the service, at a time of the past.
async fn entered(connector: &str, event: &str, secret: &str, at: &str) -> (World, String, String) {
    let world = World::new(connector, Box::new(|_| (404, Value::Null)), None, None).await;
    let past = at.parse::<flero_model::Timestamp>().unwrap().as_millis();
    world.server.clock.advance(past - world.seconds() * 1_000);
    let workflow = world.waiting(event, json!({})).await;
    let url = world.event(&workflow).await["webhookUrl"].as_str().unwrap().to_owned();
    let path = format!("/api/workflows/{workflow}/event/secret");
    let _ = world.server.owner.put(&path, json!({"secret": secret})).await.expect(200);
    (world, workflow, url)
}

/// <https://docs.slack.dev/authentication/verifying-requests-from-slack/>: the published signature, through every event of
/// the connector; it is of a slash command, which is none of them.
#[tokio::test]
async fn the_example_that_slack_publishes_is_genuine_for_every_event_of_slack() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let published = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    let (secret, time) = ("8f742231b10e8888abcd99yyyzzz85a5", "1531420618");
    for (event, _) in events("slack") {
        let (world, workflow, url) = entered("slack", event, secret, "2018-07-12T18:36:58Z").await;
        let send = async |signed: &str, time: &str, kind: &str, body: &str| {
            let headers =
                [("x-slack-signature", signed), ("x-slack-request-timestamp", time), ("content-type", kind)];
            world.server.owner.anonymous().send("POST", &path_of(&url), &headers, body.to_owned()).await
        };
        let form = "application/x-www-form-urlencoded";
        assert_eq!(send(published, time, form, body).await.expect(200)["status"], "ignored", "{event}");
        let other = send(published, time, form, &body.replace("foobar", "foobaz")).await;
        assert_eq!(other.problem(401), "authentication_required", "{event}");
        let name = text(
            &description("slack", "a", None),
            &format!("/webhooks/{event}/post/x-flero-trigger/event/values/0"),
        );
        let body = json!({"type": "event_callback", "event_id": "Ev1", "event": {"type": name}}).to_string();
        let sign = |time: &str, body: &str| format!("v0={}", hex(secret, &format!("v0:{time}:{body}")));
        let json = "application/json";
        assert_eq!(
            send(&sign(time, &body), time, json, &body).await.expect(200)["status"],
            "accepted",
            "{event}"
        );
        assert_eq!(
            send(&sign(time, &body), time, json, &body).await.expect(200)["status"],
            "repeated",
            "{event}"
        );
        let late = "1531420317";
        assert_eq!(
            send(&sign(late, &body), late, json, &body).await.problem(401),
            "authentication_required",
            "{event}"
        );
        let question = json!({"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}).to_string();
        let answer = send(&sign(time, &question), time, json, &question).await;
        assert_eq!(answer.text(), "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P", "{event}");
        assert_eq!(world.bodies(&workflow).await.len(), 1, "{event}");
    }
}

/// <https://developer.box.com/guides/webhooks/v2/signatures-v2/>, with the keys of Box's own libraries: either signature is
/// enough, and both are one delivery.
#[tokio::test]
async fn the_example_that_box_publishes_starts_one_run_by_either_key() {
    let keys = "SamplePrimaryKey SampleSecondaryKey";
    let (world, workflow, url) = entered("box", "file_uploaded", keys, "2020-01-01T07:00:00Z").await;
    let body = "{\"type\":\"webhook_event\",\"webhook\":{\"id\":\"1234567890\"},\"trigger\":\"FILE.UPLOADED\",\"source\":{\"id\":\"1234567890\",\"type\":\"file\",\"name\":\"Test.txt\"}}";
    let sent = ("box-delivery-timestamp", "2020-01-01T00:00:00-07:00");
    let primary = ("box-signature-primary", "6TfeAW3A1PASkgboxxA5yqHNKOwFyMWuEXny/FPD5hI=");
    let secondary = ("box-signature-secondary", "v+1CD1Jdo3muIcbpv5lxxgPglOqMfsNHPV899xWYydo=");
    let changed = body.replace("Test.txt", "Evil.txt");
    assert_eq!(
        world.deliver(&url, &[primary, secondary, sent], &changed).await.problem(401),
        "authentication_required"
    );
    let first = world.deliver(&url, &[secondary, sent, ("box-delivery-id", "d1")], body).await.expect(200);
    assert_eq!(first["status"], "accepted");
    let again = world.deliver(&url, &[primary, sent, ("box-delivery-id", "d2")], body).await.expect(200);
    assert_eq!(again["status"], "repeated", "another field and another id are no other delivery");
    assert_eq!(world.bodies(&workflow).await.len(), 1);
}
