//! Security test 17: keys stay out of core dumps, swap and child processes.

use std::fs;
use std::process::Command;

use flero_vault::{RootKey, harden_process, memory_protection};

/// The `VmFlags` of the mapping that holds an address, from `/proc/self/smaps`.
fn flags_of(address: usize) -> Vec<String> {
    let smaps = fs::read_to_string("/proc/self/smaps").unwrap();
    let mut inside = false;
    for line in smaps.lines() {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        if let Some((from, to)) = range
            && let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
        {
            inside = (from..to).contains(&address);
        }
        if let (true, Some(flags)) = (inside, line.strip_prefix("VmFlags:")) {
            return flags.split_whitespace().map(str::to_owned).collect();
        }
    }
    panic!("the mapping was not found");
}

/// Security test 17: the region of the keys has the flags `dd` (no dump), `lo` (locked) and `wf` (wiped on fork).
#[test]
fn the_memory_of_keys_is_locked_and_left_out_of_dumps() {
    let root = RootKey::generate().unwrap();
    let flags = flags_of(root.expose().as_ptr() as usize);
    let protection = memory_protection().unwrap();
    let has = |flag: &str| flags.iter().any(|found| found == flag);
    assert!(has("dd") && has("wf"), "{flags:?}");
    // A machine may forbid locked memory; then the vault says so instead of claiming it.
    assert_eq!(has("lo"), protection.locked, "{flags:?}");
    assert_eq!(protection.warning().is_none(), has("lo"));
}

/// Security test 17: after its drop, no key stays in the region: the next owner of the slot sees zeros first.
#[test]
fn a_dropped_key_is_wiped() {
    let first = RootKey::take(&mut [0x77; 32]).unwrap();
    let address = first.expose().as_ptr() as u64;
    drop(first);
    // Other tests share the region and may take the slot meanwhile, but none of them holds this pattern.
    use std::os::unix::fs::FileExt;
    let mut bytes = [0_u8; 32];
    fs::File::open("/proc/self/mem").unwrap().read_exact_at(&mut bytes, address).unwrap();
    assert_ne!(bytes, [0x77; 32]);
}

#[test]
fn taking_a_key_wipes_where_it_came_from() {
    let mut bytes = [0x55; 32];
    let key = RootKey::take(&mut bytes).unwrap();
    assert_eq!(bytes, [0; 32]);
    assert_eq!(key.expose(), &[0x55; 32]);
    let mut short = [0x55; 31];
    assert!(RootKey::take(&mut short).is_err());
    assert_eq!(short, [0; 31]);
}

#[test]
fn many_keys_have_a_place_of_their_own() {
    let keys: Vec<RootKey> =
        (0..5_000_u32).map(|number| RootKey::take(&mut pattern(number)).unwrap()).collect();
    for (number, key) in (0..).zip(&keys) {
        assert_eq!(key.expose(), &pattern(number));
    }
}

fn pattern(number: u32) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.chunks_exact_mut(4).for_each(|chunk| chunk.copy_from_slice(&number.to_be_bytes()));
    bytes
}

const CHILD: &str = "FLERO_VAULT_TEST_CHILD";

/// Security test 17: after `harden_process` the process is not dumpable and its core limit is zero. It runs in a
/// child, because the settings last and would change what other tests may do.
#[test]
fn a_hardened_process_leaves_no_core() {
    if std::env::var_os(CHILD).is_some() {
        harden_and_check();
        return;
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::a_hardened_process_leaves_no_core", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
}

fn harden_and_check() {
    assert_eq!(harden_process().warnings, Vec::<String>::new());
    let dumpable = rustix::process::dumpable_behavior().unwrap();
    assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
    let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
    assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
}
