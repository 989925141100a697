//! A set of tokens as it is sealed.

use std::fmt;

use flero_model::secret::{SecretBytes, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The tokens of one grant. There is no way to print them, and one way to write them: into the vault.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenSet {
    /// The access token.
    pub access: SecretString,
    /// The refresh token, where the service gave one.
    #[serde(default)]
    pub refresh: Option<SecretString>,
    /// The key that the tokens are bound to (DPoP), for as long as the grant lives.
    #[serde(default)]
    pub proof_key: Option<SecretString>,
}

/// The same, borrowed, for writing.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    access: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_key: Option<&'a str>,
}

impl fmt::Debug for TokenSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenSet(..)")
    }
}

impl TokenSet {
    /// Reads a sealed document's plain bytes; `None` when they are no token set.
    #[must_use]
    pub fn read(plain: &SecretBytes) -> Option<Self> {
        serde_json::from_slice(plain.expose()).ok()
    }

    /// The tokens as the scrubber looks for them.
    pub(crate) fn secrets(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let both = [Some(&self.access), self.refresh.as_ref()];
        both.into_iter().flatten().map(|token| Zeroizing::new(token.expose().as_bytes().to_vec())).collect()
    }

    /// The document to seal.
    #[must_use]
    pub fn document(&self) -> SecretBytes {
        let optional = |text: &Option<SecretString>| text.as_ref().map_or(0, |text| text.expose().len());
        let room =
            160 + 2 * (self.access.expose().len() + optional(&self.refresh) + optional(&self.proof_key));
        // Room for the whole text first, so that no half-written copy is left behind by a reallocation.
        let mut text = Zeroizing::new(Vec::with_capacity(room));
        let written = Written {
            access: self.access.expose(),
            refresh: self.refresh.as_ref().map(|text| text.expose().as_str()),
            proof_key: self.proof_key.as_ref().map(|text| text.expose().as_str()),
        };
        // Texts alone are written, into memory: this cannot fail.
        let _ = serde_json::to_writer(&mut *text, &written);
        SecretBytes::new(std::mem::take(&mut *text))
    }
}
