//! Notifications: noted with the act, filed once, delivered until they arrive.

use std::collections::BTreeMap;

use flero_model::{
    DeliveryId, NotificationId, UserId, WebhookEndpointId,
    audit::{Actor, AuditAction, NewAudit},
    credential::Scope,
    execution::ExecutionStatus,
    notification::{Category, Frequency, Notification},
};

use crate::{
    Error,
    contract::sample::{World, at, first},
    notifications::{Delivery, Event, NewNotification, Target, WebhookEndpoint},
};

fn failing(world: &World, target: &str) -> NewAudit {
    let mut record = world.audit(AuditAction::CredentialStatusChanged, target);
    record.detail.to = Some("failing".into());
    record
}

fn notification(world: &World, user: UserId, millis: i64) -> Notification {
    Notification {
        id: NotificationId::new(at(millis), world.unique()),
        user,
        workspace: world.workspace,
        category: Category::CredentialFailing,
        subject: "cred_x".into(),
        name: "Orders".into(),
        reason: Some("auth.refused".into()),
        count: 1,
        created_at: at(millis),
        last_at: at(millis),
        read_at: None,
    }
}

fn delivery(world: &World, target: Target, millis: i64) -> Delivery {
    Delivery {
        id: DeliveryId::new(at(millis), world.unique()),
        target,
        notification: notification(world, world.user, millis),
        attempts: 0,
        next_at: at(millis),
        created_at: at(millis),
    }
}

pub(in crate::contract) async fn an_event_is_noted_with_its_act_and_filed_by_one(world: World) {
    world
        .append_audit(vec![failing(&world, "cred_x"), world.audit(AuditAction::CredentialRead, "cred_x")])
        .await
        .unwrap();
    // An act that is undone is not told.
    let mut wrong = failing(&world, "cred_y");
    wrong.actor = Actor::System;
    let undone = world.delete_credential(world.credential_id(), vec![wrong]).await;
    assert!(matches!(undone, Err(Error::NotFound)), "{undone:?}");
    let events = world.pending_events(10).await.unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    let Event::Recorded(record) = &events[0].event else { panic!("a record") };
    assert_eq!((events[0].category, record.event.target.as_str()), (Category::CredentialFailing, "cred_x"));

    let other = world.someone();
    let new = |user, mail| NewNotification { notification: notification(&world, user, 10), mail };
    let mail = delivery(&world, Target::Mail(world.user), 10);
    let both = vec![new(world.user, Some(mail.clone())), new(other, None)];
    let told = world.file_event(events[0].place, both.clone(), Vec::new(), at(0)).await.unwrap();
    assert_eq!(told, [world.user, other]);
    let again = world.file_event(events[0].place, both, Vec::new(), at(0)).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    assert_eq!(world.unread_notifications(world.user).await.unwrap(), (1, Some(at(10))));
    assert_eq!(world.take_deliveries(at(10), 100, 10).await.unwrap(), [mail]);
}

pub(in crate::contract) async fn a_run_that_fails_is_an_event_and_one_that_succeeds_is_none(world: World) {
    let workflow = world.with_workflow().await;
    for status in [ExecutionStatus::Success, ExecutionStatus::Failed, ExecutionStatus::Timeout] {
        let run = world.with_run(workflow.id).await;
        let end = crate::executions::ExecutionStep { status, ..world.end(&run, 2) };
        world.append_execution(end).await.unwrap();
    }
    let events = world.pending_events(10).await.unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events.iter().all(|one| one.category == Category::ExecutionFailed));
}

pub(in crate::contract) async fn what_was_not_read_is_joined_within_its_time_and_never_mailed_twice(
    world: World,
) {
    let file = async |millis: i64, joins_since: i64| {
        world.append_audit(vec![failing(&world, "cred_x")]).await.unwrap();
        let place = world.pending_events(1).await.unwrap()[0].place;
        let new = NewNotification {
            notification: notification(&world, world.user, millis),
            mail: Some(delivery(&world, Target::Mail(world.user), millis)),
        };
        world.file_event(place, vec![new], Vec::new(), at(joins_since)).await.unwrap();
    };
    let counts = async || {
        let page = world.list_notifications(world.user, false, first(10)).await.unwrap();
        page.items.iter().map(|one| (one.count, one.last_at)).collect::<Vec<_>>()
    };
    file(10, 0).await;
    file(20, 5).await;
    assert_eq!(counts().await, [(2, at(20))]);
    // Too long ago, then read: each time it is a new one.
    file(1_000, 500).await;
    assert_eq!(world.read_notifications(world.user, None, at(1_000)).await.unwrap(), 2);
    file(1_010, 500).await;
    assert_eq!(counts().await, [(1, at(1_010)), (1, at(1_000)), (2, at(20))]);
    assert_eq!(world.take_deliveries(at(9_999), 100, 10).await.unwrap().len(), 3);

    let newest = world.list_notifications(world.user, true, first(10)).await.unwrap();
    assert_eq!((newest.total, newest.items.len()), (1, 1));
    let only = Some(vec![newest.items[0].id]);
    // Nobody reads somebody else's.
    assert_eq!(world.read_notifications(world.someone(), only.clone(), at(2_000)).await.unwrap(), 0);
    assert_eq!(world.read_notifications(world.user, only, at(2_000)).await.unwrap(), 1);
    assert_eq!(world.unread_notifications(world.user).await.unwrap(), (0, Some(at(1_010))));
    let page = world.list_notifications(world.user, false, first(2)).await.unwrap();
    let rest = crate::PageRequest { limit: 2, cursor: page.next_cursor };
    assert_eq!(world.list_notifications(world.user, false, rest).await.unwrap().items.len(), 1);
    assert_eq!(world.prune_notifications(at(1_000)).await.unwrap(), 1);
}

pub(in crate::contract) async fn a_delivery_is_taken_by_one_and_comes_again_until_it_is_finished(
    world: World,
) {
    world.append_audit(vec![failing(&world, "cred_x")]).await.unwrap();
    let place = world.pending_events(1).await.unwrap()[0].place;
    let endpoint = WebhookEndpointId::new(at(0), world.unique());
    let call = delivery(&world, Target::Webhook(endpoint), 100);
    world.file_event(place, Vec::new(), vec![call.clone()], at(0)).await.unwrap();
    let take = async |now| world.take_deliveries(at(now), 1_000, 10).await.unwrap();
    assert_eq!(take(99).await, []);
    assert_eq!(take(100).await, [call]);
    assert_eq!(take(1_099).await, []);
    assert_eq!(take(1_100).await[0].attempts, 1);
    // The pause has doubled.
    assert_eq!(take(3_099).await, []);
    let again = take(3_100).await;
    assert_eq!(again[0].attempts, 2);
    world.finish_deliveries(vec![again[0].id]).await.unwrap();
    assert_eq!(take(i64::from(u32::MAX)).await, []);
}

pub(in crate::contract) async fn frequencies_are_kept_for_each_person(world: World) {
    world.with_owner().await;
    assert!(world.notification_settings(world.user).await.unwrap().is_empty());
    for often in [Frequency::Never, Frequency::Daily] {
        let chosen = BTreeMap::from([(Category::ExecutionFailed, often)]);
        world.set_notification_settings(world.user, chosen.clone()).await.unwrap();
        assert_eq!(world.notification_settings(world.user).await.unwrap(), chosen);
    }
    assert!(world.notification_settings(world.someone()).await.unwrap().is_empty());
}

pub(in crate::contract) async fn an_endpoint_goes_with_its_secret_and_what_waits_for_it(world: World) {
    world.with_keys().await;
    let make = async |millis: i64| {
        let endpoint = WebhookEndpoint {
            id: WebhookEndpointId::new(at(millis), world.unique()),
            workspace: world.workspace,
            url: "https://hooks.example.com/a".into(),
            categories: vec![Category::CredentialExpired],
            creator: world.user,
            created_at: at(millis),
        };
        let mut secret = world.secret(&world.credential(Scope::Workspace), 1);
        (secret.address.owner, secret.address.field) = (endpoint.id.to_string(), "secret".into());
        let audit = vec![world.audit(AuditAction::SettingsChanged, endpoint.id)];
        world.create_endpoint(endpoint.clone(), secret.clone(), audit).await.map(|()| (endpoint, secret))
    };
    let (one, secret) = make(1).await.unwrap();
    let (two, _) = make(2).await.unwrap();
    assert_eq!(world.endpoints(world.workspace).await.unwrap(), [one.clone(), two.clone()]);
    assert_eq!(world.endpoint(one.id).await.unwrap(), (one.clone(), secret));
    let elsewhere = world.elsewhere().workspace;
    assert!(world.endpoints(elsewhere).await.unwrap().is_empty());
    let foreign = world.delete_endpoint(elsewhere, one.id, Vec::new()).await;
    assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");

    world.append_audit(vec![failing(&world, "cred_x")]).await.unwrap();
    let place = world.pending_events(1).await.unwrap()[0].place;
    let waiting = [one.id, two.id].map(|id| delivery(&world, Target::Webhook(id), 5));
    world.file_event(place, Vec::new(), waiting.to_vec(), at(0)).await.unwrap();
    world.delete_endpoint(world.workspace, one.id, Vec::new()).await.unwrap();
    assert!(matches!(world.endpoint(one.id).await, Err(Error::NotFound)));
    let owners: Vec<String> =
        world.all_sealed(None, 10).await.unwrap().into_iter().map(|sealed| sealed.address.owner).collect();
    assert_eq!(owners, [two.id.to_string()]);
    assert_eq!(world.take_deliveries(at(5), 100, 10).await.unwrap(), [waiting[1].clone()]);
    for millis in 3..12 {
        make(millis).await.unwrap();
    }
    let eleventh = make(12).await;
    assert!(matches!(eleventh, Err(Error::Refused { .. })), "{eleventh:?}");
}
