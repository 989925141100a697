//! Any text as a field; see `checks/expression.rs`.
#![no_main]

#[path = "../checks/expression.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|text: &str| check::expression(text));
