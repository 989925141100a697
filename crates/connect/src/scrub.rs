//! The scrubber: replaces every needle (a secret in one of its encodings) in what a service answers.
//!
//! It is the net under the trapeze: the engine never holds the secret, and an answer that echoes it is cleaned
//! before anything is stored, shown or passed on. Matches may overlap (the same secret in two encodings), so
//! every match is found and overlapping ones are covered by one marker; a search that stops at the first match
//! would leave the tail of the second.
//!
//! The search follows Wu and Manber, "A fast algorithm for multi-pattern searching" (1994): every needle is at
//! least [`MIN_NEEDLE_LEN`] bytes long, so the text is read in steps of up to seven bytes.

use std::{fmt, ops::Range};

use bytes::{Bytes, BytesMut};
use zeroize::Zeroizing;

mod head;
mod stream;

pub use stream::StreamScrubber;

/// What stands in the place of a secret, everywhere.
pub const MARKER: &str = "[REDACTED]";

/// The shortest needle that is searched for in bodies, in bytes. Shorter secrets would blank out ordinary text;
/// they are replaced only where a whole header value is the secret.
pub const MIN_NEEDLE_LEN: usize = 8;

/// Two bytes decide how far the search can step; seven is the most for windows of eight bytes.
const BLOCK_LEN: usize = 2;
const MAX_STEP: u8 = (MIN_NEEDLE_LEN - BLOCK_LEN + 1) as u8;
const SLOTS: usize = 8192;

/// A set of needles, compiled. Building costs some microseconds; it is kept for up to a minute per credential
/// and secret revision. It holds secrets and wipes them when dropped.
pub struct Scrubber {
    needles: Vec<Zeroizing<Vec<u8>>>,
    /// The first eight bytes of each needle and its place in `needles`, sorted.
    anchors: Zeroizing<Vec<(u64, u32)>>,
    /// How far a window may move on, by the last two bytes in it.
    steps: Zeroizing<Vec<u8>>,
    /// Whether a needle may begin with these two bytes; spares most comparisons at the end of a chunk.
    begins: Zeroizing<Vec<bool>>,
    /// Whole header values that are replaced although they are short.
    exact: Vec<Zeroizing<Vec<u8>>>,
    longest: usize,
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scrubber({} needles)", self.needles.len())
    }
}

const fn slot(first: u8, second: u8) -> usize {
    (first as usize) ^ ((second as usize) << 5)
}

fn anchor(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<MIN_NEEDLE_LEN>().map(|chunk| u64::from_le_bytes(*chunk))
}

impl Scrubber {
    /// Compiles needles. Those shorter than [`MIN_NEEDLE_LEN`] are replaced only as whole header values, as are
    /// the values in `exact`, which are the header values as they are sent, prefix included.
    #[must_use]
    pub fn new(needles: Vec<Zeroizing<Vec<u8>>>, exact: Vec<Zeroizing<Vec<u8>>>) -> Self {
        let (mut long, short): (Vec<_>, Vec<_>) =
            needles.into_iter().partition(|needle| needle.len() >= MIN_NEEDLE_LEN);
        long.sort_unstable_by(|left, right| left.as_slice().cmp(right));
        long.dedup_by(|left, right| left.as_slice() == right.as_slice());
        let mut steps = Zeroizing::new(vec![MAX_STEP; SLOTS]);
        let mut begins = Zeroizing::new(vec![false; SLOTS]);
        let mut anchors = Zeroizing::new(Vec::with_capacity(long.len()));
        for (place, needle) in (0_u32..).zip(&long) {
            for start in 0..=MIN_NEEDLE_LEN - BLOCK_LEN {
                let step = &mut steps[slot(needle[start], needle[start + 1])];
                *step = (*step).min((MIN_NEEDLE_LEN - BLOCK_LEN - start) as u8);
            }
            begins[slot(needle[0], needle[1])] = true;
            anchors.extend(anchor(needle).map(|anchor| (anchor, place)));
        }
        anchors.sort_unstable();
        let longest = long.iter().map(|needle| needle.len()).max().unwrap_or_default();
        let exact = short.into_iter().chain(exact).filter(|value| !value.is_empty()).collect();
        Self { needles: long, anchors, steps, begins, exact, longest }
    }

    /// Whether there is nothing to search for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty() && self.exact.is_empty()
    }

    /// Whether a needle stands anywhere in the text.
    #[must_use]
    pub fn finds(&self, text: &[u8]) -> bool {
        self.next_match(text, 0).is_some()
    }

    /// The text with every match replaced by [`MARKER`]. A clean text is given back without a copy.
    #[must_use]
    pub fn scrub(&self, text: Bytes) -> Bytes {
        let redactions = self.redactions(&text);
        if redactions.is_empty() {
            return text;
        }
        let mut out = BytesMut::with_capacity(text.len());
        let mut written = 0;
        for covered in redactions {
            out.extend_from_slice(&text[written..covered.start]);
            out.extend_from_slice(MARKER.as_bytes());
            written = covered.end;
        }
        out.extend_from_slice(&text[written..]);
        out.freeze()
    }

    /// Every place that a match covers, in order; overlapping matches are one place.
    fn redactions(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        while let Some(found) = self.next_match(text, from) {
            from = found.start + 1;
            match places.last_mut() {
                Some(last) if found.start < last.end => last.end = last.end.max(found.end),
                _ => places.push(found),
            }
        }
        places
    }

    /// The first match that begins at `from` or later; at one place the longest.
    fn next_match(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        if self.needles.is_empty() {
            return None;
        }
        let steps = self.steps.as_slice();
        let mut end = from + MIN_NEEDLE_LEN;
        while end <= text.len() {
            let step = steps.get(slot(text[end - 2], text[end - 1])).copied().unwrap_or(1);
            if step != 0 {
                end += usize::from(step);
                continue;
            }
            let start = end - MIN_NEEDLE_LEN;
            if let Some(len) = self.longest_at(&text[start..]) {
                return Some(start..start + len);
            }
            end += 1;
        }
        None
    }

    /// The length of the longest needle that the text begins with.
    fn longest_at(&self, text: &[u8]) -> Option<usize> {
        let wanted = anchor(text)?;
        let first = self.anchors.partition_point(|(anchor, _)| *anchor < wanted);
        self.anchors[first..]
            .iter()
            .take_while(|(anchor, _)| *anchor == wanted)
            .filter_map(|(_, place)| self.needles.get(*place as usize))
            .filter(|needle| text.starts_with(needle))
            .map(|needle| needle.len())
            .max()
    }

    /// Where in `tail` a needle may begin that the text after `tail` completes; `tail.len()` if nowhere.
    fn unfinished_from(&self, tail: &[u8]) -> usize {
        let first = (tail.len() + 1).saturating_sub(self.longest);
        (first..tail.len())
            .find(|start| {
                let rest = &tail[*start..];
                let may_begin = match rest {
                    [first, second, ..] => self.begins.get(slot(*first, *second)).copied().unwrap_or(true),
                    _ => true,
                };
                may_begin
                    && self.needles.iter().any(|needle| needle.len() > rest.len() && needle.starts_with(rest))
            })
            .unwrap_or(tail.len())
    }
}

#[cfg(test)]
mod tests;
