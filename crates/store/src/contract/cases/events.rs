//! Subscriptions: armed with their workflow, claimed by one, delivered once.

use flero_model::{SubscriptionId, WorkflowId};
use futures_util::future::join_all;
use serde_json::{Map, json};

use crate::{
    Error,
    contract::sample::{World, at},
    events::{Armed, Delivered, PollCommit, REMEMBERED, State, Subscription, Way, key},
    workflows::{Arming, WorkflowStatus},
};

fn armed(world: &World, number: u128, way: Way, event: &str) -> Armed {
    Armed {
        id: SubscriptionId::from_u128(number),
        organization: world.organization,
        way,
        connector: "practice".into(),
        event: event.into(),
        credential: None,
        inputs: Map::new(),
        interval_ms: 60_000,
    }
}

async fn activate(
    world: &World,
    workflow: WorkflowId,
    event: Option<Armed>,
    now: i64,
) -> Option<Subscription> {
    let revision = world.get_workflow_anywhere(workflow).await.unwrap().revision;
    let arming = Arming { event, ..Arming::default() };
    world.activate_workflow(workflow, revision, world.user, at(now), arming, Vec::new()).await.unwrap();
    world.subscription_of(workflow).await.unwrap()
}

async fn waiting(world: &World, way: Way) -> Subscription {
    let workflow = world.with_workflow().await.id;
    activate(world, workflow, Some(armed(world, 1, way, "push")), 10).await.unwrap()
}

/// Claims the only one that is due.
async fn claim(world: &World, now: i64) -> Subscription {
    let mut claimed = world.claim_subscriptions(at(now), at(now + 100), 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    claimed.pop().unwrap()
}

pub(in crate::contract) async fn activation_arms_a_subscription_and_the_same_event_keeps_it(world: World) {
    let first = waiting(&world, Way::Registered).await;
    assert_eq!((first.state, first.wanted, first.next_at), (State::Pending, true, Some(at(10))));
    let again =
        activate(&world, first.workflow, Some(armed(&world, 2, Way::Registered, "push")), 20).await.unwrap();
    assert_eq!((again.id, again.next_at), (first.id, Some(at(20))));
    // No service knows of the former one yet, so that nothing has to be removed.
    let other =
        activate(&world, first.workflow, Some(armed(&world, 3, Way::Registered, "issue")), 30).await.unwrap();
    assert_eq!((other.id, other.event.as_str()), (SubscriptionId::from_u128(3), "issue"));
    assert!(matches!(world.subscription(first.id).await, Err(Error::NotFound)));
    assert_eq!(activate(&world, first.workflow, None, 40).await, None);
}

pub(in crate::contract) async fn a_claim_is_one_callers_and_the_next_one_has_another_fence(world: World) {
    let subscription = waiting(&world, Way::Registered).await;
    assert_eq!(world.claim_subscriptions(at(9), at(99), 10).await.unwrap(), []);
    let claims = join_all((0..8).map(|_| world.claim_subscriptions(at(10), at(110), 10))).await;
    let taken: Vec<Subscription> = claims.into_iter().flat_map(|claimed| claimed.unwrap()).collect();
    assert_eq!(taken.len(), 1);
    let first = &taken[0];
    let second = claim(&world, 110).await;
    assert!(second.fence > first.fence);
    let late = world.subscription_failed(first.id, first.fence, "late".into(), at(500)).await;
    assert!(matches!(late, Err(Error::Conflict)), "{late:?}");
    world.subscription_failed(second.id, second.fence, "no".into(), at(500)).await.unwrap();
    let failed = world.subscription(subscription.id).await.unwrap();
    assert_eq!((failed.attempts, failed.error.as_deref(), failed.next_at), (1, Some("no"), Some(at(500))));
}

pub(in crate::contract) async fn a_registration_goes_on_under_another_id_and_is_removed_when_unwanted(
    world: World,
) {
    let workflow = waiting(&world, Way::Registered).await.workflow;
    let claimed = claim(&world, 10).await;
    let new = SubscriptionId::from_u128(9);
    world.begin_registration(claimed.id, claimed.fence, new, None).await.unwrap();
    assert!(matches!(world.subscription(claimed.id).await, Err(Error::NotFound)));
    assert_eq!(world.subscription(new).await.unwrap().state, State::Registering);
    // Paused while the service is asked: what came of it is removed afterwards.
    world.disarm_workflow(workflow, WorkflowStatus::Inactive, at(20), Vec::new()).await.unwrap();
    world.registered(new, claimed.fence, json!(7), None, Vec::new()).await.unwrap();
    let unwanted = claim(&world, 30).await;
    assert_eq!(
        (unwanted.wanted, unwanted.state, unwanted.registration),
        (false, State::Removing, Some(json!(7)))
    );
    // Its workflow may be deleted meanwhile.
    world.delete_workflow(world.workspace, workflow, Vec::new()).await.unwrap();
    world.delete_subscription(new, unwanted.fence, Vec::new()).await.unwrap();
    assert!(matches!(world.subscription(new).await, Err(Error::NotFound)));
}

pub(in crate::contract) async fn what_a_person_entered_outlives_a_pause(world: World) {
    let manual = waiting(&world, Way::Manual).await;
    assert_eq!((manual.state, manual.next_at), (State::Active, None));
    world.disarm_workflow(manual.workflow, WorkflowStatus::Inactive, at(20), Vec::new()).await.unwrap();
    let paused = world.subscription(manual.id).await.unwrap();
    assert_eq!((paused.state, paused.wanted), (State::Paused, false));
    let refused = world.accept_event(manual.id, vec![[1; 32]], at(21), world.run(manual.workflow)).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    let again =
        activate(&world, manual.workflow, Some(armed(&world, 2, Way::Manual, "push")), 30).await.unwrap();
    assert_eq!((again.id, again.state), (manual.id, State::Active));
    world.delete_workflow(world.workspace, manual.workflow, Vec::new()).await.unwrap();
    assert!(matches!(world.subscription(manual.id).await, Err(Error::NotFound)));
}

pub(in crate::contract) async fn a_delivery_is_accepted_once(world: World) {
    let subscription = waiting(&world, Way::Manual).await;
    let (id, workflow) = (subscription.id, subscription.workflow);
    let keys = vec![key(&[b"delivery", b"d1"]), key(&[b"signature", b"s1"])];
    let accepted =
        join_all((0..8).map(|_| world.accept_event(id, keys.clone(), at(20), world.run(workflow)))).await;
    let new = accepted.iter().filter(|one| matches!(one, Ok(Delivered::New))).count();
    let repeated = accepted.iter().filter(|one| matches!(one, Ok(Delivered::Repeated))).count();
    assert_eq!((new, repeated), (1, 7));
    // One key of two is enough.
    let other = vec![key(&[b"delivery", b"d2"]), keys[1]];
    assert_eq!(
        world.accept_event(id, other, at(21), world.run(workflow)).await.unwrap(),
        Delivered::Repeated
    );
    assert_eq!(world.subscription(id).await.unwrap().last_event_at, Some(at(20)));
    // A run that is refused leaves its delivery unknown.
    let refused = world.accept_event(id, vec![[7; 32]], at(22), world.run(world.workflow().id)).await;
    assert!(refused.is_err());
    assert_eq!(world.known_events(id, vec![[7; 32], keys[0]]).await.unwrap(), [keys[0]]);
}

pub(in crate::contract) async fn a_poll_is_committed_whole_or_not_at_all(world: World) {
    let subscription = waiting(&world, Way::Polling).await;
    let (id, workflow) = (subscription.id, subscription.workflow);
    let claimed = claim(&world, 10).await;
    let behind = Some(json!({"pages": [31]}));
    let poll = |runs| PollCommit {
        runs,
        keys: vec![[1; 32]],
        cursor: Some(json!(5)),
        behind: behind.clone(),
        next_at: at(70),
        at: at(11),
    };
    let whole = world
        .commit_poll(id, claimed.fence, poll(vec![world.run(workflow), world.run(world.workflow().id)]))
        .await;
    assert!(whole.is_err(), "the second run is of no workflow");
    assert_eq!(world.subscription(id).await.unwrap().cursor, None);
    assert_eq!(world.known_events(id, vec![[1; 32]]).await.unwrap(), Vec::<[u8; 32]>::new());
    world.commit_poll(id, claimed.fence, poll(vec![world.run(workflow)])).await.unwrap();
    let after = world.subscription(id).await.unwrap();
    assert_eq!(
        (after.cursor, after.behind, after.next_at, after.last_event_at),
        (Some(json!(5)), behind.clone(), Some(at(70)), Some(at(11)))
    );
    let again = claim(&world, 70).await;
    let late = world.commit_poll(id, claimed.fence, poll(vec![world.run(workflow)])).await;
    assert!(matches!(late, Err(Error::Conflict)), "{late:?}");
    world.disarm_workflow(workflow, WorkflowStatus::Inactive, at(80), Vec::new()).await.unwrap();
    let paused = world.commit_poll(id, again.fence, poll(vec![])).await;
    assert!(matches!(paused, Err(Error::Conflict | Error::NotFound)), "{paused:?}");
    let runs = world.list_executions(world.workspace, Default::default(), Default::default()).await.unwrap();
    assert_eq!(runs.total, 1);
}

pub(in crate::contract) async fn the_oldest_deliveries_are_forgotten_first(world: World) {
    let subscription = waiting(&world, Way::Polling).await;
    let claimed = claim(&world, 10).await;
    let keys: Vec<[u8; 32]> = (0..REMEMBERED + 5).map(|number| key(&[&number.to_be_bytes()])).collect();
    let poll = PollCommit {
        runs: vec![],
        keys: keys.clone(),
        cursor: None,
        behind: None,
        next_at: at(70),
        at: at(11),
    };
    world.commit_poll(subscription.id, claimed.fence, poll).await.unwrap();
    assert_eq!(world.prune_events().await.unwrap(), 5);
    assert_eq!(world.known_events(subscription.id, keys[3..7].to_vec()).await.unwrap(), keys[5..7]);
    assert_eq!(world.prune_events().await.unwrap(), 0);
}
