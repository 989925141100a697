//! What came since the last time: the cursor of a folder.
//!
//! A cursor says up to which UID of which UIDVALIDITY everything was told, and when that message came. UIDs only grow
//! while UIDVALIDITY stays (RFC 3501 section 2.3.1.1), so nothing is lost and nothing told twice. A server that gives all
//! messages new UIDs says so by a larger UIDVALIDITY; then those count as new that came after the last one that was told.
//! The three numbers stand behind each other as one that only grows.

use flero_model::Timestamp;
use flero_openapi::mail::{MAX_MESSAGES, News};
use serde_json::{Value, json};

use super::{Fault, MailError, login::Session, search::USUAL, wire::Command, work::Selected};

/// Where everything was told up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    uid_validity: u32,
    uid: u32,
    /// When that message came, in seconds since 1970.
    seconds: u64,
}

/// How many digits the number in the middle has.
const UID_DIGITS: usize = 10;
/// How many digits the last number has.
const SECONDS_DIGITS: usize = 11;

impl Cursor {
    fn read(text: &str) -> Option<Self> {
        let (rest, seconds) = text.split_at_checked(text.len().checked_sub(SECONDS_DIGITS)?)?;
        let (uid_validity, uid) = rest.split_at_checked(rest.len().checked_sub(UID_DIGITS)?)?;
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(())?;
        Some(Self {
            uid_validity: uid_validity.parse().ok()?,
            uid: uid.parse().ok()?,
            seconds: seconds.parse().ok()?,
        })
    }

    fn text(self) -> String {
        format!("{}{:010}{:011}", self.uid_validity, self.uid, self.seconds)
    }
}

impl Session {
    /// The messages behind a cursor, the oldest first, each with its own; without a cursor none, and the one to begin at.
    pub(super) async fn news(&mut self, news: &News, now: Timestamp) -> Result<Value, Fault> {
        let selected = self.open(&news.folder, false).await?;
        let Some(after) = &news.after else {
            let seconds = u64::try_from(now.as_millis() / 1_000).unwrap_or_default();
            let uid = self.last(&selected).await?;
            let cursor = Cursor { uid_validity: selected.uid_validity, uid, seconds };
            return Ok(json!({"messages": [], "cursor": cursor.text()}));
        };
        let after = Cursor::read(after).ok_or_else(|| {
            Fault::Server(MailError::input("cursor", "`after` is no cursor of this operation."))
        })?;
        let is_same = after.uid_validity == selected.uid_validity;
        let mut uids = if is_same {
            self.uids(Command::new(format!("UID SEARCH UID {}:*", after.uid.saturating_add(1)))).await?
        } else {
            let seconds = i64::try_from(after.seconds).unwrap_or_default();
            // The day of the server may be another one than ours.
            let day = chrono::DateTime::from_timestamp(seconds - 86_400, 0).unwrap_or_default();
            self.uids(Command::new(format!("UID SEARCH SINCE {}", day.format("%-d-%b-%Y")))).await?
        };
        // `n:*` names the last message too when it stands before n.
        uids.retain(|uid| !is_same || *uid > after.uid);
        let most = news.limit.unwrap_or(USUAL).clamp(1, MAX_MESSAGES);
        let (mut messages, mut end) = (Vec::new(), after);
        // Of a rebuilt folder all candidates are looked at: its messages need not stand in the order in which they came.
        for piece in uids.chunks(most) {
            for one in self.headers(piece).await? {
                let seconds =
                    one.received_at().and_then(|at| u64::try_from(at).ok()).unwrap_or(after.seconds);
                if !is_same && seconds <= after.seconds {
                    continue;
                }
                end = Cursor { uid_validity: selected.uid_validity, uid: one.uid, seconds };
                let mut told = one.summary(&news.folder, selected.uid_validity);
                told["cursor"] = json!(end.text());
                messages.push(told);
            }
            if is_same && messages.len() >= most {
                break;
            }
        }
        Ok(json!({"messages": messages, "cursor": end.text()}))
    }

    /// The UID of the last message there ever was.
    async fn last(&mut self, selected: &Selected) -> Result<u32, Fault> {
        match selected.uid_next {
            Some(next) => Ok(next.saturating_sub(1)),
            None => Ok(self.uids(Command::new("UID SEARCH UID *")).await?.pop().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_only_grows() {
        let of = |uid_validity, uid, seconds| Cursor { uid_validity, uid, seconds };
        let grown =
            [of(1, 0, 9), of(1, 7, 5), of(1, 8, 1), of(1, u32::MAX, 0), of(2, 1, 0), of(u32::MAX, 1, 1)];
        let numbers: Vec<i128> = grown.iter().map(|cursor| cursor.text().parse().unwrap()).collect();
        assert!(numbers.is_sorted() && grown.iter().all(|one| Cursor::read(&one.text()) == Some(*one)));
        for wrong in ["", "7", "1000000000100000000009x", "-10000000001000000000", "é"] {
            assert_eq!(Cursor::read(wrong), None, "{wrong}");
        }
    }
}
