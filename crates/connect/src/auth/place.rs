//! Putting a key into the query, a cookie, the path or the body of a request.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::Place;
use crate::error::Kind;

/// The request that a key is put into. The body is `None` where it is streamed.
pub(crate) struct Target<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a mut Url,
    pub(crate) headers: &'a mut HeaderMap,
    pub(crate) body: Option<&'a mut Bytes>,
}

impl Target<'_> {
    pub(super) fn put(&mut self, place: Place, name: &str, key: &str) -> Result<(), Kind> {
        match place {
            Place::Query => {
                self.put_query(name, key);
                Ok(())
            }
            Place::Cookie => self.put_cookie(name, key),
            Place::Path => self.put_path(name, key),
            Place::Body => self.put_body(name, key),
        }
    }

    /// Appends the parameter; one of the same name that the caller set is left out. The others keep the bytes
    /// that they were written with.
    fn put_query(&mut self, name: &str, key: &str) {
        let kept: Vec<&str> = self
            .url
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .filter(|pair| form_urlencoded::parse(pair.as_bytes()).all(|(other, _)| other != name))
            .collect();
        let mut query = Zeroizing::new(kept.join("&"));
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&form_urlencoded::Serializer::new(String::new()).append_pair(name, key).finish());
        self.url.set_query(Some(&query));
    }

    fn put_cookie(&mut self, name: &str, key: &str) -> Result<(), Kind> {
        // RFC 6265 section 4.1.1: what may stand in a cookie value without a meaning of its own.
        let fits = |byte: u8| matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e);
        let name_fits = !name.is_empty() && name.bytes().all(|byte| fits(byte) && byte != b'=');
        if !name_fits || !key.bytes().all(fits) {
            return Err(Kind::CredentialMalformed);
        }
        let mut line = Zeroizing::new(String::new());
        for value in self.headers.get_all(header::COOKIE) {
            let value = value.to_str().map_err(|_| Kind::InvalidHeader)?;
            for pair in value.split(';').map(str::trim) {
                if !pair.is_empty() && pair.split('=').next() != Some(name) {
                    line.push_str(pair);
                    line.push_str("; ");
                }
            }
        }
        line.push_str(name);
        line.push('=');
        line.push_str(key);
        let mut value = HeaderValue::from_str(&line).map_err(|_| Kind::CredentialMalformed)?;
        value.set_sensitive(true);
        self.headers.insert(header::COOKIE, value);
        Ok(())
    }

    /// Replaces `{name}` in the path. The key is one segment, or a part of one: it cannot move the request to
    /// another path.
    fn put_path(&mut self, name: &str, key: &str) -> Result<(), Kind> {
        let placeholder = ["%7B", name, "%7D"].concat();
        let path = self.url.path();
        if !path.contains(&placeholder) {
            return Err(Kind::CredentialPlacement);
        }
        let segments = path.split('/').count();
        let coded = Zeroizing::new(super::encode_unreserved(key));
        let filled = Zeroizing::new(path.replace(&placeholder, &coded));
        self.url.set_path(&filled);
        // A key of dots alone would be taken for a step up.
        if self.url.path().split('/').count() == segments && self.url.path().contains(coded.as_str()) {
            Ok(())
        } else {
            Err(Kind::CredentialMalformed)
        }
    }

    fn put_body(&mut self, name: &str, key: &str) -> Result<(), Kind> {
        let body = self.body.as_deref_mut().ok_or(Kind::CredentialPlacement)?;
        let media_type = self
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(|value| value.trim().to_ascii_lowercase())
            .unwrap_or_default();
        if media_type == "application/json" || media_type.ends_with("+json") {
            let mut object: Map<String, Value> =
                serde_json::from_slice(body).map_err(|_| Kind::CredentialPlacement)?;
            object.insert(name.to_owned(), Value::String(key.to_owned()));
            *body = serde_json::to_vec(&object).map_err(|_| Kind::CredentialPlacement)?.into();
            return Ok(());
        }
        if media_type == "application/x-www-form-urlencoded" {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(form_urlencoded::parse(body).filter(|(other, _)| other != name));
            *body = form.append_pair(name, key).finish().into();
            return Ok(());
        }
        Err(Kind::CredentialPlacement)
    }
}

/// The value of a cookie, or `None` when it is missing or there twice.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(own, _)| *own == name)
        .map(|(_, value)| value.as_bytes());
    let first = found.next();
    if found.next().is_none() { first } else { None }
}
