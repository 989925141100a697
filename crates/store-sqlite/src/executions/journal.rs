//! The journal: one row for each transition, which holds its entries one after another, each with its length
//! before it. A row for each entry would cost a statement each.

use flero_model::ExecutionId;
use flero_store::Error;
use rusqlite::Connection;

use crate::{
    convert::signed,
    error::{OrTaken, Outcome},
    writer::Tx,
};

/// Appends entries from a place on.
pub(super) fn append(tx: &Tx<'_>, execution: ExecutionId, sequence: u64, entries: &[Vec<u8>]) -> Outcome<()> {
    if entries.is_empty() {
        return Ok(());
    }
    tx.connection
        .prepare_cached(
            "INSERT INTO execution_journal (execution_id, sequence, entries) VALUES (?1, ?2, ?3)",
        )?
        .execute((execution.as_bytes(), signed(sequence), pack(entries)?))
        .or_taken("place in the journal")?;
    Ok(())
}

/// All entries of a run in order.
pub(super) fn read(connection: &Connection, execution: ExecutionId) -> Outcome<Vec<Vec<u8>>> {
    let mut statement = connection
        .prepare_cached("SELECT entries FROM execution_journal WHERE execution_id = ?1 ORDER BY sequence")?;
    let mut rows = statement.query([execution.as_bytes()])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let packed = row.get_ref(0)?.as_blob().map_err(|_| corrupt())?;
        unpack(packed, &mut entries)?;
    }
    Ok(entries)
}

fn corrupt() -> Error {
    Error::Corrupt { what: "the journal of an execution" }
}

fn pack(entries: &[Vec<u8>]) -> Outcome<Vec<u8>> {
    let mut packed = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 4).sum());
    for entry in entries {
        let length = u32::try_from(entry.len())
            .map_err(|_| Error::Refused { rule: "a journal entry is at most 4 GiB long" })?;
        packed.extend_from_slice(&length.to_be_bytes());
        packed.extend_from_slice(entry);
    }
    Ok(packed)
}

fn unpack(mut packed: &[u8], entries: &mut Vec<Vec<u8>>) -> Outcome<()> {
    while !packed.is_empty() {
        let (length, rest) = packed.split_first_chunk::<4>().ok_or_else(corrupt)?;
        let (entry, rest) =
            rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(corrupt)?;
        entries.push(entry.to_vec());
        packed = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_the_same(entries: Vec<Vec<u8>>) {
            let mut read = Vec::new();
            unpack(&pack(&entries).unwrap(), &mut read).unwrap();
            prop_assert_eq!(read, entries);
        }

        #[test]
        fn bytes_that_were_cut_off_are_reported(entries: Vec<Vec<u8>>, cut in 1_usize..4) {
            let packed = pack(&entries).unwrap();
            prop_assume!(packed.len() > cut);
            // A cut inside the last entry or its length is noticed; one at a boundary cannot be.
            let last = entries.last().map_or(0, Vec::len) + 4;
            prop_assume!(cut < last);
            prop_assert!(unpack(&packed[..packed.len() - cut], &mut Vec::new()).is_err());
        }
    }
}
