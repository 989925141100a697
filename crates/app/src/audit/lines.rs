//! Records of the audit trail as text: JSON lines, which can be verified without the database, and CSV for
//! spreadsheets (RFC 4180).

use flero_model::{
    Timestamp, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, AuditRecord, NewAudit},
};
use serde::{Deserialize, Serialize};

/// One line of an export, with everything that the chain covers and the hash.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    id: u64,
    workspace: WorkspaceId,
    at: Timestamp,
    actor: Actor,
    action: AuditAction,
    target: String,
    detail: AuditDetail,
    /// In hexadecimal.
    hash: String,
}

/// A record as one line of JSON, with its end.
#[must_use]
pub fn json_line(record: &AuditRecord) -> String {
    let event = &record.event;
    let line = Line {
        id: record.sequence,
        workspace: event.workspace,
        at: event.at,
        actor: event.actor,
        action: event.action,
        target: event.target.clone(),
        detail: event.detail.clone(),
        hash: data_encoding::HEXLOWER.encode(&record.hash),
    };
    // What it is made of has no form that JSON lacks.
    let mut text = serde_json::to_string(&line).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads what [`json_line`] wrote; `None` for anything else.
#[must_use]
pub fn read_line(text: &str) -> Option<AuditRecord> {
    let line: Line = serde_json::from_str(text).ok()?;
    let hash = data_encoding::HEXLOWER.decode(line.hash.as_bytes()).ok()?.try_into().ok()?;
    Some(AuditRecord {
        sequence: line.id,
        event: NewAudit {
            workspace: line.workspace,
            at: line.at,
            actor: line.actor,
            action: line.action,
            target: line.target,
            detail: line.detail,
        },
        hash,
    })
}

/// The first line of a CSV file.
pub const CSV_HEADER: &str = "id,at,actor,user,key,action,target,credential,workflow,execution,node,host,purpose,outcome,status,name,from,to,detail,hash\r\n";

/// A record as one line of CSV, with its end. `detail` holds all of it as JSON.
#[must_use]
pub fn csv_line(record: &AuditRecord) -> String {
    let (event, detail) = (&record.event, &record.event.detail);
    let (kind, user, key, run) = match event.actor {
        Actor::User { user } => ("user", Some(user), None, None),
        Actor::ApiKey { user, key } => ("apiKey", Some(user), Some(key), None),
        Actor::Run { execution, user } => ("run", Some(user), None, Some(execution)),
        Actor::System => ("system", None, None, None),
    };
    let text = |value: Option<String>| value.unwrap_or_default();
    let cells = [
        record.sequence.to_string(),
        event.at.to_string(),
        kind.to_owned(),
        text(user.map(|id| id.to_string())),
        text(key.map(|id| id.to_string())),
        event.action.as_str().to_owned(),
        event.target.clone(),
        text(detail.credential.map(|id| id.to_string())),
        text(detail.workflow.map(|id| id.to_string())),
        text(detail.execution.or(run).map(|id| id.to_string())),
        text(detail.node.clone()),
        text(detail.host.clone()),
        text(detail.purpose.clone()),
        text(detail.outcome.clone()),
        text(detail.status.map(|status| status.to_string())),
        text(detail.name.clone()),
        text(detail.from.clone()),
        text(detail.to.clone()),
        serde_json::to_string(detail).unwrap_or_default(),
        data_encoding::HEXLOWER.encode(&record.hash),
    ];
    let mut line = cells.map(|value| cell(&value)).join(",");
    line.push_str("\r\n");
    line
}

/// A cell (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection"):
/// names in the trail are other people's text.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let harmless = if is_formula { format!("'{text}") } else { text.to_owned() };
    if harmless.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", harmless.replace('"', "\"\""))
    } else {
        harmless
    }
}

#[cfg(test)]
mod tests {
    use flero_model::{ExecutionId, UserId};

    use super::*;

    fn record() -> AuditRecord {
        AuditRecord {
            sequence: 7,
            event: NewAudit {
                workspace: WorkspaceId::from_u128(1),
                at: Timestamp::from_millis(1_767_225_600_123),
                actor: Actor::Run { execution: ExecutionId::from_u128(2), user: UserId::from_u128(3) },
                action: AuditAction::CredentialUsed,
                target: "cred_x".into(),
                detail: AuditDetail {
                    node: Some("call".into()),
                    host: Some("https://api.example.com".into()),
                    outcome: Some("success".into()),
                    name: Some("=cmd|'/c calc'!A1, \"x\"".into()),
                    ..AuditDetail::default()
                },
            },
            hash: [0xab; 32],
        }
    }

    #[test]
    fn a_line_of_json_is_read_as_the_record_that_it_was() {
        let line = json_line(&record());
        assert_eq!(read_line(line.trim_end()), Some(record()));
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
        assert_eq!(read_line("{}"), None);
        assert_eq!(read_line(&line.trim_end().replace("\"id\":7", "\"id\":7,\"more\":1")), None);
    }

    #[test]
    fn a_line_of_csv_has_a_cell_for_each_name_and_no_formula() {
        let line = csv_line(&record());
        assert!(line.starts_with("7,2026-01-01T00:00:00.123Z,run,usr_"), "{line}");
        assert!(line.contains(r#","'=cmd|'/c calc'!A1, ""x""","#), "{line}");
        assert!(line.contains(",call,https://api.example.com,,success,"), "{line}");
        assert_eq!(CSV_HEADER.matches(',').count(), 19);
    }
}
