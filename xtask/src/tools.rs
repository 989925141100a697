//! The tools that tests need, installed once into a folder that clones share.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail};

use crate::command::{answers, command, show, tools};

mod mysql;

pub(crate) use mysql::mysql;

/// The longest an installation from source may take.
const INSTALL: Duration = Duration::from_mins(20);

/// The version of the test runner; any that is there already is used.
const NEXTEST: &str = "0.9.143";

/// The version of the program that checks bans, licences and sources.
const DENY: &str = "0.20.2";

/// Makes `cargo nextest` available.
pub(crate) fn nextest() -> Result<String> {
    if answers("cargo", &["nextest", "--version"]) {
        return Ok("cargo-nextest is there".into());
    }
    cargo_install("cargo-nextest", NEXTEST)?;
    Ok(format!("cargo-nextest {NEXTEST} installed"))
}

/// Makes `cargo deny` available.
pub(crate) fn cargo_deny() -> Result<String> {
    if answers("cargo", &["deny", "--version"]) {
        return Ok("cargo-deny is there".into());
    }
    cargo_install("cargo-deny", DENY)?;
    Ok(format!("cargo-deny {DENY} installed"))
}

/// Makes a Chromium available: Debian's, which the browser tests are written for.
pub(crate) fn chromium() -> Result<String> {
    if answers("chromium", &["--version"]) {
        return Ok("chromium is there".into());
    }
    apt_install(&["chromium"])?;
    if !answers("chromium", &["--version"]) {
        bail!("chromium does not start; install it by hand");
    }
    Ok("chromium installed".into())
}

/// Makes what tests start besides: a PostgreSQL, a MariaDB, a Dovecot, and Python with virtual environments, in which
/// tests install peers.
pub(crate) fn peers() -> Result<String> {
    // The folder of a version is there with its client alone, and Debian's python3 has `venv` without `ensurepip`.
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let has_postgres = versions.into_iter().any(|version| version.path().join("bin/initdb").exists());
    let has_mariadb = Path::new("/usr/sbin/mariadbd").exists();
    let has_dovecot = Path::new("/usr/lib/dovecot/imap").exists();
    if has_postgres && has_mariadb && has_dovecot && answers("python3", &["-c", "import venv, ensurepip"]) {
        return Ok("postgresql, mariadb, dovecot and python3 are there".into());
    }
    apt_install(&["postgresql", "mariadb-server", "dovecot-imapd", "python3-venv"])?;
    Ok("postgresql, mariadb-server, dovecot-imapd and python3-venv installed".into())
}

/// Installs Python packages into an environment that clones share, once for each list; gives its interpreter.
pub(crate) fn python(requirements: &Path) -> Result<PathBuf> {
    let folder = tools().join("peers-python");
    let (interpreter, done) = (folder.join("bin/python"), folder.join("requirements.txt"));
    let wanted = std::fs::read(requirements)?;
    if std::fs::read(&done).is_ok_and(|installed| installed == wanted) && interpreter.exists() {
        return Ok(interpreter);
    }
    let (place, list) = (folder.display().to_string(), requirements.display().to_string());
    let program = interpreter.display().to_string();
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", &list];
    for (program, args) in [("python3", &["-m", "venv", &place][..]), (&program, &pip)] {
        let (status, _) = show(command(program, args), INSTALL)?;
        if !status.success() {
            bail!("{program} {} failed; python3 with venv and pip is needed", args.join(" "));
        }
    }
    std::fs::write(done, wanted)?;
    Ok(interpreter)
}

/// Installs packages of Debian.
fn apt_install(packages: &[&str]) -> Result<()> {
    let install = [&["install", "-q", "-y", "--no-install-recommends"][..], packages].concat();
    for args in [&["update", "-q"][..], &install] {
        let mut apt = command("apt-get", args);
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        let (status, _) = show(apt, INSTALL)?;
        if !status.success() {
            bail!("apt-get {} failed; install {} by hand", args.join(" "), packages.join(" and "));
        }
    }
    Ok(())
}

/// Builds a tool from source with its own lock file.
fn cargo_install(name: &str, version: &str) -> Result<()> {
    let root = tools().display().to_string();
    let install = command("cargo", &["install", name, "--version", version, "--locked", "--root", &root]);
    let (status, _) = show(install, INSTALL)?;
    if status.success() { Ok(()) } else { bail!("cargo install {name} failed; install it by hand") }
}
