//! Tokens with content: numbers, strings, template text and regular expressions.

use super::{Lexer, Open, SyntaxError, Tok};
use crate::value::parse_number;

impl Lexer<'_> {
    pub(super) fn number(&mut self) -> Result<(), SyntaxError> {
        let (rest, at) = (self.rest(), self.at);
        let bytes = rest.as_bytes();
        let digits = |from: usize| {
            rest[from..].bytes().take_while(|b| b.is_ascii_digit() || *b == b'_').count() + from
        };
        let prefixed = matches!(bytes.get(..2), Some([b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B']));
        let mut end = if prefixed {
            rest[2..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count() + 2
        } else {
            digits(0)
        };
        if !prefixed {
            if bytes.get(end) == Some(&b'.') {
                end = digits(end + 1);
            }
            if matches!(bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                    end = digits(end + 1 + sign);
                }
            }
        }
        let text = rest[..end].replace('_', "");
        let octal = text.len() > 1 && text.starts_with('0') && text.as_bytes()[1].is_ascii_digit();
        let joined = rest[end..].starts_with(|c: char| c == '_' || c == '$' || c.is_alphanumeric());
        let number = parse_number(&text);
        if octal || joined || number.float().is_nan() {
            return self.fail("this is not a number; text needs quotes", at);
        }
        self.push(Tok::Number(number), at);
        self.at += end;
        Ok(())
    }

    pub(super) fn string(&mut self, quote: char) -> Result<(), SyntaxError> {
        let at = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(next) = rest.find([quote, '\\', '\n', '\r']).filter(|next| self.at + next <= self.limit)
            else {
                return self.fail("the string has no end; close it with the same quote", at);
            };
            text.push_str(&rest[..next]);
            self.at += next;
            match rest[next..].chars().next() {
                Some('\\') => self.escape(&mut text)?,
                Some(end) if end == quote => {
                    self.at += 1;
                    self.push(Tok::Text(text), at);
                    return Ok(());
                }
                _ => return self.fail("a string ends on its line; write `\\n` for a line break", at),
            }
        }
    }

    /// Reads template text from behind a backtick or behind the `}` of `${ }`.
    pub(super) fn template(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(next) = rest.find(['`', '\\', '$']).filter(|next| self.at + next <= self.limit) else {
                return self.fail("the template text has no end; close it with a backtick", start);
            };
            text.push_str(&rest[..next]);
            self.at += next;
            let (rest, at) = (&rest[next..], self.at);
            if rest.starts_with('\\') {
                self.escape(&mut text)?;
            } else if rest.starts_with('`') {
                self.push(Tok::TemplateText(text), start);
                self.push(Tok::TemplateEnd, at);
                self.at += 1;
                return Ok(());
            } else if rest.starts_with("${") {
                self.push(Tok::TemplateText(text), start);
                self.push(Tok::TemplateOpen, at);
                self.open.push(Open::Template);
                self.at += 2;
                return Ok(());
            } else {
                text.push('$');
                self.at += 1;
            }
        }
    }

    /// Reads an escape sequence. (ECMA-262, EscapeSequence)
    fn escape(&mut self, text: &mut String) -> Result<(), SyntaxError> {
        let at = self.at;
        let rest = &self.rest()[1..];
        let Some(first) = rest.chars().next() else {
            return self.fail("the string has no end; close it with the same quote", at);
        };
        self.at += 1 + first.len_utf8();
        match first {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'v' => text.push('\u{b}'),
            '0' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => text.push('\0'),
            '0'..='9' => return self.fail("octal escapes are not part of the expression language", at),
            '\n' | '\u{2028}' | '\u{2029}' => {}
            '\r' => self.at += usize::from(rest[1..].starts_with('\n')),
            'x' => {
                let code = self.hex(2, at)?;
                text.extend(char::from_u32(code));
            }
            'u' => self.unicode(text, at)?,
            other => text.push(other),
        }
        Ok(())
    }

    fn unicode(&mut self, text: &mut String, at: usize) -> Result<(), SyntaxError> {
        if self.rest().starts_with('{') {
            let end = self.rest().bytes().take(9).position(|b| b == b'}').unwrap_or(0);
            let digits = self.rest().get(1..end).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let code = digits
                .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                .filter(|code| *code <= 0x10_FFFF);
            let Some(code) = code else {
                return self.fail("the escape after `\\u` is not a Unicode code point", at);
            };
            self.at += end + 1;
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            return Ok(());
        }
        let first = self.hex(4, at)?;
        let mut character = char::from_u32(first);
        if (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            let behind = self.at;
            self.at += 2;
            // A second half that does not fit is left for the next turn.
            match self.hex(4, at) {
                Ok(second) if (0xDC00..0xE000).contains(&second) => {
                    character = char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
                }
                _ => self.at = behind,
            }
        }
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    fn hex(&mut self, count: usize, at: usize) -> Result<u32, SyntaxError> {
        let digits = self.rest().get(..count).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                self.at += count;
                Ok(code)
            }
            None => self.fail("an escape such as `\\x41` or `\\u0041` lacks its digits", at),
        }
    }

    pub(super) fn pattern(&mut self) -> Result<(), SyntaxError> {
        let at = self.at;
        let rest = &self.rest()[1..];
        let (mut class, mut escaped, mut end) = (false, false, None);
        for (index, character) in rest.char_indices() {
            match character {
                '\n' | '\r' => break,
                _ if self.at + index > self.limit => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    end = Some(index);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else {
            return self.fail("the regular expression has no end; close it with `/`", at);
        };
        let flags: String = rest[end + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        self.at += 1 + end + 1 + flags.len();
        self.push(Tok::Pattern { source: rest[..end].to_owned(), flags }, at);
        Ok(())
    }
}
