//! Operations of a mail server: what each one takes, checked before anything is sent.
//!
//! Nothing that stands in one line of a message or of a command may hold a line break or another control character:
//! one in an address, a header, a folder's name or a search term would begin a line of its own (CWE-93).

use flero_model::mail::Protocol;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::request::Fault;

/// What an operation does: `x-flero-operation.mail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Sends a message.
    Send,
    /// Lists the folders.
    Folders,
    /// Finds messages of a folder.
    Search,
    /// Lists the messages that came behind a cursor.
    News,
    /// Reads a message with its attachments.
    Read,
    /// Sets and takes away flags.
    Mark,
    /// Moves messages to another folder.
    Move,
    /// Deletes messages for good.
    Delete,
    /// Adds a message to a folder.
    Append,
}

impl Action {
    /// The protocol that it belongs to.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Send => Protocol::Smtp,
            _ => Protocol::Imap,
        }
    }

    /// Whether it lists and does nothing else.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Folders | Self::Search | Self::News)
    }
}

/// One piece of work, with inputs that fit.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// See [`Action::Send`].
    Send(Letter),
    /// See [`Action::Folders`].
    Folders,
    /// See [`Action::Search`].
    Search(Search),
    /// See [`Action::News`].
    News(News),
    /// See [`Action::Read`].
    Read(Choice),
    /// See [`Action::Mark`].
    Mark(Choice, Marks),
    /// See [`Action::Move`]: to this folder.
    Move(Choice, String),
    /// See [`Action::Delete`].
    Delete(Choice),
    /// See [`Action::Append`].
    Append(Place, Letter),
}

/// A message to send or to keep.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Letter {
    /// The sender: an address, or a name and an address.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
    /// Those who get a copy.
    pub cc: Vec<String>,
    /// Those who get a copy that nobody else learns of.
    pub bcc: Vec<String>,
    /// Where answers go.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: Option<String>,
    /// The same as HTML.
    pub html: Option<String>,
    /// Further header fields by name.
    pub headers: Map<String, Value>,
    /// Files, or objects with `name`, `contentType` and `content` in Base64.
    pub attachments: Vec<Value>,
}

/// Where a message is added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Place {
    /// The folder.
    pub folder: String,
    /// Whether it counts as read.
    pub seen: bool,
    /// Whether it is a draft.
    pub draft: bool,
}

/// Which messages of a folder are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The folder.
    pub folder: String,
    /// Their UIDs (RFC 3501 section 2.3.1.1).
    pub uids: Vec<u32>,
    /// What the folder's UIDVALIDITY was when the UIDs were told; of another one they mean other messages.
    pub uid_validity: Option<u32>,
}

/// Which flags are set or taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Marks {
    /// Read or not.
    pub seen: Option<bool>,
    /// Flagged or not.
    pub flagged: Option<bool>,
    /// Answered or not.
    pub answered: Option<bool>,
}

/// What is looked for; all of it has to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Search {
    /// The folder.
    pub folder: String,
    /// The flags.
    #[serde(flatten)]
    pub marks: Marks,
    /// A part of the sender.
    pub from: Option<String>,
    /// A part of a recipient.
    pub to: Option<String>,
    /// A part of the subject.
    pub subject: Option<String>,
    /// A part of the message.
    pub text: Option<String>,
    /// Came on this day or later: `YYYY-MM-DD`.
    pub since: Option<String>,
    /// Came before this day: `YYYY-MM-DD`.
    pub before: Option<String>,
    /// UIDs below this one alone: the next page of what was told newest first.
    pub below_uid: Option<u32>,
    /// The most messages.
    pub limit: Option<usize>,
}

/// What came behind a cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct News {
    /// The folder.
    pub folder: String,
    /// The cursor; without it, nothing is new yet.
    pub after: Option<String>,
    /// The most messages.
    pub limit: Option<usize>,
}

/// The inbox, whose name is the same at every server (RFC 3501 section 5.1).
const INBOX: &str = "INBOX";

/// The most messages of one operation.
pub const MAX_MESSAGES: usize = 100;

/// Reads the inputs of an operation.
///
/// # Errors
/// [`Fault`] names the input that does not fit.
pub fn prepare(action: Action, inputs: &Map<String, Value>) -> Result<Work, Fault> {
    let work = match action {
        Action::Send => Work::Send(letter(inputs)?),
        Action::Folders => Work::Folders,
        Action::Search => {
            let mut search: Search = read(inputs)?;
            search.folder = folder(inputs, "folder")?;
            let terms = [
                ("from", &search.from),
                ("to", &search.to),
                ("subject", &search.subject),
                ("text", &search.text),
            ];
            for (name, term) in terms {
                line(name, term.as_deref().unwrap_or_default())?;
            }
            for (name, day) in [("since", &search.since), ("before", &search.before)] {
                if day.as_deref().is_some_and(|day| !is_day(day)) {
                    return Err(Fault::new(name, "Write a day as YYYY-MM-DD."));
                }
            }
            Work::Search(search)
        }
        Action::News => Work::News(News { folder: folder(inputs, "folder")?, ..read(inputs)? }),
        Action::Read => Work::Read(choice(inputs)?),
        Action::Mark => {
            let marks: Marks = read(inputs)?;
            if marks == Marks::default() {
                return Err(Fault::new("seen", "Say which flag is set or taken away."));
            }
            Work::Mark(choice(inputs)?, marks)
        }
        Action::Move => Work::Move(choice(inputs)?, folder(inputs, "to")?),
        Action::Delete => Work::Delete(choice(inputs)?),
        Action::Append => {
            let place = Place { folder: folder(inputs, "folder")?, ..read(inputs)? };
            Work::Append(place, letter(inputs)?)
        }
    };
    Ok(work)
}

/// Inputs that the operation's schema has let through, as a type.
fn read<T: DeserializeOwned>(inputs: &Map<String, Value>) -> Result<T, Fault> {
    T::deserialize(Value::Object(inputs.clone()))
        .map_err(|_| Fault::new("", "The inputs are not those of this operation."))
}

fn letter(inputs: &Map<String, Value>) -> Result<Letter, Fault> {
    let letter: Letter = read(inputs)?;
    if letter.from.trim().is_empty() {
        return Err(Fault::new("from", "Name the sender."));
    }
    if letter.to.is_empty() && letter.cc.is_empty() && letter.bcc.is_empty() {
        return Err(Fault::new("to", "Name at least one recipient."));
    }
    if letter.text.is_none() && letter.html.is_none() {
        return Err(Fault::new("text", "Write a text, HTML, or both."));
    }
    line("from", &letter.from)?;
    line("subject", &letter.subject)?;
    let lists = [("to", &letter.to), ("cc", &letter.cc), ("bcc", &letter.bcc), ("replyTo", &letter.reply_to)];
    for (name, list) in lists {
        list.iter().try_for_each(|address| line(name, address))?;
    }
    for (name, value) in &letter.headers {
        header(name, value)?;
    }
    Ok(letter)
}

/// Header fields that have an input of their own, or that Flero or a server on the way writes.
const OWN_HEADERS: &[&str] = &[
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "return-path",
    "received",
];

/// A further header field: a name of RFC 5322 section 2.2, and a text of one line.
fn header(name: &str, value: &Value) -> Result<(), Fault> {
    let lower = name.to_ascii_lowercase();
    let is_name = !name.is_empty()
        && name.len() <= 76
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !is_name || OWN_HEADERS.contains(&lower.as_str()) || lower.starts_with("content-") {
        let message = "A header field has a name of letters, digits and hyphens, such as X-Order, that no other input and no server writes.";
        return Err(Fault::new("headers", message));
    }
    let Value::String(value) = value else {
        return Err(Fault::new("headers", "The value of a header field is a text."));
    };
    line("headers", value)
}

fn line(input: &str, text: &str) -> Result<(), Fault> {
    if text.chars().any(char::is_control) {
        return Err(Fault::new(input, "This is one line, without line breaks and other control characters."));
    }
    Ok(())
}

/// The name of a folder; the inbox where none is told.
fn folder(inputs: &Map<String, Value>, input: &str) -> Result<String, Fault> {
    let name = inputs.get(input).and_then(Value::as_str).unwrap_or(INBOX);
    if name.is_empty() || name.len() > 1_000 {
        return Err(Fault::new(input, "A folder's name has 1 to 1,000 bytes."));
    }
    line(input, name)?;
    Ok(name.to_owned())
}

fn choice(inputs: &Map<String, Value>) -> Result<Choice, Fault> {
    let number =
        |value: &Value| value.as_u64().and_then(|uid| u32::try_from(uid).ok()).filter(|uid| *uid > 0);
    let one = inputs.get("uid").map(|uid| vec![uid.clone()]);
    let listed = inputs.get("uids").and_then(Value::as_array).cloned().or(one).unwrap_or_default();
    let uids: Option<Vec<u32>> = listed.iter().map(number).collect();
    let fits = |uids: &Vec<u32>| (1..=MAX_MESSAGES).contains(&uids.len());
    let uids = uids.filter(fits).ok_or_else(|| {
        Fault::new("uid", format!("Name messages by their UIDs, from 1 to {MAX_MESSAGES} of them."))
    })?;
    let uid_validity = inputs.get("uidValidity").and_then(number);
    Ok(Choice { folder: folder(inputs, "folder")?, uids, uid_validity })
}

/// Whether a text has the form of a day (RFC 3339, `full-date`).
fn is_day(text: &str) -> bool {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let number = |from: usize| text.get(from..from + 2).and_then(|part| part.parse::<u8>().ok());
    shape
        && number(5).is_some_and(|month| (1..=12).contains(&month))
        && number(8).is_some_and(|day| (1..=31).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn work(action: Action, inputs: Value) -> Result<Work, String> {
        let inputs = inputs.as_object().cloned().unwrap_or_default();
        prepare(action, &inputs).map_err(|fault| fault.pointer)
    }

    #[test]
    fn nothing_of_one_line_holds_another_line() {
        let with = |name: &str, value: Value| {
            let mut letter =
                json!({"from": "a@example.com", "to": ["b@example.com"], "subject": "s", "text": "t"});
            letter[name] = value;
            work(Action::Send, letter)
        };
        assert!(with("text", json!("two\r\nlines")).is_ok());
        let nasty = "x\r\nBcc: eve@example.com";
        for name in ["from", "subject"] {
            assert_eq!(with(name, json!(nasty)), Err(format!("/{name}")));
        }
        for name in ["to", "cc", "bcc", "replyTo"] {
            assert_eq!(with(name, json!([nasty])), Err(format!("/{name}")));
        }
        for headers in [
            json!({"X-A": nasty}),
            json!({"X-A: b\r\nBcc": "c"}),
            json!({"Bcc": "eve@example.com"}),
            json!({"content-type": "text/html"}),
            json!({"X-A": 1}),
        ] {
            assert_eq!(with("headers", headers), Err("/headers".to_owned()));
        }
        assert!(with("headers", json!({"X-Order": "7", "In-Reply-To": "<1@example.com>"})).is_ok());
        let search = |name: &str, value: &str| work(Action::Search, json!({ name: value }));
        for (name, value) in [
            ("folder", "A\r\nb LOGOUT"),
            ("from", "a\nb"),
            ("subject", "a\0b"),
            ("since", "1-Jan-2026"),
            ("before", "2026-13-01"),
        ] {
            assert_eq!(search(name, value), Err(format!("/{name}")));
        }
        assert_eq!(work(Action::Move, json!({"uid": 1, "to": "a\nb"})), Err("/to".to_owned()));
    }

    #[test]
    fn messages_are_named_by_uids_and_the_inbox_needs_no_name() {
        let chosen = Choice { folder: "INBOX".to_owned(), uids: vec![7], uid_validity: Some(3) };
        assert_eq!(work(Action::Read, json!({"uid": 7, "uidValidity": 3})), Ok(Work::Read(chosen)));
        for wrong in [json!({}), json!({"uids": []}), json!({"uid": 0}), json!({"uid": 4_294_967_296_u64})] {
            assert_eq!(work(Action::Delete, wrong), Err("/uid".to_owned()));
        }
        assert_eq!(work(Action::Mark, json!({"uid": 1})), Err("/seen".to_owned()));
        let Ok(Work::Search(search)) = work(Action::Search, json!({"seen": false, "since": "2026-02-01"}))
        else {
            panic!("a search")
        };
        assert_eq!((search.marks.seen, search.folder.as_str()), (Some(false), "INBOX"));
    }
}
