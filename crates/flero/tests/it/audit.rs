//! Somebody with write access to the database changes it, and is found out.

use flero_store::{AuditStore as _, chain};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::harness::Installation;

const TOKEN: &str = "canary-audit-5c1d8e0b";

/// An installation with a credential, whose server runs, and the credential.
fn used() -> (Installation, String) {
    let mut flero = Installation::with_owner("");
    flero.start();
    let credential = flero.bearer(TOKEN, 9);
    (flero, credential)
}

fn database(flero: &Installation) -> Connection {
    Connection::open(flero.data_dir().join("flero.db")).unwrap()
}

/// What `audit verify` and `doctor` say, which both fail.
fn found(flero: &Installation) -> (Vec<Value>, String) {
    let output = flero.run(&["audit", "verify", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false);
    let doctor = flero.run(&["doctor", "--json"]);
    assert_eq!(doctor.status.code(), Some(1), "{}", String::from_utf8_lossy(&doctor.stdout));
    let checks: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let audit = checks["checks"].as_array().unwrap().iter().find(|check| check["name"] == "audit").unwrap();
    assert_eq!(audit["verdict"], "bad", "{audit}");
    (report["faults"].as_array().unwrap().clone(), audit["message"].as_str().unwrap().to_owned())
}

/// Security test 4: an older secret that is put back together with its row opens, since both belong together; the
/// audit trail knows better, and says so.
#[test]
fn a_credential_that_was_put_back_is_an_alarm() {
    let (mut flero, credential) = used();
    let copy = flero.folder.path().join("copy.flero");
    assert!(flero.run(&["backup", copy.to_str().unwrap()]).status.success());
    let body = json!({"data": {"token": "the-new-one-71"}, "force": true});
    let rotated = flero.call("POST", &format!("/api/credentials/{credential}/rotate"), Some(&body));
    assert_eq!(rotated["status"], "active", "{rotated}");
    flero.stop();
    assert!(flero.run(&["audit", "verify"]).status.success());
    let connection = database(&flero);
    connection.execute("ATTACH ?1 AS old", [copy.to_str().unwrap()]).unwrap();
    for table in ["credential", "sealed_secret"] {
        let sql = format!("INSERT OR REPLACE INTO main.{table} SELECT * FROM old.{table}");
        assert_eq!(connection.execute(&sql, []).unwrap(), 1);
    }
    drop(connection);
    let (faults, doctor) = found(&flero);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0]["credential"], json!(credential));
    assert!(doctor.contains(&credential) && doctor.contains("put back"), "{doctor}");
}

/// Security test 68: a chain that was computed anew, which anybody can do, does not fit its checkpoints, which need
/// the audit key.
#[test]
fn a_chain_that_was_made_anew_does_not_fit_its_checkpoints() {
    let (mut flero, _) = used();
    flero.stop();
    // The next start notes the heads as they are.
    flero.start();
    flero.stop();
    let good: Value = serde_json::from_slice(&flero.run(&["audit", "verify", "--json"]).stdout).unwrap();
    assert!(good["checkpoints"].as_u64().unwrap() >= 1, "{good}");
    let connection = database(&flero);
    connection
        .execute_batch(
            "DROP TRIGGER audit_record_is_never_changed; UPDATE audit_record SET target = 'x' WHERE sequence = 2",
        )
        .unwrap();
    drop(connection);
    let (faults, _) = found(&flero);
    assert!(faults[0]["fault"].as_str().unwrap().contains("changed after it was written"), "{faults:?}");
    make_anew(&flero);
    let (faults, _) = found(&flero);
    assert!(faults[0]["fault"].as_str().unwrap().contains("its checkpoint names"), "{faults:?}");
    // A checkpoint that is made to fit has no right MAC.
    let connection = database(&flero);
    let sql = "UPDATE audit_checkpoint SET hash =
                   (SELECT hash FROM audit_record AS r WHERE r.sequence = audit_checkpoint.sequence)";
    connection.execute(sql, []).unwrap();
    drop(connection);
    let (faults, _) = found(&flero);
    assert!(faults[0]["fault"].as_str().unwrap().starts_with("the checkpoint at record"), "{faults:?}");
}

/// Writes every hash of the chain anew.
fn make_anew(flero: &Installation) {
    let path = flero.data_dir().join("flero.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let records = runtime.block_on(async {
        let store = flero_store_sqlite::SqliteStore::open(&path).unwrap();
        let (workspace, ..) = store.audit_heads().await.unwrap()[0];
        store.audit_range(workspace, 0, 10_000).await.unwrap()
    });
    let connection = database(flero);
    let mut hash = chain::GENESIS;
    for record in records {
        hash = chain::next(&hash, record.sequence, &record.event.canonical_bytes());
        let place = i64::try_from(record.sequence).unwrap();
        let sql = "UPDATE audit_record SET hash = ?1 WHERE sequence = ?2";
        assert_eq!(connection.execute(sql, (hash, place)).unwrap(), 1);
    }
    assert_eq!(connection.execute("UPDATE audit_head SET hash = ?1", [hash]).unwrap(), 1);
}
