//! Gives every right of this process away, for good.

use serde::{Deserialize, Serialize};

use crate::config::Limits;

/// Which defences stand. The others (limits, no new privileges, filter) stand always, or no code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defences {
    /// The child has user, network, IPC and host-name namespaces of its own. Many containers forbid this;
    /// the system-call filter alone then keeps it from the network.
    pub namespaces: bool,
}

/// A defence that could not be put up.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {cause}")]
pub(crate) struct Denied {
    pub(crate) what: &'static str,
    pub(crate) cause: String,
}

/// Gives every right away. Memory may grow by twice the engine's limit above what the process has now, which
/// leaves room for the input, the result and their JSON.
#[cfg(target_os = "linux")]
pub(super) fn apply(limits: &Limits, cpu_seconds: u64) -> Result<Defences, Denied> {
    use rustix::process::{DumpableBehavior, Resource, Signal};
    use rustix::thread::{CapabilitySet, CapabilitySets};

    super::ffi::close_other_files().map_err(denied("closing inherited files"))?;
    if threads().map_err(denied("counting threads"))? != 1 {
        return Err(Denied {
            what: "starting the sandbox",
            cause: "the process has more than one thread; call child_main first".into(),
        });
    }
    super::ffi::use_utc();
    let address_space = address_space_bytes().map_err(denied("reading the memory size"))?;

    let namespaces = super::ffi::leave_namespaces().is_ok();
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    rustix::thread::set_capabilities(None, sets).map_err(denied("dropping capabilities"))?;
    // A change of credentials resets both of these, so they come after it.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(denied("tying the process to its parent"))?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(denied("forbidding dumps"))?;

    let room = (limits.memory_bytes as u64).saturating_mul(2).saturating_add(64 << 20);
    let room = room.saturating_add((limits.input_bytes + limits.output_bytes) as u64 * 3);
    for (resource, value) in [
        (Resource::As, address_space.saturating_add(room)),
        (Resource::Cpu, cpu_seconds),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, 3),
        (Resource::Nproc, 0),
        (Resource::Memlock, 0),
    ] {
        limit(resource, value).map_err(denied("setting a resource limit"))?;
    }
    rustix::thread::set_no_new_privs(true).map_err(denied("forbidding new privileges"))?;
    super::syscalls::filter()?;
    Ok(Defences { namespaces })
}

/// Sandboxed code needs the limits of the Linux kernel.
#[cfg(not(target_os = "linux"))]
pub(super) fn apply(_limits: &Limits, _cpu_seconds: u64) -> Result<Defences, Denied> {
    Err(Denied { what: "starting the sandbox", cause: "Code nodes run on Linux only".into() })
}

/// Sets the soft and the hard limit; a hard limit that is already lower stays.
#[cfg(target_os = "linux")]
fn limit(resource: rustix::process::Resource, value: u64) -> std::io::Result<()> {
    use rustix::process::{Rlimit, getrlimit, setrlimit};
    let value = getrlimit(resource).maximum.map_or(value, |hard| hard.min(value));
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

/// How many threads this process has.
#[cfg(target_os = "linux")]
fn threads() -> std::io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/task")?.count())
}

/// The address space this process has mapped, in bytes. An allocator may have reserved far more than it uses.
#[cfg(target_os = "linux")]
fn address_space_bytes() -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let field = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kib = field.and_then(|field| field.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| std::io::Error::other("the kernel reports no VmSize"))
}

/// Names the defence that an error belongs to.
#[cfg(target_os = "linux")]
fn denied<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> Denied {
    move |error| Denied { what, cause: error.to_string() }
}
