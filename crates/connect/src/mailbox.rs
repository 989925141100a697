//! The door to mail servers: the same decision, guard, audit and scrubber as for HTTP, over SMTP and IMAP.
//!
//! Where the connection goes is a part of the credential's policy; the address that the guard checked is the one that is
//! connected to, and the name in the certificate is that of the policy. STARTTLS is never opportunistic: a server
//! without it gets no password (RFC 8314 section 4.1).

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use flero_model::{
    Timestamp,
    credential::{AuthType, Policy},
    destination::{Destination, Scheme},
    mail::{Protocol, Security},
};
use flero_openapi::mail::Work;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    account,
    auth::{Document, certificate},
    dial::Dialer,
    error::Kind,
    scrub::Scrubber,
};

mod imap;
mod letter;
mod message;
mod smtp;
mod stream;

use letter::Composed;

/// What is asked of a mail server.
pub struct MailRequest {
    /// What is done.
    pub work: MailWork,
    /// The attachments of the message that is sent or kept.
    pub attachments: Vec<Attachment>,
    /// The part of a new message's `Message-ID` before the `@`; the same at every attempt, so that a repetition can be
    /// told from a second message.
    pub message_id: String,
    /// The most bytes that are read from the server.
    pub max_bytes: usize,
    /// How long everything may take.
    pub timeout: Duration,
}

impl MailRequest {
    /// A request without files.
    #[must_use]
    pub const fn new(work: MailWork, max_bytes: usize, timeout: Duration) -> Self {
        Self { work, attachments: Vec::new(), message_id: String::new(), max_bytes, timeout }
    }
}

impl fmt::Debug for MailRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MailRequest(..)")
    }
}

/// What is done at a mail server.
#[derive(Debug, Clone, PartialEq)]
pub enum MailWork {
    /// Logs in and out again: whose account it is.
    Identify,
    /// An operation of a connector.
    Operation(Box<Work>),
}

impl MailWork {
    fn operation(&self) -> Option<&Work> {
        match self {
            Self::Identify => None,
            Self::Operation(work) => Some(work),
        }
    }
}

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, without a folder.
    pub name: Option<String>,
    /// Its media type.
    pub content_type: String,
    /// The content.
    pub content: Bytes,
}

/// What came of the work.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MailAnswer {
    /// As the operation describes it, but for the attachments.
    pub value: Value,
    /// The attachments of the message that was read.
    pub attachments: Vec<Attachment>,
}

impl From<Value> for MailAnswer {
    fn from(value: Value) -> Self {
        Self { value, attachments: Vec::new() }
    }
}

/// What is wrong with the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailError {
    /// What it means.
    pub class: MailErrorClass,
    /// The reply's code: three digits of SMTP (RFC 5321 section 4.2), a response code of IMAP (RFC 5530) or its `NO` and
    /// `BAD`, or a word of Flero's own.
    pub code: String,
    /// The server's own words, scrubbed, or Flero's.
    pub message: String,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailErrorClass {
    /// The server refused who asks.
    Authentication,
    /// The server refused what is asked for.
    Refused,
    /// The server cannot do it now.
    Passing,
    /// What is asked for makes no message, or is not there.
    Input,
}

impl MailError {
    fn input(code: &str, message: impl Into<String>) -> Self {
        Self { class: MailErrorClass::Input, code: code.to_owned(), message: message.into() }
    }
}

/// Why a server gave no answer.
type Fault = account::Fault<MailError>;

/// Work that is ready to be done.
pub(crate) struct Task {
    work: MailWork,
    message: Option<Composed>,
    max_bytes: usize,
    now: Timestamp,
}

impl Task {
    /// Makes the message, where there is one to send or to keep.
    ///
    /// # Errors
    /// [`MailError`] when an address or a file makes none.
    pub(crate) fn of(request: &MailRequest, now: Timestamp) -> Result<Self, MailError> {
        let letter = match request.work.operation() {
            Some(Work::Send(letter) | Work::Append(_, letter)) => Some(letter),
            _ => None,
        };
        let compose = |letter| letter::compose(letter, &request.attachments, &request.message_id, now);
        let message = letter.map(compose).transpose()?;
        Ok(Self { work: request.work.clone(), message, max_bytes: request.max_bytes, now })
    }
}

/// A mail account, opened for one use.
pub(crate) struct Account {
    protocol: Protocol,
    security: Security,
    user: String,
    password: Zeroizing<String>,
    /// The only authorities of the server's certificate, where the credential names them.
    identity: Option<Arc<certificate::Identity>>,
}

impl account::Account for Account {
    type Work = Task;
    type Answer = MailAnswer;
    type Refusal = MailError;

    const AUTH_TYPE: AuthType = AuthType::Mail;
    const NEEDED: Kind = Kind::MailCredentialNeeded;

    fn destination(policy: &Policy) -> Option<Destination> {
        // A credential for a protocol that is not spoken leads nowhere.
        let (protocol, security) = (protocol(policy)?, security(policy)?);
        let scheme = if security == Security::Disable { Scheme::Http } else { Scheme::Https };
        account::server(policy, scheme, protocol.default_port(security))
    }

    fn read(policy: &Policy, document: &Document) -> Result<Self, Kind> {
        Ok(Self {
            protocol: protocol(policy).ok_or(Kind::CredentialMalformed)?,
            security: security(policy).ok_or(Kind::CredentialMalformed)?,
            user: account::text(policy, "user")?.to_owned(),
            password: Zeroizing::new(document.text("password")?.to_owned()),
            identity: account::authorities(policy)?,
        })
    }

    async fn ask(
        &self,
        dialer: &Dialer,
        destination: &Destination,
        task: &Task,
    ) -> Result<MailAnswer, Fault> {
        let wanted = match task.work.operation() {
            None => self.protocol,
            Some(Work::Send(_)) => Protocol::Smtp,
            Some(_) => Protocol::Imap,
        };
        match self.protocol {
            _ if wanted != self.protocol => Err(Kind::MailCredentialNeeded.into()),
            Protocol::Smtp => smtp::run(dialer, self, destination, task).await,
            Protocol::Imap => imap::run(dialer, self, destination, task).await,
        }
    }

    fn clean(scrubber: &Scrubber, answer: MailAnswer) -> Result<MailAnswer, Kind> {
        let scrubbed = |one: Attachment| Attachment {
            name: one.name.map(|name| account::clean_text(scrubber, &name)),
            content_type: account::clean_text(scrubber, &one.content_type),
            content: scrubber.scrub(one.content),
        };
        Ok(MailAnswer {
            value: account::clean(scrubber, answer.value)?,
            attachments: answer.attachments.into_iter().map(scrubbed).collect(),
        })
    }

    fn clean_refusal(scrubber: &Scrubber, error: MailError) -> MailError {
        MailError {
            code: account::clean_text(scrubber, &error.code),
            message: account::clean_text(scrubber, &error.message),
            ..error
        }
    }

    fn is_refused(error: &MailError) -> bool {
        error.class == MailErrorClass::Authentication
    }
}

fn protocol(policy: &Policy) -> Option<Protocol> {
    account::text(policy, "protocol").ok().and_then(Protocol::of)
}

fn security(policy: &Policy) -> Option<Security> {
    account::text(policy, "tls").map_or(Some(Security::default()), Security::of)
}
