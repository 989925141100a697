//! Commands and responses on a stream (RFC 3501 section 2.2).

use imap_proto::{Response, Status};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use zeroize::Zeroizing;

use super::{
    super::{MailErrorClass, stream::Stream},
    Fault, Kind, MailError,
};
use crate::limited::io_kind;

/// The longest text that is written as a quoted string; longer ones are literals (RFC 2683 section 3.2.1.5).
const MAX_QUOTED: usize = 500;

/// A command, in the parts between which the server has to say that it goes on (a literal, or a password).
pub(super) struct Command {
    parts: Vec<Zeroizing<Vec<u8>>>,
}

impl Command {
    /// A command of plain words.
    pub(super) fn new(words: impl AsRef<str>) -> Self {
        Self { parts: vec![Zeroizing::new(words.as_ref().as_bytes().to_vec())] }
    }

    /// Adds plain words, which hold nothing of an input but numbers.
    pub(super) fn words(mut self, words: impl AsRef<str>) -> Self {
        self.put(b" ");
        self.put(words.as_ref().as_bytes());
        self
    }

    /// Adds a text, quoted or as a literal, so that nothing in it ends it (RFC 3501 section 4.3).
    pub(super) fn text(mut self, text: &str) -> Self {
        let is_quotable = text.len() <= MAX_QUOTED && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
        if !is_quotable {
            return self.literal(text.as_bytes());
        }
        // It may be a password, so that no copy is made on the way.
        self.put(b" \"");
        for byte in text.bytes() {
            if matches!(byte, b'"' | b'\\') {
                self.put(b"\\");
            }
            self.put(&[byte]);
        }
        self.put(b"\"");
        self
    }

    /// Adds bytes as a literal.
    pub(super) fn literal(mut self, bytes: &[u8]) -> Self {
        self.put(format!(" {{{}}}\r\n", bytes.len()).as_bytes());
        self.parts.push(Zeroizing::new(bytes.to_vec()));
        self
    }

    /// Adds a line of its own, which the server has to ask for.
    pub(super) fn line(mut self, line: &str) -> Self {
        self.put(b"\r\n");
        self.parts.push(Zeroizing::new(line.as_bytes().to_vec()));
        self
    }

    fn put(&mut self, bytes: &[u8]) {
        if let Some(part) = self.parts.last_mut() {
            part.extend_from_slice(bytes);
        }
    }
}

/// One connection. Commands follow one another.
pub(super) struct Wire {
    stream: BufReader<Stream>,
    tag: u32,
    max_literal: usize,
}

impl Wire {
    pub(super) fn new(stream: Stream, max_literal: usize) -> Self {
        Self { stream: BufReader::new(stream), tag: 0, max_literal }
    }

    /// The stream, for TLS inside of it. Bytes that were read already came from somebody between.
    ///
    /// # Errors
    /// [`Kind::Tls`].
    pub(super) fn into_stream(self) -> Result<Stream, Kind> {
        if self.stream.buffer().is_empty() { Ok(self.stream.into_inner()) } else { Err(Kind::Tls) }
    }

    /// Sends a command and tells every response to it, the last one too, which says how it ended.
    ///
    /// # Errors
    /// [`Fault::Server`] when the server says NO or BAD.
    pub(super) async fn run(
        &mut self,
        command: Command,
        mut each: impl FnMut(&Response<'_>) + Send,
    ) -> Result<(), Fault> {
        self.tag += 1;
        let tag = format!("F{}", self.tag);
        let mut parts = command.parts.into_iter();
        let mut first = Zeroizing::new(format!("{tag} ").into_bytes());
        first.extend_from_slice(&parts.next().unwrap_or_default());
        let mut left = parts.len();
        self.write(first, left == 0).await?;
        loop {
            let bytes = self.receive().await?;
            match Response::parse(&bytes) {
                Ok((_, Response::Continue(_))) => {
                    let Some(part) = parts.next() else { return Err(Kind::MailProtocol.into()) };
                    left -= 1;
                    self.write(part, left == 0).await?;
                }
                Ok((_, response)) => {
                    each(&response);
                    if let Response::Done { tag: said, status, outcome } = &response
                        && said.0 == tag
                    {
                        return match status {
                            Status::Ok => Ok(()),
                            status => Err(Fault::Server(refusal(status, outcome.information.as_deref()))),
                        };
                    }
                }
                // A client ignores what it did not ask for (RFC 3501 section 2.2.2), in whatever form it comes.
                Err(_) if bytes.starts_with(b"* ") => {}
                Err(_) => return Err(Kind::MailProtocol.into()),
            }
        }
    }

    /// The greeting: how the server begins.
    ///
    /// # Errors
    /// [`Fault`] when it does not want to speak, or takes this client for somebody already.
    pub(super) async fn greeting(&mut self) -> Result<(), Fault> {
        let bytes = self.receive().await?;
        match Response::parse(&bytes) {
            Ok((_, Response::Data { status: Status::Ok, .. })) => Ok(()),
            Ok((_, Response::Data { status: status @ Status::Bye, outcome })) => {
                Err(Fault::Server(refusal(&status, outcome.information.as_deref())))
            }
            _ => Err(Kind::MailProtocol.into()),
        }
    }

    /// Reads one response with its literals. What cannot be parsed ends with its line.
    async fn receive(&mut self) -> Result<Vec<u8>, Kind> {
        let mut whole = Vec::new();
        loop {
            let read = self.stream.read_until(b'\n', &mut whole).await;
            if read.map_err(|error| io_kind(&error, Kind::MailTooLarge))? == 0 {
                return Err(Kind::ConnectionClosed);
            }
            if Response::parse(&whole).is_ok() {
                return Ok(whole);
            }
            let Some(length) = literal_ahead(&whole) else { return Ok(whole) };
            // Before any room is made for it.
            if length > self.max_literal {
                return Err(Kind::MailTooLarge);
            }
            let wanted = whole.len() + length;
            let mut ahead = (&mut self.stream).take(length as u64);
            let read = ahead.read_to_end(&mut whole).await;
            read.map_err(|error| io_kind(&error, Kind::MailTooLarge))?;
            if whole.len() < wanted {
                return Err(Kind::ConnectionClosed);
            }
        }
    }

    async fn write(&mut self, mut bytes: Zeroizing<Vec<u8>>, is_last: bool) -> Result<(), Kind> {
        if is_last {
            bytes.extend_from_slice(b"\r\n");
        }
        let written = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        written.await.map_err(|error: std::io::Error| io_kind(&error, Kind::MailTooLarge))
    }
}

/// The length of the literal that a line ends with: `{n}`.
fn literal_ahead(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"}\r\n")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(&line[open + 1..]).ok()?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// What a server says against a command: its response code (RFC 5530), or the word of its status.
fn refusal(status: &Status, words: Option<&str>) -> MailError {
    let words = words.unwrap_or_default().trim();
    let coded = words.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (code, message) = match (coded, status) {
        (Some((code, message)), _) => (code.split(' ').next().unwrap_or_default(), message.trim()),
        (None, Status::Bad) => ("BAD", words),
        (None, Status::Bye) => ("BYE", words),
        (None, _) => ("NO", words),
    };
    let class = match code.to_ascii_uppercase().as_str() {
        "AUTHENTICATIONFAILED" | "AUTHORIZATIONFAILED" | "EXPIRED" => MailErrorClass::Authentication,
        "UNAVAILABLE" | "INUSE" | "LIMIT" | "SERVERBUG" | "BYE" => MailErrorClass::Passing,
        _ => MailErrorClass::Refused,
    };
    MailError { class, code: code.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(command: Command) -> Vec<String> {
        command.parts.iter().map(|part| String::from_utf8(part.to_vec()).unwrap()).collect()
    }

    #[test]
    fn nothing_in_a_text_ends_it() {
        assert_eq!(sent(Command::new("SELECT").text("a \"b\\c\" d")), [r#"SELECT "a \"b\\c\" d""#]);
        assert_eq!(
            sent(Command::new("SELECT").text("a\r\nF2 LOGOUT").words("x")),
            ["SELECT {12}\r\n", "a\r\nF2 LOGOUT x"]
        );
        assert_eq!(sent(Command::new("X").text("ü")), ["X {2}\r\n", "ü"]);
    }

    #[test]
    fn a_literal_is_told_before_it_comes() {
        assert_eq!(literal_ahead(b"* 1 FETCH (BODY[] {310}\r\n"), Some(310));
        for line in ["* OK {x}\r\n", "* OK {1}\n", "* OK {}\r\n", "* OK\r\n", "* {99999999999999999999}\r\n"]
        {
            assert_eq!(literal_ahead(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_refusal_is_told_by_its_response_code() {
        let told = |words: &str| {
            let error = refusal(&Status::No, Some(words));
            (error.class, error.code, error.message)
        };
        assert_eq!(
            told("[AUTHENTICATIONFAILED] Authentication failed."),
            (MailErrorClass::Authentication, "AUTHENTICATIONFAILED".into(), "Authentication failed.".into())
        );
        assert_eq!(told("[UNAVAILABLE] later").0, MailErrorClass::Passing);
        assert_eq!(told("No such folder"), (MailErrorClass::Refused, "NO".into(), "No such folder".into()));
    }
}
