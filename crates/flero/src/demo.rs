//! `flero demo`: a complete installation in a temporary folder, one real run, and proof that the secret is nowhere.

mod client;
mod journey;
pub(crate) mod practice;
mod proof;
mod table;

use std::{path::PathBuf, sync::Arc};

use flero_app::people::SetUp;
use flero_model::secret::SecretString;
use serde_json::json;
use tokio::sync::oneshot;

use crate::{
    cli::Demo,
    commands::serve::{Server, bind, stopped},
    config::{Config, Settings},
    exit::{Failure, say},
    logging,
};

use journey::Journey;

/// Whom the demonstration belongs to.
const EMAIL: &str = "you@example.com";

/// A folder of the demonstration; removed at the end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's temporary folder; there is nothing better to do.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Shows everything once.
pub(crate) async fn run(options: Demo, settings: &Settings) -> Result<(), Failure> {
    let folder = folder()?;
    let token = random_text("practice-")?;
    let practice = practice::start(Arc::new(SecretString::new(token.expose().clone()))).await;
    let practice = practice
        .map_err(|error| Failure::start(format!("no port of loopback is free ({}).", error.kind())))?;
    let config = configuration(&folder.0, practice.address, settings)?;
    // The log goes into the data folder, so that it is among the bytes that are looked through.
    logging::start_file(&config.log, &config.data_dir.join("logs")).map_err(Failure::start)?;
    let listener = bind(&config).await?;
    let address = listener.local_addr().map_err(|_| Failure::start("the server has no address."))?;
    let server = Server::start(
        Config { listen: address, public_url: public_url(address)?, ..config.clone() },
        listener,
    )
    .await?;
    let password = random_text("demo-")?;
    let owner = server.parts().app.set_up(SetUp {
        email: EMAIL.to_owned(),
        name: "You".to_owned(),
        workspace: "Demo".to_owned(),
        password: SecretString::new(password.expose().clone()),
    });
    let owner = owner.await.map_err(crate::commands::told)?;
    let keyring = server.parts().keyring.clone();
    let files = server.installation().files_to_scan();
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.until(async move {
        let _ = ended.await;
    }));
    let journey = Journey {
        base: format!("http://{address}"),
        key: owner.api_key,
        practice: practice.address,
        password,
    };
    let outcome = show(&options, &journey, &token, &keyring, &files).await;
    if outcome.is_ok() && options.keep {
        stopped().await;
    }
    drop(end);
    let served = serving.await.map_err(|_| Failure::work("the server ended early."))?;
    drop(folder);
    outcome.and(served)
}

fn folder() -> Result<Folder, Failure> {
    let random = flero_vault::random_u128().map_err(crate::wiring::keys::refused)?;
    let path = std::env::temp_dir().join(format!("flero-demo-{random:032x}"));
    crate::wiring::data_dir::prepare(&path)?;
    Ok(Folder(path))
}

/// A configuration of its own: nothing of the machine's own installation is touched.
fn configuration(
    folder: &std::path::Path,
    practice: std::net::SocketAddr,
    settings: &Settings,
) -> Result<Config, Failure> {
    let own = Settings {
        config: Some("/dev/null".into()),
        // Any free port, unless one is asked for: an installation may already listen on the usual one.
        listen: Some(settings.listen.clone().unwrap_or_else(|| "127.0.0.1:0".to_owned())),
        data_dir: Some(folder.join("data")),
        key_file: Some(folder.join("keys/root.key")),
        egress_allow: Some(practice.to_string()),
        log: settings.log.clone(),
        ..Settings::default()
    };
    Ok(Config::resolve(own)?)
}

fn public_url(address: std::net::SocketAddr) -> Result<url::Url, Failure> {
    format!("http://{address}").parse().map_err(|_| Failure::start("the server's address makes no URL."))
}

fn random_text(prefix: &str) -> Result<SecretString, Failure> {
    let random = flero_vault::random_u128().map_err(crate::wiring::keys::refused)?;
    Ok(SecretString::new(format!("{prefix}{}", data_encoding::BASE64URL_NOPAD.encode(&random.to_be_bytes()))))
}

async fn show(
    options: &Demo,
    journey: &Journey,
    token: &SecretString,
    keyring: &flero_keyring::Keyring,
    files: &[PathBuf],
) -> Result<(), Failure> {
    let note = |line: &str| if options.json { Ok(()) } else { say(line) };
    note("Flero demonstration\n")?;
    note(&format!(
        "1. A practice service listens on {}; it is an OAuth 2 provider and an API that echoes what it is sent.",
        journey.practice
    ))?;
    let run = journey.travel().await?;
    note(&format!(
        "2. An account was connected by OAuth; the token is stored in the vault as {}.",
        run.credential
    ))?;
    note(&format!(
        "3. The workflow {} is active: webhook, HTTP request with the credential, answer.",
        run.workflow
    ))?;
    note(&format!("4. The webhook was called; it answered: {}\n", run.answer))?;
    note(&format!("Execution {}: {}", run.id(), run.report["status"].as_str().unwrap_or_default()))?;
    note(&table::execution(&run.report))?;
    let proof = proof::look(keyring, token, files).await?;
    note(&proof.sentence())?;
    let url = format!("{}/logs/{}#key={}", journey.base, run.id(), run.view_key.expose());
    if options.json {
        let mut result = json!({"ok": proof.is_clean(), "execution": run.report, "scan": proof.to_json()});
        if options.keep {
            result["url"] = json!(url);
            result["login"] = json!({
                "url": format!("{}/login", journey.base), "email": EMAIL, "password": journey.password.expose(),
            });
        }
        say(&result.to_string())?;
    } else if options.keep {
        say(&format!(
            "\nThe server goes on. Open this address; it shows the execution for a day:\n\n    {url}\n\nOr sign in at {}/login as {EMAIL} with the password {}\n\nCtrl+C ends it and removes everything.",
            journey.base,
            journey.password.expose(),
        ))?;
    } else {
        say("\nEverything was removed. `flero demo --keep` leaves the server running for the browser.")?;
    }
    if proof.is_clean() { Ok(()) } else { Err(Failure::work("the secret was found where it must not be.")) }
}
