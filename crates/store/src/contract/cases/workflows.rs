//! Workflows, their versions, and what activation arms.

use flero_model::audit::AuditAction;
use futures_util::future::join;

use crate::{
    Error, PageRequest,
    contract::sample::{World, at, first},
    workflows::{Arming, Workflow, WorkflowFilter, WorkflowStatus},
};

fn on_path(path: &str) -> Arming {
    Arming { webhook_path: Some(path.into()), next_fire: Some(at(60_000)), ..Arming::default() }
}

async fn activate(world: &World, workflow: &Workflow, arming: Arming) -> crate::Result<Workflow> {
    world.activate_workflow(workflow.id, workflow.revision, world.user, at(50), arming, Vec::new()).await
}

pub(in crate::contract) async fn a_workflow_comes_back_as_it_was_written(world: World) {
    let workflow = world.workflow();
    let version = world.version(&workflow, 1, &[]);
    let audit = || vec![world.audit(AuditAction::WorkflowCreated, workflow.id)];
    world.create_workflow(workflow.clone(), version.clone(), audit()).await.unwrap();
    assert_eq!(world.get_workflow(world.workspace, workflow.id).await.unwrap(), workflow);
    assert_eq!(world.get_workflow_anywhere(workflow.id).await.unwrap(), workflow);
    assert_eq!(world.get_version(workflow.id, 1).await.unwrap(), version.version);
    let again = world.create_workflow(workflow.clone(), version, audit()).await;
    assert!(matches!(again, Err(Error::Taken { .. })), "{again:?}");
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn a_workflow_of_another_workspace_is_not_found(world: World) {
    let workflow = world.with_workflow().await;
    let elsewhere = world.elsewhere().workspace;
    assert!(matches!(world.get_workflow(elsewhere, workflow.id).await, Err(Error::NotFound)));
    let deleted = world.delete_workflow(elsewhere, workflow.id, Vec::new()).await;
    assert!(matches!(deleted, Err(Error::NotFound)), "{deleted:?}");
    assert_eq!(world.get_workflow(world.workspace, workflow.id).await.unwrap(), workflow);
    assert!(matches!(world.get_workflow_anywhere(world.workflow().id).await, Err(Error::NotFound)));
    assert!(matches!(world.get_version(workflow.id, 2).await, Err(Error::NotFound)));
}

pub(in crate::contract) async fn every_save_is_the_next_version(world: World) {
    let mut workflow = world.with_workflow().await;
    for number in 2..=6 {
        let mut next = world.version(&workflow, number, &[]);
        next.name = format!("Version {number}");
        next.tags = vec![format!("tag {number}")];
        let saved = world.save_version(workflow.revision, next.clone(), Vec::new()).await.unwrap();
        workflow = Workflow {
            name: next.name,
            tags: next.tags,
            version: number,
            updated_at: next.version.saved_at,
            revision: workflow.revision + 1,
            ..workflow
        };
        assert_eq!(saved, workflow);
        assert_eq!(world.get_version(workflow.id, number).await.unwrap(), next.version);
    }
    let page = world.list_versions(workflow.id, first(4)).await.unwrap();
    assert_eq!(page.items.iter().map(|version| version.version).collect::<Vec<_>>(), [6, 5, 4, 3]);
    assert_eq!(page.total, 6);
    let next = PageRequest { limit: 4, cursor: page.next_cursor };
    let rest = world.list_versions(workflow.id, next).await.unwrap();
    assert_eq!(rest.items.iter().map(|version| version.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(rest.next_cursor, None);
}

pub(in crate::contract) async fn of_two_saves_from_one_revision_one_is_kept(world: World) {
    let workflow = world.with_workflow().await;
    let audit = || vec![world.audit(AuditAction::WorkflowSaved, workflow.id)];
    let (one, two) = join(
        world.save_version(1, world.version(&workflow, 2, &[]), audit()),
        world.save_version(1, world.version(&workflow, 2, &[]), audit()),
    )
    .await;
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert!(matches!(one.and(two), Err(Error::Conflict)));
    let gap = world.save_version(2, world.version(&workflow, 4, &[]), audit()).await;
    assert!(matches!(gap, Err(Error::Conflict)), "{gap:?}");
    let missing = world.save_version(1, world.version(&world.workflow(), 2, &[]), audit()).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    assert_eq!(world.list_versions(workflow.id, first(9)).await.unwrap().total, 2);
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn activation_arms_and_disarming_frees_the_path(world: World) {
    let workflow = world.with_workflow().await;
    let activated = activate(&world, &workflow, on_path("orders/new")).await.unwrap();
    assert_eq!(
        activated,
        Workflow {
            status: WorkflowStatus::Active,
            active_version: Some(1),
            activated_by: Some(world.user),
            activated_at: Some(at(50)),
            updated_at: at(50),
            revision: 2,
            ..workflow.clone()
        }
    );
    assert_eq!(world.workflow_by_webhook("orders/new").await.unwrap(), activated);
    assert_eq!(world.active_workflows().await.unwrap(), std::slice::from_ref(&activated));
    let stale = activate(&world, &workflow, on_path("orders/other")).await;
    assert!(matches!(stale, Err(Error::Conflict)), "{stale:?}");

    // A save does not go live by itself.
    let saved = world.save_version(2, world.version(&activated, 2, &[]), Vec::new()).await.unwrap();
    assert_eq!((saved.version, saved.active_version), (2, Some(1)));
    let again = activate(&world, &saved, on_path("orders/newer")).await.unwrap();
    assert_eq!(again.active_version, Some(2));
    assert!(matches!(world.workflow_by_webhook("orders/new").await, Err(Error::NotFound)));

    let audit = vec![world.audit(AuditAction::WorkflowStatusChanged, workflow.id)];
    let disarmed = world.disarm_workflow(workflow.id, WorkflowStatus::Inactive, at(80), audit).await.unwrap();
    assert_eq!((disarmed.status, disarmed.active_version), (WorkflowStatus::Inactive, None));
    assert_eq!((disarmed.revision, disarmed.updated_at), (again.revision + 1, at(80)));
    assert!(matches!(world.workflow_by_webhook("orders/newer").await, Err(Error::NotFound)));
    assert_eq!(world.next_fire().await.unwrap(), None);
    assert!(world.active_workflows().await.unwrap().is_empty());
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn a_webhook_path_belongs_to_one_active_workflow(world: World) {
    let elsewhere = world.elsewhere();
    let (one, two) = (world.with_workflow().await, elsewhere.with_workflow().await);
    activate(&world, &one, on_path("orders")).await.unwrap();
    let taken = activate(&elsewhere, &two, on_path("orders")).await;
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
    assert_eq!(world.get_workflow_anywhere(two.id).await.unwrap(), two, "nothing of it is kept");
    activate(&elsewhere, &two, on_path("Orders")).await.unwrap();
    world.disarm_workflow(one.id, WorkflowStatus::Archived, at(60), Vec::new()).await.unwrap();
    let three = world.with_workflow().await;
    let activated = activate(&world, &three, on_path("orders")).await.unwrap();
    assert_eq!(world.workflow_by_webhook("orders").await.unwrap(), activated);
}

/// Services outside go on calling the address of a paused workflow with their own secrets and data: another
/// workspace must not come to listen there.
pub(in crate::contract) async fn the_webhook_path_of_a_paused_workflow_is_kept_for_its_workspace(
    world: World,
) {
    let elsewhere = world.elsewhere();
    let (one, two) = (world.with_workflow().await, elsewhere.with_workflow().await);
    activate(&world, &one, on_path("orders")).await.unwrap();
    let paused = world.disarm_workflow(one.id, WorkflowStatus::Inactive, at(60), Vec::new()).await.unwrap();
    let taken = activate(&elsewhere, &two, on_path("orders")).await;
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
    assert_eq!(world.get_workflow_anywhere(two.id).await.unwrap(), two, "nothing of it is kept");
    assert!(matches!(world.workflow_by_webhook("orders").await, Err(Error::NotFound)));
    // The workspace itself may move the path to another workflow, and the paused one comes back elsewhere.
    let three = world.with_workflow().await;
    let moved = activate(&world, &three, on_path("orders")).await.unwrap();
    assert!(matches!(activate(&world, &paused, on_path("orders")).await, Err(Error::Taken { .. })));
    activate(&world, &paused, on_path("orders/2")).await.unwrap();
    assert_eq!(world.workflow_by_webhook("orders").await.unwrap(), moved);
    // Archiving and deleting give a path up, and so does activation on another one.
    world.disarm_workflow(moved.id, WorkflowStatus::Archived, at(70), Vec::new()).await.unwrap();
    activate(&elsewhere, &two, on_path("orders")).await.unwrap();
    let four = elsewhere.with_workflow().await;
    assert!(matches!(activate(&elsewhere, &four, on_path("orders/2")).await, Err(Error::Taken { .. })));
}

pub(in crate::contract) async fn a_workflow_becomes_active_by_activation_only(world: World) {
    let workflow = world.with_workflow().await;
    let refused = world.disarm_workflow(workflow.id, WorkflowStatus::Active, at(1), Vec::new()).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    let missing = world.disarm_workflow(world.workflow().id, WorkflowStatus::Draft, at(1), Vec::new()).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    let missing = activate(&world, &world.workflow(), Arming::default()).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    assert_eq!(world.get_workflow_anywhere(workflow.id).await.unwrap(), workflow);
}

pub(in crate::contract) async fn lists_are_filtered_and_last_changed_first(world: World) {
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(world.with_workflow().await);
    }
    world.elsewhere().with_workflow().await;
    let archived = world.with_workflow().await;
    world.disarm_workflow(archived.id, WorkflowStatus::Archived, at(1), Vec::new()).await.unwrap();
    let mut renamed = world.version(&made[0], 2, &[]);
    renamed.name = "Quarterly ÖRDER".into();
    made[0] = world.save_version(1, renamed, Vec::new()).await.unwrap();
    let expected: Vec<_> = [0, 4, 3, 2, 1].map(|place| made[place].clone()).to_vec();

    let list = async |filter: WorkflowFilter| {
        let page = world.list_workflows(world.workspace, filter, first(100)).await.unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        page.items
    };
    assert_eq!(list(WorkflowFilter::default()).await, expected);
    let text = |text: &str| WorkflowFilter { text: Some(text.into()), ..WorkflowFilter::default() };
    assert_eq!(list(text("quarterly örder")).await, expected[..1]);
    assert_eq!(list(text("ÜBERSICHT")).await.len(), 5, "tags are searched too");
    assert_eq!(list(text("night_y")).await, []);
    let status = WorkflowFilter { status: Some(WorkflowStatus::Archived), ..WorkflowFilter::default() };
    assert_eq!(list(status).await.iter().map(|found| found.id).collect::<Vec<_>>(), [archived.id]);
    let only = |only: &[usize]| WorkflowFilter {
        only: Some(only.iter().map(|place| made[*place].id).collect()),
        ..WorkflowFilter::default()
    };
    assert_eq!(list(only(&[3, 0])).await, [made[0].clone(), made[3].clone()]);
    assert_eq!(list(only(&[])).await, []);

    let page = world.list_workflows(world.workspace, WorkflowFilter::default(), first(2)).await.unwrap();
    assert_eq!((page.items.as_slice(), page.total), (&expected[..2], 5));
    let newcomer = world.with_workflow().await;
    let next = PageRequest { limit: 9, cursor: page.next_cursor };
    let rest = world.list_workflows(world.workspace, WorkflowFilter::default(), next).await.unwrap();
    assert_eq!(rest.items, expected[2..], "a newcomer ({}) does not push the list on", newcomer.id);
}

pub(in crate::contract) async fn deletion_takes_versions_runs_and_references_along(world: World) {
    let credential = world.credential_id();
    let workflow = world.with_workflow_of(&[credential]).await;
    activate(&world, &workflow, on_path("gone")).await.unwrap();
    let mut run = world.run(workflow.id);
    run.credentials = vec![credential];
    world.accept_execution(run.clone()).await.unwrap();
    let kept = world.with_workflow().await;
    let kept_run = world.with_run(kept.id).await;

    let audit = vec![world.audit(AuditAction::WorkflowDeleted, workflow.id)];
    world.delete_workflow(world.workspace, workflow.id, audit).await.unwrap();
    assert!(matches!(world.get_workflow_anywhere(workflow.id).await, Err(Error::NotFound)));
    assert!(matches!(world.get_version(workflow.id, 1).await, Err(Error::NotFound)));
    assert!(matches!(world.get_execution_anywhere(run.execution.id).await, Err(Error::NotFound)));
    assert!(world.execution_journal(run.execution.id).await.unwrap().is_empty());
    assert!(world.credential_usage(credential).await.unwrap().is_empty());
    assert!(world.credential_executions(credential, world.workspace, None, 9).await.unwrap().is_empty());
    assert_eq!(world.next_fire().await.unwrap(), None);
    assert_eq!(world.get_execution_anywhere(kept_run.id).await.unwrap(), kept_run);
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn only_what_was_archived_long_ago_is_purged(world: World) {
    let old = world.with_workflow().await;
    let restored = world.with_workflow().await;
    let fresh = world.with_workflow().await;
    let used = world.with_workflow().await;
    for workflow in [&old, &restored] {
        world.disarm_workflow(workflow.id, WorkflowStatus::Archived, at(10), Vec::new()).await.unwrap();
    }
    world.disarm_workflow(restored.id, WorkflowStatus::Inactive, at(11), Vec::new()).await.unwrap();
    world.disarm_workflow(fresh.id, WorkflowStatus::Archived, at(20), Vec::new()).await.unwrap();
    assert_eq!(world.purge_archived(at(10)).await.unwrap(), 0);
    assert_eq!(world.purge_archived(at(20)).await.unwrap(), 1);
    assert!(matches!(world.get_workflow_anywhere(old.id).await, Err(Error::NotFound)));
    for workflow in [restored, fresh, used] {
        world.get_workflow_anywhere(workflow.id).await.unwrap();
    }
}
