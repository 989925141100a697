//! The few calls that Rust cannot check, each with the reason why it is sound here.
#![allow(unsafe_code)]

use rquickjs::module::Declared;
use rquickjs::{Ctx, Module, qjs};

/// Bytecode that [`super::program`] wrote in this process; nothing else can be made into one.
pub(super) struct Bytecode(Vec<u8>);

/// Compiles `source` as a module and keeps its bytecode.
pub(super) fn compile(ctx: Ctx<'_>, name: &str, source: &str) -> rquickjs::Result<Bytecode> {
    let module = Module::declare(ctx, name, source)?;
    module.write(rquickjs::WriteOptions::default()).map(Bytecode)
}

/// Loads bytecode into a context.
pub(super) fn load<'js>(ctx: &Ctx<'js>, code: &Bytecode) -> rquickjs::Result<Module<'js, Declared>> {
    // SAFETY: the engine trusts bytecode. This one was written by the same engine in this process: `Bytecode`
    // has a private field and `compile` is its only maker.
    unsafe { Module::load(ctx.clone(), &code.0) }
}

/// Adds `BigInt` and `atob`/`btoa`, for which the wrapper has no names.
pub(super) fn add_intrinsics(ctx: &Ctx<'_>) {
    // SAFETY: the pointer is the live context that `ctx` borrows, and both functions only add globals.
    unsafe {
        qjs::JS_AddIntrinsicBigInt(ctx.as_raw().as_ptr());
        qjs::JS_AddIntrinsicAToB(ctx.as_raw().as_ptr());
    }
}

/// CPU time of this process, in milliseconds.
#[cfg(target_os = "linux")]
pub(super) fn cpu_ms() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a local that outlives the call.
    let done = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    let ms = time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000);
    if done == 0 { u64::try_from(ms).unwrap_or(0) } else { 0 }
}

/// No child serves calls on other systems.
#[cfg(not(target_os = "linux"))]
pub(super) fn cpu_ms() -> u64 {
    0
}

/// Sets the time zone of this process to UTC, so that no date function ever opens a zone file.
#[cfg(target_os = "linux")]
pub(super) fn use_utc() {
    unsafe extern "C" {
        // The C library has it (POSIX), the `libc` crate does not declare it for this target.
        fn tzset();
    }
    // SAFETY: changing the environment is sound while the process has one thread, and `lock::apply` has made
    // sure that it does. `tzset` only reads what was set.
    unsafe {
        std::env::set_var("TZ", "UTC0");
        tzset();
    }
}

/// Closes every descriptor but the three standard ones.
#[cfg(target_os = "linux")]
pub(super) fn close_other_files() -> std::io::Result<()> {
    // SAFETY: this process has read its setup and owns no descriptor above 2: the binary calls `child_main`
    // before it opens anything, so nothing that believes to own one is closed behind its back.
    let done = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
    if done == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// Moves this process into user, network, IPC and host-name namespaces of its own.
#[cfg(target_os = "linux")]
pub(super) fn leave_namespaces() -> std::io::Result<()> {
    use rustix::thread::{UnshareFlags, unshare_unsafe};
    let all = UnshareFlags::NEWUSER | UnshareFlags::NEWNET | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    // SAFETY: the flags share no memory and no descriptors anew; only `CLONE_FILES` would be unsound.
    unsafe { unshare_unsafe(all) }.map_err(Into::into)
}
