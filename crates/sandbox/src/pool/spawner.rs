//! Starts children from one thread that lives as long as the sandbox.
//!
//! The kernel ends a child when the *thread* that started it ends (`PR_SET_PDEATHSIG`). A thread of the
//! runtime may end at any time; this one ends when nobody wants children any more.

use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::process::Process;
use crate::config::{Limits, SandboxConfig};
use crate::error::Error;

/// How long a child may take to give its rights away. It takes milliseconds; a busy machine takes longer.
const START: Duration = Duration::from_secs(20);

type Job = (Handle, oneshot::Sender<std::io::Result<Child>>);

/// The thread and the way to it.
pub(super) struct Spawner {
    jobs: mpsc::Sender<Job>,
    limits: Limits,
}

impl Spawner {
    /// Starts the thread.
    pub(super) fn new(config: &SandboxConfig) -> Result<Self, Error> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (program, args) = (config.program.clone(), config.args.clone());
        std::thread::Builder::new()
            .name("sandbox-start".into())
            .spawn(move || {
                for (runtime, reply) in inbox {
                    let _entered = runtime.enter();
                    // A caller that went away drops its child with the reply, which ends it.
                    let _ = reply.send(command(&program, &args).spawn());
                }
            })
            .map_err(|error| Error::Start(error.to_string()))?;
        Ok(Self { jobs, limits: config.limits })
    }

    /// Starts one child and waits until it has given its rights away.
    pub(super) async fn spawn(&self) -> Result<Process, Error> {
        let (reply, started) = oneshot::channel();
        let gone = || Error::Start("the thread that starts children has ended".into());
        self.jobs.send((Handle::current(), reply)).map_err(|_| gone())?;
        let child = started.await.map_err(|_| gone())?.map_err(|error| Error::Start(error.to_string()))?;
        match tokio::time::timeout(START, Process::prepare(child, &self.limits)).await {
            Ok(process) => process,
            Err(_) => Err(Error::Start(format!("it was not ready after {} s", START.as_secs()))),
        }
    }
}

/// A child with nothing: no variable, no directory of ours, two pipes, a process group of its own so that a
/// Ctrl-C meant for the server does not end it in the middle of a call.
fn command(program: &std::path::Path, args: &[String]) -> Command {
    let mut command = Command::new(program);
    command
        .args(args)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    command
}
