//! A real MySQL for the tests, unpacked beside the other tools.
//!
//! Debian's releases have MariaDB alone; MySQL is in `sid`. So apt fetches that package with every library that it needs
//! into a folder of its own, where it runs with its own loader: nothing of it is installed, and nothing of the machine
//! changes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::INSTALL;
use crate::command::{command, output, show, tools};

/// The package with the server.
const PACKAGE: &str = "mysql-server-core";
/// Where the server stands in it.
const SERVER: &str = "usr/sbin/mysqld";

/// Makes the server available; gives the folder that it was unpacked in.
///
/// # Errors
/// When apt cannot bring it, which happens on days when the packages of `sid` do not fit together.
pub(crate) fn mysql() -> Result<PathBuf> {
    let folder = tools().join("peers-mysql");
    if folder.join(SERVER).exists() {
        return Ok(folder);
    }
    let work = folder.with_extension("download");
    for part in ["lists/partial", "cache/archives/partial", "root"] {
        fs::create_dir_all(work.join(part))?;
    }
    fs::write(work.join("sources.list"), format!("deb {} sid main\n", mirror()?))?;
    // An empty list of installed packages: whatever is needed comes along, down to the C library.
    fs::write(work.join("status"), "")?;
    apt(&work, &["update", "-q"])?;
    apt(&work, &["install", "-q", "-y", "--no-install-recommends", "--download-only", PACKAGE])?;
    for entry in fs::read_dir(work.join("cache/archives"))? {
        let package = entry?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            let (from, to) = (package.display().to_string(), work.join("root").display().to_string());
            output("dpkg-deb", &["-x", &from, &to])?;
        }
    }
    if !work.join("root").join(SERVER).exists() {
        bail!("{PACKAGE} brought no {SERVER}");
    }
    fs::rename(work.join("root"), &folder)?;
    fs::remove_dir_all(work)?;
    Ok(folder)
}

/// The mirror that this machine takes Debian's packages from.
fn mirror() -> Result<String> {
    let format = "$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)";
    let known = || -> Result<Option<String>> {
        let targets = output("apt-get", &["indextargets", "--format", format, "Created-By: Packages"])?;
        Ok(targets.lines().find_map(|line| line.strip_prefix("Debian Debian main ")).map(str::to_owned))
    };
    if let Some(mirror) = known()? {
        return Ok(mirror);
    }
    // A machine that has read no list yet does not know what its mirrors have.
    let _ = show(command("apt-get", &["update", "-q"]), INSTALL)?;
    known()?.context("apt knows no mirror of Debian")
}

/// Runs apt on the lists and the cache of this folder alone.
fn apt(work: &Path, arguments: &[&str]) -> Result<()> {
    let at = |name: &str| work.join(name).display().to_string();
    let options = [
        format!("Dir::Etc::SourceList={}", at("sources.list")),
        "Dir::Etc::SourceParts=-".to_owned(),
        format!("Dir::State::Lists={}", at("lists")),
        format!("Dir::State::Status={}", at("status")),
        format!("Dir::Cache={}", at("cache")),
    ];
    let options: Vec<&str> = options.iter().flat_map(|option| ["-o", option.as_str()]).collect();
    let (status, _) = show(command("apt-get", &[&options[..], arguments].concat()), INSTALL)?;
    if status.success() { Ok(()) } else { bail!("apt-get {} failed", arguments.join(" ")) }
}
