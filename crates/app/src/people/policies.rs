//! The policies of an organization.

use flero_model::{
    audit::{AuditAction, AuditDetail},
    organization_policies::OrganizationPolicies,
    policy::{Action, Principal},
    problem::FieldProblem,
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
        let policies = checked(policies)?;
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
