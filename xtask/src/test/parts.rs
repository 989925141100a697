//! What each part of `cargo xtask test` does.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Counted, counts};
use crate::command::{command, show};
use crate::{files, tidy, tools};

/// The longest that building and running may take.
const LIMIT: Duration = Duration::from_mins(35);

/// Makes the cargo tools available. The browser is looked for in its own part.
pub(super) fn tools() -> Result<Counted> {
    Ok(Counted::fine(format!("{}, {}, {}", tools::nextest()?, tools::cargo_deny()?, tools::peers()?)))
}

/// The formatter has nothing to change.
pub(super) fn format() -> Result<Counted> {
    succeeds("cargo", &["fmt", "--all", "--check"], "run `cargo fmt --all`")
}

/// The rules of the project hold.
pub(super) fn tidy() -> Result<Counted> {
    if tidy::run(false)? {
        Ok(Counted::fine(""))
    } else {
        bail!("a rule of the project is broken, see above")
    }
}

/// No banned package, licence or source is built in: `deny.toml` has the rules.
pub(super) fn supply_chain() -> Result<Counted> {
    let args = ["deny", "--locked", "check", "bans", "licenses", "sources"];
    succeeds("cargo", &args, "`cargo tree --workspace --invert NAME` shows who wants a package")
}

/// No lint has anything to say.
pub(super) fn clippy() -> Result<Counted> {
    let args = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    succeeds("cargo", &args, "run `cargo clippy --workspace --all-targets`")
}

/// Every unit, integration and property test, in its short size.
pub(super) fn tests() -> Result<Counted> {
    let args = ["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "--profile", "ci"];
    let (status, lines) = show(command("cargo", &args), LIMIT)?;
    let (passed, failed) =
        counts::nextest(&lines).context("the tests did not build, or the runner gave up")?;
    if !status.success() && failed == 0 {
        bail!("the runner failed although no test did");
    }
    let summary = lines.iter().rev().find(|line| line.contains("Summary ["));
    let note = summary.map(|line| line.trim().to_owned()).unwrap_or_default();
    Ok(Counted { passed, failed, note })
}

/// The tests against independent servers, which are installed first.
pub(super) fn peers() -> Result<Counted> {
    let folder = files::root().join("crates/testing/peers");
    let mut npm = command("npm", &["ci", "--no-audit", "--no-fund"]);
    npm.current_dir(&folder);
    let (status, _) = show(npm, LIMIT)?;
    if !status.success() {
        bail!("npm ci failed in {}", folder.display());
    }
    let python = tools::python(&folder.join("requirements.txt"))?;
    // Debian's unstable packages cannot be had on every day; what is missing then is said, and the rest is judged.
    let (mysql, wanted, note) = match tools::mysql() {
        Ok(mysql) => {
            (Some(mysql), "all()", "oidc-provider, Authlib, Prism, openapi-spec-validator, MySQL".to_owned())
        }
        Err(error) => (
            None,
            "not test(a_real_mysql)",
            format!("oidc-provider, Authlib, Prism, openapi-spec-validator; NO MySQL: {error:#}"),
        ),
    };
    let packages =
        format!("(package(flero-api) | package(flero-catalog) | package(flero-connect)) & {wanted}");
    let args = [
        "nextest",
        "run",
        // The features of the whole workspace, so that nothing is built again.
        "--workspace",
        "-E",
        &packages,
        "--locked",
        "--no-fail-fast",
        "--profile",
        "ci",
        "--run-ignored",
        "only",
    ];
    let mut nextest = command("cargo", &args);
    nextest.env("FLERO_PEER_PYTHON", python);
    nextest.envs(mysql.map(|folder| ("FLERO_PEER_MYSQL", folder)));
    let (status, lines) = show(nextest, LIMIT)?;
    let (passed, failed) = counts::nextest(&lines).context("the tests with peers did not build")?;
    if !status.success() && failed == 0 {
        bail!("the runner failed although no test did");
    }
    Ok(Counted { passed, failed, note })
}

/// Every example in the documentation.
pub(super) fn doc_tests() -> Result<Counted> {
    let (status, lines) = show(command("cargo", &["test", "--doc", "--workspace", "--locked"]), LIMIT)?;
    let (passed, failed) = counts::libtest(&lines).context("the documentation tests did not build")?;
    if !status.success() && failed == 0 {
        bail!("cargo failed although no example did");
    }
    // A workspace without an example is fine as long as the runner looked at every crate.
    let note = format!("{passed} examples");
    Ok(Counted { passed: passed.max(u64::from(failed == 0)), failed, note })
}

/// The web interface by itself: its lock file, lints and format, types and unit tests.
pub(super) fn web() -> Result<Counted> {
    // The build of `flero-web` has installed the packages, and says for which lock file, unless it was left out.
    let read = |path: &str| std::fs::read(files::root().join("web").join(path)).ok();
    if read("node_modules/.flero/installed-lock.json") != read("package-lock.json") {
        npm("web", &["ci", "--no-audit", "--no-fund"])?;
    }
    for args in [&["run", "lint"][..], &["run", "check"], &["test"]] {
        npm("web", args)?;
    }
    Ok(Counted::fine(""))
}

/// The web interface's tests in a browser.
pub(super) fn browser() -> Result<Counted> {
    println!("{}", tools::chromium()?);
    for args in [&["ci", "--no-audit", "--no-fund"][..], &["test"]] {
        npm("web/e2e", args)?;
    }
    Ok(Counted::fine(""))
}

/// npm in one of the project's folders.
fn npm(folder: &str, args: &[&str]) -> Result<()> {
    let mut npm = command("npm", args);
    npm.current_dir(files::root().join(folder));
    let (status, _) = show(npm, LIMIT)?;
    if status.success() { Ok(()) } else { bail!("npm {} failed in {folder}", args.join(" ")) }
}

/// A program that has to succeed; `hint` says what to do when it does not.
fn succeeds(program: &str, args: &[&str], hint: &str) -> Result<Counted> {
    let (status, _) = show(command(program, args), LIMIT)?;
    if status.success() { Ok(Counted::fine("")) } else { bail!("{hint}") }
}
