//! `flero doctor`: what is set up, what is not, and what to do.

mod public_url;

use flero_keyring::Health;
use flero_model::Clock as _;
use flero_store::{ExecutionStore as _, PeopleStore as _, Store as _};
use flero_vault::Hardening;
use serde::Serialize;

use crate::{
    config::{Config, Settings},
    exit::{Failure, say},
    wiring::{Installation, clock::SystemClock},
};

/// How one check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Good,
    Warning,
    Bad,
}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    message: String,
}

/// 2026-01-01: a clock before it was never set.
const EARLIEST_MILLIS: i64 = 1_767_225_600_000;

/// Checks everything, prints a line each, and fails when something is bad.
pub(crate) async fn run(settings: Settings, hardening: &Hardening, as_json: bool) -> Result<(), Failure> {
    let mut checks = Vec::new();
    match Config::resolve(settings) {
        Ok(config) => {
            add(
                &mut checks,
                "configuration",
                Verdict::Good,
                format!("data folder {}", config.data_dir.display()),
            );
            check_url(&mut checks, &config);
            check_installation(&mut checks, config).await;
        }
        Err(error) => add(&mut checks, "configuration", Verdict::Bad, error.to_string()),
    }
    check_clock(&mut checks);
    for warning in &hardening.warnings {
        add(&mut checks, "process", Verdict::Warning, warning.clone());
    }
    print(&checks, as_json)?;
    if checks.iter().any(|check| check.verdict == Verdict::Bad) { Err(Failure::told()) } else { Ok(()) }
}

fn add(checks: &mut Vec<Check>, name: &'static str, verdict: Verdict, message: impl Into<String>) {
    checks.push(Check { name, verdict, message: message.into() });
}

fn print(checks: &[Check], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return say(&serde_json::json!({ "checks": checks }).to_string());
    }
    for check in checks {
        let sign = match check.verdict {
            Verdict::Good => "ok     ",
            Verdict::Warning => "warning",
            Verdict::Bad => "BAD    ",
        };
        say(&format!("{sign}  {:<14} {}", check.name, check.message))?;
    }
    Ok(())
}

fn check_clock(checks: &mut Vec<Check>) {
    let now = SystemClock.now();
    if now.as_millis() < EARLIEST_MILLIS {
        add(checks, "clock", Verdict::Bad, format!("it is {now} by this machine; set its clock (NTP)."));
    } else {
        add(checks, "clock", Verdict::Good, format!("it is {now}"));
    }
}

fn check_url(checks: &mut Vec<Check>, config: &Config) {
    let url = config.public_url.as_str();
    let is_local = url.contains("//127.") || url.contains("//localhost") || url.contains("//[::1]");
    if is_local && !config.listen.ip().is_loopback() {
        let message = format!(
            "{url}: other machines cannot call webhooks there; set FLERO_PUBLIC_URL to the address that they use."
        );
        add(checks, "public URL", Verdict::Warning, message);
    } else {
        add(checks, "public URL", Verdict::Good, url);
    }
}

async fn check_installation(checks: &mut Vec<Check>, config: Config) {
    if !config.database.exists() {
        let message = format!(
            "{} is not there yet; it is made by `flero serve` or `flero bootstrap`.",
            config.database.display()
        );
        add(checks, "database", Verdict::Warning, message);
        add(
            checks,
            "key",
            Verdict::Warning,
            "there is none yet; `flero vault init` makes a key file and a recovery identity.",
        );
        return;
    }
    let installation = match Installation::open(config) {
        Ok(installation) => installation,
        Err(failure) => return add(checks, "database", Verdict::Bad, failure.sentence()),
    };
    let place = installation.config.database.display();
    add(checks, "database", Verdict::Good, format!("{} at {place}", installation.store.adapter_name()));
    check_queue(checks, &installation).await;
    let (verdict, message) = public_url::check(&installation).await;
    add(checks, "reachable", verdict, message);
    match installation.has_keys().await {
        Ok(true) => check_keys(checks, &installation).await,
        Ok(false) => {
            add(checks, "key", Verdict::Warning, "the key ceremony was not held; `flero vault init` does.")
        }
        Err(failure) => add(checks, "key", Verdict::Bad, failure.sentence()),
    }
}

/// Whether triggers run, and what waits.
async fn check_queue(checks: &mut Vec<Check>, installation: &Installation) {
    match installation.store.is_paused().await {
        Ok(true) => {
            let message = "the installation is paused after a restore: no trigger runs until `flero resume`."
                .to_owned();
            add(checks, "paused", Verdict::Warning, message);
        }
        Ok(false) => add(checks, "paused", Verdict::Good, "no: triggers and schedules run"),
        Err(error) => add(checks, "paused", Verdict::Bad, error.to_string()),
    }
    match installation.store.count_open_executions().await {
        Ok(open) if open.is_empty() => add(checks, "queue", Verdict::Good, "no execution waits or runs"),
        Ok(open) => {
            let counts: Vec<String> =
                open.iter().map(|(status, count)| format!("{count} {}", status.as_str())).collect();
            add(checks, "queue", Verdict::Good, counts.join(", "));
        }
        Err(error) => add(checks, "queue", Verdict::Bad, error.to_string()),
    }
}

async fn check_keys(checks: &mut Vec<Check>, installation: &Installation) {
    let keyring = match installation.keyring().await {
        Ok(keyring) => keyring,
        Err(failure) => return add(checks, "key", Verdict::Bad, failure.sentence()),
    };
    match keyring.health() {
        Health::Open => add(checks, "key", Verdict::Good, "the vault opens"),
        Health::Sealed { reason } => add(checks, "key", Verdict::Bad, reason),
    }
    match keyring.status().await {
        Ok(status) => {
            status.warnings.into_iter().for_each(|warning| add(checks, "slots", Verdict::Warning, warning))
        }
        Err(error) => add(checks, "slots", Verdict::Bad, error.to_string()),
    }
    match super::audit::check(installation, Some(&keyring), &|_, _| {}).await {
        Ok(found) if found.faults.is_empty() => {
            add(checks, "audit", Verdict::Good, format!("{} records, no chain is broken", found.records));
        }
        Ok(found) => {
            let faults: Vec<String> = found.faults.iter().map(ToString::to_string).collect();
            add(checks, "audit", Verdict::Bad, format!("{}.", faults.join("; ")));
        }
        Err(failure) => add(checks, "audit", Verdict::Bad, failure.sentence()),
    }
    match keyring.verify_all(&|_| {}).await {
        Ok(broken) if broken.is_empty() => add(checks, "secrets", Verdict::Good, "every stored secret opens"),
        Ok(broken) => {
            let message = format!("{} stored secrets do not open: {}.", broken.len(), broken.join(", "));
            add(checks, "secrets", Verdict::Bad, message);
        }
        Err(error) => add(checks, "secrets", Verdict::Bad, error.to_string()),
    }
}
