//! Mail accounts through the whole server: made by the connectors' forms, tested by logging in, and waited on.

use flero_testing::TestServer;
use serde_json::{Value, json};

use crate::{
    chain,
    dovecot::{Dovecot, PASSWORD},
    made, node, set_status,
};

fn dovecot() -> Dovecot {
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    Dovecot::start(own.cert.pem(), &own.signing_key.serialize_pem())
}

/// What is entered in the connector's form: texts.
fn body(mail: &Dovecot, password: &str, more: Value) -> Value {
    let mut parameters = mail.parameters(json!({"host": "127.0.0.1", "port": mail.ports.1.to_string()}));
    parameters.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    json!({"name": "Mail", "service": "imap", "authType": "mail", "scope": "workspace", "parameters": parameters, "data": {"password": password}, "allowedHosts": []})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_account_is_tested_by_logging_in() {
    let (server, mail) = (TestServer::start().await, dovecot());
    let test = |password: &str, more: Value| {
        let (body, client) = (body(&mail, password, more), server.owner.clone());
        async move { client.post("/api/credentials/test", body).await.expect(200) }
    };
    let good = test(PASSWORD, json!({})).await;
    assert_eq!((&good["verdict"], &good["account"]), (&json!("accepted"), &json!("ada")), "{good}");
    let starttls = json!({"tls": "starttls", "port": mail.ports.0.to_string()});
    assert_eq!(test(PASSWORD, starttls).await["verdict"], "accepted");
    let bad = test("cnry-wrong-4e1f9b", json!({})).await;
    assert_eq!(bad["verdict"], "refused", "{bad}");
    assert!(!bad.to_string().contains("cnry"));
    assert_eq!(test(PASSWORD, json!({"port": "1"})).await["verdict"], "unreachable");
}

#[tokio::test]
async fn a_mail_credential_is_bound_to_its_server() {
    let server = TestServer::start().await;
    let make = |parameters: Value, hosts: Value| {
        let body = json!({"name": "x", "service": "http", "authType": "mail", "parameters": parameters, "data": {"password": "s3cret-1"}, "allowedHosts": hosts});
        let client = server.owner.clone();
        async move { client.post("/api/credentials", body).await }
    };
    let base = json!({"protocol": "smtp", "host": "Mail.Example.com", "user": "ada@example.com"});
    let with = |name: &str, value: Value| {
        let mut all = base.clone();
        all[name] = value;
        all
    };
    for (parameters, host) in [
        (base.clone(), "mail.example.com:465"),
        (with("tls", json!("starttls")), "mail.example.com:587"),
        (with("tls", json!("disable")), "http://mail.example.com:587"),
        (with("protocol", json!("imap")), "mail.example.com:993"),
        (with("port", json!(2525)), "mail.example.com:2525"),
    ] {
        let made = make(parameters, json!([])).await.expect(201);
        assert_eq!(made["allowedHosts"], json!([host]));
    }
    for (parameters, hosts, pointer) in [
        (with("protocol", json!("pop3")), json!([]), "/parameters/protocol"),
        (with("host", json!("mail.example.com:25")), json!([]), "/parameters/host"),
        (with("tls", json!("opportunistic")), json!([]), "/parameters/tls"),
        (with("user", json!("a\r\nb")), json!([]), "/parameters/user"),
        (with("testUrl", json!("https://mail.example.com")), json!([]), "/parameters/testUrl"),
        (base.clone(), json!(["other.example.com"]), "/allowedHosts"),
    ] {
        let answer = make(parameters, hosts).await.expect(422);
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{answer}");
    }
}

/// No message is lost and none comes twice, over polls that fail, pauses and a mailbox that was empty.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_in_starts_a_workflow_once() {
    let (server, mail) = (TestServer::start().await, dovecot());
    let credential =
        server.owner.post("/api/credentials", body(&mail, PASSWORD, json!({}))).await.expect(201);
    let deliver =
        |number: u32| mail.deliver("INBOX", &format!("Message-ID: <{number}@x>\nSubject: n{number}\n\nt\n"));
    let mut trigger =
        node("in", "ConnectorTrigger", json!({"pollMinutes": 1, "inputs": {"folder": "INBOX"}}));
    trigger["connector"] = json!("imap");
    trigger["event"] = json!("messageReceived");
    trigger["credentialId"] = credential["id"].clone();
    let document =
        chain(vec![trigger, node("end", "Terminal", json!({"output": "{{ $trigger.body.subject }}"}))]);
    let workflow = made(&server, document).await;
    set_status(&server, &workflow, "active").await;
    let tend = async || {
        let tended = server.engine.tend_events(&server.app.event_urls()).await.unwrap();
        server.clock.advance(60_000);
        tended
    };
    let subjects = async || {
        let path = format!("/api/executions?workflowId={workflow}&limit=200");
        let runs = server.owner.get(&path).await.expect(200)["items"].as_array().unwrap().clone();
        let mut all = Vec::new();
        for run in runs {
            let path = format!("/api/executions/{}", run["id"].as_str().unwrap());
            let report = server.owner.get(&path).await.expect(200);
            all.push(report["output"].as_str().unwrap().to_owned());
        }
        all.sort();
        all
    };
    assert_eq!(tend().await, 1);
    // The inbox was empty when it began; what came before the second poll is new all the same.
    (1..=3).for_each(deliver);
    assert_eq!(tend().await, 1);
    assert_eq!(subjects().await, ["n1", "n2", "n3"]);
    assert_eq!(tend().await, 1);
    // More than one answer holds, and a pause in between.
    (10..=70).for_each(deliver);
    for _ in 0..3 {
        tend().await;
    }
    let wanted: Vec<String> = (1..=3)
        .chain(10..=70)
        .map(|number| format!("n{number}"))
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    assert_eq!(subjects().await, wanted);
    let told = server.owner.get(&format!("/api/workflows/{workflow}/event")).await.expect(200);
    assert_eq!((&told["way"], &told["error"]), (&json!("polling"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_a_mailbox_is_chosen_from_those_that_the_server_lists() {
    let (server, mail) = (TestServer::start().await, dovecot());
    let choices = async |of: &str, password: &str| {
        let made = server.owner.post("/api/credentials", body(&mail, password, json!({}))).await.expect(201);
        let path = format!("/api/connectors/imap/{of}/options/folder");
        server.owner.post(&path, json!({"credentialId": made["id"]})).await
    };
    for of in ["events/messageReceived", "operations/searchMessages"] {
        let told = choices(of, PASSWORD).await.expect(200);
        for folder in ["INBOX", "Entwürfe"] {
            let choice = json!({"value": folder, "label": folder});
            assert!(told["items"].as_array().unwrap().contains(&choice), "{told}");
        }
    }
    let refused = choices("events/messageReceived", "cnry-wrong-4e1f9b").await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(!refused.text().contains("cnry"));
}
