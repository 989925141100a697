//! Which credentials a reader sees, where they are used, and by which runs.

use std::collections::HashSet;

use flero_model::{
    CredentialId, OrganizationId,
    credential::{AuthType, Credential, Scope, Status},
};

use crate::{
    Error, PageRequest,
    contract::sample::{START, World, at, first},
    credentials::{CredentialChange, CredentialFilter, CredentialUse},
    workflows::Arming,
};

fn all(world: &World) -> CredentialFilter {
    CredentialFilter {
        organization: world.organization,
        workspace: world.workspace,
        reader: world.user,
        scope: None,
        auth_types: Vec::new(),
        status: None,
        now: at(0),
        text: None,
    }
}

async fn listed(world: &World, filter: CredentialFilter) -> HashSet<CredentialId> {
    let page = world.list_credentials(filter, first(200)).await.unwrap();
    assert_eq!(page.total, page.items.len() as u64, "the count tells no more than the list");
    page.items.into_iter().map(|credential| credential.id).collect()
}

/// Security test 21, the store's part: what a reader may not see is neither listed nor counted.
pub(in crate::contract) async fn a_reader_sees_only_what_is_theirs_to_see(world: World) {
    world.with_keys().await;
    let colleague = World { user: world.someone(), ..world.clone() };
    let elsewhere = world.elsewhere();
    let foreign = World {
        organization: OrganizationId::new(START, world.unique()),
        user: world.someone(),
        ..world.elsewhere()
    };
    let mut made = Vec::new();
    for place in [&world, &colleague, &elsewhere, &foreign] {
        place.with_tenant_keys().await;
        let mut ids = [Scope::Personal, Scope::Workspace, Scope::Organization].map(|_| place.credential_id());
        for (slot, scope) in ids.iter_mut().zip([Scope::Personal, Scope::Workspace, Scope::Organization]) {
            *slot = place.with_credential(scope).await.id;
        }
        made.push(ids);
    }
    let [mine, theirs, far, strange] = [made[0], made[1], made[2], made[3]];
    assert_eq!(
        listed(&world, all(&world)).await,
        HashSet::from([mine[0], mine[1], mine[2], theirs[1], theirs[2], far[2]])
    );
    assert_eq!(
        listed(&world, all(&colleague)).await,
        HashSet::from([theirs[0], mine[1], theirs[1], mine[2], theirs[2], far[2]])
    );
    assert_eq!(
        listed(&world, all(&elsewhere)).await,
        HashSet::from([far[0], far[1], far[2], mine[2], theirs[2]])
    );
    assert_eq!(listed(&world, all(&foreign)).await, HashSet::from(strange));
    let personal = CredentialFilter { scope: Some(Scope::Personal), ..all(&world) };
    assert_eq!(listed(&world, personal).await, HashSet::from([mine[0]]));
}

pub(in crate::contract) async fn filters_narrow_the_list(world: World) {
    world.with_keys().await;
    let make = async |edit: fn(&mut Credential)| {
        let mut credential = world.credential(Scope::Workspace);
        credential.notes = String::new();
        edit(&mut credential);
        let secrets = vec![world.secret(&credential, 1)];
        let change = CredentialChange {
            credential: credential.clone(),
            secrets,
            destroy: Vec::new(),
            audit: Vec::new(),
        };
        world.create_credential(change).await.unwrap();
        credential.id
    };
    let plain = make(|_| {}).await;
    let named = make(|credential| credential.name = "Übersicht 100%".into()).await;
    let noted = make(|credential| credential.notes = "Used by the ÜBERSICHT".into()).await;
    let service = make(|credential| credential.policy.service = "slack".into()).await;
    let basic = make(|credential| credential.policy.auth_type = AuthType::Basic).await;
    let key = make(|credential| credential.policy.auth_type = AuthType::ApiKey).await;
    let failing = make(|credential| credential.status = Status::Failing).await;

    let text = |text: &str| CredentialFilter { text: Some(text.into()), ..all(&world) };
    assert_eq!(listed(&world, text("übersicht")).await, HashSet::from([named, noted]));
    assert_eq!(listed(&world, text("SLACK")).await, HashSet::from([service]));
    assert_eq!(
        listed(&world, text("100%")).await,
        HashSet::from([named]),
        "a pattern is text like any other"
    );
    assert_eq!(listed(&world, text("%")).await, HashSet::from([named]));
    assert_eq!(listed(&world, text("nowhere")).await, HashSet::new());
    let kinds = CredentialFilter { auth_types: vec![AuthType::Basic, AuthType::ApiKey], ..all(&world) };
    assert_eq!(listed(&world, kinds).await, HashSet::from([basic, key]));
    let status = |status| CredentialFilter { status: Some(status), ..all(&world) };
    assert_eq!(listed(&world, status(Status::Failing)).await, HashSet::from([failing]));
    assert_eq!(
        listed(&world, status(Status::Active)).await,
        HashSet::from([plain, named, noted, service, basic, key])
    );
    assert_eq!(listed(&world, all(&world)).await.len(), 7);
}

pub(in crate::contract) async fn pages_neither_repeat_nor_lose_what_was_there_at_the_start(world: World) {
    world.with_keys().await;
    let mut made = Vec::new();
    for place in 0..9 {
        let mut credential = world.credential(Scope::Workspace);
        // Several of the same millisecond: the identifier decides among them.
        credential.created_at = at(place / 3);
        let change = world.creation(&credential);
        world.create_credential(change).await.unwrap();
        made.push(credential);
    }
    made.sort_by_key(|credential| std::cmp::Reverse((credential.created_at, credential.id)));
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = world.list_credentials(all(&world), PageRequest { limit: 2, cursor }).await.unwrap();
        seen.extend(page.items);
        world.with_credential(Scope::Workspace).await;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);
}

pub(in crate::contract) async fn a_cursor_of_another_list_is_refused(world: World) {
    world.with_keys().await;
    for _ in 0..2 {
        world.with_credential(Scope::Workspace).await;
        world.with_workflow().await;
    }
    let page = world.list_workflows(world.workspace, Default::default(), first(1)).await.unwrap();
    for cursor in [page.next_cursor.unwrap(), "nonsense".into(), String::new(), "%&/".into(), "AQ".into()] {
        let refused =
            world.list_credentials(all(&world), PageRequest { limit: 1, cursor: Some(cursor) }).await;
        assert!(matches!(refused, Err(Error::InvalidCursor)), "{refused:?}");
    }
}

pub(in crate::contract) async fn usage_names_workflows_by_their_current_and_active_versions(world: World) {
    let credential = world.credential_id();
    let draft = world.with_workflow_of(&[credential]).await;
    // Active with the credential; the current draft has dropped it.
    let active = world.with_workflow_of(&[credential]).await;
    world.activate_workflow(active.id, 1, world.user, at(1), Arming::default(), Vec::new()).await.unwrap();
    world.save_version(2, world.version(&active, 2, &[]), Vec::new()).await.unwrap();
    // Dropped long ago.
    let former = world.with_workflow_of(&[credential]).await;
    world.save_version(1, world.version(&former, 2, &[]), Vec::new()).await.unwrap();
    // In both versions, by two nodes of which one is the same.
    let both = world.with_workflow_of(&[credential]).await;
    world.activate_workflow(both.id, 1, world.user, at(1), Arming::default(), Vec::new()).await.unwrap();
    let mut second = world.version(&both, 2, &[credential, world.credential_id()]);
    second.credentials.push(("test".into(), credential));
    world.save_version(2, second, Vec::new()).await.unwrap();

    let usage = |workflow: &crate::workflows::Workflow, active: bool, versions: &[u64], nodes: &[&str]| {
        CredentialUse {
            workflow: workflow.id,
            workspace: world.workspace,
            workflow_name: workflow.name.clone(),
            active,
            versions: versions.to_vec(),
            nodes: nodes.iter().map(ToString::to_string).collect(),
        }
    };
    let mut uses = world.credential_usage(credential).await.unwrap();
    uses.sort_by_key(|found| found.workflow);
    let mut expected = vec![
        usage(&draft, false, &[1], &["call"]),
        usage(&active, true, &[1], &["call"]),
        usage(&both, true, &[1, 2], &["call", "test"]),
    ];
    expected.sort_by_key(|found| found.workflow);
    assert_eq!(uses, expected);
    assert!(world.credential_usage(world.credential_id()).await.unwrap().is_empty());
}

pub(in crate::contract) async fn the_last_executions_of_a_credential_are_newest_first(world: World) {
    let workflow = world.with_workflow().await.id;
    let (used, other) = (world.credential_id(), world.credential_id());
    let mut runs = Vec::new();
    for _ in 0..4 {
        let mut run = world.run(workflow);
        run.credentials = vec![used];
        world.accept_execution(run.clone()).await.unwrap();
        runs.push(run.execution);
    }
    let mut step = world.step(&runs[0], 2);
    // Named again, and twice: one entry all the same.
    step.credentials = vec![used, other, other];
    world.append_execution(step).await.unwrap();
    let mut newest: Vec<_> = runs.iter().map(|run| run.id).collect();
    newest.reverse();
    assert_eq!(world.credential_executions(used, world.workspace, None, 10).await.unwrap(), newest);
    assert_eq!(world.credential_executions(used, world.workspace, None, 2).await.unwrap(), newest[..2]);
    assert_eq!(world.credential_executions(other, world.workspace, None, 10).await.unwrap(), [runs[0].id]);

    // Another workspace of the organization that uses it too, and another workflow of this one.
    let elsewhere = world.elsewhere();
    let mut foreign = elsewhere.run(elsewhere.with_workflow().await.id);
    foreign.credentials = vec![used, other];
    elsewhere.accept_execution(foreign.clone()).await.unwrap();
    let second = world.with_workflow().await.id;
    let mut of_second = world.run(second);
    of_second.credentials = vec![other];
    world.accept_execution(of_second.clone()).await.unwrap();
    let of = async |credential, only: Option<Vec<_>>| {
        world.credential_executions(credential, world.workspace, only, 10).await.unwrap()
    };
    assert_eq!(of(used, None).await, newest, "runs of another workspace are not named");
    assert_eq!(
        elsewhere.credential_executions(used, elsewhere.workspace, None, 10).await.unwrap(),
        [foreign.execution.id]
    );
    assert_eq!(of(other, None).await, [of_second.execution.id, runs[0].id]);
    assert_eq!(of(other, Some(vec![second])).await, [of_second.execution.id]);
    assert_eq!(of(other, Some(vec![workflow, second])).await, [of_second.execution.id, runs[0].id]);
    assert!(of(other, Some(Vec::new())).await.is_empty());
    world
        .append_execution(crate::executions::ExecutionStep {
            discard: true,
            ..world.end(&of_second.execution, 2)
        })
        .await
        .unwrap();

    let end = crate::executions::ExecutionStep { discard: true, ..world.end(&runs[0], 3) };
    world.append_execution(end).await.unwrap();
    assert!(
        world.credential_executions(other, world.workspace, None, 10).await.unwrap().is_empty(),
        "a run that is gone is not named"
    );
    assert_eq!(world.credential_executions(used, world.workspace, None, 10).await.unwrap(), newest[..3]);
}
