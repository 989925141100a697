//! The options of the command, by what they mean for a request.

use super::Error;

/// A part of the body as the command gives it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// `-d`, `--data-raw`, `--data-binary`: as it is.
    Plain(String),
    /// `--data-urlencode`: `content`, `=content`, `name=content`.
    Encode(String),
    /// `--json`.
    Json(String),
}

/// What the options say.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) urls: Vec<String>,
    pub(super) method: Option<String>,
    pub(super) headers: Vec<String>,
    pub(super) data: Vec<Data>,
    pub(super) form: Vec<String>,
    pub(super) user: Option<String>,
    pub(super) bearer: Option<String>,
    pub(super) cookies: Vec<String>,
    pub(super) get: bool,
    pub(super) head: bool,
    pub(super) follow: bool,
    pub(super) insecure: bool,
    pub(super) fail: bool,
    pub(super) timeout_ms: Option<u64>,
    pub(super) retries: Option<u64>,
    pub(super) retry_delay_ms: Option<u64>,
    pub(super) agent: Option<String>,
    pub(super) referer: Option<String>,
    pub(super) url_query: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// Options without a value that change nothing in a request.
const SILENT: &[&str] = &[
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-v",
    "--verbose",
    "-i",
    "--include",
    "--show-headers",
    "-N",
    "--no-buffer",
    "-#",
    "--progress-bar",
    "--no-progress-meter",
    "--compressed",
    "--http1.1",
    "--http1.0",
    "-0",
    "--http2",
    "--http2-prior-knowledge",
    "--http3",
    "--tcp-nodelay",
    "--no-keepalive",
    "-4",
    "--ipv4",
    "-6",
    "--ipv6",
    "-g",
    "--globoff",
    "--path-as-is",
    "--tlsv1.2",
    "--tlsv1.3",
    "-1",
    "--tlsv1",
    "-O",
    "--remote-name",
    "-J",
    "--remote-header-name",
    "--basic",
    "--post301",
    "--post302",
    "--post303",
    "--retry-all-errors",
    "--retry-connrefused",
    "-q",
    "--disable",
    "--raw",
    "--no-sessionid",
    "--ssl-no-revoke",
    "-R",
    "--remote-time",
];

/// Options with a value that change nothing in a request, or nothing that a node does.
const SILENT_WITH_VALUE: &[&str] = &[
    "-o",
    "--output",
    "-w",
    "--write-out",
    "-D",
    "--dump-header",
    "-c",
    "--cookie-jar",
    "--trace",
    "--trace-ascii",
    "--stderr",
    "--max-redirs",
    "--limit-rate",
    "-C",
    "--continue-at",
    "--keepalive-time",
    "--retry-max-time",
    "-y",
    "-Y",
    "--speed-time",
    "--speed-limit",
];

/// Options that read files or that mean a way of their own to the service.
const REFUSED: &[&str] = &[
    "-T",
    "--upload-file",
    "-K",
    "--config",
    "-E",
    "--cert",
    "--key",
    "--cacert",
    "--capath",
    "-n",
    "--netrc",
    "--netrc-file",
];

/// Options that a node has no equal for; the request is imported without them.
const NOTED: &[(&str, bool, &str)] = &[
    ("-x", true, "A proxy is set by the operator of Flero, not by a node; it was left out."),
    ("--proxy", true, "A proxy is set by the operator of Flero, not by a node; it was left out."),
    ("--proxy-user", true, "A proxy's password was left out."),
    ("-U", true, "A proxy's password was left out."),
    ("--resolve", true, "Addresses are not pinned by a node; --resolve was left out."),
    ("--connect-to", true, "Addresses are not pinned by a node; --connect-to was left out."),
    ("--interface", true, "The network interface was left out."),
    ("--unix-socket", true, "A Unix socket cannot be called; it was left out."),
    ("--digest", false, "Make a credential of the type digest for this request."),
    ("--ntlm", false, "NTLM is not supported."),
    ("--negotiate", false, "Negotiate is not supported."),
    ("--anyauth", false, "Choose the credential's type by what the service takes."),
    ("--aws-sigv4", true, "Make a credential of the type awsSigV4 for this request."),
    ("--location-trusted", false, "The credential is never sent to another host, also not after a redirect."),
];

/// Short options that take a value, so that `-XPOST` and `-sXPOST` are read rightly.
const SHORT_WITH_VALUE: &str = "XHdFubeAmoxUTKEDwcyYC";

pub(super) fn read(words: Vec<String>) -> Result<Options, Error> {
    let mut options = Options::default();
    let mut words = words.into_iter().enumerate();
    while let Some((place, word)) = words.next() {
        if !word.starts_with('-') || word == "-" {
            options.urls.push(word);
            continue;
        }
        if let Some(long) = word.strip_prefix("--") {
            if long.is_empty() {
                options.urls.extend(words.by_ref().map(|(_, word)| word));
                break;
            }
            // cURL itself does not take `--name=value`, but people write it.
            let (name, given) = match word.split_once('=') {
                Some((name, value)) if name.len() > 2 => (name.to_owned(), Some(value.to_owned())),
                _ => (word.clone(), None),
            };
            options.take(
                &name,
                &mut || given.clone().or_else(|| words.next().map(|(_, word)| word)),
                place + 1,
            )?;
            continue;
        }
        let letters: Vec<char> = word.chars().skip(1).collect();
        for (at, letter) in letters.iter().enumerate() {
            let rest: String = letters[at + 1..].iter().collect();
            let takes = SHORT_WITH_VALUE.contains(*letter);
            let mut next =
                || if rest.is_empty() { words.next().map(|(_, word)| word) } else { Some(rest.clone()) };
            options.take(&format!("-{letter}"), &mut next, place + 1)?;
            if takes {
                break;
            }
        }
    }
    Ok(options)
}

impl Options {
    #[allow(clippy::too_many_lines)] // A table of options reads best in one piece.
    fn take(
        &mut self,
        name: &str,
        next: &mut dyn FnMut() -> Option<String>,
        place: usize,
    ) -> Result<(), Error> {
        let mut value = |shown: &'static str| next().ok_or(Error::Value(shown));
        match name {
            "-X" | "--request" => self.method = Some(value("-X")?),
            "-H" | "--header" => {
                let header = value("-H")?;
                if header.starts_with('@') {
                    return Err(Error::File("-H @file"));
                }
                self.headers.push(header);
            }
            "-d" | "--data" | "--data-ascii" | "--data-binary" => {
                let data = value("-d")?;
                if data.starts_with('@') {
                    return Err(Error::File("-d @file"));
                }
                self.data.push(Data::Plain(data));
            }
            "--data-raw" => self.data.push(Data::Plain(value("--data-raw")?)),
            "--data-urlencode" => {
                let data = value("--data-urlencode")?;
                // `@file` and `name@file` name files; an `=` before the `@` makes it content.
                if data.split('=').next().is_some_and(|name| name.contains('@')) {
                    return Err(Error::File("--data-urlencode name@file"));
                }
                self.data.push(Data::Encode(data));
            }
            "--json" => {
                let data = value("--json")?;
                if data.starts_with('@') {
                    return Err(Error::File("--json @file"));
                }
                self.data.push(Data::Json(data));
            }
            "-F" | "--form" | "--form-string" => {
                let part = value("-F")?;
                let content = part.split_once('=').map_or("", |(_, content)| content);
                if name != "--form-string" && content.starts_with(['@', '<']) {
                    self.notes.push(
                        "A file of your machine cannot be imported; put a file from an earlier node into the form's field.".to_owned(),
                    );
                    let field = part.split('=').next().unwrap_or_default();
                    self.form.push(format!("{field}="));
                } else {
                    self.form.push(part);
                }
            }
            "-u" | "--user" => self.user = Some(value("-u")?),
            "--oauth2-bearer" => self.bearer = Some(value("--oauth2-bearer")?),
            "-b" | "--cookie" => {
                let cookie = value("-b")?;
                if !cookie.contains('=') {
                    return Err(Error::File("-b file"));
                }
                self.cookies.push(cookie);
            }
            "--url" => self.urls.push(value("--url")?),
            "--url-query" => self.url_query.push(value("--url-query")?),
            "-A" | "--user-agent" => self.agent = Some(value("-A")?),
            "-e" | "--referer" => self.referer = Some(value("-e")?),
            "-m" | "--max-time" => self.timeout_ms = milliseconds(&value("-m")?),
            "--connect-timeout" => {
                let connect = milliseconds(&value("--connect-timeout")?);
                self.timeout_ms = self.timeout_ms.or(connect);
            }
            "--retry" => self.retries = value("--retry")?.parse().ok(),
            "--retry-delay" => self.retry_delay_ms = milliseconds(&value("--retry-delay")?),
            "-G" | "--get" => self.get = true,
            "-I" | "--head" => self.head = true,
            "-L" | "--location" => self.follow = true,
            "-k" | "--insecure" => self.insecure = true,
            "-f" | "--fail" | "--fail-with-body" | "--fail-early" => self.fail = true,
            _ if SILENT.contains(&name) => {}
            _ if SILENT_WITH_VALUE.contains(&name) => {
                value("this one")?;
            }
            _ if REFUSED.contains(&name) => {
                let known = REFUSED.iter().find(|known| **known == name);
                return Err(Error::File(known.copied().unwrap_or("of this kind")));
            }
            _ => match NOTED.iter().find(|(known, ..)| *known == name) {
                Some((_, has_value, note)) => {
                    if *has_value {
                        value("this one")?;
                    }
                    self.notes.push((*note).to_owned());
                    self.follow |= name == "--location-trusted";
                }
                None => return Err(Error::Unknown(place)),
            },
        }
        Ok(())
    }
}

fn milliseconds(seconds: &str) -> Option<u64> {
    let seconds: f64 = seconds.parse().ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The range is checked just before.
    (0.0..=86_400.0).contains(&seconds).then_some((seconds * 1_000.0) as u64).filter(|ms| *ms > 0)
}
