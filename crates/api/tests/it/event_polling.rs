//! Events that are asked for: a cursor that loses nothing and repeats nothing.

use flero_model::{Clock as _, WorkflowId};
use flero_store::EventStore as _;
use serde_json::json;

use crate::events::World;

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
