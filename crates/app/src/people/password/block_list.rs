//! Passwords that are tried first: common ones, and what is put together from them.
//!
//! Source of the rule: NIST SP 800-63B-4 section 3.1.1.2 (compare with commonly used, expected or compromised
//! values). Lists of leaked passwords hold hardly any of 15 characters; those that people make at that length are
//! common ones in a row, repetitions, rows of keys, and their own name. So a password is taken apart. The common ones
//! are the first 3,000 of the list of zxcvbn (MIT, <https://github.com/dropbox/zxcvbn>).

use std::{collections::HashSet, sync::LazyLock};

/// Common words and passwords, at least three characters each, in lower case.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());

/// Rows of keys and letters, forwards; backwards counts as well.
const ROWS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

/// How many known pieces a guessable password has at most.
const MOST_PIECES: u32 = 3;

/// The longest password that is taken apart, in characters: nobody guesses a longer one piece by piece.
const LONGEST: usize = 64;

/// Whether a password consists of at most three known pieces, or repeats a short one. `about` are words that belong
/// to the person.
pub(super) fn is_guessable(password: &str, about: &[&str]) -> bool {
    let literal: Vec<char> = password.to_lowercase().chars().collect();
    if repeats(&literal) {
        return true;
    }
    if literal.len() > LONGEST {
        return false;
    }
    let letters = |read: fn(char) -> char| -> Vec<char> {
        literal.iter().map(|letter| read(*letter)).filter(|letter| letter.is_alphanumeric()).collect()
    };
    // A name or an address counts whole, and so does each of its words.
    let words = about.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let own: Vec<Vec<char>> = words
        .chain(about.iter().copied())
        .map(|word| word.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect())
        .filter(|word: &Vec<char>| word.len() >= 3)
        .collect();
    // A sign may stand between words or for a letter.
    [letters(|letter| letter), letters(unmasked)]
        .iter()
        .any(|plain| repeats(plain) || (!plain.is_empty() && is_made_of_pieces(plain, &own)))
}

/// A letter that a sign is often put for.
const fn unmasked(letter: char) -> char {
    match letter {
        '@' => 'a',
        '$' => 's',
        other => other,
    }
}

/// Whether a text is a piece of at most a third of its length, again and again.
fn repeats(letters: &[char]) -> bool {
    (1..=letters.len() / 3)
        .any(|length| letters.iter().enumerate().all(|(place, letter)| *letter == letters[place % length]))
}

/// Whether a text consists of so few known pieces that it is guessed.
fn is_made_of_pieces(letters: &[char], own: &[Vec<char>]) -> bool {
    // The fewest pieces up to each place; nothing is known of a place that none end at.
    let mut fewest: Vec<Option<u32>> = vec![None; letters.len() + 1];
    fewest[0] = Some(0);
    for start in 0..letters.len() {
        let Some(next) = fewest[start].map(|count| count + 1).filter(|count| *count <= MOST_PIECES) else {
            continue;
        };
        for end in start + 1..=letters.len() {
            if fewest[end].is_none_or(|count| next < count) && is_known(&letters[start..end], own) {
                fewest[end] = Some(next);
            }
        }
    }
    fewest[letters.len()].is_some()
}

fn is_known(piece: &[char], own: &[Vec<char>]) -> bool {
    let is_number = piece.len() <= 8 && piece.iter().all(char::is_ascii_digit);
    let is_one_letter = piece.len() >= 3 && piece.iter().all(|letter| *letter == piece[0]);
    if is_number || is_one_letter || own.iter().any(|word| word == piece) {
        return true;
    }
    let text: String = piece.iter().collect();
    COMMON.contains(text.as_str()) || (piece.len() >= 4 && ROWS.iter().any(|row| runs_along(row, piece)))
}

/// Whether a piece stands in a row of keys, in either direction.
fn runs_along(row: &str, piece: &[char]) -> bool {
    let forwards: String = piece.iter().collect();
    let backwards: String = piece.iter().rev().collect();
    row.contains(&forwards) || row.contains(&backwards)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_found() {
        for password in [
            "passwordpassword",
            "Password1234567",
            "P@$$word12345678",
            "aaaaaaaaaaaaaaaaaa",
            "qwertyuiopasdfghjkl",
            "1qaz2wsx3edc4rfv",
            "abcdefghijklmnop",
            "12345678901234567890",
            "letmeinletmeinletmein",
            "welcome welcome 2026",
            "!!!!!!!!!!!!!!!!",
            "iloveyou-iloveyou",
            "dragon.monkey.1234567",
        ] {
            assert!(is_guessable(password, &[]), "{password}");
        }
        for password in [
            "Ada Lovelace 1815",
            "lovelacelovelace99",
            "flero-flero-flero",
            "ada@example.com1",
            "1815ada@example.com",
        ] {
            assert!(is_guessable(password, &["Ada Lovelace", "ada@example.com", "flero"]), "{password}");
        }
    }

    #[test]
    fn a_sentence_is_taken() {
        for password in [
            "correct horse battery staple",
            "my neighbour keeps 14 bees",
            "nur kleine buchstaben im satz",
            "Xk7!pQ2zr9_vLm4w",
            "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{9577}\u{3044}\u{6587}\u{7ae0}\u{3092}\u{66f8}\u{304f}",
        ] {
            assert!(!is_guessable(password, &["Ada", "ada@example.com"]), "{password}");
        }
    }
}
