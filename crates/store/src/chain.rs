//! The hash chain of the audit trail: anyone can verify it without a key.
//!
//! `hash(n) = SHA-256("flero/audit/v1" || hash(n-1) || n || canonical bytes of n)`, with 32 zero bytes before the
//! first record and `n` as eight bytes, big-endian. One chain per workspace.

use aws_lc_rs::digest;
use flero_model::audit::AuditRecord;

/// What stands before the first record.
pub const GENESIS: [u8; 32] = [0; 32];

const LABEL: &[u8] = b"flero/audit/v1";

/// The hash of a record at a place in its chain; `canonical` is its
/// [`canonical_bytes`](flero_model::audit::NewAudit::canonical_bytes).
#[must_use]
pub fn next(previous: &[u8; 32], sequence: u64, canonical: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(LABEL);
    context.update(previous);
    context.update(&sequence.to_be_bytes());
    context.update(canonical);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Where and how a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A record is missing or stands twice.
    #[error("record {expected} is missing; found {found} in its place")]
    Gap {
        /// The place that was expected.
        expected: u64,
        /// The place that was found.
        found: u64,
    },
    /// A record or its hash was changed.
    #[error("record {sequence} was changed after it was written")]
    Changed {
        /// The record.
        sequence: u64,
    },
}

/// Verifies records that follow each other, from the state before them.
///
/// # Errors
/// [`Broken`] at the first record that does not fit.
pub fn verify<'a>(
    mut previous: [u8; 32],
    mut sequence: u64,
    records: impl IntoIterator<Item = &'a AuditRecord>,
) -> std::result::Result<([u8; 32], u64), Broken> {
    for record in records {
        sequence += 1;
        if record.sequence != sequence {
            return Err(Broken::Gap { expected: sequence, found: record.sequence });
        }
        previous = next(&previous, sequence, &record.event.canonical_bytes());
        if previous != record.hash {
            return Err(Broken::Changed { sequence });
        }
    }
    Ok((previous, sequence))
}
