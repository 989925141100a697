//! How the program ends: a sentence on standard error and an exit code.

use std::process::ExitCode;

use crate::config::ConfigError;

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    sentence: String,
}

impl Failure {
    /// The work failed: exit code 1.
    pub(crate) fn work(sentence: impl Into<String>) -> Self {
        Self { code: 1, sentence: sentence.into() }
    }

    /// The command was called wrongly: exit code 2.
    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self { code: 2, sentence: sentence.into() }
    }

    /// The program cannot start because of configuration, key or database: exit code 3.
    pub(crate) fn start(sentence: impl Into<String>) -> Self {
        Self { code: 3, sentence: sentence.into() }
    }

    /// The same reason, where it keeps the program from starting: exit code 3.
    pub(crate) fn into_start(self) -> Self {
        Self { code: 3, ..self }
    }

    /// The sentence that is printed.
    pub(crate) fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The result was printed already: exit code 1 without a sentence.
    pub(crate) fn told() -> Self {
        Self { code: 1, sentence: String::new() }
    }

    /// Prints the sentence and gives the exit code.
    #[allow(clippy::print_stderr, reason = "this is where the program speaks to its user")]
    pub(crate) fn report(self) -> ExitCode {
        if !self.sentence.is_empty() {
            eprintln!("flero: {}", self.sentence);
        }
        ExitCode::from(self.code)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::start(error.to_string())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        // The chain of causes is made of our own sentences; they hold no data.
        let sentences: Vec<String> = error.chain().map(ToString::to_string).collect();
        Self::work(sentences.join(": "))
    }
}

/// Prints a line for the user. Output that cannot be written ends the command like any failed work, instead of a
/// panic on a closed pipe.
pub(crate) fn say(line: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|_| Failure::told())
}
