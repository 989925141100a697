//! Panics inside nodes: caught, told by their place alone.
//!
//! A panic's message can hold values of a run, so it is neither logged nor stored. The hook that this module
//! installs keeps the place of a guarded panic and passes every other panic on to the hook before it.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Once,
    task::{Context, Poll},
};

use crate::failure::Failure;

static HOOK: Once = Once::new();

thread_local! {
    /// How many guards are around the code that runs on this thread.
    static GUARDS: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Installs the hook, once in the life of the process.
pub(crate) fn install() {
    HOOK.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if GUARDS.with(Cell::get) == 0 {
                return former(info);
            }
            let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
            tracing::error!(place = place.as_deref().unwrap_or("unknown"), "a node panicked");
            PLACE.with(|kept| *kept.borrow_mut() = place);
        }));
    });
}

fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    GUARDS.with(|guards| guards.set(guards.get() + 1));
    // Whatever was being evaluated is thrown away whole, so nothing half-changed is seen afterwards.
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDS.with(|guards| guards.set(guards.get() - 1));
    result.map_err(|_| {
        let place =
            PLACE.with(|kept| kept.borrow_mut().take()).unwrap_or_else(|| "an unknown place".to_owned());
        Failure::new("internal.panic", format!("An internal error happened at {place}. Please report it."))
    })
}

/// Evaluates; a panic is a failure.
pub(crate) fn catch<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    guarded(work).and_then(std::convert::identity)
}

/// A future whose panics are failures.
pub(crate) struct Caught<F>(Pin<Box<F>>);

impl<F: Future> Caught<F> {
    pub(crate) fn new(future: F) -> Self {
        Self(Box::pin(future))
    }
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = self.0.as_mut();
        match guarded(|| inner.poll(context)) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(failure) => Poll::Ready(Err(failure)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 41: a panic is told by its place and never by its message, which can hold values.
    #[tokio::test]
    async fn a_panic_is_a_failure_that_tells_its_place_alone() {
        install();
        let direct = catch::<()>(|| panic!("cnry-value")).unwrap_err();
        let awaited = Caught::new(async {
            tokio::task::yield_now().await;
            if true {
                panic!("cnry-value");
            }
        });
        for failure in [direct, awaited.await.unwrap_err()] {
            assert_eq!(failure.code, "internal.panic");
            assert!(
                failure.message.contains("guard.rs:") && !failure.message.contains("cnry"),
                "{}",
                failure.message
            );
        }
        // What is outside of a guard still goes to the hook that was there before.
        assert_eq!(GUARDS.with(Cell::get), 0);
        assert_eq!(catch(|| Ok(7)).unwrap(), 7);
    }
}
