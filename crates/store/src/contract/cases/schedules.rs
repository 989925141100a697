//! Fire times.

use flero_model::execution::TriggerKind;
use futures_util::future::join_all;

use crate::{
    Error,
    contract::sample::{World, at},
    schedules::Schedule,
    workflows::{Arming, Workflow, WorkflowStatus},
};

async fn scheduled(world: &World, next: i64) -> Workflow {
    let workflow = world.with_workflow().await;
    let arming = Arming { next_fire: Some(at(next)), ..Arming::default() };
    world.activate_workflow(workflow.id, 1, world.user, at(0), arming, Vec::new()).await.unwrap()
}

pub(in crate::contract) async fn due_schedules_come_earliest_first(world: World) {
    assert_eq!(world.next_fire().await.unwrap(), None);
    let mut made = Vec::new();
    for next in [30, 10, 20] {
        made.push(Schedule { workflow: scheduled(&world, next).await.id, next_fire: Some(at(next)) });
    }
    world.with_workflow().await;
    assert_eq!(world.next_fire().await.unwrap(), Some(at(10)));
    assert_eq!(world.due_schedules(at(9), 10).await.unwrap(), []);
    assert_eq!(world.due_schedules(at(20), 10).await.unwrap(), [made[1].clone(), made[2].clone()]);
    assert_eq!(world.due_schedules(at(99), 1).await.unwrap(), made[1..2]);
}

pub(in crate::contract) async fn a_fire_happens_once_and_accepts_its_run_with_it(world: World) {
    let workflow = scheduled(&world, 10).await.id;
    let fires = join_all((0..8).map(|_| {
        let mut run = world.run(workflow);
        run.execution.trigger = TriggerKind::Schedule;
        async {
            let id = run.execution.id;
            (id, world.fire_schedule(workflow, at(10), Some(at(70)), Some(run)).await)
        }
    }))
    .await;
    let accepted: Vec<_> = fires.iter().filter(|(_, fired)| fired.is_ok()).collect();
    assert_eq!(accepted.len(), 1);
    for (id, fired) in &fires {
        let run = world.get_execution_anywhere(*id).await;
        assert_eq!(run.is_ok(), fired.is_ok(), "{fired:?}");
        assert!(matches!(fired, Ok(()) | Err(Error::Conflict)), "{fired:?}");
    }
    assert_eq!(world.next_fire().await.unwrap(), Some(at(70)));
    // A skipped fire moves on without a run, and the last one leaves none.
    world.fire_schedule(workflow, at(70), Some(at(130)), None).await.unwrap();
    world.fire_schedule(workflow, at(130), None, Some(world.run(workflow))).await.unwrap();
    assert_eq!(world.next_fire().await.unwrap(), None);
    assert_eq!(
        world.list_executions(world.workspace, Default::default(), Default::default()).await.unwrap().total,
        2
    );
}

pub(in crate::contract) async fn a_fire_whose_run_is_refused_stays_due(world: World) {
    let workflow = scheduled(&world, 10).await.id;
    let refused =
        world.fire_schedule(workflow, at(10), Some(at(70)), Some(world.run(world.workflow().id))).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    assert_eq!(world.next_fire().await.unwrap(), Some(at(10)));
}

pub(in crate::contract) async fn a_disarmed_schedule_does_not_fire(world: World) {
    let workflow = scheduled(&world, 10).await.id;
    world.disarm_workflow(workflow, WorkflowStatus::Inactive, at(5), Vec::new()).await.unwrap();
    let fired = world.fire_schedule(workflow, at(10), Some(at(70)), Some(world.run(workflow))).await;
    assert!(matches!(fired, Err(Error::Conflict)), "{fired:?}");
    assert_eq!(world.due_schedules(at(99), 9).await.unwrap(), []);
}
