//! What can be wrong with a package or a registry.

/// A fault, as a sentence without its full stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no package.
    #[error("this is no package: {reason}")]
    NotAPackage {
        /// What is wrong.
        reason: String,
    },
    /// The connector in a package does not compile.
    #[error("the connector {id} has faults; the first is at {pointer}: {reason}")]
    Faulty {
        /// Which connector.
        id: String,
        /// Where.
        pointer: String,
        /// What is wrong there.
        reason: String,
    },
    /// The registry's metadata is not what its pinned root vouches for.
    #[error("the registry cannot be trusted: {reason}")]
    Untrusted {
        /// What the check found: a wrong signature, an older version, a time that is over.
        reason: String,
    },
    /// A file of the registry could not be fetched.
    #[error("the registry cannot be read: {reason}")]
    Unreachable {
        /// Why.
        reason: String,
    },
    /// The pinned root cannot be read.
    #[error("this is no root of a registry: {reason}; use the root.json that its publisher gave you")]
    Root {
        /// What is wrong.
        reason: String,
    },
    /// There is no such package or version.
    #[error("the registry has no package {id} {version}")]
    NoPackage {
        /// Which connector.
        id: String,
        /// Which version.
        version: String,
    },
    /// A version that is no later than what is there.
    #[error("version {version} of {id} is there already or is older than {newest}; publish a later one")]
    NotLater {
        /// Which connector.
        id: String,
        /// The version that was given.
        version: String,
        /// The newest version that is there.
        newest: String,
    },
    /// A key or a file of the publisher's own.
    #[error("{what}: {reason}")]
    Publisher {
        /// Which file or step.
        what: String,
        /// Why it failed.
        reason: String,
    },
}

/// What the functions of this crate answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;
