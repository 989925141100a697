//! The connectors for mail against real servers: files go out as attachments and come in as files.

use flero_model::{credential::AuthType, execution::ExecutionStatus};
use serde_json::{Value, json};

use super::{
    connectors::call,
    dovecot::{self, Dovecot},
    harness::{World, edges, node},
    peers::Peer,
    service::{Answer, Service},
};

const PASSWORD: &str = "cnry-sm-1c7e4a9d5b20";

fn certificate() -> (String, String) {
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    (own.cert.pem(), own.signing_key.serialize_pem())
}

/// Security test 38: what is kept of a run that sends and reads mails holds no password.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_out_with_a_mail_and_comes_back_from_the_mailbox() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (pem, key) = certificate();
    std::fs::write(path("cert"), &pem).unwrap();
    std::fs::write(path("key"), &key).unwrap();
    let smtp = Peer::script("smtp.py", &[&path("mails"), &path("cert"), &path("key"), "starttls", PASSWORD]);
    let imap = Dovecot::start(pem.clone(), &key);
    let service = Service::start(|_| Answer {
        status: 200,
        headers:
            "content-type: application/pdf\r\ncontent-disposition: attachment; filename=\"bill.pdf\"\r\n"
                .into(),
        body: b"%PDF\0\xff".to_vec(),
        delay_ms: 0,
    })
    .await;
    let world = World::new().await;
    let parameters = json!({"protocol": "smtp", "host": "127.0.0.1", "port": smtp.address.port(), "user": "ada", "tls": "starttls", "ca": pem});
    let sender =
        world.credential(AuthType::Mail, parameters, "127.0.0.1", json!({"password": PASSWORD})).await;
    let parameters = imap.parameters(json!({"host": "127.0.0.1"}));
    let secret = json!({"password": dovecot::PASSWORD});
    let reader = world.credential(AuthType::Mail, parameters, "127.0.0.1", secret).await;
    let step = |id: &str, connector: &str, operation: &str, inputs: Value| {
        let mut call = call(id, connector, operation, inputs);
        call["credentialId"] = json!(if connector == "smtp" { sender } else { reader }.to_string());
        call
    };
    let files = json!(["{{ $node[\"F\"].json.body }}", {"name": "b.txt", "contentType": "text/plain", "content": "aGk="}]);
    let letter = json!({"from": "shop@example.com", "to": ["ada@example.com"], "subject": "Bill", "text": "t", "attachments": files});
    let mut kept = letter.clone();
    kept["folder"] = json!("INBOX");
    let nodes = json!([
        node("s", "Start", json!({})),
        node("f", "HTTPRequest", json!({"url": format!("{}/bill", service.url)})),
        step("a", "smtp", "sendMessage", letter),
        step("b", "imap", "appendMessage", kept),
        step("c", "imap", "searchMessages", json!({"subject": "Bill"})),
        step("d", "imap", "readMessage", json!({"uid": "{{ $node[\"C\"].json.messages[0].uid }}"})),
        node(
            "g",
            "HTTPRequest",
            json!({"url": format!("{}/up", service.url), "method": "POST", "bodyType": "raw", "body": "{{ $node[\"D\"].json.attachments[0] }}"})
        ),
    ]);
    let list = ["s>f", "f>a", "a>b", "b>c", "c>d", "d>g"];
    let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&list)})).await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(end.status, ExecutionStatus::Success, "{:?}", end.error);
    let report = world.report(end.id).await;
    let output = |id: &str| report.nodes.iter().find(|node| node.node_id == id).unwrap().output.clone();
    assert_eq!(
        (&output("a")["accepted"], &output("a")["refused"]),
        (&json!(["ada@example.com"]), &json!([]))
    );
    let got: Value = serde_json::from_str(std::fs::read_to_string(path("mails")).unwrap().trim()).unwrap();
    let sent = json!([["bill.pdf", "application/pdf", "JVBERgD/"], ["b.txt", "text/plain", "aGk="]]);
    assert_eq!((&got["files"], &got["secure"]), (&sent, &json!(true)));
    assert_eq!(got["headers"]["message-id"], output("a")["messageId"]);
    let read = output("d");
    assert_eq!((&read["text"], &read["attachments"][1]["name"]), (&json!("t"), &json!("b.txt")), "{read}");
    assert_eq!(service.seen().last().unwrap().body.len(), String::from_utf8_lossy(b"%PDF\0\xff").len());
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        assert!(!bytes.windows(5).any(|window| window == b"cnry-"), "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mail_server_refuses_is_told_by_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (pem, key) = certificate();
    std::fs::write(path("cert"), &pem).unwrap();
    std::fs::write(path("key"), &key).unwrap();
    let smtp = Peer::script("smtp.py", &[&path("mails"), &path("cert"), &path("key"), "", PASSWORD]);
    let world = World::new().await;
    let parameters = json!({"protocol": "smtp", "host": "127.0.0.1", "port": smtp.address.port(), "user": "ada", "ca": pem});
    let id = world.credential(AuthType::Mail, parameters, "127.0.0.1", json!({"password": PASSWORD})).await;
    let error = async |more: Value, credential: Value| {
        let mut letter = json!({"from": "shop@example.com", "to": ["ada@example.com"], "text": "t"});
        letter.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let mut call = call("c", "smtp", "sendMessage", letter);
        call["credentialId"] = credential;
        let nodes = json!([node("s", "Start", json!({})), call]);
        let workflow = world.workflow(json!({"nodes": nodes, "edges": edges(&["s>c"])})).await;
        let end = world.run(&workflow, json!({})).await;
        end.error.map(|error| (error.code.to_string(), error.message.to_string())).unwrap_or_default()
    };
    let with = json!(id.to_string());
    assert_eq!(error(json!({}), with.clone()).await, Default::default());
    let (code, message) = error(json!({"to": ["refused@example.com"]}), with.clone()).await;
    assert_eq!(code, "mail.refused");
    assert!(
        message.contains("550") && message.contains("no such mailbox") && !message.contains("cnry"),
        "{message}"
    );
    for (more, wanted) in [
        (json!({"subject": "a\r\nBcc: eve@example.com"}), "connector.input"),
        (json!({"to": ["nobody"]}), "mail.input"),
        (json!({"attachments": [{"content": "%"}]}), "mail.attachment"),
    ] {
        assert_eq!(error(more.clone(), with.clone()).await.0, wanted, "{more}");
    }
    assert_eq!(error(json!({}), Value::Null).await.0, "node.credential_required");
}
