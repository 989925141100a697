//! What an idle process holds in memory.

use std::time::Duration;

/// How long after the start its code is let go: by then the first runs of every timer are over.
const AFTER: Duration = Duration::from_secs(2);

/// Lets the program's code that only starting needed out of memory, a little after the start.
///
/// The kernel maps sixteen pages of a program for each that is touched and keeps them while there is memory
/// (`fault_around_bytes`). After a start this is most of what the process holds, although almost none of it is
/// needed again. What is needed comes back from the page cache at its next use, which takes a microsecond.
pub(crate) fn let_start_up_code_go() {
    tokio::spawn(async {
        tokio::time::sleep(AFTER).await;
        for (start, length) in code() {
            release(start, length);
        }
    });
}

/// The mappings of the program's own code: address and length in bytes. None where the kernel does not tell them.
fn code() -> Vec<(usize, usize)> {
    let (Ok(program), Ok(maps)) =
        (std::fs::read_link("/proc/self/exe"), std::fs::read_to_string("/proc/self/maps"))
    else {
        return Vec::new();
    };
    maps.lines().filter_map(|line| code_in(line, program.to_str()?)).collect()
}

/// A line of `/proc/self/maps` (proc_pid_maps(5)), if it is code of this program that nobody can have written to.
fn code_in(line: &str, program: &str) -> Option<(usize, usize)> {
    let (range, rest) = line.split_once(' ')?;
    if !rest.starts_with("r-xp ") || !rest.ends_with(program) {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?;
    Some((start, usize::from_str_radix(end, 16).ok()?.checked_sub(start)?))
}

#[allow(unsafe_code, reason = "the kernel takes an address and a length")]
fn release(start: usize, length: usize) {
    let address = std::ptr::with_exposed_provenance_mut(start);
    // SAFETY: the range is a private mapping of the program's file that was never writable. Its pages hold what the
    // file holds, and the kernel reads them from there again when they are used next (madvise(2), MADV_DONTNEED).
    if unsafe { rustix::mm::madvise(address, length, rustix::mm::Advice::LinuxDontNeed) }.is_err() {
        tracing::debug!("the code that starting needed stays in memory");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_that_nobody_can_write_to_is_let_go() {
        let program = "/opt/flero/bin/flero";
        let line =
            |access: &str, path: &str| format!("55d0a000-55d0f000 {access} 00001000 fe:00 1234    {path}");
        assert_eq!(code_in(&line("r-xp", program), program), Some((0x55d0_a000, 0x5000)));
        for (access, path) in [
            ("r--p", program),
            ("rw-p", program),
            ("rwxp", program),
            ("r-xp", "/lib/libc.so.6"),
            ("r-xp", ""),
        ] {
            assert_eq!(code_in(&line(access, path), program), None, "{access} {path}");
        }
    }

    #[test]
    fn a_program_goes_on_when_its_code_was_let_go() {
        let found = code();
        assert!(!found.is_empty(), "the test's own code is mapped");
        for (start, length) in found {
            release(start, length);
        }
        assert_eq!(code().len(), 1);
    }
}
