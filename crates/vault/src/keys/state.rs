//! The life of a scope key, in one direction only.

use std::fmt;
use std::str::FromStr;

/// What a scope-key version may be used for. Names and order follow the rotation of VAULT section 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyState {
    /// Written, but not used yet: every node must load it first.
    Pre,
    /// Seals new values. Exactly one version per scope.
    Active,
    /// Opens what is left under it; the rewrap worker moves that to the active version.
    Decrypt,
    /// Nothing refers to it. Any use raises an alarm.
    Disabled,
    /// The wrapped bytes are overwritten. The version number is never used again.
    Destroyed,
}

impl KeyState {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pre => "pre",
            Self::Active => "active",
            Self::Decrypt => "decrypt",
            Self::Disabled => "disabled",
            Self::Destroyed => "destroyed",
        }
    }

    /// Whether values may be opened with a key in this state. `Pre` is included: another node may have
    /// flipped it to active already while this one still holds the older state.
    pub fn may_open(self) -> bool {
        matches!(self, Self::Pre | Self::Active | Self::Decrypt)
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for KeyState {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Pre, Self::Active, Self::Decrypt, Self::Disabled, Self::Destroyed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(crate::Error::Malformed)
    }
}
