//! The audit trail.

use flero_model::{
    ApiKeyId, ExecutionId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
};
use futures_util::future::join_all;

use crate::{
    PageRequest,
    audit::{AuditFilter, Checkpoint},
    contract::sample::{START, World, at, first},
};

pub(in crate::contract) async fn records_come_back_as_they_were_written(world: World) {
    let credential = world.credential_id();
    let detail = AuditDetail {
        credential: Some(credential),
        secret_revision: Some(3),
        workflow: Some(world.workflow().id),
        version: Some(u64::from(u32::MAX)),
        execution: Some(ExecutionId::new(START, 9)),
        node: Some("call \"ü\" \u{1f600}".into()),
        attempt: Some(2),
        host: Some("api.example.com:8443".into()),
        purpose: Some("node".into()),
        outcome: Some("success".into()),
        status: Some(204),
        from: Some("active".into()),
        to: Some("failing".into()),
        fields: vec!["name".into(), "notes".into()],
        name: Some("Mail\n\t".into()),
        count: Some(7),
    };
    let user = world.user;
    let mut written = Vec::new();
    for actor in [
        Actor::User { user },
        Actor::ApiKey { user, key: ApiKeyId::new(START, 8) },
        Actor::Run { execution: ExecutionId::new(START, 9), user },
        Actor::System,
    ] {
        let base = world.audit(AuditAction::CredentialUsed, credential);
        written.push(NewAudit { actor, detail: detail.clone(), ..base });
    }
    for action in AuditAction::ALL {
        written.push(world.audit(*action, "any target at all"));
    }
    world.append_audit(written.clone()).await.unwrap();
    // The check of the chain reads every byte back: what came back otherwise would not fit its hash.
    let events: Vec<_> = world.chain().await.into_iter().map(|record| record.event).collect();
    assert_eq!(events, written);
    world.append_audit(Vec::new()).await.unwrap();
}

/// Security test 68: the chain is unbroken, under concurrency and with acts that fail in between.
pub(in crate::contract) async fn the_chain_is_unbroken_under_concurrency_and_failed_acts(world: World) {
    let elsewhere = world.elsewhere();
    let workflow = world.with_workflow().await;
    let outcomes = join_all((0..60_u64).map(async |number| {
        let place = if number % 4 == 0 { &elsewhere } else { &world };
        let audit = vec![
            place.audit(AuditAction::WorkflowSaved, number),
            place.audit(AuditAction::CredentialRead, number),
        ];
        if number % 3 == 0 {
            // Fails: there is no such revision. Its records must not leave a gap.
            let failed = place.save_version(99, place.version(&workflow, 2, &[]), audit).await;
            assert!(failed.is_err());
            (0, number)
        } else {
            place.append_audit(audit).await.unwrap();
            (2, number)
        }
    }))
    .await;
    let records: usize = outcomes.iter().map(|(count, _)| count).sum();
    assert_eq!(world.chain().await.len() + elsewhere.chain().await.len(), records);
}

/// Security test 68: no row, no act.
pub(in crate::contract) async fn a_failed_act_leaves_no_record_and_a_failed_record_no_act(world: World) {
    let workflow = world.with_workflow().await;
    let audit = vec![world.audit(AuditAction::WorkflowSaved, workflow.id)];
    let failed = world.save_version(99, world.version(&workflow, 2, &[]), audit.clone()).await;
    assert!(failed.is_err());
    assert!(world.chain().await.is_empty());
    world.save_version(1, world.version(&workflow, 2, &[]), audit).await.unwrap();
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn records_are_filtered_by_credential_actor_and_action(world: World) {
    let (mine, other) = (world.credential_id(), world.credential_id());
    let stranger = world.someone();
    let by = |actor: Actor, base: NewAudit| NewAudit { actor, ..base };
    let in_detail = NewAudit {
        detail: AuditDetail { credential: Some(mine), ..AuditDetail::default() },
        ..world.audit(AuditAction::CredentialDuplicated, other)
    };
    let twice = NewAudit {
        detail: AuditDetail { credential: Some(mine), ..AuditDetail::default() },
        ..world.audit(AuditAction::CredentialEdited, mine)
    };
    let records = vec![
        world.audit(AuditAction::CredentialCreated, mine),
        world.audit(AuditAction::CredentialCreated, other),
        in_detail,
        twice,
        by(Actor::User { user: stranger }, world.audit(AuditAction::CredentialRead, mine)),
        by(
            Actor::Run { execution: ExecutionId::new(START, 1), user: stranger },
            world.audit(AuditAction::CredentialUsed, other),
        ),
        by(
            Actor::ApiKey { user: stranger, key: ApiKeyId::new(START, 1) },
            world.audit(AuditAction::WorkflowSaved, "wf"),
        ),
        by(Actor::System, world.audit(AuditAction::LeakScanned, "vault")),
    ];
    world.append_audit(records).await.unwrap();
    let elsewhere = world.elsewhere();
    elsewhere.append_audit(vec![elsewhere.audit(AuditAction::CredentialRead, mine)]).await.unwrap();

    let list = async |filter: AuditFilter| {
        let page = world.list_audit(world.workspace, filter.clone(), first(50)).await.unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        let places = page.items.iter().map(|record| record.sequence).collect::<Vec<_>>();
        // Without counting and in pieces they are the same ones.
        let mut found = Vec::new();
        let mut before = u64::MAX;
        loop {
            let some = world.audit_before(world.workspace, filter.clone(), before, 2).await.unwrap();
            let Some(last) = some.last() else { break };
            before = last.sequence;
            found.extend(some.iter().map(|record| record.sequence));
        }
        assert_eq!(found, places);
        places
    };
    let all = AuditFilter::default();
    assert_eq!(list(all.clone()).await, [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(list(AuditFilter { credential: Some(mine), ..all.clone() }).await, [5, 4, 3, 1]);
    assert_eq!(list(AuditFilter { credential: Some(other), ..all.clone() }).await, [6, 3, 2]);
    assert_eq!(list(AuditFilter { actor: Some(stranger), ..all.clone() }).await, [7, 6, 5]);
    assert_eq!(
        list(AuditFilter { action: Some(AuditAction::CredentialCreated), ..all.clone() }).await,
        [2, 1]
    );
    assert_eq!(list(AuditFilter { target: Some("vault".into()), ..all.clone() }).await, [8]);
    let newest = world.chain().await[7].event.at;
    assert!(list(AuditFilter { since: Some(newest), ..all.clone() }).await.contains(&8));
    assert!(list(AuditFilter { since: Some(newest.plus_millis(1)), ..all.clone() }).await.is_empty());
    assert_eq!(list(AuditFilter { until: Some(newest.plus_millis(1)), ..all.clone() }).await.len(), 8);
    assert!(!list(AuditFilter { until: Some(newest), ..all.clone() }).await.contains(&8));
    let narrow = AuditFilter {
        credential: Some(other),
        actor: Some(stranger),
        action: Some(AuditAction::CredentialUsed),
        ..all
    };
    assert_eq!(list(narrow).await, [6]);
}

pub(in crate::contract) async fn pages_of_records_hold_while_records_are_appended(world: World) {
    let credential = world.credential_id();
    let append = async |count: u32| {
        let records = (0..count).map(|_| world.audit(AuditAction::CredentialRead, credential)).collect();
        world.append_audit(records).await.unwrap();
    };
    append(7).await;
    for filter in
        [AuditFilter::default(), AuditFilter { credential: Some(credential), ..AuditFilter::default() }]
    {
        let length = world.chain().await.len() as u64;
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let request = PageRequest { limit: 3, cursor };
            let page = world.list_audit(world.workspace, filter.clone(), request).await.unwrap();
            seen.extend(page.items.into_iter().map(|record| record.sequence));
            append(1).await;
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, (1..=length).rev().collect::<Vec<_>>());
    }
    let range = world.audit_range(world.workspace, 4, 2).await.unwrap();
    assert_eq!(range.iter().map(|record| record.sequence).collect::<Vec<_>>(), [5, 6]);
}

pub(in crate::contract) async fn a_page_has_one_to_200_records_whatever_is_asked_for(world: World) {
    let records = (0..201).map(|number| world.audit(AuditAction::CredentialRead, number)).collect();
    world.append_audit(records).await.unwrap();
    for (limit, given) in [(0, 1), (200, 200), (201, 200), (u32::MAX, 200)] {
        let request = PageRequest { limit, cursor: None };
        let page = world.list_audit(world.workspace, AuditFilter::default(), request).await.unwrap();
        assert_eq!((page.items.len(), page.next_cursor.is_some()), (given, true), "{limit}");
    }
}

pub(in crate::contract) async fn each_workspace_has_a_chain_of_its_own(world: World) {
    let elsewhere = world.elsewhere();
    let mixed = vec![
        world.audit(AuditAction::CredentialRead, 1),
        elsewhere.audit(AuditAction::CredentialRead, 2),
        world.audit(AuditAction::CredentialRead, 3),
    ];
    world.append_audit(mixed).await.unwrap();
    assert_eq!(world.chain().await.len(), 2);
    assert_eq!(elsewhere.chain().await.len(), 1);
    assert_eq!(world.audit_heads().await.unwrap().len(), 2);
}

pub(in crate::contract) async fn checkpoints_are_kept_as_they_were_first_written(world: World) {
    let checkpoint = |sequence, hash| Checkpoint {
        workspace: world.workspace,
        sequence,
        hash: [hash; 32],
        at: at(sequence.try_into().unwrap()),
        mac: [hash ^ 0xff; 32],
    };
    for (sequence, hash) in [(9, 3), (4, 1), (4, 2)] {
        world.add_audit_checkpoint(checkpoint(sequence, hash)).await.unwrap();
    }
    let kept = world.audit_checkpoints(world.workspace).await.unwrap();
    assert_eq!(kept, [checkpoint(4, 1), checkpoint(9, 3)]);
    assert_eq!(world.audit_checkpoints(world.elsewhere().workspace).await.unwrap(), []);
    let bytes = [checkpoint(4, 1), checkpoint(5, 1), checkpoint(4, 2)].map(|checkpoint| checkpoint.bytes());
    assert!(bytes[0] != bytes[1] && bytes[0] != bytes[2]);
}

pub(in crate::contract) async fn the_greatest_audited_revision_of_each_secret_is_told(world: World) {
    let (one, two, three) = (world.credential_id(), world.credential_id(), world.credential_id());
    let record = |credential, revision| {
        let mut record = world.audit(AuditAction::CredentialRotated, credential);
        record.detail.secret_revision = revision;
        record
    };
    let mut copied = record(one, None);
    copied.detail.credential = Some(three);
    let records =
        vec![record(one, Some(1)), record(one, Some(12)), record(one, Some(9)), record(two, Some(1)), copied];
    world.append_audit(records).await.unwrap();
    world.append_audit(vec![world.audit(AuditAction::ScopeKeyRotated, "scope")]).await.unwrap();
    let mut expected = vec![(one, 12), (two, 1)];
    expected.sort_unstable();
    let mut found = world.audited_secret_revisions().await.unwrap();
    found.sort_unstable();
    assert_eq!(found, expected);
}

pub(in crate::contract) async fn the_uses_of_a_credential_and_the_keys_among_them_are_told(world: World) {
    let credential = world.credential_id();
    let (key, other) = (ApiKeyId::new(at(1), 1), ApiKeyId::new(at(1), 2));
    let by = |key| Actor::ApiKey { user: world.user, key };
    let mut records = Vec::new();
    for actor in [by(key), Actor::System, by(other), by(key)] {
        for action in [AuditAction::CredentialUseIntent, AuditAction::CredentialUsed] {
            records.push(NewAudit { actor, ..world.audit(action, credential) });
        }
    }
    records.push(NewAudit { actor: by(other), ..world.audit(AuditAction::CredentialUseRefused, credential) });
    records.push(world.audit(AuditAction::CredentialUsed, world.credential_id()));
    world.append_audit(records.clone()).await.unwrap();
    let (page, cursor) = world.credential_uses(world.workspace, credential, first(2)).await.unwrap();
    assert_eq!(page.iter().map(|one| one.sequence).collect::<Vec<_>>(), [9, 8]);
    let rest = PageRequest { limit: 10, cursor };
    let (page, cursor) = world.credential_uses(world.workspace, credential, rest).await.unwrap();
    assert_eq!((page.iter().map(|one| one.sequence).collect::<Vec<_>>(), cursor), (vec![6, 4, 2], None));
    let keys = world.credential_keys(world.workspace, credential).await.unwrap();
    let told: Vec<_> = keys.iter().map(|one| (one.key, one.user, one.count, one.last_at)).collect();
    assert_eq!(told, [(key, world.user, 2, records[7].at), (other, world.user, 1, records[5].at)]);
    let elsewhere = world.elsewhere().workspace;
    assert!(world.credential_uses(elsewhere, credential, first(2)).await.unwrap().0.is_empty());
    assert!(world.credential_keys(elsewhere, credential).await.unwrap().is_empty());
}
