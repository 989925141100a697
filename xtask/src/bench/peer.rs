//! A peer in the same run: Node-RED, from npm. It keeps no record of its runs, which makes its part easier.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{http, load, process::Process, table::Row, upstream::TOKEN};

/// The version that is measured.
const VERSION: &str = "4.1.2";

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Installs, starts and loads it with the same three workflows.
pub(crate) fn measure(folder: &Path, upstream: u16, seconds: u32) -> Result<Vec<Row>> {
    let home = folder.join("node-red");
    std::fs::create_dir_all(&home)?;
    println!("Installing Node-RED {VERSION} ...");
    let install = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(&home)
        .arg(format!("node-red@{VERSION}"))
        .stdout(Stdio::null())
        .status()?;
    if !install.success() {
        bail!("Node-RED could not be installed");
    }
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    std::fs::write(home.join("flows.json"), flows(upstream).to_string())?;
    let settings = format!(
        "module.exports = {{ uiPort: {port}, uiHost: '127.0.0.1', flowFile: 'flows.json', logging: {{ console: {{ level: 'error' }} }}, disableEditor: true }};"
    );
    std::fs::write(home.join("settings.js"), settings)?;
    let child = Command::new("node")
        .arg(home.join("node_modules/node-red/red.js"))
        .args(["-u", &home.to_string_lossy(), "-s", &home.join("settings.js").to_string_lossy()])
        .stdout(Stdio::null())
        .spawn()?;
    let process = Process(child.id());
    let _running = Running(child);
    let begin = Instant::now();
    while !http::request(port, "GET", "/bench-w2", "", None).is_ok_and(|(status, _)| status == 200) {
        if begin.elapsed() > Duration::from_secs(60) {
            bail!("Node-RED did not answer within 60 s");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    println!(
        "Node-RED: start to first answer {} ms, RSS {:.1} MB",
        begin.elapsed().as_millis(),
        process.rss_kb()? as f64 / 1e3
    );
    let mut rows = Vec::new();
    for (name, path) in [("W1", "/bench-w1"), ("W2", "/bench-w2"), ("W3", "/bench-w3")] {
        for connections in [1, 32] {
            let url = format!("http://127.0.0.1:{port}{path}");
            let load = load::run(&url, connections, seconds, Some(process))?;
            rows.push(Row::of(&format!("Node-RED {name} (stores nothing)"), connections, &load));
        }
    }
    Ok(rows)
}

fn flows(upstream: u16) -> Value {
    let mut nodes = vec![json!({"id": "tab", "type": "tab", "label": "bench"})];
    let mut begin = |flow: &str, next: &str| {
        nodes.push(json!({"id": format!("{flow}in"), "z": "tab", "type": "http in", "url": format!("/bench-{flow}"), "method": "get", "wires": [[next]]}));
        nodes.push(json!({"id": format!("{flow}out"), "z": "tab", "type": "http response", "wires": []}));
    };
    begin("w1", "w1head");
    begin("w2", "w2n1");
    begin("w3", "w3n1");
    let header = json!([{"t": "set", "p": "headers", "pt": "msg", "to": json!({"authorization": format!("Bearer {TOKEN}")}).to_string(), "tot": "json"}]);
    nodes.push(json!({"id": "w1head", "z": "tab", "type": "change", "rules": header, "wires": [["w1call"]]}));
    nodes.push(json!({"id": "w1call", "z": "tab", "type": "http request", "method": "GET", "ret": "obj", "url": format!("http://127.0.0.1:{upstream}/item"), "wires": [["w1out"]]}));
    for (flow, chained) in [("w2", false), ("w3", true)] {
        for place in 1..=10 {
            let next = if place == 10 { format!("{flow}out") } else { format!("{flow}n{}", place + 1) };
            let field = format!("payload.field{place}");
            let rule = match (chained, place) {
                (false, _) => {
                    json!({"t": "set", "p": field, "pt": "msg", "to": format!("value {place}"), "tot": "str"})
                }
                (true, 1) => json!({"t": "set", "p": field, "pt": "msg", "to": "req.method", "tot": "msg"}),
                (true, _) => {
                    json!({"t": "set", "p": field, "pt": "msg", "to": format!("payload.field{}", place - 1), "tot": "msg"})
                }
            };
            nodes.push(json!({"id": format!("{flow}n{place}"), "z": "tab", "type": "change", "rules": [rule], "wires": [[next]]}));
        }
    }
    Value::Array(nodes)
}
