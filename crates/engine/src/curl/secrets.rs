//! Finding secrets in a command, so that none becomes a parameter.

use data_encoding::BASE64;
use flero_model::secret::SecretString;
use url::Url;

use super::{FoundSecret, SecretKind};

/// Words in the names of headers, parameters and cookies that mean a secret.
const WORDS: &[&str] = &[
    "authorization",
    "api-key",
    "apikey",
    "api_key",
    "x-key",
    "token",
    "secret",
    "password",
    "passwd",
    "session",
    "auth",
    "credential",
    "signature",
    "access_key",
    "access-key",
    "private",
    "jwt",
    "sid",
];

/// Names that are exactly a secret's.
const NAMES: &[&str] = &["key", "sig", "pwd", "code", "pass"];

/// Names that hold such a word and are no secrets.
const HARMLESS: &[&str] = &[
    "idempotency-key",
    "sec-fetch-site",
    "x-requested-with",
    "pagetoken",
    "page_token",
    "next_token",
    "nexttoken",
    "author",
];

/// What was found so far.
pub(super) struct Found {
    host: String,
    list: Vec<FoundSecret>,
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !HARMLESS.contains(&name.as_str())
        && (NAMES.contains(&name.as_str()) || WORDS.iter().any(|word| name.contains(word)))
}

impl Found {
    pub(super) fn new(host: String) -> Self {
        Self { host, list: Vec::new() }
    }

    pub(super) fn into_list(self) -> Vec<FoundSecret> {
        self.list
    }

    fn add(&mut self, kind: SecretKind, value: &str) {
        self.list.push(FoundSecret {
            kind,
            host: self.host.clone(),
            value: SecretString::new(value.to_owned()),
        });
    }

    pub(super) fn bearer(&mut self, token: &str) {
        self.add(SecretKind::Bearer, token);
    }

    /// `-u name:password`; without a password cURL asks for one.
    pub(super) fn user(&mut self, user: &str) {
        let (username, password) = user.split_once(':').unwrap_or((user, ""));
        self.add(SecretKind::Basic { username: username.to_owned() }, password);
    }

    /// User information in the URL.
    pub(super) fn user_info(&mut self, url: &mut Url) {
        if url.username().is_empty() && url.password().is_none() {
            return;
        }
        let decode = |text: &str| {
            let pairs =
                url::form_urlencoded::parse(text.replace('+', "%2B").replace(['&', '='], "").as_bytes())
                    .next()
                    .map(|(name, _)| name.into_owned());
            pairs.unwrap_or_default()
        };
        let (username, password) = (decode(url.username()), decode(url.password().unwrap_or_default()));
        self.add(SecretKind::Basic { username }, &password);
        // Both only fail for URLs without a host, which were refused before.
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }

    /// Takes a header if it is a secret; whether it did.
    pub(super) fn header(&mut self, name: &str, value: &str) -> bool {
        if name.eq_ignore_ascii_case("cookie") {
            self.cookies(value);
            return true;
        }
        if !is_secret(name) || value.is_empty() {
            return false;
        }
        if !name.eq_ignore_ascii_case("authorization") {
            self.add(SecretKind::Header { name: name.to_owned(), prefix: String::new() }, value);
            return true;
        }
        let (scheme, rest) =
            value.split_once(' ').map_or(("", value), |(scheme, rest)| (scheme, rest.trim()));
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" => self.bearer(rest),
            "basic" => {
                let decoded =
                    BASE64.decode(rest.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                match decoded {
                    Some(user) => self.user(&user),
                    None => self
                        .add(SecretKind::Header { name: name.to_owned(), prefix: scheme.to_owned() }, rest),
                }
            }
            _ => self.add(SecretKind::Header { name: name.to_owned(), prefix: scheme.to_owned() }, rest),
        }
        true
    }

    /// Every cookie is taken: what looks harmless in one may be the session of somebody.
    pub(super) fn cookies(&mut self, text: &str) {
        for cookie in text.split(';').map(str::trim).filter(|cookie| !cookie.is_empty()) {
            let (name, value) = cookie.split_once('=').unwrap_or((cookie, ""));
            self.add(SecretKind::Cookie { name: name.to_owned() }, value);
        }
    }

    /// Takes the secrets out of a query.
    pub(super) fn pairs(&mut self, pairs: &mut Vec<(String, String)>) {
        let (secret, plain): (Vec<_>, Vec<_>) =
            std::mem::take(pairs).into_iter().partition(|(name, value)| is_secret(name) && !value.is_empty());
        *pairs = plain;
        for (name, value) in secret {
            self.add(SecretKind::Query { name }, &value);
        }
    }
}
