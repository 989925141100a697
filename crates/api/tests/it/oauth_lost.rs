//! Answers of token endpoints that nobody heard: the connection broke, or whoever asked died.
//!
//! Where a service replaces refresh tokens, the only good one may have been in such an answer. The old one is shown once
//! more: where nothing was replaced, or the service has a grace period, it works; else nothing could have saved the grant,
//! and it is told as what it is.

use std::{sync::Arc, time::Duration};

use super::oauth_tokens::{World, answer};

/// Longer than any lease.
const LEASE_MS: i64 = 150_001;

/// A connected account at a service that has been seen to replace refresh tokens, or to keep them; its token has ended.
async fn with_ended_token(rotates: bool) -> World {
    use flero_store::OauthStore as _;
    let world = World::with_grant("authorization_code").await;
    world.provider.set_rotating(rotates);
    world.server.clock.advance(3_600_000);
    assert_eq!(world.call().await, "200");
    let stored = world.server.store.get_grant(world.credential.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(stored.grant.rotates, Some(rotates));
    world.server.clock.advance(3_600_000);
    world
}

/// Uses the credential in a second process, which dies as soon as the service has served its refresh: its answer was never
/// read, its lease never given back.
async fn die_after_the_answer(world: &Arc<World>) {
    let served = world.provider.served();
    world.provider.hold_answers(true);
    let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let inside = Arc::clone(world);
    doomed.spawn(async move {
        let process = inside.server.beside().await;
        let path = format!("/api/proxy/{}/{}/api/me", inside.credential, inside.provider.address);
        process.get(&path).await
    });
    for _ in 0..1_000 {
        if world.provider.served() > served {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.provider.served(), served + 1, "the second process asked");
    doomed.shutdown_background();
    world.provider.hold_answers(false);
}

/// Security test 52: a process that dies before its request is served costs nothing, wherever its lease is waited for.
#[tokio::test]
async fn a_process_that_dies_before_it_asked_costs_nothing() {
    for rotates in [false, true] {
        let world = with_ended_token(rotates).await;
        let before = world.provider.requests().len();
        world.take_lease(60_000).await;
        world.server.clock.advance(60_001);
        assert_eq!(world.call().await, "200", "rotates: {rotates}");
        assert_eq!((world.provider.requests().len() - before, world.provider.ended_families()), (1, 0));
        assert_eq!(world.status().await, "active");
    }
}

/// Security test 52: a process that dies between the service's answer and the commit. Whoever comes next waits for its
/// lease and shows the old refresh token once more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_with_the_answer_is_followed_by_one_more_request() {
    let lost = "credential.reconnect_required";
    for (rotates, has_grace, expected) in [(false, false, "200"), (true, true, "200"), (true, false, lost)] {
        let world = Arc::new(with_ended_token(rotates).await);
        world.provider.set_grace(has_grace);
        let before = world.provider.requests().len();
        die_after_the_answer(&world).await;
        assert_eq!(world.provider.requests().len() - before, 1);
        let next = Arc::clone(&world);
        let next = tokio::spawn(async move { next.call().await });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(world.provider.requests().len() - before, 1, "the lease of the dead is waited for");
        world.server.clock.advance(LEASE_MS);
        assert_eq!(next.await.unwrap(), expected, "rotates: {rotates}, grace: {has_grace}");
        assert_eq!(world.provider.requests().len() - before, 2);
        let trail = world.audit().await;
        if expected == lost {
            assert_eq!(world.status().await, "expired");
            assert!(trail.contains("uncertain") && !trail.contains("invalid_grant"), "{trail}");
            assert_eq!(world.call().await, lost);
            assert_eq!(world.provider.requests().len() - before, 2, "nobody asks again");
        } else {
            assert_eq!((world.status().await.as_str(), world.provider.ended_families()), (Some("active"), 0));
            assert!(!trail.contains("uncertain"));
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let world = World::with_grant("authorization_code").await;
    world.server.clock.advance(3_600_000);
    world.provider.lose_answers(1);
    assert_eq!(world.call().await, "200");
    assert_eq!(world.status().await, "active");
}

/// Security test 51, 52: an answer that is lost where refresh tokens are replaced and an old one that comes again ends
/// the whole family. Nothing can save such a grant; what happened is told, once, and however many wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_at_a_service_that_takes_no_token_twice_is_told_as_what_it_is() {
    let world = Arc::new(with_ended_token(true).await);
    let before = world.provider.requests().len();
    world.provider.lose_answers(1);
    let runs: Vec<_> = (0..50)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.call().await })
        })
        .collect();
    for run in runs {
        assert_eq!(run.await.unwrap(), "credential.reconnect_required");
    }
    // The one that was lost, and the same once more.
    assert_eq!(world.provider.requests().len() - before, 2);
    assert_eq!(world.status().await, "expired");
    let trail = world.audit().await;
    assert!(trail.contains("uncertain") && !trail.contains("invalid_grant"), "{trail}");
    assert_eq!(world.call().await, "credential.reconnect_required");
    assert_eq!(world.provider.requests().len() - before, 2, "nobody asks again");
}

/// Security test 52, 53: that an answer was lost is remembered over the failures that follow it, so that what the service
/// says at last is told as what it is; a service that keeps refresh tokens means what it says.
#[tokio::test]
async fn a_lost_answer_is_remembered_until_the_service_answers() {
    for (rotates, word, other) in
        [(true, "uncertain", "invalid_grant"), (false, "invalid_grant", "uncertain")]
    {
        let world = with_ended_token(rotates).await;
        world.provider.lose_answers(1);
        world.provider.misbehave([answer(503, "", ""), answer(503, "", "")]);
        assert_eq!(world.call().await, "credential.token_unavailable");
        assert_eq!(world.status().await, "active", "nothing is known yet");
        if !rotates {
            world.provider.forget_grants();
        }
        world.server.clock.advance(1_100);
        assert_eq!(world.call().await, "credential.reconnect_required");
        assert_eq!(world.status().await, "expired");
        let trail = world.audit().await;
        assert!(trail.contains(word) && !trail.contains(other), "{trail}");
    }
}
