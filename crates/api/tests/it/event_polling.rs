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
    let late = flero_store::events::PollCommit {
        runs: vec![],
        keys: vec![],
        cursor: None,
        behind: None,
        next_at: now,
        at: now,
    };
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

/// Polls for as long as something is due within a second; each time as a process that has just started.
async fn poll_on(world: &World) {
    for _ in 0..100 {
        world.server.clock.advance(1_000);
        let engine = world.server.restarted().await;
        if engine.tend_events(&world.server.app.event_urls()).await.unwrap() == 0 {
            return;
        }
    }
    panic!("it comes to no end");
}

/// What started runs: the time of the run, and the item's own.
async fn started(world: &World, workflow: &str) -> Vec<(i64, u64)> {
    let told = |output: &serde_json::Value| {
        let at = output["timestamp"].as_str().unwrap().parse::<flero_model::Timestamp>().unwrap();
        (at.as_millis(), output["body"]["at"].as_u64().unwrap())
    };
    let mut all: Vec<(i64, u64)> = world.outputs(workflow).await.iter().map(told).collect();
    all.sort_unstable();
    all
}

/// How many items are there before: more than one poll reads.
const OLD: u64 = 66;

/// What was told is no longer remembered but for what came last, as after 10,000 further items.
async fn forget(world: &World) {
    world.server.clock.advance(60_000);
    let (store, now) = (&world.server.store, world.server.clock.now());
    let one = store.claim_subscriptions(now, now.plus_millis(1_000), 1).await.unwrap().pop().unwrap();
    let keys = (1..flero_store::events::REMEMBERED).map(|n| flero_store::events::key(&[&n.to_be_bytes()]));
    let poll = flero_store::events::PollCommit {
        runs: vec![],
        keys: keys.collect(),
        cursor: one.cursor,
        behind: None,
        next_at: now,
        at: now,
    };
    store.commit_poll(one.id, one.fence, poll).await.unwrap();
    assert_eq!(store.prune_events().await.unwrap(), OLD - 1);
}

/// A poll reads 30 pages of two items; nothing of what lies behind them is lost, and nothing comes twice, although every
/// poll is made by another process and the list moves meanwhile.
#[tokio::test]
async fn a_burst_of_more_pages_than_one_poll_reads_comes_whole_over_restarts() {
    for order in ["newest", "oldest", "shuffled"] {
        let world = World::start().await;
        (0..OLD).for_each(|n| world.service.add(&format!("old{n}"), n));
        let workflow = world.waiting(order, json!({"pollMinutes": 1})).await;
        world.tend().await;
        poll_on(&world).await;
        assert_eq!(world.runs(&workflow).await.len(), 0, "{order}: what was there before is old");
        if order == "oldest" {
            forget(&world).await;
        }
        (1_000..1_125).for_each(|n| world.service.add(&format!("new{n}"), n));
        world.server.clock.advance(60_000);
        for later in 1_125..1_128 {
            world.tend().await;
            world.service.add(&format!("new{later}"), later);
            world.server.clock.advance(1_000);
        }
        poll_on(&world).await;
        world.server.clock.advance(60_000);
        poll_on(&world).await;
        let all = started(&world, &workflow).await;
        let mut items: Vec<u64> = all.iter().map(|(_, item)| *item).collect();
        if order == "newest" {
            let rises = |pair: &[(i64, u64)]| pair[0].0 == pair[1].0 || pair[0].1 < pair[1].1;
            assert!(all.windows(2).all(rises), "the oldest began first: {all:?}");
        }
        items.sort_unstable();
        assert_eq!(items, (1_000..1_128).collect::<Vec<u64>>(), "{order}");
        let before = world.service.polls().len();
        world.server.clock.advance(60_000);
        poll_on(&world).await;
        assert!(order != "newest" || world.service.polls().len() == before + 1, "one page is enough again");
    }
}

/// Some services tell a list only so far. What they tell is not held up by what they do not, and where the description
/// says how far, they are not asked for more.
#[tokio::test]
async fn a_list_ends_where_the_service_refuses_to_tell_more() {
    for (event, is_asked) in [("newest", true), ("bounded", false)] {
        let world = World::start().await;
        world.service.add("old", 0);
        let workflow = world.waiting(event, json!({"pollMinutes": 1})).await;
        world.tend().await;
        (1_000..1_150).for_each(|n| world.service.add(&format!("new{n}"), n));
        world.service.refuse_pages(41);
        for _ in 0..4 {
            world.server.clock.advance(60_000);
            poll_on(&world).await;
        }
        let items: Vec<u64> = started(&world, &workflow).await.into_iter().map(|(_, item)| item).collect();
        assert_eq!(items, (1_070..1_150).collect::<Vec<u64>>(), "{event}");
        assert!(world.event(&workflow).await["error"].is_null(), "{event}");
        assert_eq!(world.service.polls().contains(&"41".to_owned()), is_asked, "{event}");
    }
}

/// `Retry-After` is kept to, and a list that needs more requests than the service allows at a time comes to an end.
#[tokio::test]
async fn a_poll_waits_as_long_as_the_service_wants_and_goes_on_where_it_was() {
    let world = World::start().await;
    world.service.add("old", 0);
    let workflow = world.waiting("newest", json!({"pollMinutes": 1})).await;
    world.tend().await;
    (1_000..1_050).for_each(|n| world.service.add(&format!("new{n}"), n));
    world.server.clock.advance(60_000);
    for windows in 0.. {
        world.service.limit_pages(10);
        while world.tend().await > 0 {
            world.server.clock.advance(1_000);
        }
        if world.runs(&workflow).await.len() == 50 {
            break;
        }
        let limit = world.server.engine.limit_ms(world.credential.parse().unwrap());
        assert!(limit > 80_000, "whatever else calls with the credential keeps to it too: {limit}");
        let asked = world.service.polls().len();
        world.server.clock.advance(87_000);
        assert_eq!(world.tend().await, 0, "not before the service wants it");
        assert_eq!(world.service.polls().len(), asked);
        world.server.clock.advance(3_000);
        assert!(windows < 20, "it comes to an end");
    }
    let items: Vec<u64> = started(&world, &workflow).await.into_iter().map(|(_, item)| item).collect();
    assert_eq!(items, (1_000..1_050).collect::<Vec<u64>>());
}

/// An event that begins with a time begins with that of its activation, however long the first poll takes.
#[tokio::test]
async fn what_comes_before_a_first_poll_that_succeeds_is_new() {
    let world = World::start().await;
    world.service.fail_with(503);
    let workflow = world.waiting("timed", json!({"pollMinutes": 1})).await;
    let activated = u64::try_from(world.server.clock.now().as_millis() / 1_000).unwrap();
    world.service.add("old", activated - 10);
    world.tend().await;
    world.service.add("new", activated + 5);
    world.service.fail_with(0);
    world.server.clock.advance(60_000);
    world.tend().await;
    let ids: Vec<u64> = started(&world, &workflow).await.into_iter().map(|(_, item)| item).collect();
    assert_eq!(ids, [activated + 5]);
}
