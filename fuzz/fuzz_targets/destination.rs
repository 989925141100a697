//! Any text as the URL of a call or as an allowed host; see `checks/destination.rs`.
#![no_main]

#[path = "../checks/destination.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|text: &str| check::destination(text));
