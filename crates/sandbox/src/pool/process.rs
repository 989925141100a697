//! One child: its pipes, its watchdog, and what its end means.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::child::Defences;
use crate::config::{Limits, SandboxConfig};
use crate::error::Error;
use crate::wire::{self, Answer, Ready, Setup};

/// How much longer than its time a call may take before the child is killed: the engine stops most code by
/// itself, but not a native function that never looks at the clock.
const GRACE: Duration = Duration::from_millis(250);

/// A running child. Dropping it kills it.
pub(super) struct Process {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    calls: u32,
    defences: Defences,
}

/// Why a frame could not be read.
enum Bad {
    /// The child wrote more than it may.
    TooLong,
    /// The child closed its pipe, which means that it ended.
    Ended,
}

impl Process {
    /// Sends the limits and waits for the child to say that it is locked.
    pub(super) async fn prepare(mut child: Child, limits: &Limits) -> Result<Self, Error> {
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Start("it has no pipes".into()));
        };
        let mut process = Self { child, stdin, stdout, calls: 0, defences: Defences { namespaces: false } };
        let setup = Setup { limits: *limits, cpu_seconds: limits.cpu_seconds() };
        let frame = wire::encode(&setup).map_err(|error| Error::Start(error.to_string()))?;
        let ended = || Error::Start("it ended before it was ready".into());
        process.stdin.write_all(&frame).await.map_err(|_| ended())?;
        let answer = read_frame(&mut process.stdout, 64 << 10).await.map_err(|_| ended())?;
        match serde_json::from_slice(&answer) {
            Ok(Ready::Locked(defences)) => process.defences = defences,
            Ok(Ready::Failed(reason)) => return Err(Error::Start(reason)),
            Err(_) => return Err(Error::Start("the program is not a sandbox child".into())),
        }
        Ok(process)
    }

    /// The process id, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Which defences stand in this child.
    pub(super) fn defences(&self) -> Defences {
        self.defences
    }

    /// Whether the child may serve another call.
    pub(super) fn is_fresh(&self, config: &SandboxConfig, cpu_ms: u64) -> bool {
        self.calls < config.calls_per_child && cpu_ms < config.limits.cpu_seconds() * 500
    }

    /// Sends one call and waits for its answer. After an error the child is dead or will be when dropped.
    pub(super) async fn call(
        &mut self,
        frame: &[u8],
        id: u64,
        timeout: Duration,
        limits: &Limits,
    ) -> Result<Answer, Error> {
        self.calls += 1;
        let (stdin, stdout) = (&mut self.stdin, &mut self.stdout);
        let talk = async {
            // A child that ended closes its pipe; what its end means is read from its status below.
            if stdin.write_all(frame).await.is_err() {
                return Err(Bad::Ended);
            }
            read_frame(stdout, limits.answer_bytes()).await
        };
        match tokio::time::timeout(timeout + GRACE, talk).await {
            Err(_) => Err(Error::Timeout(timeout)),
            Ok(Err(Bad::TooLong)) => {
                Err(Error::TooLarge { what: "result", limit_bytes: limits.output_bytes })
            }
            Ok(Err(Bad::Ended)) => Err(self.why_ended(timeout, limits).await),
            Ok(Ok(body)) => match serde_json::from_slice::<Answer>(&body) {
                Ok(answer) if answer.id == id => Ok(answer),
                _ => Err(Error::Protocol),
            },
        }
    }

    /// Reads the status of a child that has closed its pipe.
    async fn why_ended(&mut self, timeout: Duration, limits: &Limits) -> Error {
        let crashed = Error::Crashed { memory_mib: limits.memory_bytes >> 20 };
        let Ok(Ok(status)) = tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await else {
            return Error::Protocol;
        };
        tracing::warn!(%status, "a sandbox process ended during a call");
        match signal(&status) {
            Some(Signal::Syscall) => Error::Violation,
            Some(Signal::CpuTime) => Error::Timeout(timeout),
            Some(Signal::Other) => crashed,
            None if status.success() => Error::Protocol,
            None => crashed,
        }
    }
}

/// The signals that mean something here.
enum Signal {
    Syscall,
    CpuTime,
    Other,
}

#[cfg(target_os = "linux")]
fn signal(status: &std::process::ExitStatus) -> Option<Signal> {
    use std::os::unix::process::ExitStatusExt;
    Some(match status.signal()? {
        libc::SIGSYS => Signal::Syscall,
        libc::SIGXCPU => Signal::CpuTime,
        _ => Signal::Other,
    })
}

#[cfg(not(target_os = "linux"))]
fn signal(_: &std::process::ExitStatus) -> Option<Signal> {
    Some(Signal::Other)
}

/// Reads one frame; the buffer grows with what really comes, not with what the length promises.
async fn read_frame(from: &mut ChildStdout, limit: usize) -> Result<Vec<u8>, Bad> {
    let length = from.read_u32_le().await.map_err(|_| Bad::Ended)? as usize;
    if length > limit {
        return Err(Bad::TooLong);
    }
    let mut body = Vec::with_capacity(length.min(64 << 10));
    from.take(length as u64).read_to_end(&mut body).await.map_err(|_| Bad::Ended)?;
    if body.len() < length { Err(Bad::Ended) } else { Ok(body) }
}
