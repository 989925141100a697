//! Codes that people type: from an authenticator app, and for recovery.
//!
//! They are brought into one form before anything is compared, so that a space, a dash or the digits of another script
//! make no second code of the first one (CVE-2025-6014 was such a space).

use std::fmt::Write as _;

use zeroize::Zeroizing;

/// How many digits a time-based code has. Source: RFC 6238 with the default of RFC 4226 section 5.3.
pub const TOTP_DIGITS: usize = 6;

/// How many characters a recovery code has without its dashes: 80 random bits, five to a character.
pub const RECOVERY_CHARS: usize = 16;

/// The alphabet of recovery codes: Crockford base32, without letters that are read as others.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The zeros of every script that writes decimal digits (Unicode 14.0, general category Nd), without ASCII. The nine
/// code points after each are the digits 1 to 9; Unicode's stability policy keeps it so.
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x1_04a0, 0x1_0d30, 0x1_1066, 0x1_10f0,
    0x1_1136, 0x1_11d0, 0x1_12f0, 0x1_1450, 0x1_14d0, 0x1_1650, 0x1_16c0, 0x1_1730, 0x1_18e0, 0x1_1950,
    0x1_1c50, 0x1_1d50, 0x1_1da0, 0x1_6a60, 0x1_6ac0, 0x1_6b50, 0x1_d7ce, 0x1_d7d8, 0x1_d7e2, 0x1_d7ec,
    0x1_d7f6, 0x1_e140, 0x1_e2f0, 0x1_e950, 0x1_fbf0,
];

/// The ASCII form of a decimal digit of any script.
fn digit(letter: char) -> Option<char> {
    if letter.is_ascii_digit() {
        return Some(letter);
    }
    let point = u32::from(letter);
    let zero = ZEROS.iter().rfind(|zero| **zero <= point)?;
    char::from_digit(point - zero, 10)
}

/// Characters that people put between digits, or that come along when a code is copied.
fn is_filler(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// A code of an authenticator app as six ASCII digits; `None` for anything that is not one.
#[must_use]
pub fn totp_code(typed: &str) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(TOTP_DIGITS));
    for letter in typed.chars().filter(|letter| !is_filler(*letter)) {
        if code.len() == TOTP_DIGITS {
            return None;
        }
        code.push(digit(letter)?);
    }
    (code.len() == TOTP_DIGITS).then_some(code)
}

/// A recovery code as its 16 characters in lower case; `None` for anything that is not one. As Crockford's base32 has
/// it, `o` is read as 0, and `i` and `l` as 1.
#[must_use]
pub fn recovery_code(typed: &str) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(RECOVERY_CHARS));
    for letter in typed.chars().filter(|letter| !is_filler(*letter)) {
        let letter = match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => digit(other).unwrap_or(other),
        };
        let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || code.len() == RECOVERY_CHARS {
            return None;
        }
        code.push(letter);
    }
    (code.len() == RECOVERY_CHARS).then_some(code)
}

/// Writes 80 random bits as a recovery code, in groups of four: `7k3m-9xq2-0f5t-hw8c`.
#[must_use]
pub fn new_recovery_code(random: [u8; 10]) -> Zeroizing<String> {
    let mut code = Zeroizing::new(String::with_capacity(RECOVERY_CHARS + 3));
    let bits = random.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    for place in 0..RECOVERY_CHARS {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        let index = (bits >> (5 * (RECOVERY_CHARS - 1 - place))) & 31;
        let letter = ALPHABET.get(usize::try_from(index).unwrap_or_default()).copied().unwrap_or(b'0');
        // Writing to a text cannot fail.
        let _ = write!(code, "{}", char::from(letter));
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 57: spaces, dashes and the digits of other scripts make no other code.
    #[test]
    fn a_code_has_one_form_however_it_is_typed() {
        for typed in [
            "287082",
            " 287 082 ",
            "287-082",
            "2\u{a0}8\u{2009}7\u{3000}0\u{200b}8\t2\n",
            "\u{0662}\u{0668}\u{0667}\u{0660}\u{0668}\u{0662}",
            "\u{ff12}\u{ff18}\u{ff17}\u{ff10}\u{ff18}\u{ff12}",
            "\u{1d7da}\u{1d7e0}\u{096d}0\u{09ee}2",
        ] {
            assert_eq!(totp_code(typed).as_deref().map(String::as_str), Some("287082"), "{typed:?}");
        }
        for typed in ["", "28708", "2870822", "28708x", "28708\u{b2}", "28708\u{2461}", "0x28708", "+287082"]
        {
            assert!(totp_code(typed).is_none(), "{typed:?}");
        }
    }

    #[test]
    fn a_recovery_code_is_read_as_it_was_written() {
        let code = new_recovery_code([0xff, 0, 1, 2, 3, 4, 5, 6, 7, 0xfe]);
        assert_eq!(code.len(), 19);
        let read = recovery_code(&code).unwrap();
        assert_eq!(*read, code.replace('-', ""));
        assert_eq!(*recovery_code(&format!(" {} ", code.to_uppercase().replace('-', " "))).unwrap(), *read);
        assert_eq!(*recovery_code("OIL0-0000-0000-0000").unwrap(), "0110000000000000");
        for wrong in ["", "0000-0000-0000-000", "0000-0000-0000-00000", "u000-0000-0000-0000"] {
            assert!(recovery_code(wrong).is_none(), "{wrong}");
        }
        assert_ne!(*new_recovery_code([0; 10]), *new_recovery_code([1; 10]));
    }
}
