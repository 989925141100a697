//! Texts with named places: `https://{subdomain}.example.com`.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A text with named places in braces. Names are letters, digits, `_`, `-` and `.`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(String);

/// Why a text is no template, or cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// A brace without its partner, or a name that is none.
    #[error("a place is written {{name}}, with letters, digits, `_`, `-` and `.`; at byte {0} it is not")]
    Syntax(usize),
    /// A place that nothing was given for.
    #[error("nothing was given for {{{0}}}")]
    Missing(String),
}

/// One piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that stands as it is.
    Text(&'a str),
    /// A place, by its name.
    Name(&'a str),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError::Syntax`].
    pub fn new(text: impl Into<String>) -> Result<Self, TemplateError> {
        let text = text.into();
        let mut at = 0;
        while let Some(found) = text[at..].find(['{', '}']) {
            let open = at + found;
            let rest = &text[open + 1..];
            let name = match rest.find('}') {
                Some(end) if text.as_bytes()[open] == b'{' => &rest[..end],
                _ => return Err(TemplateError::Syntax(open)),
            };
            let good = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
            if name.is_empty() || !name.bytes().all(good) {
                return Err(TemplateError::Syntax(open));
            }
            at = open + name.len() + 2;
        }
        Ok(Self(text))
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        // Reading made sure that braces come in pairs, so an odd part is a name.
        self.0
            .split(['{', '}'])
            .enumerate()
            .filter(|(_, part)| !part.is_empty())
            .map(|(place, part)| if place % 2 == 1 { Piece::Name(part) } else { Piece::Text(part) })
    }

    /// The names of its places, in order, with repetition.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name),
            Piece::Text(_) => None,
        })
    }

    /// Fills the places in. What is given for them is not read as a template again.
    ///
    /// # Errors
    /// [`TemplateError::Missing`] with the name of the first place that nothing was given for.
    pub fn fill<'v>(&self, value_of: impl Fn(&str) -> Option<&'v str>) -> Result<String, TemplateError> {
        let mut filled = String::with_capacity(self.0.len());
        for piece in self.pieces() {
            filled.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Name(name) => value_of(name).ok_or_else(|| TemplateError::Missing(name.to_owned()))?,
            });
        }
        Ok(filled)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Template {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_and_filled_once() {
        let template = Template::new("https://{sub}.example.com/{a.b}/{sub}").unwrap();
        assert_eq!(template.names().collect::<Vec<_>>(), ["sub", "a.b", "sub"]);
        let filled = template.fill(|name| Some(if name == "sub" { "{a.b}" } else { "x" })).unwrap();
        assert_eq!(filled, "https://{a.b}.example.com/x/{a.b}");
        assert_eq!(template.fill(|_| None), Err(TemplateError::Missing("sub".into())));
    }

    #[test]
    fn a_text_without_places_is_itself() {
        assert_eq!(Template::new("abc").unwrap().fill(|_| None).unwrap(), "abc");
        assert_eq!(Template::new("").unwrap().pieces().count(), 0);
    }

    #[test]
    fn places_side_by_side_are_told_apart() {
        let template = Template::new("{a}{b}").unwrap();
        assert_eq!(template.pieces().collect::<Vec<_>>(), [Piece::Name("a"), Piece::Name("b")]);
    }

    #[test]
    fn loose_braces_and_odd_names_are_refused() {
        for (text, at) in [("a}", 1), ("{", 0), ("{}", 0), ("x{a b}", 1), ("{a{b}}", 0), ("{a}}", 3)] {
            assert_eq!(Template::new(text), Err(TemplateError::Syntax(at)), "{text}");
        }
    }
}
