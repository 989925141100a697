//! The scrubber over header fields and trailers. The reason phrase of a status line is never passed on at all.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{MARKER, Scrubber};

impl Scrubber {
    /// Replaces needles in header values. A field whose *name* holds a needle is left out. Whole values that
    /// are the secret itself are replaced however short they are.
    pub fn scrub_headers(&self, headers: &mut HeaderMap) {
        if self.is_empty() {
            return;
        }
        for value in headers.values_mut() {
            if self.exact.iter().any(|exact| exact.as_slice() == value.as_bytes()) {
                *value = HeaderValue::from_static(MARKER);
            } else if self.finds(value.as_bytes()) {
                let clean = self.scrub(Bytes::copy_from_slice(value.as_bytes()));
                *value = HeaderValue::from_maybe_shared(clean).unwrap_or(HeaderValue::from_static(MARKER));
            }
        }
        // Names arrive in lower case, so they are compared with the needles in lower case.
        let named: Vec<HeaderName> = headers.keys().filter(|name| self.names(name)).cloned().collect();
        for name in named {
            headers.remove(name);
        }
    }

    fn names(&self, name: &HeaderName) -> bool {
        let name = name.as_str().as_bytes();
        name.len() >= super::MIN_NEEDLE_LEN
            && self.needles.iter().any(|needle| {
                needle.len() <= name.len()
                    && name.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
            })
    }
}
