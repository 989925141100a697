//! The policies of an organization: one document, which its owner changes.

use serde::{Deserialize, Serialize};

/// What an organization asks of everybody in it. Every policy can only narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OrganizationPolicies {
    /// Whether every member needs a second factor. Somebody without one may only set one up.
    pub require_mfa: bool,
    /// How old a secret may become, in days; an older one is expired. `None` for any age.
    pub max_credential_age_days: Option<u32>,
}

impl OrganizationPolicies {
    /// The names of the policies in which two documents differ, as the API writes them.
    #[must_use]
    pub fn changes(&self, other: &Self) -> Vec<String> {
        let mut names = Vec::new();
        let differ = [
            ("requireMfa", self.require_mfa != other.require_mfa),
            ("maxCredentialAgeDays", self.max_credential_age_days != other.max_credential_age_days),
        ];
        names.extend(differ.iter().filter(|(_, differs)| *differs).map(|(name, _)| (*name).to_owned()));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_named() {
        let (none, all) = (
            OrganizationPolicies::default(),
            OrganizationPolicies { require_mfa: true, max_credential_age_days: Some(90) },
        );
        assert_eq!(none.changes(&all), ["requireMfa", "maxCredentialAgeDays"]);
        assert!(all.changes(&all).is_empty());
        assert_eq!(serde_json::from_str::<OrganizationPolicies>("{}").unwrap(), none);
        assert!(serde_json::from_str::<OrganizationPolicies>(r#"{"requireMFA":true}"#).is_err());
    }
}
