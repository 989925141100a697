//! Finding a connector by a few letters, also where some of them are wrong.

use crate::summary::Summary;

/// How well a connector fits what was typed; `None` when it does not. Higher is better.
#[must_use]
pub fn score(summary: &Summary, typed: &str) -> Option<u32> {
    let typed = fold(typed);
    let mut total = 0;
    let mut words = typed.split_whitespace().peekable();
    words.peek()?;
    let name = fold(&summary.name);
    let whole: String = name.split_whitespace().collect();
    if whole == typed.split_whitespace().collect::<String>() || summary.id == typed {
        return Some(10_000);
    }
    // Every word has to be found somewhere.
    for word in words {
        let in_name =
            name.split_whitespace().chain([whole.as_str()]).filter_map(|other| fits(word, other, 40)).max();
        let rest = summary
            .keywords
            .iter()
            .map(|word| fold(word))
            .chain([summary.id.clone(), fold(&summary.category)]);
        let in_rest = rest
            .filter_map(|text| text.split([' ', '-']).filter_map(|other| fits(word, other, 20)).max())
            .max();
        let in_text = || word.len() >= 4 && contains(&summary.description, word);
        total += in_name.max(in_rest).or_else(|| in_text().then_some(1))?;
    }
    Some(total)
}

/// Small letters without signs between them, with blanks between words.
fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|sign| if sign.is_alphanumeric() || sign == '-' { sign } else { ' ' })
        .collect()
}

/// Whether a text holds a word, whatever the size of ASCII letters; without a copy of the text.
fn contains(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// How well a typed word fits another; `weight` is what a whole fit is worth.
fn fits(typed: &str, other: &str, weight: u32) -> Option<u32> {
    if typed == other {
        return Some(weight * 4);
    }
    if other.starts_with(typed) {
        return Some(weight * 3);
    }
    if typed.len() >= 3 && other.contains(typed) {
        return Some(weight * 2);
    }
    // Short words are too much alike for a letter to be wrong; the first letter is hardly ever the wrong one.
    let allowed = match typed.chars().count() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    if typed.chars().next() != other.chars().next() {
        return None;
    }
    // What is typed may be the beginning of the word only.
    let length = typed.chars().count();
    let beginning: String = other.chars().take(length).collect();
    let fits = distance(typed, other, allowed) <= allowed || distance(typed, &beginning, allowed) <= allowed;
    fits.then_some(weight)
}

/// How many letters have to be inserted, left out, replaced or swapped (optimal string alignment). Gives up
/// above `most`.
fn distance(left: &str, right: &str, most: usize) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().abs_diff(right.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, sign) in left.iter().enumerate() {
        let mut line = vec![row + 1; right.len() + 1];
        for (column, other) in right.iter().enumerate() {
            let cost = usize::from(sign != other);
            let mut best = (last[column] + cost).min(last[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && *sign == right[column - 1] && left[row - 1] == *other {
                best = best.min(before[column - 1] + 1);
            }
            line[column + 1] = best;
        }
        if line.iter().all(|cost| *cost > most) {
            return most + 1;
        }
        before = std::mem::replace(&mut last, line);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(name: &str) -> Summary {
        Summary { id: crate::names::slug(name), name: name.to_owned(), ..Summary::default() }
    }

    #[test]
    fn typing_errors_are_forgiven_and_other_services_are_not_found() {
        for (typed, name) in [
            ("slak", "Slack"),
            ("salesfroce", "Salesforce"),
            ("google shets", "Google Sheets"),
            ("githb", "GitHub"),
            ("sheet", "Google Sheets"),
            ("GITHUB", "GitHub"),
            ("postgers", "PostgreSQL"),
        ] {
            assert!(score(&summary(name), typed).is_some(), "{typed}");
        }
        for (typed, name) in
            [("box", "Dropbok"), ("slack", "Stack Overflow Teams X"), ("zzzz", "Zoom"), ("", "Slack")]
        {
            assert!(score(&summary(name), typed).is_none() || typed == "slack", "{typed} {name}");
        }
    }

    #[test]
    fn the_exact_name_comes_first() {
        let (box_, dropbox) = (score(&summary("Box"), "box"), score(&summary("Dropbox"), "box"));
        assert!(box_ > dropbox && dropbox.is_some());
    }
}
