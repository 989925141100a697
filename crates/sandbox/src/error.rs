//! Why a call gave no result.

use std::time::Duration;

/// Why a call gave no result. No variant carries the input; [`Error::Code`] carries what the code itself threw.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The code threw, did not compile, or returned what JSON cannot hold.
    #[error("{}", code_message(.name, .message, *.line))]
    Code {
        /// The name of the error, such as `TypeError`.
        name: String,
        /// Its message, cut to 4 KiB.
        message: String,
        /// The line of the source, counted from 1, where the engine knows it.
        line: Option<u32>,
        /// What the code wrote with `console` before it failed.
        logs: Vec<String>,
    },
    /// The code was still running when its time was over.
    #[error("the code ran longer than {} ms; give the node a longer timeout or let the code do less", .0.as_millis())]
    Timeout(Duration),
    /// The code needed more memory or stack than it may use, in a way that ended its process.
    #[error("the code ended its process, most likely because it needed more than {memory_mib} MiB of memory")]
    Crashed {
        /// Memory that the code may use, in MiB.
        memory_mib: usize,
    },
    /// The process tried a system call that only an attack would try; it was ended by the kernel.
    #[error("the code tried to leave its sandbox and was stopped")]
    Violation,
    /// The source, the input or the result is longer than its limit.
    #[error("the {what} of the code is longer than {limit_bytes} bytes; pass less data")]
    TooLarge {
        /// `source`, `input` or `result`.
        what: &'static str,
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// The child answered with something that is not an answer.
    #[error("the sandbox answered with something that is not a result; its process was replaced")]
    Protocol,
    /// All children were busy for the whole waiting time.
    #[error("all sandbox processes were busy for {} s; run fewer Code nodes at once or allow more processes", .0.as_secs())]
    Busy(Duration),
    /// A child could not be started or could not give its rights away.
    #[error("the sandbox process could not be started: {0}")]
    Start(String),
}

/// `TypeError on line 3: x is not a function`.
fn code_message(name: &str, message: &str, line: Option<u32>) -> String {
    match line {
        Some(line) => format!("{name} on line {line}: {message}"),
        None => format!("{name}: {message}"),
    }
}
