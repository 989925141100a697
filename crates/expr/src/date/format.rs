//! Writing dates by a pattern, with the letters of Unicode Technical Standard 35 that Luxon uses too.

use super::Date;
use chrono::{Datelike, Timelike};
use std::fmt::Write as _;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A part of a pattern.
pub(super) enum Token {
    Literal(String),
    /// A letter and how often it stands there.
    Field(char, usize),
}

/// Splits a pattern. Text in single quotes is literal, two single quotes are one; `Y` and `D` are read as `y` and `d`.
pub(super) fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        if character == '\'' {
            let literal: String = rest.by_ref().take_while(|c| *c != '\'').collect();
            tokens.push(Token::Literal(if literal.is_empty() { "'".to_owned() } else { literal }));
        } else if character.is_ascii_alphabetic() {
            let mut count = 1;
            while rest.next_if_eq(&character).is_some() {
                count += 1;
            }
            // ISO's date and time are joined by a bare T; `Y` and `D` come from other libraries.
            tokens.push(match character {
                'T' => Token::Literal("T".repeat(count)),
                'Y' => Token::Field('y', count),
                'D' => Token::Field('d', count),
                letter => Token::Field(letter, count),
            });
        } else {
            tokens.push(Token::Literal(character.to_string()));
        }
    }
    tokens
}

pub(super) fn format(date: Date, pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    for token in tokens(pattern) {
        match token {
            Token::Literal(literal) => out.push_str(&literal),
            Token::Field(letter, count) => field(date, letter, count, &mut out)?,
        }
    }
    Ok(out)
}

fn field(date: Date, letter: char, count: usize, out: &mut String) -> Result<(), String> {
    let local = date.local();
    let hour12 = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let number = match (letter, count) {
        ('y', 2) => i64::from(local.year() % 100),
        ('y', 1 | 4) => i64::from(local.year()),
        ('M' | 'L', 3) => return push(out, &MONTHS[local.month0() as usize][..3]),
        ('M' | 'L', 4) => return push(out, MONTHS[local.month0() as usize]),
        ('E' | 'c', 1..=3) => {
            return push(out, &WEEKDAYS[local.weekday().num_days_from_monday() as usize][..3]);
        }
        ('E' | 'c', 4) => return push(out, WEEKDAYS[local.weekday().num_days_from_monday() as usize]),
        ('a', 1) => return push(out, if local.hour() < 12 { "AM" } else { "PM" }),
        ('Z', 1 | 2) => return push(out, &local.format("%:z").to_string()),
        ('Z', 3) => return push(out, &local.format("%z").to_string()),
        ('z', 1) => return push(out, &date.zone().name()),
        ('M' | 'L', 1 | 2) => i64::from(local.month()),
        ('d', 1 | 2) => i64::from(local.day()),
        ('o', 1 | 3) => i64::from(local.ordinal()),
        ('W', 1 | 2) => i64::from(local.iso_week().week()),
        ('k', 4) => i64::from(local.iso_week().year()),
        ('q', 1) => i64::from(local.month0() / 3 + 1),
        ('H', 1 | 2) => i64::from(local.hour()),
        ('h', 1 | 2) => i64::from(hour12),
        ('m', 1 | 2) => i64::from(local.minute()),
        ('s', 1 | 2) => i64::from(local.second()),
        ('S', 1 | 3) => i64::from(local.timestamp_subsec_millis()),
        ('X', 1) => date.ms().div_euclid(1000),
        ('x', 1) => date.ms(),
        _ => {
            return Err(format!(
                "the date pattern has an unknown part of the letter `{letter}`; put text in single quotes"
            ));
        }
    };
    // Writing into a string does not fail.
    let _ = write!(out, "{number:0count$}");
    Ok(())
}

fn push(out: &mut String, text: &str) -> Result<(), String> {
    out.push_str(text);
    Ok(())
}
