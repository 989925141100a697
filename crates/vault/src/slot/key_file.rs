//! The default provider: a file with 32 raw bytes, readable by the server's user alone, outside the data folder.

use std::fs::{DirBuilder, File};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

use super::symmetric::Kek;
use super::{Identity, SlotProvider, Wrapped, names};
use crate::context::SlotContext;
use crate::keys::RootKey;
use crate::{Error, Result, random};

const KEY_BYTES: usize = 32;

/// A key file that passed all checks.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    data_dir: PathBuf,
    /// Replaced whole when the file is read again.
    kek: RwLock<Arc<Kek>>,
}

fn refuse(path: &Path, reason: &str) -> Error {
    Error::provider(names::FILE, format!("key file {}: {reason}", path.display()))
}

impl KeyFile {
    /// Opens and checks a key file.
    ///
    /// # Errors
    /// [`Error::Provider`] when the file is missing, a symbolic link, not a regular file, of another owner,
    /// open to group or others, not exactly 32 bytes long, or inside `data_dir` (where a backup would take it
    /// along with what it protects).
    pub fn open(path: &Path, data_dir: &Path) -> Result<Self> {
        let mut key = read(path, data_dir)?;
        Ok(Self {
            path: path.to_owned(),
            data_dir: data_dir.to_owned(),
            kek: RwLock::new(Arc::new(Kek::take(names::FILE, &mut key[..])?)),
        })
    }

    fn kek(&self) -> Arc<Kek> {
        Arc::clone(&self.kek.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(path: &Path, data_dir: &Path) -> Result<Zeroizing<[u8; KEY_BYTES]>> {
    refuse_inside(path, data_dir)?;
    let key = read_checked(path, Owner::Ours)?;
    Ok(key)
}

/// Who may own a file with a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Our user only, and no rights for group or others.
    Ours,
    /// Our user, or root with an access list for us (systemd): no rights for others.
    OursOrRoot,
}

/// Reads exactly 32 bytes from a regular file. All checks are made on the opened file, so that nobody can swap
/// it between check and use.
pub(super) fn read_checked(path: &Path, owner: Owner) -> Result<Zeroizing<[u8; KEY_BYTES]>> {
    // NONBLOCK keeps a named pipe in this place from stopping the start for ever.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let descriptor = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        rustix::io::Errno::LOOP => refuse(path, "is a symbolic link; name the file itself"),
        rustix::io::Errno::NOENT => refuse(path, "does not exist; restore it from its safe copy"),
        other => refuse(path, &format!("cannot be opened ({other})")),
    })?;
    let mut file = File::from(descriptor);
    let metadata = file.metadata().map_err(|error| refuse(path, &error.kind().to_string()))?;
    if !metadata.is_file() {
        return Err(refuse(path, "is not a regular file"));
    }
    let us = rustix::process::geteuid().as_raw();
    let (known_owner, forbidden) = match owner {
        Owner::Ours => (metadata.uid() == us, 0o077),
        Owner::OursOrRoot => (metadata.uid() == us || metadata.uid() == 0, 0o007),
    };
    if !known_owner {
        return Err(refuse(path, "belongs to another user; `chown` it to the user that runs flero"));
    }
    if metadata.mode() & forbidden != 0 {
        return Err(refuse(path, "is open to other users; run `chmod 600` on it"));
    }
    if metadata.len() != KEY_BYTES as u64 {
        return Err(refuse(path, "is not exactly 32 bytes long; text forms such as hex are not accepted"));
    }
    let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
    file.read_exact(&mut key[..]).map_err(|error| refuse(path, &error.kind().to_string()))?;
    Ok(key)
}

/// Refuses a path inside the data folder, with symbolic links in its folders resolved.
///
/// # Errors
/// [`Error::Provider`].
pub fn refuse_inside(path: &Path, data_dir: &Path) -> Result<()> {
    // What does not exist yet has no links to resolve; its nearest existing ancestor does.
    let real = |path: &Path| -> PathBuf {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        for ancestor in absolute.ancestors() {
            if let Ok(resolved) = ancestor.canonicalize() {
                return match absolute.strip_prefix(ancestor) {
                    Ok(rest) if rest.as_os_str().is_empty() => resolved,
                    Ok(rest) => resolved.join(rest),
                    Err(_) => resolved,
                };
            }
        }
        absolute
    };
    // The last component is not resolved: a link there is refused when the file is opened.
    let folder =
        real(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    if folder.starts_with(real(data_dir)) {
        return Err(refuse(
            path,
            "lies inside the data folder, so that every backup would hold the key; move it outside",
        ));
    }
    Ok(())
}

/// Makes a new key file with mode 0600, in a folder that is made with mode 0700 if it does not exist. The file
/// and its folder are synced before this returns, so that a wrapped root key never outlives its key.
///
/// # Errors
/// [`Error::Provider`] when the file exists already, lies inside `data_dir`, or cannot be written.
pub fn create_key_file(path: &Path, data_dir: &Path) -> Result<KeyFile> {
    refuse_inside(path, data_dir)?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| refuse(path, &format!("its folder cannot be made ({})", error.kind())))?;
    let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
    random::fill(&mut key[..])?;

    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let descriptor = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR).map_err(|error| match error {
        rustix::io::Errno::EXIST => refuse(path, "exists already and is never overwritten"),
        other => refuse(path, &format!("cannot be made ({other})")),
    })?;
    let mut file = File::from(descriptor);
    let write = |file: &mut File| -> std::io::Result<()> {
        file.write_all(&key[..])?;
        file.sync_all()?;
        File::open(folder)?.sync_all()
    };
    write(&mut file).map_err(|error| refuse(path, &format!("cannot be written ({})", error.kind())))?;
    drop(file);
    KeyFile::open(path, data_dir)
}

#[async_trait]
impl SlotProvider for KeyFile {
    fn identify(&self) -> Identity {
        Identity {
            provider: names::FILE,
            key_id: Some(self.kek().key_id().to_owned()),
            weakness: None,
            asymmetric: false,
        }
    }

    async fn wrap(&self, root: &RootKey, context: &SlotContext<'_>) -> Result<Wrapped> {
        self.kek().wrap(root, context)
    }

    async fn unwrap(&self, wrapped: &Wrapped, context: &SlotContext<'_>) -> Result<RootKey> {
        self.kek().unwrap(wrapped, context)
    }

    async fn refresh(&self) -> Result<()> {
        let mut key = read(&self.path, &self.data_dir)?;
        let kek = Arc::new(Kek::take(names::FILE, &mut key[..])?);
        *self.kek.write().unwrap_or_else(PoisonError::into_inner) = kek;
        Ok(())
    }

    async fn health(&self) -> Result<()> {
        let mut key = read(&self.path, &self.data_dir)?;
        let now = Kek::take(names::FILE, &mut key[..])?;
        match now.key_id() == self.kek().key_id() {
            true => Ok(()),
            false => Err(refuse(&self.path, "holds another key than at start; put the old file back")),
        }
    }
}
