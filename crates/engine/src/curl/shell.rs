//! Splitting a command line as a POSIX shell does (IEEE Std 1003.1, section 2.2), with the `$'...'` of bash, and
//! the `^` continuation of Windows' copy-as-cURL.

use super::Error;

/// The words of the first command. What follows a pipe, `;`, `&` or a redirection is left out.
pub(super) fn split(text: &str) -> Result<Vec<String>, Error> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.trim().chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            // A backslash or caret at the end of a line joins it with the next.
            '\\' | '^' if matches!(chars.peek(), Some('\n' | '\r')) => {
                while chars.next_if(|next| matches!(next, '\n' | '\r')).is_some() {}
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            // cmd.exe escapes quotation marks and other signs with a caret.
            '^' if matches!(chars.peek(), Some('"' | '%' | '{' | '}' | '^' | '&' | '<' | '>' | '|')) => {
                if chars.peek() == Some(&'"') {
                    chars.next();
                    double(&mut chars, word.get_or_insert_default())?;
                } else {
                    word.get_or_insert_default().extend(chars.next());
                }
            }
            '\'' => single(&mut chars, word.get_or_insert_default())?,
            '"' => double(&mut chars, word.get_or_insert_default())?,
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                ansi(&mut chars, word.get_or_insert_default())?;
            }
            '\n' | '|' | ';' | '&' | '>' | '<' => {
                words.extend(word.take());
                if words.is_empty() {
                    continue;
                }
                break;
            }
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn single(chars: &mut Chars<'_>, word: &mut String) -> Result<(), Error> {
    for next in chars.by_ref() {
        if next == '\'' {
            return Ok(());
        }
        word.push(next);
    }
    Err(Error::Quote)
}

fn double(chars: &mut Chars<'_>, word: &mut String) -> Result<(), Error> {
    while let Some(next) = chars.next() {
        match next {
            '"' => return Ok(()),
            // What Chrome writes for cmd.exe: `^\^"` is a quotation mark, `^"` ends the text.
            '^' if chars.peek() == Some(&'"') => {
                chars.next();
                return Ok(());
            }
            '^' if chars.peek() == Some(&'\\') => {}
            '\\' => match chars.next() {
                Some('\n') => {}
                Some('^') if chars.peek() == Some(&'"') => word.extend(chars.next()),
                Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                Some(other) => word.extend(['\\', other]),
                None => return Err(Error::Quote),
            },
            other => word.push(other),
        }
    }
    Err(Error::Quote)
}

/// `$'...'` (bash manual, section 3.1.2.4).
fn ansi(chars: &mut Chars<'_>, word: &mut String) -> Result<(), Error> {
    // Escapes may write single bytes, which are only text together.
    let mut bytes: Vec<u8> = Vec::new();
    let push = |bytes: &mut Vec<u8>, letter: char| bytes.extend(letter.encode_utf8(&mut [0; 4]).as_bytes());
    while let Some(next) = chars.next() {
        match next {
            '\'' => {
                word.push_str(&String::from_utf8_lossy(&bytes));
                return Ok(());
            }
            '\\' => match chars.next().ok_or(Error::Quote)? {
                'n' => bytes.push(b'\n'),
                't' => bytes.push(b'\t'),
                'r' => bytes.push(b'\r'),
                'a' => bytes.push(7),
                'b' => bytes.push(8),
                'e' | 'E' => bytes.push(27),
                'f' => bytes.push(12),
                'v' => bytes.push(11),
                'x' => bytes.push(u8::try_from(number(chars, 16, 2, 0)).unwrap_or(0)),
                'u' => push(&mut bytes, char::from_u32(number(chars, 16, 4, 0)).unwrap_or('\u{fffd}')),
                'U' => push(&mut bytes, char::from_u32(number(chars, 16, 8, 0)).unwrap_or('\u{fffd}')),
                digit @ '0'..='7' => {
                    let first = digit.to_digit(8).unwrap_or(0);
                    bytes.push((number(chars, 8, 2, first) & 0xff) as u8);
                }
                other => push(&mut bytes, other),
            },
            other => push(&mut bytes, other),
        }
    }
    Err(Error::Quote)
}

fn number(chars: &mut Chars<'_>, radix: u32, most: usize, first: u32) -> u32 {
    let mut value = first;
    for _ in 0..most {
        let Some(digit) = chars.peek().and_then(|next| next.to_digit(radix)) else { break };
        value = value.wrapping_mul(radix).wrapping_add(digit);
        chars.next();
    }
    value
}
