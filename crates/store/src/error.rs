//! What can go wrong in a store. Messages hold no data of users.

/// The result of a storage call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a storage call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row, or it is not of this workspace.
    #[error("not found")]
    NotFound,
    /// Somebody else was faster: the revision is not the expected one.
    #[error("changed by somebody else in the meantime")]
    Conflict,
    /// A name, path or key that must be unique is taken.
    #[error("{what} is taken")]
    Taken {
        /// What must be unique, for example `webhook path`.
        what: &'static str,
    },
    /// The act would break a rule that the store keeps, for example the last key slot.
    #[error("refused: {rule}")]
    Refused {
        /// The rule.
        rule: &'static str,
    },
    /// The disk is full. Free space and try again; nothing was changed.
    #[error("the disk is full; free space, nothing was changed")]
    Full,
    /// The database is of a newer version of Flero.
    #[error("the database has schema version {found}, this program knows up to {known}; run a newer Flero")]
    NewerSchema {
        /// The version found.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// The cursor was not made by this list.
    #[error("the cursor is not one that this list gave")]
    InvalidCursor,
    /// A stored value cannot be read: somebody or something changed the database.
    #[error("a stored value cannot be read: {what}")]
    Corrupt {
        /// What it is, without its content.
        what: &'static str,
    },
    /// The database cannot be reached or answered with an error; `kind` is its own word for it.
    #[error("the database failed: {kind}")]
    Unavailable {
        /// The database's own class of error, without data.
        kind: String,
    },
}
