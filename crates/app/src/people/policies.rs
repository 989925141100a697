//! The policies of an organization.

use flero_model::{
    audit::{AuditAction, AuditDetail},
    destination::read_url,
    organization_policies::{OrganizationPolicies, SignUp},
    policy::{Action, Principal},
    problem::FieldProblem,
    role::Role,
};

use super::account::email_problem;
use crate::{App, Error, Result, app::permit};

impl App {
    /// The policies of the caller's organization, and their revision.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn organization_policies(&self, who: &Principal) -> Result<(OrganizationPolicies, u64)> {
        permit(who, Action::ReadPolicies)?;
        Ok(self.store().organization_policies(who.organization).await?)
    }

    /// Replaces the policies of the caller's organization. They hold from the next request on.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::Changed`] when `revision` is given and not the present one.
    pub async fn set_organization_policies(
        &self,
        who: &Principal,
        policies: OrganizationPolicies,
        revision: Option<u64>,
    ) -> Result<(OrganizationPolicies, u64)> {
        permit(who, Action::WritePolicies)?;
        let (former, present) = self.store().organization_policies(who.organization).await?;
        if revision.is_some_and(|expected| expected != present) {
            return Err(Error::Changed);
        }
        let mut policies = checked(policies)?;
        self.check_sign_up(who, &former, &mut policies).await?;
        self.keeps_sign_in(who, &policies).await?;
        // Whoever requires a factor of everybody has one: an organization never locks its own owner out.
        if policies.require_mfa && !former.require_mfa && !self.store().factors(who.user).await?.has_any() {
            let message = "Set up a second factor of your own first.";
            return Err(Error::field("/requireMfa", "policy.own_factor", message));
        }
        let detail = AuditDetail { fields: former.changes(&policies), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::PoliciesChanged, who.organization, detail);
        let written =
            self.store().set_organization_policies(who.organization, policies.clone(), present, vec![record]);
        let written = written.await?;
        self.policies_changed();
        Ok((policies, written))
    }
}

impl App {
    /// Refuses a place to sign up for that its author could not invite to, or that nobody can prove an address for.
    async fn check_sign_up(
        &self,
        who: &Principal,
        former: &OrganizationPolicies,
        policies: &mut OrganizationPolicies,
    ) -> Result<()> {
        let Some(place) = &mut policies.sign_up else { return Ok(()) };
        let refuse = |message: &str| Err(Error::field("/signUp", "policy.sign_up", message));
        if policies.invite_domains.is_empty() {
            return refuse("Give the domains in inviteDomains: an address of anywhere is anybody's.");
        }
        let same = |one: &SignUp| (one.workspace_id, one.role) == (place.workspace_id, place.role);
        if let Some(stands) = former.sign_up.filter(same) {
            *place = stands;
            return Ok(());
        }
        if place.role > Role::Editor {
            return refuse("Give viewer or editor; whoever is to be more is invited as that.");
        }
        if self.mailer().is_none() {
            return refuse("An address is proven by mail: the operator sets FLERO_SMTP_URL first.");
        }
        let problem = self.role_problem(who, "/signUp", place.workspace_id, place.role).await?;
        problem.map_or(Ok(()), |problem| Err(Error::Invalid(vec![problem])))
    }

    /// Refuses a list of hosts that leaves out where people sign in: they would be shut out by it, its author perhaps too.
    async fn keeps_sign_in(&self, who: &Principal, policies: &OrganizationPolicies) -> Result<()> {
        let providers = self.store().identity_providers(who.organization).await?;
        let is_left_out = |issuer: &str| {
            read_url(issuer).is_ok_and(|(_, destination)| !policies.allows_destination(&destination))
        };
        if providers.iter().any(|one| one.is_enabled && is_left_out(&one.issuer)) {
            let message = "The list leaves an OpenID provider out that people sign in with: add its host, or disable it.";
            return Err(Error::field("/allowedEgressHosts", "policy.provider", message));
        }
        Ok(())
    }
}

/// The policies as they are kept, if every value is one that can be kept to.
fn checked(mut policies: OrganizationPolicies) -> Result<OrganizationPolicies> {
    let mut problems = Vec::new();
    let mut range = |pointer: &str, value: Option<u32>, most: u32| {
        if value.is_some_and(|value| !(1..=most).contains(&value)) {
            let message = format!("Expected a number from 1 to {most}.");
            problems.push(FieldProblem::new(pointer, "json.range", message));
        }
    };
    range("/maxCredentialAgeDays", policies.max_credential_age_days, 3_650);
    range("/sessionHours", policies.session_hours, 24);
    for (place, domain) in policies.invite_domains.iter_mut().enumerate() {
        *domain = domain.trim().trim_start_matches('@').to_lowercase();
        if email_problem("", &format!("a@{domain}")).is_some() {
            let pointer = format!("/inviteDomains/{place}");
            problems.push(FieldProblem::new(
                pointer,
                "policy.domain",
                "Give a domain, for example example.com.",
            ));
        }
    }
    for (name, count, most) in [
        ("/inviteDomains", policies.invite_domains.len(), 100),
        ("/allowedConnectors", policies.allowed_connectors.len(), 1_000),
        ("/allowedEgressHosts", policies.allowed_egress_hosts.len(), 1_000),
    ] {
        if count > most {
            problems.push(FieldProblem::new(name, "json.range", format!("Give at most {most}.")));
        }
    }
    if problems.is_empty() { Ok(policies) } else { Err(Error::Invalid(problems)) }
}

impl App {
    /// The policies that hold for whoever acts.
    pub(crate) async fn policies_of(&self, who: &Principal) -> Result<OrganizationPolicies> {
        Ok(self.store().organization_policies(who.organization).await?.0)
    }
}
