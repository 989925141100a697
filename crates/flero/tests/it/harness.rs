//! An installation in a temporary folder, and its processes.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_flero");

/// An installation. Its folder goes with it, and so does a server that still runs.
pub(crate) struct Installation {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: u16,
    pub(crate) key: String,
    egress: String,
    log: &'static str,
    metrics: Option<u16>,
    server: Option<Child>,
}

impl Installation {
    /// An empty one: nothing was started yet. `egress` is what workflows may reach although private.
    pub(crate) fn empty(egress: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            port,
            key: String::new(),
            egress: egress.to_owned(),
            log: "warn",
            metrics: None,
            server: None,
        }
    }

    /// One with an owner.
    pub(crate) fn with_owner(egress: &str) -> Self {
        let mut installation = Self::empty(egress);
        let output = installation.bootstrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        installation.key = answer["apiKey"].as_str().unwrap().to_owned();
        installation
    }

    /// Lets the server write log lines at this level.
    pub(crate) fn logging(mut self, level: &'static str) -> Self {
        self.log = level;
        self
    }

    /// Lets the server serve its counters on this port.
    pub(crate) fn metrics(mut self, port: u16) -> Self {
        self.metrics = Some(port);
        self
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("keys/root.key")
    }

    /// The program with the installation's settings and no others.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("FLERO_CONFIG", "/dev/null")
            .env("FLERO_DATA_DIR", self.data_dir())
            .env("FLERO_KEY_FILE", self.key_file())
            .env("FLERO_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("FLERO_EGRESS_ALLOW", &self.egress)
            .env("FLERO_LOG", self.log)
            .args(arguments)
            .stdin(Stdio::null());
        if let Some(port) = self.metrics {
            command.env("FLERO_METRICS_LISTEN", format!("127.0.0.1:{port}"));
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command with something on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses before it reads closes the pipe; that is no fault of the test.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    pub(crate) fn bootstrap(&self) -> Output {
        let arguments = [
            "bootstrap",
            "--email",
            "ada@example.com",
            "--name",
            "Ada",
            "--workspace",
            "Main",
            "--password-stdin",
        ];
        self.run_with_input(&arguments, "correct horse battery staple")
    }

    /// Starts the server and waits until it is healthy.
    pub(crate) fn start(&mut self) {
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(self.log_file()).unwrap();
        self.server = Some(self.command(&["serve"]).stdout(Stdio::null()).stderr(errors).spawn().unwrap());
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(30) {
            if self.try_call("GET", "/api/health", None).is_ok_and(|(status, _)| status == 200) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!(
            "the server was not healthy within 30 s: {}",
            std::fs::read_to_string(self.log_file()).unwrap_or_default()
        );
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    pub(crate) fn server_id(&self) -> u32 {
        self.server.as_ref().unwrap().id()
    }

    /// Ends the server at once, as a crash would.
    pub(crate) fn kill(&mut self) {
        let mut child = self.server.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends the server as an operator would.
    pub(crate) fn stop(&mut self) {
        let mut child = self.server.take().unwrap();
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(sent.success() && child.wait().unwrap().success());
    }

    /// Calls the API; panics unless the answer is 2xx.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, text) = self.try_call(method, path, body).unwrap();
        assert!((200..300).contains(&status), "{method} {path} answered {status}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Calls the API; status and body.
    pub(crate) fn try_call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> std::io::Result<(u16, String)> {
        request(self.port, method, path, &self.key, body)
    }

    /// A credential for a service on loopback.
    pub(crate) fn bearer(&self, token: &str, port: u16) -> String {
        let body = serde_json::json!({"name": "Practice", "service": "http", "authType": "bearer", "scope": "workspace",
            "parameters": {}, "data": {"token": token}, "allowedHosts": [format!("http://127.0.0.1:{port}")]});
        self.call("POST", "/api/credentials", Some(&body))["id"].as_str().unwrap().to_owned()
    }

    /// A workflow `webhook -> nodes -> Terminal`, active.
    pub(crate) fn active_workflow(
        &self,
        path: &str,
        mode: &str,
        middle: Vec<Value>,
        output: &Value,
    ) -> String {
        let mut nodes = vec![serde_json::json!({"id": "in", "name": "Webhook", "type": "WebhookTrigger",
            "parameters": {"path": path, "method": "POST", "responseMode": mode}})];
        nodes.extend(middle);
        nodes.push(serde_json::json!({"id": "end", "name": "Answer", "type": "Terminal", "parameters": {"output": output}}));
        let edges: Vec<Value> = nodes
            .windows(2)
            .map(|pair| serde_json::json!({"from": pair[0]["id"], "to": pair[1]["id"]}))
            .collect();
        let document = serde_json::json!({"name": path, "nodes": nodes, "edges": edges});
        let id = self.call("POST", "/api/workflows", Some(&document))["id"].as_str().unwrap().to_owned();
        self.call(
            "POST",
            &format!("/api/workflows/{id}/status"),
            Some(&serde_json::json!({"status": "active"})),
        );
        id
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Some(child) = &mut self.server {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// One request on a connection of its own.
pub(crate) fn request(
    port: u16,
    method: &str,
    path: &str,
    key: &str,
    body: Option<&Value>,
) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let body = body.map(ToString::to_string).unwrap_or_default();
    let authorization =
        if key.is_empty() { String::new() } else { format!("authorization: Bearer {key}\r\n") };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n{authorization}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    let (head, rest) = text.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status =
        head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or(std::io::ErrorKind::InvalidData)?;
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase().strip_prefix("content-length: ")?.trim().parse::<usize>().ok()
    });
    match length {
        Some(length) if rest.len() < length => Err(std::io::ErrorKind::UnexpectedEof.into()),
        _ if head.to_ascii_lowercase().contains("transfer-encoding: chunked") => Ok((status, dechunk(rest))),
        _ => Ok((status, rest.to_owned())),
    }
}

fn dechunk(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, tail)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || tail.len() < size {
            break;
        }
        body.push_str(&tail[..size]);
        rest = tail[size..].trim_start_matches("\r\n");
    }
    body
}

/// A service on loopback that demands a token and echoes what it was sent: in a header, in the body, encoded.
/// It notes the `Idempotency-Key` of every call.
pub(crate) struct Echo {
    pub(crate) port: u16,
    pub(crate) keys: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl Echo {
    pub(crate) fn start(token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let keys = std::sync::Arc::<std::sync::Mutex<Vec<String>>>::default();
        let (noted, token) = (keys.clone(), token.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, token) = (noted.clone(), token.clone());
                std::thread::spawn(move || serve(stream, &token, &noted).ok());
            }
        });
        Self { port, keys }
    }
}

fn serve(mut stream: TcpStream, token: &str, noted: &std::sync::Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    let mut chunk = [0_u8; 8192];
    loop {
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
            let count = stream.read(&mut chunk)?;
            if count == 0 {
                return Ok(());
            }
            buffer.extend_from_slice(&chunk[..count]);
            continue;
        };
        let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        let field = |name: &str| {
            head.lines().find_map(|line| {
                let (field, value) = line.split_once(':')?;
                field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let length = field("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        while buffer.len() < end + 4 + length {
            let count = stream.read(&mut chunk)?;
            buffer.extend_from_slice(&chunk[..count]);
        }
        buffer.drain(..end + 4 + length);
        if let Some(key) = field("idempotency-key") {
            noted.lock().unwrap().push(key);
        }
        let sent = field("authorization").unwrap_or_default();
        let good = sent == format!("Bearer {token}");
        let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
        let body =
            serde_json::json!({"youSent": sent, "hex": if good { hex } else { String::new() }}).to_string();
        let status = if good { "200 OK" } else { "401 Unauthorized" };
        let echo = if good { format!("x-echo: {token}\r\n") } else { String::new() };
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{echo}content-length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
