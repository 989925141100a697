//! The mapped regions behind [`super::LockedKey`]: the only `unsafe` code of the crate.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap_anonymous};
use zeroize::Zeroize;

use super::Protection;
use crate::{Error, Result};

const KEY_BYTES: usize = 32;
/// A multiple of every page size in use (4, 16 and 64 KiB), and below the usual limits of locked memory.
const REGION_BYTES: usize = 64 * 1024;

/// Free slots of all regions, and what the system granted them. Regions are never unmapped: a process has as
/// many as its largest number of loaded keys needed.
struct Pool {
    free: Vec<Address>,
    protection: Option<Protection>,
}

/// The address of a slot. It points into a region that stays mapped until the process ends.
#[derive(Clone, Copy)]
struct Address(NonNull<[u8; KEY_BYTES]>);

// SAFETY: an address is only a number; each one is owned either by the pool (behind its mutex) or by exactly
// one `Slot`, so moving it to another thread cannot make two owners.
unsafe impl Send for Address {}

static POOL: Mutex<Pool> = Mutex::new(Pool { free: Vec::new(), protection: None });

fn pool() -> MutexGuard<'static, Pool> {
    // The pool's own code does not panic while it holds the lock, so its state is sound after a poisoning.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The exclusive owner of 32 bytes in a region.
pub(super) struct Slot(Address);

// SAFETY: shared access to a `Slot` only reads, and the owner is unique (see `Address`).
unsafe impl Sync for Slot {}

impl Slot {
    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        // SAFETY: the address is aligned (arrays of bytes have alignment 1), mapped and initialised for the
        // life of the process, and only this `Slot` can write to it, through `&mut self`.
        unsafe { self.0.0.as_ref() }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8; KEY_BYTES] {
        // SAFETY: as in `bytes`, and `&mut self` excludes every other borrow.
        unsafe { self.0.0.as_mut() }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.bytes_mut().zeroize();
        pool().free.push(self.0);
    }
}

/// Takes a free slot, and maps a further region when there is none.
pub(super) fn take_slot() -> Result<Slot> {
    let mut pool = pool();
    if pool.free.is_empty() {
        grow(&mut pool)?;
    }
    pool.free.pop().map(Slot).ok_or_else(|| Error::Memory("the region is empty".to_owned()))
}

pub(super) fn protection() -> Result<Protection> {
    let mut pool = pool();
    if pool.protection.is_none() {
        grow(&mut pool)?;
    }
    pool.protection.ok_or_else(|| Error::Memory("the region has no state".to_owned()))
}

fn grow(pool: &mut Pool) -> Result<()> {
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches no existing memory.
    let start = unsafe {
        mmap_anonymous(
            std::ptr::null_mut(),
            REGION_BYTES,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    }
    .map_err(|error| Error::Memory(error.to_string()))?;
    // SAFETY: the three calls name exactly the region that was just mapped; none changes its content here.
    let granted = unsafe {
        Protection {
            locked: mlock(start, REGION_BYTES).is_ok(),
            excluded_from_dumps: madvise(start, REGION_BYTES, Advice::LinuxDontDump).is_ok(),
            wiped_on_fork: madvise(start, REGION_BYTES, Advice::LinuxWipeOnFork).is_ok(),
        }
    };
    let before = pool.protection.unwrap_or(granted);
    pool.protection = Some(Protection {
        locked: before.locked && granted.locked,
        excluded_from_dumps: before.excluded_from_dumps && granted.excluded_from_dumps,
        wiped_on_fork: before.wiped_on_fork && granted.wiped_on_fork,
    });
    let first = start.cast::<[u8; KEY_BYTES]>();
    for index in 0..REGION_BYTES / KEY_BYTES {
        // SAFETY: `index` stays inside the region, so the address is inside the same allocation.
        let address = unsafe { first.add(index) };
        pool.free.extend(NonNull::new(address).map(Address));
    }
    Ok(())
}
