//! Requests for a wider scope: asked for by whoever may use a credential, decided by whoever administers the wider
//! place, and carried out in the transaction of the approval.

use flero_model::{
    ScopeRequestId, UserId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    credential::{Credential, Scope, Status},
    policy::{Action, Principal, Via, decide},
    role::{OrganizationRole, Role},
    scope_request::{OPEN_FOR_MS, RequestStatus, ScopeRequest},
};
use flero_store::{
    Page, PageRequest,
    scope_requests::{Closing, NamedRequest, RequestFilter},
};

use super::scope::Gainer;
use crate::{
    App, Error, Result,
    app::{actor, permit},
    random,
};

/// The longest note or reason, in characters.
pub const MOST_WORDS: usize = 500;
/// How many requests that nobody decided on are read at once.
const BATCH: u32 = 200;

/// Which requests are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only of this status.
    pub status: Option<RequestStatus>,
    /// Only about this credential.
    pub credential: Option<flero_model::CredentialId>,
}

impl App {
    /// Asks for a wider scope. That the caller may was decided before.
    pub(super) async fn ask_for_scope(
        &self,
        who: &Principal,
        credential: Credential,
        to: Scope,
        note: &str,
    ) -> Result<NamedRequest> {
        let note = words("/note", note)?;
        let now = self.now();
        let request = ScopeRequest {
            id: ScopeRequestId::new(now, random::for_id()?),
            credential: credential.id,
            workspace: credential.workspace_id,
            organization: credential.organization_id,
            asker: who.user,
            from: credential.scope,
            to,
            policy: credential.policy.clone(),
            note,
            status: RequestStatus::Open,
            reason: None,
            decided_by: None,
            created_at: now,
            expires_at: now.plus_millis(OPEN_FOR_MS),
            decided_at: None,
        };
        let id = request.id;
        let record = self.request_record(actor(who), AuditAction::ScopeRequested, &request, &credential.name);
        match self.store().create_scope_request(request, vec![record]).await {
            Err(flero_store::Error::Taken { .. }) => Err(Error::ScopeRequestOpen),
            made => Ok(made.map(|()| id)?),
        }?;
        Ok(self.store().scope_request(id).await?)
    }

    /// A page of the requests that the caller made, or can decide, the newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::InvalidCursor`].
    pub async fn list_scope_requests(
        &self,
        who: &Principal,
        wanted: Wanted,
        page: PageRequest,
    ) -> Result<Page<NamedRequest>> {
        permit(who, Action::ListCredentials)?;
        let filter = RequestFilter {
            reader: who.user,
            workspace: who.workspace,
            of_workspace: who.role >= Role::Admin,
            of_organization: (who.organization_role >= OrganizationRole::Admin).then_some(who.organization),
            status: wanted.status,
            credential: wanted.credential,
            now: self.now(),
        };
        Ok(self.store().list_scope_requests(filter, page).await?)
    }

    /// One request, with who would gain the use of the credential.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn get_scope_request(
        &self,
        who: &Principal,
        id: ScopeRequestId,
    ) -> Result<(NamedRequest, Vec<Gainer>)> {
        permit(who, Action::ListCredentials)?;
        let named = self.seen_request(who, id).await?;
        let request = &named.request;
        let gains = if request.is_open(self.now()) {
            self.gainers(request.workspace, request.organization, request.to, request.asker).await?
        } else {
            Vec::new()
        };
        Ok((named, gains))
    }

    /// Whether the caller may approve a request, and lacks at most a fresh proof. For whoever draws a page.
    #[must_use]
    pub fn can_decide(&self, who: &Principal, request: &ScopeRequest) -> bool {
        request.is_open(self.now()) && permit(who, Action::RejectScopeRequest(request)).is_ok()
    }

    /// Approves a request: the scope changes, and the secret is sealed anew, in the same transaction.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also without a fresh proof for the organization; [`Error::NotFound`];
    /// [`Error::ScopeRequestClosed`]; [`Error::ScopeRequestStale`]; [`Error::CredentialRevoked`].
    pub async fn approve_scope_request(&self, who: &Principal, id: ScopeRequestId) -> Result<NamedRequest> {
        may_decide(who)?;
        let NamedRequest { request, .. } = self.seen_request(who, id).await?;
        permit(who, Action::ApproveScopeRequest(&request))?;
        if !request.is_open(self.now()) {
            return Err(Error::ScopeRequestClosed);
        }
        let stored = self.store().get_credential_with_secret(request.credential).await?;
        if stored.credential.status == Status::Revoked {
            return Err(Error::CredentialRevoked);
        }
        if !self.still_stands(&request, &stored.credential).await? {
            return Err(Error::ScopeRequestStale);
        }
        let name = stored.credential.name.clone();
        let approved = self.request_record(actor(who), AuditAction::ScopeRequestApproved, &request, &name);
        let change =
            self.rescoped((request.workspace, actor(who)), stored, request.to, vec![approved]).await?;
        let closing = self.closing(who, id, RequestStatus::Approved, None);
        let done = self.store().approve_scope_request(closing, change).await;
        self.credential_changed(request.credential);
        match done {
            // Somebody decided, or edited the credential, at the same moment; or its key was exchanged.
            Err(flero_store::Error::Refused { .. } | flero_store::Error::Conflict) => Err(Error::Changed),
            done => Ok(done.map(|_| ())?),
        }?;
        Ok(self.store().scope_request(id).await?)
    }

    /// Refuses a request, with a reason that the asker reads.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`]; [`Error::ScopeRequestClosed`].
    pub async fn reject_scope_request(
        &self,
        who: &Principal,
        id: ScopeRequestId,
        reason: &str,
    ) -> Result<NamedRequest> {
        may_decide(who)?;
        let NamedRequest { request, credential_name, .. } = self.seen_request(who, id).await?;
        permit(who, Action::RejectScopeRequest(&request))?;
        let reason = words("/reason", reason)?;
        if reason.is_empty() {
            return Err(Error::field("/reason", "json.required", "Say why, in a sentence for the asker."));
        }
        let record =
            self.request_record(actor(who), AuditAction::ScopeRequestRejected, &request, &credential_name);
        let closing = self.closing(who, id, RequestStatus::Rejected, Some(reason));
        self.close(closing, record).await?;
        Ok(self.store().scope_request(id).await?)
    }

    /// Takes one's own request back.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::ScopeRequestClosed`].
    pub async fn withdraw_scope_request(&self, who: &Principal, id: ScopeRequestId) -> Result<()> {
        permit(who, Action::AskScope { credential: &super::sample(who), to: Scope::Workspace })?;
        let NamedRequest { request, credential_name, .. } = self.seen_request(who, id).await?;
        permit(who, Action::WithdrawScopeRequest(&request))?;
        let record =
            self.request_record(actor(who), AuditAction::ScopeRequestWithdrawn, &request, &credential_name);
        self.close(self.closing(who, id, RequestStatus::Withdrawn, None), record).await
    }

    /// Ends the requests that nobody decided on in time; returns how many.
    ///
    /// # Errors
    /// As the store.
    pub async fn expire_scope_requests(&self) -> Result<usize> {
        let now = self.now();
        let overdue = self.store().overdue_scope_requests(now, BATCH).await?;
        let mut ended = 0;
        for NamedRequest { request, credential_name, .. } in overdue {
            let record = self.request_record(
                Actor::System,
                AuditAction::ScopeRequestExpired,
                &request,
                &credential_name,
            );
            let closing =
                Closing { id: request.id, status: RequestStatus::Expired, by: None, reason: None, at: now };
            match self.store().close_scope_request(closing, vec![record]).await {
                Ok(()) => ended += 1,
                // Another process was faster.
                Err(flero_store::Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(ended)
    }

    async fn seen_request(&self, who: &Principal, id: ScopeRequestId) -> Result<NamedRequest> {
        let named = self.store().scope_request(id).await?;
        permit(who, Action::ReadScopeRequest(&named.request))?;
        Ok(named)
    }

    /// Whether what was asked for is still what is there, and its asker could still ask for it.
    async fn still_stands(&self, request: &ScopeRequest, credential: &Credential) -> Result<bool> {
        let is_same = credential.scope == request.from
            && credential.policy.canonical_bytes() == request.policy.canonical_bytes();
        let asker = match self.store().membership(request.asker, request.workspace).await {
            Ok(member) => Principal {
                user: member.user,
                organization: member.organization,
                organization_role: member.organization_role,
                workspace: member.workspace,
                role: member.role,
                // What a person can do there by themselves, without the limits of a key.
                via: Via::Local,
            },
            Err(flero_store::Error::NotFound) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let may_ask = decide(&asker, Action::AskScope { credential, to: request.to });
        Ok(is_same && may_ask == flero_model::policy::Decision::Allow)
    }

    async fn close(&self, closing: Closing, record: NewAudit) -> Result<()> {
        match self.store().close_scope_request(closing, vec![record]).await {
            Err(flero_store::Error::Conflict) => Err(Error::ScopeRequestClosed),
            closed => Ok(closed?),
        }
    }

    fn closing(
        &self,
        who: &Principal,
        id: ScopeRequestId,
        status: RequestStatus,
        reason: Option<String>,
    ) -> Closing {
        Closing { id, status, by: Some(who.user), reason, at: self.now() }
    }

    fn request_record(
        &self,
        actor: Actor,
        action: AuditAction,
        request: &ScopeRequest,
        name: &str,
    ) -> NewAudit {
        let detail = AuditDetail {
            credential: Some(request.credential),
            from: Some(request.from.as_str().to_owned()),
            to: Some(request.to.as_str().to_owned()),
            name: Some(name.to_owned()),
            ..AuditDetail::default()
        };
        self.record_in(request.workspace, actor, action, request.id, detail)
    }

    /// Whom a record about a request is told to: whoever can decide it, then its asker.
    pub(crate) async fn told_of_request(
        &self,
        record: &flero_model::audit::AuditRecord,
    ) -> Result<Option<(NamedRequest, Vec<UserId>)>> {
        let Ok(id) = record.event.target.parse::<ScopeRequestId>() else { return Ok(None) };
        let named = match self.store().scope_request(id).await {
            Ok(named) => named,
            // The credential was deleted meanwhile, and its requests with it.
            Err(flero_store::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let request = &named.request;
        if record.event.action != AuditAction::ScopeRequested {
            let is_member = self.store().membership(request.asker, request.workspace).await.is_ok();
            let people = if is_member { vec![request.asker] } else { Vec::new() };
            return Ok(Some((named, people)));
        }
        let mut people = Vec::new();
        let mut page = PageRequest { limit: 200, cursor: None };
        loop {
            let next = if request.to == Scope::Organization {
                let listed =
                    self.store().list_organization_members(request.organization, page.clone()).await?;
                let able = listed
                    .items
                    .iter()
                    .filter(|one| one.role >= OrganizationRole::Admin && one.deactivated_at.is_none());
                people.extend(able.map(|one| one.user));
                listed.next_cursor
            } else {
                let listed = self.store().list_members(request.workspace, page.clone()).await?;
                people.extend(listed.items.iter().filter(|one| one.role >= Role::Admin).map(|one| one.user));
                listed.next_cursor
            };
            match next {
                Some(cursor) => page.cursor = Some(cursor),
                None => return Ok(Some((named, people))),
            }
        }
    }
}

/// Whether the caller decides on any request at all: said before one is looked up, so that a refusal says nothing of
/// what exists.
fn may_decide(who: &Principal) -> Result<()> {
    permit(who, Action::RejectScopeRequests(Scope::Workspace))
        .or_else(|refused| permit(who, Action::RejectScopeRequests(Scope::Organization)).map_err(|_| refused))
}

/// A note or a reason, of a length and form that fits on a page.
fn words(pointer: &str, text: &str) -> Result<String> {
    let text = text.trim();
    let odd = |letter: char| letter.is_control() && letter != '\n';
    if text.chars().count() > MOST_WORDS || text.contains(odd) {
        let message = format!("Use at most {MOST_WORDS} characters and no control characters.");
        return Err(Error::field(pointer, "json.too_long", message));
    }
    Ok(text.to_owned())
}
