//! Messages as the server gives them out.

use chrono::DateTime;
use imap_proto::{AttributeValue, Response};
use serde_json::{Map, Value, json};

use super::{super::message, Fault, login::Session, wire::Command};

/// What is known of a message.
#[derive(Default)]
pub(super) struct Fetched {
    pub(super) uid: u32,
    pub(super) flags: Vec<String>,
    /// When it came, as the server writes it.
    received: String,
    size: u64,
    /// The part that was asked for.
    pub(super) bytes: Vec<u8>,
}

impl Fetched {
    fn read(attributes: &[AttributeValue<'_>]) -> Option<Self> {
        let mut found = Self::default();
        for attribute in attributes {
            match attribute {
                AttributeValue::Uid(uid) => found.uid = *uid,
                // `\Recent` tells of the session that asks, not of the message (RFC 9051 has it no more).
                AttributeValue::Flags(flags) => {
                    let kept = flags.iter().filter(|flag| !flag.eq_ignore_ascii_case("\\Recent"));
                    found.flags = kept.map(ToString::to_string).collect();
                }
                AttributeValue::InternalDate(date) => found.received = date.to_string(),
                AttributeValue::Rfc822Size(size) => found.size = u64::from(*size),
                AttributeValue::BodySection { data: Some(data), .. } => found.bytes = data.to_vec(),
                _ => {}
            }
        }
        (found.uid > 0).then_some(found)
    }

    /// When it came, in seconds since 1970.
    pub(super) fn received_at(&self) -> Option<i64> {
        self.date().map(|date| date.timestamp())
    }

    fn date(&self) -> Option<DateTime<chrono::FixedOffset>> {
        DateTime::parse_from_str(self.received.trim(), "%d-%b-%Y %H:%M:%S %z").ok()
    }

    /// What is told of a message before its header.
    pub(super) fn told(&self, folder: &str, uid_validity: u32) -> Map<String, Value> {
        let has = |flag: &str| self.flags.iter().any(|one| one.eq_ignore_ascii_case(flag));
        let mut told = Map::new();
        told.insert("uid".to_owned(), json!(self.uid));
        told.insert("uidValidity".to_owned(), json!(uid_validity));
        told.insert("folder".to_owned(), json!(folder));
        told.insert("flags".to_owned(), json!(self.flags));
        told.insert("seen".to_owned(), json!(has("\\Seen")));
        told.insert("flagged".to_owned(), json!(has("\\Flagged")));
        told.insert("answered".to_owned(), json!(has("\\Answered")));
        if let Some(date) = self.date() {
            told.insert("receivedAt".to_owned(), json!(date.to_utc().to_rfc3339()));
        }
        told.insert("size".to_owned(), json!(self.size));
        told
    }

    /// The same with what the header says.
    pub(super) fn summary(&self, folder: &str, uid_validity: u32) -> Value {
        let mut told = self.told(folder, uid_validity);
        told.extend(message::summary(&self.bytes));
        Value::Object(told)
    }
}

/// UIDs as a command names them.
pub(super) fn set_of(uids: &[u32]) -> String {
    let texts: Vec<String> = uids.iter().map(ToString::to_string).collect();
    texts.join(",")
}

/// What is asked of a message besides its content.
const BESIDES: &str = "UID FLAGS INTERNALDATE RFC822.SIZE";

impl Session {
    /// The header of messages, in the order of their UIDs. None of them becomes seen.
    pub(super) async fn headers(&mut self, uids: &[u32]) -> Result<Vec<Fetched>, Fault> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        self.fetch(Command::new(format!("UID FETCH {} ({BESIDES} BODY.PEEK[HEADER])", set_of(uids)))).await
    }

    /// A whole message.
    pub(super) async fn whole(&mut self, uid: u32) -> Result<Option<Fetched>, Fault> {
        let found = self.fetch(Command::new(format!("UID FETCH {uid} ({BESIDES} BODY.PEEK[])"))).await?;
        Ok(found.into_iter().find(|one| one.uid == uid))
    }

    /// What a command tells of messages.
    pub(super) async fn fetch(&mut self, command: Command) -> Result<Vec<Fetched>, Fault> {
        let mut found = Vec::new();
        let note = |response: &Response<'_>| {
            if let Response::Fetch(_, attributes) = response {
                found.extend(Fetched::read(attributes));
            }
        };
        self.wire.run(command, note).await?;
        found.sort_by_key(|one| one.uid);
        Ok(found)
    }
}
