//! `x-flero-operation`: what is known of one operation besides its request and answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Places, TimeUnit};

/// `x-flero-operation`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct OperationHints {
    /// The name for people, where `summary` does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The group that it is shown in, where the first tag does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How its pages are followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PagingHint>,
    /// How its errors are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<ErrorRules>,
    /// How a repetition is told from a second request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<IdempotencyHint>,
    /// Fields whose choices another operation lists, by input.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, DynamicOptions>,
    /// The inputs in the order in which a form shows them first; the others follow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// Header fields of its requests, besides those of every request: the `Content-Type` of a request without a body,
    /// for example, which OpenAPI has no place for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The permissions that it needs, where `security` does not name them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// An example and the exchange that belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
    /// The statement of a database operation; its inputs are `{{name}}` parameters, never text. See
    /// [`crate::statement`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// What an operation of a mail server does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<crate::mail::Action>,
}

impl OperationHints {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How further pages are found. Paths are JSON pointers into the answer's body. `input` is a parameter of the query, a
/// member of the body, or a place within one (see [`crate::paging::segments`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum PagingHint {
    /// The `Link` header with `rel="next"` (RFC 8288).
    LinkHeader {
        /// Where the items stand; without it, the body itself.
        #[serde(default)]
        items: String,
        /// The input by which one page alone is asked for, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<String>,
        /// How many items the service tells at most, where it refuses to tell more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_items: Option<u64>,
    },
    /// The URL of the next page stands in the body.
    NextLink {
        /// Where the items stand.
        #[serde(default)]
        items: String,
        /// Where the URL stands.
        next: String,
        /// The input by which one page alone is asked for, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<String>,
        /// How many items the service tells at most, where it refuses to tell more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_items: Option<u64>,
    },
    /// A value of the answer is sent with the next request.
    Cursor {
        /// Where the items stand.
        #[serde(default)]
        items: String,
        /// Where the value stands.
        next: String,
        /// The input that takes it.
        input: String,
        /// Where the answer says whether there are more, where the last page has a value too: there, `false` is the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<String>,
        /// How many items the service tells at most, where it refuses to tell more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_items: Option<u64>,
    },
    /// Pages are counted.
    Page {
        /// Where the items stand.
        #[serde(default)]
        items: String,
        /// The input that takes the number.
        input: String,
        /// The number of the first page.
        #[serde(default = "one")]
        start: u64,
        /// Whether the first request names its number too, because the service tells everything without one.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        first: bool,
        /// Where the answer says how many pages there are; without it, an empty page is the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pages: Option<String>,
        /// How many items the service tells at most, where it refuses to tell more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_items: Option<u64>,
    },
    /// Items are counted.
    Offset {
        /// Where the items stand.
        #[serde(default)]
        items: String,
        /// The input that takes the number of items to skip.
        input: String,
        /// The input that says how many items a page has.
        #[serde(default)]
        limit: Option<String>,
        /// How many items the service tells at most, where it refuses to tell more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_items: Option<u64>,
    },
    /// The last item's id is sent with the next request, while the answer says that there are more.
    LastItem {
        /// Where the items stand.
        #[serde(default)]
        items: String,
        /// Where an item has its id.
        id: String,
        /// The input that takes it.
        input: String,
        /// Where the answer says whether there are more.
        more: String,
        /// How many items the service tells at most, where it refuses to tell more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_items: Option<u64>,
    },
}

const fn one() -> u64 {
    1
}

impl PagingHint {
    /// Where a page's items stand: a JSON pointer.
    #[must_use]
    pub fn items(&self) -> &str {
        match self {
            Self::LinkHeader { items, .. }
            | Self::NextLink { items, .. }
            | Self::Cursor { items, .. }
            | Self::Page { items, .. }
            | Self::Offset { items, .. }
            | Self::LastItem { items, .. } => items,
        }
    }

    /// How many items the service tells at most, where it refuses to tell more.
    #[must_use]
    pub const fn max_items(&self) -> Option<u64> {
        match self {
            Self::LinkHeader { max_items, .. }
            | Self::NextLink { max_items, .. }
            | Self::Cursor { max_items, .. }
            | Self::Page { max_items, .. }
            | Self::Offset { max_items, .. }
            | Self::LastItem { max_items, .. } => *max_items,
        }
    }

    /// The input that a page is chosen by.
    #[must_use]
    pub fn input(&self) -> Option<&str> {
        match self {
            Self::LinkHeader { input, .. } | Self::NextLink { input, .. } => input.as_deref(),
            Self::Cursor { input, .. }
            | Self::Page { input, .. }
            | Self::Offset { input, .. }
            | Self::LastItem { input, .. } => Some(input),
        }
    }

    /// Whether a link leads to the next page, so that no input has to.
    #[must_use]
    pub const fn has_link(&self) -> bool {
        matches!(self, Self::LinkHeader { .. } | Self::NextLink { .. })
    }

    /// The same for an operation that has not the input of a link's hint.
    pub(crate) fn without_input(mut self) -> Self {
        if let Self::LinkHeader { input, .. } | Self::NextLink { input, .. } = &mut self {
            *input = None;
        }
        self
    }
}

/// What kind of failure an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorClass {
    /// The credential was refused.
    Authentication,
    /// The credential is good and may not do this.
    Permission,
    /// The request is wrong.
    Validation,
    /// Too many requests; later it may work.
    RateLimit,
    /// What was named is not there.
    NotFound,
    /// What was there meanwhile contradicts it.
    Conflict,
    /// The service failed; later it may work.
    Server,
}

impl ErrorClass {
    /// The class of a status, where nothing more is known (RFC 9110 section 15).
    #[must_use]
    pub const fn of_status(status: u16) -> Option<Self> {
        Some(match status {
            0..=399 => return None,
            401 | 407 => Self::Authentication,
            403 => Self::Permission,
            404 | 410 => Self::NotFound,
            409 | 412 => Self::Conflict,
            429 => Self::RateLimit,
            500..=599 => Self::Server,
            _ => Self::Validation,
        })
    }

    /// The code of the node's error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Authentication => "connector.authentication",
            Self::Permission => "connector.permission",
            Self::Validation => "connector.validation",
            Self::RateLimit => "connector.rate_limit",
            Self::NotFound => "connector.not_found",
            Self::Conflict => "connector.conflict",
            Self::Server => "connector.server",
        }
    }

    /// Whether the same request may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::RateLimit | Self::Server)
    }
}

/// How a service tells of errors. Paths are JSON pointers into the answer's body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ErrorRules {
    /// Where an answer with a good status says whether it is one, for example `/ok`: there, `false` is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ok: Option<String>,
    /// Where an answer with a good status has something only when it failed, for example `/errors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<String>,
    /// Where the error's code stands: of several places, the first that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Places>,
    /// Where the error's text for people stands: of several places, the first that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Places>,
    /// What kind of failure a code is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, ErrorClass>,
    /// What kind of failure a status is, where it differs from the usual, for example GitHub's 403 for a rate limit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub statuses: BTreeMap<String, ErrorClass>,
}

/// How a repetition is told from a second request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdempotencyHint {
    /// The header field that takes the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The input that takes the key, where it is no header field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
}

/// Which header fields tell of limits. Without it, `Retry-After` alone (RFC 9110 section 10.2.3).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RateLimitHint {
    /// How many requests are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<String>,
    /// When there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<String>,
    /// Whether `reset` counts from 1970 rather than from now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reset_is_time: bool,
    /// How `reset` is written. One that is a text is a time, whatever `reset_is_time` says.
    #[serde(skip_serializing_if = "TimeUnit::is_seconds")]
    pub reset_unit: TimeUnit,
}

/// A field whose choices another operation lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DynamicOptions {
    /// The `operationId` that lists them.
    pub operation: String,
    /// What it is called with. A text `{{name}}` stands for the input of that name in the form.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// Where the items stand.
    #[serde(default)]
    pub items: String,
    /// Where an item has its value.
    pub value: String,
    /// Where an item has its text for people.
    pub label: String,
}

/// An example of a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Example {
    /// The inputs.
    pub inputs: Map<String, Value>,
    /// The exchange as the vendor documents it: a file of `fixtures/`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fixture: String,
}
