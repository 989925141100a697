//! Digest access authentication (RFC 7616).
//!
//! The first request to an origin goes out without the secret, and the service's challenge is answered by sending it
//! once more. Afterwards its nonce is used again with a rising count, until the service calls it stale.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use flero_model::CredentialId;
use http::{HeaderMap, HeaderValue, header};
use zeroize::Zeroizing;

use super::{
    Moment, Target,
    challenge::{self, Challenge},
};
use crate::error::Kind;

mod hash;

use hash::Algorithm;

/// What is known of an origin: its challenge, and how often its nonce was used.
pub(crate) struct Session {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    is_session: bool,
    /// What the service offered: `auth`, `auth-int`, or neither (RFC 2069, which RFC 7616 keeps for old services).
    quality: Option<Quality>,
    has_user_hash: bool,
    is_utf8: bool,
    /// Kept as long as the challenge: with `-sess` it is a part of the session key.
    cnonce: String,
    /// The nonce that the session key was made from.
    first_nonce: String,
    count: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quality {
    Auth,
    AuthInt,
}

/// The sessions of one credential by origin.
pub(crate) type Sessions = Arc<Mutex<HashMap<String, Session>>>;

/// The most origins that are remembered for one credential.
const MAX_SESSIONS: usize = 64;

/// The sessions of the credentials in use.
#[derive(Default)]
pub(crate) struct KeptSessions(Mutex<HashMap<(CredentialId, u64), Sessions>>);

/// The most credentials whose sessions are kept.
const MAX_KEPT: usize = 1024;

impl KeptSessions {
    /// The sessions of a credential's secret.
    pub(crate) fn get(&self, key: (CredentialId, u64)) -> Sessions {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT && !kept.contains_key(&key) {
            kept.clear();
        }
        Arc::clone(kept.entry(key).or_default())
    }

    /// Forgets a credential.
    pub(crate) fn forget(&self, credential: CredentialId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(id, _), _| *id != credential);
    }
}

/// User name and password, and what is known of the services.
pub(crate) struct Digest {
    pub(crate) username: String,
    pub(crate) password: Zeroizing<String>,
    pub(crate) sessions: Sessions,
}

impl Digest {
    pub(crate) fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: Zeroizing::new(password.to_owned()),
            sessions: Sessions::default(),
        }
    }

    /// Answers the challenge of the target's origin, if there was one.
    ///
    /// # Errors
    /// [`Kind::CredentialPlacement`] when the service wants a body protected that is streamed;
    /// [`Kind::CredentialMalformed`] when the user name cannot be sent.
    pub(crate) fn apply(&self, target: &mut Target<'_>) -> Result<(), Kind> {
        target.headers.remove(header::AUTHORIZATION);
        let origin = target.url.origin().ascii_serialization();
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(session) = sessions.get_mut(&origin) else { return Ok(()) };
        session.count += 1;
        let uri = match target.url.query() {
            Some(query) => Zeroizing::new([target.url.path(), "?", query].concat()),
            None => Zeroizing::new(target.url.path().to_owned()),
        };
        let body = match (session.quality, target.body.as_deref()) {
            (Some(Quality::AuthInt), None) => return Err(Kind::CredentialPlacement),
            (_, body) => body.map(|body| body.as_ref()).unwrap_or_default(),
        };
        let line = session.line(&self.username, &self.password, target.method.as_str(), &uri, body)?;
        let mut value = HeaderValue::from_str(&line).map_err(|_| Kind::CredentialMalformed)?;
        value.set_sensitive(true);
        target.headers.insert(header::AUTHORIZATION, value);
        Ok(())
    }

    /// Takes the challenge of a refusal. `true` when the request may be answered with it: nothing was answered yet, the
    /// service says that only the nonce was too old (RFC 7616 section 3.3, `stale`), or it gave another nonce, as one
    /// does that has forgotten the old. The caller sends a request again once at most.
    pub(crate) fn take_challenge(&self, origin: &str, headers: &HeaderMap, moment: &Moment) -> bool {
        let Some(challenge) = best(headers) else { return false };
        let Some(session) = Session::read(&challenge, moment) else { return false };
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MAX_SESSIONS && !sessions.contains_key(origin) {
            sessions.clear();
        }
        let is_stale = challenge.get("stale").is_some_and(|word| word.eq_ignore_ascii_case("true"));
        let may_answer = match sessions.get(origin) {
            Some(old) => old.count == 0 || old.nonce != session.nonce || is_stale,
            None => true,
        };
        sessions.insert(origin.to_owned(), session);
        may_answer
    }

    /// Takes the nonce that the service wants next (RFC 7616 section 3.5).
    pub(crate) fn take_info(&self, origin: &str, headers: &HeaderMap) {
        let next = headers
            .get("authentication-info")
            .and_then(|value| value.to_str().ok())
            .and_then(challenge::read_parameters)
            .and_then(|info| info.get("nextnonce").map(str::to_owned));
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(next), Some(session)) = (next, sessions.get_mut(origin))
            && next != session.nonce
        {
            (session.nonce, session.count) = (next, 0);
        }
    }
}

/// The strongest challenge that can be answered.
fn best(headers: &HeaderMap) -> Option<Challenge> {
    headers
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
        .flat_map(challenge::read)
        .filter(|challenge| challenge.scheme == "digest")
        .filter_map(|challenge| Some((Algorithm::read(challenge.get("algorithm"))?.0, challenge)))
        .max_by_key(|(algorithm, _)| *algorithm)
        .map(|(_, challenge)| challenge)
}

impl Session {
    fn read(challenge: &Challenge, moment: &Moment) -> Option<Self> {
        let (algorithm, is_session) = Algorithm::read(challenge.get("algorithm"))?;
        let offered: Option<Vec<String>> = challenge
            .get("qop")
            .map(|words| words.split(',').map(|word| word.trim().to_ascii_lowercase()).collect());
        let quality = match offered {
            None => None,
            Some(words) if words.iter().any(|word| word == "auth") => Some(Quality::Auth),
            Some(words) if words.iter().any(|word| word == "auth-int") => Some(Quality::AuthInt),
            Some(_) => return None,
        };
        let is_true = |name: &str| challenge.get(name).is_some_and(|word| word.eq_ignore_ascii_case("true"));
        let nonce = challenge.get("nonce")?.to_owned();
        Some(Self {
            realm: challenge.get("realm").unwrap_or_default().to_owned(),
            opaque: challenge.get("opaque").map(str::to_owned),
            algorithm,
            is_session,
            quality,
            has_user_hash: is_true("userhash"),
            is_utf8: challenge.get("charset").is_some_and(|set| set.eq_ignore_ascii_case("utf-8")),
            cnonce: moment.nonce.clone(),
            first_nonce: nonce.clone(),
            nonce,
            count: 0,
        })
    }

    /// The value of `Authorization` (RFC 7616 section 3.4).
    fn line(
        &self,
        username: &str,
        password: &str,
        method: &str,
        uri: &str,
        body: &[u8],
    ) -> Result<Zeroizing<String>, Kind> {
        let hash = |text: &str| self.algorithm.hex(text.as_bytes());
        let pair = Zeroizing::new([username, ":", &self.realm, ":", password].concat());
        let mut key = Zeroizing::new(hash(&pair));
        if self.is_session {
            key = Zeroizing::new(hash(&[key.as_str(), ":", &self.first_nonce, ":", &self.cnonce].concat()));
        }
        let act = match self.quality {
            Some(Quality::AuthInt) => hash(&[method, ":", uri, ":", &self.algorithm.hex(body)].concat()),
            _ => hash(&[method, ":", uri].concat()),
        };
        let count = format!("{:08x}", self.count);
        let word = match self.quality {
            Some(Quality::Auth) => "auth",
            Some(Quality::AuthInt) => "auth-int",
            None => "",
        };
        let response = if self.quality.is_some() {
            hash(&[key.as_str(), &self.nonce, &count, &self.cnonce, word, &act].join(":"))
        } else {
            hash(&[key.as_str(), &self.nonce, &act].join(":"))
        };
        let mut line = Zeroizing::new(String::with_capacity(512));
        line.push_str("Digest ");
        self.write_user(&mut line, username)?;
        let quoted = |line: &mut String, name: &str, value: &str| {
            let _ = write!(line, ", {name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
        };
        quoted(&mut line, "realm", &self.realm);
        quoted(&mut line, "nonce", &self.nonce);
        quoted(&mut line, "uri", uri);
        let session = if self.is_session { "-sess" } else { "" };
        let _ = write!(line, ", algorithm={}{session}", self.algorithm.name());
        quoted(&mut line, "response", &response);
        if let Some(opaque) = &self.opaque {
            quoted(&mut line, "opaque", opaque);
        }
        if self.quality.is_some() {
            let _ = write!(line, ", qop={word}, nc={count}");
        }
        if self.quality.is_some() || self.is_session {
            quoted(&mut line, "cnonce", &self.cnonce);
        }
        if self.has_user_hash {
            line.push_str(", userhash=true");
        }
        Ok(line)
    }

    /// The user name: hashed, plain, or in the extended form for letters beyond ASCII (RFC 8187).
    fn write_user(&self, line: &mut String, username: &str) -> Result<(), Kind> {
        if self.has_user_hash {
            let hashed = self.algorithm.hex([username, ":", &self.realm].concat().as_bytes());
            let _ = write!(line, "username=\"{hashed}\"");
        } else if username.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            let _ = write!(line, "username=\"{}\"", username.replace('\\', "\\\\").replace('"', "\\\""));
        } else if self.is_utf8 {
            let _ = write!(line, "username*=UTF-8''{}", super::encode_unreserved(username));
        } else {
            return Err(Kind::CredentialMalformed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
