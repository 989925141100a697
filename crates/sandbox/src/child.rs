//! The child's side: give every right away, then answer calls until the pipe closes.

mod console;
mod ffi;
mod lock;
mod program;
mod result;
mod run;
#[cfg(target_os = "linux")]
mod syscalls;

use std::io::{self, Read, Write};

pub use lock::Defences;
pub(crate) use lock::Denied;

use crate::config::Limits;
use crate::wire::{self, Answer, Call, Ready, Setup};

/// Serves calls on standard input and output until standard input ends, then ends the process.
///
/// The binary calls this before it does anything else: before it reads a configuration, starts a thread or
/// installs a logger. It ends with 0 when the server closed the pipe, with 1 when the rights of the process
/// could not be given away, and with 2 on anything that is not a frame.
pub fn child_main() -> ! {
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let code = match serve(&mut input, &mut output) {
        Ok(()) => 0,
        Err(Stop::Lock) => 1,
        Err(Stop::Pipe) => 2,
    };
    std::process::exit(code)
}

/// Gives every right of this process away, as [`child_main`] does, for the tests that try what is left.
///
/// # Errors
/// A sentence that names the defence which could not be put up.
pub fn lock_down(limits: &Limits) -> Result<Defences, String> {
    lock::apply(limits, limits.cpu_seconds()).map_err(|error| error.to_string())
}

/// Why a child ends early.
enum Stop {
    Lock,
    Pipe,
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::Pipe
    }
}

impl From<serde_json::Error> for Stop {
    fn from(_: serde_json::Error) -> Self {
        Self::Pipe
    }
}

/// Reads the setup, locks the process, answers calls.
fn serve(input: &mut impl Read, output: &mut impl Write) -> Result<(), Stop> {
    let Some(first) = wire::read_frame(input, 64 << 10)? else { return Ok(()) };
    let setup: Setup = serde_json::from_slice(&first)?;
    match lock::apply(&setup.limits, setup.cpu_seconds) {
        Ok(defences) => wire::write_frame(output, &Ready::Locked(defences))?,
        Err(error) => {
            wire::write_frame(output, &Ready::Failed(error.to_string()))?;
            return Err(Stop::Lock);
        }
    }
    let limits = setup.limits;
    // A source may be escaped to six times its length; the input is measured by the server as JSON.
    let longest = limits.input_bytes.saturating_add(limits.source_bytes.saturating_mul(6)) + 1024;
    let mut programs = program::Programs::default();
    while let Some(frame) = wire::read_frame(input, longest)? {
        let call: Call<'_> = serde_json::from_slice(&frame)?;
        let (outcome, logs) = run::run(&mut programs, &limits, &call);
        let answer = Answer { id: call.id, outcome, logs, cpu_ms: ffi::cpu_ms() };
        wire::write_frame(output, &answer)?;
    }
    Ok(())
}
