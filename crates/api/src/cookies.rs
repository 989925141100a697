//! The cookies of a session.
//!
//! Over https the session's cookie has the prefix `__Host-` and the attribute `Secure`, so that no other host and no
//! plain connection can set or read it (RFC 6265bis section 4.1.3.2). Browsers do not take that prefix over plain
//! http, not even from loopback; there, and only there, the cookie has its plain name.

use axum::http::{HeaderMap, HeaderValue, header};
use flero_app::people::{
    openid::ATTEMPT_MS,
    sessions::{LASTING_MS, SignedIn},
};
use flero_model::secret::SecretString;

/// The readable cookie with the token against forged requests.
pub(crate) const CSRF_COOKIE: &str = "flero-csrf";

/// Which names and attributes the cookies have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cookies {
    is_secure: bool,
}

impl Cookies {
    /// As the public URL asks for it.
    #[must_use]
    pub(crate) fn of(public_url: &str) -> Self {
        Self { is_secure: public_url.starts_with("https://") }
    }

    /// The name of the session's cookie.
    #[must_use]
    pub(crate) const fn session_name(self) -> &'static str {
        if self.is_secure { "__Host-flero-session" } else { "flero-session" }
    }

    /// The session's token in a request; `None` also when the cookie stands there twice.
    #[must_use]
    pub(crate) fn session(self, headers: &HeaderMap) -> Option<String> {
        only(headers, self.session_name())
    }

    /// The name of the cookie that an attempt to sign in with a provider is bound to.
    const fn openid_name(self) -> &'static str {
        if self.is_secure { "__Host-flero-openid" } else { "flero-openid" }
    }

    /// What the browser kept of an attempt.
    #[must_use]
    pub(crate) fn openid(self, headers: &HeaderMap) -> Option<SecretString> {
        only(headers, self.openid_name()).map(SecretString::new)
    }

    /// Gives the browser what it keeps of an attempt.
    pub(crate) fn set_openid(self, headers: &mut HeaderMap, secret: &SecretString) {
        self.put(headers, self.openid_name(), secret.expose(), ATTEMPT_MS / 1_000, " HttpOnly;");
    }

    /// Takes it back.
    pub(crate) fn clear_openid(self, headers: &mut HeaderMap) {
        self.put(headers, self.openid_name(), "", 0, " HttpOnly;");
    }

    /// Sets both cookies.
    pub(crate) fn set(self, headers: &mut HeaderMap, signed_in: &SignedIn) {
        let age = LASTING_MS / 1_000;
        self.put(headers, self.session_name(), signed_in.token.expose(), age, " HttpOnly;");
        self.put(headers, CSRF_COOKIE, &signed_in.csrf_token(), age, "");
    }
    /// Removes both cookies, and what the browser keeps of the pages.
    pub(crate) fn clear(self, headers: &mut HeaderMap) {
        self.put(headers, self.session_name(), "", 0, " HttpOnly;");
        self.put(headers, CSRF_COOKIE, "", 0, "");
        headers.insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    }

    fn put(self, headers: &mut HeaderMap, name: &str, value: &str, age: i64, more: &str) {
        let secure = if self.is_secure { " Secure;" } else { "" };
        // Lax and not Strict: the way back from a service's sign-in page is a link from another site.
        let text = format!("{name}={value}; Path=/; Max-Age={age};{more}{secure} SameSite=Lax");
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// The value of a cookie; `None` also when it stands there twice.
fn only(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned());
    match (found.next(), found.next()) {
        (Some(only), None) if !only.is_empty() => Some(only),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, text.parse().unwrap());
        headers
    }

    /// Security test 62: the cookie's name says how it may be set, and of two nothing is guessed.
    #[test]
    fn a_session_is_read_from_the_one_cookie_of_its_name() {
        let (secure, plain) =
            (Cookies::of("https://flero.example.com"), Cookies::of("http://127.0.0.1:7373"));
        assert_eq!(secure.session(&sent("a=b; __Host-flero-session=tok; c=d")).as_deref(), Some("tok"));
        assert_eq!(secure.session(&sent("flero-session=tok")), None);
        assert_eq!(plain.session(&sent("flero-session=tok")).as_deref(), Some("tok"));
        assert_eq!(plain.session(&sent("flero-session=one; flero-session=two")), None);
        assert_eq!(plain.session(&sent("flero-session=; x")), None);
    }
}
