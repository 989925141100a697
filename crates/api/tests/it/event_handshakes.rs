//! What services ask before the first event, and secrets that a person carries between them and Flero.

use flero_model::Clock as _;
use flero_testing::signature;
use serde_json::{Value, json};

use crate::{events::World, set_status};

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
    // A header field that is sent back is one for it: nobody sets a cookie of Flero's by asking.
    for (event, field, is_back) in [("returned", "x-hook-secret", true), ("baked", "set-cookie", false)] {
        let (_, url) = waiting(event).await;
        let answer = asked.send("POST", &path_of(&url), &[("x-hook-secret", "b=1")], String::new()).await;
        assert_eq!(answer.headers.get(field).map(|value| value == "b=1"), is_back.then_some(true), "{event}");
        assert_eq!(answer.status.is_success(), is_back, "{event}");
    }
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
