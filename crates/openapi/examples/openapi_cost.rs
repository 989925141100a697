//! What reading a description costs: `cargo run --release -p flero-openapi --example openapi_cost FILE...`.
//! Prints one line per file: operations, what was left out, time, and the most memory so far.
#![allow(clippy::print_stdout)]

use std::time::Instant;

fn main() {
    for file in std::env::args().skip(1) {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let begin = Instant::now();
        let line = flero_openapi::report::Check::of(&bytes);
        let elapsed = begin.elapsed();
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
        let name = file.rsplit('/').next().unwrap_or_default();
        println!(
            "{name}: {} of {}, {} ms, {} kB, {peak}",
            line.operations,
            line.total,
            elapsed.as_millis(),
            bytes.len() / 1024
        );
        if let Some(error) = line.error {
            println!("    error: {error}");
        }
        for entry in line.left_out {
            println!("    {} {}", entry.pointer, entry.reason);
        }
    }
}
