//! Replacing fields of a secret document without handing the document out.

use flero_model::secret::SecretBytes;
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use crate::{Error, Result};

/// The document with the members of `changes` put over it; a member that is `null` there is removed.
pub(crate) fn merge(document: &SecretBytes, changes: &SecretBytes) -> Result<SecretBytes> {
    let mut merged = Wiped(parse(document)?);
    for (name, value) in std::mem::take(&mut Wiped(parse(changes)?).0) {
        let replaced = match value {
            Value::Null => merged.0.remove(&name),
            value => merged.0.insert(name, value),
        };
        replaced.into_iter().for_each(wipe);
    }
    // Room for the whole text first, so that no half-written copy is left behind by a reallocation.
    let room = document.expose().len() + changes.expose().len() + 2;
    let mut text = Zeroizing::new(Vec::with_capacity(room * 2));
    serde_json::to_writer(&mut *text, &merged.0).map_err(|_| Error::NotADocument)?;
    Ok(SecretBytes::new(std::mem::take(&mut *text)))
}

fn parse(document: &SecretBytes) -> Result<Map<String, Value>> {
    serde_json::from_slice(document.expose()).map_err(|_| Error::NotADocument)
}

/// A document that is wiped when dropped.
struct Wiped(Map<String, Value>);

impl Drop for Wiped {
    fn drop(&mut self) {
        std::mem::take(&mut self.0).into_iter().for_each(|(_, value)| wipe(value));
    }
}

fn wipe(value: Value) {
    match value {
        Value::String(mut text) => text.zeroize(),
        Value::Array(items) => items.into_iter().for_each(wipe),
        Value::Object(members) => members.into_iter().for_each(|(_, value)| wipe(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(document: &str, changes: &str) -> Result<String> {
        let bytes = |text: &str| SecretBytes::new(text.as_bytes().to_vec());
        merge(&bytes(document), &bytes(changes)).map(|text| String::from_utf8(text.expose().clone()).unwrap())
    }

    #[test]
    fn given_members_replace_and_the_others_stay() {
        let result = merged(r#"{"a":"1","b":{"x":"2"},"c":"3"}"#, r#"{"b":"new","c":null,"d":"4"}"#).unwrap();
        let value: Value = serde_json::from_str(&result).unwrap();
        assert_eq!(value, serde_json::json!({"a": "1", "b": "new", "d": "4"}));
    }

    #[test]
    fn what_is_no_object_is_refused_without_being_quoted() {
        for (document, changes) in [("[\"sec\"]", "{}"), ("{}", "\"sec\""), ("sec", "{}")] {
            let error = merged(document, changes).unwrap_err();
            assert!(matches!(error, Error::NotADocument));
            assert!(!error.to_string().contains("sec\""));
        }
    }
}
