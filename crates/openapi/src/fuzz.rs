//! The fuzz target of API descriptions without a fuzzer: over its corpus, and over its corpus with damage.

use proptest::prelude::*;

#[path = "../../../fuzz/checks/description.rs"]
mod check;

fn corpus() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/description");
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn the_corpus_of_the_fuzz_target_holds_what_it_promises() {
    let corpus = corpus();
    assert!(corpus.len() > 10, "{}", corpus.len());
    corpus.iter().for_each(|bytes| check::description(bytes));
}

fn cases() -> u32 {
    if std::env::var_os("FLERO_SOAK").is_some() { 1_000_000 } else { 1_000 }
}

/// A description of which a piece was replaced by a piece of another one.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let corpus = corpus();
    let one = prop::sample::select(corpus.clone());
    let other = prop::sample::select(corpus);
    let place = any::<prop::sample::Index>;
    (one, other, place(), place(), 0_usize..80).prop_map(|(mut one, other, at, from, length)| {
        let at = at.index(one.len());
        let from = from.index(other.len());
        let end = (at + length).min(one.len());
        let piece = &other[from..(from + length).min(other.len())];
        one.splice(at..end, piece.iter().copied());
        one
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_descriptions_hold_what_the_fuzz_target_promises(bytes in damaged()) {
        check::description(&bytes);
    }
}
