//! Connectors that a workspace imported.

use flero_model::audit::AuditAction;

use crate::{Error, connectors::NewConnector, contract::sample::World};

fn connector(world: &World, id: &str, pack: &[u8]) -> NewConnector {
    NewConnector {
        workspace: world.workspace,
        id: id.to_owned(),
        summary: format!("{{\"id\":\"{id}\"}}"),
        pack: pack.to_vec(),
        by: world.user,
        at: flero_model::Timestamp::from_millis(1_000),
    }
}

pub(in crate::contract) async fn a_connector_is_kept_replaced_and_removed_on_the_record(world: World) {
    let audit = || vec![world.audit(AuditAction::ConnectorImported, world.workspace)];
    assert!(matches!(world.get_connector(world.workspace, "b").await, Err(Error::NotFound)));
    world.put_connector(connector(&world, "b", b"one"), audit()).await.unwrap();
    world.put_connector(connector(&world, "a", b"two"), audit()).await.unwrap();
    world.put_connector(connector(&world, "b", b"three"), audit()).await.unwrap();
    assert_eq!(world.get_connector(world.workspace, "b").await.unwrap(), b"three");
    assert_eq!(world.list_connectors(world.workspace).await.unwrap(), [r#"{"id":"a"}"#, r#"{"id":"b"}"#]);
    world.delete_connector(world.workspace, "b", audit()).await.unwrap();
    assert!(matches!(world.delete_connector(world.workspace, "b", audit()).await, Err(Error::NotFound)));
    assert_eq!(world.list_connectors(world.workspace).await.unwrap().len(), 1);
    assert_eq!(world.chain().await.len(), 4, "what was refused leaves no record");
}

pub(in crate::contract) async fn each_workspace_has_its_own_connectors(world: World) {
    let elsewhere = world.elsewhere();
    world.put_connector(connector(&world, "a", b"one"), Vec::new()).await.unwrap();
    assert!(matches!(world.get_connector(elsewhere.workspace, "a").await, Err(Error::NotFound)));
    assert!(elsewhere.list_connectors(elsewhere.workspace).await.unwrap().is_empty());
}
