//! The databases whose protocols Flero speaks.

use serde::{Deserialize, Serialize};

/// What kind of server a `database` credential leads to: its parameter `engine`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// PostgreSQL, and what speaks its protocol.
    Postgresql,
    /// MySQL and MariaDB.
    Mysql,
}

impl Engine {
    /// The engine of a name, or `None` for one that is not spoken.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "postgresql" => Some(Self::Postgresql),
            "mysql" => Some(Self::Mysql),
            _ => None,
        }
    }

    /// The port that IANA has registered for it.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Postgresql => 5432,
            Self::Mysql => 3306,
        }
    }

    /// A statement that changes nothing and says who one is, as `user@database` in the column `account`.
    #[must_use]
    pub const fn identity(self) -> &'static str {
        match self {
            Self::Postgresql => "SELECT current_user::text || '@' || current_database() AS account",
            // The part behind the user's `@` is where it may come from, not which database it uses.
            Self::Mysql => {
                "SELECT concat(substring_index(current_user(), '@', 1), '@', database()) AS account"
            }
        }
    }
}
