//! A message that was read, as values: decoded header fields, texts and files (RFC 5322, RFC 2045 to 2047).

use bytes::Bytes;
use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders as _, PartType};
use serde_json::{Map, Value, json};

use super::Attachment;

/// The most files that are taken of one message.
const MAX_ATTACHMENTS: usize = 200;

/// What the header says of who, when and about what.
pub(super) fn summary(bytes: &[u8]) -> Map<String, Value> {
    MessageParser::default().parse(bytes).map(|message| summary_of(&message)).unwrap_or_default()
}

/// The whole message, and its files.
pub(super) fn whole(bytes: &[u8]) -> (Map<String, Value>, Vec<Attachment>) {
    let Some(message) = MessageParser::default().parse(bytes) else { return Default::default() };
    let mut told = summary_of(&message);
    let fields = message.headers_raw();
    let fields: Vec<Value> =
        fields.map(|(name, value)| json!({"name": name, "value": unfolded(value)})).collect();
    told.insert("headers".to_owned(), Value::Array(fields));
    let texts: Vec<_> = (0..message.text_body_count()).filter_map(|place| message.body_text(place)).collect();
    if !texts.is_empty() {
        told.insert("text".to_owned(), json!(texts.join("\n")));
    }
    let html = message.html_body.iter().filter_map(|place| match &message.part(*place)?.body {
        PartType::Html(html) => Some(html.as_ref()),
        _ => None,
    });
    let html: Vec<&str> = html.collect();
    if !html.is_empty() {
        told.insert("html".to_owned(), json!(html.join("\n")));
    }
    let files = message.attachments().take(MAX_ATTACHMENTS).map(|part| {
        let kind = part.content_type().map(|kind| match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()),
            None => kind.ctype().to_owned(),
        });
        Attachment {
            name: part.attachment_name().map(file_name).filter(|name| !name.is_empty()),
            content_type: kind.unwrap_or_else(|| "application/octet-stream".to_owned()),
            content: Bytes::copy_from_slice(part.contents()),
        }
    });
    (told, files.collect())
}

fn summary_of(message: &Message<'_>) -> Map<String, Value> {
    let mut told = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            told.insert(name.to_owned(), value);
        }
    };
    put("messageId", message.message_id().map(|id| json!(id)));
    put("inReplyTo", ids(message.in_reply_to()));
    put("references", ids(message.references()));
    put("from", message.from().map(people));
    put("to", message.to().map(people));
    put("cc", message.cc().map(people));
    put("replyTo", message.reply_to().map(people));
    put("subject", message.subject().map(|subject| json!(subject)));
    put("date", message.date().map(|date| json!(date.to_rfc3339())));
    told
}

fn people(address: &Address<'_>) -> Value {
    let person = |one: &mail_parser::Addr<'_>| json!({"name": one.name(), "address": one.address()});
    address.iter().map(person).collect()
}

/// Message-IDs, without the angle brackets.
fn ids(value: &HeaderValue<'_>) -> Option<Value> {
    match value {
        HeaderValue::Text(id) => Some(json!([id])),
        HeaderValue::TextList(ids) => Some(json!(ids)),
        _ => None,
    }
}

/// A field in one line.
fn unfolded(value: &str) -> String {
    value.trim().replace("\r\n", "").replace(['\r', '\n'], "")
}

/// A name without a folder and without control characters.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|sign| !sign.is_control()).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: =?utf-8?q?Ada_Gr=C3=A4fin?= <ada@example.com>\r\n\
        To: b@example.com, \"C, D\" <c@example.com>\r\n\
        Subject: =?iso-8859-1?Q?Z=FCrich?=\r\n =?utf-8?B?IPCfmIA=?=\r\n\
        Message-ID: <1@example.com>\r\n\
        In-Reply-To: <0@example.com>\r\n\
        Date: Tue, 03 Feb 2026 10:00:00 +0100\r\n\
        Content-Type: multipart/mixed; boundary=x\r\n\r\n\
        --x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\u{fc}\u{df}e\r\n\
        --x\r\nContent-Type: application/pdf; name=\"../../bill.pdf\"\r\n\
        Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--x--\r\n";

    #[test]
    fn a_message_is_decoded_with_its_files() {
        let (told, files) = whole(MAIL.as_bytes());
        assert_eq!(told["from"], json!([{"name": "Ada Gräfin", "address": "ada@example.com"}]));
        assert_eq!(told["to"][1], json!({"name": "C, D", "address": "c@example.com"}));
        assert_eq!(told["subject"], "Zürich 😀");
        assert_eq!(
            (&told["messageId"], &told["inReplyTo"]),
            (&json!("1@example.com"), &json!(["0@example.com"]))
        );
        assert_eq!(told["date"], "2026-02-03T10:00:00+01:00");
        assert_eq!(told["text"].as_str().unwrap().trim(), "Grüße");
        assert!(!told.contains_key("html"));
        let [file] = &files[..] else { panic!("one file") };
        assert_eq!(
            (file.name.as_deref(), file.content_type.as_str(), &file.content[..]),
            (Some("bill.pdf"), "application/pdf", &b"%PDF"[..])
        );
    }

    #[test]
    fn what_is_no_message_gives_nothing_and_breaks_nothing() {
        for odd in
            [&b""[..], b"\0\xff", b"From", b"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n--"]
        {
            let _ = whole(odd);
        }
        assert!(summary(b"").is_empty());
    }
}
