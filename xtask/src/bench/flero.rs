//! The program under measurement: installed into a temporary folder, started as a user would.

use std::{
    io::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{http, process::Process};

/// An installation and, while it runs, its process.
pub(crate) struct Flero {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    upstream: u16,
    key: String,
    child: Option<Child>,
}

impl Flero {
    /// Makes an installation with an owner. The server is not started.
    pub(crate) fn install(program: PathBuf, folder: &Path, upstream: u16) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut flero =
            Self { program, folder: folder.to_owned(), port, upstream, key: String::new(), child: None };
        let mut child = flero
            .command()
            .args([
                "bootstrap",
                "--email",
                "bench@example.com",
                "--name",
                "Bench",
                "--workspace",
                "Bench",
                "--password-stdin",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the program could not be started")?;
        child.stdin.take().context("no input")?.write_all(b"a long password for the bench")?;
        let output = child.wait_with_output()?;
        let answer: Value = serde_json::from_slice(&output.stdout).context("bootstrap printed no JSON")?;
        flero.key = answer["apiKey"].as_str().context("bootstrap gave no key")?.to_owned();
        Ok(flero)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("FLERO_CONFIG", "/dev/null")
            .env("FLERO_DATA_DIR", self.folder.join("data"))
            .env("FLERO_KEY_FILE", self.folder.join("keys/root.key"))
            .env("FLERO_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("FLERO_EGRESS_ALLOW", format!("127.0.0.1:{}", self.upstream))
            .env("FLERO_LOG", "warn");
        command
    }

    /// Starts the server; returns the milliseconds until it is healthy.
    pub(crate) fn start(&mut self) -> Result<u128> {
        let begin = Instant::now();
        self.child = Some(self.command().arg("serve").stdout(Stdio::null()).spawn()?);
        while begin.elapsed() < Duration::from_secs(20) {
            if http::request(self.port, "GET", "/api/health", "", None).is_ok_and(|(status, _)| status == 200)
            {
                return Ok(begin.elapsed().as_millis());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("the server was not healthy within 20 s")
    }

    /// Ends the server as an operator would (SIGTERM) and waits for it.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        let status = child.wait()?;
        if !status.success() {
            bail!("the server ended with {status}");
        }
        Ok(())
    }

    pub(crate) fn process(&self) -> Result<Process> {
        Ok(Process(self.child.as_ref().context("the server does not run")?.id()))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Calls the API with the owner's key.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        http::json(self.port, method, path, &self.key, body)
    }

    /// How many executions are stored.
    pub(crate) fn executions_total(&self) -> Result<u64> {
        self.call("GET", "/api/executions?limit=1", None)?["total"].as_u64().context("no total")
    }
}

impl Drop for Flero {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}
