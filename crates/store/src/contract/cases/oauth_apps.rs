//! OAuth apps: where they are shared, and that what is needed stays.

use flero_model::{
    OauthAppId,
    audit::AuditAction,
    credential::{AuthType, Scope, Status},
    oauth_app::{AppLevel, OAUTH_APP, OauthApp},
};

use crate::{
    Error,
    contract::sample::{World, at},
    credentials::CredentialChange,
    keys::SealedSecret,
    oauth_apps::{AppChange, StoredApp},
};

fn app(world: &World, level: AppLevel, service: &str) -> OauthApp {
    let now = world.tick();
    let mut policy = world.credential(Scope::Workspace).policy;
    service.clone_into(&mut policy.service);
    policy.auth_type = AuthType::Oauth2;
    OauthApp {
        id: OauthAppId::new(now, world.unique()),
        level,
        organization_id: (level == AppLevel::Organization).then_some(world.organization),
        workspace_id: (level == AppLevel::Workspace).then_some(world.workspace),
        policy,
        secret_fields: vec!["clientSecret".into()],
        created_at: now,
        updated_at: now,
        revision: 1,
        secret_revision: 1,
    }
}

fn sealed(world: &World, app: &OauthApp) -> SealedSecret {
    let credential = world.credential(Scope::Workspace);
    let mut sealed = world.secret(&credential, app.secret_revision);
    sealed.address.owner = app.id.to_string();
    sealed
}

fn change(world: &World, app: &OauthApp) -> AppChange {
    AppChange {
        app: app.clone(),
        secret: Some(sealed(world, app)),
        audit: vec![world.audit(AuditAction::OauthAppChanged, app.id)],
    }
}

pub(in crate::contract) async fn an_app_comes_back_as_it_was_written_and_is_shared_at_its_level(
    world: World,
) {
    world.with_keys().await;
    let [everywhere, ours, near] = [AppLevel::Installation, AppLevel::Organization, AppLevel::Workspace]
        .map(|level| app(&world, level, "crm"));
    for one in [&everywhere, &ours, &near] {
        world.create_oauth_app(change(&world, one)).await.unwrap();
    }
    let StoredApp { app: found, secret } = world.get_oauth_app(near.id).await.unwrap();
    assert_eq!(found, near);
    assert_eq!(secret.unwrap().address.owner, near.id.to_string());
    let listed = world.list_oauth_apps(world.organization, world.workspace).await.unwrap();
    assert_eq!(listed, [near.clone(), ours.clone(), everywhere.clone()], "the nearest first");
    let other = world.elsewhere();
    let listed = world.list_oauth_apps(other.organization, other.workspace).await.unwrap();
    assert_eq!(listed, [ours, everywhere]);
    let twice = world.create_oauth_app(change(&world, &app(&world, AppLevel::Workspace, "crm"))).await;
    assert!(matches!(twice, Err(Error::Taken { .. })));
    assert_eq!(world.chain().await.len(), 3, "what was refused left no record");
}

pub(in crate::contract) async fn of_two_changes_of_an_app_one_is_kept(world: World) {
    world.with_keys().await;
    let made = app(&world, AppLevel::Workspace, "crm");
    world.create_oauth_app(change(&world, &made)).await.unwrap();
    let mut next = OauthApp { revision: 2, secret_revision: 2, updated_at: world.tick(), ..made.clone() };
    next.policy.parameters.insert("clientId".into(), "new".into());
    world.update_oauth_app(change(&world, &next)).await.unwrap();
    assert_eq!(world.get_oauth_app(made.id).await.unwrap().app, next);
    let late = world.update_oauth_app(change(&world, &OauthApp { secret_revision: 3, ..next })).await;
    assert!(matches!(late, Err(Error::Conflict)));
    let gone = app(&world, AppLevel::Workspace, "other");
    let missing = world.update_oauth_app(change(&world, &gone)).await;
    assert!(matches!(missing, Err(Error::NotFound)));
}

pub(in crate::contract) async fn an_app_that_a_credential_needs_stays(world: World) {
    world.with_keys().await;
    let mut credential = world.credential(Scope::Workspace);
    let needed = app(&world, AppLevel::Workspace, "crm");
    credential.policy.auth_type = AuthType::Oauth2;
    credential.policy.parameters.insert(OAUTH_APP.into(), needed.id.to_string().into());
    world.create_credential(world.creation(&credential)).await.unwrap();
    world.create_oauth_app(change(&world, &needed)).await.unwrap();
    let uses = world.oauth_app_uses(needed.id, at(0)).await.unwrap();
    assert_eq!((uses[0].credential, &uses[0].name), (Some(credential.id), &credential.name));
    let kept = world.delete_oauth_app(needed.id, at(0), Vec::new()).await;
    assert!(matches!(kept, Err(Error::Refused { .. })));
    credential.status = Status::Revoked;
    credential.revision = 1;
    let revoked = CredentialChange { secrets: Vec::new(), ..world.creation(&credential) };
    world.update_credential(revoked).await.unwrap();
    let record = world.audit(AuditAction::OauthAppDeleted, needed.id);
    world.delete_oauth_app(needed.id, at(0), vec![record]).await.unwrap();
    assert!(matches!(world.get_oauth_app(needed.id).await, Err(Error::NotFound)));
    assert!(world.secrets_of(needed.id.to_string()).await.unwrap().is_empty());
    let again = world.delete_oauth_app(needed.id, at(0), Vec::new()).await;
    assert!(matches!(again, Err(Error::NotFound)));
}

pub(in crate::contract) async fn the_apps_of_a_workspace_go_with_it(world: World) {
    let made = app(&world, AppLevel::Workspace, "crm");
    world.with_keys().await;
    world.create_oauth_app(change(&world, &made)).await.unwrap();
    world.delete_workspace(world.workspace, at(1), Vec::new()).await.unwrap();
    assert!(matches!(world.get_oauth_app(made.id).await, Err(Error::NotFound)));
    assert!(world.secrets_of(made.id.to_string()).await.unwrap().is_empty());
}
