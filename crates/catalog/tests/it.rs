//! The built-in connectors, all of them, by one set of rules.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod it {
    mod catalog;
    mod compliance;
    mod errors;
    mod prism;
    mod validator;
}
