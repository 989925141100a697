//! Settings of the whole process that keep keys out of core dumps. The binary calls this first.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// What [`harden_process`] achieved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hardening {
    /// What the system refused, each as a sentence for the log. Empty when everything holds.
    pub warnings: Vec<String>,
}

/// Makes the process not dumpable (no core file, no `ptrace` by other processes of the same user) and sets the
/// limit for core files to zero, also for children.
///
/// Refusals are returned, not ignored and not fatal: a container without the right still runs, and says so.
pub fn harden_process() -> Hardening {
    let mut warnings = Vec::new();
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        warnings
            .push(format!("the process could not be made undumpable ({error}); keys may end up in a core"));
    }
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        warnings.push(format!("core files could not be switched off ({error}); set LimitCORE=0"));
    }
    Hardening { warnings }
}
