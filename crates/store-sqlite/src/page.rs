//! Pages by key, not by number: a cursor names the last entry that was given, so entries that come in between
//! neither repeat nor hide any.

use data_encoding::BASE64URL_NOPAD;
use flero_store::{Error, Page, PageRequest};

use crate::error::Outcome;

/// The most entries of a page.
const MAX_LIMIT: u32 = 200;

/// Which list a cursor belongs to; its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum List {
    /// Credentials.
    Credentials = 1,
    /// Workflows.
    Workflows = 2,
    /// Versions of a workflow.
    Versions = 3,
    /// Executions.
    Executions = 4,
    /// Audit records.
    Audit = 5,
    /// API keys.
    ApiKeys = 6,
    /// Invitations.
    Invites = 7,
    /// Members of a workspace or an organization.
    Members = 8,
    /// Requests for a wider scope.
    ScopeRequests = 9,
    /// Notifications.
    Notifications = 20,
}

/// The place of an entry in a list that is ordered by a number and, among equals, by an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// A time or a sequence number.
    pub(crate) number: i64,
    /// The identifier's bytes; zero in lists that have none.
    pub(crate) id: [u8; 16],
}

impl Key {
    /// Before every entry of a list that runs from high to low.
    const START: Self = Self { number: i64::MAX, id: [0xff; 16] };

    /// A key of a number alone.
    pub(crate) const fn of(number: i64) -> Self {
        Self { number, id: [0; 16] }
    }

    fn write(self, list: List) -> String {
        let mut bytes = vec![list as u8];
        bytes.extend_from_slice(&self.number.to_be_bytes());
        bytes.extend_from_slice(&self.id);
        BASE64URL_NOPAD.encode(&bytes)
    }

    fn read(list: List, text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (first, rest) = bytes.split_first()?;
        let (number, id) = rest.split_first_chunk::<8>()?;
        let id: [u8; 16] = id.try_into().ok()?;
        (*first == list as u8).then_some(Self { number: i64::from_be_bytes(*number), id })
    }
}

/// Where a page begins and how many entries are read for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    list: List,
    /// Entries follow this place.
    pub(crate) after: Key,
    limit: usize,
}

impl Window {
    /// Reads a request.
    pub(crate) fn new(list: List, request: &PageRequest) -> Outcome<Self> {
        let after = match &request.cursor {
            None => Key::START,
            Some(text) => Key::read(list, text).ok_or(Error::InvalidCursor)?,
        };
        Ok(Self { list, after, limit: request.limit.clamp(1, MAX_LIMIT) as usize })
    }

    /// How many rows to ask for: one more than are given, to know whether another page follows.
    pub(crate) const fn rows(self) -> i64 {
        self.limit as i64 + 1
    }

    /// The page of the rows that were read.
    pub(crate) fn page<T>(self, mut items: Vec<T>, total: i64, key: impl Fn(&T) -> Key) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next_cursor = items.last().filter(|_| more).map(|last| key(last).write(self.list));
        Page { items, next_cursor, total: total.cast_unsigned() }
    }
}
