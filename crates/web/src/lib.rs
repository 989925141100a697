//! The embedded user interface.
