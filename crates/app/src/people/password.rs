//! Passwords: which are taken, how they are stored, how one is checked.
//!
//! The rules are those of NIST SP 800-63B-4 section 3.1.1.2: length and a block-list, no rules of composition, no
//! change by the calendar. A password is compared in Unicode normalization form C.

mod block_list;

use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use flero_model::{problem::FieldProblem, secret::SecretString};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{Error, Result, random};

/// The shortest password, in characters, where it is the only factor. Source: NIST SP 800-63B-4 section 3.1.1.2.
pub const MIN_PASSWORD_CHARS: usize = 15;
/// The longest password that is taken, in bytes, so that hashing stays bounded.
pub const MAX_PASSWORD_BYTES: usize = 1_024;

/// The memory of a hash, in KiB. Source: RFC 9106, with the parameters of the OWASP Password Storage Cheat Sheet.
const MEMORY_KIB: u32 = 19 * 1024;
/// The passes of a hash.
const PASSES: u32 = 2;
/// The lanes of a hash.
const LANES: u32 = 1;

/// How many passwords are hashed at a time: each takes 19 MiB and a processor for some hundredths of a second.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| {
    Semaphore::new(std::thread::available_parallelism().map_or(2, |count| count.get().max(2)))
});

/// What is wrong with a new password; `about` are words that it must not be made of: the name, the address.
pub(crate) fn problem(pointer: &str, password: &SecretString, about: &[&str]) -> Option<FieldProblem> {
    let normal = normalized(password);
    let fault = |message: &str| Some(FieldProblem::new(pointer, "person.password", message));
    if normal.chars().count() < MIN_PASSWORD_CHARS || normal.len() > MAX_PASSWORD_BYTES {
        return fault("Use 15 characters or more, 1024 bytes at most. A sentence is a good password.");
    }
    if block_list::is_guessable(&normal, about) {
        return fault(
            "This password is among the first that are tried: common words, repetitions, rows of keys, your own name. \
             A sentence that only you would say is a good password.",
        );
    }
    None
}

/// Unicode normalization form C, so that the same password typed on another machine is the same.
fn normalized(password: &SecretString) -> Zeroizing<String> {
    let composer = icu_normalizer::ComposingNormalizerBorrowed::new_nfc();
    Zeroizing::new(composer.normalize(password.expose()).into_owned())
}

/// Argon2id in PHC form. Takes some hundredths of a second on a thread of its own.
///
/// # Errors
/// [`Error::Internal`] when there is no randomness or no memory.
pub(crate) async fn hash(password: SecretString) -> Result<String> {
    let failed = || Error::Internal("the password could not be hashed");
    let _place = HASHING.acquire().await.map_err(|_| failed())?;
    tokio::task::spawn_blocking(move || hash_now(&normalized(&password))).await.map_err(|_| failed())?
}

/// Whether a password is the one of a stored hash. Without a hash it takes as long, so that the time tells nothing of
/// whether there is an account (Security test 47).
///
/// # Errors
/// [`Error::Internal`] when the stored hash cannot be read.
pub(crate) async fn verify(password: SecretString, stored: Option<String>) -> Result<bool> {
    let failed = || Error::Internal("the password could not be checked");
    let _place = HASHING.acquire().await.map_err(|_| failed())?;
    let check = move || verify_now(&normalized(&password), stored.as_deref().filter(|hash| !hash.is_empty()));
    tokio::task::spawn_blocking(check).await.map_err(|_| failed())?
}

/// Whether a stored hash was made with other parameters than the present ones.
pub(crate) fn is_outdated(stored: &str) -> bool {
    !stored.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
}

fn hash_now(password: &str) -> Result<String> {
    let salt = random::bytes::<16>()?;
    let hash = derive(password, &salt, MEMORY_KIB, PASSES, LANES)?;
    let (salt, hash) = (BASE64_NOPAD.encode(&salt), BASE64_NOPAD.encode(&hash));
    Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
}

fn derive(password: &str, salt: &[u8], memory: u32, passes: u32, lanes: u32) -> Result<[u8; 32]> {
    let failed = |_| Error::Internal("the password could not be hashed");
    let parameters = Params::new(memory, passes, lanes, Some(32)).map_err(failed)?;
    let mut hash = [0_u8; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(failed)?;
    Ok(hash)
}

fn verify_now(password: &str, stored: Option<&str>) -> Result<bool> {
    let Some(stored) = stored else {
        // The same work on a salt of no account.
        derive(password, &[0x5a; 16], MEMORY_KIB, PASSES, LANES)?;
        return Ok(false);
    };
    let stored = read(stored).ok_or(Error::Internal("a stored password hash cannot be read"))?;
    let found = derive(password, &stored.salt, stored.memory, stored.passes, stored.lanes)?;
    Ok(aws_lc_rs::constant_time::verify_slices_are_equal(&found, &stored.hash).is_ok())
}

/// A stored hash with its parameters.
struct Stored {
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// Reads a PHC string of Argon2id version 19.
fn read(stored: &str) -> Option<Stored> {
    let rest = stored.strip_prefix("$argon2id$v=19$")?;
    let mut parts = rest.split('$');
    let (parameters, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let mut numbers = parameters.split(',');
    let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.parse().ok();
    let (memory, passes, lanes) = (number("m=")?, number("t=")?, number("p=")?);
    let (salt, hash) =
        (BASE64_NOPAD.decode(salt.as_bytes()).ok()?, BASE64_NOPAD.decode(hash.as_bytes()).ok()?);
    Some(Stored { memory, passes, lanes, salt, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_stored_as_a_salted_phc_string_and_found_again() {
        let password = "correct horse battery staple";
        let (one, two) = (hash_now(password).unwrap(), hash_now(password).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one.len() > 90);
        assert_ne!(one, two);
        assert!(!one.contains("horse") && !is_outdated(&one));
        assert!(verify_now(password, Some(&one)).unwrap() && verify_now(password, Some(&two)).unwrap());
        assert!(!verify_now("correct horse battery stapler", Some(&one)).unwrap());
        assert!(!verify_now(password, None).unwrap());
        assert!(verify_now(password, Some("$argon2i$v=19$m=1")).is_err());
        assert!(is_outdated("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"));
    }

    #[test]
    fn the_same_text_in_another_unicode_form_is_the_same_password() {
        let composed = SecretString::from("Zo\u{eb} liest gern im Garten");
        let decomposed = SecretString::from("Zoe\u{308} liest gern im Garten");
        assert_eq!(*normalized(&composed), *normalized(&decomposed));
    }

    #[test]
    fn length_counts_characters_and_nothing_must_be_composed() {
        let taken = |text: &str| problem("/password", &text.into(), &[]).is_none();
        assert!(!taken("fourteen chars"));
        assert!(taken("nur kleine buchstaben im satz"));
        assert!(taken(&('\u{1f430}'..='\u{1f440}').collect::<String>()));
        assert!(!taken(&"x y".repeat(400)));
    }
}
