//! Fires of schedules: none lost, none doubled, over restarts and clocks that jump.

use std::{collections::HashSet, time::Duration};

use flero_model::execution::TriggerKind;
use flero_store::{ExecutionStore, PeopleStore, ScheduleStore, WorkflowStore, workflows::WorkflowStatus};
use serde_json::json;

use super::harness::{World, edges, node};

async fn every_minute(world: &World) -> std::sync::Arc<flero_engine::CompiledWorkflow> {
    let workflow = world
        .workflow(json!({"nodes": [node("c", "ScheduleTrigger", json!({"type": "cron", "cron": "* * * * *", "payload": {"kind": "tick"}})), node("a", "Set", json!({}))], "edges": edges(&["c>a"])}))
        .await;
    world.activate(&workflow).await;
    workflow
}

/// The slots that fired, each as often as it did.
async fn slots(world: &World) -> Vec<String> {
    let mut slots = Vec::new();
    for run in world.executions().await.into_iter().filter(|run| run.trigger == TriggerKind::Schedule) {
        let input = world.report(run.id).await.input;
        assert_eq!(input["payload"], json!({"kind": "tick"}));
        slots.push(input["scheduledFor"].as_str().unwrap().to_owned());
    }
    slots.sort();
    slots
}

async fn fired(world: &World, count: usize) -> Vec<String> {
    world.until("the fires", |all| all.len() >= count).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    slots(world).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_slot_fires_once_with_two_engines_and_after_a_pause() {
    let world = World::new().await;
    every_minute(&world).await;
    let second = world.another_engine();
    world.engine.spawn_background();
    second.spawn_background();
    for minutes in 1..=3 {
        world.clock.jump(60_000);
        world.engine.wake_scheduler();
        second.wake_scheduler();
        fired(&world, minutes).await;
    }
    // Both are away for ten minutes: every slot is caught up, once.
    world.clock.jump(10 * 60_000);
    let slots = fired(&world, 13).await;
    assert_eq!((slots.len(), slots.iter().collect::<HashSet<_>>().len()), (13, 13));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_doubles_nothing_and_one_far_ahead_catches_up_an_hour_at_most() {
    let world = World::new().await;
    every_minute(&world).await;
    world.engine.spawn_background();
    world.clock.jump(60_000);
    world.engine.wake_scheduler();
    assert_eq!(fired(&world, 1).await.len(), 1);
    world.clock.jump(-3_600_000);
    world.engine.wake_scheduler();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(slots(&world).await.len(), 1);
    world.clock.jump(3_600_000 + 60_000);
    world.engine.wake_scheduler();
    assert_eq!(fired(&world, 2).await.len(), 2);
    world.clock.jump(10 * 365 * 86_400_000);
    world.engine.wake_scheduler();
    let slots = fired(&world, 61).await;
    assert!((61..=63).contains(&slots.len()), "{}", slots.len());
    assert_eq!(slots.iter().collect::<HashSet<_>>().len(), slots.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disarmed_schedule_and_a_paused_installation_fire_nothing() {
    let world = World::new().await;
    let workflow = every_minute(&world).await;
    world.store.set_paused(true, Vec::new()).await.unwrap();
    world.engine.spawn_background();
    world.clock.jump(120_000);
    world.engine.wake_scheduler();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.executions().await.len(), 0);
    world.store.set_paused(false, Vec::new()).await.unwrap();
    world
        .store
        .disarm_workflow(
            workflow.id,
            WorkflowStatus::Inactive,
            flero_model::Clock::now(&*world.clock),
            Vec::new(),
        )
        .await
        .unwrap();
    assert_eq!(world.store.next_fire().await.unwrap(), None);
    world.engine.wake_scheduler();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.executions().await.len(), 0);
    let _ = world
        .store
        .due_executions(flero_model::NodeInstanceId::from_u128(1), flero_model::Clock::now(&*world.clock), 1)
        .await
        .unwrap();
}
