//! The vault on a store: slots, keysets, rotation, resealing, the leak scan.

pub mod needles;
