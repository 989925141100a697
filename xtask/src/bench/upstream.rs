//! The service that workflows call in the measurement: it demands the bearer token and answers a small body.
//! One thread per connection and no allocation per request, so that it costs as little as possible.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};

/// The token that it demands; not a secret of anyone.
pub(crate) const TOKEN: &str = "bench-token-0123456789abcdef";

const BODY: &str = r#"{"id":42,"title":"A small answer","tags":["a","b"],"nested":{"ok":true}}"#;

/// The service as a process of its own, so that its CPU time is not counted with anything else's.
pub(crate) struct Upstream {
    child: Child,
    port: u16,
}

impl Upstream {
    /// Starts it on a free port.
    pub(crate) fn start() -> Result<Self> {
        let program = std::env::current_exe()?;
        let mut child = Command::new(program).args(["bench", "--upstream"]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, port: line.trim().parse().context("the upstream did not start")? })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// An address that needs no token, for the measurement of the upstream alone.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/open", self.port)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Serves until it is ended. Prints its port first.
pub(crate) fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || answer(stream).ok());
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let good = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let bad = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
    let mut buffer = vec![0_u8; 16 * 1024];
    let mut filled = 0;
    loop {
        let count = stream.read(&mut buffer[filled..])?;
        if count == 0 {
            return Ok(());
        }
        filled += count;
        while let Some(end) = find(&buffer[..filled], b"\r\n\r\n") {
            let head = &buffer[..end];
            let open = head.starts_with(b"GET /open");
            let good_token = open || find(head, TOKEN.as_bytes()).is_some();
            stream.write_all(if good_token { good.as_bytes() } else { bad.as_bytes() })?;
            buffer.copy_within(end + 4..filled, 0);
            filled -= end + 4;
        }
    }
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}
