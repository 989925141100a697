//! The suite that every adapter must pass unchanged.
