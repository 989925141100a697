//! The sources of the key-encryption key that this machine offers.

use std::{io::Read as _, os::fd::FromRawFd as _, path::PathBuf, sync::Arc};

use flero_keyring::Provider;
use flero_model::secret::SecretString;
use flero_vault::slot;

use crate::{config::Config, exit::Failure};

/// The environment variable that holds a key-encryption key.
const KEK: &str = "FLERO_KEK";

/// The longest passphrase that is read, in bytes.
const PASSPHRASE_LIMIT_BYTES: u64 = 4_096;

/// Every key source that is set up, most trusted first. A source that is set up and not usable is an error, so
/// that no weaker one takes its place in silence.
///
/// # Errors
/// What is wrong with a source and what to do, with exit code 3.
pub(crate) fn providers(config: &Config) -> Result<Vec<Provider>, Failure> {
    let mut providers: Vec<Provider> = Vec::new();
    if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
        && folder.join("flero-kek").exists()
    {
        providers.push(Arc::new(slot::SystemdCredential::open(&folder).map_err(refused)?));
    }
    // A dangling or replaced link is an error as well, so the path is looked at without following it.
    if std::fs::symlink_metadata(&config.key_file).is_ok() {
        providers.push(Arc::new(key_file(config)?));
    }
    if let Some(value) = std::env::var_os(KEK) {
        let value = value
            .into_string()
            .map_err(|_| Failure::start("FLERO_KEK is not text; give base64 of 32 bytes."))?;
        providers
            .push(Arc::new(slot::EnvironmentKey::from_value(&SecretString::new(value)).map_err(refused)?));
    }
    if let Some(descriptor) = config.passphrase_fd {
        // A printed recovery identity is taken here as well: it is how an installation without its key file is opened.
        providers.push(slot::from_person(read_passphrase(descriptor)?).map_err(refused)?);
    }
    Ok(providers)
}

/// The key file of the configuration.
pub(crate) fn key_file(config: &Config) -> Result<slot::KeyFile, Failure> {
    slot::KeyFile::open(&config.key_file, &config.data_dir).map_err(refused)
}

/// Makes the key file of the configuration, for a new installation.
pub(crate) fn create_key_file(config: &Config) -> Result<Provider, Failure> {
    slot::create_key_file(&config.key_file, &config.data_dir)
        .map(|file| Arc::new(file) as Provider)
        .map_err(refused)
}

/// Reads a passphrase from a file descriptor that the caller opened for it. A line end is not part of it.
#[allow(unsafe_code, reason = "a descriptor that was handed over by number can only be taken that way")]
pub(crate) fn read_passphrase(descriptor: i32) -> Result<SecretString, Failure> {
    if descriptor < 3 && descriptor != 0 {
        return Err(Failure::start(
            "FLERO_PASSPHRASE_FD must be 0, or a descriptor of 3 or more that was opened for it.",
        ));
    }
    let unreadable =
        |_| Failure::start(format!("no passphrase can be read from file descriptor {descriptor}."));
    // SAFETY: F_GETFD only asks whether the descriptor is open; a closed one is answered with an error.
    if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } < 0 {
        return Err(Failure::start(format!(
            "file descriptor {descriptor} is not open; open it for reading the passphrase."
        )));
    }
    // SAFETY: the operator handed the descriptor over for this purpose, it is open, and nothing else owns it.
    let file = unsafe { std::fs::File::from_raw_fd(descriptor) };
    let mut text = String::new();
    file.take(PASSPHRASE_LIMIT_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
    Ok(SecretString::new(text))
}

/// Turns what a key source says into a refusal to start.
pub(crate) fn refused(error: flero_vault::Error) -> Failure {
    Failure::start(format!("{error}"))
}
