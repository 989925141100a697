//! The program as its users run it: a process, its files, its output, its exit codes.

mod it {
    mod cli;
    mod demo;
    mod harness;
    mod kill;
    mod leaks;
    mod refusals;
}
