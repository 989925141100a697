//! The storage port: one trait per aggregate, and the contract suite that every adapter passes.
