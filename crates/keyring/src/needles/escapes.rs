//! Escapes of JSON, XML and HTML, quoted-printable, and UTF-16. All but quoted-printable exist for text only.

use std::io::Write;

use zeroize::Zeroizing;

use super::{Encoding, Needle};

pub(super) fn push_all(secret: &[u8], needles: &mut Vec<Needle>) {
    needles.push(Needle::new(Encoding::QuotedPrintable, quoted_printable(secret, false)));
    needles.push(Needle::new(Encoding::QuotedPrintable, quoted_printable(secret, true)));
    let Ok(text) = std::str::from_utf8(secret) else { return };
    push_json(text, needles);
    push_xml(text, needles);
    let units = Zeroizing::new(text.encode_utf16().collect::<Vec<u16>>());
    let utf16 =
        |bytes: fn(&u16) -> [u8; 2]| Zeroizing::new(units.iter().flat_map(bytes).collect::<Vec<u8>>());
    needles.push(Needle::new(Encoding::Utf16Le, utf16(|unit| unit.to_le_bytes())));
    needles.push(Needle::new(Encoding::Utf16Be, utf16(|unit| unit.to_be_bytes())));
}

/// What a JSON writer escapes beyond what it must.
#[derive(Clone, Copy, Default)]
struct JsonStyle {
    /// `/` as `\/` (PHP).
    slash: bool,
    /// `<`, `>`, `&` and the line separators as `\u` (Go, Rails).
    html: bool,
    /// Everything outside ASCII as `\u` (Python).
    ascii: bool,
    /// Hexadecimal digits in upper case.
    upper: bool,
    /// The apostrophe as `\u0027` (.NET).
    apostrophe: bool,
}

fn push_json(text: &str, needles: &mut Vec<Needle>) {
    for choice in 0..16_u8 {
        let style = JsonStyle {
            slash: choice & 1 != 0,
            html: choice & 2 != 0,
            ascii: choice & 4 != 0,
            upper: choice & 8 != 0,
            apostrophe: false,
        };
        needles.push(Needle::new(Encoding::Json, json(text, style)));
    }
    let dot_net = JsonStyle { html: true, ascii: true, upper: true, apostrophe: true, slash: false };
    needles.push(Needle::new(Encoding::Json, json(text, dot_net)));
    for upper in [false, true] {
        let mut escaped = with_room(text, 12);
        text.chars().for_each(|letter| push_unicode_escape(letter, upper, &mut escaped));
        needles.push(Needle::new(Encoding::UnicodeEscape, escaped));
    }
}

fn json(text: &str, style: JsonStyle) -> Zeroizing<Vec<u8>> {
    let mut out = with_room(text, 12);
    for letter in text.chars() {
        match letter {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '/' if style.slash => out.extend_from_slice(b"\\/"),
            _ if letter < ' '
                || (style.html && matches!(letter, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'))
                || (style.ascii && !letter.is_ascii())
                || (style.apostrophe && matches!(letter, '\'' | '+' | '`')) =>
            {
                push_unicode_escape(letter, style.upper, &mut out);
            }
            _ => push_char(letter, &mut out),
        }
    }
    out
}

fn push_unicode_escape(letter: char, upper: bool, out: &mut Zeroizing<Vec<u8>>) {
    for unit in letter.encode_utf16(&mut [0; 2]) {
        // Writing into a vector with room cannot fail.
        let _ = if upper { write!(**out, "\\u{unit:04X}") } else { write!(**out, "\\u{unit:04x}") };
    }
}

/// How `"` and `'` are written; `&`, `<` and `>` are the same everywhere.
const XML_QUOTES: [(&str, &str); 6] = [
    ("&quot;", "&apos;"), // XML
    ("&quot;", "&#39;"),  // most template engines
    ("&quot;", "&#039;"), // PHP
    ("&quot;", "&#x27;"), // Python, OWASP
    ("&#34;", "&#39;"),   // Go
    ("\"", "'"),          // text nodes
];

fn push_xml(text: &str, needles: &mut Vec<Needle>) {
    for (double, single) in XML_QUOTES {
        let mut out = with_room(text, 6);
        for letter in text.chars() {
            match letter {
                '&' => out.extend_from_slice(b"&amp;"),
                '<' => out.extend_from_slice(b"&lt;"),
                '>' => out.extend_from_slice(b"&gt;"),
                '"' => out.extend_from_slice(double.as_bytes()),
                '\'' => out.extend_from_slice(single.as_bytes()),
                _ => push_char(letter, &mut out),
            }
        }
        needles.push(Needle::new(Encoding::Xml, out));
    }
    let numeric = |write: fn(&mut Vec<u8>, u32) -> std::io::Result<()>| {
        let mut out = with_room(text, 12);
        for letter in text.chars() {
            // Writing into a vector cannot fail.
            let _ = write(&mut out, u32::from(letter));
        }
        Needle::new(Encoding::XmlNumeric, out)
    };
    needles.push(numeric(|out, code| write!(out, "&#{code};")));
    needles.push(numeric(|out, code| write!(out, "&#x{code:x};")));
    needles.push(numeric(|out, code| write!(out, "&#x{code:X};")));
}

/// RFC 2045 section 6.7: printable ASCII but `=` stays; with `strict`, also the characters that EBCDIC lacks are
/// encoded, as that section advises.
fn quoted_printable(secret: &[u8], strict: bool) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(secret.len() * 3));
    for byte in secret {
        let rare = strict && br##"!"#$@[\]^`{|}~"##.contains(byte);
        match byte {
            b' '..=b'~' if *byte != b'=' && !rare => out.push(*byte),
            _ => {
                let _ = write!(*out, "={byte:02X}");
            }
        }
    }
    out
}

fn push_char(letter: char, out: &mut Zeroizing<Vec<u8>>) {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Room for the longest form, so that no half-built copy is left behind by a reallocation.
fn with_room(text: &str, per_byte: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(text.len() * per_byte))
}
