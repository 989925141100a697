//! The start of a session: greeting, TLS, password (RFC 3501 section 6.2).

use data_encoding::BASE64;
use flero_model::{destination::Destination, mail::Security};
use imap_proto::{Capability, Response};
use zeroize::Zeroizing;

use super::{
    super::{
        MailErrorClass,
        stream::{connect, secure},
    },
    Account, Dialer, Fault, Kind, MailError,
    wire::{Command, Wire},
};

/// A connection that took the password.
pub(super) struct Session {
    pub(super) wire: Wire,
    /// Whether messages can be moved at once (RFC 6851).
    pub(super) can_move: bool,
    /// Whether single messages can be expunged (RFC 4315).
    pub(super) has_uidplus: bool,
}

/// Logs in on a connection to a checked address.
///
/// # Errors
/// [`Fault`].
pub(super) async fn log_in(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    max_bytes: usize,
) -> Result<Session, Fault> {
    let stream = connect(dialer, account, destination, max_bytes).await?;
    let mut wire = Wire::new(stream, max_bytes);
    wire.greeting().await?;
    if account.security == Security::StartTls {
        // What is in the clear can be changed on the way: a server that seems to have no TLS gets no password.
        match wire.run(Command::new("STARTTLS"), |_| {}).await {
            Ok(()) => {}
            Err(Fault::Server(_)) => return Err(Kind::Tls.into()),
            Err(fault) => return Err(fault),
        }
        let secured = secure(dialer, account, destination, wire.into_stream()?).await?;
        wire = Wire::new(secured, max_bytes);
    }
    let offered = capabilities(&mut wire).await?;
    let has = |name: &str| offered.iter().any(|one| one.eq_ignore_ascii_case(name));
    let command = if has("AUTH=PLAIN") {
        plain(account)
    } else if has("LOGINDISABLED") {
        return Err(Fault::Server(MailError {
            class: MailErrorClass::Refused,
            code: "LOGINDISABLED".to_owned(),
            message: "The server takes no password on this connection".to_owned(),
        }));
    } else {
        Command::new("LOGIN").text(&account.user).text(&account.password)
    };
    wire.run(command, |_| {}).await.map_err(|fault| match fault {
        // Many servers say NO without a code.
        Fault::Server(error) if error.class == MailErrorClass::Refused => {
            Fault::Server(MailError { class: MailErrorClass::Authentication, ..error })
        }
        fault => fault,
    })?;
    let offered = capabilities(&mut wire).await?;
    let has = |name: &str| offered.iter().any(|one| one.eq_ignore_ascii_case(name));
    Ok(Session { can_move: has("MOVE"), has_uidplus: has("UIDPLUS"), wire })
}

/// The password as SASL sends it (RFC 4616).
fn plain(account: &Account) -> Command {
    let words = Zeroizing::new(format!("\0{}\0{}", account.user, account.password.as_str()));
    let coded = Zeroizing::new(BASE64.encode(words.as_bytes()));
    Command::new("AUTHENTICATE PLAIN").line(&coded)
}

/// What the server can do, as it writes it.
async fn capabilities(wire: &mut Wire) -> Result<Vec<String>, Fault> {
    let mut offered = Vec::new();
    let note = |response: &Response<'_>| {
        let Response::Capabilities(told) = response else { return };
        offered.extend(told.iter().map(|one| match one {
            Capability::Imap4rev1 => "IMAP4rev1".to_owned(),
            Capability::Auth(mechanism) => format!("AUTH={mechanism}"),
            Capability::Atom(word) => word.to_string(),
        }));
    };
    wire.run(Command::new("CAPABILITY"), note).await?;
    Ok(offered)
}

impl Session {
    /// Says good-bye; what the server answers changes nothing.
    pub(super) async fn log_out(&mut self) {
        let _ = self.wire.run(Command::new("LOGOUT"), |_| {}).await;
    }
}
