//! Requests for a wider scope: one open one for a credential and a scope, which ends once.

use flero_model::{
    ScopeRequestId,
    audit::AuditAction,
    credential::{Credential, Scope},
    scope_request::{OPEN_FOR_MS, RequestStatus, ScopeRequest},
};

use crate::{
    Error, PageRequest,
    contract::sample::World,
    credentials::CredentialChange,
    scope_requests::{Closing, RequestFilter},
};

fn request(world: &World, credential: &Credential) -> ScopeRequest {
    let now = world.tick();
    ScopeRequest {
        id: ScopeRequestId::new(now, world.unique()),
        credential: credential.id,
        workspace: credential.workspace_id,
        organization: credential.organization_id,
        asker: world.someone(),
        from: credential.scope,
        to: Scope::Organization,
        policy: credential.policy.clone(),
        note: "why".into(),
        status: RequestStatus::Open,
        reason: None,
        decided_by: None,
        created_at: now,
        expires_at: now.plus_millis(OPEN_FOR_MS),
        decided_at: None,
    }
}

fn closing(world: &World, request: &ScopeRequest, status: RequestStatus) -> Closing {
    let (by, reason) = (Some(world.user), Some("because".to_owned()));
    Closing { id: request.id, status, by, reason, at: world.tick() }
}

pub(in crate::contract) async fn a_request_is_open_once_and_ends_once(world: World) {
    world.with_owner().await;
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let (first, before) = (request(&world, &credential), world.chain().await.len());
    let record = || vec![world.audit(AuditAction::ScopeRequested, first.id)];
    world.create_scope_request(first.clone(), record()).await.unwrap();
    assert_eq!(world.scope_request(first.id).await.unwrap().request, first);
    let again = request(&world, &credential);
    let taken = world.create_scope_request(again.clone(), record()).await;
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
    world.close_scope_request(closing(&world, &first, RequestStatus::Rejected), record()).await.unwrap();
    let closed = world.scope_request(first.id).await.unwrap().request;
    assert_eq!((closed.status, closed.reason.as_deref()), (RequestStatus::Rejected, Some("because")));
    let twice = world.close_scope_request(closing(&world, &first, RequestStatus::Withdrawn), record()).await;
    assert!(matches!(twice, Err(Error::Conflict)), "{twice:?}");
    world.create_scope_request(again, record()).await.unwrap();
    assert_eq!(world.chain().await.len(), before + 3, "what was refused left no record");
}

pub(in crate::contract) async fn an_approval_changes_the_credential_or_nothing(world: World) {
    world.with_owner().await;
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let asked = request(&world, &credential);
    world.create_scope_request(asked.clone(), Vec::new()).await.unwrap();
    let change = |revision: u64| CredentialChange {
        credential: Credential { name: "Approved".into(), revision, ..credential.clone() },
        secrets: Vec::new(),
        destroy: Vec::new(),
        audit: vec![world.audit(AuditAction::ScopeRequestApproved, asked.id)],
    };
    let approved = || closing(&world, &asked, RequestStatus::Approved);
    let stale = world.approve_scope_request(approved(), change(credential.revision + 7)).await;
    assert!(matches!(stale, Err(Error::Conflict)), "{stale:?}");
    assert_eq!(world.scope_request(asked.id).await.unwrap().request.status, RequestStatus::Open);
    let late = Closing { at: asked.expires_at, ..approved() };
    let late = world.approve_scope_request(late, change(credential.revision)).await;
    assert!(matches!(late, Err(Error::Conflict)), "{late:?}");
    let done = world.approve_scope_request(approved(), change(credential.revision)).await.unwrap();
    assert_eq!(done.name, "Approved");
    let twice = world.approve_scope_request(approved(), change(done.revision)).await;
    assert!(matches!(twice, Err(Error::Conflict)), "{twice:?}");
}

pub(in crate::contract) async fn requests_are_seen_by_their_asker_and_by_who_decides(world: World) {
    world.with_owner().await;
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let to_organization = request(&world, &credential);
    let to_workspace = ScopeRequest { to: Scope::Workspace, ..request(&world, &credential) };
    for one in [&to_organization, &to_workspace] {
        world.create_scope_request(one.clone(), Vec::new()).await.unwrap();
    }
    let filter = RequestFilter {
        reader: world.someone(),
        workspace: world.workspace,
        of_workspace: false,
        of_organization: None,
        status: None,
        credential: None,
        now: world.tick(),
    };
    let list = async |filter: RequestFilter| {
        let page = PageRequest { limit: 10, cursor: None };
        let page = world.list_scope_requests(filter, page).await.unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        page.items.into_iter().map(|one| one.request.id).collect::<Vec<_>>()
    };
    assert_eq!(list(filter).await, []);
    assert_eq!(list(RequestFilter { reader: to_workspace.asker, ..filter }).await, [to_workspace.id]);
    assert_eq!(list(RequestFilter { of_workspace: true, ..filter }).await, [to_workspace.id]);
    let of_organization = Some(world.organization);
    assert_eq!(list(RequestFilter { of_organization, ..filter }).await, [to_organization.id]);
    let both = RequestFilter { of_workspace: true, of_organization, ..filter };
    assert_eq!(list(both).await, [to_workspace.id, to_organization.id]);
    let expired = RequestFilter { status: Some(RequestStatus::Expired), ..both };
    assert_eq!(list(expired).await, []);
    let later = to_organization.expires_at;
    assert_eq!(list(RequestFilter { now: later, ..expired }).await, [to_organization.id]);
    let overdue = world.overdue_scope_requests(later, 10).await.unwrap();
    assert_eq!(overdue.iter().map(|one| one.request.id).collect::<Vec<_>>(), [to_organization.id]);
    world.delete_credential(credential.id, Vec::new()).await.unwrap();
    assert_eq!(list(both).await, []);
}
