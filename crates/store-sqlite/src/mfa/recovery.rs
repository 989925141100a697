//! Recovery codes. One that is used is gone.

use flero_model::UserId;
use flero_store::Error;

use crate::{error::Outcome, writer::Tx};

pub(super) fn clear(tx: &Tx<'_>, user: UserId) -> Outcome<()> {
    tx.run("DELETE FROM recovery_code WHERE user_id = ?1", [user.as_bytes()])?;
    Ok(())
}

pub(super) fn replace(tx: &Tx<'_>, user: UserId, hashes: &[[u8; 32]]) -> Outcome<()> {
    clear(tx, user)?;
    for hash in hashes {
        tx.run("INSERT INTO recovery_code (user_id, hash) VALUES (?1, ?2)", (user.as_bytes(), hash))?;
    }
    Ok(())
}

pub(super) fn take(tx: &Tx<'_>, user: UserId, hash: [u8; 32]) -> Outcome<u32> {
    let taken =
        tx.run("DELETE FROM recovery_code WHERE user_id = ?1 AND hash = ?2", (user.as_bytes(), hash))?;
    if taken == 0 {
        return Err(Error::NotFound.into());
    }
    let left = "SELECT count(*) FROM recovery_code WHERE user_id = ?1";
    Ok(tx.connection.prepare_cached(left)?.query_row([user.as_bytes()], |row| row.get(0))?)
}
