//! Reading dates from text.

use super::zone::parse_offset;
use super::{Date, Zone};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// Reads ISO 8601 (a date, or a date and a time) or the format of mail and HTTP headers (RFC 5322). Without an offset
/// in the text, the clocks of `zone` are meant.
pub(crate) fn parse(text: &str, zone: Zone) -> Option<Date> {
    // The longest form is a mail date; anything longer is no date.
    if text.len() > 64 {
        return None;
    }
    let text = text.trim();
    iso(text, zone).or_else(|| {
        let parsed = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        Date::new(parsed.timestamp_millis(), Zone::Fixed(*parsed.offset()))
    })
}

/// Reads `count` digits at the front.
fn digits(text: &mut &str, count: usize) -> Option<u32> {
    let head = text.get(..count).filter(|head| head.bytes().all(|b| b.is_ascii_digit()))?;
    *text = &text[count..];
    head.parse().ok()
}

/// Takes one of these characters from the front.
fn take(text: &mut &str, characters: &[char]) -> bool {
    match text.strip_prefix(characters) {
        Some(rest) => {
            *text = rest;
            true
        }
        None => false,
    }
}

fn iso(text: &str, zone: Zone) -> Option<Date> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    let (mut month, mut day) = (1, 1);
    if take(&mut rest, &['-']) {
        month = digits(&mut rest, 2)?;
        if take(&mut rest, &['-']) {
            day = digits(&mut rest, 2)?;
        }
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    if rest.is_empty() {
        return Date::from_local(date.and_time(NaiveTime::MIN), zone);
    }
    if !take(&mut rest, &['T', 't', ' ']) {
        return None;
    }
    let time = time(&mut rest)?;
    at(date.and_time(time), rest.trim_start(), zone)
}

/// `HH:mm`, `HH:mm:ss` or `HH:mm:ss.SSS`
fn time(rest: &mut &str) -> Option<NaiveTime> {
    let hour = digits(rest, 2)?;
    if !take(rest, &[':']) {
        return None;
    }
    let minute = digits(rest, 2)?;
    let (mut second, mut ms) = (0, 0);
    if take(rest, &[':']) {
        second = digits(rest, 2)?;
        if take(rest, &['.', ',']) {
            let count = rest.bytes().take_while(u8::is_ascii_digit).count();
            let fraction = rest.get(..count.min(3)).filter(|fraction| !fraction.is_empty())?;
            ms = format!("{fraction:0<3}").parse().ok()?;
            *rest = &rest[count..];
        }
    }
    NaiveTime::from_hms_milli_opt(hour, minute, second, ms)
}

/// The moment of a clock reading with the offset that is written behind it.
fn at(local: NaiveDateTime, offset: &str, zone: Zone) -> Option<Date> {
    let zone = match offset {
        "" => zone,
        "Z" | "z" => Zone::utc(),
        offset => Zone::Fixed(chrono::FixedOffset::east_opt(parse_offset(offset)?)?),
    };
    Date::from_local(local, zone)
}

/// Reads text by a pattern of `yyyy`, `yy`, `MM`, `M`, `dd`, `d`, `HH`, `H`, `hh`, `h`, `mm`, `m`, `ss`, `s`, `SSS`,
/// `a`, `MMM`, `MMMM` and `ZZ`; other characters stand for themselves.
pub(crate) fn parse_pattern(text: &str, pattern: &str, zone: Zone) -> Option<Date> {
    let mut fields = Fields::new(zone);
    let mut rest = text.trim();
    for token in super::format::tokens(pattern) {
        match token {
            super::format::Token::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
            super::format::Token::Field(letter, count) => fields.read(&mut rest, letter, count)?,
        }
    }
    if !rest.is_empty() {
        return None;
    }
    fields.date()
}

struct Fields {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    ms: u32,
    afternoon: Option<bool>,
    zone: Zone,
}

impl Fields {
    fn new(zone: Zone) -> Self {
        Self { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0, afternoon: None, zone }
    }

    fn read(&mut self, rest: &mut &str, letter: char, count: usize) -> Option<()> {
        match (letter, count) {
            ('y', 2) => self.year = 2000 + digits(rest, 2)?,
            ('y', _) => self.year = digits(rest, 4)?,
            ('M', 3 | 4) => {
                let names =
                    super::format::MONTHS.iter().map(|name| if count == 3 { &name[..3] } else { *name });
                let (at, name) = names.enumerate().find(|(_, name)| {
                    rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
                })?;
                self.month = at as u32 + 1;
                *rest = &rest[name.len()..];
            }
            ('a', _) => {
                self.afternoon = Some(match rest.get(..2)?.to_ascii_lowercase().as_str() {
                    "am" => false,
                    "pm" => true,
                    _ => return None,
                });
                *rest = &rest[2..];
            }
            ('Z', _) => {
                let end = rest
                    .find(|c: char| !matches!(c, '+' | '-' | ':' | '0'..='9' | 'Z'))
                    .unwrap_or(rest.len());
                self.zone = Zone::parse(&rest[..end])?;
                *rest = &rest[end..];
            }
            ('M', _) => self.month = number(rest, count)?,
            ('d', _) => self.day = number(rest, count)?,
            ('H' | 'h', _) => self.hour = number(rest, count)?,
            ('m', _) => self.minute = number(rest, count)?,
            ('s', _) => self.second = number(rest, count)?,
            ('S', _) => self.ms = digits(rest, 3)?,
            _ => return None,
        }
        Some(())
    }

    fn date(self) -> Option<Date> {
        let hour = match self.afternoon {
            Some(afternoon) if (1..=12).contains(&self.hour) => {
                self.hour % 12 + if afternoon { 12 } else { 0 }
            }
            Some(_) => return None,
            None => self.hour,
        };
        let date = NaiveDate::from_ymd_opt(i32::try_from(self.year).ok()?, self.month, self.day)?;
        let time = NaiveTime::from_hms_milli_opt(hour, self.minute, self.second, self.ms)?;
        Date::from_local(date.and_time(time), self.zone)
    }
}

/// One or two digits, or exactly two for a doubled letter.
fn number(rest: &mut &str, count: usize) -> Option<u32> {
    let available = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    digits(rest, if count == 1 { available.max(1) } else { 2 })
}
