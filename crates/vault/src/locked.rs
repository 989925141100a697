//! Memory for keys: page-aligned, locked against swap, left out of core dumps, wiped in child processes.
//!
//! Keys are 32 bytes in slots of 64 KiB regions; a slot is wiped when its key is dropped. Where the system
//! refuses a protection (for example `RLIMIT_MEMLOCK` is zero), keys still work and [`memory_protection`]
//! says which promise does not hold, so that the start and `flero doctor` can warn.

use std::fmt;

use crate::{Error, Result};

mod region;

use region::Slot;

/// Which protections the memory for keys has. All are true on a Linux machine with usual limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    /// The pages cannot be swapped out (`mlock`).
    pub locked: bool,
    /// The pages are left out of core dumps (`MADV_DONTDUMP`).
    pub excluded_from_dumps: bool,
    /// A child process sees zeros (`MADV_WIPEONFORK`).
    pub wiped_on_fork: bool,
}

impl Protection {
    /// A sentence for the log when a promise does not hold.
    pub fn warning(&self) -> Option<String> {
        let mut missing = Vec::new();
        if !self.locked {
            missing.push("may be swapped to disk (raise the limit with `ulimit -l` or LimitMEMLOCK)");
        }
        if !self.excluded_from_dumps {
            missing.push("may appear in core dumps");
        }
        if !self.wiped_on_fork {
            missing.push("are visible to forked processes");
        }
        (!missing.is_empty()).then(|| format!("the keys in memory {}", missing.join(", and ")))
    }
}

/// The protections of the memory for keys. Sets the memory aside if that has not happened yet.
///
/// # Errors
/// [`Error::Memory`] when none can be mapped.
pub fn memory_protection() -> Result<Protection> {
    region::protection()
}

/// 32 bytes in protected memory, wiped when dropped. No `Clone`, no `Debug` of the content.
pub struct LockedKey(Slot);

impl LockedKey {
    /// Makes a key and fills it in place.
    ///
    /// # Errors
    /// What `fill` returns, or [`Error::Memory`].
    pub fn fill_with(fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Self> {
        let mut slot = region::take_slot()?;
        fill(slot.bytes_mut())?;
        Ok(Self(slot))
    }

    /// Moves a key in from ordinary memory and wipes it there.
    ///
    /// # Errors
    /// [`Error::Refused`] when there are not exactly 32 bytes; [`Error::Memory`].
    pub fn take(bytes: &mut [u8]) -> Result<Self> {
        let result = Self::fill_with(|slot| {
            if bytes.len() != slot.len() {
                return Err(Error::Refused);
            }
            slot.copy_from_slice(bytes);
            Ok(())
        });
        zeroize::Zeroize::zeroize(bytes);
        result
    }

    /// The key itself. Keep the borrow short.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.bytes()
    }
}

impl fmt::Debug for LockedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LockedKey(..)")
    }
}
