//! Any bytes as an API description; see `checks/description.rs`.
#![no_main]

#[path = "../checks/description.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::description(bytes));
