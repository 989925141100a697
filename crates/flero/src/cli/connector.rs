//! `flero connector`: what can be asked of descriptions of services.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Output;

/// Connectors: descriptions of services.
#[derive(Debug, Subcommand)]
pub(crate) enum Connector {
    /// Make the folder of a new connector; it has no finding of `lint`.
    New(New),
    /// Say what is missing or wrong in a connector's folder, each finding with its file, line and place.
    Lint {
        /// The folder, named as the connector is.
        path: PathBuf,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Hold the request of each operation's example against its fixture; with a credential, ask the service too.
    Test {
        /// The folder, named as the connector is.
        path: PathBuf,
        /// A credential of the running Flero (cred_...): the connector's own test request is made with it.
        #[arg(long, value_name = "ID")]
        credential: Option<String>,
        /// The running Flero.
        #[command(flatten)]
        remote: Remote,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Make the request of one operation: print it with the secret masked, or send it with a credential.
    Call(Call),
    /// Print a service's page as Markdown: authentication, permissions, operations, events, guide.
    Docs {
        /// A connector's folder, an OpenAPI document, or the identifier of a built-in connector.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        source: Option<String>,
        /// The pages of every built-in connector and an index, into this folder.
        #[arg(long, value_name = "FOLDER")]
        all: Option<PathBuf>,
    },
    /// Read OpenAPI documents of any version (2.0, 3.0, 3.1, 3.2; JSON or YAML), Postman collections (2.1) and cURL
    /// commands: import one into the running Flero, or say what would become of many.
    Import {
        /// Only check: print one JSON line per document and a summary line. Needs no database and no key.
        #[arg(long)]
        check: bool,
        /// The file holds a cURL command.
        #[arg(long)]
        curl: bool,
        /// A document, with `--check` a folder of documents too, or `-` for standard input.
        path: PathBuf,
        /// The running Flero.
        #[command(flatten)]
        remote: Remote,
    },
}

/// The running Flero. Its API key is read from the environment variable `FLERO_API_KEY` alone, so that no list of
/// processes shows it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Remote {
    /// The running Flero; its API key is read from FLERO_API_KEY.
    #[arg(long, env = "FLERO_URL", default_value = "http://127.0.0.1:7373", value_name = "URL")]
    pub(crate) server: String,
}

/// What a new connector is.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder to make, named as the connector will be: small letters, digits, hyphens.
    pub(crate) path: PathBuf,
    /// The service's name for people [default: the folder's name].
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Where the service is called [default: https://api.NAME.example].
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The vendor's documentation [default: https://NAME.example/docs].
    #[arg(long, value_name = "URL")]
    pub(crate) docs: Option<String>,
}

/// Which operation is called, with what.
#[derive(Debug, Args)]
pub(crate) struct Call {
    /// A connector's folder, an OpenAPI document, or the identifier of a built-in connector.
    pub(crate) source: String,
    /// The operation's identifier.
    pub(crate) operation: String,
    /// The inputs as a JSON object, or `-` to read it from standard input [default: those of the example].
    #[arg(long, value_name = "JSON")]
    pub(crate) inputs: Option<String>,
    /// A parameter of the connection, such as a subdomain; may be given several times.
    #[arg(long = "connection", value_name = "NAME=VALUE")]
    pub(crate) connection: Vec<String>,
    /// A credential of the running Flero (cred_...); without one, the request is only printed.
    #[arg(long, value_name = "ID")]
    pub(crate) credential: Option<String>,
    /// The running Flero.
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// How the result is printed.
    #[command(flatten)]
    pub(crate) output: Output,
}
