//! The command line.

mod connector;
mod marketplace;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Settings;
pub(crate) use connector::{Call, Connector, New, Remote};
pub(crate) use marketplace::Marketplace;

/// Flero runs workflows that talk to other people's services, and keeps their keys.
#[derive(Debug, Parser)]
#[command(
    name = "flero",
    version,
    about = "Runs workflows that talk to other people's services, and keeps their keys",
    long_about = None,
    propagate_version = true
)]
pub(crate) struct Cli {
    /// Settings that every command takes.
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// What to do; `serve` unless told.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (the default).
    Serve,
    /// Make the first owner without a browser; prints one JSON object with an API key.
    Bootstrap(Bootstrap),
    /// Try it: a complete installation in a temporary folder, one real run, and proof that the secret is nowhere.
    Demo(Demo),
    /// Let somebody in again who is shut out: an account that is closed, or whose password is lost.
    #[command(subcommand)]
    Account(Account),
    /// Run a workflow file against the data folder as its owner.
    Run(Run),
    /// Key ceremonies.
    #[command(subcommand)]
    Vault(Vault),
    /// The audit trail.
    #[command(subcommand)]
    Audit(Audit),
    /// Write a consistent copy of the database while the server runs. It never holds a key.
    Backup(Backup),
    /// Put a backup in place; the installation starts paused.
    Restore(Restore),
    /// Let a restored installation run again: triggers, schedules, refreshes.
    Resume(Output),
    /// Check configuration, key, database, clock and public URL; each line says what to do.
    Doctor(Output),
    /// Print shell completions.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff).
    Man,
    /// Make, check, test, import and call connectors, and print their pages.
    #[command(subcommand)]
    Connector(Connector),
    /// Publish connectors: make, sign and try out a registry.
    #[command(subcommand)]
    Marketplace(Marketplace),
    /// OAuth apps of the whole installation: clients at services that every organization shares.
    #[command(subcommand, name = "oauth-app")]
    OauthApp(OauthApps),
    /// The child process of Code nodes.
    #[command(name = "sandbox-child", hide = true)]
    SandboxChild,
}

/// OAuth apps of the whole installation.
#[derive(Debug, Subcommand)]
pub(crate) enum OauthApps {
    /// Show them; never their secrets.
    List(Output),
    /// Set one up, or give it another secret.
    Set(SetOauthApp),
    /// Remove one that nothing uses.
    Remove {
        /// The connector, for example github.
        service: String,
    },
}

/// The client of an OAuth app.
#[derive(Debug, clap::Args)]
pub(crate) struct SetOauthApp {
    /// The connector, for example github.
    #[arg(long)]
    pub(crate) service: String,
    /// The client ID that the service gave.
    #[arg(long)]
    pub(crate) client_id: String,
    /// How the client authenticates, for example client_secret_post or private_key_jwt; as the connector says unless told.
    #[arg(long)]
    pub(crate) client_auth_method: Option<String>,
    /// The identifier of the client's key at the service.
    #[arg(long)]
    pub(crate) key_id: Option<String>,
    /// A host that the secret may be sent to; those of the connector's endpoints unless told. May be repeated.
    #[arg(long)]
    pub(crate) host: Vec<String>,
    /// Read the client secret, or the private key for private_key_jwt, from standard input (the only way to give it).
    #[arg(long)]
    pub(crate) secret_stdin: bool,
}

/// Who the first owner is.
#[derive(Debug, clap::Args)]
pub(crate) struct Bootstrap {
    /// E-mail address.
    #[arg(long)]
    pub(crate) email: String,
    /// Name.
    #[arg(long)]
    pub(crate) name: String,
    /// Name of the first workspace.
    #[arg(long)]
    pub(crate) workspace: String,
    /// Read the password from standard input (the only way to give it).
    #[arg(long, required = true)]
    pub(crate) password_stdin: bool,
}

/// Letting somebody in again.
#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Open an account again that too many failed attempts closed.
    Unlock {
        /// The account's address.
        #[arg(long)]
        email: String,
    },
    /// Give an account another password; its sessions end, and a second factor is asked for as before.
    Password {
        /// The account's address.
        #[arg(long)]
        email: String,
        /// Read the password from standard input (the only way to give it).
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// How the demonstration ends.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// Leave the server running for the browser.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which workflow to run, with what.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The workflow document.
    pub(crate) file: PathBuf,
    /// The input, as JSON.
    #[arg(long, value_name = "JSON")]
    pub(crate) input: Option<String>,
}

/// Whether the result is for a script.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Output {
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Key ceremonies.
#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Make the keys of a new installation, with a key file and a recovery slot.
    Init {
        /// Do without a recovery slot: losing the key file then means losing every secret.
        #[arg(long)]
        no_recovery: bool,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show slots, key versions and what needs attention.
    Status(Output),
    /// Ways to the root key.
    #[command(subcommand)]
    Slots(Slots),
    /// Replace keys, online.
    Rotate {
        /// Which key.
        #[arg(value_enum)]
        key: RotateKey,
        /// Drop slots whose secret is not at hand, named by an earlier call without this flag (root only).
        #[arg(long)]
        drop_unreachable: bool,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look for every stored secret, in every encoding, in the database, its journals, logs, files and backups.
    Audit {
        /// Files and folders to look at besides the data folder.
        paths: Vec<PathBuf>,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Which key is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RotateKey {
    /// The key-encryption key in the key file.
    Kek,
    /// The root key.
    Root,
    /// Every scope key, with rewrapping of all secrets.
    Scope,
}

/// Ways to the root key.
#[derive(Debug, Subcommand)]
pub(crate) enum Slots {
    /// List them.
    List(Output),
    /// Add one.
    Add {
        /// Which kind.
        #[arg(value_enum)]
        kind: SlotKind,
        /// The path of the key file to make (kind `file`).
        #[arg(long)]
        file: Option<PathBuf>,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove one; the last one stays.
    Remove {
        /// Its id (slot_...).
        id: String,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Which kind of slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SlotKind {
    /// A key file.
    File,
    /// A passphrase, asked for on the terminal or read from `--passphrase-fd`.
    Passphrase,
    /// The environment variable `FLERO_KEK`.
    Env,
    /// A recovery identity, printed once.
    Recovery,
}

/// The audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check the hash chain of every workspace, or of a file.
    Verify {
        /// An export as JSON lines, instead of the database.
        file: Option<PathBuf>,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Where the backup goes.
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The file to write; it must not exist.
    pub(crate) file: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the backup is.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The backup.
    pub(crate) file: PathBuf,
    /// Replace the database that is there.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
