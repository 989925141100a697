//! Accepting runs and appending their transitions.

use flero_model::{
    audit::AuditAction,
    execution::{ErrorInfo, ExecutionStatus, TriggerKind},
};
use futures_util::future::join_all;

use crate::{
    Error,
    contract::sample::{START, World, at},
    executions::{Accepted, Execution, ExecutionStep},
};

pub(in crate::contract) async fn a_run_comes_back_as_it_was_accepted(world: World) {
    let workflow = world.with_workflow().await.id;
    let mut run = world.run(workflow);
    run.audit = vec![world.audit(AuditAction::CredentialUseIntent, run.execution.id)];
    assert_eq!(world.accept_execution(run.clone()).await.unwrap(), Accepted::New);
    let id = run.execution.id;
    assert_eq!(world.get_execution(world.workspace, id).await.unwrap(), run.execution);
    assert_eq!(world.execution_journal(id).await.unwrap(), run.journal);
    assert_eq!(world.chain().await.len(), 1);
    let again = world.accept_execution(run.clone()).await;
    assert!(matches!(again, Err(Error::Taken { .. })), "{again:?}");

    // A run without effects is accepted when it has ended already.
    let mut done = world.run(workflow);
    done.execution.status = ExecutionStatus::Success;
    done.execution.finished_at = Some(world.tick());
    done.journal = vec![vec![0; 300_000], b"end".to_vec()];
    world.accept_execution(done.clone()).await.unwrap();
    assert_eq!(world.get_execution_anywhere(done.execution.id).await.unwrap(), done.execution);
    assert_eq!(world.execution_journal(done.execution.id).await.unwrap(), done.journal);
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn a_run_of_a_workflow_that_is_not_there_is_refused(world: World) {
    let elsewhere = world.elsewhere();
    let foreign = elsewhere.with_workflow().await.id;
    for workflow in [foreign, world.workflow().id] {
        let run = world.run(workflow);
        let refused = world.accept_execution(run.clone()).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        assert!(world.execution_journal(run.execution.id).await.unwrap().is_empty());
    }
}

pub(in crate::contract) async fn a_run_is_not_found_in_another_workspace(world: World) {
    let run = world.with_run(world.with_workflow().await.id).await;
    let elsewhere = world.elsewhere();
    assert!(matches!(world.get_execution(elsewhere.workspace, run.id).await, Err(Error::NotFound)));
    let cancel = elsewhere
        .request_cancel(elsewhere.workspace, run.id, elsewhere.audit(AuditAction::ExecutionCancelled, run.id))
        .await;
    assert!(matches!(cancel, Err(Error::NotFound)), "{cancel:?}");
    assert_eq!(world.get_execution_anywhere(run.id).await.unwrap(), run);
    assert!(elsewhere.chain().await.is_empty());
}

pub(in crate::contract) async fn an_idempotency_key_accepts_one_run_even_at_once(world: World) {
    let (workflow, other) = (world.with_workflow().await.id, world.with_workflow().await.id);
    let attempts = (0..12).map(|place| {
        let mut run = world.run(if place == 11 { other } else { workflow });
        run.idempotency_key = Some("order-17".into());
        run.audit = vec![world.audit(AuditAction::CredentialUseIntent, run.execution.id)];
        async { (run.execution.id, world.accept_execution(run).await.unwrap()) }
    });
    let mut answers = join_all(attempts).await;
    assert_eq!(answers.pop().unwrap().1, Accepted::New, "the key is one of its workflow");
    let winners: Vec<_> = answers.iter().filter(|(_, answer)| *answer == Accepted::New).collect();
    assert_eq!(winners.len(), 1);
    let winner = winners[0].0;
    assert!(answers.iter().all(|(id, answer)| *id == winner || *answer == Accepted::Existing(winner)));
    assert_eq!(world.chain().await.len(), 2, "what was not accepted is not recorded");
    // A run that has ended still holds its key.
    let run = world.get_execution_anywhere(winner).await.unwrap();
    world.append_execution(world.end(&run, 2)).await.unwrap();
    let mut late = world.run(workflow);
    late.idempotency_key = Some("order-17".into());
    assert_eq!(world.accept_execution(late).await.unwrap(), Accepted::Existing(winner));
}

pub(in crate::contract) async fn a_transition_is_appended_at_its_place_only(world: World) {
    let run = world.with_run(world.with_workflow().await.id).await;
    let audit = |step: ExecutionStep| ExecutionStep {
        audit: vec![world.audit(AuditAction::CredentialUsed, run.id)],
        ..step
    };
    for wrong in [0, 1, 3, u64::from(u32::MAX)] {
        let refused = world.append_execution(audit(world.step(&run, wrong))).await;
        assert!(matches!(refused, Err(Error::Conflict)), "{wrong}: {refused:?}");
    }
    world.append_execution(audit(world.step(&run, 2))).await.unwrap();
    let twice = world.append_execution(audit(world.step(&run, 2))).await;
    assert!(matches!(twice, Err(Error::Conflict)), "{twice:?}");
    let mut wide = audit(world.step(&run, 3));
    wide.journal = vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()];
    world.append_execution(wide).await.unwrap();
    // A change of state without an entry, for example a new time to wake up.
    let mut bare = audit(world.step(&run, 6));
    bare.journal = Vec::new();
    bare.status = ExecutionStatus::WaitingForInput;
    world.append_execution(bare).await.unwrap();
    world.append_execution(audit(world.step(&run, 6))).await.unwrap();
    let journal = world.execution_journal(run.id).await.unwrap();
    let expected: [&[u8]; 7] = [b"begun", b"", b"entry 2", b"a", b"b", b"c", b"entry 6"];
    assert_eq!(journal, expected);
    assert_eq!(world.chain().await.len(), 4);
    let missing = world.append_execution(world.step(&world.run(run.workflow).execution, 0)).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
}

pub(in crate::contract) async fn a_process_that_lost_its_run_cannot_append(world: World) {
    let run = world.with_run(world.with_workflow().await.id).await;
    let heir = World { node: world.process(), ..world.clone() };
    assert_eq!(heir.claim_orphans(heir.node, at(0), 10).await.unwrap(), std::slice::from_ref(&run));
    let late = world.append_execution(world.step(&run, 2)).await;
    assert!(matches!(late, Err(Error::Conflict)), "{late:?}");
    heir.append_execution(heir.step(&run, 2)).await.unwrap();
}

pub(in crate::contract) async fn a_run_that_has_ended_takes_no_more_transitions(world: World) {
    let workflow = world.with_workflow().await.id;
    let run = world.with_run(workflow).await;
    let endless = ExecutionStep { finished_at: None, ..world.end(&run, 2) };
    let refused = world.append_execution(endless).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "an end has a time: {refused:?}");
    for status in [
        ExecutionStatus::Success,
        ExecutionStatus::Failed,
        ExecutionStatus::Cancelled,
        ExecutionStatus::Timeout,
    ] {
        let run = world.with_run(workflow).await;
        let end = ExecutionStep { status, ..world.end(&run, 2) };
        world.append_execution(end.clone()).await.unwrap();
        let ended = world.get_execution_anywhere(run.id).await.unwrap();
        assert_eq!(ended, Execution { status, finished_at: end.finished_at, ..run.clone() });
        for more in [world.step(&run, 3), world.end(&run, 3)] {
            let refused = world.append_execution(more).await;
            assert!(matches!(refused, Err(Error::Conflict)), "{status:?}: {refused:?}");
        }
    }
}

pub(in crate::contract) async fn a_discarded_run_leaves_its_audit_records_alone(world: World) {
    let run = world.with_run(world.with_workflow().await.id).await;
    let mut end = world.end(&run, 2);
    end.discard = true;
    end.credentials = vec![world.credential_id()];
    end.audit = vec![world.audit(AuditAction::CredentialUsed, run.id)];
    world.append_execution(end.clone()).await.unwrap();
    assert!(matches!(world.get_execution_anywhere(run.id).await, Err(Error::NotFound)));
    assert!(world.execution_journal(run.id).await.unwrap().is_empty());
    assert!(
        world.credential_executions(end.credentials[0], world.workspace, None, 9).await.unwrap().is_empty()
    );
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn every_trigger_status_and_error_is_kept(world: World) {
    let workflow = world.with_workflow().await.id;
    let other = flero_model::ExecutionId::new(START, world.unique());
    for trigger in [
        TriggerKind::Manual,
        TriggerKind::Webhook,
        TriggerKind::Schedule,
        TriggerKind::SubWorkflow { parent: other },
        TriggerKind::Error { failed: other },
        TriggerKind::Replay { of: other },
        TriggerKind::Test,
        TriggerKind::Event,
    ] {
        let mut run = world.run(workflow);
        run.execution.trigger = trigger;
        run.execution.status = ExecutionStatus::Pending;
        run.execution.started_at = None;
        world.accept_execution(run.clone()).await.unwrap();
        assert_eq!(world.get_execution_anywhere(run.execution.id).await.unwrap(), run.execution);
    }
    let run = world.with_run(workflow).await;
    let mut step = world.step(&run, 2);
    step.status = ExecutionStatus::WaitingForInput;
    step.started_at = Some(at(9_000_000));
    world.append_execution(step).await.unwrap();
    let waiting = world.get_execution_anywhere(run.id).await.unwrap();
    assert_eq!(waiting.status, ExecutionStatus::WaitingForInput);
    assert_eq!(waiting.started_at, run.started_at, "a run begins once");
    let mut end = world.end(&run, 3);
    end.status = ExecutionStatus::Failed;
    end.error = Some(ErrorInfo::new("http.status", "The service answered 503; try again later."));
    world.append_execution(end.clone()).await.unwrap();
    assert_eq!(world.get_execution_anywhere(run.id).await.unwrap().error, end.error);
}

pub(in crate::contract) async fn many_runs_at_once_keep_their_own_journals(world: World) {
    let workflow = world.with_workflow().await.id;
    let runs = join_all((0..40_u64).map(async |number| {
        let mut run = world.run(workflow);
        run.journal = vec![format!("begin {number}").into_bytes()];
        run.audit = vec![world.audit(AuditAction::CredentialUseIntent, run.execution.id)];
        world.accept_execution(run.clone()).await.unwrap();
        // Every third step stands at a wrong place and must not disturb its neighbours in the same commit.
        let wrong =
            world.append_execution(world.step(&run.execution, if number % 3 == 0 { 9 } else { 1 })).await;
        assert_eq!(wrong.is_err(), number % 3 == 0);
        let length = if number % 3 == 0 { 1 } else { 2 };
        let mut end = world.end(&run.execution, length);
        end.journal = vec![format!("end {number}").into_bytes()];
        end.audit = vec![world.audit(AuditAction::CredentialUsed, run.execution.id)];
        world.append_execution(end).await.unwrap();
        (number, run.execution.id, length + 1)
    }))
    .await;
    for (number, id, length) in runs {
        let journal = world.execution_journal(id).await.unwrap();
        assert_eq!(journal.len() as u64, length);
        assert_eq!(journal[0], format!("begin {number}").into_bytes());
        assert_eq!(journal[journal.len() - 1], format!("end {number}").into_bytes());
    }
    assert_eq!(world.chain().await.len(), 80);
}
