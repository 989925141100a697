//! Reading: one connection for one piece of work (RFC 3501).
//!
//! Frames and commands are written here, on our own connection, limited and without a log of what is sent; the responses
//! are parsed by `imap-proto`.

use flero_model::destination::Destination;

use super::{Account, Fault, MailAnswer, MailError, MailWork, Task};
use crate::{dial::Dialer, error::Kind};

mod fetch;
mod folder_name;
mod login;
mod news;
mod search;
mod wire;
mod work;

/// Connects to a checked address, logs in, does the work and disconnects.
///
/// # Errors
/// [`Fault`].
pub(super) async fn run(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    task: &Task,
) -> Result<MailAnswer, Fault> {
    let mut session = login::log_in(dialer, account, destination, task.max_bytes).await?;
    let result = match &task.work {
        MailWork::Identify => Ok(serde_json::json!({"account": account.user}).into()),
        MailWork::Operation(work) => session.work(work, task).await,
    };
    if !matches!(result, Err(Fault::Kind(_))) {
        session.log_out().await;
    }
    result
}
