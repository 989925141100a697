//! Strings: borrowed from a document or an expression's source, or made and shared.
//!
//! Positions and lengths count UTF-16 code units, as in JavaScript, so that an expression and a Code node agree. Half
//! of a character outside the basic plane cannot be a value of its own; it becomes U+FFFD.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::rc::Rc;

/// A string.
#[derive(Clone, Debug)]
pub enum Text<'a> {
    /// Part of a document or of an expression's source.
    Borrowed(&'a str),
    /// Made by the evaluation.
    Made(Rc<String>),
}

impl<'a> Text<'a> {
    /// The characters.
    #[inline]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Made(text) => text,
        }
    }

    /// A part of this string, in bytes at character boundaries; borrowed where the whole is.
    pub(crate) fn part(&self, range: Range<usize>) -> Text<'a> {
        match self {
            Self::Borrowed(text) => Self::Borrowed(text.get(range).unwrap_or("")),
            Self::Made(text) => Self::from(text.get(range).unwrap_or("").to_owned()),
        }
    }

    /// The string itself, copied only if it is shared or borrowed.
    pub(crate) fn into_string(self) -> String {
        match self {
            Self::Borrowed(text) => text.to_owned(),
            Self::Made(text) => Rc::try_unwrap(text).unwrap_or_else(|text| (*text).clone()),
        }
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::Made(Rc::new(text))
    }
}

impl Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // `Borrow<str>` demands the hash of the characters.
        self.as_str().hash(state);
    }
}

/// Number of UTF-16 code units.
pub(crate) fn unit_len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// The code units from `start` to `end` (exclusive, not before `start`), as a byte range, and whether a character
/// was cut at the front and at the back.
fn unit_range(text: &str, start: usize, end: usize) -> (Range<usize>, bool, bool) {
    if text.is_ascii() {
        let end = end.min(text.len());
        return (start.min(end)..end, false, false);
    }
    let (mut unit, mut from, mut to) = (0, text.len(), text.len());
    let (mut cut_front, mut cut_back) = (false, false);
    for (at, character) in text.char_indices() {
        let next = unit + character.len_utf16();
        if unit >= start && from == text.len() {
            from = at;
        } else if unit < start && next > start {
            cut_front = true;
        }
        if unit >= end {
            to = at;
            break;
        } else if next > end {
            cut_back = unit >= start;
            to = at;
            break;
        }
        unit = next;
    }
    (from.min(to)..to, cut_front && end > start, cut_back && end > start)
}

/// The code units from `start` to `end` (exclusive) of a string.
pub(crate) fn slice_units<'a>(text: &Text<'a>, start: usize, end: usize) -> Text<'a> {
    let (range, cut_front, cut_back) = unit_range(text.as_str(), start, end.max(start));
    if !cut_front && !cut_back {
        return text.part(range);
    }
    let mut made = String::with_capacity(range.len() + 6);
    if cut_front {
        made.push(char::REPLACEMENT_CHARACTER);
    }
    made.push_str(text.as_str().get(range).unwrap_or(""));
    if cut_back {
        made.push(char::REPLACEMENT_CHARACTER);
    }
    made.into()
}
