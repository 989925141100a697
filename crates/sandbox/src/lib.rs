//! Runs the JavaScript of a `Code` node in a child process that can reach nothing.
//!
//! An embeddable JavaScript engine can be made to hang, to eat memory and, sooner or later, to run an
//! attacker's machine code. So the engine never runs beside a key: [`Sandbox`] (in the server) starts
//! children of the same binary, and [`child_main`] (in the child) gives away every right of its process
//! before it reads the first line of anybody's code.
//!
//! **Invariants.** A child has an empty environment, two pipes and nothing else; no system call that opens,
//! connects, starts or signals anything succeeds in it. A child serves one workspace in its whole life.
//! Each call has its own engine, so nothing a call leaves behind is seen by the next one. The server treats
//! an answer as hostile: bounded in size, parsed strictly, never evaluated.

mod child;
mod config;
mod error;
mod pool;
mod wire;

#[doc(hidden)]
pub use child::lock_down;
pub use child::{Defences, child_main};
pub use config::{Limits, SandboxConfig};
pub use error::Error;
pub use pool::{Output, Sandbox};
