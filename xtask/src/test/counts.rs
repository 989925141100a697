//! Reads how many tests ran from what the runners print. Their exit status alone would let a run of no test pass.

/// Passed and failed of `Summary [ 7.6s] 38 tests run: 35 passed (1 slow), 3 failed, 0 skipped`.
/// Tests that timed out count as failed.
pub(crate) fn nextest(lines: &[String]) -> Option<(u64, u64)> {
    let summary = lines.iter().rev().find(|line| line.trim_start().starts_with("Summary ["))?;
    let (_, parts) = summary.split_once(" run: ")?;
    let mut counts = (0, 0);
    for part in parts.split(", ") {
        let mut words = part.split(' ');
        let number: u64 = words.next()?.parse().ok()?;
        match words.next()? {
            "passed" => counts.0 += number,
            "skipped" => {}
            _ => counts.1 += number,
        }
    }
    Some(counts)
}

/// Passed and failed of all lines `test result: ok. 3 passed; 0 failed; 0 ignored; ...`.
pub(crate) fn libtest(lines: &[String]) -> Option<(u64, u64)> {
    let mut counts = None;
    for line in lines {
        let Some((_, parts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            continue;
        };
        let of = |word: &str| {
            let part = parts.split("; ").find(|part| part.ends_with(word))?;
            part.split(' ').next()?.parse::<u64>().ok()
        };
        let (passed, failed) = counts.unwrap_or((0, 0));
        counts = Some((passed + of(" passed")?, failed + of(" failed")?));
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_summary_of_nextest_is_read() {
        for (line, expected) in [
            ("     Summary [   7.069s] 38 tests run: 35 passed, 3 failed, 0 skipped", Some((35, 3))),
            ("     Summary [  45.6s] 7 tests run: 6 passed (1 slow), 1 timed out, 31 skipped", Some((6, 1))),
            ("     Summary [   0.5s] 5/38 tests run: 3 passed, 2 failed, 0 skipped", Some((3, 2))),
            ("     Summary [   1.0s] 1 test run: 1 passed, 0 skipped", Some((1, 0))),
            ("no summary at all", None),
        ] {
            assert_eq!(nextest(&lines(line)), expected, "{line}");
        }
    }

    #[test]
    fn all_results_of_libtest_are_added() {
        let text = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(libtest(&lines(text)), Some((4, 2)));
        assert_eq!(libtest(&lines("nothing")), None);
    }
}
