//! The program as its users run it: a process, its files, its output, its exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod it {
    mod audit;
    mod cli;
    mod connector;
    mod demo;
    mod harness;
    mod kill;
    mod leaks;
    mod refusals;
}
