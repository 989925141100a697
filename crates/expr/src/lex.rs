//! From the source of an expression to tokens.
//!
//! The lexer starts behind `{{` and finds the `}}` that ends the expression: one that is not inside a string, a
//! template text or an object. It does not recurse.

mod literal;

use crate::value::Number;

/// A token with the place of its first byte.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Tok,
    pub(crate) at: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Tok {
    Number(Number),
    Text(String),
    /// A name, also one that begins with `$`.
    Name(String),
    /// An operator or bracket.
    Mark(&'static str),
    Pattern {
        source: String,
        flags: String,
    },
    TemplateStart,
    TemplateText(String),
    /// `${`
    TemplateOpen,
    /// The `}` of `${`
    TemplateClose,
    TemplateEnd,
    End,
}

impl PartialEq for Tok {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Mark(left), Self::Mark(right)) => left == right,
            (Self::Name(left), Self::Name(right)) => left == right,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// Why the source is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) at: usize,
}

/// The tokens of one expression, with [`Tok::End`] last, and the place behind its `}}`.
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    pub(crate) end: usize,
}

/// Longest first, so that `===` is not read as `==` and `=`.
const MARKS: [&str; 41] = [
    ">>>=", "...", "===", "!==", "**=", "??=", "&&=", "||=", ">>>", "=>", "==", "!=", "<=", ">=", "&&", "||",
    "??", "?.", "**", "++", "--", "+=", "-=", "*=", "/=", "<<", ">>", "+", "-", "*", "/", "%", "!", "<", ">",
    "?", ":", ",", ".", "=", ";",
];
const BRACKETS: [&str; 4] = ["(", ")", "[", "]"];
const BITWISE: [&str; 4] = ["&", "|", "^", "~"];

enum Open {
    Brace,
    Template,
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    /// Where reading stops with an error, because the source is too long.
    limit: usize,
    tokens: Vec<Token>,
    open: Vec<Open>,
}

/// Reads the expression that starts at `start` of `text`, at most `max_bytes` long.
pub(crate) fn lex(text: &str, start: usize, max_bytes: usize) -> Result<Lexed, SyntaxError> {
    let mut lexer = Lexer {
        source: text,
        at: start,
        limit: start.saturating_add(max_bytes),
        tokens: Vec::new(),
        open: Vec::new(),
    };
    let end = lexer.run()?;
    Ok(Lexed { tokens: lexer.tokens, end })
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn fail<T>(&self, message: impl Into<String>, at: usize) -> Result<T, SyntaxError> {
        Err(SyntaxError { message: message.into(), at })
    }

    fn push(&mut self, kind: Tok, at: usize) {
        self.tokens.push(Token { kind, at });
    }

    fn run(&mut self) -> Result<usize, SyntaxError> {
        loop {
            if self.at > self.limit {
                return self
                    .fail("the expression is too long; use a Code node for so much logic", self.limit);
            }
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - trimmed.len();
            let (rest, at) = (trimmed, self.at);
            let Some(first) = rest.chars().next() else {
                return self.fail("the expression has no end; close it with `}}`", at);
            };
            match first {
                '}' => {
                    if let Some(end) = self.close()? {
                        self.push(Tok::End, at);
                        return Ok(end);
                    }
                }
                '{' => {
                    self.open.push(Open::Brace);
                    self.mark("{");
                }
                '"' | '\'' => self.string(first)?,
                '`' => {
                    self.at += 1;
                    self.push(Tok::TemplateStart, at);
                    self.template()?;
                }
                '0'..='9' => self.number()?,
                '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number()?,
                '/' if rest.starts_with("//") || rest.starts_with("/*") => {
                    return self.fail("comments are not part of the expression language", at);
                }
                '/' if self.operand_follows() => self.pattern()?,
                '?' if rest[1..].starts_with('.') && rest[2..].starts_with(|c: char| c.is_ascii_digit()) => {
                    self.mark("?"); // `a?.5:1` is a ternary, as in JavaScript.
                }
                first if first == '_' || first == '$' || first.is_alphabetic() => self.name(),
                _ => self.any_mark()?,
            }
        }
    }

    fn mark(&mut self, mark: &'static str) {
        self.push(Tok::Mark(mark), self.at);
        self.at += mark.len();
    }

    fn any_mark(&mut self) -> Result<(), SyntaxError> {
        let rest = self.rest();
        if let Some(mark) = BRACKETS.iter().chain(&MARKS).find(|mark| rest.starts_with(**mark)) {
            self.mark(mark);
            return Ok(());
        }
        if BITWISE.iter().any(|mark| rest.starts_with(mark)) {
            return self.fail("bitwise operators are not part of the expression language", self.at);
        }
        if rest.starts_with('\\') {
            return self.fail("a backslash can only stand inside a string", self.at);
        }
        self.fail("this character cannot stand here", self.at)
    }

    fn name(&mut self) {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c == '_' || c == '$' || c.is_alphanumeric())).unwrap_or(rest.len());
        self.push(Tok::Name(rest[..end].to_owned()), self.at);
        self.at += end;
    }

    /// Reads a `}`. Answers the place behind the whole expression if it ends here.
    fn close(&mut self) -> Result<Option<usize>, SyntaxError> {
        match self.open.pop() {
            Some(Open::Brace) => {
                self.mark("}");
                Ok(None)
            }
            Some(Open::Template) => {
                self.push(Tok::TemplateClose, self.at);
                self.at += 1;
                self.template()?;
                Ok(None)
            }
            None if self.rest().starts_with("}}") => Ok(Some(self.at + 2)),
            None => self.fail("there is a `}` without its `{`", self.at),
        }
    }

    /// Whether a `/` here begins a regular expression rather than dividing.
    fn operand_follows(&self) -> bool {
        match self.tokens.last().map(|token| &token.kind) {
            None | Some(Tok::TemplateOpen) => true,
            Some(Tok::Mark(mark)) => !matches!(*mark, ")" | "]" | "}"),
            Some(Tok::Name(name)) => matches!(name.as_str(), "in" | "typeof"),
            Some(_) => false,
        }
    }
}
