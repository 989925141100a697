//! The audit trail as a file.

use flero_model::audit::{Actor, AuditAction, AuditDetail, NewAudit};
use flero_store::AuditStore as _;
use flero_testing::{PASSWORD, TestServer};
use serde_json::{Value, json};

/// Security test 68: an export holds everything that the chain covers, so that it can be checked without the database.
#[tokio::test]
async fn an_export_is_the_chain_itself() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    // More than are read at once.
    let record = NewAudit {
        workspace: server.workspace,
        at: server.app.now(),
        actor: Actor::System,
        action: AuditAction::LeakScanned,
        target: "vault".to_owned(),
        detail: AuditDetail::default(),
    };
    server.store.append_audit(vec![record; 1_100]).await.unwrap();
    let answer = ada.get("/api/audit/export").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "application/jsonl");
    let text = answer.text();
    let records: Vec<_> = text.lines().map(|line| flero_app::audit::read_line(line).unwrap()).collect();
    let total = ada.get("/api/audit?limit=1").await.expect(200)["total"].as_u64().unwrap();
    assert_eq!(records.len() as u64, total);
    assert!(records.len() > 1_100);
    let oldest_first: Vec<_> = records.iter().rev().cloned().collect();
    let (head, last) = flero_store::chain::verify(flero_store::chain::GENESIS, 0, &oldest_first).unwrap();
    assert_eq!((head, last), (records[0].hash, total));
    assert_eq!(records[0].event.action.as_str(), "audit.exported");
}

#[tokio::test]
async fn an_export_is_narrowed_like_the_list_and_needs_a_fresh_proof() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let _ = ada.put("/api/variables", json!({"a": "b"})).await;
    let table = ada.get("/api/audit/export?format=csv&action=variables.changed").await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(table.headers["content-disposition"], "attachment; filename=\"flero-audit.csv\"");
    let lines: Vec<String> = table.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("id,at,actor,user,key,action,") && lines[1].contains(",variables.changed,"));
    let nothing = ada.get("/api/audit/export?since=2100-01-01T00:00:00Z").await;
    assert_eq!((nothing.status.as_u16(), nothing.text()), (200, String::new()));
    assert_eq!(ada.get("/api/audit/export?format=xml").await.problem(400), "invalid_query");
    assert_eq!(server.owner.get("/api/audit/export").await.problem(403), "session_required");
    server.clock.advance(6 * 60_000);
    assert_eq!(ada.get("/api/audit/export").await.problem(403), "step_up_required");
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let exports: Value = ada.get("/api/audit?action=audit.exported").await.expect(200);
    assert_eq!(exports["total"], 2, "one for each file, none for what was refused");
}
