//! A Dovecot with TLS and a password, on loopback; the tests of several crates include this file.

use std::{
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::as_user::{as_user, write_as};

/// The password of the user `ada`.
pub(crate) const PASSWORD: &str = "cnry-im-4e8a1c6f9b20";

/// Who runs it.
const USER: &str = "dovecot";

/// A server that ends with the test.
pub(crate) struct Dovecot {
    child: Child,
    folder: tempfile::TempDir,
    /// Where TLS begins with STARTTLS, and where with the first byte.
    pub(crate) ports: (u16, u16),
    certificate: String,
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // The server's own children end with it.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

impl Dovecot {
    /// Starts a server in an empty folder, with a certificate and its key as PEM, and waits until it takes connections.
    pub(crate) fn start(certificate: String, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let at = |name: &str| folder.path().join(name);
        write_as(USER, &at("crt"), &certificate);
        write_as(USER, &at("key"), key);
        write_as(USER, &at("users"), &format!("ada:{{PLAIN}}{PASSWORD}\n"));
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let ports = (free(), free());
        write_as(USER, &at("conf"), &configuration(folder.path(), ports));
        let child = as_user(USER, Path::new("/usr/sbin/dovecot"))
            .args(["-F", "-c"])
            .arg(at("conf"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("install the package dovecot-imapd");
        let server = Self { child, folder, ports, certificate };
        let start = Instant::now();
        while [ports.0, ports.1].iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()) {
            assert!(start.elapsed() < Duration::from_secs(60), "Dovecot does not start: {}", server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// The parameters of a credential for it, with some set otherwise.
    pub(crate) fn parameters(&self, more: Value) -> Value {
        let mut all = json!({"protocol": "imap", "host": "mail.test", "port": self.ports.1, "user": "ada", "ca": self.certificate});
        all.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        all
    }

    /// What the server has noted.
    pub(crate) fn log(&self) -> String {
        let shown =
            as_user(USER, Path::new("/bin/cat")).arg(self.folder.path().join("log")).output().unwrap();
        String::from_utf8_lossy(&shown.stdout).into_owned()
    }

    /// Delivers a message to a folder, as a server that got it does: past IMAP.
    pub(crate) fn deliver(&self, folder: &str, message: &str) {
        let dots = if folder == "INBOX" { String::new() } else { format!(".{folder}/") };
        let new = self.folder.path().join("mail/ada").join(dots);
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        for part in ["new", "cur", "tmp"] {
            let made = as_user(USER, Path::new("/bin/mkdir")).arg("-p").arg(new.join(part)).status().unwrap();
            assert!(made.success());
        }
        let name = format!("{}.M{number}.peer", 1_800_000_000 + number);
        write_as(USER, &new.join("new").join(name), &message.replace('\n', "\r\n"));
    }

    /// Forgets the numbers of the messages of the inbox: the server gives new ones, under another UIDVALIDITY.
    pub(crate) fn renumber(&self) {
        let inbox = self.folder.path().join("mail/ada");
        let script = format!("rm -f '{0}'/dovecot* '{0}'/.INBOX/dovecot*", inbox.display());
        let done = as_user(USER, Path::new("/bin/sh")).args(["-c", &script]).status().unwrap();
        assert!(done.success());
    }
}

fn configuration(folder: &Path, (starttls, implicit): (u16, u16)) -> String {
    let at = folder.display();
    let user = as_user(USER, Path::new("/usr/bin/id")).arg("-un").output().unwrap();
    let group = as_user(USER, Path::new("/usr/bin/id")).arg("-gn").output().unwrap();
    let (user, group) = (
        String::from_utf8_lossy(&user.stdout).into_owned(),
        String::from_utf8_lossy(&group.stdout).into_owned(),
    );
    let (user, group) = (user.trim(), group.trim());
    format!(
        "protocols = imap
listen = 127.0.0.1
base_dir = {at}/run
state_dir = {at}/state
log_path = {at}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
ssl = yes
ssl_cert = <{at}/crt
ssl_key = <{at}/key
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{at}/mail/%u
passdb {{
  driver = passwd-file
  args = {at}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={at}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox Entwürfe {{
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {implicit}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"
    )
}
