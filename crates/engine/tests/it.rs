//! The engine on the real database, the real vault and real services on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod it {
    mod crash;
    mod credentials;
    mod harness;
    mod pages;
    mod policies;
    mod runs;
    mod schedules;
    mod service;
    mod triggers;
}
