//! The commands, one file each.

mod account;
mod audit;
mod backup;
mod bootstrap;
mod connector;
mod doctor;
mod marketplace;
mod oauth_app;
pub(crate) mod papers;
mod progress;
mod run;
pub(crate) mod serve;
mod vault;

pub(crate) use bootstrap::told;
use flero_vault::Hardening;

use crate::{
    cli::{Audit, Cli, Command},
    config::{Config, Settings},
    demo,
    exit::Failure,
    logging,
};

/// Carries a command out.
pub(crate) async fn dispatch(cli: Cli, hardening: Hardening) -> Result<(), Failure> {
    let command = cli.command.unwrap_or(Command::Serve);
    match command {
        Command::Demo(options) => demo::run(options, &cli.settings).await,
        Command::Connector(command) => connector::run(command).await,
        Command::Marketplace(command) => marketplace::run(command).await,
        Command::Doctor(output) => doctor::run(cli.settings, &hardening, output.json).await,
        command => {
            let config = configure(cli.settings)?;
            for warning in &hardening.warnings {
                tracing::warn!("{warning}");
            }
            carry_out(command, config).await
        }
    }
}

fn configure(settings: Settings) -> Result<Config, Failure> {
    let config = Config::resolve(settings)?;
    logging::start(&config.log, config.log_json).map_err(Failure::start)?;
    Ok(config)
}

async fn carry_out(command: Command, config: Config) -> Result<(), Failure> {
    match command {
        Command::Serve => serve::run(config).await,
        Command::Bootstrap(owner) => bootstrap::run(config, owner).await,
        Command::Account(command) => account::run(config, command).await,
        Command::Run(options) => run::run(config, options).await,
        Command::Vault(command) => vault::run(config, command).await,
        Command::OauthApp(command) => oauth_app::run(config, command).await,
        Command::Audit(Audit::Verify { file: Some(file), json }) => audit::verify_file(&file, json),
        Command::Audit(Audit::Verify { file: None, json }) => audit::verify(config, json).await,
        Command::Backup(options) => backup::backup(config, options).await,
        Command::Restore(options) => backup::restore(config, options).await,
        Command::Resume(output) => backup::resume(config, output.json).await,
        // These were carried out before the configuration was read.
        Command::Demo(_)
        | Command::Connector(_)
        | Command::Marketplace(_)
        | Command::Doctor(_)
        | Command::Completions { .. }
        | Command::Man
        | Command::SandboxChild => Ok(()),
    }
}
