//! Operations of mail servers: the message or the search goes through the door, what comes back is the node's output,
//! its attachments as files.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use data_encoding::BASE64;
use flero_connect::{
    Attachment, Call, Intent, MailAnswer, MailError, MailErrorClass, MailRequest, MailWork, Purpose,
    RecordedIntent, UseOutcome, call::Credential,
};
use flero_openapi::mail::{self, Work};
use flero_store::events::Subscription;
use serde_json::{Map, Value, json};

use super::{
    Engine,
    connectors::{Ready, invalid},
    drive::{Effected, Facts},
    events::Refused,
    http::{Caller, MAX_DEPTH, is_shallow, refusal},
};
use crate::{
    failure::{Class, Failure},
    files,
    run::EffectResult,
};

/// The most bytes that are read of a server: a message as large as the large providers take.
const MAX_ANSWER_BYTES: usize = 50 << 20;

/// The most bytes of all files of one message; in Base64 they are a third more.
const MAX_FILES_BYTES: u64 = 36 << 20;

/// How long a poll may take.
const POLL_TIMEOUT: Duration = Duration::from_secs(60);

impl Engine {
    /// Carries out an operation of a mail server's connector.
    pub(super) async fn call_mail(
        &self,
        caller: &Caller<'_>,
        ready: &Ready,
        inputs: &Map<String, Value>,
        key: &str,
        timeout_ms: u64,
    ) -> (Effected, Option<UseOutcome>) {
        let work = match prepared(ready, inputs) {
            Ok(work) => work,
            Err(failure) => return (Err(failure), None),
        };
        let Some(credential) = caller.credential else {
            let message = "Choose a credential of the type mail; it says where the server is.";
            return (Err(Failure::new("node.credential_required", message)), None);
        };
        let attachments = match self.attachments(caller.facts, &work).await {
            Ok(attachments) => attachments,
            Err(failure) => return (Err(failure), None),
        };
        let principal = match self.principal(caller.facts).await {
            Ok(principal) => principal,
            Err(error) => {
                let message = format!("The rights of the run could not be read: {error}.");
                return (Err(Failure::new("store.unavailable", message).retryable()), None);
            }
        };
        let call = Call {
            principal,
            purpose: caller.purpose.clone(),
            credential: Credential::Stored(credential),
            // The intent row was committed with the step that began it.
            intent: Intent::Recorded(RecordedIntent::committed(credential)),
            request: MailRequest {
                attachments,
                message_id: message_id(key),
                ..request(work, Duration::from_millis(timeout_ms))
            },
        };
        match self.0.connect.mail(call).await {
            Ok(reply) => {
                let result = match reply.answer {
                    Ok(answer) => self.told(caller.facts, answer).await,
                    Err(error) => Err(refused(&error)),
                };
                (result, reply.used)
            }
            Err(mut error) => {
                let used = error.used.take().map(|used| *used);
                (Err(refusal(&error)), used)
            }
        }
    }

    /// What a mail server answers to a poll.
    pub(super) async fn poll_mail(
        &self,
        subscription: &Subscription,
        ready: &Ready,
        mut inputs: Map<String, Value>,
    ) -> crate::Result<Result<Value, Refused>> {
        ready.validator.coerce(&mut inputs);
        let faults = ready.validator.check(&inputs);
        let work = if faults.is_empty() { prepared(ready, &inputs) } else { Err(invalid(&faults)) };
        let work = match work {
            Ok(work) => work,
            Err(failure) => return Ok(Err(failure.into())),
        };
        let call = Call {
            principal: self.principal_of(subscription).await?,
            purpose: Purpose::Trigger { workflow: subscription.workflow },
            credential: subscription.credential.map_or(Credential::None, Credential::Stored),
            intent: Intent::Record,
            request: request(work, POLL_TIMEOUT),
        };
        Ok(match self.0.connect.mail(call).await {
            Ok(reply) => match reply.answer {
                Ok(answer) => Ok(answer.value),
                Err(error) => Err(refused(&error).into()),
            },
            Err(error) => Err(Refused::from(&error)),
        })
    }

    /// The files of a message, read whole: a message is encoded as one.
    async fn attachments(&self, facts: &Facts, work: &Work) -> Result<Vec<Attachment>, Failure> {
        let (Work::Send(letter) | Work::Append(_, letter)) = work else { return Ok(Vec::new()) };
        let mut left = MAX_FILES_BYTES;
        let mut read = Vec::with_capacity(letter.attachments.len());
        for given in &letter.attachments {
            let text = |name: &str| given.get(name).and_then(Value::as_str);
            let content = if files::is_reference(given) {
                self.whole_file(facts, given, left).await?
            } else {
                let content = text("content").unwrap_or_default();
                let decoded = BASE64.decode(content.as_bytes()).map_err(|_| {
                    let message = "An attachment is a file, or an object with `content` in Base64.";
                    let mut failure = Failure::new("mail.attachment", message);
                    failure.class = Class::Validation;
                    failure
                })?;
                Bytes::from(decoded)
            };
            left = left.checked_sub(content.len() as u64).ok_or_else(too_large)?;
            read.push(Attachment {
                name: text("name").map(str::to_owned),
                content_type: text("contentType").unwrap_or("application/octet-stream").to_owned(),
                content,
            });
        }
        Ok(read)
    }

    async fn whole_file(&self, facts: &Facts, given: &Value, most: u64) -> Result<Bytes, Failure> {
        let (reader, mut from) = self.open_file(facts, given).await?;
        let length = reader.length().saturating_sub(from);
        if length > most {
            return Err(too_large());
        }
        let mut content = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        loop {
            let piece = reader.read_at(from, 1 << 20).await.map_err(|error| {
                Failure::new("file.unavailable", format!("The file could not be read: {error}.")).retryable()
            })?;
            if piece.is_empty() {
                return Ok(content.into());
            }
            from += piece.len() as u64;
            content.extend_from_slice(&piece);
        }
    }

    /// The answer as a node's output, with its attachments stored.
    async fn told(&self, facts: &Facts, answer: MailAnswer) -> Effected {
        let MailAnswer { mut value, attachments } = answer;
        let mut stored = Vec::with_capacity(attachments.len());
        for file in attachments {
            let blob = self.0.blobs.put_blob(files::stored_in(facts.workspace, &file.content)).await;
            let blob = blob.map_err(|error| {
                Failure::new("file.not_stored", format!("An attachment could not be stored: {error}."))
            })?;
            let bytes = file.content.len() as u64;
            stored.push(files::reference(&blob, bytes, Some(&file.content_type), file.name.as_deref()));
        }
        // A message that was read has its list, be it empty.
        if value.get("headers").is_some() {
            value["attachments"] = json!(stored);
        }
        debug_assert!(is_shallow(&value, MAX_DEPTH), "answers have a few levels");
        Ok(EffectResult::Value { output: Arc::new(value), logs: Vec::new() })
    }
}

fn prepared(ready: &Ready, inputs: &Map<String, Value>) -> Result<Work, Failure> {
    let action = ready.operation.hints.mail.ok_or_else(|| {
        Failure::new("connector.operation", "The operation does not say what it does at a mail server.")
    })?;
    mail::prepare(action, inputs).map_err(|fault| invalid(&[fault]))
}

/// An operation's request, without files.
fn request(work: Work, timeout: Duration) -> MailRequest {
    MailRequest::new(MailWork::Operation(Box::new(work)), MAX_ANSWER_BYTES, timeout)
}

/// The key of an attempt as a part of a `Message-ID` (RFC 5322 section 3.6.4).
fn message_id(key: &str) -> String {
    key.chars().map(|sign| if sign.is_ascii_alphanumeric() || sign == '_' { sign } else { '.' }).collect()
}

fn too_large() -> Failure {
    let mut failure = Failure::new(
        "mail.too_large",
        "The files of one message may have 36 MB together; send a link instead.",
    );
    failure.class = Class::Validation;
    failure
}

/// What the server says is wrong, as a failure.
fn refused(error: &MailError) -> Failure {
    let is_input = error.class == MailErrorClass::Input;
    let message = if is_input {
        error.message.clone()
    } else {
        format!("The mail server refused it ({}): {}", error.code, error.message)
    };
    let mut failure = Failure::new(if is_input { "mail.input" } else { "mail.refused" }, message);
    failure.class = match error.class {
        MailErrorClass::Authentication => Class::Authentication,
        MailErrorClass::Refused | MailErrorClass::Input => Class::Validation,
        MailErrorClass::Passing => Class::Other,
    };
    failure.retryable = error.class == MailErrorClass::Passing;
    failure
}
