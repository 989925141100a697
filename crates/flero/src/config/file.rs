//! `flero.toml`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ConfigError, paths};

/// The settings that the file may hold; the names are those of the environment variables without `FLERO_`.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileConfig {
    pub(crate) listen: Option<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) database_url: Option<String>,
    pub(crate) nats_url: Option<String>,
    pub(crate) roles: Option<List>,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) egress_allow: Option<List>,
    pub(crate) trusted_proxies: Option<List>,
    pub(crate) marketplace_folder: Option<PathBuf>,
    pub(crate) max_file_mb: Option<u64>,
    pub(crate) log: Option<String>,
    pub(crate) log_format: Option<String>,
    pub(crate) insecure_http: Option<bool>,
    pub(crate) metrics_listen: Option<String>,
    pub(crate) practice: Option<String>,
    pub(crate) smtp_url: Option<String>,
    pub(crate) smtp_from: Option<String>,
}

/// A list, written as an array or as one text with commas.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub(crate) enum List {
    One(String),
    Many(Vec<String>),
}

impl List {
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => super::split(&text),
            Self::Many(entries) => entries,
        }
    }
}

impl FileConfig {
    /// Reads the named file, or the default one where it exists.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => match paths::config_dir().map(|folder| folder.join("flero.toml")) {
                Some(path) if path.is_file() => path,
                _ => return Ok(Self::default()),
            },
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| ConfigError::Unreadable { path: path.clone(), kind: error.kind() })?;
        Self::parse(&path, &text)
    }

    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.as_bytes().iter().take(start).filter(|byte| **byte == b'\n').count() + 1;
            ConfigError::Syntax { path: path.to_owned(), line, reason: error.message().to_owned() }
        })
    }
}
