//! The engine on the real database, the real vault and real services on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod it {
    #[path = "../../../connect/tests/it/as_user.rs"]
    mod as_user;
    mod connectors;
    mod crash;
    mod credentials;
    mod databases;
    #[allow(dead_code)]
    #[path = "../../../connect/tests/it/dovecot.rs"]
    mod dovecot;
    mod files;
    mod harness;
    mod mails;
    #[path = "../../../connect/tests/it/mariadb.rs"]
    mod mariadb;
    mod operations;
    mod pages;
    #[allow(dead_code)]
    #[path = "../../../connect/tests/it/peers.rs"]
    mod peers;
    mod policies;
    #[path = "../../../connect/tests/it/postgres.rs"]
    mod postgres;
    mod runs;
    mod schedules;
    mod service;
    mod triggers;
}
