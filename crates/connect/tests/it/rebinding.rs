//! Security test 31: what a name server says a second time does not count.

use std::{net::IpAddr, sync::atomic::Ordering};

use flero_connect::{Config, Kind, guard::Blocked};

use super::harness::{Answer, Server, World};

fn addresses(answers: &[&[&str]]) -> Vec<Vec<IpAddr>> {
    answers.iter().map(|answer| answer.iter().map(|address| address.parse().unwrap()).collect()).collect()
}

/// Security test 31: the name is resolved once per connection, and the connection goes to the checked address.
/// A resolver that says a good address first and a bad one afterwards gets nothing from its second answer.
#[tokio::test]
async fn a_second_answer_is_never_asked_for() {
    let server = Server::start(|_| Answer::new(200, "ok").header("connection", "close")).await;
    let world = World::new();
    world.memory.names.lock().unwrap().insert(
        "rebind.test".to_owned(),
        addresses(&[&["127.0.0.1"], &["10.0.0.1"], &["127.0.0.1"], &["169.254.169.254"]]),
    );
    let url = server.url("rebind.test", "/");
    assert_eq!(world.get(None, &url).await.unwrap().status, 200);
    assert_eq!(world.memory.look_ups.load(Ordering::Relaxed), 1);
    let refused = world.get(None, &url).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Blocked(Blocked::Private));
    assert_eq!(world.get(None, &url).await.unwrap().status, 200);
    let refused = world.get(None, &url).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Blocked(Blocked::Metadata));
    assert_eq!(server.seen().len(), 2);
}

/// Security test 31: one closed address among the answers closes the name, at every place in the list.
#[tokio::test]
async fn one_closed_address_among_the_answers_closes_the_name() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    for (place, answer) in [
        &["127.0.0.1", "10.0.0.1"][..],
        &["10.0.0.1", "127.0.0.1"],
        &["127.0.0.1", "127.0.0.2", "::ffff:10.0.0.1"],
        &["127.0.0.1", "64:ff9b::a00:1"],
        &["127.0.0.1", "fd00::1"],
    ]
    .iter()
    .enumerate()
    {
        let name = format!("mixed{place}.test");
        world.memory.names.lock().unwrap().insert(name.clone(), addresses(&[answer]));
        let refused = world.get(None, server.url(&name, "/")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Blocked(Blocked::Private), "{answer:?}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_name_without_an_address_says_so() {
    let world = World::new();
    world.memory.names.lock().unwrap().insert("none.test".to_owned(), Vec::new());
    world.memory.names.lock().unwrap().insert("empty.test".to_owned(), addresses(&[&[]]));
    for name in ["none.test", "empty.test"] {
        assert_eq!(world.get(None, format!("https://{name}/")).await.unwrap_err().kind(), Kind::Dns);
    }
}

#[tokio::test]
async fn the_next_address_is_tried_when_one_does_not_answer() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::new();
    // Nothing listens on the first address.
    let answers = addresses(&[&["127.0.0.9", "127.0.0.1"]]);
    world.memory.names.lock().unwrap().insert("two.test".to_owned(), answers);
    assert_eq!(world.get(None, server.url("two.test", "/")).await.unwrap().status, 200);
}

/// Security test 33: a service on loopback is reachable when it is listed, but never Flero's own listener.
#[tokio::test]
async fn the_own_listener_is_closed_under_every_name() {
    let own = Server::start(|_| Answer::new(200, "own")).await;
    let world = World::with(Config {
        allow: "0.0.0.0/0,::/0,me.test".parse().unwrap(),
        own_addresses: vec![format!("0.0.0.0:{}", own.port()).parse().unwrap()],
        ..Config::default()
    });
    for host in ["me.test", "127.0.0.1", "127.1.2.3", "0.0.0.0", "[::ffff:127.0.0.1]"] {
        let refused = world.get(None, own.url(host, "/")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Blocked(Blocked::Own), "{host}");
    }
    assert!(own.seen().is_empty());
}

#[tokio::test]
async fn nothing_on_this_machine_is_reached_by_default() {
    let server = Server::start(|_| Answer::new(200, "ok")).await;
    let world = World::with(Config::default());
    for host in ["127.0.0.1", "localhost", "service.test", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let refused = world.get(None, server.url(host, "/")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Blocked(Blocked::Private), "{host}");
        assert_eq!(refused.code(), "egress.blocked");
    }
    assert!(server.seen().is_empty());
}
