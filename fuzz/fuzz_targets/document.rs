//! Any JSON as a workflow document; see `checks/document.rs`.
#![no_main]

#[path = "../checks/document.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|text: &str| check::document(text));
