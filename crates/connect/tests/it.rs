//! The door against real servers on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod it {
    mod admission;
    mod as_user;
    mod bombs;
    mod certificates;
    mod databases;
    mod digests;
    mod dovecot;
    mod echo;
    mod failures;
    mod files;
    mod harness;
    mod inbound;
    mod logs;
    mod mailboxes;
    mod mails;
    mod mariadb;
    mod mysql_server;
    mod mysqls;
    mod peers;
    mod pools;
    mod postgres;
    mod proxy;
    mod rebinding;
    mod redirects;
    mod signatures;
    mod statements;
    mod tls;
    mod urls;
    mod whole;
}
