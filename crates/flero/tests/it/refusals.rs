//! What keeps the program from starting: a sentence that says what to do, and exit code 3.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::harness::Installation;

fn refused(flero: &Installation, arguments: &[&str], code: i32, words: &[&str]) {
    let output = flero.run(arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    for word in words {
        assert!(text.contains(word), "{word} is missing in: {text}");
    }
}

/// Security test 9: a key file with mode 0644, that is a symlink, or of the wrong length keeps the server from
/// starting; so does one inside the data folder.
#[test]
fn a_key_file_that_is_not_safe_is_refused() {
    let flero = Installation::with_owner("");
    let key = flero.key_file();
    let good = fs::read(&key).unwrap();
    assert_eq!(good.len(), 32);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(key.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);

    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    refused(&flero, &["serve"], 3, &["chmod 600"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    let elsewhere = flero.folder.path().join("elsewhere.key");
    fs::rename(&key, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &key).unwrap();
    refused(&flero, &["serve"], 3, &["symbolic link"]);
    fs::remove_file(&key).unwrap();

    for wrong in [&good[..31], b"c3VwZXItc2VjcmV0LWtleS1tYXRlcmlhbC1oZXJlIQ==".as_slice(), b"".as_slice()] {
        fs::write(&key, wrong).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        refused(&flero, &["serve"], 3, &["32"]);
    }
    fs::remove_file(&key).unwrap();
    // With a slot and no key the start is refused, and no new key is made in silence.
    refused(&flero, &["serve"], 3, &["key"]);
    assert!(!key.exists());

    let inside = flero.data_dir().join("root.key");
    fs::write(&inside, &good).unwrap();
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o600)).unwrap();
    refused(&flero, &["serve", "--key-file", inside.to_str().unwrap()], 3, &["data folder"]);
}

#[test]
fn a_wrong_key_is_refused() {
    let flero = Installation::with_owner("");
    fs::write(flero.key_file(), [7_u8; 32]).unwrap();
    refused(&flero, &["serve"], 3, &["key"]);
}

#[test]
fn a_port_in_use_is_told_with_its_number() {
    let flero = Installation::with_owner("");
    let _taken = std::net::TcpListener::bind(("127.0.0.1", flero.port)).unwrap();
    refused(&flero, &["serve"], 3, &["in use", &flero.port.to_string()]);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let flero = Installation::empty("");
    fs::create_dir_all(flero.data_dir()).unwrap();
    fs::write(
        flero.data_dir().join("flero.db"),
        "this is not a database, it is a text of some length".repeat(100),
    )
    .unwrap();
    refused(&flero, &["serve"], 3, &["flero.db", "restore a backup"]);
}

/// An older program leaves a newer database as it is, whatever the command is.
#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let flero = Installation::with_owner("");
    let path = flero.data_dir().join("flero.db");
    let newer = flero_store_sqlite::SCHEMA_VERSION + 1;
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("INSERT INTO schema_migration VALUES (?1, 'future', x'00')", [newer]).unwrap();
    drop(connection);
    let before = fs::read(&path).unwrap();
    for command in [["serve"].as_slice(), &["vault", "status"], &["audit", "verify"], &["backup", "x"]] {
        refused(&flero, command, 3, &[&newer.to_string(), "run a newer Flero"]);
    }
    let doctor = flero.run(&["doctor"]);
    assert_eq!(doctor.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("run a newer Flero"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn wrong_usage_is_exit_code_two() {
    let flero = Installation::empty("");
    refused(&flero, &["serve", "--nonsense"], 2, &["--nonsense"]);
    refused(&flero, &["bootstrap", "--email", "a@b.c"], 2, &["--password-stdin"]);
    refused(&flero, &["serve", "--listen", "somewhere"], 3, &["127.0.0.1:7373"]);
    refused(&flero, &["serve", "--database-url", "postgres://x"], 3, &["SQLite"]);
    refused(&flero, &["serve", "--nats-url", "nats://x"], 3, &["FLERO_NATS_URL", "one machine"]);
    refused(&flero, &["serve", "--roles", "worker"], 3, &["FLERO_ROLES"]);
    refused(&flero, &["serve", "--public-url", "http://flero.example.com"], 3, &["FLERO_INSECURE_HTTP"]);
}

#[test]
fn a_second_owner_is_refused() {
    let flero = Installation::with_owner("");
    let output = flero.bootstrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("already"));
}
