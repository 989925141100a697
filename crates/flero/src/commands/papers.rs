//! Shell completions and the manual page.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::{cli::Cli, exit::Failure};

fn print(bytes: &[u8]) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(bytes).map_err(|_| Failure::told())
}

/// Prints completions for a shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "flero", &mut script);
    print(&script)
}

/// Prints the manual page of the program and of every command.
pub(crate) fn manual() -> Result<(), Failure> {
    let mut pages = Vec::new();
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(&mut pages).map_err(|_| Failure::told())?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let page = clap_mangen::Man::new(sub.clone()).title(format!("flero-{}", sub.get_name()));
        page.render(&mut pages).map_err(|_| Failure::told())?;
    }
    print(&pages)
}
