//! The policies of an organization: one document, which its owner changes.

use serde::{Deserialize, Serialize};

use crate::{
    UserId, WorkspaceId,
    destination::{Destination, HostPattern},
    role::Role,
};

/// What an organization asks of everybody in it. Every policy can only narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OrganizationPolicies {
    /// Whether every member needs a second factor. Somebody without one may only set one up.
    pub require_mfa: bool,
    /// How old a secret may become, in days; an older one is expired. `None` for any age.
    pub max_credential_age_days: Option<u32>,
    /// The only domains of addresses that may be invited, lower case; empty for all.
    pub invite_domains: Vec<String>,
    /// Where whoever has an address of one of `invite_domains` may sign themselves up; `None` for nowhere.
    pub sign_up: Option<SignUp>,
    /// How long a session lasts at most, in hours; `None` for the usual time.
    pub session_hours: Option<u32>,
    /// Whether a workflow whose fields hold what looks like a secret is not saved.
    pub block_pasted_secrets: bool,
    /// The only services that credentials and nodes may be of; empty for all.
    pub allowed_connectors: Vec<String>,
    /// The only hosts that anything of the organization may call, with or without a credential; empty for all that the
    /// operator leaves open.
    pub allowed_egress_hosts: Vec<HostPattern>,
    /// Who may add Personal credentials.
    pub personal_credentials: PersonalCredentials,
}

/// What whoever signs themselves up is invited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignUp {
    /// Where to.
    pub workspace_id: WorkspaceId,
    /// As what: viewer or editor.
    pub role: Role,
    /// Who decided it, and so invites everybody of the domains.
    pub opened_by: UserId,
}

/// Who may add Personal credentials. The role that they need anyway stands in the matrix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonalCredentials {
    /// Everybody who may add credentials of their own.
    #[default]
    Everybody,
    /// The admins and owners of a workspace.
    Admins,
    /// Nobody.
    Nobody,
}

impl PersonalCredentials {
    /// Whether somebody of this role in the workspace may.
    #[must_use]
    pub fn allows(self, role: Role) -> bool {
        match self {
            Self::Everybody => true,
            Self::Admins => role >= Role::Admin,
            Self::Nobody => false,
        }
    }
}

impl OrganizationPolicies {
    /// The names of the policies in which two documents differ, as the API writes them.
    #[must_use]
    pub fn changes(&self, other: &Self) -> Vec<String> {
        let mut names = Vec::new();
        let differ = [
            ("requireMfa", self.require_mfa != other.require_mfa),
            ("inviteDomains", self.invite_domains != other.invite_domains),
            ("signUp", self.sign_up != other.sign_up),
            ("sessionHours", self.session_hours != other.session_hours),
            ("blockPastedSecrets", self.block_pasted_secrets != other.block_pasted_secrets),
            ("allowedConnectors", self.allowed_connectors != other.allowed_connectors),
            ("allowedEgressHosts", self.allowed_egress_hosts != other.allowed_egress_hosts),
            ("personalCredentials", self.personal_credentials != other.personal_credentials),
            ("maxCredentialAgeDays", self.max_credential_age_days != other.max_credential_age_days),
        ];
        names.extend(differ.iter().filter(|(_, differs)| *differs).map(|(name, _)| (*name).to_owned()));
        names
    }

    /// Whether an address may be invited. A domain does not cover those below it.
    #[must_use]
    pub fn may_invite(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        self.invite_domains.is_empty() || domain.is_some_and(|domain| self.invite_domains.contains(&domain))
    }

    /// What somebody with this address may sign themselves up for. Without a list of domains it is nothing: an address
    /// of anywhere is anybody's.
    #[must_use]
    pub fn place_for(&self, email: &str) -> Option<SignUp> {
        self.sign_up.filter(|_| !self.invite_domains.is_empty() && self.may_invite(email))
    }

    /// Whether a destination may be called. An entry without `http://` allows clear text too: whether that may be sent
    /// is for the operator and the credential to say, and this policy is about hosts.
    #[must_use]
    pub fn allows_destination(&self, destination: &Destination) -> bool {
        self.allowed_egress_hosts.is_empty()
            || self.allowed_egress_hosts.iter().any(|pattern| pattern.allows(destination, true))
    }

    /// Whether a service may be used. The generic kind is one like any other.
    #[must_use]
    pub fn allows_connector(&self, service: &str) -> bool {
        self.allowed_connectors.is_empty() || self.allowed_connectors.iter().any(|allowed| allowed == service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_meant_exactly_and_an_empty_list_narrows_nothing() {
        let mut policies = OrganizationPolicies::default();
        assert!(policies.may_invite("ada@anywhere.example") && policies.allows_connector("slack"));
        policies.invite_domains = vec!["example.com".into()];
        assert!(policies.may_invite("ada@Example.com"));
        for other in ["ada@sub.example.com", "ada@example.com.evil.test", "example.com", "ada@evil.test"] {
            assert!(!policies.may_invite(other), "{other}");
        }
        let place = SignUp {
            workspace_id: WorkspaceId::from_u128(1),
            role: Role::Viewer,
            opened_by: UserId::from_u128(2),
        };
        assert_eq!(policies.place_for("ada@example.com"), None);
        policies.sign_up = Some(place);
        assert_eq!(policies.place_for("ada@example.com"), Some(place));
        assert_eq!(policies.place_for("ada@sub.example.com"), None);
        let everywhere = OrganizationPolicies { invite_domains: Vec::new(), ..policies.clone() };
        assert_eq!(everywhere.place_for("ada@example.com"), None, "no list is no domain");
        policies.allowed_connectors = vec!["slack".into()];
        assert!(policies.allows_connector("slack") && !policies.allows_connector("http"));
        let admins = PersonalCredentials::Admins;
        assert!(admins.allows(Role::Owner) && admins.allows(Role::Admin) && !admins.allows(Role::Editor));
        assert!(!PersonalCredentials::Nobody.allows(Role::Owner));
    }

    #[test]
    fn a_destination_is_one_of_the_listed_hosts_and_ports() {
        let mut policies = OrganizationPolicies::default();
        let to = |url: &str| Destination::of(&url::Url::parse(url).unwrap()).unwrap();
        assert!(policies.allows_destination(&to("https://anywhere.example")));
        policies.allowed_egress_hosts = ["api.example.com", "*.example.net", "db.example.com:5432"]
            .map(|host| host.parse().unwrap())
            .to_vec();
        for open in [
            "https://api.example.com",
            "http://api.example.com",
            "https://api.example.com:8443",
            "https://a.example.net",
            "https://db.example.com:5432",
        ] {
            assert!(policies.allows_destination(&to(open)), "{open}");
        }
        for closed in [
            "https://example.com",
            "https://sub.api.example.com",
            "https://a.b.example.net",
            "https://example.net",
            "https://db.example.com",
            "https://api.example.com.evil.test",
            "https://192.0.2.1",
        ] {
            assert!(!policies.allows_destination(&to(closed)), "{closed}");
        }
    }

    #[test]
    fn what_changed_is_named() {
        let (none, all) = (
            OrganizationPolicies::default(),
            OrganizationPolicies {
                require_mfa: true,
                max_credential_age_days: Some(90),
                ..OrganizationPolicies::default()
            },
        );
        assert_eq!(none.changes(&all), ["requireMfa", "maxCredentialAgeDays"]);
        assert!(all.changes(&all).is_empty());
        assert_eq!(serde_json::from_str::<OrganizationPolicies>("{}").unwrap(), none);
        assert!(serde_json::from_str::<OrganizationPolicies>(r#"{"requireMFA":true}"#).is_err());
    }
}
