//! Work at a mail server through the door.

use tokio::time::Instant;

use super::{Connect, admit::Use};
use crate::{
    call::{AccountReply, Call},
    error::Error,
    mailbox::{Account, MailAnswer, MailError, MailRequest, Task},
};

impl Connect {
    /// Does one piece of work at a mail server. What the server says of it is an answer; that it could not be asked is
    /// an error. What does not even make a message is told before the credential is looked at.
    ///
    /// # Errors
    /// As [`Connect::send`].
    pub async fn mail(&self, call: Call<MailRequest>) -> Result<AccountReply<MailAnswer, MailError>, Error> {
        let started = Instant::now();
        let task = match Task::of(&call.request, self.inner.clock.now()) {
            Ok(task) => task,
            Err(fault) => {
                return Ok(AccountReply { answer: Err(fault), elapsed: started.elapsed(), used: None });
            }
        };
        let use_ = Use { principal: &call.principal, purpose: &call.purpose, intent: call.intent };
        let (answer, used) =
            self.inner.ask::<Account>(&use_, call.credential, &task, call.request.timeout).await?;
        Ok(AccountReply { answer, elapsed: started.elapsed(), used })
    }
}
