//! The door to mail servers: sending judged by `aiosmtpd` and Python's own reader of mails, reading by a Dovecot.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use flero_connect::{
    AccountReply, Attachment, Call, Error, Intent, Kind, MailAnswer, MailError, MailErrorClass, MailRequest,
    MailWork, call::Credential as Chosen,
};
use flero_model::{CredentialId, audit::AuditAction, credential::AuthType};
use flero_openapi::mail::{self, Action};
use serde_json::{Value, json};

use super::{
    dovecot::{self, Dovecot},
    harness::{World, node, principal},
    logs::Log,
    peers::Peer,
};

const PASSWORD: &str = "cnry-sm-9d2f5b7a1e43";

fn certificate() -> (String, String) {
    let own = rcgen::generate_simple_self_signed(vec!["mail.test".to_owned()]).unwrap();
    (own.cert.pem(), own.signing_key.serialize_pem())
}

/// An SMTP server that wants the password.
struct Smtp {
    peer: Peer,
    folder: tempfile::TempDir,
    certificate: String,
}

impl Smtp {
    /// `mode` is empty for TLS from the first byte, else `starttls` or `none`.
    fn start(mode: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (certificate, key) = certificate();
        std::fs::write(path("cert"), &certificate).unwrap();
        std::fs::write(path("key"), key).unwrap();
        let peer = Peer::script("smtp.py", &[&path("mails"), &path("cert"), &path("key"), mode, PASSWORD]);
        Self { peer, folder, certificate }
    }

    fn credential(&self, world: &World, password: &str, more: Value) -> CredentialId {
        let mut all = json!({"protocol": "smtp", "host": "mail.test", "port": self.peer.address.port(), "user": "ada", "ca": self.certificate});
        all.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let hosts = ["mail.test", "other.test", "http://mail.test"];
        world.credential(AuthType::Mail, all, json!({ "password": password }), &hosts)
    }

    fn received(&self) -> Vec<Value> {
        let file: PathBuf = self.folder.path().join("mails");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn call(id: CredentialId, action: Action, inputs: Value) -> Call<MailRequest> {
    let work = mail::prepare(action, inputs.as_object().unwrap()).unwrap();
    let request = MailRequest {
        message_id: "exec_01.a".to_owned(),
        ..MailRequest::new(MailWork::Operation(Box::new(work)), 4 << 20, Duration::from_secs(20))
    };
    Call {
        principal: principal(),
        purpose: node(),
        credential: Chosen::Stored(id),
        intent: Intent::Record,
        request,
    }
}

type Reply = AccountReply<MailAnswer, MailError>;

async fn ask(world: &World, id: CredentialId, action: Action, inputs: Value) -> Result<Reply, Error> {
    world.door.mail(call(id, action, inputs)).await
}

async fn value(world: &World, id: CredentialId, action: Action, inputs: Value) -> Value {
    ask(world, id, action, inputs).await.unwrap().answer.unwrap().value
}

fn letter(more: Value) -> Value {
    let mut letter =
        json!({"from": "Flero <shop@example.com>", "to": ["ada@example.com"], "subject": "s", "text": "t"});
    letter.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    letter
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_as_it_was_written_over_every_kind_of_tls() {
    for (mode, tls) in [("", "implicit"), ("starttls", "starttls"), ("none", "disable")] {
        let (server, world) = (Smtp::start(mode), World::new());
        let id = server.credential(&world, PASSWORD, json!({ "tls": tls }));
        let mut sent = call(
            id,
            Action::Send,
            letter(json!({
                "to": ["Ada, Gräfin <ada@example.com>", "refused@example.com"],
                "cc": ["c@example.com"], "bcc": ["hidden@example.com"], "replyTo": ["Shop <back@example.com>"],
                "subject": "Zürich 😀", "text": "Grüße.\n.\n", "html": "<p>Grüße</p>",
                "headers": {"X-Order": "№ 7", "In-Reply-To": "<0@example.com>"},
            })),
        );
        let content = Bytes::from_static(b"%PDF\r\n.\r\n\0\xff");
        sent.request.attachments = vec![Attachment {
            name: Some("Rechnung \"ü\".pdf".to_owned()),
            content_type: "application/pdf".to_owned(),
            content: content.clone(),
        }];
        let told = world.door.mail(sent).await.unwrap().answer.unwrap().value;
        assert_eq!(told["messageId"], "<exec_01.a@example.com>");
        assert_eq!(told["accepted"], json!(["ada@example.com", "c@example.com", "hidden@example.com"]));
        assert_eq!(told["refused"][0]["address"], "refused@example.com");
        assert_eq!(
            (&told["refused"][0]["code"], &told["response"]),
            (&json!("550"), &json!("250 2.0.0 queued as 7"))
        );
        let [got] = &server.received()[..] else { panic!("one mail") };
        assert_eq!(got["defects"], json!([]), "{mode}");
        assert_eq!(got["secure"], json!(mode != "none"), "{mode}");
        assert_eq!((&got["from"], &got["to"]), (&json!("shop@example.com"), &told["accepted"]));
        let headers = &got["headers"];
        assert_eq!(headers["subject"], "Zürich 😀");
        assert_eq!(
            (&headers["x-order"], &headers["in-reply-to"]),
            (&json!("№ 7"), &json!("<0@example.com>"))
        );
        assert_eq!(headers["date"], "Fri, 15 Jan 2027 08:00:00 +0000");
        assert_eq!(headers["message-id"], told["messageId"]);
        assert!(headers["to"].as_str().unwrap().contains("Ada, Gräfin") && headers.get("bcc").is_none());
        assert_eq!(got["text"].as_str().unwrap().replace("\r\n", "\n").trim_end(), "Grüße.\n.");
        assert_eq!(got["html"].as_str().unwrap().trim(), "<p>Grüße</p>");
        let file = json!(["Rechnung \"ü\".pdf", "application/pdf", data_encoding::BASE64.encode(&content)]);
        assert_eq!(got["files"], json!([file]));
        let actions: Vec<AuditAction> = world.trail().iter().map(|row| row.action).collect();
        assert_eq!(actions, [AuditAction::CredentialUseIntent, AuditAction::CredentialUsed]);
    }
}

/// Security test 19: a mail account's password goes only where its policy says, over TLS with that name, to an address
/// that the guard has checked; in the clear to nobody whom the operator has not listed.
#[tokio::test(flavor = "multi_thread")]
async fn the_password_goes_where_the_policy_says_and_nowhere_else() {
    let (imap, world) = (dovecot(), World::new());
    let (implicit, starttls, clear) = (Smtp::start(""), Smtp::start("starttls"), Smtp::start("none"));
    let kind = |id: CredentialId, action: Action, inputs: Value| {
        let world = &world;
        async move {
            ask(world, id, action, inputs)
                .await
                .map(|reply| reply.answer.is_ok())
                .map_err(|error| error.kind())
        }
    };
    let send = |server: &Smtp, more: Value| {
        kind(server.credential(&world, PASSWORD, more), Action::Send, letter(json!({})))
    };
    let list =
        |more: Value| kind(account(&imap, &world, dovecot::PASSWORD, more), Action::Folders, json!({}));
    assert_eq!(send(&implicit, json!({})).await, Ok(true));
    assert_eq!(list(json!({})).await, Ok(true));
    assert_eq!(list(json!({"tls": "starttls", "port": imap.ports.0})).await, Ok(true));
    for (more, wanted) in [
        (json!({"host": "other.test"}), Kind::Tls),
        (json!({"ca": ""}), Kind::Tls),
        (json!({"host": "evil.test"}), Kind::DestinationRefused),
    ] {
        assert_eq!(send(&implicit, more.clone()).await, Err(wanted), "{more}");
        assert_eq!(list(more.clone()).await, Err(wanted), "{more}");
        let mut more = more;
        more["tls"] = json!("starttls");
        assert_eq!(send(&starttls, more.clone()).await, Err(wanted), "{more}");
        more["port"] = json!(imap.ports.0);
        assert_eq!(list(more.clone()).await, Err(wanted), "{more}");
    }
    // STARTTLS is never left out, and TLS is no guess.
    assert_eq!(send(&clear, json!({"tls": "starttls"})).await, Err(Kind::Tls));
    assert_eq!(send(&clear, json!({})).await, Err(Kind::Tls));
    // A server of the other protocol, and a credential of another type.
    let of_imap = account(&imap, &world, dovecot::PASSWORD, json!({}));
    assert_eq!(kind(of_imap, Action::Send, letter(json!({}))).await, Err(Kind::MailCredentialNeeded));
    let bearer = world.bearer(&["mail.test"]);
    assert_eq!(kind(bearer, Action::Folders, json!({})).await, Err(Kind::MailCredentialNeeded));
    assert!(implicit.received().len() == 1 && starttls.received().is_empty() && clear.received().is_empty());
    // A name that leads to a private address is closed unless the operator opens it.
    let closed = World::with(flero_connect::Config::default());
    let id = clear.credential(&closed, PASSWORD, json!({"tls": "disable"}));
    let error = ask(&closed, id, Action::Send, letter(json!({}))).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Blocked(_)), "{error}");
    assert!(!imap.log().contains("cnry"), "{}", imap.log());
}

/// Security test 38: a mail server that repeats the password does not bring it into the run's data; security test 39: no
/// error holds it.
#[tokio::test(flavor = "multi_thread")]
async fn the_password_never_comes_back() {
    let (server, imap, world) = (Smtp::start(""), dovecot(), World::new());
    let id = server.credential(&world, PASSWORD, json!({}));
    let some = letter(json!({"to": ["refused@example.com", "ada@example.com"]}));
    let told = value(&world, id, Action::Send, some).await;
    assert!(told["refused"][0]["message"].as_str().unwrap().contains("no such mailbox"), "{told}");
    assert!(!told.to_string().contains("cnry"), "{told}");
    let none = ask(&world, id, Action::Send, letter(json!({"to": ["refused@example.com"]}))).await.unwrap();
    let refusal = none.answer.as_ref().unwrap_err();
    assert_eq!((refusal.class, refusal.code.as_str()), (MailErrorClass::Refused, "550"));
    assert!(!format!("{none:?}").contains("cnry"));
    let later = ask(&world, id, Action::Send, letter(json!({"to": ["later@example.com"]}))).await.unwrap();
    assert_eq!(later.answer.unwrap_err().class, MailErrorClass::Passing);
    let wrong = server.credential(&world, "cnry-wrong", json!({}));
    let refused = ask(&world, wrong, Action::Send, letter(json!({}))).await.unwrap();
    assert_eq!(refused.answer.as_ref().unwrap_err().class, MailErrorClass::Authentication, "{refused:?}");
    assert!(!format!("{refused:?}").contains("cnry"));
    let mail = format!(
        "Subject: {0}\nFrom: a@example.com\nContent-Type: text/plain\n\nyour password is {0}\n",
        dovecot::PASSWORD
    );
    imap.deliver("INBOX", &mail);
    let id = account(&imap, &world, dovecot::PASSWORD, json!({}));
    for told in [
        value(&world, id, Action::Search, json!({})).await,
        value(&world, id, Action::Read, json!({"uid": 1})).await,
    ] {
        assert!(!told.to_string().contains("cnry") && told.to_string().contains("a@example.com"), "{told}");
    }
    let wrong = account(&imap, &world, "cnry-wrong", json!({}));
    let refused = ask(&world, wrong, Action::Folders, json!({})).await.unwrap();
    assert_eq!(refused.answer.as_ref().unwrap_err().class, MailErrorClass::Authentication, "{refused:?}");
    assert!(!format!("{refused:?}").contains("cnry"));
    assert!(world.trail().iter().all(|row| !format!("{row:?}").contains("cnry")));
}

fn dovecot() -> Dovecot {
    let (certificate, key) = certificate();
    Dovecot::start(certificate, &key)
}

fn account(server: &Dovecot, world: &World, password: &str, more: Value) -> CredentialId {
    let secret = json!({ "password": password });
    world.credential(AuthType::Mail, server.parameters(more), secret, &["mail.test", "other.test"])
}

fn mail_of(number: u32, more: &str) -> String {
    format!(
        "Message-ID: <{number}@example.com>\nFrom: Ada <ada@example.com>\nTo: b@example.com\nSubject: =?utf-8?q?N=C2=B0?= {number}\n{more}"
    )
}

const WITH_FILE: &str = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\n\nGr\u{fc}\u{df}e\n--x\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"../a.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--x--\n";

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_listed_and_messages_found_and_read() {
    let (server, world) = (dovecot(), World::new());
    let id = account(&server, &world, dovecot::PASSWORD, json!({}));
    for number in 1..=4 {
        server.deliver("INBOX", &mail_of(number, if number == 3 { WITH_FILE } else { "\nplain\n" }));
    }
    let folders = value(&world, id, Action::Folders, json!({})).await;
    let named =
        |name: &str| folders["folders"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
    assert_eq!(named("Drafts").unwrap()["purpose"], "drafts", "{folders}");
    assert!(named("INBOX").is_some() && named("Entwürfe").is_some(), "{folders}");
    let found = |inputs: Value| {
        let world = &world;
        async move {
            let found = value(world, id, Action::Search, inputs).await;
            let uids = found["messages"].as_array().unwrap().iter().map(|one| one["uid"].as_u64().unwrap());
            (uids.collect::<Vec<_>>(), found["total"].as_u64().unwrap())
        }
    };
    assert_eq!(found(json!({"limit": 2})).await, (vec![4, 3], 4));
    assert_eq!(found(json!({"belowUid": 3, "seen": false})).await, (vec![2, 1], 2));
    assert_eq!(found(json!({"belowUid": 1})).await, (vec![], 0));
    assert_eq!(found(json!({"subject": "N° 3", "from": "ada@", "since": "2020-01-01"})).await, (vec![3], 1));
    assert_eq!(found(json!({"before": "2020-01-01"})).await.1, 0);
    assert_eq!(found(json!({"seen": true})).await.1, 0);
    assert_eq!(found(json!({"from": "x\" NOT SEEN ALL (\\"})).await.1, 0, "a term is a term");
    let call = call(id, Action::Read, json!({"uid": 3}));
    let read = world.door.mail(call).await.unwrap().answer.unwrap();
    let told = &read.value;
    assert_eq!((&told["subject"], &told["messageId"]), (&json!("N° 3"), &json!("3@example.com")));
    assert_eq!(told["from"], json!([{"name": "Ada", "address": "ada@example.com"}]));
    assert_eq!((told["text"].as_str().unwrap().trim(), &told["seen"]), ("Grüße", &json!(false)));
    assert!(told["headers"].as_array().unwrap().iter().any(|one| one["name"] == "Subject"));
    let file = Attachment {
        name: Some("a.pdf".to_owned()),
        content_type: "application/pdf".to_owned(),
        content: Bytes::from_static(b"%PDF"),
    };
    assert_eq!(read.attachments, [file]);
    assert_eq!(found(json!({"seen": true})).await.1, 0, "reading marks nothing");
    let missing = ask(&world, id, Action::Read, json!({"uid": 99})).await.unwrap().answer.unwrap_err();
    assert_eq!((missing.class, missing.code.as_str()), (MailErrorClass::Input, "not_found"));
    let nowhere = ask(&world, id, Action::Search, json!({"folder": "Nowhere"})).await.unwrap();
    assert_eq!(nowhere.answer.unwrap_err().class, MailErrorClass::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_marked_moved_deleted_and_kept() {
    let (server, world) = (dovecot(), World::new());
    let id = account(&server, &world, dovecot::PASSWORD, json!({}));
    for number in 1..=3 {
        server.deliver("INBOX", &mail_of(number, "\nplain\n"));
    }
    let first = value(&world, id, Action::Search, json!({})).await["messages"][0].clone();
    let validity = first["uidValidity"].clone();
    let marked = value(
        &world,
        id,
        Action::Mark,
        json!({"uids": [1, 2], "uidValidity": validity, "seen": true, "flagged": true}),
    )
    .await;
    assert_eq!(marked["messages"].as_array().unwrap().len(), 2);
    let marked = value(&world, id, Action::Mark, json!({"uids": [2], "flagged": false})).await;
    assert_eq!(marked["messages"][0], json!({"uid": 2, "flags": ["\\Seen"]}));
    let stale = json!({"uids": [1], "uidValidity": 1, "seen": false});
    assert_eq!(ask(&world, id, Action::Mark, stale).await.unwrap().answer.unwrap_err().code, "UIDVALIDITY");
    let moved = value(&world, id, Action::Move, json!({"uids": [1, 99], "to": "Entwürfe"})).await;
    assert_eq!((&moved["folder"], &moved["uids"]), (&json!("Entwürfe"), &json!([1])));
    let there = value(&world, id, Action::Search, json!({"folder": "Entwürfe", "flagged": true})).await;
    assert_eq!(there["messages"][0]["messageId"], "1@example.com");
    let deleted = value(&world, id, Action::Delete, json!({"uids": [2, 99]})).await;
    assert_eq!(deleted["uids"], json!([2]));
    assert_eq!(value(&world, id, Action::Search, json!({})).await["total"], 1);
    let draft = letter(json!({"folder": "Drafts", "draft": true, "subject": "Später", "text": "Grüße"}));
    let kept = value(&world, id, Action::Append, draft).await;
    assert_eq!((&kept["uid"], &kept["messageId"]), (&json!(1), &json!("<exec_01.a@example.com>")));
    let read = value(&world, id, Action::Read, json!({"folder": "Drafts", "uid": 1})).await;
    assert_eq!((&read["subject"], &read["flags"]), (&json!("Später"), &json!(["\\Draft"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_is_told_once_also_when_the_numbers_change() {
    let (server, world) = (dovecot(), World::new());
    let id = account(&server, &world, dovecot::PASSWORD, json!({}));
    let news = |after: Option<Value>| {
        let world = &world;
        let mut inputs = json!({"limit": 2});
        if let Some(after) = after {
            inputs["after"] = after;
        }
        async move {
            let told = value(world, id, Action::News, inputs).await;
            let list = told["messages"].as_array().unwrap().iter();
            (
                list.map(|one| one["messageId"].as_str().unwrap().to_owned()).collect::<Vec<_>>(),
                told["cursor"].clone(),
            )
        }
    };
    // An empty folder has a place to begin at too.
    let (told, cursor) = news(None).await;
    assert!(told.is_empty());
    for number in 1..=3 {
        server.deliver("INBOX", &mail_of(number, "\nplain\n"));
    }
    let (told, cursor) = news(Some(cursor)).await;
    assert_eq!(told, ["1@example.com", "2@example.com"]);
    let (told, cursor) = news(Some(cursor)).await;
    assert_eq!(told, ["3@example.com"]);
    assert_eq!(news(Some(cursor.clone())).await, (vec![], cursor.clone()));
    assert_eq!(news(None).await.0, Vec::<String>::new(), "what is there is old");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    server.renumber();
    server.deliver("INBOX", &mail_of(4, "\nplain\n"));
    let (told, after) = news(Some(cursor.clone())).await;
    assert_eq!(told, ["4@example.com"]);
    assert_ne!(cursor.as_str().unwrap()[..10], after.as_str().unwrap()[..10], "another UIDVALIDITY");
    assert_eq!(news(Some(after)).await.0, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_and_time_are_limited() {
    let (server, world) = (dovecot(), World::new());
    let id = account(&server, &world, dovecot::PASSWORD, json!({}));
    server.deliver("INBOX", &mail_of(1, &format!("\n{}\n", "x".repeat(900) + "\n").repeat(3_000)));
    let mut large = call(id, Action::Read, json!({"uid": 1}));
    large.request.max_bytes = 1 << 20;
    assert_eq!(world.door.mail(large).await.unwrap_err().kind(), Kind::MailTooLarge);
    // Somebody who listens and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let id = account(&server, &world, dovecot::PASSWORD, json!({"port": port, "tls": "starttls"}));
    let mut slow = call(id, Action::Folders, json!({}));
    slow.request.timeout = Duration::from_millis(300);
    assert_eq!(world.door.mail(slow).await.unwrap_err().kind(), Kind::Timeout);
}

/// A server in the clear that answers each line by a rule; gives what came after it had said `ready`.
async fn talking(
    greeting: &'static str,
    answer: fn(&str) -> String,
) -> (u16, tokio::task::JoinHandle<usize>) {
    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        stream.write_all(greeting.as_bytes()).await.unwrap();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap() == 0 {
                return 0;
            }
            let answer = answer(&line);
            stream.write_all(answer.as_bytes()).await.unwrap();
            if answer.contains("ready") {
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
                return rest.len();
            }
        }
    });
    (port, told)
}

/// Security test 19: who sits between and speaks before TLS does is not believed: what was said in the clear ends the
/// connection (CVE-2011-0411), and a server that seems to know this client already gets nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_before_tls_is_not_believed() {
    let world = World::new();
    let smtp: fn(&str) -> String = |line| match line.trim() {
        "STARTTLS" => "220 ready\r\n250 injected\r\n".to_owned(),
        _ => "250-peer\r\n250 STARTTLS\r\n".to_owned(),
    };
    let imap: fn(&str) -> String =
        |line| format!("{} OK ready\r\n* CAPABILITY IMAP4rev1\r\n", line.split(' ').next().unwrap());
    for (protocol, action, greeting, answer, kind) in [
        ("smtp", Action::Send, "220 peer\r\n", smtp, Kind::Tls),
        ("imap", Action::Folders, "* OK peer\r\n", imap, Kind::Tls),
        ("imap", Action::Folders, "* PREAUTH peer\r\n", imap, Kind::MailProtocol),
    ] {
        let (port, told) = talking(greeting, answer).await;
        let parameters = json!({"protocol": protocol, "host": "mail.test", "port": port, "user": "ada", "tls": "starttls"});
        let secret = json!({ "password": PASSWORD });
        let id = world.credential(AuthType::Mail, parameters, secret, &["mail.test"]);
        let inputs = if protocol == "smtp" { letter(json!({})) } else { json!({}) };
        let error = ask(&world, id, action, inputs).await.unwrap_err();
        assert_eq!((error.kind(), told.await.unwrap()), (kind, 0), "{protocol} {greeting}");
    }
}

/// What a server announces takes no memory before it comes.
#[tokio::test(flavor = "multi_thread")]
async fn an_announced_literal_is_refused_before_it_comes() {
    let world = World::new();
    let answer: fn(&str) -> String =
        |line| format!("* CAPABILITY IMAP4rev1\r\n* 1 FETCH (BODY[] {{4000000000}}\r\n{line}");
    let (port, _told) = talking("* OK peer\r\n", answer).await;
    let parameters =
        json!({"protocol": "imap", "host": "mail.test", "port": port, "user": "ada", "tls": "disable"});
    let secret = json!({ "password": PASSWORD });
    let id = world.credential(AuthType::Mail, parameters, secret, &["http://mail.test"]);
    let error = ask(&world, id, Action::Folders, json!({})).await.unwrap_err();
    assert_eq!(error.kind(), Kind::MailTooLarge);
}

/// Security test 40: no log line of a mail holds the password, in any coding in which it is sent.
#[tokio::test]
async fn no_log_line_of_a_mail_holds_the_password() {
    let (log, _guard) = Log::begin();
    let (smtp, imap, world) = (Smtp::start("starttls"), dovecot(), World::new());
    for password in [PASSWORD, "cnry-wrong"] {
        let id = smtp.credential(&world, password, json!({"tls": "starttls"}));
        let sent = ask(&world, id, Action::Send, letter(json!({}))).await.unwrap();
        assert_eq!(sent.answer.is_ok(), password == PASSWORD);
    }
    for password in [dovecot::PASSWORD, "cnry-wrong"] {
        let id = account(&imap, &world, password, json!({}));
        let listed = ask(&world, id, Action::Folders, json!({})).await.unwrap();
        assert_eq!(listed.answer.is_ok(), password == dovecot::PASSWORD);
    }
    // The way of a mail logs nothing by itself; this line shows that what is logged is seen here.
    tracing::trace!("the end");
    let lines = log.lines();
    assert!(lines.last().is_some_and(|line| line.contains("the end")));
    let coded = |password: &str| data_encoding::BASE64.encode(format!("\0ada\0{password}").as_bytes());
    let (one, other) = (coded(PASSWORD), coded(dovecot::PASSWORD));
    for line in lines {
        for leak in ["cnry", &one[..12], &other[..12]] {
            assert!(!line.contains(leak), "{line}");
        }
    }
}
