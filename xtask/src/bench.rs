//! `cargo xtask bench`: drives the real program over loopback and prints one table.
//!
//! The load generator is `wrk`. Each figure is measured in this run, beside the upstream alone and, with
//! `--peer`, beside Node-RED. Nothing here judges: the limits stand in the last column for the reader.

mod flero;
mod http;
mod load;
mod peer;
mod process;
mod table;
mod upstream;
mod workloads;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use flero::Flero;
use table::Row;

/// How long each load runs, in seconds.
const SECONDS: u32 = 8;

/// The profiles of the workspace's manifest that optimise; the first one is measured where none is named.
const PROFILES: [&str; 2] = ["dist", "release"];

/// What the command line asks for.
struct Options {
    profile: String,
    seconds: u32,
    peer: bool,
    json: Option<PathBuf>,
}

/// Runs the benchmark. Arguments: `--profile NAME`, `--seconds N`, `--peer`, `--json FILE`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if arguments.first().is_some_and(|word| word == "--upstream") {
        return upstream::serve();
    }
    let options = parse(arguments)?;
    load::install()?;
    let built = build(&options.profile)?;
    let folder = std::env::temp_dir().join(format!("flero-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let outcome = measure(&options, &built, &folder);
    std::fs::remove_dir_all(&folder).ok();
    outcome
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options { profile: PROFILES[0].to_owned(), seconds: SECONDS, peer: false, json: None };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--profile" => {
                let name = words.next().filter(|name| PROFILES.contains(&name.as_str()));
                options.profile.clone_from(name.context("--profile takes dist or release")?);
            }
            "--peer" => options.peer = true,
            "--seconds" => {
                let number = words
                    .next()
                    .and_then(|text| text.parse().ok())
                    .filter(|number| (1..=120).contains(number));
                options.seconds = number.context("--seconds takes a number from 1 to 120")?;
            }
            "--json" => options.json = Some(words.next().context("--json takes a file")?.into()),
            other => {
                bail!("unknown argument {other}; there are --profile NAME, --seconds N, --peer, --json FILE")
            }
        }
    }
    Ok(options)
}

/// The measurements of single parts: a package's example each, which prints its own figures.
const PARTS: [(&str, &str); 5] = [
    ("flero-vault", "vault_cost"),
    ("flero-connect", "connect_cost"),
    ("flero-expr", "expr_cost"),
    ("flero-catalog", "catalog_cost"),
    ("flero-engine", "connector_cost"),
];

/// Builds the program as users do, and then the measurements of its parts, whose packages share what they compile.
/// Gives the folder where cargo puts them.
fn build(profile: &str) -> Result<PathBuf> {
    println!("Building the program and its measurements (some minutes the first time) ...");
    let examples = PARTS.iter().flat_map(|(package, example)| ["-p", package, "--example", example]);
    for arguments in [vec!["-p", "flero"], examples.collect()] {
        let status = Command::new("cargo").args(["build", "--profile", profile]).args(arguments).status()?;
        if !status.success() {
            bail!("the build failed");
        }
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Ok(std::path::absolute(target.join(profile))?)
}

fn measure(options: &Options, built: &Path, folder: &Path) -> Result<()> {
    let upstream = upstream::Upstream::start()?;
    let mut rows = Vec::new();
    for connections in [1, 32] {
        let load = load::run(&upstream.url(), connections, options.seconds, None)?;
        rows.push(Row::of("upstream alone", connections, &load));
    }
    let mut flero = Flero::install(built.join("flero"), folder, upstream.port())?;
    let first_start = flero.start()?;
    workloads::create(&flero, upstream.port())?;
    // The figure that counts is a start on a database that is there already.
    flero.stop()?;
    let start = flero.start()?;
    std::thread::sleep(Duration::from_secs(3));
    let idle_kb = flero.process()?.rss_kb()?;
    for (name, path) in workloads::ALL {
        for connections in [1, 32] {
            let load = load::run(&flero.url(path), connections, options.seconds, Some(flero.process()?))?;
            rows.push(Row::of(name, connections, &load));
        }
    }
    let busy_kb = flero.process()?.peak_rss_kb()?;
    let stored = flero.executions_total()?;
    let answered: u64 = rows.iter().filter(|row| row.cpu.is_some()).map(|row| row.requests).sum();
    flero.stop()?;
    if options.peer {
        rows.extend(peer::measure(folder, upstream.port(), options.seconds)?);
    }
    table::print(&rows);
    println!("start to healthy: first {first_start} ms, on an existing database {start} ms (limit 100)");
    println!(
        "RSS: idle {:.1} MB (limit 40), under load {:.1} MB at most",
        idle_kb as f64 / 1e3,
        busy_kb as f64 / 1e3
    );
    println!("answered {answered}, stored {stored} executions");
    if stored < answered {
        bail!("an execution was answered but is not stored");
    }
    micro(built)?;
    if let Some(path) = &options.json {
        table::write_json(path, &rows)?;
    }
    Ok(())
}

/// The figures of single parts.
fn micro(built: &Path) -> Result<()> {
    for (package, example) in PARTS {
        println!("\n{package}, {example}:");
        if !Command::new(built.join("examples").join(example)).status()?.success() {
            bail!("the measurement of {package} failed");
        }
    }
    Ok(())
}
