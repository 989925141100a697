//! Values that must not be printed, logged, compared or serialized.
//!
//! The safe form is the default form: `Debug` prints the type alone, there is no `Display`, no `Clone`, no
//! `Serialize`, and the memory is wiped when the value is dropped. Every use is found by searching for
//! `.expose(`. Reading a secret from a request body is possible (`Deserialize`), writing one is not.

use std::fmt;

use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

/// A secret of any type that can be wiped. See the module for what it does not do.
pub struct Secret<T: Zeroize>(SecretBox<T>);

/// Secret text, for example a token or a password.
pub type SecretString = Secret<String>;

/// Secret bytes, for example a key or a sealed document's plaintext.
pub type SecretBytes = Secret<Vec<u8>>;

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of a value. The caller's other copies, if any, are the caller's to wipe.
    pub fn new(value: T) -> Self {
        Self(SecretBox::new(Box::new(value)))
    }

    /// The value itself. Keep the borrow short, and never pass it to anything that formats.
    pub fn expose(&self) -> &T {
        self.0.expose_secret()
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl From<&str> for SecretString {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl SecretString {
    /// The same text as bytes, wiped like the original.
    pub fn to_bytes(&self) -> SecretBytes {
        SecretBytes::new(self.expose().as_bytes().to_vec())
    }
}

impl SecretBytes {
    /// The bytes as text.
    ///
    /// # Errors
    /// [`NotText`] when the bytes are not UTF-8.
    pub fn to_text(&self) -> Result<SecretString, NotText> {
        let copy = Zeroizing::new(self.expose().clone());
        match std::str::from_utf8(&copy) {
            Ok(text) => Ok(SecretString::from(text)),
            Err(_) => Err(NotText),
        }
    }
}

/// The secret bytes are not UTF-8 text. The bytes are not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is not UTF-8 text")]
pub struct NotText;

impl<'de> Deserialize<'de> for SecretString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A wrong type is reported without the value: serde's own message would quote a number or a list.
        String::deserialize(deserializer)
            .map(Self::new)
            .map_err(|_| serde::de::Error::custom("expected a string"))
    }
}
