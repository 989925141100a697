//! Each piece of work as commands.

use flero_openapi::mail::{Choice, Marks, Place, Work};
use imap_proto::{MailboxDatum, NameAttribute, Response, ResponseCode, rfc4315::UidSetMember};
use serde_json::{Map, Value, json};

use super::{
    super::{letter::Composed, message},
    Fault, Kind, MailAnswer, MailError, Task,
    fetch::set_of,
    folder_name::{decoded, encoded},
    login::Session,
    wire::Command,
};

/// An opened folder.
pub(super) struct Selected {
    pub(super) uid_validity: u32,
    pub(super) uid_next: Option<u32>,
}

impl Session {
    pub(super) async fn work(&mut self, work: &Work, task: &Task) -> Result<MailAnswer, Fault> {
        let value = match work {
            Work::Folders => self.folders().await?,
            Work::Search(search) => self.search(search).await?,
            Work::News(news) => self.news(news, task.now).await?,
            Work::Read(choice) => return self.read(choice).await,
            Work::Mark(choice, marks) => self.mark(choice, *marks).await?,
            Work::Move(choice, to) => self.move_to(choice, to).await?,
            Work::Delete(choice) => self.delete(choice).await?,
            Work::Append(place, _) => {
                let message = task.message.as_ref().ok_or(Kind::MailProtocol)?;
                self.append(place, message).await?
            }
            Work::Send(_) => return Err(Kind::MailCredentialNeeded.into()),
        };
        Ok(value.into())
    }

    /// Opens a folder, to read alone or to change it too.
    pub(super) async fn open(&mut self, folder: &str, to_change: bool) -> Result<Selected, Fault> {
        let mut selected = Selected { uid_validity: 0, uid_next: None };
        let note = |response: &Response<'_>| {
            let Response::Data { outcome, .. } = response else { return };
            match outcome.code {
                Some(ResponseCode::UidValidity(validity)) => selected.uid_validity = validity,
                Some(ResponseCode::UidNext(next)) => selected.uid_next = Some(next),
                _ => {}
            }
        };
        let command = Command::new(if to_change { "SELECT" } else { "EXAMINE" }).text(&encoded(folder));
        self.wire.run(command, note).await?;
        Ok(selected)
    }

    /// The same for chosen messages, whose UIDs have to mean what they meant when they were told.
    async fn open_for(&mut self, choice: &Choice, to_change: bool) -> Result<Selected, Fault> {
        let selected = self.open(&choice.folder, to_change).await?;
        if choice.uid_validity.is_some_and(|validity| validity != selected.uid_validity) {
            let words = "The server has given the messages of this folder new UIDs since; search again.";
            return Err(Fault::Server(MailError::input("UIDVALIDITY", words)));
        }
        Ok(selected)
    }

    async fn folders(&mut self) -> Result<Value, Fault> {
        let mut folders = Vec::new();
        let note = |response: &Response<'_>| {
            let Response::MailboxData(MailboxDatum::List(told)) = response else { return };
            let is_selectable = !told.name_attributes.contains(&NameAttribute::NoSelect);
            // Of what is quoted, the parser gives the text with its escapes.
            let name = told.name.replace("\\\"", "\"").replace("\\\\", "\\");
            let mut folder = Map::new();
            folder.insert("name".to_owned(), json!(decoded(&name)));
            folder.insert("delimiter".to_owned(), json!(told.delimiter.as_deref()));
            folder.insert("canOpen".to_owned(), json!(is_selectable));
            if let Some(purpose) = told.name_attributes.iter().find_map(purpose) {
                folder.insert("purpose".to_owned(), json!(purpose));
            }
            folders.push(Value::Object(folder));
        };
        self.wire.run(Command::new("LIST \"\" *"), note).await?;
        Ok(json!({ "folders": folders }))
    }

    async fn read(&mut self, choice: &Choice) -> Result<MailAnswer, Fault> {
        let selected = self.open_for(choice, false).await?;
        let uid = choice.uids.first().copied().unwrap_or_default();
        let Some(found) = self.whole(uid).await? else {
            let words = "There is no message with this UID in the folder.";
            return Err(Fault::Server(MailError::input("not_found", words)));
        };
        let mut told = found.told(&choice.folder, selected.uid_validity);
        let (content, attachments) = message::whole(&found.bytes);
        told.extend(content);
        Ok(MailAnswer { value: Value::Object(told), attachments })
    }

    async fn mark(&mut self, choice: &Choice, marks: Marks) -> Result<Value, Fault> {
        let selected = self.open_for(choice, true).await?;
        let flags = [(marks.seen, "\\Seen"), (marks.flagged, "\\Flagged"), (marks.answered, "\\Answered")];
        let of = |wanted: bool| -> Vec<&str> {
            flags.iter().filter(|(mark, _)| *mark == Some(wanted)).map(|(_, flag)| *flag).collect()
        };
        let set = set_of(&choice.uids);
        for (sign, flags) in [("+", of(true)), ("-", of(false))] {
            if !flags.is_empty() {
                let command = format!("UID STORE {set} {sign}FLAGS.SILENT ({})", flags.join(" "));
                self.wire.run(Command::new(command), |_| {}).await?;
            }
        }
        let after = self.fetch(Command::new(format!("UID FETCH {set} (UID FLAGS)"))).await?;
        let told = after.iter().map(|one| json!({"uid": one.uid, "flags": one.flags}));
        let messages: Vec<Value> = told.collect();
        Ok(json!({"messages": messages, "uidValidity": selected.uid_validity}))
    }

    /// Moves messages, at once where the server can (RFC 6851), else by a copy and an expunge.
    async fn move_to(&mut self, choice: &Choice, to: &str) -> Result<Value, Fault> {
        if !self.can_move {
            self.need_uidplus()?;
        }
        self.open_for(choice, true).await?;
        let set = set_of(&choice.uids);
        let (mut validity, mut new) = (None, Vec::new());
        let note = |response: &Response<'_>| {
            let (Response::Data { outcome, .. } | Response::Done { outcome, .. }) = response else { return };
            if let Some(ResponseCode::CopyUid(of, _, copies)) = &outcome.code {
                validity = Some(*of);
                new.extend(copies.iter().flat_map(members));
            }
        };
        let verb = if self.can_move { "MOVE" } else { "COPY" };
        let command = Command::new(format!("UID {verb} {set}")).text(&encoded(to));
        self.wire.run(command, note).await?;
        if !self.can_move {
            self.expunge(&set).await?;
        }
        Ok(json!({"folder": to, "uids": new, "uidValidity": validity}))
    }

    async fn delete(&mut self, choice: &Choice) -> Result<Value, Fault> {
        self.need_uidplus()?;
        self.open_for(choice, true).await?;
        let set = set_of(&choice.uids);
        let there = self.uids(Command::new(format!("UID SEARCH UID {set}"))).await?;
        self.expunge(&set).await?;
        Ok(json!({ "uids": there }))
    }

    /// Takes messages away for good, and no others: without UIDPLUS, everything that somebody else marked as deleted
    /// would go with them.
    async fn expunge(&mut self, set: &str) -> Result<(), Fault> {
        let marked = format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)");
        self.wire.run(Command::new(marked), |_| {}).await?;
        self.wire.run(Command::new(format!("UID EXPUNGE {set}")), |_| {}).await
    }

    fn need_uidplus(&self) -> Result<(), Fault> {
        if self.has_uidplus {
            return Ok(());
        }
        let words = "The server cannot take single messages away (it has no UIDPLUS); mark them instead.";
        Err(Fault::Server(MailError::input("UIDPLUS", words)))
    }

    async fn append(&mut self, place: &Place, message: &Composed) -> Result<Value, Fault> {
        let flags = match (place.seen, place.draft) {
            (false, false) => "()",
            (true, false) => "(\\Seen)",
            (false, true) => "(\\Draft)",
            (true, true) => "(\\Seen \\Draft)",
        };
        let mut new = None;
        let note = |response: &Response<'_>| {
            let Response::Done { outcome, .. } = response else { return };
            if let Some(ResponseCode::AppendUid(validity, uids)) = &outcome.code {
                new = uids.iter().flat_map(members).next().map(|uid| (uid, *validity));
            }
        };
        let command =
            Command::new("APPEND").text(&encoded(&place.folder)).words(flags).literal(&message.bytes);
        self.wire.run(command, note).await?;
        Ok(json!({
            "folder": place.folder,
            "messageId": message.id,
            "uid": new.map(|(uid, _)| uid),
            "uidValidity": new.map(|(_, validity)| validity),
        }))
    }
}

/// The most UIDs that a server's answer is read as.
const MAX_MEMBERS: usize = 1_000;

fn members(member: &UidSetMember) -> impl Iterator<Item = u32> {
    let range = match member {
        UidSetMember::Uid(uid) => *uid..=*uid,
        UidSetMember::UidRange(range) => range.clone(),
    };
    range.take(MAX_MEMBERS)
}

/// What a folder is for, where the server says it (RFC 6154).
fn purpose(attribute: &NameAttribute<'_>) -> Option<&'static str> {
    Some(match attribute {
        NameAttribute::All => "all",
        NameAttribute::Archive => "archive",
        NameAttribute::Drafts => "drafts",
        NameAttribute::Flagged => "flagged",
        NameAttribute::Junk => "junk",
        NameAttribute::Sent => "sent",
        NameAttribute::Trash => "trash",
        _ => return None,
    })
}
