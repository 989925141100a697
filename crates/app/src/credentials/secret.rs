//! The secret part of a submitted credential, on its way into the vault.

use std::{collections::BTreeMap, fmt};

use flero_model::{
    credential::AuthType,
    secret::{SecretBytes, SecretString},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use zeroize::Zeroizing;

/// One secret field.
pub enum SecretField {
    /// A text: a token, a password, a key.
    Text(SecretString),
    /// Texts by name: custom headers.
    Named(BTreeMap<String, SecretString>),
    /// A stored optional secret is to be removed: `null`.
    Removed,
}

/// The secret fields by name. There is no way to print or write them but into the vault.
#[derive(Debug, Default)]
pub struct SecretFields(pub BTreeMap<String, SecretField>);

impl fmt::Debug for SecretField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretField(..)")
    }
}

impl<'de> Deserialize<'de> for SecretFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for SecretField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = SecretField;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string, or an object of strings")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretField, E> {
                Ok(SecretField::Text(SecretString::from(text)))
            }

            fn visit_unit<E: de::Error>(self) -> Result<SecretField, E> {
                Ok(SecretField::Removed)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<SecretField, A::Error> {
                let mut named = BTreeMap::new();
                while let Some((name, value)) = access.next_entry::<String, SecretString>()? {
                    named.insert(name, value);
                }
                Ok(SecretField::Named(named))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

impl SecretFields {
    /// A key file that was submitted as an object becomes the text that it is kept as.
    pub(super) fn flatten_key_file(&mut self, auth_type: AuthType) {
        if let (AuthType::ServiceAccount, Some(SecretField::Named(_))) = (auth_type, self.0.get("key"))
            && let Some(field) = self.0.remove("key")
        {
            let mut text = Zeroizing::new(Vec::with_capacity(field.room()));
            field.write(&mut text);
            let text = String::from_utf8(std::mem::take(&mut *text)).unwrap_or_default();
            self.0.insert("key".to_owned(), SecretField::Text(SecretString::new(text)));
        }
    }

    /// The names of the fields that hold a value.
    pub(super) fn names(&self) -> Vec<String> {
        self.0
            .iter()
            .filter(|(_, field)| !matches!(field, SecretField::Removed))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The document as it is sealed: a JSON object of the fields that hold a value.
    pub(super) fn document(&self) -> SecretBytes {
        self.write(|field| !matches!(field, SecretField::Removed))
    }

    /// What is to be merged into a stored document: fields that hold a value, and `null` for those to remove.
    pub(super) fn changes(&self) -> SecretBytes {
        self.write(|_| true)
    }

    fn write(&self, is_written: fn(&SecretField) -> bool) -> SecretBytes {
        // Written by hand into memory of sufficient size, so that no half-written copy is left behind.
        let mut out = Zeroizing::new(Vec::with_capacity(self.room()));
        out.push(b'{');
        for (place, (name, field)) in self.0.iter().filter(|(_, field)| is_written(field)).enumerate() {
            begin(&mut out, place, name);
            field.write(&mut out);
        }
        out.push(b'}');
        SecretBytes::new(std::mem::take(&mut *out))
    }

    /// Enough bytes for the document even if every character is escaped.
    fn room(&self) -> usize {
        self.0.iter().map(|(name, field)| name.len() * 6 + 8 + field.room()).sum::<usize>() + 8
    }
}

impl SecretField {
    fn room(&self) -> usize {
        let text = |text: &SecretString| text.expose().len() * 6 + 4;
        match self {
            Self::Text(value) => text(value),
            Self::Removed => 4,
            Self::Named(named) => {
                named.iter().map(|(name, value)| name.len() * 6 + 8 + text(value)).sum::<usize>() + 2
            }
        }
    }

    /// Writes the field as JSON; `out` has the room for it.
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => write_text(out, text.expose()),
            Self::Removed => out.extend_from_slice(b"null"),
            Self::Named(named) => {
                out.push(b'{');
                for (place, (name, text)) in named.iter().enumerate() {
                    begin(out, place, name);
                    write_text(out, text.expose());
                }
                out.push(b'}');
            }
        }
    }
}

fn begin(out: &mut Vec<u8>, place: usize, name: &str) {
    if place > 0 {
        out.push(b',');
    }
    write_text(out, name);
    out.push(b':');
}

/// Writes a JSON string (RFC 8259 section 7).
fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x00..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Whether a value is not a secret but what some screen shows in its place (Security test 26).
pub(super) fn is_placeholder(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "set",
        "unset",
        "redacted",
        "[redacted]",
        "<redacted>",
        "(redacted)",
        "{redacted}",
        "[hidden]",
        "<hidden>",
        "hidden",
        "(hidden)",
        "masked",
        "[masked]",
        "<masked>",
        "[secret]",
        "<secret>",
        "secret(..)",
        "unchanged",
        "(unchanged)",
        "[unchanged]",
        "<unchanged>",
        "[filtered]",
        "<encrypted>",
        "[encrypted]",
        "null",
        "undefined",
        "[object object]",
        "__redacted__",
        "__unchanged__",
    ];
    let trimmed = text.trim();
    let mut letters = trimmed.chars();
    let first = letters.next();
    let repeated = first.is_some_and(|first| "•●*·∙⬤x.-_#".contains(first.to_ascii_lowercase()))
        && trimmed.chars().count() >= 3
        && letters.all(|letter| Some(letter) == first);
    // A mask that leaves the last characters visible: `••••1234`.
    let masked = trimmed.starts_with("••") || trimmed.starts_with("●●") || trimmed.starts_with("****");
    repeated || masked || WORDS.contains(&trimmed.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_the_json_that_was_submitted() {
        let submitted = serde_json::json!({"token": "a\"b\\c\n\u{1}é\u{1f600}", "headers": {"X-\"A": "1", "B": ""}, "x": null});
        let fields: SecretFields = serde_json::from_value(submitted.clone()).unwrap();
        let document = fields.changes();
        assert_eq!(serde_json::from_slice::<serde_json::Value>(document.expose()).unwrap(), submitted);
        assert!(!String::from_utf8_lossy(fields.document().expose()).contains("null"));
        assert!(document.expose().len() <= fields.room());
        assert!(!format!("{fields:?}").contains('é'));
    }

    /// Security test 26: a placeholder that comes back as a value is recognized.
    #[test]
    fn what_screens_show_instead_of_a_secret_is_recognized() {
        for text in [
            "••••",
            "********",
            "••••••••1234",
            "[REDACTED]",
            "set",
            " Set ",
            "xxxxxx",
            "...",
            "Secret(..)",
            "<hidden>",
            "●●●●",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "s3t",
            "reset-token-1",
            "x",
            "a",
            "correct horse",
            "*a*",
            "setting",
            "Xxx1",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
