//! Flero's own API keys: making, listing, revoking, and telling who presents one.

mod authenticate;
mod cache;

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use flero_model::{
    ApiKeyId, Timestamp, WorkflowId, api_key,
    audit::{AuditAction, AuditDetail},
    policy::{self, Action, Decision, Principal, Via},
    problem::FieldProblem,
    role::KeyScope,
    secret::SecretString,
};
use flero_store::{Page, PageRequest, api_keys::ApiKey};
use ipnet::IpNet;

pub(crate) use cache::KeyCache;

use crate::{App, Error, Refusal, Result, app::permit, random};

/// What a key is asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The display name, 1 to 120 characters.
    pub name: String,
    /// What it may be used for; at least one.
    pub scopes: Vec<KeyScope>,
    /// The only workflows that it is for; `None` for all.
    pub workflow_ids: Option<Vec<WorkflowId>>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// The only networks that it is taken from, in CIDR form or as single addresses; empty for all.
    pub allowed_networks: Vec<String>,
}

/// SHA-256 of a key: what is stored of it.
pub(crate) fn hash(key: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, key.as_bytes()).as_ref());
    out
}

/// Makes a key and the last four characters that people tell it by.
pub(crate) fn mint() -> Result<(SecretString, String)> {
    loop {
        // 64 bytes are nearly always enough; see `api_key::from_random`.
        if let Some(key) = api_key::from_random(&random::bytes::<64>()?) {
            let last_four = key.expose()[api_key::LEN - 4..].to_owned();
            return Ok((key, last_four));
        }
    }
}

impl App {
    /// Makes a key for the caller. The key itself is returned this once.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also when a key would make one that can do more than itself; [`Error::Invalid`].
    pub async fn create_api_key(&self, who: &Principal, new: NewKey) -> Result<(ApiKey, SecretString)> {
        permit(who, Action::OwnApiKeys)?;
        if new.scopes.contains(&KeyScope::ScimProvision) {
            // It keeps a whole organization's people up: as much as a change of its providers.
            permit(who, Action::WriteIdentityProviders)?;
        }
        let networks = self.check_new_key(who, &new).await?;
        self.refuse_widening(who, &new, &networks).await?;
        let (secret, last_four) = mint()?;
        let scopes: BTreeSet<KeyScope> = new.scopes.into_iter().collect();
        let key = ApiKey {
            id: ApiKeyId::new(self.now(), random::for_id()?),
            workspace: who.workspace,
            creator: who.user,
            name: new.name.trim().to_owned(),
            hash: hash(secret.expose()),
            last_four,
            scopes: scopes.into_iter().collect(),
            workflow_ids: new.workflow_ids,
            allowed_networks: networks.iter().map(ToString::to_string).collect(),
            expires_at: new.expires_at,
            created_at: self.now(),
            last_used_at: None,
            revoked_at: None,
        };
        let detail = AuditDetail { name: Some(key.name.clone()), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::ApiKeyCreated, key.id, detail);
        self.store().create_api_key(key.clone(), vec![record]).await?;
        Ok((key, secret))
    }

    /// A page of keys: the caller's own, or everybody's where the role allows it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::InvalidCursor`].
    pub async fn list_api_keys(&self, who: &Principal, page: PageRequest) -> Result<Page<ApiKey>> {
        permit(who, Action::OwnApiKeys)?;
        Ok(self.store().list_api_keys(who.workspace, own_only(who), page).await?)
    }

    /// Revokes a key. It is refused from the next request on; other processes learn it within a second.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`], also for somebody else's key where the role does not allow it.
    pub async fn revoke_api_key(&self, who: &Principal, id: ApiKeyId) -> Result<()> {
        permit(who, Action::OwnApiKeys)?;
        let key = self.store().get_api_key(who.workspace, id).await?;
        if own_only(who).is_some_and(|own| own != key.creator) {
            return Err(Error::NotFound);
        }
        let detail = AuditDetail { name: Some(key.name), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::ApiKeyRevoked, id, detail);
        let done = self.store().revoke_api_key(who.workspace, id, self.now(), vec![record]).await;
        self.0.keys.forget(&key.hash);
        Ok(done?)
    }

    async fn check_new_key(&self, who: &Principal, new: &NewKey) -> Result<Vec<IpNet>> {
        let mut problems = Vec::new();
        let mut fault =
            |pointer: String, code, message: &str| problems.push(FieldProblem::new(pointer, code, message));
        if new.name.trim().is_empty() || new.name.chars().count() > 120 {
            fault("/name".into(), "json.required", "Give a name of 1 to 120 characters.");
        }
        if new.scopes.is_empty() {
            fault("/scopes".into(), "json.required", "Give at least one scope.");
        }
        if new.expires_at.is_some_and(|end| end <= self.now()) {
            fault("/expiresAt".into(), "json.range", "The expiry lies in the past.");
        }
        let mut networks = Vec::new();
        for (place, text) in new.allowed_networks.iter().enumerate() {
            match text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network.trunc()),
                Err(_) => fault(
                    format!("/allowedNetworks/{place}"),
                    "api_key.network",
                    "Write a network as 203.0.113.0/24 or 2001:db8::/32, or a single address.",
                ),
            }
        }
        if networks.len() > 100 {
            fault("/allowedNetworks".into(), "json.too_long", "Use at most 100 networks.");
        }
        if new.workflow_ids.as_ref().is_some_and(|chosen| chosen.is_empty() || chosen.len() > 1_000) {
            fault(
                "/workflowIds".into(),
                "json.range",
                "Name 1 to 1000 workflows, or leave the field out for all.",
            );
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        for (place, id) in new.workflow_ids.iter().flatten().enumerate() {
            let seen = permit(who, Action::ReadWorkflow(Some(*id))).is_ok()
                && self.store().get_workflow(who.workspace, *id).await.is_ok();
            if !seen {
                let message = "No workflow with this ID exists for you.";
                problems.push(FieldProblem::new(
                    format!("/workflowIds/{place}"),
                    "workflow.not_found",
                    message,
                ));
            }
        }
        if problems.is_empty() { Ok(networks) } else { Err(Error::ReferenceNotFound(problems)) }
    }

    /// A key can make another one, but none that can do more, from elsewhere, or for longer than itself.
    async fn refuse_widening(&self, who: &Principal, new: &NewKey, networks: &[IpNet]) -> Result<()> {
        let Via::ApiKey { id, scopes, workflow_ids } = &who.via else { return Ok(()) };
        let own = self.store().get_api_key(who.workspace, *id).await?;
        let scopes_fit = new.scopes.iter().all(|scope| scopes.contains(scope));
        let workflows_fit = match (workflow_ids, &new.workflow_ids) {
            (None, _) => true,
            (Some(own), Some(asked)) => asked.iter().all(|id| own.contains(id)),
            (Some(_), None) => false,
        };
        let time_fits = match (own.expires_at, new.expires_at) {
            (None, _) => true,
            (Some(own), Some(asked)) => asked <= own,
            (Some(_), None) => false,
        };
        let own_networks: Vec<IpNet> =
            own.allowed_networks.iter().filter_map(|text| text.parse().ok()).collect();
        let networks_fit = own.allowed_networks.is_empty()
            || (!networks.is_empty()
                && networks.iter().all(|asked| own_networks.iter().any(|own| own.contains(asked))));
        if scopes_fit && workflows_fit && time_fits && networks_fit {
            Ok(())
        } else {
            Err(Error::Forbidden(Refusal::Widening))
        }
    }
}

/// Whose keys the caller may see: `None` for everybody's.
fn own_only(who: &Principal) -> Option<flero_model::UserId> {
    (policy::decide(who, Action::AllApiKeys) != Decision::Allow).then_some(who.user)
}
