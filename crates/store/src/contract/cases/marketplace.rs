//! Registries of an organization, and what a workspace installed from them.

use flero_model::{Timestamp, audit::AuditAction};

use crate::{
    Error,
    connectors::NewConnector,
    contract::sample::World,
    marketplace::{InstalledVersion, NewInstall, StoredRegistry},
};

fn registry(world: &World, id: &str) -> StoredRegistry {
    StoredRegistry {
        organization: world.organization,
        id: id.to_owned(),
        name: id.to_uppercase(),
        url: format!("https://{id}.example.com/"),
        root: b"root".to_vec(),
        by: world.user,
        at: Timestamp::from_millis(1_000),
    }
}

fn connector(world: &World, pack: &[u8]) -> NewConnector {
    NewConnector {
        workspace: world.workspace,
        id: "rates".to_owned(),
        summary: r#"{"id":"rates"}"#.to_owned(),
        pack: pack.to_vec(),
        by: world.user,
        at: Timestamp::from_millis(1_000),
    }
}

fn install(world: &World, version: &str, replaces: Option<&str>) -> NewInstall {
    NewInstall {
        connector: connector(world, version.as_bytes()),
        registry: "ours".to_owned(),
        version: InstalledVersion { version: version.to_owned(), reach: format!("reach of {version}") },
        replaces: replaces.map(str::to_owned),
    }
}

pub(in crate::contract) async fn a_registry_is_added_once_and_removed_on_the_record(world: World) {
    let audit = || vec![world.audit(AuditAction::RegistryAdded, world.workspace)];
    world.add_registry(registry(&world, "b"), audit()).await.unwrap();
    world.add_registry(registry(&world, "a"), audit()).await.unwrap();
    let again = world.add_registry(registry(&world, "a"), audit()).await;
    assert!(matches!(again, Err(Error::Taken { .. })), "{again:?}");
    let listed = world.list_registries(world.organization).await.unwrap();
    assert_eq!(listed, [registry(&world, "a"), registry(&world, "b")]);
    world.delete_registry(world.organization, "a", audit()).await.unwrap();
    let gone = world.delete_registry(world.organization, "a", audit()).await;
    assert!(matches!(gone, Err(Error::NotFound)));
    assert_eq!(world.list_registries(world.organization).await.unwrap().len(), 1);
    assert_eq!(world.chain().await.len(), 3, "what was refused leaves no record");
}

pub(in crate::contract) async fn an_install_keeps_the_version_before_and_gives_it_back_once(world: World) {
    world.install(install(&world, "1.0.0", None), Vec::new()).await.unwrap();
    world.install(install(&world, "1.1.0", Some("1.0.0")), Vec::new()).await.unwrap();
    world.install(install(&world, "1.2.0", Some("1.1.0")), Vec::new()).await.unwrap();
    let listed = world.list_installed(world.workspace).await.unwrap();
    assert_eq!((listed.len(), listed[0].current.version.as_str()), (1, "1.2.0"));
    assert_eq!(listed[0].former.as_ref().unwrap().version, "1.1.0");
    assert_eq!(world.get_connector(world.workspace, "rates").await.unwrap(), b"1.2.0");
    world.roll_back_install(world.workspace, "rates", Vec::new()).await.unwrap();
    let back = world.list_installed(world.workspace).await.unwrap().remove(0);
    assert_eq!((back.current.version.as_str(), back.current.reach.as_str()), ("1.1.0", "reach of 1.1.0"));
    assert_eq!(back.former, None);
    assert_eq!(world.get_connector(world.workspace, "rates").await.unwrap(), b"1.1.0");
    let twice = world.roll_back_install(world.workspace, "rates", Vec::new()).await;
    assert!(matches!(twice, Err(Error::NotFound)));
}

pub(in crate::contract) async fn an_install_that_expects_another_version_changes_nothing(world: World) {
    let missing = world.install(install(&world, "1.1.0", Some("1.0.0")), Vec::new()).await;
    assert!(matches!(missing, Err(Error::Conflict)));
    world.install(install(&world, "1.0.0", None), Vec::new()).await.unwrap();
    for replaces in [None, Some("0.9.0")] {
        let refused = world.install(install(&world, "1.1.0", replaces), Vec::new()).await;
        assert!(matches!(refused, Err(Error::Conflict)), "{replaces:?}");
    }
    assert_eq!(world.get_connector(world.workspace, "rates").await.unwrap(), b"1.0.0");
}

pub(in crate::contract) async fn what_replaces_or_removes_a_connector_forgets_where_it_came_from(
    world: World,
) {
    world.put_connector(connector(&world, b"imported"), Vec::new()).await.unwrap();
    let taken = world.install(install(&world, "1.0.0", None), Vec::new()).await;
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
    world.delete_connector(world.workspace, "rates", Vec::new()).await.unwrap();
    world.install(install(&world, "1.0.0", None), Vec::new()).await.unwrap();
    world.delete_connector(world.workspace, "rates", Vec::new()).await.unwrap();
    assert!(world.list_installed(world.workspace).await.unwrap().is_empty());
    world.install(install(&world, "1.0.0", None), Vec::new()).await.unwrap();
    world.put_connector(connector(&world, b"imported"), Vec::new()).await.unwrap();
    assert!(world.list_installed(world.workspace).await.unwrap().is_empty());
}
