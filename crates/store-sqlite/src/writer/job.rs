//! One piece of work for the writing thread, and where its answer goes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flero_store::{Error, Result};
use tokio::sync::oneshot;

use super::Tx;
use crate::error::{Fault, Outcome};

/// Work without its types, so that different work stands in one queue.
pub(super) trait Job: Send {
    /// Whether it may fail after it has written, and so needs a savepoint among others.
    fn is_guarded(&self) -> bool;

    /// Does the work; `false` when what it wrote must be undone.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;

    /// Why the work failed, for the others of its transaction when it took them along.
    fn failure(&self) -> Error;

    /// Answers, after the commit or, with the reason, after a rollback of the whole transaction.
    fn answer(self: Box<Self>, rolled_back: Option<&Error>);
}

/// Work with its types.
pub(super) struct Typed<F, T> {
    work: Option<F>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
    guarded: bool,
}

impl<F, T> Typed<F, T>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Outcome<T> + Send + 'static,
{
    /// A job and the place where its answer will come.
    pub(super) fn boxed(work: F, guarded: bool) -> (Box<dyn Job>, oneshot::Receiver<Result<T>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { work: Some(work), result: None, reply, guarded }), answer)
    }
}

impl<F, T> Job for Typed<F, T>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Outcome<T> + Send,
{
    fn is_guarded(&self) -> bool {
        self.guarded
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A fault in one job must not end the thread that all others need.
        let done = catch_unwind(AssertUnwindSafe(|| work(tx)))
            .unwrap_or_else(|_| Err(Fault::Port(Error::Unavailable { kind: "an internal fault".into() })));
        let kept = done.is_ok();
        self.result = Some(done.map_err(Error::from));
        kept
    }

    fn failure(&self) -> Error {
        match &self.result {
            Some(Err(error)) => repeat(error),
            _ => Error::Unavailable { kind: "the transaction was rolled back".into() },
        }
    }

    fn answer(self: Box<Self>, rolled_back: Option<&Error>) {
        let result = match (self.result, rolled_back) {
            // What failed by itself keeps its own reason.
            (Some(Err(error)), _) => Err(error),
            (_, Some(error)) => Err(repeat(error)),
            (Some(done), None) => done,
            (None, None) => Err(Error::Unavailable { kind: "the work was not done".into() }),
        };
        // Whoever asked may be gone; the work stands all the same.
        let _ = self.reply.send(result);
    }
}

/// The same error once more, for each job of a transaction that was rolled back.
fn repeat(error: &Error) -> Error {
    match error {
        Error::Full => Error::Full,
        Error::Corrupt { what } => Error::Corrupt { what },
        Error::Unavailable { kind } => Error::Unavailable { kind: kind.clone() },
        other => Error::Unavailable { kind: other.to_string() },
    }
}
