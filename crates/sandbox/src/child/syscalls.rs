//! The system calls a child may make, as two filters of which the kernel takes the stricter answer.
//!
//! The first is a list of what may happen: reading the one pipe, writing the other, memory, time, the end.
//! Everything else fails with `EPERM`, so that a library which tries something harmless (a zone file, a
//! thread name) carries on without it. The second names what only an attack would try; it ends the process,
//! so that the server sees `SIGSYS` and can say so.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::Denied;

/// Allowed whatever the arguments are: they touch nothing but this process.
const FREE: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
];

/// Ends the process: a new program, a new task, the network, another process, the kernel itself.
const DEADLY: &[c_long] = &[
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_add_key,
    libc::SYS_bind,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_connect,
    libc::SYS_delete_module,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_kill,
    libc::SYS_listen,
    libc::SYS_memfd_create,
    libc::SYS_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_open,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_request_key,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setns,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];

/// Puts both filters up, for every thread. There is no way back. The allow-list comes last, because it denies
/// the installing of filters too.
pub(super) fn filter() -> Result<(), Denied> {
    for program in [kill_list().map_err(denied)?, allow_list().map_err(denied)?] {
        seccompiler::apply_filter_all_threads(&program).map_err(|error| denied(error.to_string()))?;
    }
    Ok(())
}

/// What may happen; everything else fails with `EPERM`.
fn allow_list() -> Result<BpfProgram, String> {
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> = FREE.iter().map(|&call| (call, vec![])).collect();
    rules.insert(libc::SYS_read, vec![rule(&[equals(0, 0)])?]);
    // Standard error is the null device; a panic in the child may speak to it.
    rules.insert(libc::SYS_write, vec![rule(&[equals(0, 1)])?, rule(&[equals(0, 2)])?]);
    // New memory is anonymous and never executable: the engine interprets and has no compiler to machine code.
    let no_exec = masked(2, libc::PROT_EXEC, 0);
    let anonymous = masked(3, libc::MAP_ANONYMOUS, libc::MAP_ANONYMOUS);
    rules.insert(libc::SYS_mmap, vec![rule(&[no_exec.clone(), anonymous])?]);
    rules.insert(libc::SYS_mprotect, vec![rule(&[no_exec])?]);
    // `abort` signals its own thread; any other target is refused.
    rules.insert(libc::SYS_tgkill, vec![rule(&[equals(0, u64::from(std::process::id()))])?]);
    compile(rules, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)
}

/// What ends the process; everything else is left to the first filter.
fn kill_list() -> Result<BpfProgram, String> {
    let rules = DEADLY.iter().map(|&call| (call, vec![])).collect();
    compile(rules, SeccompAction::Allow, SeccompAction::KillProcess)
}

fn compile(
    rules: BTreeMap<c_long, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, String> {
    let arch = std::env::consts::ARCH.try_into().map_err(|error| format!("{error}"))?;
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(|error| error.to_string())?;
    filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())
}

/// All conditions hold.
fn rule(conditions: &[Result<SeccompCondition, String>]) -> Result<SeccompRule, String> {
    let conditions = conditions.iter().cloned().collect::<Result<Vec<_>, _>>()?;
    SeccompRule::new(conditions).map_err(|error| error.to_string())
}

/// Argument `index`, as 32 bits, is `value`: descriptors and process ids are 32 bits wide.
fn equals(index: u8, value: u64) -> Result<SeccompCondition, String> {
    SeccompCondition::new(index, Len::Dword, Op::Eq, value).map_err(|error| error.to_string())
}

/// Argument `index`, under `mask`, is `value`.
fn masked(index: u8, mask: i32, value: i32) -> Result<SeccompCondition, String> {
    SeccompCondition::new(index, Len::Dword, Op::MaskedEq(mask as u64), value as u64)
        .map_err(|error| error.to_string())
}

fn denied(cause: String) -> Denied {
    Denied { what: "installing the system-call filter", cause }
}
