//! The form of Flero's own API keys, so that scanners recognize one and a typo is told from a wrong key.
//!
//! `flero_` + 30 base62 characters (178.6 bits) + 6 base62 characters of the CRC-32 over all before them; the
//! shape of GitHub's tokens (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>).

use crate::secret::SecretString;

/// What every key starts with.
pub const PREFIX: &str = "flero_";
/// How many random characters follow the prefix.
pub const RANDOM_LEN: usize = 30;
/// How many checksum characters end the key.
pub const CHECKSUM_LEN: usize = 6;
/// The length of a whole key, in characters.
pub const LEN: usize = PREFIX.len() + RANDOM_LEN + CHECKSUM_LEN;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes a key from random bytes, of which those that would bias the choice of a letter are passed over.
///
/// Returns `None` when too few bytes were usable; 64 bytes are enough in all but 1 of 10^11 cases.
#[must_use]
pub fn from_random(random: &[u8]) -> Option<SecretString> {
    // 248 is the greatest multiple of 62 that fits a byte.
    let mut text = String::with_capacity(LEN);
    text.push_str(PREFIX);
    for byte in random.iter().filter(|byte| **byte < 248).take(RANDOM_LEN) {
        text.push(char::from(ALPHABET[usize::from(*byte) % 62]));
    }
    if text.len() != PREFIX.len() + RANDOM_LEN {
        return None;
    }
    let checksum = checksum(&text);
    text.push_str(&checksum);
    Some(SecretString::new(text))
}

/// Whether a text has the form and the checksum of a key.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    text.len() == LEN
        && text.starts_with(PREFIX)
        && text[PREFIX.len()..].bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text[LEN - CHECKSUM_LEN..] == checksum(&text[..LEN - CHECKSUM_LEN])
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut letters = [b'0'; CHECKSUM_LEN];
    for letter in letters.iter_mut().rev() {
        *letter = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    letters.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_made_key_is_well_formed_and_one_changed_letter_is_not(random in prop::array::uniform32(any::<u8>()), more in prop::array::uniform32(any::<u8>()), place in 0..LEN, letter in 0..62_usize) {
            let bytes: Vec<u8> = random.into_iter().chain(more).collect();
            let Some(key) = from_random(&bytes) else { return Ok(()) };
            prop_assert!(is_well_formed(key.expose()));
            let mut changed = key.expose().clone().into_bytes();
            if changed[place] != ALPHABET[letter] {
                changed[place] = ALPHABET[letter];
                prop_assert!(!is_well_formed(std::str::from_utf8(&changed).unwrap()));
            }
        }
    }

    #[test]
    fn text_of_another_shape_is_not_a_key() {
        for text in [
            "",
            "flero_",
            "flero_é23456789012345678901234567890123456",
            "ghp_000000000000000000000000000000000000",
        ] {
            assert!(!is_well_formed(text));
        }
        assert!(from_random(&[255; 64]).is_none());
    }
}
