//! Mails by SMTP, to the one server that the operator configured.
//!
//! The server is the operator's own word, like a key file; nobody else can name one, so the guard against inner
//! addresses does not stand before it. What stands in a mail is made here and in `app` from names and words: it holds
//! no secret, and a line break in a name cannot begin another header.

use std::{fmt, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::Error as SmtpError,
};

/// How long the server may take with one step.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a mail was not sent. Neither holds an address or what the server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    /// The server will never take it.
    #[error("the mail server refuses this mail")]
    Refused,
    /// The server is not there, or cannot take it now.
    #[error("the mail server cannot take this mail now")]
    Passing,
}

/// The configuration is wrong; the sentence says what to do and quotes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailConfigFault {
    /// The server's URL.
    #[error("expected smtps://user:password@host:465, or smtp://host:587?tls=required")]
    Url,
    /// A password or user without TLS.
    #[error("a password is sent over TLS alone: use smtps://, or add ?tls=required")]
    ClearPassword,
    /// The sender.
    #[error("expected an address, or a name and an address: Flero <flero@example.com>")]
    From,
}

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The part of the `Message-ID` before the `@`; the same at every attempt.
    pub id: String,
    /// The person's name.
    pub to_name: String,
    /// The person's address.
    pub to_address: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Sends mails.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Mailer(..)")
    }
}

impl Mailer {
    /// A mailer for a server: `smtps://` for TLS from the first byte, `smtp://` with `?tls=required` for STARTTLS,
    /// or without anything for a server that is reached in the clear, then without a password.
    ///
    /// # Errors
    /// [`MailConfigFault`].
    pub fn new(url: &str, from: &str) -> Result<Self, MailConfigFault> {
        let parsed = url::Url::parse(url).map_err(|_| MailConfigFault::Url)?;
        if !matches!(parsed.scheme(), "smtp" | "smtps") || parsed.host().is_none() {
            return Err(MailConfigFault::Url);
        }
        let is_secure = parsed.scheme() == "smtps"
            || parsed.query_pairs().any(|(name, value)| name == "tls" && value == "required");
        if !is_secure && (!parsed.username().is_empty() || parsed.password().is_some()) {
            return Err(MailConfigFault::ClearPassword);
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| MailConfigFault::Url)?
            .timeout(Some(TIMEOUT))
            .build();
        let from = from.parse().map_err(|_| MailConfigFault::From)?;
        Ok(Self { transport, from })
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// [`MailFault`].
    pub async fn send(&self, mail: Mail) -> Result<(), MailFault> {
        let address = mail.to_address.parse().map_err(|_| MailFault::Refused)?;
        let name: String = mail.to_name.chars().filter(|letter| !letter.is_control()).collect();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(name), address))
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|_| MailFault::Refused)?;
        self.transport.send(message).await.map(|_| ()).map_err(|error| fault(&error))
    }
}

/// Only a permanent answer about the mail itself is final (RFC 5321 section 4.2.1); the account at the server is the
/// operator's to set right.
fn fault(error: &SmtpError) -> MailFault {
    if error.is_permanent() && !is_about_account(error) { MailFault::Refused } else { MailFault::Passing }
}

/// Whether the server refuses who sends: 530, 534, 535 and 538 (RFC 4954 section 6).
pub(crate) fn is_about_account(error: &SmtpError) -> bool {
    error.status().is_some_and(|code| ["530", "534", "535", "538"].contains(&code.to_string().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_sent_in_the_clear() {
        let fault = |url: &str| Mailer::new(url, "flero@example.com").err();
        assert_eq!(fault("smtp://user:password@mail.example.com"), Some(MailConfigFault::ClearPassword));
        assert_eq!(
            fault("smtp://user:password@mail.example.com?tls=opportunistic"),
            Some(MailConfigFault::ClearPassword)
        );
        assert_eq!(fault("smtp://user:password@mail.example.com:587?tls=required"), None);
        assert_eq!(fault("smtps://user:password@mail.example.com"), None);
        assert_eq!(fault("smtp://127.0.0.1:2525"), None);
        for wrong in ["", "mail.example.com", "https://mail.example.com", "smtp:"] {
            assert_eq!(fault(wrong), Some(MailConfigFault::Url), "{wrong}");
        }
        assert_eq!(Mailer::new("smtp://127.0.0.1", "nobody").err(), Some(MailConfigFault::From));
    }
}
