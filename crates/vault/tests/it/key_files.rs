//! Security test 9: key files that must not be used, and how new ones are made.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use flero_vault::Error;
use flero_vault::slot::{EnvironmentKey, KeyFile, SlotProvider, SystemdCredential, create_key_file};

use crate::support::run;

struct Folders {
    _root: tempfile::TempDir,
    keys: PathBuf,
    data: PathBuf,
}

fn folders() -> Folders {
    let root = tempfile::tempdir().unwrap();
    let (keys, data) = (root.path().join("keys"), root.path().join("data"));
    fs::create_dir(&keys).unwrap();
    fs::create_dir(&data).unwrap();
    Folders { _root: root, keys, data }
}

fn write(path: &Path, bytes: &[u8], mode: u32) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn refusal(result: flero_vault::Result<KeyFile>) -> String {
    match result {
        Err(Error::Provider { provider: "file", reason }) => reason,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn a_new_key_file_is_private_and_opens() {
    let folders = folders();
    let path = folders.keys.join("new/root.key");
    let made = create_key_file(&path, &folders.data).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&path).unwrap().len(), 32);
    let opened = KeyFile::open(&path, &folders.data).unwrap();
    assert_eq!(opened.identify(), made.identify());
    assert!(opened.identify().weakness.is_none());
    assert_eq!(run(opened.health()), Ok(()));
    assert!(refusal(create_key_file(&path, &folders.data)).contains("never overwritten"));
}

#[test]
fn a_key_file_open_to_others_is_refused() {
    let folders = folders();
    let path = folders.keys.join("root.key");
    for mode in [0o644, 0o640, 0o604, 0o620, 0o601, 0o660] {
        write(&path, &[7; 32], mode);
        assert!(refusal(KeyFile::open(&path, &folders.data)).contains("chmod 600"), "{mode:o}");
    }
    for mode in [0o600, 0o400] {
        write(&path, &[7; 32], mode);
        assert!(KeyFile::open(&path, &folders.data).is_ok(), "{mode:o}");
    }
}

#[test]
fn a_key_file_of_another_owner_is_refused() {
    let folders = folders();
    let path = folders.keys.join("root.key");
    write(&path, &[7; 32], 0o600);
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
        assert!(refusal(KeyFile::open(&path, &folders.data)).contains("another user"));
    } else {
        // Without root no file can be given away; a file of root that everybody may open stands in for it.
        let foreign = Path::new("/etc/passwd");
        assert_ne!(fs::metadata(foreign).unwrap().uid(), rustix::process::geteuid().as_raw());
        assert!(refusal(KeyFile::open(foreign, &folders.data)).contains("another user"));
    }
}

#[test]
fn a_symbolic_link_is_refused() {
    let folders = folders();
    let (path, link) = (folders.keys.join("root.key"), folders.keys.join("link.key"));
    write(&path, &[7; 32], 0o600);
    symlink(&path, &link).unwrap();
    assert!(refusal(KeyFile::open(&link, &folders.data)).contains("symbolic link"));
    assert!(create_key_file(&link, &folders.data).is_err());
}

#[test]
fn a_key_file_of_another_length_or_kind_is_refused() {
    let folders = folders();
    let path = folders.keys.join("root.key");
    for length in [0, 16, 31, 33, 64] {
        write(&path, &vec![b'a'; length], 0o600);
        assert!(refusal(KeyFile::open(&path, &folders.data)).contains("32 bytes"), "{length}");
    }
    assert!(refusal(KeyFile::open(&folders.keys.join("none"), &folders.data)).contains("does not exist"));
    assert!(refusal(KeyFile::open(&folders.keys, &folders.data)).contains("not a regular file"));
    let pipe = folders.keys.join("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert!(refusal(KeyFile::open(&pipe, &folders.data)).contains("not a regular file"));
}

#[test]
fn a_key_file_inside_the_data_folder_is_refused() {
    let folders = folders();
    let path = folders.data.join("root.key");
    write(&path, &[7; 32], 0o600);
    assert!(refusal(KeyFile::open(&path, &folders.data)).contains("inside the data folder"));
    assert!(refusal(create_key_file(&folders.data.join("new/root.key"), &folders.data)).contains("inside"));
    assert!(!folders.data.join("new").exists());

    // A way around through a linked folder or through dots ends in the same place.
    let around = folders.keys.join("linked");
    symlink(&folders.data, &around).unwrap();
    assert!(refusal(KeyFile::open(&around.join("root.key"), &folders.data)).contains("inside"));
    let dots = folders.keys.join("../data/root.key");
    assert!(refusal(KeyFile::open(&dots, &folders.data)).contains("inside"));
}

#[test]
fn a_key_file_that_changes_later_is_unhealthy() {
    let folders = folders();
    let path = folders.keys.join("root.key");
    write(&path, &[7; 32], 0o600);
    let opened = KeyFile::open(&path, &folders.data).unwrap();
    write(&path, &[8; 32], 0o600);
    assert!(run(opened.health()).is_err());
    let old = opened.identify().key_id;
    run(opened.refresh()).unwrap();
    assert_ne!(opened.identify().key_id, old);
    fs::remove_file(&path).unwrap();
    assert!(run(opened.health()).is_err());
    // Without the file, what was read last stays in use.
    assert!(run(opened.refresh()).is_err() && opened.identify().key_id.is_some());
}

#[test]
fn a_systemd_credential_is_read_by_its_name_and_never_replaced_by_another_source() {
    let folders = folders();
    write(&folders.keys.join("flero-kek"), &[7; 32], 0o440);
    let opened = SystemdCredential::open(&folders.keys).unwrap();
    assert_eq!(opened.identify().provider, "systemd");
    assert_eq!(run(opened.health()), Ok(()));
    write(&folders.keys.join("flero-kek"), &[7; 32], 0o444);
    assert!(SystemdCredential::open(&folders.keys).is_err());
    write(&folders.keys.join("flero-kek"), &[7; 31], 0o400);
    assert!(SystemdCredential::open(&folders.keys).is_err());
    assert!(SystemdCredential::open(&folders.data).is_err());
}

#[test]
fn the_environment_key_is_exact_and_says_that_it_is_weak() {
    let good = BASE64.encode(&[7; 32]);
    let opened = EnvironmentKey::from_value(&good.as_str().into()).unwrap();
    assert!(opened.identify().weakness.is_some());
    let wrong = [
        String::new(),
        BASE64.encode(&[7; 31]),
        BASE64.encode(&[7; 33]),
        format!("{good}\n"),
        format!(" {good}"),
        good.trim_end_matches('=').to_owned(),
        good.replace('/', "_").replace('c', "-"),
        "07".repeat(32),
    ];
    for value in wrong {
        let error = EnvironmentKey::from_value(&value.as_str().into()).unwrap_err();
        assert!(value.is_empty() || !error.to_string().contains(value.trim()), "{error}");
    }
}
