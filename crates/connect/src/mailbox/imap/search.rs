//! Finding messages (RFC 3501 section 6.4.4).

use flero_openapi::mail::{MAX_MESSAGES, Marks, Search};
use imap_proto::{MailboxDatum, Response};
use serde_json::{Value, json};

use super::{Fault, login::Session, wire::Command};

/// How many messages are told unless a number is named.
pub(super) const USUAL: usize = 20;

impl Session {
    /// The messages that fit, the newest first, and how many fit in all.
    pub(super) async fn search(&mut self, search: &Search) -> Result<Value, Fault> {
        let selected = self.open(&search.folder, false).await?;
        let mut uids = self.uids(criteria(search)).await?;
        let total = uids.len();
        let most = search.limit.unwrap_or(USUAL).clamp(1, MAX_MESSAGES);
        let uids = uids.split_off(total.saturating_sub(most));
        let mut found = self.headers(&uids).await?;
        found.reverse();
        let told = |one: &super::fetch::Fetched| one.summary(&search.folder, selected.uid_validity);
        let messages: Vec<Value> = found.iter().map(told).collect();
        Ok(json!({"messages": messages, "total": total}))
    }

    /// The UIDs that a search finds, from the lowest.
    pub(super) async fn uids(&mut self, command: Command) -> Result<Vec<u32>, Fault> {
        let mut uids = Vec::new();
        let note = |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                uids.extend(found);
            }
        };
        self.wire.run(command, note).await?;
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }
}

fn criteria(search: &Search) -> Command {
    let terms =
        [("FROM", &search.from), ("TO", &search.to), ("SUBJECT", &search.subject), ("TEXT", &search.text)];
    let is_ascii = terms.iter().all(|(_, term)| term.as_deref().unwrap_or_default().is_ascii());
    let mut command = Command::new(if is_ascii { "UID SEARCH" } else { "UID SEARCH CHARSET UTF-8" });
    // Whatever else is asked for, something has to be.
    let below = search.below_uid.map(|uid| uid.saturating_sub(1).max(1));
    command = match below {
        Some(_) if search.below_uid == Some(1) => command.words("NOT ALL"),
        Some(last) => command.words(format!("UID 1:{last}")),
        None => command.words("ALL"),
    };
    let Marks { seen, flagged, answered } = search.marks;
    let flags =
        [(seen, "SEEN", "UNSEEN"), (flagged, "FLAGGED", "UNFLAGGED"), (answered, "ANSWERED", "UNANSWERED")];
    for (wanted, set, unset) in flags {
        if let Some(wanted) = wanted {
            command = command.words(if wanted { set } else { unset });
        }
    }
    for (key, told) in [("SINCE", &search.since), ("BEFORE", &search.before)] {
        if let Some(day) = told.as_deref().and_then(day) {
            command = command.words(format!("{key} {day}"));
        }
    }
    for (key, term) in terms {
        if let Some(term) = term.as_deref().filter(|term| !term.is_empty()) {
            command = command.words(key).text(term);
        }
    }
    command
}

/// A day as IMAP writes it: `1-Feb-2026`.
fn day(text: &str) -> Option<String> {
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.format("%-d-%b-%Y").to_string())
}
