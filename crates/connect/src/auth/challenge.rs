//! The challenges of `WWW-Authenticate` (RFC 9110 section 11.6.1).
//!
//! One field may hold several challenges and a challenge may hold commas, so the field is read sign by sign; what
//! does not fit the grammar ends the reading, and what was read so far counts.

/// One challenge: a scheme and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// In lower case.
    pub(crate) scheme: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// A parameter; the first of its name counts.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// The most challenges and parameters that are read.
const MAX_PARTS: usize = 64;

/// Reads the challenges of one field.
pub(crate) fn read(field: &str) -> Vec<Challenge> {
    let mut reader = Reader { rest: field };
    let mut found: Vec<Challenge> = Vec::new();
    for _ in 0..MAX_PARTS {
        reader.skip(|byte| matches!(byte, b' ' | b'\t' | b','));
        let Some(word) = reader.token() else { return found };
        let before = reader.rest;
        reader.skip(|byte| matches!(byte, b' ' | b'\t'));
        let is_parameter = reader.rest.starts_with('=') && !reader.rest.starts_with("==");
        match found.last_mut() {
            Some(challenge) if is_parameter => {
                let Some(value) = reader.value() else { return found };
                challenge.parameters.push((word.to_ascii_lowercase(), value));
            }
            // A parameter without a scheme.
            None if is_parameter => return found,
            _ => {
                found.push(Challenge { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
                reader.rest = before;
                reader.skip_token68();
            }
        }
    }
    found
}

/// Reads the parameters of a field that has no scheme, such as `Authentication-Info`.
pub(crate) fn read_parameters(field: &str) -> Option<Challenge> {
    read(&["x ", field].concat()).into_iter().next()
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, is_skipped: fn(u8) -> bool) {
        let kept = self.rest.bytes().position(|byte| !is_skipped(byte)).unwrap_or(self.rest.len());
        self.rest = &self.rest[kept..];
    }

    /// RFC 9110 section 5.6.2.
    fn token(&mut self) -> Option<&'a str> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let end = self.rest.bytes().position(|byte| !is_token(byte)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// `=` and a token or a quoted string (RFC 9110 section 5.6.4).
    fn value(&mut self) -> Option<String> {
        self.rest = self.rest.strip_prefix('=')?;
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
        let Some(quoted) = self.rest.strip_prefix('"') else {
            return self.token().map(str::to_owned);
        };
        let mut value = String::new();
        let mut letters = quoted.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = &quoted[at + 1..];
                    return Some(value);
                }
                '\\' => value.push(letters.next()?.1),
                letter => value.push(letter),
            }
        }
        None
    }

    /// A scheme's own data, such as that of `Negotiate`: it ends at a comma.
    fn skip_token68(&mut self) {
        let trimmed = self.rest.trim_start_matches([' ', '\t']);
        let is_data = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        let data = trimmed.bytes().position(|byte| !is_data(byte)).unwrap_or(trimmed.len());
        let after = trimmed[data..].trim_start_matches('=');
        if data > 0 && (after.is_empty() || after.trim_start_matches([' ', '\t']).starts_with(',')) {
            self.rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn several_challenges_in_one_field_are_told_apart() {
        // The example of RFC 9110 section 11.6.1.
        let found = read(r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].scheme.as_str(), found[0].get("realm")), ("basic", Some("simple")));
        assert_eq!(found[1].get("title"), Some("Login to \"apps\""));
        let found = read("Negotiate YWJj==, Digest realm=\"a,b\" , nonce = n");
        assert_eq!(found.iter().map(|one| one.scheme.as_str()).collect::<Vec<_>>(), ["negotiate", "digest"]);
        assert_eq!((found[1].get("realm"), found[1].get("nonce")), (Some("a,b"), Some("n")));
        assert_eq!(read_parameters("nextnonce=\"x\", nc=00000001").unwrap().get("nextnonce"), Some("x"));
    }

    proptest! {
        /// Whatever a service sends, reading it ends and does not panic.
        #[test]
        fn any_field_is_read(field in "\\PC{0,60}") {
            let _ = read(&field);
        }
    }
}
