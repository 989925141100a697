//! Lists of runs, recovery, waking, cancelling, retention.

use flero_model::{
    audit::AuditAction,
    execution::{ExecutionStatus, TriggerName},
};
use futures_util::future::join;

use crate::{
    PageRequest,
    contract::sample::{World, at, first},
    executions::{Execution, ExecutionFilter, ExecutionStep, Retention},
};

pub(in crate::contract) async fn runs_are_listed_newest_first_and_filtered(world: World) {
    let (one, two) = (world.with_workflow().await.id, world.with_workflow().await.id);
    let elsewhere = world.elsewhere();
    elsewhere.with_run(elsewhere.with_workflow().await.id).await;
    let mut runs = Vec::new();
    for workflow in [one, two, one, two, one] {
        runs.push(world.with_run(workflow).await);
    }
    world.append_execution(world.end(&runs[2], 2)).await.unwrap();
    assert_eq!(world.count_open_executions().await.unwrap(), [(ExecutionStatus::Running, 5)]);
    let list = async |filter: ExecutionFilter| {
        let page = world.list_executions(world.workspace, filter, first(50)).await.unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        page.items.iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let ids = |places: &[usize]| places.iter().map(|place| runs[*place].id).collect::<Vec<_>>();
    let all = ExecutionFilter::default();
    assert_eq!(list(all.clone()).await, ids(&[4, 3, 2, 1, 0]));
    assert_eq!(list(ExecutionFilter { workflow: Some(two), ..all.clone() }).await, ids(&[3, 1]));
    assert_eq!(
        list(ExecutionFilter { status: Some(ExecutionStatus::Success), ..all.clone() }).await,
        ids(&[2])
    );
    let both = ExecutionFilter { status: Some(ExecutionStatus::Running), workflow: Some(one), ..all.clone() };
    assert_eq!(list(both).await, ids(&[4, 0]));
    assert_eq!(list(ExecutionFilter { only: Some(vec![two]), ..all.clone() }).await, ids(&[3, 1]));
    assert_eq!(list(ExecutionFilter { only: Some(vec![two]), workflow: Some(one), ..all.clone() }).await, []);
    let by = |trigger| ExecutionFilter { trigger: Some(trigger), ..all.clone() };
    assert_eq!(list(by(TriggerName::Webhook)).await, ids(&[4, 3, 2, 1, 0]));
    assert_eq!(list(by(TriggerName::Schedule)).await, []);
    let middle =
        ExecutionFilter { since: Some(runs[1].created_at), until: Some(runs[3].created_at), ..all.clone() };
    assert_eq!(list(middle).await, ids(&[2, 1]));
    assert_eq!(list(ExecutionFilter { only: Some(Vec::new()), ..all }).await, []);
}

pub(in crate::contract) async fn pages_of_runs_hold_while_runs_are_accepted(world: World) {
    let workflow = world.with_workflow().await.id;
    let mut made = Vec::new();
    for place in 0..9 {
        let mut run = world.run(workflow);
        run.execution.created_at = at(place / 4);
        world.accept_execution(run.clone()).await.unwrap();
        made.push(run.execution);
    }
    made.sort_by_key(|run| std::cmp::Reverse((run.created_at, run.id)));
    let mut seen: Vec<Execution> = Vec::new();
    let mut cursor = None;
    loop {
        let request = PageRequest { limit: 2, cursor };
        let page = world.list_executions(world.workspace, ExecutionFilter::default(), request).await.unwrap();
        seen.extend(page.items);
        world.with_run(workflow).await;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);
}

pub(in crate::contract) async fn orphans_are_given_to_one_caller_each(world: World) {
    let workflow = world.with_workflow().await.id;
    let dead = World { node: world.process(), ..world.clone() };
    world.heartbeat(dead.node, "serve", 1, Vec::new(), at(10)).await.unwrap();
    let mut runs = Vec::new();
    for _ in 0..7 {
        runs.push(dead.with_run(workflow).await);
    }
    world.append_execution(ExecutionStep { owner: dead.node, ..world.end(&runs[3], 2) }).await.unwrap();
    let (mine, theirs) = (world.process(), world.process());
    for node in [mine, theirs] {
        world.heartbeat(node, "serve", 1, Vec::new(), at(20)).await.unwrap();
    }
    let (one, two) = join(world.claim_orphans(mine, at(20), 4), world.claim_orphans(theirs, at(20), 4)).await;
    let (one, two) = (one.unwrap(), two.unwrap());
    let mut claimed: Vec<Execution> = one.iter().chain(&two).cloned().collect();
    claimed.sort_by_key(|run| run.created_at);
    runs.remove(3);
    assert_eq!(claimed, runs, "each once, and none that has ended");
    assert!(one.len() == 4 || two.len() == 4);
    assert!(one.is_sorted_by_key(|run| run.created_at) && two.is_sorted_by_key(|run| run.created_at));
}

pub(in crate::contract) async fn runs_of_a_living_process_are_nobodys_orphans(world: World) {
    let workflow = world.with_workflow().await.id;
    let own = world.with_run(workflow).await;
    let living = World { node: world.process(), ..world.clone() };
    let run = living.with_run(workflow).await;
    world.heartbeat(living.node, "serve", 1, Vec::new(), at(30)).await.unwrap();
    let none = world.claim_orphans(world.node, at(30), 10).await.unwrap();
    assert_eq!(none, [], "{} is its own, {} is the living one's", own.id, run.id);
    // Retired, or silent for too long: now it is one.
    assert_eq!(world.claim_orphans(world.node, at(31), 10).await.unwrap(), std::slice::from_ref(&run));
    world.retire_nodes(living.node, None).await.unwrap();
    let heir = world.process();
    world.heartbeat(heir, "serve", 1, Vec::new(), at(40)).await.unwrap();
    assert_eq!(
        world.claim_orphans(heir, at(0), 10).await.unwrap(),
        [own, run],
        "an unknown process is a dead one"
    );
}

pub(in crate::contract) async fn runs_are_woken_in_the_order_of_their_times(world: World) {
    let workflow = world.with_workflow().await.id;
    let mut runs = Vec::new();
    for wake in [Some(30), Some(10), None, Some(20), Some(15)] {
        let mut run = world.run(workflow);
        run.wake_at = wake.map(at);
        world.accept_execution(run.clone()).await.unwrap();
        runs.push(run.execution);
    }
    let stranger = World { node: world.process(), ..world.clone() };
    let mut foreign = stranger.run(workflow);
    foreign.wake_at = Some(at(5));
    stranger.accept_execution(foreign).await.unwrap();
    world.append_execution(world.end(&runs[4], 2)).await.unwrap();

    let due = async |now: i64, limit: u32| world.due_executions(world.node, at(now), limit).await.unwrap();
    assert_eq!(due(9, 10).await, []);
    assert_eq!(due(20, 10).await, [runs[1].id, runs[3].id]);
    assert_eq!(due(99, 2).await, [runs[1].id, runs[3].id]);
    // A transition sets the time anew, or takes it away.
    let later = ExecutionStep { wake_at: Some(at(50)), ..world.step(&runs[1], 2) };
    world.append_execution(later).await.unwrap();
    world.append_execution(world.step(&runs[3], 2)).await.unwrap();
    assert_eq!(due(99, 10).await, [runs[0].id, runs[1].id]);
}

pub(in crate::contract) async fn a_cancel_is_noted_with_who_asked_and_names_the_process(world: World) {
    let run = world.with_run(world.with_workflow().await.id).await;
    let audit = || world.audit(AuditAction::ExecutionCancelled, run.id);
    let owner = world.request_cancel(world.workspace, run.id, audit()).await.unwrap();
    assert_eq!(owner, Some(world.node));
    assert!(world.get_execution_anywhere(run.id).await.unwrap().cancel_requested);
    assert_eq!(world.chain().await.len(), 1);
    let stopped = ExecutionStep { status: ExecutionStatus::Cancelled, ..world.end(&run, 2) };
    world.append_execution(stopped).await.unwrap();
    assert_eq!(world.request_cancel(world.workspace, run.id, audit()).await.unwrap(), None);
    assert_eq!(world.chain().await.len(), 1, "there was nothing to stop");
}

pub(in crate::contract) async fn retention_deletes_by_age_and_by_count_but_never_what_goes_on(world: World) {
    let workflow = world.with_workflow().await.id;
    let credential = world.credential_id();
    let elsewhere = world.elsewhere();
    let foreign = elsewhere.with_run(elsewhere.with_workflow().await.id).await;
    elsewhere
        .append_execution(ExecutionStep { finished_at: Some(at(1)), ..elsewhere.end(&foreign, 2) })
        .await
        .unwrap();
    let mut runs = Vec::new();
    for place in 0..10 {
        let mut run = world.run(workflow);
        run.execution.created_at = at(place * 10);
        run.credentials = vec![credential];
        world.accept_execution(run.clone()).await.unwrap();
        if place != 1 {
            let end = ExecutionStep { finished_at: Some(at(place * 10 + 5)), ..world.end(&run.execution, 2) };
            world.append_execution(end).await.unwrap();
        }
        runs.push(run.execution.id);
    }
    let prune = async |max_count: u64, max_age_ms: i64, limit: u32| {
        let retention = Retention { max_count, max_age_ms };
        world.prune_executions(world.workspace, retention, at(100), limit).await.unwrap()
    };
    let left = async || {
        let page =
            world.list_executions(world.workspace, ExecutionFilter::default(), first(50)).await.unwrap();
        let mut places: Vec<_> =
            page.items.iter().map(|run| runs.iter().position(|id| *id == run.id).unwrap()).collect();
        places.reverse();
        places
    };
    assert_eq!(prune(100, 1_000, 100).await, 0);
    // Ended 75 ms ago or earlier: runs 0 and 2 (ended at 5 and 25). Run 1 goes on.
    assert_eq!(prune(100, 74, 100).await, 2);
    assert_eq!(left().await, [1, 3, 4, 5, 6, 7, 8, 9]);
    assert!(world.execution_journal(runs[0]).await.unwrap().is_empty());
    // At most four that have ended; the oldest go first, not all at once.
    assert_eq!(prune(4, 1_000, 2).await, 2);
    assert_eq!(left().await, [1, 5, 6, 7, 8, 9]);
    assert_eq!(prune(4, 1_000, 100).await, 1);
    assert_eq!(left().await, [1, 6, 7, 8, 9]);
    assert_eq!(prune(2, 66, 100).await, 2, "both rules together name each run once");
    assert_eq!(left().await, [1, 8, 9]);
    assert_eq!(prune(0, 1_000, 100).await, 2);
    assert_eq!(left().await, [1]);
    assert_eq!(world.credential_executions(credential, world.workspace, None, 50).await.unwrap(), [runs[1]]);
    elsewhere.get_execution_anywhere(foreign.id).await.unwrap();
}
