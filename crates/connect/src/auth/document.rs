//! The opened document of a credential's secret fields. It is wiped when it is dropped.

use std::{collections::BTreeMap, fmt};

use flero_model::secret::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};

use crate::error::Kind;

/// The secret fields by name.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Document(BTreeMap<String, Field>);

/// A field: text, or several named texts (the headers of `customHeaders`).
enum Field {
    Text(SecretString),
    Map(BTreeMap<String, SecretString>),
}

impl Document {
    /// Reads the plain bytes.
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`] when they are no object of texts.
    pub(crate) fn read(plain: &[u8]) -> Result<Self, Kind> {
        serde_json::from_slice(plain).map_err(|_| Kind::CredentialMalformed)
    }

    /// A text field.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Kind> {
        match self.0.get(name) {
            Some(Field::Text(text)) if !text.expose().is_empty() => Ok(text.expose()),
            _ => Err(Kind::CredentialMalformed),
        }
    }

    /// A text field that may be missing or empty.
    pub(crate) fn optional_text(&self, name: &str) -> Option<&str> {
        self.text(name).ok()
    }

    /// A field of named texts.
    pub(crate) fn map(&self, name: &str) -> Result<&BTreeMap<String, SecretString>, Kind> {
        match self.0.get(name) {
            Some(Field::Map(map)) => Ok(map),
            _ => Err(Kind::CredentialMalformed),
        }
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `untagged`: that buffers the value in memory that is not wiped.
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Field;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text or an object of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Field, E> {
                Ok(Field::Text(SecretString::from(text)))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Field, E> {
                Ok(Field::Text(SecretString::new(text)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Field, A::Error> {
                let mut map = BTreeMap::new();
                while let Some((name, value)) = access.next_entry::<String, SecretString>()? {
                    map.insert(name, value);
                }
                Ok(Field::Map(map))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
