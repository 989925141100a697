//! SQLite's errors in the words of the port. No SQL and no value ever stands in a message: SQLite quotes both,
//! so its own text is dropped here.

use flero_store::Error;
use rusqlite::{
    Error as Sql,
    ffi::{
        ErrorCode, SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID,
        SQLITE_CONSTRAINT_TRIGGER, SQLITE_CONSTRAINT_UNIQUE,
    },
};

/// The rules that triggers keep; a trigger's message is matched against them and nothing else of it is used.
pub(crate) const RULES: [&str; 5] = [
    "the last key slot cannot be removed",
    "the key version is not in use",
    "a secret refers to the key version",
    "an audit record is never changed",
    "an audit record is never deleted",
];

/// What a job or a read ends with when it fails: the port's error, or SQLite's that is still to be translated.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Already in the port's words.
    Port(Error),
    /// As SQLite reports it.
    Sql(Sql),
}

/// The result of work on a connection.
pub(crate) type Outcome<T> = std::result::Result<T, Fault>;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Port(error)
    }
}

impl From<Sql> for Fault {
    fn from(error: Sql) -> Self {
        Self::Sql(error)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Port(error) => error,
            Fault::Sql(error) => translate(&error),
        }
    }
}

impl Fault {
    /// Whether it is a violated uniqueness.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self, Self::Sql(Sql::SqliteFailure(failure, _))
            if matches!(failure.extended_code,
                SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID))
    }
}

/// Names what must be unique when an insert found it taken.
pub(crate) trait OrTaken<T> {
    /// A violated uniqueness as [`Error::Taken`]; anything else as it is.
    fn or_taken(self, what: &'static str) -> Outcome<T>;
}

impl<T> OrTaken<T> for rusqlite::Result<T> {
    fn or_taken(self, what: &'static str) -> Outcome<T> {
        self.map_err(Fault::from)
            .map_err(|fault| if fault.is_taken() { Fault::Port(Error::Taken { what }) } else { fault })
    }
}

/// SQLite's error in the words of the port.
pub(crate) fn translate(error: &Sql) -> Error {
    match error {
        Sql::QueryReturnedNoRows => Error::NotFound,
        Sql::SqliteFailure(failure, message) => {
            if failure.extended_code == SQLITE_CONSTRAINT_TRIGGER {
                let rule = RULES.iter().copied().find(|rule| message.as_deref() == Some(*rule));
                return Error::Refused { rule: rule.unwrap_or("a rule of the database") };
            }
            match failure.extended_code {
                SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID => {
                    Error::Taken { what: "a value that must be unique" }
                }
                SQLITE_CONSTRAINT_FOREIGNKEY => {
                    Error::Refused { rule: "it refers to something that is not there" }
                }
                _ => by_class(failure.code),
            }
        }
        Sql::FromSqlConversionFailure(..) | Sql::InvalidColumnType(..) | Sql::IntegralValueOutOfRange(..) => {
            Error::Corrupt { what: "a column of the database" }
        }
        _ => Error::Unavailable { kind: "the program and the database disagree on a statement".into() },
    }
}

/// The class of a failure, in words that say what to do where that is known.
fn by_class(code: ErrorCode) -> Error {
    let kind = match code {
        ErrorCode::DiskFull => return Error::Full,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            return Error::Corrupt { what: "the database file; restore a backup" };
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => "another process holds it locked",
        ErrorCode::SystemIoFailure => "the disk reports an input or output error",
        ErrorCode::ReadOnly => "it is read-only; check owner and mode of the data folder",
        ErrorCode::CannotOpen => "it cannot be opened; check owner and mode of the data folder",
        ErrorCode::PermissionDenied => "permission denied; check owner and mode of the data folder",
        ErrorCode::OutOfMemory => "out of memory",
        ErrorCode::TooBig => "a value is too large",
        ErrorCode::OperationInterrupted => "it was interrupted",
        ErrorCode::ConstraintViolation => "a constraint is violated",
        ErrorCode::FileLockingProtocolFailed => "file locks do not work in the data folder; use a local disk",
        _ => "an internal error",
    };
    Error::Unavailable { kind: kind.into() }
}

/// An input or output error of a file beside the database.
pub(crate) fn file_error(error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::Full,
        std::io::ErrorKind::NotFound => Error::NotFound,
        kind => Error::Unavailable { kind: kind.to_string() },
    }
}
