//! Deliveries of events: verified, each once, one or several events in each.

use flero_testing::signature;
use serde_json::{Value, json};

use crate::events::World;

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
