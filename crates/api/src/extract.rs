//! What handlers take as arguments: every rejection is a problem document.

mod body;
mod caller;
mod forged;
mod from_value;
mod header;
mod path;
mod query;

pub(crate) use body::invalid_json;
pub use body::{Body, Document, Submitted, collect};
pub use caller::{Awaiting, Caller, Enrolling, From, Person, Sender};
pub(crate) use forged::refuse_foreign_page;
pub use header::IfMatch;
pub(crate) use header::etag;
pub use path::{CredentialPath, Path};
pub use query::{FilterId, ListQuery, Nobody, Query, Text};
