//! External identities: the OpenID providers of an organization, and what its groups are given.

use serde::{Deserialize, Serialize};

use crate::{
    IdentityProviderId, OrganizationId, Timestamp, WorkspaceId, credential::KeyScopeRef, json, role::Role,
    service::ClientAuthMethod,
};

/// An OpenID provider that people of an organization sign in with (OpenID Connect Core 1.0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentityProvider {
    /// Its identifier.
    pub id: IdentityProviderId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// The workspace in whose trail its acts are recorded: the one that it was set up from.
    pub workspace_id: WorkspaceId,
    /// What the button on the sign-in page says.
    pub name: String,
    /// Whether it signs anybody in.
    pub is_enabled: bool,
    /// Its issuer, letter for letter. It never changes: subjects are an issuer's own.
    pub issuer: String,
    /// The client that is registered there.
    pub client_id: String,
    /// How the client authenticates at the token endpoint.
    pub client_auth_method: ClientAuthMethod,
    /// What the provider calls the client's key (`kid`), for `private_key_jwt`.
    #[serde(default)]
    pub key_id: Option<String>,
    /// Whether a client secret, or the client's private key, is kept in the vault.
    pub has_secret: bool,
    /// Whom it signs in.
    pub rules: SignInRules,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes; the `ETag`.
    pub revision: u64,
    /// Counts writes of the secret alone; bound into the ciphertext.
    pub secret_revision: u64,
}

/// Whom a provider signs in, and what it may vouch for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SignInRules {
    /// Scopes that are asked for besides `openid email profile`.
    pub scopes: Vec<String>,
    /// The only domains of addresses that may become members by signing in, lower case; empty for none. A domain does
    /// not cover those below it. They hold for whoever joins by a group, too: nobody vouches for any address there is.
    pub domains: Vec<String>,
    /// Whether somebody without an account is given one at the first sign-in.
    pub joins: bool,
    /// What somebody of one of the domains is given.
    pub default_role: Option<WorkspaceRole>,
    /// The claim that lists a person's groups.
    pub group_claim: Option<String>,
    /// Whether the provider's addresses count as verified where it does not say (`email_verified` is missing).
    pub vouches_for_email: bool,
    /// Methods (`amr`, RFC 8176) of which one counts as a second factor.
    pub trusted_amr: Vec<String>,
    /// Contexts (`acr`) that count as a second factor.
    pub trusted_acr: Vec<String>,
}

/// A role in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkspaceRole {
    /// Where.
    pub workspace_id: WorkspaceId,
    /// As what. Never owner: a directory does not decide whose a workspace is.
    pub role: Role,
}

/// What the members of a group are given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupRole {
    /// The group's name as the directory writes it, letter for letter.
    pub group: String,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// As what.
    pub role: Role,
}

impl IdentityProvider {
    /// The keyset that its secret is sealed under.
    #[must_use]
    pub fn key_scope(&self) -> KeyScopeRef {
        KeyScopeRef::organization(self.organization_id)
    }

    /// What is bound into the ciphertext of the secret: after a change of these outside Flero it does not open.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        json::canonical(&serde_json::json!([
            "openid",
            self.organization_id,
            self.issuer,
            self.client_id,
            self.client_auth_method
        ]))
    }
}

impl SignInRules {
    /// Whether an address is of one of the domains.
    #[must_use]
    pub fn has_domain_of(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        domain.is_some_and(|domain| self.domains.contains(&domain))
    }

    /// Whether what the provider says of its sign-in counts as a second factor here.
    #[must_use]
    pub fn trusts_factor(&self, amr: &[String], acr: Option<&str>) -> bool {
        amr.iter().any(|method| self.trusted_amr.contains(method))
            || acr.is_some_and(|context| self.trusted_acr.iter().any(|trusted| trusted == context))
    }
}

/// What the members of these groups are given: in each workspace the highest of the roles.
#[must_use]
pub fn roles_of(groups: &[String], given: &[GroupRole]) -> Vec<WorkspaceRole> {
    let mut roles: Vec<WorkspaceRole> = Vec::new();
    for one in given.iter().filter(|one| groups.contains(&one.group)) {
        add_role(&mut roles, WorkspaceRole { workspace_id: one.workspace_id, role: one.role });
    }
    roles
}

/// Adds a role; of two in one workspace the higher one stays.
pub fn add_role(roles: &mut Vec<WorkspaceRole>, more: WorkspaceRole) {
    match roles.iter_mut().find(|one| one.workspace_id == more.workspace_id) {
        Some(known) => known.role = known.role.max(more.role),
        None => roles.push(more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_give_the_highest_role_in_each_workspace() {
        let [here, there] = [1, 2].map(WorkspaceId::from_u128);
        let given = |group: &str, workspace_id, role| GroupRole { group: group.into(), workspace_id, role };
        let table = [
            given("staff", here, Role::Viewer),
            given("builders", here, Role::Admin),
            given("builders", there, Role::Editor),
            given("Staff", there, Role::Admin),
        ];
        let both = ["staff".to_owned(), "builders".to_owned()];
        assert_eq!(
            roles_of(&both, &table),
            [
                WorkspaceRole { workspace_id: here, role: Role::Admin },
                WorkspaceRole { workspace_id: there, role: Role::Editor }
            ]
        );
        assert!(roles_of(&["others".into()], &table).is_empty());
    }

    #[test]
    fn a_domain_is_meant_exactly_and_none_covers_nobody() {
        let mut rules = SignInRules::default();
        assert!(!rules.has_domain_of("ada@example.com"));
        rules.domains = vec!["example.com".into()];
        assert!(rules.has_domain_of("ada@EXAMPLE.com"));
        for other in ["ada@sub.example.com", "ada@example.com.evil.test", "example.com", "a@b@evil.test"] {
            assert!(!rules.has_domain_of(other), "{other}");
        }
    }

    #[test]
    fn a_factor_counts_only_where_the_organization_says_so() {
        let amr = ["pwd".to_owned(), "mfa".to_owned()];
        let mut rules = SignInRules::default();
        assert!(!rules.trusts_factor(&amr, Some("urn:mfa")));
        rules.trusted_amr = vec!["mfa".into()];
        assert!(rules.trusts_factor(&amr, None) && !rules.trusts_factor(&amr[..1], Some("mfa")));
        rules.trusted_acr = vec!["urn:mfa".into()];
        assert!(rules.trusts_factor(&[], Some("urn:mfa")));
    }
}
