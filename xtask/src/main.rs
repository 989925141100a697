//! The project's own commands, run as `cargo xtask COMMAND`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what these commands are for")]

mod bench;
mod codegen;
mod command;
mod files;
mod soak;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

/// What `cargo xtask` says without a command.
const USAGE: &str = "usage: cargo xtask COMMAND

  test [PART ...]  install what the tests need, then run every check and every test, or the named parts
  tidy [--fix]     check the rules of the project; --fix writes what is generated
  bench [--seconds N] [--peer] [--json FILE]
                   measure the release program over loopback; --peer measures Node-RED beside it
  codegen          write crates/api/openapi.json from the code
  soak [--record] [NAME]
                   run the tests in their long sizes, or those whose name holds NAME; --record adds a line to
                   docs/soak/runs.jsonl
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["test", parts @ ..] => test::run(parts),
        ["tidy"] => tidy::run(false),
        ["tidy", "--fix"] => tidy::run(true),
        ["bench", rest @ ..] => {
            bench::run(&rest.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).map(|()| true)
        }
        ["codegen"] => codegen::run(),
        ["soak"] => soak::run(false, None),
        ["soak", "--record"] => soak::run(true, None),
        ["soak", "--record", only] => soak::run(true, Some(only)),
        ["soak", only] => soak::run(false, Some(only)),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
