//! A statement through the door.

use tokio::time::Instant;

use super::{Connect, admit::Use};
use crate::{
    database::{Account, DatabaseCall, DatabaseReply},
    error::Error,
};

impl Connect {
    /// Runs one statement. What the server says of the statement is an answer; that it could not be asked is an error.
    ///
    /// # Errors
    /// As [`Connect::send`].
    pub async fn query(&self, call: DatabaseCall) -> Result<DatabaseReply, Error> {
        let started = Instant::now();
        let use_ = Use { principal: &call.principal, purpose: &call.purpose, intent: call.intent };
        let limit = call.statement.timeout;
        let (answer, used) =
            self.inner.ask::<Account>(&use_, call.credential, &call.statement, limit).await?;
        Ok(DatabaseReply { answer, elapsed: started.elapsed(), used })
    }
}
