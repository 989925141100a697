//! Mails, judged by `aiosmtpd` and Python's own reader of mails.

use flero_connect::mail::{Mail, MailFault, Mailer};
use serde_json::Value;

use super::peers::Peer;

fn mail(to: &str) -> Mail {
    Mail {
        id: "msg_01h455vb4pex5vsknk084sn02q".into(),
        to_name: "Ada, Gräfin\r\nBcc: eve@example.com".into(),
        to_address: to.into(),
        subject: "The credential “Zürich” has expired\r\nBcc: eve@example.com".into(),
        text: "Grüße.\n.\nA line that begins with a dot, and one that is very long: ".to_owned()
            + &"x".repeat(2_000),
    }
}

fn received(file: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written_and_nobody_adds_a_header() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mails");
    let peer = Peer::script("smtp.py", &[file.to_str().unwrap()]);
    let mailer = Mailer::new(&format!("smtp://{}", peer.address), "Flero <flero@example.com>").unwrap();
    let sent = mail("ada@example.com");
    mailer.send(sent.clone()).await.unwrap();
    let [got] = &received(&file)[..] else { panic!("one mail") };
    assert_eq!(
        (&got["from"], &got["to"]),
        (&"flero@example.com".into(), &serde_json::json!(["ada@example.com"]))
    );
    assert_eq!(got["defects"], serde_json::json!([]));
    assert_eq!(got["text"].as_str().unwrap().trim_end().replace("\r\n", "\n"), sent.text);
    let headers = &got["headers"];
    assert_eq!(headers["message-id"], "<msg_01h455vb4pex5vsknk084sn02q@example.com>");
    assert!(headers["subject"].as_str().unwrap().contains("“Zürich” has expired"));
    assert!(headers["date"].is_string() && headers.get("bcc").is_none(), "{headers}");
}

#[tokio::test]
async fn a_refusal_for_good_is_told_from_one_for_now() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mails");
    let address = {
        let peer = Peer::script("smtp.py", &[file.to_str().unwrap()]);
        let mailer = Mailer::new(&format!("smtp://{}", peer.address), "flero@example.com").unwrap();
        assert_eq!(mailer.send(mail("refused@example.com")).await, Err(MailFault::Refused));
        assert_eq!(mailer.send(mail("later@example.com")).await, Err(MailFault::Passing));
        assert_eq!(mailer.send(mail("no address")).await, Err(MailFault::Refused));
        peer.address
    };
    let mailer = Mailer::new(&format!("smtp://{address}"), "flero@example.com").unwrap();
    assert_eq!(mailer.send(mail("ada@example.com")).await, Err(MailFault::Passing), "the server is gone");
    assert!(received(&file).is_empty());
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_trusts_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(path("cert"), made.cert.pem()).unwrap();
    std::fs::write(path("key"), made.signing_key.serialize_pem()).unwrap();
    let peer = Peer::script("smtp.py", &[&path("mails"), &path("cert"), &path("key")]);
    let url = format!("smtps://localhost:{}", peer.address.port());
    let mailer = Mailer::new(&url, "flero@example.com").unwrap();
    assert_eq!(mailer.send(mail("ada@example.com")).await, Err(MailFault::Passing));
    assert!(received(&folder.path().join("mails")).is_empty());
}
