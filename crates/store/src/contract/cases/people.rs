//! The first owner, look-ups, the paused flag.

use flero_model::{audit::AuditAction, role::Role};
use futures_util::future::join;

use crate::{Error, contract::sample::World};

pub(in crate::contract) async fn the_first_owner_is_made_once_with_everything_that_is_theirs(world: World) {
    assert!(!world.has_people().await.unwrap());
    let owner = world.owner();
    let audit = vec![world.audit(AuditAction::Bootstrapped, world.user)];
    world.create_first_owner(owner.clone(), audit.clone()).await.unwrap();

    assert!(world.has_people().await.unwrap());
    let membership = world.membership(world.user, world.workspace).await.unwrap();
    assert_eq!(membership.role, Role::Owner);
    assert_eq!(membership.organization, world.organization);
    assert_eq!(world.first_owner().await.unwrap(), membership);
    assert_eq!(world.person(world.user).await.unwrap(), ("Olga Owner".into(), "owner@example.com".into()));
    assert_eq!(world.api_key_by_hash(&owner.api_key.as_ref().unwrap().hash).await.ok(), owner.api_key);
    let workspace = world.workspace(world.workspace).await.unwrap();
    assert_eq!((workspace.name.as_str(), workspace.organization), ("Main", world.organization));
    assert!(workspace.retention.max_count > 0 && workspace.retention.max_age_ms > 0);
    assert_eq!(world.workspaces().await.unwrap(), [workspace]);

    let second = world.create_first_owner(owner, audit).await;
    assert!(matches!(second, Err(Error::Refused { .. })), "{second:?}");
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn of_two_first_owners_at_once_one_is_made(world: World) {
    let other = World { user: world.someone(), ..world.elsewhere() };
    let mut second = other.owner();
    second.organization = flero_model::OrganizationId::new(other.tick(), other.unique());
    second.email = "second@example.com".into();
    second.api_key.as_mut().unwrap().hash = [2; 32];
    let (one, two) = join(
        world.create_first_owner(world.owner(), Vec::new()),
        world.create_first_owner(second, Vec::new()),
    )
    .await;
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(world.workspaces().await.unwrap().len(), 1);
}

pub(in crate::contract) async fn a_membership_of_another_workspace_is_not_found(world: World) {
    world.with_owner().await;
    let elsewhere = world.elsewhere().workspace;
    assert!(matches!(world.membership(world.user, elsewhere).await, Err(Error::NotFound)));
    assert!(matches!(world.membership(world.someone(), world.workspace).await, Err(Error::NotFound)));
    assert!(matches!(world.person(world.someone()).await, Err(Error::NotFound)));
    assert!(matches!(world.workspace(elsewhere).await, Err(Error::NotFound)));
}

pub(in crate::contract) async fn the_retention_of_a_workspace_is_set_on_the_record(world: World) {
    world.with_owner().await;
    let before = world.chain().await.len();
    let retention = crate::executions::Retention { max_count: 7, max_age_ms: 86_400_000 };
    let audit = vec![world.audit(AuditAction::SettingsChanged, world.workspace)];
    world.set_retention(world.workspace, retention, audit.clone()).await.unwrap();
    assert_eq!(world.workspace(world.workspace).await.unwrap().retention, retention);
    let missing = world.set_retention(world.elsewhere().workspace, retention, audit).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    assert_eq!(world.chain().await.len(), before + 1, "a refused change leaves no record");
}

pub(in crate::contract) async fn the_installation_is_paused_and_resumed_on_the_record(world: World) {
    assert!(!world.is_paused().await.unwrap());
    world.set_paused(true, vec![world.audit(AuditAction::Restored, "installation")]).await.unwrap();
    assert!(world.is_paused().await.unwrap());
    world.set_paused(false, vec![world.audit(AuditAction::Restored, "installation")]).await.unwrap();
    assert!(!world.is_paused().await.unwrap());
    assert_eq!(world.chain().await.len(), 2);
}

pub(in crate::contract) async fn an_archived_workspace_stops_what_runs_in_it(world: World) {
    world.with_owner().await;
    let workflow = world.with_workflow().await;
    let (going, ended) = (world.with_run(workflow.id).await, world.with_run(workflow.id).await);
    world.append_execution(world.end(&ended, 2)).await.unwrap();
    let before = world.chain().await.len();
    let archived = world.audit(AuditAction::WorkspaceArchived, world.workspace);
    let stopped = world.archive_workspace(world.workspace, archived.clone()).await.unwrap();
    assert_eq!(stopped.executions.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [going.id]);
    assert!(world.get_execution_anywhere(going.id).await.unwrap().cancel_requested);
    assert!(!world.get_execution_anywhere(ended.id).await.unwrap().cancel_requested);
    let records = world.chain().await.split_off(before);
    let actions: Vec<AuditAction> = records.iter().map(|one| one.event.action).collect();
    assert_eq!(actions, [AuditAction::WorkspaceArchived, AuditAction::ExecutionCancelled]);
    assert_eq!(records[1].event.target, going.id.to_string());
    assert_eq!(records[1].event.actor, archived.actor);
    let again = world.archive_workspace(world.workspace, archived).await;
    assert!(matches!(again, Err(Error::Conflict)));
}
