//! The program: configuration, commands, wiring. The only place that names an adapter.

mod cli;
mod commands;
mod config;
mod demo;
mod exit;
mod logging;
mod memory;
mod metrics;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use exit::Failure;

// Measured in the benchmark: fewer CPU seconds per execution than the system's allocator, and memory that comes
// back after a load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The allocator asks for huge pages. With them an idle process holds 15 MB more that it does not use, and the
    // benchmark showed no gain in speed (prctl(2), PR_SET_THP_DISABLE). A kernel that refuses keeps its default.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let cli = Cli::parse();
    if matches!(cli.command, Some(Command::SandboxChild)) {
        flero_sandbox::child_main();
    }
    logging::install_panic_hook();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Starts the runtime and the command.
fn run(cli: Cli) -> Result<(), Failure> {
    // These need neither configuration nor a runtime.
    match &cli.command {
        Some(Command::Completions { shell }) => return commands::papers::completions(*shell),
        Some(Command::Man) => return commands::papers::manual(),
        _ => {}
    }
    // One TLS provider for the whole process; a second one could make rustls undecided and panic.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let hardening = flero_vault::harden_process();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::start(format!("no threads can be started ({})", error.kind())))?;
    let outcome = runtime.block_on(commands::dispatch(cli, hardening));
    // Whatever still reads from a slow peer must not hold the end up.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}
