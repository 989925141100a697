//! Grants and their lease, attempts, and the revocation outbox.

use flero_model::{
    OauthAttemptId, RevocationId,
    audit::AuditAction,
    credential::{Credential, Scope, Status},
};

use futures_util::future::join;

use crate::{
    Error,
    contract::sample::{World, at},
    credentials::CredentialChange,
    keys::SealedSecret,
    oauth::{
        Attempt, AttemptStatus, Claim, ClaimRefresh, CommitTokens, EndRefresh, Grant, NewRevocation,
        Revocation, TOKENS_FIELD,
    },
};

fn claim(world: &World, credential: &Credential, revision: u64, now: i64) -> ClaimRefresh {
    ClaimRefresh {
        credential: credential.id,
        revision,
        now: at(now),
        until: at(now + 100),
        at_once: false,
        audit: vec![world.audit(AuditAction::CredentialRefreshIntent, credential.id)],
    }
}

fn tokens(world: &World, credential: &Credential, revision: u64) -> SealedSecret {
    let mut sealed = world.secret(credential, revision);
    sealed.address.field = TOKENS_FIELD.to_owned();
    sealed
}

fn commit(world: &World, credential: &Credential, fence: u64, revision: u64) -> CommitTokens {
    CommitTokens {
        credential: credential.id,
        fence,
        grant: Grant {
            revision,
            issued_at: Some(at(1)),
            expires_at: Some(at(3_600)),
            refresh_at: Some(at(3_000)),
            has_refresh_token: true,
            rotates: Some(true),
            scopes: vec!["read".into()],
            values: [("instance_url".to_owned(), "https://a.example.com".to_owned())].into(),
            account_key: Some("issuer|7".into()),
        },
        tokens: tokens(world, credential, revision),
        audit: vec![world.audit(AuditAction::CredentialRefreshed, credential.id)],
    }
}

fn won(claim: Claim) -> (u64, bool) {
    match claim {
        Claim::Won { fence, may_be_spent } => (fence, may_be_spent),
        other => panic!("{other:?}"),
    }
}

fn attempt(world: &World, draft: &Credential, state: u8) -> Attempt {
    Attempt {
        id: OauthAttemptId::new(world.tick(), world.unique()),
        workspace: world.workspace,
        user: world.user,
        bound_to: "local".into(),
        state_hash: [state; 32],
        status: AttemptStatus::Pending,
        draft: draft.clone(),
        reconnects: false,
        redirect_uri: "https://flero.example.com/oauth/callback/x".into(),
        issuer: Some("https://as.example.com".into()),
        requires_issuer: true,
        grant: Grant::default(),
        account: None,
        error: None,
        message: None,
        created_at: at(0),
        expires_at: at(600_000),
    }
}

fn under(owner: impl ToString, mut sealed: SealedSecret) -> SealedSecret {
    sealed.address.owner = owner.to_string();
    sealed
}

fn revocation(world: &World, credential: &Credential) -> NewRevocation {
    let id = RevocationId::new(world.tick(), world.unique());
    NewRevocation {
        revocation: Revocation {
            id,
            credential: credential.clone(),
            attempts: 0,
            next_at: at(0),
            created_at: at(0),
        },
        secrets: vec![under(id, tokens(world, credential, 1))],
    }
}

pub(in crate::contract) async fn a_lease_is_given_to_one_and_its_commit_moves_the_revision(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    assert_eq!(world.get_grant(credential.id).await.unwrap(), None);
    let both = join(
        world.claim_refresh(claim(&world, &credential, 0, 0)),
        world.claim_refresh(claim(&world, &credential, 0, 0)),
    )
    .await;
    let (first, second) = (both.0.unwrap(), both.1.unwrap());
    let held = Claim::Held { until: at(100) };
    let (fence, may_be_spent) = if first == held {
        won(second)
    } else {
        assert_eq!(second, held);
        won(first)
    };
    assert!(!may_be_spent);
    world.commit_tokens(commit(&world, &credential, fence, 1)).await.unwrap();
    let stored = world.get_grant(credential.id).await.unwrap().unwrap();
    assert_eq!(stored.grant, commit(&world, &credential, fence, 1).grant);
    assert_eq!((stored.leased_until, stored.failures), (None, 0));
    assert_eq!(stored.tokens.map(|tokens| tokens.revision), Some(1));
    let late = world.claim_refresh(claim(&world, &credential, 0, 50)).await.unwrap();
    assert_eq!(late, Claim::Moved);
    // The credential's own secret is another one.
    assert_eq!(
        world.get_credential_with_secret(credential.id).await.unwrap().secret.unwrap().address.field,
        "data"
    );
    let actions: Vec<_> = world.chain().await.into_iter().map(|record| record.event.action).collect();
    assert!(actions.ends_with(&[AuditAction::CredentialRefreshIntent, AuditAction::CredentialRefreshed]));
}

pub(in crate::contract) async fn a_lease_that_has_passed_is_taken_over_and_its_holder_has_lost(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let (old, _) = won(world.claim_refresh(claim(&world, &credential, 0, 0)).await.unwrap());
    let (new, may_be_spent) = won(world.claim_refresh(claim(&world, &credential, 0, 101)).await.unwrap());
    assert!(may_be_spent, "the former holder may have asked");
    let lost = world.commit_tokens(commit(&world, &credential, old, 1)).await;
    assert!(matches!(lost, Err(Error::Conflict)));
    let end = |fence| EndRefresh {
        credential: credential.id,
        fence,
        retry_at: None,
        may_be_spent: false,
        status: None,
        audit: Vec::new(),
    };
    assert!(matches!(world.end_refresh(end(old)).await, Err(Error::Conflict)));
    world.commit_tokens(commit(&world, &credential, new, 1)).await.unwrap();
    assert!(matches!(world.end_refresh(end(new)).await, Err(Error::Conflict)), "the lease is over");
}

pub(in crate::contract) async fn a_failed_refresh_rests_and_says_what_it_means(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let (fence, _) = won(world.claim_refresh(claim(&world, &credential, 0, 0)).await.unwrap());
    let audit = world.audit(AuditAction::CredentialStatusChanged, credential.id);
    let end = EndRefresh {
        credential: credential.id,
        fence,
        retry_at: Some(at(500)),
        may_be_spent: false,
        status: Some((Status::Expired, audit)),
        audit: vec![world.audit(AuditAction::CredentialRefreshed, credential.id)],
    };
    world.end_refresh(end).await.unwrap();
    assert_eq!(world.get_credential(credential.id).await.unwrap().status, Status::Expired);
    let resting = Claim::Resting { until: at(500) };
    assert_eq!(world.claim_refresh(claim(&world, &credential, 0, 499)).await.unwrap(), resting);
    let at_once = ClaimRefresh { at_once: true, ..claim(&world, &credential, 0, 499) };
    let (fence, may_be_spent) = won(world.claim_refresh(at_once).await.unwrap());
    assert!(!may_be_spent);
    world.commit_tokens(commit(&world, &credential, fence, 1)).await.unwrap();
    assert_eq!(world.get_credential(credential.id).await.unwrap().status, Status::Active);
}

pub(in crate::contract) async fn a_token_that_may_be_spent_stays_so_until_the_next_set(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let end = |fence, may_be_spent| EndRefresh {
        credential: credential.id,
        fence,
        retry_at: None,
        may_be_spent,
        status: None,
        audit: Vec::new(),
    };
    let (fence, _) = won(world.claim_refresh(claim(&world, &credential, 0, 0)).await.unwrap());
    world.end_refresh(end(fence, true)).await.unwrap();
    let (fence, may_be_spent) = won(world.claim_refresh(claim(&world, &credential, 0, 1)).await.unwrap());
    assert!(may_be_spent, "whoever asked last lost the answer");
    world.commit_tokens(commit(&world, &credential, fence, 1)).await.unwrap();
    let (fence, may_be_spent) = won(world.claim_refresh(claim(&world, &credential, 1, 2)).await.unwrap());
    assert!(!may_be_spent, "that was another token");
    world.end_refresh(end(fence, false)).await.unwrap();
    assert!(!won(world.claim_refresh(claim(&world, &credential, 1, 3)).await.unwrap()).1);
}

pub(in crate::contract) async fn a_revoked_or_deleted_credential_takes_no_tokens(world: World) {
    world.with_keys().await;
    let mut credential = world.with_credential(Scope::Workspace).await;
    let (fence, _) = won(world.claim_refresh(claim(&world, &credential, 0, 0)).await.unwrap());
    credential.status = Status::Revoked;
    let change = CredentialChange {
        credential: credential.clone(),
        secrets: Vec::new(),
        destroy: Vec::new(),
        audit: Vec::new(),
    };
    let entry = revocation(&world, &credential);
    world.revoke_with_outbox(change, entry.clone()).await.unwrap();
    assert!(matches!(world.commit_tokens(commit(&world, &credential, fence, 1)).await, Err(Error::Conflict)));
    assert_eq!(world.get_grant(credential.id).await.unwrap(), None);
    let other = world.with_credential(Scope::Workspace).await;
    let (fence, _) = won(world.claim_refresh(claim(&world, &other, 0, 0)).await.unwrap());
    world.commit_tokens(commit(&world, &other, fence, 1)).await.unwrap();
    world.delete_with_outbox(other.id, Vec::new(), revocation(&world, &other)).await.unwrap();
    assert_eq!(world.get_grant(other.id).await.unwrap(), None);
    assert!(world.secrets_of(other.id.to_string()).await.unwrap().is_empty());
    assert_eq!(world.secrets_of(entry.revocation.id.to_string()).await.unwrap(), entry.secrets);
}

pub(in crate::contract) async fn an_attempt_is_taken_once_and_before_its_end(world: World) {
    world.with_keys().await;
    let draft = world.credential(Scope::Workspace);
    let new = attempt(&world, &draft, 1);
    let secret = under(new.id, world.secret(&draft, 1));
    world.create_attempt(new.clone(), vec![secret.clone()], Vec::new()).await.unwrap();
    assert_eq!(world.get_attempt(new.id).await.unwrap(), new);
    assert_eq!(world.secrets_of(new.id.to_string()).await.unwrap(), [secret]);
    let same_state = Attempt { id: OauthAttemptId::new(at(0), world.unique()), ..new.clone() };
    assert!(matches!(
        world.create_attempt(same_state, Vec::new(), Vec::new()).await,
        Err(Error::Taken { .. })
    ));
    assert!(matches!(world.take_attempt([9; 32], at(0)).await, Err(Error::NotFound)));
    assert!(matches!(world.take_attempt([1; 32], at(600_000)).await, Err(Error::NotFound)));
    let both = join(world.take_attempt([1; 32], at(5)), world.take_attempt([1; 32], at(5))).await;
    assert!(both.0.is_ok() != both.1.is_ok());
    let taken = Attempt { status: AttemptStatus::Exchanging, ..new };
    assert_eq!(world.get_attempt(taken.id).await.unwrap(), taken);
}

pub(in crate::contract) async fn an_attempt_is_saved_once_with_its_credential(world: World) {
    world.with_keys().await;
    let draft = world.credential(Scope::Workspace);
    let new = attempt(&world, &draft, 1);
    world
        .create_attempt(new.clone(), vec![under(new.id, world.secret(&draft, 1))], Vec::new())
        .await
        .unwrap();
    let change = CredentialChange {
        credential: draft.clone(),
        secrets: vec![world.secret(&draft, 1), tokens(&world, &draft, 1)],
        destroy: Vec::new(),
        audit: Vec::new(),
    };
    let grant = Grant { revision: 1, ..Grant::default() };
    let early = world.save_attempt(new.id, change.clone(), grant.clone(), None).await;
    assert!(matches!(early, Err(Error::Conflict)));
    let connected = Attempt {
        status: AttemptStatus::Connected,
        grant: Grant { scopes: vec!["a".into()], ..Grant::default() },
        account: Some("ada".into()),
        error: Some("x".into()),
        message: Some("y".into()),
        ..new.clone()
    };
    world.update_attempt(AttemptStatus::Pending, connected.clone(), Vec::new(), Vec::new()).await.unwrap();
    let again = world.update_attempt(AttemptStatus::Pending, connected.clone(), Vec::new(), Vec::new()).await;
    assert!(matches!(again, Err(Error::Conflict)));
    assert_eq!(world.get_attempt(new.id).await.unwrap(), connected);
    world.save_attempt(new.id, change.clone(), grant.clone(), None).await.unwrap();
    assert!(matches!(world.save_attempt(new.id, change, grant, None).await, Err(Error::Conflict)));
    assert!(world.secrets_of(new.id.to_string()).await.unwrap().is_empty());
    assert_eq!(world.get_grant(draft.id).await.unwrap().unwrap().grant.revision, 1);
    assert_eq!(world.expired_attempts(at(599_999), 10).await.unwrap(), []);
    let ended = world.expired_attempts(at(600_000), 10).await.unwrap();
    assert_eq!(ended.len(), 1);
    world.delete_attempt(new.id, Some(revocation(&world, &draft))).await.unwrap();
    assert!(matches!(world.delete_attempt(new.id, None).await, Err(Error::NotFound)));
    assert_eq!(world.take_revocations(at(0), 10, 10).await.unwrap().len(), 1);
}

pub(in crate::contract) async fn a_revocation_is_taken_by_one_and_comes_again_until_it_is_finished(
    world: World,
) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let entry = revocation(&world, &credential);
    world.delete_with_outbox(credential.id, Vec::new(), entry.clone()).await.unwrap();
    let both = join(world.take_revocations(at(0), 1_000, 10), world.take_revocations(at(0), 1_000, 10)).await;
    let taken = [both.0.unwrap(), both.1.unwrap()].concat();
    assert_eq!(taken, std::slice::from_ref(&entry.revocation));
    for (now, attempts) in [(1_000, 1), (3_000, 2), (7_000, 3)] {
        assert!(world.take_revocations(at(now - 1), 1_000, 10).await.unwrap().is_empty(), "{now}");
        assert_eq!(world.take_revocations(at(now), 1_000, 10).await.unwrap()[0].attempts, attempts);
    }
    let record = world.audit(AuditAction::GrantRevoked, credential.id);
    world.finish_revocation(entry.revocation.id, vec![record]).await.unwrap();
    assert!(matches!(world.finish_revocation(entry.revocation.id, Vec::new()).await, Err(Error::NotFound)));
    assert!(world.secrets_of(entry.revocation.id.to_string()).await.unwrap().is_empty());
    assert!(world.take_revocations(at(9_000_000), 1_000, 10).await.unwrap().is_empty());
}

pub(in crate::contract) async fn tokens_follow_an_edit_of_their_credential(world: World) {
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let (fence, _) = won(world.claim_refresh(claim(&world, &credential, 0, 0)).await.unwrap());
    let edit = |credential: &Credential, secrets, destroy| CredentialChange {
        credential: credential.clone(),
        secrets,
        destroy,
        audit: Vec::new(),
    };
    let moved = tokens(&world, &credential, 2);
    let early = world.update_credential(edit(&credential, vec![moved.clone()], Vec::new())).await;
    assert!(matches!(early, Err(Error::Conflict)), "somebody asks for a new token set");
    world.commit_tokens(commit(&world, &credential, fence, 1)).await.unwrap();
    let stored = world.update_credential(edit(&credential, vec![moved.clone()], Vec::new())).await.unwrap();
    assert_eq!(world.get_grant(credential.id).await.unwrap().unwrap().grant.revision, 2);
    world.update_credential(edit(&stored, Vec::new(), vec![moved.address])).await.unwrap();
    assert_eq!(world.get_grant(credential.id).await.unwrap(), None);
}
