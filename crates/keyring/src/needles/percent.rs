//! Percent-encoding. Which characters are left as they are differs between standards and libraries.

use zeroize::Zeroizing;

use super::{Encoding, Needle};

/// RFC 3986 section 2.3.
const UNRESERVED: &[u8] = b"-._~";
/// ECMAScript `encodeURIComponent`.
const COMPONENT: &[u8] = b"-_.!~*'()";
/// ECMAScript `encodeURI`.
const WHOLE_URI: &[u8] = b"-_.!~*'();/?:@&=+$,#";
/// WHATWG URL, path: everything printable but space " # < > ? ` { } and ^.
const PATH: &[u8] = b"!$%&'()*+,-./:;=@[\\]_|~";
/// WHATWG URL, query of a special scheme: everything printable but space " # < > '.
const QUERY: &[u8] = b"!$%&()*+,-./:;=?@[\\]^_`{|}~";
/// WHATWG URL, user information.
const USER_INFO: &[u8] = b"!$%&'()*+,-._~";
/// WHATWG URL, application/x-www-form-urlencoded.
const FORM: &[u8] = b"*-._";

const UPPER: &[u8; 16] = b"0123456789ABCDEF";
const LOWER: &[u8; 16] = b"0123456789abcdef";

pub(super) fn push_all(secret: &[u8], needles: &mut Vec<Needle>) {
    for kept in [UNRESERVED, COMPONENT, WHOLE_URI, PATH, QUERY, USER_INFO] {
        let keep = |byte: u8| byte.is_ascii_alphanumeric() || kept.contains(&byte);
        let upper = encode(secret, UPPER, keep);
        let lower = encode(secret, LOWER, keep);
        needles.push(Needle::new(Encoding::PercentDouble, again(&upper)));
        needles.push(Needle::new(Encoding::PercentDouble, again(&lower)));
        needles.push(Needle::new(Encoding::PercentUpper, upper));
        needles.push(Needle::new(Encoding::PercentLower, lower));
    }
    needles.push(Needle::new(Encoding::PercentEvery, encode(secret, UPPER, |_| false)));
    needles.push(Needle::new(Encoding::PercentEvery, encode(secret, LOWER, |_| false)));
    for digits in [UPPER, LOWER] {
        for kept in [FORM, UNRESERVED] {
            let keep = |byte: u8| byte == b' ' || byte.is_ascii_alphanumeric() || kept.contains(&byte);
            let mut form = encode(secret, digits, keep);
            form.iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = b'+');
            needles.push(Needle::new(Encoding::Form, form));
        }
    }
}

fn encode(secret: &[u8], digits: &[u8; 16], keep: impl Fn(u8) -> bool) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(secret.len() * 3));
    for byte in secret {
        if keep(*byte) {
            text.push(*byte);
        } else {
            text.extend([b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
    }
    text
}

/// A second encoding of what is encoded already: only the percent signs (and what stayed reserved) change.
fn again(encoded: &[u8]) -> Zeroizing<Vec<u8>> {
    encode(encoded, UPPER, |byte| byte.is_ascii_alphanumeric() || UNRESERVED.contains(&byte))
}
