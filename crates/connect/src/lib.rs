//! The only door to services: policy, egress guard, authentication, scrubber, proxy.
//!
//! A caller hands over a request *without* authentication and says who asks, for which credential and what for.
//! The door asks the one policy function, checks the final URL (every redirect hop too) against the credential's
//! bound policy and the egress guard, opens the secret, adds it, sends, scrubs the answer, and forgets.
//!
//! **Invariant:** no other crate opens a connection to a service on a user's behalf.
//! **Invariant:** nothing that this crate returns or logs holds a secret, a URL's query or the text of a
//! library's error.

mod account;
mod auth;
pub mod body;
pub mod call;
mod client;
mod database;
mod decode;
mod dial;
mod door;
pub mod error;
pub mod guard;
mod headers;
mod limited;
pub mod mail;
mod mailbox;
mod needles;
pub mod oauth;
pub mod outcome;
mod pool;
mod redirect;
pub mod resolve;
pub mod scrub;
mod signature;
pub mod source;
mod tls;
mod transport;

pub use auth::secret_ends_at;
pub use call::{AccountReply, Call, Reply, Request};
pub use database::{Rows, SqlError, Statement};
pub use door::{
    Config, Connect, Ports,
    events::{Genuine, Registering},
    inbound::{Presented, Verified},
    proxy::{ProxyCall, ProxyReply},
};
pub use error::{Error, Kind};
pub use mailbox::{Attachment, MailAnswer, MailError, MailErrorClass, MailRequest, MailWork};
pub use outcome::{CredentialSignal, Intent, Purpose, RecordedIntent, UseOutcome, intent_record};
pub use signature::Delivery;
pub use source::{CREDENTIAL_FIELD, CredentialSource, OpenFailure, OpenSecret, StoreSource, Unavailable};
pub use tls::TlsRoots;
