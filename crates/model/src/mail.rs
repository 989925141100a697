//! The mail protocols that Flero speaks, and how their connections are secured.

use serde::{Deserialize, Serialize};

/// What a `mail` credential is for: its parameter `protocol`, and the member `mail` of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Sending: SMTP (RFC 5321), as submission (RFC 6409).
    Smtp,
    /// Reading: IMAP4rev1 (RFC 3501).
    Imap,
}

impl Protocol {
    /// The protocol of a name, or `None` for one that is not spoken.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "smtp" => Some(Self::Smtp),
            "imap" => Some(Self::Imap),
            _ => None,
        }
    }

    /// The port that IANA has registered for it. In the clear it is that of STARTTLS.
    #[must_use]
    pub const fn default_port(self, security: Security) -> u16 {
        match (self, security) {
            (Self::Smtp, Security::Implicit) => 465,
            (Self::Smtp, Security::StartTls | Security::Disable) => 587,
            (Self::Imap, Security::Implicit) => 993,
            (Self::Imap, Security::StartTls | Security::Disable) => 143,
        }
    }
}

/// How a connection to a mail server is secured: the parameter `tls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// TLS from the first byte (RFC 8314 section 3).
    #[default]
    Implicit,
    /// TLS after the server's greeting, and nothing without it (RFC 3207, RFC 3501 section 6.2.1).
    StartTls,
    /// In the clear, for servers that the operator has listed.
    Disable,
}

impl Security {
    /// The words of the parameter.
    pub const WORDS: &'static [&'static str] = &["implicit", "starttls", "disable"];

    /// The security of a word; `None` for another word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "implicit" => Some(Self::Implicit),
            "starttls" => Some(Self::StartTls),
            "disable" => Some(Self::Disable),
            _ => None,
        }
    }
}
