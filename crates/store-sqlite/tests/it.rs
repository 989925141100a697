//! Tests of the SQLite adapter: the suite that every adapter passes, and what only this one must hold.

#[path = "it/contract.rs"]
mod contract;
