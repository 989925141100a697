//! Work at a mail server through the door.

use tokio::time::Instant;

use super::{Connect, admit::Use};
use crate::{
    error::Error,
    mailbox::{Account, MailCall, MailReply, Task},
};

impl Connect {
    /// Does one piece of work at a mail server. What the server says of it is an answer; that it could not be asked is
    /// an error. What does not even make a message is told before the credential is looked at.
    ///
    /// # Errors
    /// As [`Connect::send`].
    pub async fn mail(&self, call: MailCall) -> Result<MailReply, Error> {
        let started = Instant::now();
        let task = match Task::of(&call, self.inner.clock.now()) {
            Ok(task) => task,
            Err(fault) => {
                return Ok(MailReply { answer: Err(fault), elapsed: started.elapsed(), used: None });
            }
        };
        let use_ = Use { principal: &call.principal, purpose: &call.purpose, intent: call.intent };
        let (answer, used) = self.inner.ask::<Account>(&use_, call.credential, &task, call.timeout).await?;
        Ok(MailReply { answer, elapsed: started.elapsed(), used })
    }
}
