//! Reading filters and paths.

use serde_json::Value;

use super::{Filter, Operator, Place, Target};
use crate::routes::scim::error::ScimError;

/// The longest filter, in bytes.
const MAX_BYTES: usize = 4_096;
/// How deep brackets may stand in each other.
const MAX_DEPTH: u32 = 8;

/// The schemas whose names may stand before an attribute.
const OWN: [&str; 2] =
    ["urn:ietf:params:scim:schemas:core:2.0:User:", "urn:ietf:params:scim:schemas:core:2.0:Group:"];

/// The attribute without its schema, and whether that is another one.
fn without_schema(name: &str) -> (&str, bool) {
    for own in OWN {
        if name.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own)) {
            return (&name[own.len()..], false);
        }
    }
    (name, name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")))
}

/// Whether a text is the name of an attribute or of a part (RFC 7643 section 2.1).
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c))
}

/// Reads an attribute with or without a part; `None` for anything else.
pub(super) fn place(text: &str) -> Option<Place> {
    let (name, is_foreign) = without_schema(text);
    if is_foreign {
        return Some(Place { attribute: name.to_owned(), sub: None, is_foreign });
    }
    let (attribute, sub) = match name.split_once('.') {
        Some((attribute, sub)) => (attribute, Some(sub)),
        None => (name, None),
    };
    (is_name(attribute) && sub.is_none_or(is_name)).then(|| Place {
        attribute: attribute.to_owned(),
        sub: sub.map(str::to_owned),
        is_foreign,
    })
}

/// Reads a filter.
///
/// # Errors
/// `invalidFilter`.
pub(in crate::routes::scim) fn filter(text: &str) -> Result<Filter, ScimError> {
    let fault = || {
        let message = "The filter is not one of RFC 7644 section 3.4.2.2, for example: userName eq \"ada@example.com\".";
        ScimError::bad("invalidFilter", message)
    };
    if text.len() > MAX_BYTES {
        return Err(fault());
    }
    let mut reader = Reader { rest: text.trim() };
    let read = reader.any(0).filter(|_| reader.rest.is_empty());
    read.ok_or_else(fault)
}

/// Reads a path.
///
/// # Errors
/// `invalidPath`; `invalidFilter` for what stands in its brackets.
pub(in crate::routes::scim) fn path(text: &str) -> Result<Target, ScimError> {
    let fault = || ScimError::bad("invalidPath", "The path is not one of RFC 7644 section 3.5.2.");
    let (name, is_foreign) = without_schema(text.trim());
    if is_foreign {
        let place = Place { attribute: name.to_owned(), sub: None, is_foreign };
        return Ok(Target { place, filter: None });
    }
    let Some((attribute, rest)) = name.split_once('[') else {
        return Ok(Target { place: place(name).ok_or_else(fault)?, filter: None });
    };
    let (inner, after) = rest.rsplit_once(']').ok_or_else(fault)?;
    let sub = match after {
        "" => None,
        after => Some(after.strip_prefix('.').filter(|sub| is_name(sub)).ok_or_else(fault)?),
    };
    if !is_name(attribute) {
        return Err(fault());
    }
    let place = Place { attribute: attribute.to_owned(), sub: sub.map(str::to_owned), is_foreign };
    Ok(Target { place, filter: Some(filter(inner)?) })
}

/// A filter as it is read, from left to right.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// What `or` joins.
    fn any(&mut self, depth: u32) -> Option<Filter> {
        let mut all = vec![self.all(depth)?];
        while self.word("or") {
            all.push(self.all(depth)?);
        }
        Some(if all.len() == 1 { all.remove(0) } else { Filter::Any(all) })
    }

    /// What `and` joins, which binds closer.
    fn all(&mut self, depth: u32) -> Option<Filter> {
        let mut all = vec![self.one(depth)?];
        while self.word("and") {
            all.push(self.one(depth)?);
        }
        Some(if all.len() == 1 { all.remove(0) } else { Filter::All(all) })
    }

    fn one(&mut self, depth: u32) -> Option<Filter> {
        if depth > MAX_DEPTH {
            return None;
        }
        let before = self.rest;
        if self.word("not") {
            if let Some(inner) = self.brackets('(', ')', depth) {
                return Some(Filter::Not(Box::new(inner)));
            }
            // An attribute may be called so.
            self.rest = before;
        }
        if self.rest.starts_with('(') {
            return self.brackets('(', ')', depth);
        }
        let name = self.until(|c| c.is_whitespace() || "[]()\"".contains(c));
        let mut place = place(name)?;
        if !self.rest.starts_with('[') {
            return self.comparison(place);
        }
        let inner = self.brackets_after('[', ']', depth)?;
        if self.rest.starts_with('.') {
            // `emails[type eq "work"].value eq "x"` is what some directories look for an address by.
            self.rest = &self.rest[1..];
            let sub = super::read::place(self.until(|c| c.is_whitespace() || "[]()\"".contains(c)))?;
            let compared = self.comparison(sub)?;
            place.sub = None;
            return Some(Filter::Values(place, Box::new(Filter::All(vec![inner, compared]))));
        }
        self.skip();
        Some(Filter::Values(place, Box::new(inner)))
    }

    /// A filter in brackets, and the space behind them.
    fn brackets(&mut self, open: char, close: char, depth: u32) -> Option<Filter> {
        let inner = self.brackets_after(open, close, depth)?;
        self.skip();
        Some(inner)
    }

    fn brackets_after(&mut self, open: char, close: char, depth: u32) -> Option<Filter> {
        self.rest = self.rest.strip_prefix(open)?.trim_start();
        let inner = self.any(depth + 1)?;
        self.rest = self.rest.strip_prefix(close)?;
        Some(inner)
    }

    /// What follows an attribute: `pr`, or an operator and a value.
    fn comparison(&mut self, place: Place) -> Option<Filter> {
        self.skip();
        let word = self.until(|c| c.is_whitespace() || "[]()\"".contains(c)).to_ascii_lowercase();
        self.skip();
        let operator = match word.as_str() {
            "pr" => return Some(Filter::Present(place)),
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "co" => Operator::Contains,
            "sw" => Operator::StartsWith,
            "ew" => Operator::EndsWith,
            "gt" => Operator::Greater,
            "ge" => Operator::GreaterOrEqual,
            "lt" => Operator::Less,
            "le" => Operator::LessOrEqual,
            _ => return None,
        };
        let value = self.value()?;
        // Truth has no order and no parts (RFC 7644 table 3); whatever else is compared so is a text here.
        let is_plain = matches!(operator, Operator::Equal | Operator::NotEqual) || value.is_string();
        is_plain.then_some(Filter::Compare(place, operator, value))
    }

    /// A JSON text, number, truth or null.
    fn value(&mut self) -> Option<Value> {
        let end = if self.rest.starts_with('"') {
            let mut is_escaped = false;
            let closing = self.rest.char_indices().skip(1).find(|(_, letter)| {
                let ends = *letter == '"' && !is_escaped;
                is_escaped = *letter == '\\' && !is_escaped;
                ends
            });
            closing?.0 + 1
        } else {
            self.rest.find(|c: char| c.is_whitespace() || ")]".contains(c)).unwrap_or(self.rest.len())
        };
        let (text, rest) = self.rest.split_at(end);
        let value: Value = serde_json::from_str(text).ok()?;
        self.rest = rest;
        // What stands behind a value is the end of its brackets, or after a space.
        let is_over = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || ")]".contains(c));
        self.skip();
        (is_over && !value.is_object() && !value.is_array()).then_some(value)
    }

    /// Takes a word that stands by itself, whatever its case.
    fn word(&mut self, word: &str) -> bool {
        let Some(start) = self.rest.get(..word.len()) else { return false };
        let after = &self.rest[word.len()..];
        let stands_alone = after.starts_with(|c: char| c.is_whitespace() || c == '(');
        if start.eq_ignore_ascii_case(word) && stands_alone {
            self.rest = after.trim_start();
            return true;
        }
        false
    }

    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'t str {
        let (word, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }
}
