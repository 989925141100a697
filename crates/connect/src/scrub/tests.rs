use std::sync::Arc;

use aho_corasick::AhoCorasick;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;

fn scrubber(needles: &[&[u8]]) -> Scrubber {
    Scrubber::new(needles.iter().map(|needle| Zeroizing::new(needle.to_vec())).collect(), Vec::new())
}

/// The same by another library: every overlapping match, merged, replaced.
fn reference(needles: &[Vec<u8>], text: &[u8]) -> Vec<u8> {
    let mut covered = vec![false; text.len()];
    let mut begins = vec![false; text.len()];
    let long: Vec<_> = needles.iter().filter(|needle| needle.len() >= MIN_NEEDLE_LEN).collect();
    if long.is_empty() {
        return text.to_vec();
    }
    let mut places: Vec<Range<usize>> = AhoCorasick::new(&long)
        .expect("needles compile")
        .find_overlapping_iter(text)
        .map(|found| found.range())
        .collect();
    places.sort_by_key(|place| place.start);
    let mut end = 0;
    for place in places {
        if place.start >= end {
            begins[place.start] = true;
        }
        end = end.max(place.end);
        covered[place].fill(true);
    }
    let mut out = Vec::new();
    for (place, byte) in text.iter().enumerate() {
        if begins[place] {
            out.extend_from_slice(MARKER.as_bytes());
        }
        if !covered[place] {
            out.push(*byte);
        }
    }
    out
}

#[test]
fn a_clean_text_is_not_copied() {
    let text = Bytes::from_static(b"nothing to see here, twice nothing");
    let clean = scrubber(&[b"canary-token-1"]).scrub(text.clone());
    assert_eq!(clean.as_ptr(), text.as_ptr());
}

#[test]
fn overlapping_matches_leave_no_tail() {
    let scrubber = scrubber(&[b"abcdefgh", b"efghijklmn"]);
    assert_eq!(scrubber.scrub(Bytes::from_static(b"<abcdefghijklmn>")), "<[REDACTED]>");
}

#[test]
fn a_short_secret_is_replaced_only_as_a_whole_header_value() {
    let scrubber =
        Scrubber::new(vec![Zeroizing::new(b"1234".to_vec())], vec![Zeroizing::new(b"Key 1234".to_vec())]);
    let mut headers = HeaderMap::new();
    headers.insert("x-echo", HeaderValue::from_static("1234"));
    headers.insert("x-prefixed", HeaderValue::from_static("Key 1234"));
    headers.insert("x-count", HeaderValue::from_static("12345"));
    scrubber.scrub_headers(&mut headers);
    assert_eq!(headers["x-echo"], MARKER);
    assert_eq!(headers["x-prefixed"], MARKER);
    assert_eq!(headers["x-count"], "12345");
    assert_eq!(scrubber.scrub(Bytes::from_static(b"1234")), "1234");
}

#[test]
fn a_field_whose_name_is_the_secret_is_left_out() {
    let mut headers = HeaderMap::new();
    headers.insert("x-canary-token-1", HeaderValue::from_static("1"));
    scrubber(&[b"Canary-Token-1"]).scrub_headers(&mut headers);
    assert!(headers.is_empty());
}

#[test]
fn an_event_is_passed_on_at_once() {
    let mut stream = StreamScrubber::new(Arc::new(scrubber(&[b"canary-token-1"])));
    assert_eq!(stream.push(Bytes::from_static(b"data: one\n\n")), "data: one\n\n");
    assert_eq!(stream.push(Bytes::from_static(b"data: can")), "data: ");
    assert_eq!(stream.push(Bytes::from_static(b"cel\n\n")), "cancel\n\n");
    assert_eq!(stream.finish(), "");
}

#[test]
fn a_chain_of_matches_holds_little_back() {
    let mut stream = StreamScrubber::new(Arc::new(scrubber(&[b"aaaaaaaa"])));
    let mut out = Vec::new();
    for _ in 0..1000 {
        out.extend_from_slice(&stream.push(Bytes::from_static(b"aaaaaaaaaaaaa")));
        assert!(stream.held.len() < 8);
    }
    out.extend_from_slice(&stream.finish());
    assert_eq!(out, MARKER.as_bytes());
}

#[test]
fn needles_are_not_shown() {
    assert!(!format!("{:?}", scrubber(&[b"canary-token-1"])).contains("canary"));
}

/// Needles and texts over few letters, so that matches overlap in every way.
fn few_letters(len: Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'b')], len)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("FLERO_SOAK").is_some() { 200_000 } else { 1_000 }))]

    /// Security test 37: what is found is what another library finds, overlaps included.
    #[test]
    fn the_search_agrees_with_aho_corasick(needles in proptest::collection::vec(few_letters(6..14), 1..5), text in few_letters(0..80)) {
        let ours = Scrubber::new(needles.iter().cloned().map(Zeroizing::new).collect(), Vec::new());
        prop_assert_eq!(ours.scrub(Bytes::from(text.clone())).to_vec(), reference(&needles, &text));
    }

    /// Security test 37: a body is scrubbed alike wherever it is split.
    #[test]
    fn a_split_changes_nothing(
        needles in proptest::collection::vec(few_letters(8..14), 1..5),
        pieces in proptest::collection::vec(few_letters(0..20), 0..12),
    ) {
        let ours = Arc::new(Scrubber::new(needles.into_iter().map(Zeroizing::new).collect(), Vec::new()));
        let whole = ours.scrub(Bytes::from(pieces.concat()));
        let mut stream = StreamScrubber::new(Arc::clone(&ours));
        let mut out = Vec::new();
        for piece in pieces {
            out.extend_from_slice(&stream.push(Bytes::from(piece)));
        }
        out.extend_from_slice(&stream.finish());
        prop_assert_eq!(out, whole.to_vec());
    }

    /// Any bytes, long needles: the same against the other library.
    #[test]
    fn any_bytes_agree_with_aho_corasick(
        needles in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 8..40), 1..30),
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        order in proptest::collection::vec((any::<prop::sample::Index>(), 0..40_usize, any::<prop::sample::Index>()), 0..6),
    ) {
        let mut text = noise;
        for (needle, cut, place) in order {
            let needle = needle.get(&needles);
            let at = place.index(text.len() + 1);
            let part = needle[..needle.len() - cut.min(needle.len()) / 4].to_vec();
            text.splice(at..at, part);
        }
        let ours = Scrubber::new(needles.iter().cloned().map(Zeroizing::new).collect(), Vec::new());
        prop_assert_eq!(ours.scrub(Bytes::from(text.clone())).to_vec(), reference(&needles, &text));
    }
}
