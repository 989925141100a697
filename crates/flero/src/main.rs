//! The program: configuration, commands, wiring.

fn main() {}
