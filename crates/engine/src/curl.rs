//! Reading a cURL command into the parameters of an HTTPRequest node.
//!
//! A pure function. Secrets in the command (an `Authorization` header, `-u user:password`, a cookie, a token in
//! the query) are taken out and reported, so that a credential can be made of them; they are never put into
//! parameters. Options are those of the cURL manual (<https://curl.se/docs/manpage.html>).

mod options;
mod request;
mod secrets;
mod shell;

use flero_model::secret::SecretString;
use serde_json::{Map, Value};

/// What a command says.
#[derive(Debug)]
pub struct Imported {
    /// The parameters of an HTTPRequest node, without any secret.
    pub parameters: Map<String, Value>,
    /// What was found in the command that belongs into a credential.
    pub secrets: Vec<FoundSecret>,
    /// What the command says besides and a node does not do; one sentence each.
    pub notes: Vec<String>,
}

/// A secret that stood in a command.
#[derive(Debug)]
pub struct FoundSecret {
    /// The kind of credential that fits.
    pub kind: SecretKind,
    /// The host that the command sends it to.
    pub host: String,
    /// The secret: the token, the password, or the header's value. It is not printed.
    pub value: SecretString,
}

/// The kind of credential that fits a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretKind {
    /// `Authorization: Bearer <value>`.
    Bearer,
    /// `-u name:<value>`, or a basic `Authorization` header.
    Basic {
        /// The user name.
        username: String,
    },
    /// A header whose value is a key.
    Header {
        /// Its name.
        name: String,
        /// What stands before the key, for example `Token`; empty for nothing.
        prefix: String,
    },
    /// A query parameter whose value is a key.
    Query {
        /// Its name.
        name: String,
    },
    /// A cookie.
    Cookie {
        /// Its name.
        name: String,
    },
}

/// Why a command could not be read. The command is not quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It does not begin with `curl`.
    #[error("this is not a cURL command; it has to begin with `curl`")]
    NotCurl,
    /// A quotation mark is not closed.
    #[error("a quotation mark is not closed")]
    Quote,
    /// It is longer than 1 MiB.
    #[error("the command is longer than 1 MiB")]
    TooLong,
    /// There is no URL in it.
    #[error("there is no URL in the command")]
    NoUrl,
    /// The URL cannot be called.
    #[error("the URL in the command cannot be called: {0}")]
    Url(&'static str),
    /// An option's value is missing.
    #[error("the option {0} needs a value")]
    Value(&'static str),
    /// An option that is not known.
    #[error("the option number {0} is not one that cURL has, or not one that can be imported; remove it")]
    Unknown(usize),
    /// An option that reads a file of the machine where the command runs.
    #[error(
        "the option {0} reads a file of your machine, which cannot be imported; paste the content instead"
    )]
    File(&'static str),
}

/// The longest command that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Reads a command as a shell would.
///
/// # Errors
/// [`Error`] says what to change.
pub fn parse(text: &str) -> Result<Imported, Error> {
    if text.len() > MAX_BYTES {
        return Err(Error::TooLong);
    }
    let words = shell::split(text)?;
    let mut words = words.into_iter().skip_while(|word| word == "$" || word == "%");
    let is_curl = words.next().is_some_and(|word| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        name == "curl" || name == "curl.exe"
    });
    if !is_curl {
        return Err(Error::NotCurl);
    }
    request::build(options::read(words.collect())?)
}

#[cfg(test)]
mod tests;
