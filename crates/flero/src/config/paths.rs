//! The platform's folders for data and configuration. Source: XDG Base Directory Specification 0.8; on macOS
//! Apple's File System Programming Guide.

use std::{env, path::PathBuf};

fn from_env(name: &str) -> Option<PathBuf> {
    // The specification tells to ignore relative paths.
    env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn home() -> Option<PathBuf> {
    from_env("HOME")
}

/// Where data is kept unless told otherwise.
pub(crate) fn data_dir() -> Option<PathBuf> {
    if cfg!(target_os = "macos") {
        return home().map(|home| home.join("Library/Application Support/flero"));
    }
    from_env("XDG_DATA_HOME")
        .or_else(|| home().map(|home| home.join(".local/share")))
        .map(|base| base.join("flero"))
}

/// Where configuration and the key file are kept unless told otherwise.
pub(crate) fn config_dir() -> Option<PathBuf> {
    from_env("XDG_CONFIG_HOME")
        .or_else(|| home().map(|home| home.join(".config")))
        .map(|base| base.join("flero"))
}
