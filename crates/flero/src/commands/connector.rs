//! `flero connector`: what can be done with descriptions of services.

mod check;
pub(in crate::commands) mod folder;
mod lint;

use crate::{cli::Connector, exit::Failure};

/// Carries a command out.
pub(crate) fn run(command: Connector) -> Result<(), Failure> {
    match command {
        Connector::Import { check: _, path } => check::run(&path),
        Connector::Lint { path } => lint::run(&path),
    }
}
