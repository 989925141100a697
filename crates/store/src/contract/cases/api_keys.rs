//! Flero's own API keys.

use flero_model::{WorkflowId, audit::AuditAction};

use crate::{
    Error, PageRequest,
    contract::sample::{START, World, at, first},
};

pub(in crate::contract) async fn a_key_is_found_by_its_hash_and_only_in_its_own_workspace(world: World) {
    world.with_owner().await;
    let mut key = world.api_key(7);
    key.workflow_ids = Some(vec![WorkflowId::new(START, 1), WorkflowId::new(START, 2)]);
    world.create_api_key(key.clone(), Vec::new()).await.unwrap();
    assert_eq!(world.api_key_by_hash(&[7; 32]).await.unwrap(), key);
    assert_eq!(world.get_api_key(world.workspace, key.id).await.unwrap(), key);
    let none = world.api_key(8);
    let key_for_nothing = crate::api_keys::ApiKey {
        workflow_ids: Some(Vec::new()),
        allowed_networks: Vec::new(),
        expires_at: None,
        ..none
    };
    world.create_api_key(key_for_nothing.clone(), Vec::new()).await.unwrap();
    assert_eq!(world.api_key_by_hash(&[8; 32]).await.unwrap(), key_for_nothing);

    assert!(matches!(world.api_key_by_hash(&[9; 32]).await, Err(Error::NotFound)));
    let elsewhere = world.elsewhere().workspace;
    assert!(matches!(world.get_api_key(elsewhere, key.id).await, Err(Error::NotFound)));
    let foreign = world.revoke_api_key(elsewhere, key.id, at(1), Vec::new()).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
}

pub(in crate::contract) async fn a_hash_that_is_taken_is_refused_as_a_whole(world: World) {
    world.with_owner().await;
    let audit = || vec![world.audit(AuditAction::ApiKeyCreated, "key")];
    world.create_api_key(world.api_key(7), audit()).await.unwrap();
    let again = world.create_api_key(world.api_key(7), audit()).await;
    assert!(matches!(again, Err(Error::Taken { .. })), "{again:?}");
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn keys_are_listed_newest_first_and_by_their_creator(world: World) {
    world.with_owner().await;
    let mut made = vec![world.api_key_by_hash(&[1; 32]).await.unwrap()];
    for byte in 10..17 {
        let key = world.api_key(byte);
        world.create_api_key(key.clone(), Vec::new()).await.unwrap();
        made.push(key);
    }
    made.sort_by_key(|key| std::cmp::Reverse(key.created_at));
    let page = world.list_api_keys(world.workspace, None, first(3)).await.unwrap();
    assert_eq!((page.items.as_slice(), page.total), (&made[..3], 8));
    let next = PageRequest { limit: 200, cursor: page.next_cursor };
    let rest = world.list_api_keys(world.workspace, Some(world.user), next).await.unwrap();
    assert_eq!((rest.items.as_slice(), rest.next_cursor), (&made[3..], None));
    let others = world.list_api_keys(world.workspace, Some(world.someone()), first(3)).await.unwrap();
    assert_eq!((others.items.len(), others.total), (0, 0));
}

pub(in crate::contract) async fn a_revoked_key_stays_revoked_since_the_first_time(world: World) {
    world.with_owner().await;
    let key = world.api_key_by_hash(&[1; 32]).await.unwrap();
    let audit = || vec![world.audit(AuditAction::ApiKeyRevoked, key.id)];
    world.revoke_api_key(world.workspace, key.id, at(10), audit()).await.unwrap();
    world.revoke_api_key(world.workspace, key.id, at(20), audit()).await.unwrap();
    assert_eq!(world.api_key_by_hash(&[1; 32]).await.unwrap().revoked_at, Some(at(10)));
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn of_two_uses_the_later_time_wins(world: World) {
    world.with_owner().await;
    let key = world.api_key_by_hash(&[1; 32]).await.unwrap();
    world.touch_api_keys(vec![(key.id, at(20)), (key.id, at(10))]).await.unwrap();
    world.touch_api_keys(vec![(key.id, at(15))]).await.unwrap();
    assert_eq!(world.api_key_by_hash(&[1; 32]).await.unwrap().last_used_at, Some(at(20)));
}
