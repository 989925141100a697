//! A workspace's variables.

use flero_model::audit::AuditAction;
use serde_json::{Map, Value, json};

use crate::{Error, contract::sample::World};

fn values(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(in crate::contract) async fn variables_begin_empty_at_revision_zero(world: World) {
    assert_eq!(world.get_variables(world.workspace).await.unwrap(), (Map::new(), 0));
    let given = values(json!({ "region": "eu", "limit": 12, "nested": { "a": [1.5, null, "ü"] } }));
    assert_eq!(world.put_variables(world.workspace, given.clone(), Some(0), Vec::new()).await.unwrap(), 1);
    assert_eq!(world.get_variables(world.workspace).await.unwrap(), (given, 1));
}

pub(in crate::contract) async fn a_write_that_expects_another_revision_changes_nothing(world: World) {
    let audit = || vec![world.audit(AuditAction::VariablesChanged, world.workspace)];
    let put = |text: &str, expected| {
        world.put_variables(world.workspace, values(json!({ "who": text })), expected, audit())
    };
    assert_eq!(put("first", None).await.unwrap(), 1);
    assert_eq!(put("second", Some(1)).await.unwrap(), 2);
    assert!(matches!(put("third", Some(1)).await, Err(Error::Conflict)));
    assert!(matches!(put("fourth", Some(0)).await, Err(Error::Conflict)));
    assert_eq!(world.get_variables(world.workspace).await.unwrap(), (values(json!({ "who": "second" })), 2));
    assert_eq!(put("anyhow", None).await.unwrap(), 3);
    assert_eq!(world.chain().await.len(), 3);
}

pub(in crate::contract) async fn each_workspace_has_its_own_variables(world: World) {
    let elsewhere = world.elsewhere();
    world.put_variables(world.workspace, values(json!({ "a": 1 })), None, Vec::new()).await.unwrap();
    assert_eq!(world.get_variables(elsewhere.workspace).await.unwrap().1, 0);
    elsewhere
        .put_variables(elsewhere.workspace, values(json!({ "a": 2 })), Some(0), Vec::new())
        .await
        .unwrap();
    assert_eq!(world.get_variables(world.workspace).await.unwrap().0, values(json!({ "a": 1 })));
}
