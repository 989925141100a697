//! Regular expressions: JavaScript's syntax on the linear engine of the `regex` crate.
//!
//! There is no backtracking, so no input can make a search slow; look-around and back-references do not exist. The
//! compiled size is limited, and compiled patterns are kept for reuse.

use regex::{Regex, RegexBuilder};
use std::cell::RefCell;
use std::rc::Rc;

/// Up to this compiled size, in bytes, a pattern counts as small; usual ones do.
const SMALL_BYTES: usize = 16 << 10;
/// How large a compiled pattern may become, in bytes.
const SIZE_BYTES: usize = 128 << 10;
/// How long the source of a pattern may be, in bytes.
const SOURCE_BYTES: usize = 4096;
/// How many compiled patterns each thread keeps.
pub(crate) const KEPT: usize = 32;

/// A regular expression as it is written: source and flags. It was compiled once, to know that it is valid.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    flags: String,
}

impl Pattern {
    /// Checks a pattern; the error says what is wrong with it.
    pub(crate) fn new(source: String, flags: String) -> Result<Self, String> {
        compile(&source, &flags)?;
        Ok(Self { source, flags })
    }

    /// The source between the slashes.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it has the flag `g`: all matches, not the first.
    pub(crate) fn is_global(&self) -> bool {
        self.flags.contains('g')
    }

    pub(crate) fn compiled(&self) -> Result<Search, String> {
        compile(&self.source, &self.flags)
    }
}

/// A compiled pattern.
#[derive(Clone)]
pub(crate) struct Search {
    /// Shared, because a clone of a `Regex` begins with an empty pool of working memory, which is slow to fill.
    pub(crate) regex: Rc<Regex>,
    is_small: bool,
}

impl Search {
    /// The steps of looking for a further match in the `bytes` bytes that are left: each search may read all of them,
    /// only to find a match at their front.
    pub(crate) fn next_steps(&self, bytes: usize) -> usize {
        if self.is_small { 1 + bytes / 128 } else { 1 + bytes }
    }

    /// The steps that a search through `bytes` bytes costs. The engine's time grows with text times pattern at worst,
    /// so that a large pattern costs more; getting it compiled has its price whether it was in the cache or not,
    /// because the same expression should always cost the same.
    pub(crate) fn steps(&self, bytes: usize) -> usize {
        if self.is_small { 100 + bytes / 2 } else { 2000 + bytes.saturating_mul(4) }
    }
}

thread_local! {
    static CACHE: RefCell<Vec<(String, String, Search)>> = const { RefCell::new(Vec::new()) };
}

/// The compiled form of a pattern, from the cache where it is there.
pub(crate) fn compile(source: &str, flags: &str) -> Result<Search, String> {
    CACHE.with_borrow_mut(|cache| {
        if let Some(at) = cache.iter().position(|(s, f, _)| s == source && f == flags) {
            // The most recently used stand last.
            cache[at..].rotate_left(1);
        } else {
            let search = build(source, flags)?;
            if cache.len() >= KEPT {
                cache.remove(0);
            }
            cache.push((source.to_owned(), flags.to_owned(), search));
        }
        cache.last().map(|(_, _, search)| search.clone()).ok_or_else(String::new)
    })
}

fn build(source: &str, flags: &str) -> Result<Search, String> {
    if source.len() > SOURCE_BYTES {
        return Err("the regular expression is too long".to_owned());
    }
    let mut builder = RegexBuilder::new(&translate(source));
    builder.size_limit(SMALL_BYTES).dfa_size_limit(SIZE_BYTES).nest_limit(50);
    for flag in flags.chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'g' | 'u' => &mut builder,
            _ => return Err("the flags of a regular expression are g, i, m, s and u".to_owned()),
        };
    }
    if let Ok(regex) = builder.build() {
        return Ok(Search { regex: Rc::new(regex), is_small: true });
    }
    match builder.size_limit(SIZE_BYTES).build() {
        Ok(regex) => Ok(Search { regex: Rc::new(regex), is_small: false }),
        Err(regex::Error::CompiledTooBig(_)) => {
            Err("the regular expression is too large; make its repetitions smaller".to_owned())
        }
        Err(_) => {
            Err("the regular expression is not valid here; look-around and back-references do not exist"
                .to_owned())
        }
    }
}

/// Rewrites what JavaScript and the `regex` crate read differently: `\d`, `\w` and `\b` are ASCII, a `[` in a class
/// is itself, `\/` is a slash and `\u0041` a character.
fn translate(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut characters = source.chars().peekable();
    let mut class = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped) => translate_escape(escaped, class, &mut characters, &mut out),
                None => out.push('\\'),
            },
            '[' if class => out.push_str("\\["),
            '[' => {
                class = true;
                out.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // An empty class matches nothing, an empty negated one everything.
                if characters.peek() == Some(&']') {
                    characters.next();
                    class = false;
                    let negated = out.ends_with('^');
                    out.truncate(out.len() - if negated { 2 } else { 1 });
                    out.push_str(if negated { "(?s:.)" } else { "[^\\x{0}-\\x{10FFFF}]" });
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => {
                out.push('\\');
                out.push(character);
            }
            '-' if class && characters.peek() == Some(&'-') => out.push_str("\\-"),
            _ => out.push(character),
        }
    }
    out
}

fn translate_escape(
    escaped: char,
    class: bool,
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
) {
    match escaped {
        'd' if class => out.push_str("0-9"),
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' if class => out.push_str("0-9A-Za-z_"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        'b' if class => out.push_str("\\x08"),
        'b' => out.push_str("(?-u:\\b)"),
        'u' if characters.peek() != Some(&'{') => {
            let digits: String = characters.by_ref().take(4).collect();
            out.push_str(&format!("\\x{{{digits}}}"));
        }
        'u' => out.push_str("\\x"),
        // A letter keeps its meaning; anything else means itself.
        letter if letter.is_ascii_alphanumeric() => {
            out.push('\\');
            out.push(letter);
        }
        other => out.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
    }
}
