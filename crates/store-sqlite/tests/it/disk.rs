//! A disk that fails when it is told to, and that can lose its power.
//!
//! SQLite reaches the disk through a VFS, a table of functions (<https://sqlite.org/vfs.html>). This one wraps
//! the default: for files whose path holds [`MARK`] it counts writes, truncations and flushes, fails one of them
//! when told to, and keeps beside each file what the disk would hold if the power went now: the file at its last
//! flush, and the writes since then, of which any part may have reached the disk. It flushes nothing really, so
//! that a test may cut the power a hundred times a second.

#![allow(unsafe_code)]

use std::{
    collections::HashMap,
    ffi::{CStr, c_char, c_int, c_void},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use rusqlite::ffi::{
    SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE, SQLITE_OK, sqlite3_file,
    sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

/// What the path of a watched file holds.
pub(crate) const MARK: &str = "watched-disk";

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The disk is full.
    Full,
    /// The disk reports an error and has written nothing.
    Error,
    /// The disk reports an error and has written the first half.
    Torn,
}

/// What the disk is to do and has done.
#[derive(Default)]
struct State {
    /// Operations until the first one fails; `None` for a disk that works.
    left: Option<u64>,
    fault: Option<Fault>,
    /// Whether all operations fail from then on, or that one alone.
    lasting: bool,
    /// Whether one has failed.
    has_failed: bool,
    /// Whether it is kept what a power loss would leave.
    has_shadow: bool,
    /// Open files by SQLite's handle.
    open: HashMap<usize, PathBuf>,
    /// What is safe on the disk, and what is on its way there.
    stored: HashMap<PathBuf, Stored>,
}

#[derive(Default, Clone)]
struct Stored {
    flushed: Vec<u8>,
    pending: Vec<Change>,
}

/// What is on its way to the disk.
#[derive(Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { length: usize },
}

impl Change {
    fn apply(self, file: &mut Vec<u8>) {
        match self {
            Self::Truncate { length } => file.truncate(length),
            Self::Write { offset, bytes } => {
                if file.len() < offset + bytes.len() {
                    file.resize(offset + bytes.len(), 0);
                }
                file[offset..offset + bytes.len()].copy_from_slice(&bytes);
            }
        }
    }
}

static STATE: Mutex<Option<State>> = Mutex::new(None);
static TURN: Mutex<()> = Mutex::new(());

fn state() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn with<T>(work: impl FnOnce(&mut State) -> T) -> T {
    work(state().get_or_insert_default())
}

/// The watched disk; one test at a time has it.
pub(crate) struct Disk {
    _turn: MutexGuard<'static, ()>,
}

impl Disk {
    /// Waits for its turn and begins with a disk that works.
    pub(crate) fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(register);
        with(|state| *state = State::default());
        Self { _turn: turn }
    }

    /// Lets the `nth` operation from now on (from 0) fail, and all after it if it is lasting.
    pub(crate) fn fail_at(&self, nth: u64, fault: Fault, lasting: bool) {
        with(|state| {
            (state.left, state.fault, state.lasting, state.has_failed) =
                (Some(nth), Some(fault), lasting, false);
        });
    }

    /// Repairs the disk; tells whether an operation had failed.
    pub(crate) fn repair(&self) -> bool {
        with(|state| {
            state.left = None;
            state.has_failed
        })
    }

    /// Keeps, for files that are opened from now on, what a power loss would leave of them.
    pub(crate) fn prepare_power_loss(&self) {
        with(|state| state.has_shadow = true);
    }

    /// Writes into a folder what the disk holds if the power goes now. The seed decides which of the writes that
    /// were not flushed have reached it: none for 0, else about half of them, some cut off at a sector.
    pub(crate) fn lose_power(&self, target: &Path, seed: u64) {
        let stored = with(|state| state.stored.clone());
        let mut seed = seed;
        for (path, stored) in stored {
            let bytes = after_power_loss(stored, &mut seed);
            fs::write(target.join(path.file_name().unwrap()), bytes).unwrap();
        }
    }
}

fn after_power_loss(stored: Stored, seed: &mut u64) -> Vec<u8> {
    let mut bytes = stored.flushed;
    if *seed == 0 {
        return bytes;
    }
    for mut change in stored.pending {
        // xorshift64 (Marsaglia 2003): good enough to choose, and the same for the same seed.
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        match *seed % 4 {
            0 | 1 => continue,
            2 => {
                if let Change::Write { bytes, .. } = &mut change {
                    bytes.truncate(bytes.len() / 1_024 * 512);
                }
            }
            _ => {}
        }
        change.apply(&mut bytes);
    }
    bytes
}

/// The wrapped functions of a file; the original ones stand behind them.
#[repr(C)]
struct Wrapped {
    methods: sqlite3_io_methods,
    original: *const sqlite3_io_methods,
}

type Open =
    unsafe extern "C" fn(*mut sqlite3_vfs, *const c_char, *mut sqlite3_file, c_int, *mut c_int) -> c_int;

type Delete = unsafe extern "C" fn(*mut sqlite3_vfs, *const c_char, c_int) -> c_int;

static ORIGINAL: Mutex<Option<(Open, Delete)>> = Mutex::new(None);

fn register() {
    // SAFETY: the default VFS exists and lives as long as the process; the copy is leaked and so does it too.
    unsafe {
        let default = sqlite3_vfs_find(std::ptr::null());
        *ORIGINAL.lock().unwrap() = (*default).xOpen.zip((*default).xDelete);
        let mut copy = Box::new(*default);
        copy.xOpen = Some(open);
        copy.xDelete = Some(delete);
        copy.zName = c"watched".as_ptr();
        copy.pNext = std::ptr::null_mut();
        assert_eq!(sqlite3_vfs_register(Box::leak(copy), 1), SQLITE_OK);
    }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let original = ORIGINAL.lock().unwrap_or_else(PoisonError::into_inner).unwrap().0;
    // SAFETY: SQLite's own arguments are handed on to its own function.
    let code = unsafe { original(vfs, name, file, flags, out) };
    if code != SQLITE_OK || name.is_null() {
        return code;
    }
    // SAFETY: a name that is not null is a C string that lives as long as the file is open.
    let path = PathBuf::from(unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned());
    if !path.to_string_lossy().contains(MARK) {
        return code;
    }
    with(|state| {
        state.open.insert(file as usize, path.clone());
        if state.has_shadow {
            let flushed = fs::read(&path).unwrap_or_default();
            state.stored.entry(path).or_insert(Stored { flushed, pending: Vec::new() });
        }
    });
    // SAFETY: after a successful open the file has its table of functions. The new one is leaked, so it lives as
    // long as the file; its first field is such a table, so SQLite may use it as one.
    unsafe {
        let original = (*file).pMethods;
        let mut methods = *original;
        methods.xWrite = Some(write);
        methods.xTruncate = Some(truncate);
        methods.xSync = Some(sync);
        methods.xClose = Some(close);
        (*file).pMethods = (&raw const *Box::leak(Box::new(Wrapped { methods, original }))).cast();
    }
    code
}

/// The functions that were there before.
unsafe fn original(file: *mut sqlite3_file) -> &'static sqlite3_io_methods {
    // SAFETY: only files that `open` wrapped have the functions below, and both tables are never freed.
    unsafe { &*(*(*file).pMethods.cast::<Wrapped>()).original }
}

/// Counts an operation down; the fault when it is to fail.
fn count() -> Option<Fault> {
    with(|state| {
        let left = state.left.as_mut()?;
        if *left > 0 {
            *left -= 1;
            return None;
        }
        if state.has_failed && !state.lasting {
            return None;
        }
        state.has_failed = true;
        state.fault
    })
}

/// Notes what is on its way to the disk.
fn note(file: *mut sqlite3_file, change: Change) {
    with(|state| {
        let path = &state.open[&(file as usize)];
        if let Some(stored) = state.stored.get_mut(path) {
            stored.pending.push(change);
        }
    });
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    let original = ORIGINAL.lock().unwrap_or_else(PoisonError::into_inner).unwrap().1;
    // SAFETY: SQLite's own arguments are handed on to its own function; the name is a C string.
    unsafe {
        let path = PathBuf::from(CStr::from_ptr(name).to_string_lossy().into_owned());
        with(|state| state.stored.remove(&path));
        original(vfs, name, sync_folder)
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    offset: i64,
) -> c_int {
    let fault = count();
    let written = match fault {
        Some(Fault::Full) => return SQLITE_FULL,
        Some(Fault::Error) => return SQLITE_IOERR_WRITE,
        Some(Fault::Torn) => length / 2,
        None => length,
    };
    // SAFETY: SQLite hands over so many bytes, and its own function takes as many or fewer.
    let (copy, code) = unsafe {
        let copy = std::slice::from_raw_parts(bytes.cast::<u8>(), written as usize).to_vec();
        (copy, original(file).xWrite.unwrap()(file, bytes, written, offset))
    };
    note(file, Change::Write { offset: offset as usize, bytes: copy });
    if fault.is_some() { SQLITE_IOERR_WRITE } else { code }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: i64) -> c_int {
    if count().is_some() {
        return SQLITE_IOERR_TRUNCATE;
    }
    note(file, Change::Truncate { length: length as usize });
    // SAFETY: SQLite's own arguments are handed on to its own function.
    unsafe { original(file).xTruncate.unwrap()(file, length) }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    if count().is_some() {
        return SQLITE_IOERR_FSYNC;
    }
    with(|state| {
        let path = &state.open[&(file as usize)];
        if let Some(stored) = state.stored.get_mut(path) {
            for change in std::mem::take(&mut stored.pending) {
                change.apply(&mut stored.flushed);
            }
        }
    });
    SQLITE_OK
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    with(|state| state.open.remove(&(file as usize)));
    // SAFETY: SQLite's own arguments are handed on to its own function.
    unsafe { original(file).xClose.unwrap()(file) }
}
