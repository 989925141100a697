//! Whom an identity may become: a person who is linked to it, or somebody new where the rules of the provider say so.

use flero_connect::oauth::openid::IdClaims;
use flero_model::{
    IdentityId, UserId,
    audit::{Actor, AuditAction, AuditDetail},
    identity::{IdentityProvider, WorkspaceRole, add_role, roles_of},
};
use flero_store::{
    identity::{GivenRoles, Identity, NewcomerByIdentity},
    people::Account,
    scim::ScimState,
};

use super::callback::{OpenidRefusal::NotAllowed, Step, refused};
use crate::{
    App, Result,
    people::{
        account::{email_problem, name_problem},
        normal_email,
    },
    random,
};

impl App {
    /// Lets somebody in whose identity is linked: a member of the provider's organization, with what their groups are
    /// given now.
    pub(super) async fn enter_known(
        &self,
        provider: &IdentityProvider,
        identity: &Identity,
        claims: &IdClaims,
    ) -> Step<()> {
        match self.store().organization_role(identity.user, provider.organization_id).await {
            Ok(_) => {}
            Err(flero_store::Error::NotFound) => return Ok(Err(refused("not_a_member", NotAllowed))),
            Err(error) => return Err(error.into()),
        }
        let email = claims.email(true).map(normal_email).unwrap_or_default();
        self.store().use_identity(identity.id, email, self.now()).await?;
        if provider.rules.group_claim.is_some() {
            let roles = self.roles_by(provider, claims).await?;
            let given = self.given_by(provider, identity.user, roles);
            let changes = self.store().give_roles(identity.user, given).await?;
            changes.expired.into_iter().for_each(|credential| self.credential_changed(credential));
        }
        Ok(Ok(()))
    }

    /// Makes an account for somebody new. An address that has an account already stays that account's: its owner signs
    /// in to it and links the identity there.
    pub(super) async fn join(&self, provider: &IdentityProvider, claims: &IdClaims) -> Step<UserId> {
        let rules = &provider.rules;
        if let Some(user) = self.claim(provider, claims).await? {
            return Ok(Ok(user));
        }
        if !rules.joins {
            return Ok(Err(refused("not_linked", NotAllowed)));
        }
        let Some(email) = claims.email(rules.vouches_for_email).map(normal_email) else {
            return Ok(Err(refused("email_unverified", NotAllowed)));
        };
        if email_problem("", &email).is_some() {
            return Ok(Err(refused("email_unusable", NotAllowed)));
        }
        if !rules.has_domain_of(&email) {
            return Ok(Err(refused("domain", NotAllowed)));
        }
        let roles = self.roles_by(provider, claims).await?;
        if roles.is_empty() {
            return Ok(Err(refused("no_role", NotAllowed)));
        }
        let newcomer = self.newcomer(provider, claims, email, roles)?;
        let user = newcomer.account.user;
        let record = |action, target: String, outcome: Option<&str>| {
            let detail = AuditDetail { outcome: outcome.map(str::to_owned), ..AuditDetail::default() };
            self.record_in(provider.workspace_id, Actor::User { user }, action, target, detail)
        };
        let audit = vec![
            record(AuditAction::PersonRegistered, user.to_string(), None),
            record(AuditAction::IdentityLinked, newcomer.identity.id.to_string(), Some("new_account")),
        ];
        match self.store().join_by_identity(newcomer, audit).await {
            Ok(()) => Ok(Ok(user)),
            Err(flero_store::Error::Taken { .. }) => Ok(Err(refused("account_exists", NotAllowed))),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives somebody the account that the organization's own directory made for them and that nobody has a proof for
    /// yet. It is no linking of two: the account is the organization's until then, and so is the provider.
    async fn claim(&self, provider: &IdentityProvider, claims: &IdClaims) -> Result<Option<UserId>> {
        let email = claims.email(provider.rules.vouches_for_email).map(normal_email);
        let Some(email) = email.filter(|email| provider.rules.has_domain_of(email)) else { return Ok(None) };
        let account = match self.store().account_by_email(&email).await {
            Ok(account) => account,
            Err(flero_store::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let user = account.user;
        let known = match self.store().scim_user(provider.organization_id, user).await {
            Ok(known) => known,
            Err(flero_store::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let is_unclaimed = known.is_provisioned
            && known.state == ScimState::Active
            && account.password_hash.is_empty()
            && !self.store().factors(user).await?.has_any()
            && self.store().identities(user).await?.is_empty();
        if !is_unclaimed {
            return Ok(None);
        }
        let identity = self.new_identity(provider, user, &claims.subject, email)?;
        let mut record = self.record_in(
            provider.workspace_id,
            Actor::User { user },
            AuditAction::IdentityLinked,
            identity.id,
            AuditDetail::default(),
        );
        record.detail.outcome = Some("provisioned".to_owned());
        match self.store().link_identity(identity, vec![record]).await {
            Ok(()) => Ok(Some(user)),
            Err(flero_store::Error::Taken { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn newcomer(
        &self,
        provider: &IdentityProvider,
        claims: &IdClaims,
        email: String,
        roles: Vec<WorkspaceRole>,
    ) -> Result<NewcomerByIdentity> {
        let now = self.now();
        let user = UserId::new(now, random::for_id()?);
        let shown = claims.name().map(str::trim).filter(|name| name_problem("", name).is_none());
        let name = shown.or_else(|| email.split('@').next()).unwrap_or_default().to_owned();
        let account = Account { user, email: email.clone(), name, password_hash: String::new() };
        let identity = self.new_identity(provider, user, &claims.subject, email)?;
        Ok(NewcomerByIdentity { account, identity, given: self.given_by(provider, user, roles) })
    }

    /// An identity that is not stored yet.
    pub(super) fn new_identity(
        &self,
        provider: &IdentityProvider,
        user: UserId,
        subject: &str,
        email: String,
    ) -> Result<Identity> {
        let now = self.now();
        Ok(Identity {
            id: IdentityId::new(now, random::for_id()?),
            user,
            provider: provider.id,
            issuer: provider.issuer.clone(),
            subject: subject.to_owned(),
            email,
            created_at: now,
            last_used_at: now,
        })
    }

    fn given_by(&self, provider: &IdentityProvider, user: UserId, roles: Vec<WorkspaceRole>) -> GivenRoles {
        GivenRoles {
            organization: provider.organization_id,
            source: *provider.id.as_bytes(),
            roles,
            actor: Actor::User { user },
            at: self.now(),
        }
    }

    /// What somebody is given: by their groups, and by the domain of their address.
    async fn roles_by(&self, provider: &IdentityProvider, claims: &IdClaims) -> Result<Vec<WorkspaceRole>> {
        let rules = &provider.rules;
        let mut roles = match &rules.group_claim {
            Some(claim) => {
                let (table, _) = self.store().group_roles(provider.organization_id).await?;
                roles_of(&claims.groups(claim), &table)
            }
            None => Vec::new(),
        };
        let is_of_domain = claims
            .email(rules.vouches_for_email)
            .is_some_and(|email| rules.has_domain_of(&normal_email(email)));
        if let Some(default) = rules.default_role.filter(|_| is_of_domain) {
            add_role(&mut roles, default);
        }
        Ok(roles)
    }
}
