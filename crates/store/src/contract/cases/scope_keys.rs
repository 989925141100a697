//! Versions of scope keys, and the processes that load them.

use flero_model::{
    audit::AuditAction,
    credential::{KeyScopeRef, Scope},
};
use futures_util::future::join;

use crate::{
    Error,
    contract::sample::{World, at},
    keys::{KeyVersionState as State, LiveNode, SecretSlot},
};

fn of(world: &World) -> KeyScopeRef {
    KeyScopeRef::workspace(world.workspace)
}

async fn states(world: &World, scope: &KeyScopeRef) -> Vec<State> {
    world.scope_keys(scope).await.unwrap().into_iter().map(|key| key.state).collect()
}

pub(in crate::contract) async fn the_first_version_may_be_active_and_a_later_one_begins_as_pre(world: World) {
    world.with_vault(1).await;
    let scope = of(&world);
    let first = world.with_scope_key(&scope, 1, State::Active).await;
    let generation = world.generation().await;
    for (version, state) in [(2, State::Active), (2, State::Decrypt), (2, State::Disabled), (3, State::Pre)] {
        let refused =
            world.add_scope_key(generation, world.scope_key(&scope, version, state), Vec::new()).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "{version} {state:?}: {refused:?}");
    }
    let second = world.with_scope_key(&scope, 2, State::Pre).await;
    let personal =
        world.with_scope_key(&KeyScopeRef::personal(world.workspace, world.user), 1, State::Pre).await;
    assert_eq!(world.scope_keys(&scope).await.unwrap(), [first.clone(), second.clone()]);
    let mut all = world.all_scope_keys().await.unwrap();
    all.sort_by_key(|key| key.created_at);
    assert_eq!(all, [first, second, personal]);
}

pub(in crate::contract) async fn a_version_that_is_there_is_taken_and_a_stale_generation_is_a_conflict(
    world: World,
) {
    world.with_vault(1).await;
    let scope = of(&world);
    let first = world.with_scope_key(&scope, 1, State::Active).await;
    let audit = || vec![world.audit(AuditAction::ScopeKeyRotated, "key")];
    for generation in [1, 2] {
        let again = world.add_scope_key(generation, world.scope_key(&scope, 1, State::Pre), audit()).await;
        assert!(matches!(again, Err(Error::Taken { .. })), "{again:?}");
    }
    let stale = world.add_scope_key(1, world.scope_key(&scope, 2, State::Pre), audit()).await;
    assert!(matches!(stale, Err(Error::Conflict)), "{stale:?}");
    assert_eq!(world.scope_keys(&scope).await.unwrap(), [first]);
    assert!(world.chain().await.is_empty());
}

pub(in crate::contract) async fn of_two_first_versions_at_once_one_is_made(world: World) {
    world.with_vault(1).await;
    let scope = of(&world);
    let (one, two) = (world.scope_key(&scope, 1, State::Active), world.scope_key(&scope, 1, State::Active));
    let (first, second) =
        join(world.add_scope_key(1, one, Vec::new()), world.add_scope_key(1, two, Vec::new())).await;
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(states(&world, &scope).await, [State::Active]);
}

pub(in crate::contract) async fn activation_moves_the_former_version_to_decrypt(world: World) {
    world.with_vault(1).await;
    let scope = of(&world);
    world.with_scope_key(&scope, 1, State::Active).await;
    world.with_scope_key(&scope, 2, State::Pre).await;
    let audit = vec![world.audit(AuditAction::ScopeKeyRotated, "key")];
    world.activate_scope_key(&scope, 2, at(9_000), audit).await.unwrap();
    let keys = world.scope_keys(&scope).await.unwrap();
    assert_eq!(states(&world, &scope).await, [State::Decrypt, State::Active]);
    assert!(keys.iter().all(|key| key.state_since == at(9_000)));
    assert_eq!(world.chain().await.len(), 1);
}

pub(in crate::contract) async fn states_are_passed_in_order_only(world: World) {
    world.with_vault(1).await;
    let scope = of(&world);
    world.with_scope_key(&scope, 1, State::Active).await;
    world.with_scope_key(&scope, 2, State::Pre).await;
    let audit = || vec![world.audit(AuditAction::ScopeKeyRotated, "key")];
    let before = world.scope_keys(&scope).await.unwrap();
    let generation = world.generation().await;
    for wrong in [
        world.activate_scope_key(&scope, 1, at(1), audit()).await,
        world.activate_scope_key(&scope, 3, at(1), audit()).await,
        world.disable_scope_key(&scope, 1, at(1)).await,
        world.disable_scope_key(&scope, 2, at(1)).await,
        world.destroy_scope_key(&scope, 1, at(1), audit()).await,
        world.destroy_scope_key(&scope, 2, at(1), audit()).await,
        world.destroy_scope_key(&scope, 9, at(1), audit()).await,
    ] {
        assert!(matches!(wrong, Err(Error::Conflict)), "{wrong:?}");
    }
    assert_eq!(world.scope_keys(&scope).await.unwrap(), before);
    assert_eq!(world.generation().await, generation);
    assert!(world.chain().await.is_empty());

    world.activate_scope_key(&scope, 2, at(1), Vec::new()).await.unwrap();
    world.disable_scope_key(&scope, 1, at(2)).await.unwrap();
    let back = world.activate_scope_key(&scope, 1, at(3), Vec::new()).await;
    assert!(matches!(back, Err(Error::Conflict)), "{back:?}");
    world.destroy_scope_key(&scope, 1, at(4), Vec::new()).await.unwrap();
    assert_eq!(states(&world, &scope).await, [State::Destroyed, State::Active]);
    assert!(world.scope_keys(&scope).await.unwrap()[0].wrapped.is_empty(), "the wrapped bytes are gone");
}

/// Security test 14: destroy is refused while any row refers to the key, a previous secret too.
pub(in crate::contract) async fn a_version_is_destroyed_only_when_no_secret_refers_to_it(world: World) {
    world.with_keys().await;
    let scope = of(&world);
    let credential = world.credential(Scope::Workspace);
    let mut creation = world.creation(&credential);
    let mut previous = world.secret(&credential, 1);
    previous.address.slot = SecretSlot::Previous;
    previous.destroy_at = Some(at(50));
    creation.secrets.push(previous);
    world.create_credential(creation).await.unwrap();
    world.with_scope_key(&scope, 2, State::Pre).await;
    world.activate_scope_key(&scope, 2, at(1), Vec::new()).await.unwrap();
    assert_eq!(world.count_sealed_under(&scope, 1).await.unwrap(), 2);

    let refused = world.disable_scope_key(&scope, 1, at(2)).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    world.destroy_due_secrets(at(50)).await.unwrap();
    let refused = world.disable_scope_key(&scope, 1, at(2)).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "one is still there: {refused:?}");
    assert_eq!(states(&world, &scope).await, [State::Decrypt, State::Active]);

    world.delete_credential(credential.id, Vec::new()).await.unwrap();
    assert_eq!(world.count_sealed_under(&scope, 1).await.unwrap(), 0);
    world.disable_scope_key(&scope, 1, at(2)).await.unwrap();
    world.destroy_scope_key(&scope, 1, at(3), Vec::new()).await.unwrap();
    assert_eq!(states(&world, &scope).await, [State::Destroyed, State::Active]);
}

pub(in crate::contract) async fn a_secret_under_a_version_that_is_not_in_use_is_refused(world: World) {
    world.with_keys().await;
    let scope = of(&world);
    world.with_scope_key(&scope, 2, State::Pre).await;
    let refuse = async |version: u32| {
        let credential = world.credential(Scope::Workspace);
        let mut creation = world.creation(&credential);
        creation.secrets[0].key_version = version;
        let refused = world.create_credential(creation).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "version {version}: {refused:?}");
        assert!(
            matches!(world.get_credential(credential.id).await, Err(Error::NotFound)),
            "nothing is stored"
        );
    };
    refuse(2).await;
    refuse(9).await;
    world.activate_scope_key(&scope, 2, at(1), Vec::new()).await.unwrap();
    // Under the former version secrets are still taken: a process may not have loaded the new one yet.
    world.with_credential(Scope::Workspace).await;
    let credential = world.credential(Scope::Workspace);
    let mut creation = world.creation(&credential);
    creation.secrets[0].key_version = 2;
    world.create_credential(creation).await.unwrap();
    for sealed in world.sealed_under(&scope, 1, None, 10).await.unwrap() {
        world.delete_credential(sealed.address.owner.parse().unwrap(), Vec::new()).await.unwrap();
    }
    world.disable_scope_key(&scope, 1, at(2)).await.unwrap();
    refuse(1).await;
    world.destroy_scope_key(&scope, 1, at(3), Vec::new()).await.unwrap();
    refuse(1).await;
    assert!(world.chain().await.len() == 2, "only what was stored was recorded");
}

pub(in crate::contract) async fn every_change_of_the_keys_moves_the_generation(world: World) {
    let slots = world.with_vault(2).await;
    let scope = of(&world);
    let mut expected = 1;
    let mut moved = async |what: &str| {
        expected += 1;
        assert_eq!(world.generation().await, expected, "{what}");
    };
    world.remove_slot(1, slots[0].id, vec![3; 32], Vec::new()).await.unwrap();
    moved("remove_slot").await;
    world.add_slot(2, world.slot(), vec![3; 32], Vec::new()).await.unwrap();
    moved("add_slot").await;
    world.with_scope_key(&scope, 1, State::Active).await;
    moved("add_scope_key").await;
    world.with_scope_key(&scope, 2, State::Pre).await;
    moved("add_scope_key").await;
    world.activate_scope_key(&scope, 2, at(1), Vec::new()).await.unwrap();
    moved("activate_scope_key").await;
    world.disable_scope_key(&scope, 1, at(1)).await.unwrap();
    moved("disable_scope_key").await;
    world.destroy_scope_key(&scope, 1, at(1), Vec::new()).await.unwrap();
    moved("destroy_scope_key").await;
}

pub(in crate::contract) async fn processes_report_and_are_forgotten(world: World) {
    let slots = world.with_vault(2).await;
    let nodes = [world.process(), world.process(), world.process(), world.process()];
    let opens = vec![slots[0].id, slots[1].id];
    world.heartbeat(nodes[0], "serve", 1, opens.clone(), at(10)).await.unwrap();
    world.heartbeat(nodes[1], "serve", 1, Vec::new(), at(20)).await.unwrap();
    world.heartbeat(nodes[2], "serve", 1, Vec::new(), at(30)).await.unwrap();
    world.heartbeat(nodes[3], "command", 1, Vec::new(), at(30)).await.unwrap();
    world.heartbeat(nodes[0], "serve", 4, opens.clone(), at(40)).await.unwrap();
    let live = async |since: i64| {
        let mut live = world.live_nodes(at(since)).await.unwrap();
        live.sort_by_key(|node| node.node);
        live
    };
    assert_eq!(live(20).await.len(), 4);
    assert_eq!(live(40).await, [LiveNode { node: nodes[0], generation: 4, opens }]);
    world.retire_nodes(nodes[1], None).await.unwrap();
    let left: Vec<_> = live(0).await.into_iter().map(|node| node.node).collect();
    assert_eq!(left, [nodes[0], nodes[2], nodes[3]]);
    world.retire_nodes(nodes[2], Some("serve")).await.unwrap();
    let left: Vec<_> = live(0).await.into_iter().map(|node| node.node).collect();
    assert_eq!(left, [nodes[2], nodes[3]]);
}
