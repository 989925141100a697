//! Sending: one connection for one message (RFC 5321, RFC 6409).

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use flero_model::{destination::Destination, mail::Security};
use lettre::transport::smtp::{
    Error as SmtpError,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, AsyncTokioStream},
    commands::{Data, Mail, Rcpt},
    extension::{ClientId, Extension, MailBodyParameter, MailParameter},
};
use serde_json::{Value, json};

use super::{
    Account, Fault, MailAnswer, MailError, MailErrorClass, Task,
    letter::Composed,
    stream::{Stream, connect},
};
use crate::{dial::Dialer, error::Kind, limited::io_kind, mail::is_about_account};

mod starttls;

/// The name of this client: an address literal, as clients without a name of their own use it (RFC 5321 section 4.1.3).
const HELLO: ClientId = ClientId::Ipv4(Ipv4Addr::LOCALHOST);

/// The ways to prove a password that are spoken, the standard one first.
const MECHANISMS: &[Mechanism] = &[Mechanism::Plain, Mechanism::Login];

impl AsyncTokioStream for Stream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        // The library passes it on to nobody here; the address was checked when it was connected to.
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Connects to a checked address, logs in, sends the message if there is one, and disconnects.
///
/// # Errors
/// [`Fault`].
pub(super) async fn run(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    task: &Task,
) -> Result<MailAnswer, Fault> {
    let stream = connect(dialer, account, destination, task.max_bytes).await?;
    let stream = match account.security {
        Security::StartTls => starttls::secured(dialer, account, destination, stream).await?,
        Security::Implicit | Security::Disable => stream,
    };
    let opened = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &HELLO).await;
    let mut connection = opened.map_err(|error| fault(&error))?;
    let result = session(&mut connection, account, task).await;
    if !matches!(result, Err(Fault::Kind(_))) {
        // The message is taken or refused by now, whatever the server says to that.
        let _ = connection.quit().await;
    }
    result.map(MailAnswer::from)
}

async fn session(
    connection: &mut AsyncSmtpConnection,
    account: &Account,
    task: &Task,
) -> Result<Value, Fault> {
    if connection.server_info().get_auth_mechanism(MECHANISMS).is_none() {
        return Err(Fault::Server(MailError {
            class: MailErrorClass::Refused,
            code: "AUTH".to_owned(),
            message: "The server takes no password on this connection: it offers neither PLAIN nor LOGIN"
                .to_owned(),
        }));
    }
    let credentials = Credentials::new(account.user.clone(), account.password.to_string());
    connection.auth(MECHANISMS, &credentials).await.map_err(|error| fault(&error))?;
    match &task.message {
        Some(message) => send(connection, message).await,
        None => Ok(json!({"account": account.user})),
    }
}

/// Sends one message to everybody whom the server takes it for.
async fn send(connection: &mut AsyncSmtpConnection, message: &Composed) -> Result<Value, Fault> {
    let envelope = &message.envelope;
    let mut parameters = Vec::new();
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    if !addresses.all(|address| address.to_string().is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let words = "An address has letters that this server does not take (it has no SMTPUTF8).";
            return Err(Fault::Server(MailError::input("SMTPUTF8", words)));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if connection.server_info().supports_feature(Extension::EightBitMime) && !message.bytes.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let begin = Mail::new(envelope.from().cloned(), parameters);
    connection.command(begin).await.map_err(|error| fault(&error))?;
    let (mut accepted, mut refused, mut first) = (Vec::new(), Vec::new(), None);
    for address in envelope.to() {
        match connection.command(Rcpt::new(address.clone(), Vec::new())).await {
            Ok(_) => accepted.push(address.to_string()),
            Err(error) => match fault(&error) {
                Fault::Server(why) => {
                    refused.push(json!({
                        "address": address.to_string(), "code": why.code, "message": why.message,
                    }));
                    first.get_or_insert(why);
                }
                other => return Err(other),
            },
        }
    }
    if accepted.is_empty()
        && let Some(why) = first
    {
        return Err(Fault::Server(why));
    }
    connection.command(Data).await.map_err(|error| fault(&error))?;
    let taken = connection.message(&message.bytes).await.map_err(|error| fault(&error))?;
    let words: Vec<&str> = taken.message().collect();
    Ok(json!({
        "messageId": message.id,
        "accepted": accepted,
        "refused": refused,
        "response": format!("{} {}", taken.code(), words.join(" ")),
    }))
}

/// What an error of the library means. A reply is the server's answer; any other text of the library is not passed on.
fn fault(error: &SmtpError) -> Fault {
    let mut cause = std::error::Error::source(error);
    if let Some(code) = error.status() {
        let class = match () {
            () if is_about_account(error) => MailErrorClass::Authentication,
            () if error.is_permanent() => MailErrorClass::Refused,
            () => MailErrorClass::Passing,
        };
        let message = cause.map(ToString::to_string).unwrap_or_default();
        return Fault::Server(MailError { class, code: code.to_string(), message });
    }
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return io_kind(io, Kind::MailTooLarge).into();
        }
        // What the library says where the server hung up.
        if error.is_response() && inner.to_string() == "incomplete response" {
            return Kind::ConnectionClosed.into();
        }
        cause = inner.source();
    }
    Kind::MailProtocol.into()
}
