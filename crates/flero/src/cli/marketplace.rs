//! `flero marketplace`: what publishers do. Installing is done in Flero itself.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

/// Registries of connectors, for those who publish them.
#[derive(Debug, Subcommand)]
pub(crate) enum Marketplace {
    /// Make keys and an empty registry. Readers pin the file that it names.
    Init {
        /// The folder of static files.
        registry: PathBuf,
        /// The keys.
        #[command(flatten)]
        keys: Keys,
    },
    /// Put a connector into the registry as a package and sign a new index.
    Publish {
        /// The connector's folder, named as the connector is.
        connector: PathBuf,
        /// The version of the package, for example 1.4.0; later than every one that is there.
        #[arg(long = "as", value_name = "VERSION")]
        as_version: String,
        /// The folder of static files.
        #[arg(long, value_name = "FOLDER")]
        registry: PathBuf,
        /// The keys.
        #[command(flatten)]
        keys: Keys,
    },
    /// Sign the index anew, so that its times begin again: at least every 90 days.
    Index {
        /// The folder of static files.
        registry: PathBuf,
        /// The keys.
        #[command(flatten)]
        keys: Keys,
    },
    /// Sign a further root, with new keys in place of those that are named. Readers follow it by themselves, and a key
    /// that was replaced signs nothing any more. At least every three years, also without a new key.
    Rotate {
        /// The folder of static files.
        registry: PathBuf,
        /// Replace the key that signs roots.
        #[arg(long)]
        root_key: bool,
        /// Replace the key that signs the index.
        #[arg(long)]
        registry_key: bool,
        /// The keys.
        #[command(flatten)]
        keys: Keys,
    },
    /// Serve a registry on this machine, to try it out.
    Serve {
        /// The folder of static files.
        registry: PathBuf,
        /// A loopback address.
        #[arg(long, default_value = "127.0.0.1:7374", value_name = "ADDRESS")]
        listen: SocketAddr,
    },
}

/// Where a publisher's keys are.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    /// The folder of the keys, outside of the registry; never publish it.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keys: PathBuf,
}
