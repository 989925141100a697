//! `flero connector`: what can be done with descriptions of services.

mod call;
mod check;
mod docs;
pub(in crate::commands) mod folder;
mod import;
mod lint;
mod mask;
mod new;
mod remote;
mod source;
mod test;

use crate::{cli::Connector, exit::Failure};

/// Carries a command out.
pub(crate) async fn run(command: Connector) -> Result<(), Failure> {
    match command {
        Connector::New(asked) => new::run(&asked),
        Connector::Lint { path, output } => lint::run(&path, output.json),
        Connector::Test { path, credential, remote, output } => {
            test::run(&path, credential.as_deref(), &remote, output.json).await
        }
        Connector::Call(asked) => call::run(asked).await,
        Connector::Docs { source, all } => docs::run(source.as_deref(), all.as_deref()),
        Connector::Import { check: true, curl, path, .. } => check::run(&path, curl),
        Connector::Import { check: false, curl, path, remote } => import::run(&path, curl, &remote).await,
    }
}
