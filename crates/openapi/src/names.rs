//! Names for people and for workflows, made of what documents call things.

use std::collections::HashSet;

/// Words of a name: split at everything that is no letter or digit, and where a capital follows a small letter.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let signs: Vec<char> = text.chars().collect();
    for (place, sign) in signs.iter().enumerate() {
        if !sign.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = place.checked_sub(1).map(|before| signs[before]);
        let after = signs.get(place + 1);
        // `listUsers` has two words, `HTTPServer` too.
        let begins = sign.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
                || before.is_some_and(char::is_uppercase) && after.is_some_and(|after| after.is_lowercase()));
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(*sign);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A text for people: `chat_postMessage` becomes `Chat post message`. Words in capitals stay.
#[must_use]
pub fn humanize(text: &str) -> String {
    let mut out = String::new();
    for word in words(text) {
        let is_acronym = word.len() > 1 && word.chars().all(|sign| !sign.is_lowercase());
        let word = if is_acronym { word } else { word.to_lowercase() };
        if out.is_empty() {
            let mut signs = word.chars();
            out.extend(signs.next().into_iter().flat_map(char::to_uppercase));
            out.push_str(signs.as_str());
        } else {
            out.push(' ');
            out.push_str(&word);
        }
    }
    out
}

/// An identifier for a connector: `[a-z0-9-]`, at most 60 signs, never empty.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if out.len() + word.len() >= 60 {
            break;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(&word.to_ascii_lowercase());
    }
    if out.is_empty() { "connector".to_owned() } else { out }
}

/// Whether a text is an identifier of a connector. Nothing that is one can lead out of a folder.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(good) && !text.starts_with('-') && !text.ends_with('-')
}

/// An operation's identifier made of its method and path: `get_flights_international`.
#[must_use]
pub fn operation_id(method: &str, path: &str) -> String {
    let mut out = method.to_ascii_lowercase();
    for word in path.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        out.push('_');
        out.push_str(word);
    }
    out.truncate(120);
    out
}

/// A name that is not taken yet, with a number behind it where it was; it is taken then.
pub fn unique(wanted: &str, taken: &mut HashSet<String>) -> String {
    if taken.insert(wanted.to_owned()) {
        return wanted.to_owned();
    }
    let name = |number: usize| format!("{wanted}_{number}");
    // Where very many have one name, the numbers are leapt over: one by one it would take as many steps as there are
    // pairs of them.
    let (mut known, mut free) = (1, 2);
    while taken.contains(&name(free)) {
        known = free;
        free = if free < 16 { free + 1 } else { free * 2 };
    }
    while free - known > 1 {
        let middle = known + (free - known) / 2;
        if taken.contains(&name(middle)) { known = middle } else { free = middle }
    }
    taken.insert(name(free));
    name(free)
}

/// A text for people on one line without mark-up of HTML, cut at a word.
#[must_use]
pub fn plain(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most + 8));
    let mut tag = false;
    let mut rest = text.chars().peekable();
    while let Some(sign) = rest.next() {
        match sign {
            // A tag begins with a letter or a slash; `a < b` is no tag.
            '<' if rest.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '/') => tag = true,
            '>' if tag => tag = false,
            _ if tag => {}
            sign if sign.is_whitespace() || sign.is_control() => {
                if !out.ends_with(' ') && !out.is_empty() {
                    out.push(' ');
                }
            }
            sign => out.push(sign),
        }
        if out.len() > most {
            let end = out.rfind(' ').filter(|end| *end > most / 2).unwrap_or(out.len());
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_the_next_number() {
        let mut taken = HashSet::new();
        let names: Vec<String> = (0..100).map(|_| unique("a", &mut taken)).collect();
        assert_eq!((names[0].as_str(), names[1].as_str(), names[99].as_str()), ("a", "a_2", "a_100"));
        assert_eq!(taken.len(), 100);
        assert_eq!(unique("b", &mut taken), "b");
    }

    #[test]
    fn names_become_words_for_people() {
        for (name, expected) in [
            ("chat_postMessage", "Chat post message"),
            ("issues/list-for-repo", "Issues list for repo"),
            ("listUsersV2", "List users V2"),
            ("getHTTPServer", "Get HTTP server"),
            ("", ""),
        ] {
            assert_eq!(humanize(name), expected);
        }
    }

    #[test]
    fn an_identifier_of_a_connector_is_no_path() {
        assert_eq!(slug("../../etc/Pass wd"), "etc-pass-wd");
        assert_eq!(slug("Ünï"), "n");
        assert_eq!(slug("///"), "connector");
        for bad in ["", "..", "a/b", "a.b", "-a", "a-", "A", "a\\b"] {
            assert!(!is_slug(bad), "{bad}");
        }
        assert!(is_slug("google-sheets"));
    }

    #[test]
    fn markup_is_left_out_of_texts_and_comparisons_are_not() {
        assert_eq!(plain("<p>One\n <b>two</b> a < b</p>", 100), "One two a < b");
        assert_eq!(plain("word word word word", 10), "word word…");
    }
}
