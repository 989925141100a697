//! Checks an export of the audit trail: JSON lines, newest first. No key and no database is needed.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use flero_model::audit::AuditRecord;
use flero_store::chain::{self, Broken};
use serde_json::json;

use crate::exit::{Failure, say};

/// What an export brings to light.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// How many records there are.
    records: u64,
    /// The places of the oldest and the newest one.
    span: Option<(u64, u64)>,
    /// The hash of the newest one, in hexadecimal: what the log has as the head of that time.
    head: Option<String>,
}

/// Checks a file.
pub(crate) fn verify_file(path: &Path, as_json: bool) -> Result<(), Failure> {
    let file =
        File::open(path).map_err(|error| Failure::usage(format!("the file cannot be read: {error}")))?;
    let checked = check(BufReader::new(file));
    if as_json {
        let report = match &checked {
            Ok(found) => json!({"ok": true, "records": found.records, "first": found.span.map(|span| span.0),
                "last": found.span.map(|span| span.1), "head": found.head}),
            Err(fault) => json!({"ok": false, "fault": fault}),
        };
        say(&report.to_string())?;
        return if checked.is_ok() { Ok(()) } else { Err(Failure::told()) };
    }
    let found = checked.map_err(Failure::work)?;
    match (found.span, found.head) {
        (Some((first, last)), Some(head)) => {
            say(&format!("{} records, from {first} to {last}, unbroken. Head: {head}", found.records))?;
            if first > 1 {
                say(&format!("What is before record {first} is not in the file."))?;
            }
        }
        _ => say("The file holds no record.")?,
    }
    Ok(())
}

/// Each record's hash is that of the record before it, which is the next line, and of its own text.
fn check(lines: impl BufRead) -> Result<Found, String> {
    let mut found = Found { records: 0, span: None, head: None };
    let mut newer: Option<AuditRecord> = None;
    for (place, line) in lines.lines().enumerate() {
        let line = line.map_err(|error| format!("the file cannot be read: {error}"))?;
        let unknown = || format!("line {} is no record of an export as JSON lines", place + 1);
        let record = flero_app::audit::read_line(&line).ok_or_else(unknown)?;
        match &newer {
            None => found.head = Some(data_encoding::HEXLOWER.encode(&record.hash)),
            Some(newer) => follows(&record, newer)?,
        }
        found.records += 1;
        let last = found.span.map_or(record.sequence, |span| span.1);
        found.span = Some((record.sequence, last));
        newer = Some(record);
    }
    if let Some(first) = newer.filter(|record| record.sequence == 1) {
        fits(&chain::GENESIS, &first).map_err(|broken| broken.to_string())?;
    }
    Ok(found)
}

fn follows(older: &AuditRecord, newer: &AuditRecord) -> Result<(), String> {
    if older.event.workspace != newer.event.workspace {
        return Err("the records are of several workspaces; check each in a file of its own".to_owned());
    }
    if older.sequence.checked_add(1) != Some(newer.sequence) {
        let gap = format!("between records {} and {} some are missing", older.sequence, newer.sequence);
        return Err(format!("{gap}; export without a filter, or with times alone, to check the chain"));
    }
    fits(&older.hash, newer).map_err(|broken| broken.to_string())
}

fn fits(previous: &[u8; 32], record: &AuditRecord) -> Result<(), Broken> {
    let before = record.sequence.saturating_sub(1);
    chain::verify(*previous, before, [record]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use flero_model::{
        Timestamp, WorkspaceId,
        audit::{Actor, AuditAction, AuditDetail, NewAudit},
    };

    use super::*;

    /// An export of so many records.
    fn export(count: u64) -> Vec<String> {
        let mut previous = chain::GENESIS;
        let mut lines = Vec::new();
        for sequence in 1..=count {
            let event = NewAudit {
                workspace: WorkspaceId::from_u128(1),
                at: Timestamp::from_millis(1_767_225_600_000 + sequence.cast_signed()),
                actor: Actor::System,
                action: AuditAction::LeakScanned,
                target: format!("vault {sequence}"),
                detail: AuditDetail::default(),
            };
            let hash = chain::next(&previous, sequence, &event.canonical_bytes());
            lines.insert(0, flero_app::audit::json_line(&AuditRecord { sequence, event, hash }));
            previous = hash;
        }
        lines
    }

    fn checked(lines: &[String]) -> Result<Found, String> {
        check(lines.concat().as_bytes())
    }

    #[test]
    fn a_whole_export_and_a_part_without_gaps_are_unbroken() {
        let lines = export(5);
        let found = checked(&lines).unwrap();
        assert_eq!((found.records, found.span), (5, Some((1, 5))));
        assert_eq!(checked(&lines[1..4]).unwrap().span, Some((2, 4)));
        assert_eq!(checked(&[]).unwrap().span, None);
    }

    #[test]
    fn a_change_a_gap_and_a_forged_beginning_are_found() {
        let mut changed = export(5);
        changed[2] = changed[2].replace("vault 3", "vault 4");
        assert_eq!(checked(&changed).unwrap_err(), "record 3 was changed after it was written");
        let mut gap = export(5);
        gap.remove(2);
        assert!(checked(&gap).unwrap_err().starts_with("between records 2 and 4"));
        let mut first = export(3);
        first[2] = first[2].replace("vault 1", "vault 9");
        assert_eq!(checked(&first).unwrap_err(), "record 1 was changed after it was written");
        let mut garbled = export(2);
        garbled[1] = "x\n".to_owned();
        assert!(checked(&garbled).unwrap_err().starts_with("line 2"));
    }
}
