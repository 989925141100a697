//! Runs one call in an engine of its own.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::context::intrinsic;
use rquickjs::{Context, Ctx, Error, Function, Promise, Runtime, Value};

use super::console::{self, Lines};
use super::ffi::{self, Bytecode};
use super::program::Programs;
use super::result::{self, Thrown};
use crate::config::Limits;
use crate::wire::{Call, Outcome};

/// What code may use of the language: all of it but the compiler (see [`super::program`]), clocks finer than
/// `Date`, and everything that is not the language: no modules, files, timers or network are there at all.
type Language = (
    intrinsic::Date,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
    intrinsic::WeakRef,
);

/// Runs one call. Whatever happens in it, the next call finds nothing of it.
pub(super) fn run(programs: &mut Programs, limits: &Limits, call: &Call<'_>) -> (Outcome, Vec<String>) {
    let lines = Lines::new(limits);
    let late = Rc::new(Cell::new(false));
    let outcome = match programs.get(&call.source, limits) {
        Err(thrown) => thrown.into(),
        Ok(code) => match engine(limits, call.timeout_ms, &late) {
            Err(_) => Thrown::out_of_memory().into(),
            Ok(context) => context.with(|ctx| {
                let done = evaluate(&ctx, code, call, limits, &lines, &late);
                done.unwrap_or_else(|error| result::thrown(&ctx, error).into())
            }),
        },
    };
    let logs = lines.borrow_mut().take();
    // The engine reports an interrupt as an error like any other, and code may hide it in a promise.
    if late.get() { (Outcome::Timeout, logs) } else { (outcome, logs) }
}

/// A fresh engine under the limits of the call; `late` becomes true when its time is over.
fn engine(limits: &Limits, timeout_ms: u64, late: &Rc<Cell<bool>>) -> Result<Context, Error> {
    let runtime = Runtime::new()?;
    runtime.set_memory_limit(limits.memory_bytes);
    runtime.set_max_stack_size(limits.stack_bytes);
    let deadline = Instant::now() + Duration::from_millis(timeout_ms);
    let late = Rc::clone(late);
    runtime.set_interrupt_handler(Some(Box::new(move || {
        late.set(late.get() || Instant::now() >= deadline);
        late.get()
    })));
    Context::builder().with::<Language>().build(&runtime)
}

/// Loads the module, calls its function with the input, waits for the result.
fn evaluate<'js>(
    ctx: &Ctx<'js>,
    code: &Bytecode,
    call: &Call<'_>,
    limits: &Limits,
    lines: &Rc<std::cell::RefCell<Lines>>,
    late: &Cell<bool>,
) -> Result<Outcome, Error> {
    ffi::add_intrinsics(ctx);
    console::install(ctx, lines)?;
    let (module, loaded) = ffi::load(ctx, code)?.eval()?;
    settle::<Value<'_>>(ctx, &loaded, late)?;
    let body: Function<'_> = module.get("default")?;
    let input = ctx.json_parse(call.input.get())?;
    let pending: Promise<'_> = body.call((input,))?;
    let value = settle::<Value<'_>>(ctx, &pending, late)?;
    result::to_json(ctx, value, limits.output_bytes)
}

/// Carries out waiting jobs until the promise is settled or the time is over.
fn settle<'js, T: rquickjs::FromJs<'js>>(
    ctx: &Ctx<'js>,
    promise: &Promise<'js>,
    late: &Cell<bool>,
) -> Result<T, Error> {
    loop {
        if let Some(done) = promise.result() {
            return done;
        }
        if late.get() || !ctx.execute_pending_job() {
            return Err(Error::WouldBlock);
        }
    }
}
