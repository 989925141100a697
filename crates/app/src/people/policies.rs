//! The policies of an organization.

use flero_model::{
    audit::{AuditAction, AuditDetail},
    organization_policies::OrganizationPolicies,
    policy::{Action, Principal},
};

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
        if policies.max_credential_age_days.is_some_and(|days| !(1..=3_650).contains(&days)) {
            let message = "Expected a number from 1 to 3650.";
            return Err(Error::field("/maxCredentialAgeDays", "json.range", message));
        }
        // Whoever requires a factor of everybody has one: an organization never locks its own owner out.
        if policies.require_mfa && !former.require_mfa && !self.store().factors(who.user).await?.has_any() {
            let message = "Set up a second factor of your own first.";
            return Err(Error::field("/requireMfa", "policy.own_factor", message));
        }
        let detail = AuditDetail { fields: former.changes(&policies), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::PoliciesChanged, who.organization, detail);
        let written =
            self.store().set_organization_policies(who.organization, policies.clone(), present, vec![record]);
        Ok((policies, written.await?))
    }
}
