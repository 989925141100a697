//! Uses of credentials: through the one door, with their rows in the run's own transactions.

use std::time::Duration;

use flero_model::{
    audit::{Actor, AuditAction},
    credential::Status,
    execution::ExecutionStatus,
};
use flero_store::CredentialStore;
use serde_json::json;

use super::{
    harness::{World, ada, edges, finished, node},
    service::{Answer, Service},
};

const TOKEN: &str = "cnry-7f3d9a1b5c8e2046";

fn calling(url: &str, credential: impl std::fmt::Display) -> serde_json::Value {
    let mut call = node("c", "HTTPRequest", json!({"url": url}));
    call["credentialId"] = json!(credential.to_string());
    json!({"nodes": [node("s", "Start", json!({})), call], "edges": edges(&["s>c"])})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_has_its_intent_before_and_its_outcome_after_and_leaves_no_secret() {
    let service = Service::start(|seen| Answer::json(&json!({"echo": seen.header("authorization")}))).await;
    let world = World::new().await;
    let credential = world.bearer("http://127.0.0.1", TOKEN).await;
    let workflow = world.workflow(calling(&format!("{}/x?q=secretish", service.url), credential)).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(end.status, ExecutionStatus::Success);
    assert_eq!(service.seen()[0].header("authorization"), Some(&*format!("Bearer {TOKEN}")));
    let audit = world.audit().await;
    assert_eq!(
        audit.iter().map(|row| row.action).collect::<Vec<_>>(),
        [AuditAction::CredentialUseIntent, AuditAction::CredentialUsed]
    );
    for row in &audit {
        assert_eq!(row.target, credential.to_string());
        assert_eq!(row.actor, Actor::Run { execution: end.id, user: ada() });
        assert_eq!(
            (row.detail.execution, row.detail.node.as_deref(), row.detail.attempt),
            (Some(end.id), Some("c"), Some(1))
        );
        let host = row.detail.host.as_deref().unwrap();
        assert!(host.contains("127.0.0.1") && !host.contains("secretish"), "{host}");
    }
    assert_eq!((audit[1].detail.outcome.as_deref(), audit[1].detail.status), (Some("success"), Some(200)));
    let report = world.report(end.id).await;
    assert_eq!(report.nodes[1].credential_id, Some(credential));
    assert!(!serde_json::to_string(&report).unwrap().contains("cnry"));
    world.engine.shutdown(Duration::from_secs(5)).await;
    let row = world.store.get_credential(credential).await.unwrap();
    assert!(row.last_used_at.is_some() && row.status == Status::Active);
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(4).any(|window| window == b"cnry"), "{}", path.display());
        }
    }
}

/// Security test 19: through a node, a credential cannot be sent to a host outside of its policy.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_outside_of_the_policy_is_refused_and_gets_nothing() {
    let other = Service::start(|_| Answer::json(&json!(1))).await;
    let world = World::new().await;
    let credential = world.bearer("http://api.example.com", TOKEN).await;
    let workflow = world.workflow(calling(&other.url, credential)).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(
        (end.status, end.error.unwrap().code.as_str()),
        (ExecutionStatus::Failed, "credential.destination_refused")
    );
    assert!(other.seen().is_empty());
    let audit = world.audit().await;
    assert_eq!(audit.last().unwrap().action, AuditAction::CredentialUseRefused);
    assert_eq!(audit.last().unwrap().detail.outcome.as_deref(), Some("credential.destination_refused"));
}

/// Security test 19: nor through a link to the next page.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_the_next_page_does_not_lead_a_credential_elsewhere() {
    let thief = Service::start(|_| Answer::json(&json!([]))).await;
    let lure = thief.url.replace("127.0.0.1", "localhost");
    let service = Service::start(move |_| Answer::json(&json!({"items": [1], "next": lure}))).await;
    let world = World::new().await;
    let credential = world.bearer("http://127.0.0.1", TOKEN).await;
    let mut document = calling(&service.url, credential);
    document["nodes"][1]["parameters"]["pagination"] =
        json!({"type": "next-link", "nextPath": "next", "itemsPath": "items"});
    let workflow = world.workflow(document).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(
        (end.status, end.error.unwrap().code.as_str()),
        (ExecutionStatus::Failed, "credential.destination_refused")
    );
    assert!(thief.seen().is_empty());
}

/// Security test 21: a credential that is not there and one of somebody else are one answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_and_a_foreign_credential_fail_alike() {
    let service = Service::start(|_| Answer::json(&json!(1))).await;
    let world = World::new().await;
    let mine = world.bearer("http://127.0.0.1", TOKEN).await;
    let missing = world.workflow(calling(&service.url, "cred_01h455vb4pex5vsknk084sn02q")).await;
    let end = world.run(&missing, json!({})).await;
    assert_eq!(
        (end.status, end.error.unwrap().code.as_str()),
        (ExecutionStatus::Failed, "credential.not_found")
    );
    // A person who is not (any more) a member of the workspace may not use it, whatever the workflow says.
    let workflow = world.workflow(calling(&service.url, mine)).await;
    let mut start = world.start(&workflow, json!({}));
    start.acting_for = flero_model::UserId::from_u128(77);
    let end = finished(world.engine.start_and_wait(start, Duration::from_secs(10)).await.unwrap());
    assert_eq!(
        (end.status, end.error.unwrap().code.as_str()),
        (ExecutionStatus::Failed, "credential.forbidden")
    );
    assert!(service.seen().is_empty());
}

/// Security test 27: a sub-workflow uses no more than the run that called it may, whoever made it.
#[tokio::test(flavor = "multi_thread")]
async fn a_sub_workflow_uses_no_more_than_the_run_that_called_it() {
    let service = Service::start(|_| Answer::json(&json!(1))).await;
    let world = World::new().await;
    let mine = world.bearer("http://127.0.0.1", TOKEN).await;
    let child = world.workflow(calling(&service.url, mine)).await;
    let call = json!({"workflowId": child.id.to_string(), "input": {}, "wait": true});
    let nodes = [node("s", "Start", json!({})), node("c", "SubWorkflow", call)];
    let parent = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
    assert_eq!(world.run(&parent, json!({})).await.status, ExecutionStatus::Success);
    assert_eq!(service.seen().len(), 1);
    let mut start = world.start(&parent, json!({}));
    start.acting_for = flero_model::UserId::from_u128(77);
    let end = finished(world.engine.start_and_wait(start, Duration::from_secs(10)).await.unwrap());
    assert_eq!(end.status, ExecutionStatus::Failed);
    let codes: Vec<String> = world
        .executions()
        .await
        .into_iter()
        .filter(|run| run.workflow == child.id)
        .filter_map(|run| run.error.map(|error| error.code))
        .collect();
    assert_eq!(codes, ["credential.forbidden"]);
    assert_eq!(service.seen().len(), 1);
}

/// Security test 23: a credential that is deleted while a run goes on is refused within a second.
#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_is_taken_away_stops_a_run_in_the_middle() {
    let service = Service::start(|_| Answer::json(&json!(1))).await;
    let world = World::new().await;
    world.engine.spawn_background();
    let credential = world.bearer("http://127.0.0.1", TOKEN).await;
    let mut document = calling(&service.url, credential);
    document["nodes"] = json!([document["nodes"][0], node("w", "Wait", json!({"durationMs": 1_000})), document["nodes"][1],
        {"id": "first", "name": "First", "type": "HTTPRequest", "credentialId": credential.to_string(), "parameters": {"url": service.url}}]);
    document["edges"] = edges(&["s>first", "first>w", "w>c"]);
    let workflow = world.workflow(document).await;
    let started = world.engine.start(world.start(&workflow, json!({}))).await.unwrap();
    while service.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.store.delete_credential(credential, Vec::new()).await.unwrap();
    let end = finished(world.engine.wait(started.id, Duration::from_secs(10)).await.unwrap());
    assert_eq!(
        (end.status, end.error.unwrap().code.as_str()),
        (ExecutionStatus::Failed, "credential.not_found")
    );
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attempt_has_rows_of_its_own() {
    let service = Service::start(|_| Answer::json(&json!(1)).status(500)).await;
    let world = World::new().await;
    let credential = world.bearer("http://127.0.0.1", TOKEN).await;
    let mut document = calling(&service.url, credential);
    document["nodes"][1]["parameters"]["retries"] = json!(2);
    document["nodes"][1]["parameters"]["retryDelayMs"] = json!(5);
    let workflow = world.workflow(document).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!((end.status, end.error.unwrap().code.as_str()), (ExecutionStatus::Failed, "http.status"));
    let attempts: Vec<_> =
        world.audit().await.iter().map(|row| (row.action, row.detail.attempt.unwrap())).collect();
    let (intent, used) = (AuditAction::CredentialUseIntent, AuditAction::CredentialUsed);
    assert_eq!(attempts, [(intent, 1), (used, 1), (intent, 2), (used, 2), (intent, 3), (used, 3)]);
    assert_eq!(world.report(end.id).await.nodes[1].attempts, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_service_marks_the_credential() {
    let service = Service::start(|_| Answer::json(&json!(1)).status(401)).await;
    let world = World::new().await;
    let credential = world.bearer("http://127.0.0.1", TOKEN).await;
    let workflow = world.workflow(calling(&service.url, credential)).await;
    world.run(&workflow, json!({})).await;
    world.engine.shutdown(Duration::from_secs(5)).await;
    assert_eq!(world.store.get_credential(credential).await.unwrap().status, Status::Failing);
}
