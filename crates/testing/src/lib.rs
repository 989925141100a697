//! One harness for tests: the real router, store, vault, door and engine, a stopped clock, upstream servers.
//!
//! Each [`TestServer`] has a folder, a database and a port of its own, so that tests run side by side. Nothing of
//! Flero is replaced but the clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod clock;
mod events;
mod openid;
mod provider;
mod server;
mod service;

pub use client::{Answer, Client, LiveEvents};
pub use clock::StoppedClock;
pub use events::{EventService, Hook, signature};
pub use openid::{Forgery, OPENID_CLIENT, OPENID_SECRET, OpenidProvider};
pub use provider::{CLIENT_ID, CLIENT_SECRET, Misbehaviour, Provider};
pub use server::{PASSWORD, TestServer};
pub use service::{Seen, Service};
