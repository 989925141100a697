//! The policies of an organization: one document, which its owner changes.

use serde::{Deserialize, Serialize};

/// What an organization asks of everybody in it. Every policy can only narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OrganizationPolicies {
    /// Whether every member needs a second factor. Somebody without one may only set one up.
    pub require_mfa: bool,
}

impl OrganizationPolicies {
    /// The names of the policies in which two documents differ, as the API writes them.
    #[must_use]
    pub fn changes(&self, other: &Self) -> Vec<String> {
        let mut names = Vec::new();
        if self.require_mfa != other.require_mfa {
            names.push("requireMfa".to_owned());
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_named() {
        let (none, all) = (OrganizationPolicies::default(), OrganizationPolicies { require_mfa: true });
        assert_eq!(none.changes(&all), ["requireMfa"]);
        assert!(all.changes(&all).is_empty());
        assert_eq!(serde_json::from_str::<OrganizationPolicies>("{}").unwrap(), none);
        assert!(serde_json::from_str::<OrganizationPolicies>(r#"{"requireMFA":true}"#).is_err());
    }
}
