//! The OpenID providers of an organization, and what its groups are given.
//!
//! Whoever sets a provider up decides who comes in as whom; that is the owner's. A role is given only by somebody who
//! could invite to it: an organization's role gives no rights inside a workspace, and this is no way around that.

use flero_connect::oauth::openid::is_signing_key;
use flero_keyring::Binding;
use flero_model::{
    IdentityProviderId, WorkspaceId,
    audit::{AuditAction, AuditDetail},
    identity::{GroupRole, IdentityProvider, SignInRules},
    policy::{Action, Principal},
    problem::FieldProblem,
    role::Role,
    secret::{SecretBytes, SecretString},
    service::ClientAuthMethod,
};
use flero_store::{identity::ProviderChange, scim::ScimAct};

use crate::{
    App, Error, Result,
    app::{actor, permit},
    people::account::{email_problem, name_problem},
    random,
};

/// The most providers of an organization.
const MOST_PROVIDERS: usize = 20;
/// The most entries of each list in the rules.
const MOST_ENTRIES: usize = 100;
/// The most roles of groups.
const MOST_GROUP_ROLES: usize = 1_000;

/// What is to be written of a provider; what is `None` stays.
#[derive(Debug, Default)]
pub struct ProviderEdit {
    /// What the button says.
    pub name: Option<String>,
    /// Whether it signs anybody in.
    pub is_enabled: Option<bool>,
    /// The client.
    pub client_id: Option<String>,
    /// How the client authenticates.
    pub client_auth_method: Option<ClientAuthMethod>,
    /// What the provider calls the client's key; `Some(None)` for nothing.
    pub key_id: Option<Option<String>>,
    /// The client's secret, or its private key in PEM for `private_key_jwt`; `Some(None)` removes it.
    pub client_secret: Option<Option<SecretString>>,
    /// Whom it signs in.
    pub rules: Option<SignInRules>,
}

/// A button of the sign-in page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInProvider {
    /// Which provider.
    pub id: IdentityProviderId,
    /// What the button says.
    pub name: String,
}

impl App {
    /// The providers that the sign-in page offers: all, or those of an address's domain. No account is looked for.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_in_providers(&self, email: Option<&str>) -> Result<Vec<SignInProvider>> {
        let all = self.store().enabled_identity_providers().await?;
        let fits = |one: &IdentityProvider| email.is_none_or(|email| one.rules.has_domain_of(email));
        let offered = all.into_iter().filter(fits);
        Ok(offered.map(|one| SignInProvider { id: one.id, name: one.name }).collect())
    }

    /// The providers of the caller's organization, the oldest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_identity_providers(&self, who: &Principal) -> Result<Vec<IdentityProvider>> {
        permit(who, Action::ReadIdentityProviders)?;
        Ok(self.store().identity_providers(who.organization).await?)
    }

    /// A provider of the caller's organization.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn get_identity_provider(
        &self,
        who: &Principal,
        id: IdentityProviderId,
    ) -> Result<IdentityProvider> {
        permit(who, Action::ReadIdentityProviders)?;
        self.own_provider(who, id).await
    }

    async fn own_provider(&self, who: &Principal, id: IdentityProviderId) -> Result<IdentityProvider> {
        let found = self.store().identity_provider(id).await?.provider;
        if found.organization_id == who.organization { Ok(found) } else { Err(Error::NotFound) }
    }

    /// Sets a provider up. Its metadata is read first, so that a wrong issuer is told at once.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`].
    pub async fn create_identity_provider(
        &self,
        who: &Principal,
        issuer: String,
        edit: ProviderEdit,
    ) -> Result<IdentityProvider> {
        permit(who, Action::WriteIdentityProviders)?;
        let now = self.now();
        let draft = IdentityProvider {
            id: IdentityProviderId::new(now, random::for_id()?),
            organization_id: who.organization,
            workspace_id: who.workspace,
            name: String::new(),
            is_enabled: true,
            issuer,
            client_id: String::new(),
            client_auth_method: ClientAuthMethod::default(),
            key_id: None,
            has_secret: false,
            rules: SignInRules::default(),
            created_at: now,
            updated_at: now,
            revision: 1,
            secret_revision: 1,
        };
        if self.store().identity_providers(who.organization).await?.len() >= MOST_PROVIDERS {
            let message = format!("An organization has at most {MOST_PROVIDERS} providers.");
            return Err(Error::field("", "json.range", message));
        }
        let (made, secret) = self.edited(who, draft, edit).await?;
        let answer = self.0.connect.openid_metadata(made.organization_id, &made.issuer).await;
        answer.map_err(|fault| Error::field("/issuer", "identity_provider.issuer", fault.sentence()))?;
        let change = self.provider_change(who, &made, secret).await?;
        self.store().create_identity_provider(change).await?;
        Ok(made)
    }

    /// Changes a provider. The issuer stays: subjects are an issuer's own.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Changed`].
    pub async fn update_identity_provider(
        &self,
        who: &Principal,
        id: IdentityProviderId,
        edit: ProviderEdit,
        expected: Option<u64>,
    ) -> Result<IdentityProvider> {
        permit(who, Action::WriteIdentityProviders)?;
        let current = self.own_provider(who, id).await?;
        if expected.is_some_and(|expected| expected != current.revision) {
            return Err(Error::Changed);
        }
        let is_other_client = edit.client_id.as_ref().is_some_and(|id| *id != current.client_id)
            || edit.client_auth_method.is_some_and(|method| method != current.client_auth_method);
        if is_other_client && current.has_secret && edit.client_secret.is_none() {
            // The secret is bound to its client: it is given again with another one.
            let message = "Give the secret of this client, or null for a client without one.";
            return Err(Error::field("/clientSecret", "json.required", message));
        }
        let next = IdentityProvider { updated_at: self.now(), revision: current.revision + 1, ..current };
        let (changed, secret) = self.edited(who, next, edit).await?;
        let change = self.provider_change(who, &changed, secret).await?;
        self.store().update_identity_provider(change).await?;
        Ok(changed)
    }

    /// Removes a provider with the identities that are linked to it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn delete_identity_provider(&self, who: &Principal, id: IdentityProviderId) -> Result<()> {
        permit(who, Action::WriteIdentityProviders)?;
        let found = self.own_provider(who, id).await?;
        let detail = AuditDetail::named(found.name);
        let record = self.record(who, AuditAction::IdentityProviderDeleted, id, detail);
        Ok(self.store().delete_identity_provider(who.organization, id, vec![record]).await?)
    }

    /// What the groups of the caller's organization are given, and its revision.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn group_roles(&self, who: &Principal) -> Result<(Vec<GroupRole>, u64)> {
        permit(who, Action::ReadIdentityProviders)?;
        Ok(self.store().group_roles(who.organization).await?)
    }

    /// Replaces what groups are given. Whoever is in a group by SCIM has it at once, whoever signs in with a provider from
    /// the next sign-in on.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::Changed`].
    pub async fn set_group_roles(
        &self,
        who: &Principal,
        roles: Vec<GroupRole>,
        expected: Option<u64>,
    ) -> Result<(Vec<GroupRole>, u64)> {
        permit(who, Action::WriteIdentityProviders)?;
        let (former, revision) = self.store().group_roles(who.organization).await?;
        if expected.is_some_and(|expected| expected != revision) {
            return Err(Error::Changed);
        }
        let mut problems = Vec::new();
        if roles.len() > MOST_GROUP_ROLES {
            let message = format!("Give at most {MOST_GROUP_ROLES}.");
            problems.push(FieldProblem::new("/items", "json.range", message));
        }
        for (place, one) in roles.iter().enumerate().take(MOST_GROUP_ROLES) {
            let pointer = format!("/items/{place}");
            if one.group.trim().is_empty() || one.group.chars().count() > 200 {
                let message = "Give the group's name, 1 to 200 characters.";
                problems.push(FieldProblem::new(format!("{pointer}/group"), "json.required", message));
            }
            // What stood there already was given by somebody who could.
            if !former.contains(one) {
                problems.extend(self.role_problem(who, &pointer, one.workspace_id, one.role).await?);
            }
        }
        problems.truncate(50);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let detail = AuditDetail { count: Some(roles.len() as u64), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::GroupRolesChanged, who.organization, detail);
        let written = self.store().set_group_roles(who.organization, roles.clone(), revision, vec![record]);
        let revision = written.await?;
        // What a directory keeps up follows at once.
        let act = ScimAct { actor: actor(who), at: self.now(), audit: Vec::new() };
        let expired = self.store().give_scim_roles(who.organization, act).await?;
        expired.into_iter().for_each(|credential| self.credential_changed(credential));
        Ok((roles, revision))
    }

    /// What is wrong with giving a role: nobody gives one that they could not invite to.
    pub(in crate::people) async fn role_problem(
        &self,
        who: &Principal,
        pointer: &str,
        workspace: WorkspaceId,
        role: Role,
    ) -> Result<Option<FieldProblem>> {
        if role == Role::Owner {
            let message = "Give viewer, editor or admin: a directory makes nobody owner.";
            return Ok(Some(FieldProblem::new(format!("{pointer}/role"), "json.choice", message)));
        }
        let may = match self.store().membership(who.user, workspace).await {
            Ok(held) if held.organization == who.organization => {
                let there = Principal { workspace, role: held.role, ..who.clone() };
                permit(&there, Action::Invite(role)).is_ok()
            }
            Ok(_) | Err(flero_store::Error::NotFound) => false,
            Err(error) => return Err(error.into()),
        };
        let message = "Name a workspace of this organization where you could invite somebody to this role.";
        let problem =
            || FieldProblem::new(format!("{pointer}/workspaceId"), "identity_provider.role", message);
        Ok((!may).then(problem))
    }

    /// Applies an edit and checks the whole.
    async fn edited(
        &self,
        who: &Principal,
        mut to: IdentityProvider,
        edit: ProviderEdit,
    ) -> Result<(IdentityProvider, Option<SecretString>)> {
        let former = to.rules.clone();
        to.name = edit.name.unwrap_or(to.name).trim().to_owned();
        to.is_enabled = edit.is_enabled.unwrap_or(to.is_enabled);
        to.client_id = edit.client_id.unwrap_or(to.client_id).trim().to_owned();
        to.client_auth_method = edit.client_auth_method.unwrap_or(to.client_auth_method);
        let signs = to.client_auth_method == ClientAuthMethod::PrivateKeyJwt;
        to.key_id = edit.key_id.unwrap_or(to.key_id).filter(|_| signs);
        to.rules = edit.rules.unwrap_or(to.rules);
        let secret = match edit.client_secret {
            None => None,
            Some(given) => {
                to.has_secret = given.is_some();
                to.secret_revision = to.revision;
                given
            }
        };
        let mut problems = problems(&mut to);
        if signs && secret.as_ref().is_some_and(|pem| !is_signing_key(pem)) {
            let message = "Give the client's private key in PEM: RSA, P-256, P-384 or Ed25519.";
            problems.push(FieldProblem::new("/clientSecret", "identity_provider.key", message));
        }
        if let Some(default) = to.rules.default_role.filter(|_| to.rules.default_role != former.default_role)
        {
            let pointer = "/rules/defaultRole";
            problems.extend(self.role_problem(who, pointer, default.workspace_id, default.role).await?);
        }
        if problems.is_empty() { Ok((to, secret)) } else { Err(Error::Invalid(problems)) }
    }

    async fn provider_change(
        &self,
        who: &Principal,
        provider: &IdentityProvider,
        secret: Option<SecretString>,
    ) -> Result<ProviderChange> {
        let secret = match secret {
            Some(secret) => {
                let plain = SecretBytes::new(secret.expose().as_bytes().to_vec());
                Some(self.0.keyring.seal(&Binding::of_identity_provider(provider), &plain).await?)
            }
            None => None,
        };
        let detail = AuditDetail {
            name: Some(provider.name.clone()),
            version: Some(provider.revision),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::IdentityProviderChanged, provider.id, detail);
        Ok(ProviderChange { provider: provider.clone(), secret, audit: vec![record] })
    }
}

/// What is wrong with a provider; domains are brought into the form that they are compared in.
fn problems(to: &mut IdentityProvider) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut add = |pointer: String, code: &'static str, message: &str| {
        problems.push(FieldProblem::new(pointer, code, message));
    };
    if name_problem("/name", &to.name).is_some() {
        add("/name".into(), "json.required", "Give a text of 1 to 120 characters.");
    }
    if to.client_id.is_empty() || to.client_id.len() > 500 || to.client_id.contains(char::is_control) {
        add("/clientId".into(), "json.required", "Give the client ID that the provider shows.");
    }
    let needs_secret = match to.client_auth_method {
        ClientAuthMethod::ClientSecretBasic
        | ClientAuthMethod::ClientSecretPost
        | ClientAuthMethod::PrivateKeyJwt => true,
        ClientAuthMethod::None => false,
        _ => {
            let message = "Use client_secret_basic, client_secret_post, private_key_jwt or none.";
            add("/clientAuthMethod".into(), "json.choice", message);
            to.has_secret
        }
    };
    if needs_secret != to.has_secret {
        let message = "A client of none has no secret; every other one has a secret or a private key.";
        add("/clientSecret".into(), "json.required", message);
    }
    let rules = &mut to.rules;
    for (place, domain) in rules.domains.iter_mut().enumerate() {
        *domain = domain.trim().trim_start_matches('@').to_lowercase();
        if email_problem("", &format!("a@{domain}")).is_some() {
            add(
                format!("/rules/domains/{place}"),
                "policy.domain",
                "Give a domain, for example example.com.",
            );
        }
    }
    if rules.joins && rules.domains.is_empty() {
        let message = "Give the domains whose addresses may join.";
        add("/rules/domains".into(), "identity_provider.domains", message);
    }
    for (place, scope) in rules.scopes.iter().enumerate() {
        // RFC 6749 appendix A.4.
        if scope.is_empty() || !scope.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '\\') {
            add(format!("/rules/scopes/{place}"), "json.value", "Give one scope without spaces.");
        }
    }
    for (name, count) in [
        ("/rules/domains", rules.domains.len()),
        ("/rules/scopes", rules.scopes.len()),
        ("/rules/trustedAmr", rules.trusted_amr.len()),
        ("/rules/trustedAcr", rules.trusted_acr.len()),
    ] {
        if count > MOST_ENTRIES {
            add(name.into(), "json.range", "Give at most 100.");
        }
    }
    let is_long = |id: &String| id.is_empty() || id.len() > 200 || id.contains(char::is_control);
    if to.key_id.as_ref().is_some_and(is_long) {
        add("/keyId".into(), "json.too_long", "Give 1 to 200 characters, or leave it out.");
    }
    if rules.group_claim.as_ref().is_some_and(|claim| claim.trim().is_empty() || claim.len() > 200) {
        add("/rules/groupClaim".into(), "json.required", "Give the claim's name, or leave it out.");
    }
    problems
}
