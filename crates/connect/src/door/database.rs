//! A statement through the door.

use tokio::time::Instant;

use super::{Connect, admit::Use};
use crate::{
    call::{AccountReply, Call},
    database::{Account, Rows, SqlError, Statement},
    error::Error,
};

impl Connect {
    /// Runs one statement. What the server says of the statement is an answer; that it could not be asked is an error.
    ///
    /// # Errors
    /// As [`Connect::send`].
    pub async fn query(&self, call: Call<Statement>) -> Result<AccountReply<Rows, SqlError>, Error> {
        let started = Instant::now();
        let use_ = Use { principal: &call.principal, purpose: &call.purpose, intent: call.intent };
        let limit = call.request.timeout;
        let (answer, used) = self.inner.ask::<Account>(&use_, call.credential, &call.request, limit).await?;
        Ok(AccountReply { answer, elapsed: started.elapsed(), used })
    }
}
