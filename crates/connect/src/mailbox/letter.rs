//! A message as it goes out: header fields encoded and folded, bodies and files in MIME (RFC 5322, RFC 2045).

use std::time::{Duration, UNIX_EPOCH};

use flero_model::Timestamp;
use flero_openapi::mail::Letter;
use lettre::{
    Message,
    address::Envelope,
    message::{
        Attachment as Attached, Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use super::{Attachment, MailError};

/// The largest message, in bytes: what the large providers take.
pub(super) const MAX_BYTES: usize = 50 << 20;

/// A message with its recipients.
pub(super) struct Composed {
    /// Its `Message-ID`, with the angle brackets.
    pub(super) id: String,
    /// Who it is from and to.
    pub(super) envelope: Envelope,
    /// The message, without those who get a blind copy.
    pub(super) bytes: Vec<u8>,
}

/// Makes the message.
///
/// # Errors
/// [`MailError`] names the input that makes none; it quotes nothing.
pub(super) fn compose(
    letter: &Letter,
    attachments: &[Attachment],
    id: &str,
    now: Timestamp,
) -> Result<Composed, MailError> {
    let from = mailbox("from", &letter.from)?;
    let id = format!("<{id}@{}>", from.email.domain());
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    let mut builder = Message::builder()
        .date(UNIX_EPOCH + Duration::from_millis(millis))
        .message_id(Some(id.clone()))
        .from(from)
        .subject(letter.subject.as_str());
    type Add = fn(MessageBuilder, Mailbox) -> MessageBuilder;
    let lists: [(&str, &Vec<String>, Add); 4] = [
        ("to", &letter.to, MessageBuilder::to),
        ("cc", &letter.cc, MessageBuilder::cc),
        ("bcc", &letter.bcc, MessageBuilder::bcc),
        ("replyTo", &letter.reply_to, MessageBuilder::reply_to),
    ];
    for (input, list, add) in lists {
        for address in list {
            builder = add(builder, mailbox(input, address)?);
        }
    }
    for (name, value) in &letter.headers {
        let known = HeaderName::new_from_ascii(name.clone());
        let name = known.map_err(|_| MailError::input("headers", "A header field's name cannot be sent."))?;
        let value = value.as_str().unwrap_or_default().to_owned();
        builder = builder.raw_header(HeaderValue::new(name, value));
    }
    let made = match (body(letter), attachments) {
        (Body::One(part), []) => builder.singlepart(part),
        (Body::Both(parts), []) => builder.multipart(parts),
        (body, files) => {
            let mixed = match body {
                Body::One(part) => MultiPart::mixed().singlepart(part),
                Body::Both(parts) => MultiPart::mixed().multipart(parts),
            };
            builder.multipart(files.iter().map(attached).fold(mixed, MultiPart::singlepart))
        }
    };
    let message = made.map_err(|_| MailError::input("message", "The inputs make no message."))?;
    let bytes = message.formatted();
    if bytes.len() > MAX_BYTES {
        return Err(MailError::input("too_large", "The message is larger than 50 MB with its attachments."));
    }
    Ok(Composed { id, envelope: message.envelope().clone(), bytes })
}

/// An address, or a name and an address in angle brackets. People write names with commas and without quotation marks;
/// whatever stands in one is encoded.
fn mailbox(input: &str, text: &str) -> Result<Mailbox, MailError> {
    let named = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    let (name, address) = named.map_or(("", text), |(name, address)| (name.trim(), address));
    let unquoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
    let name = (!unquoted.is_empty()).then(|| unquoted.to_owned());
    let address = address.trim().parse().map_err(|_| {
        let message = format!("`{input}` holds no address; write ada@example.com, or Ada <ada@example.com>.");
        MailError::input("address", message)
    })?;
    Ok(Mailbox::new(name, address))
}

/// What is read: one part, or text and HTML of which a reader shows one.
enum Body {
    One(SinglePart),
    Both(MultiPart),
}

fn body(letter: &Letter) -> Body {
    match (&letter.text, &letter.html) {
        (Some(text), Some(html)) => Body::Both(MultiPart::alternative_plain_html(text.clone(), html.clone())),
        (None, Some(html)) => Body::One(SinglePart::html(html.clone())),
        (text, None) => Body::One(SinglePart::plain(text.clone().unwrap_or_default())),
    }
}

fn attached(file: &Attachment) -> SinglePart {
    let name: String =
        file.name.as_deref().unwrap_or("file").chars().filter(|sign| !sign.is_control()).collect();
    let kind = ContentType::parse(&file.content_type).ok();
    let kind = kind.or_else(|| ContentType::parse("application/octet-stream").ok());
    let kind = kind.unwrap_or(ContentType::TEXT_PLAIN);
    Attached::new(name).body(file.content.to_vec(), kind)
}
