//! Changing the keys of a registry: a later root, which the root before it vouches for
//! (<https://theupdateframework.github.io/specification/latest/#key-management-and-migration>).
//!
//! Readers have pinned the first root. They ask for the one after it until there is none, and take each that is signed
//! both by the key that the root before it names and by its own. So a key can be replaced without anybody pinning
//! anew, and one that was replaced signs nothing any more.

use std::{
    num::NonZeroU64,
    path::{Path, PathBuf},
};

use aws_lc_rs::rand::SystemRandom;
use flero_marketplace::{Error, Result};
use flero_model::Timestamp;
use tough::{
    editor::signed::SignedRole,
    key_source::{KeySource, LocalKeySource},
    schema::{KeyHolder, RoleKeys, RoleType, Root, Signed, key::Key},
};

use super::{Publisher, REGISTRY_KEY, ROOT_DAYS, ROOT_KEY, after, failed, library, time, write_new};

/// Which keys are replaced. Without any, the root is signed anew, so that its time begins again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotation {
    /// The key that signs roots.
    pub root: bool,
    /// The key that signs index, snapshot and timestamp.
    pub registry: bool,
}

/// A key that is to take the place of another one, already on the disk beside it.
struct Successor {
    name: &'static str,
    waiting: PathBuf,
}

impl Publisher {
    /// Where the newest root is. Whoever adds the registry now pins this one; a pinned older one leads to it.
    ///
    /// # Errors
    /// [`Error::Publisher`] when the folder cannot be read.
    pub async fn newest_root(&self) -> Result<PathBuf> {
        let folder = self.metadata();
        let mut entries = tokio::fs::read_dir(&folder).await.map_err(failed(folder.display().to_string()))?;
        let (mut newest, mut found) = (1_u64, self.root());
        while let Some(entry) = entries.next_entry().await.map_err(failed(folder.display().to_string()))? {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".root.json")?.parse().ok());
            if let Some(number) = number.filter(|number| *number > newest) {
                (newest, found) = (number, entry.path());
            }
        }
        Ok(found)
    }

    /// Signs a further root with new keys, and with it a new index. The keys that were replaced are kept under another
    /// name, for whoever wants to destroy them.
    ///
    /// Until the index is signed, a moment later, the folder has a root that names a key which has signed nothing yet:
    /// copy it to where it is published when this is done.
    ///
    /// # Errors
    /// [`Error::Publisher`]; [`Error::Untrusted`] when the folder is not what was signed.
    pub async fn rotate(&self, rotation: Rotation, now: Timestamp) -> Result<PathBuf> {
        // What is not trusted is not carried on.
        let registry = self.open().await?;
        let before: Signed<Root> = self.read_root(&self.newest_root().await?).await?;
        let mut root = before.signed.clone();
        root.version = NonZeroU64::new(root.version.get() + 1).unwrap_or(NonZeroU64::MIN);
        root.expires = time(after(now, ROOT_DAYS))?;
        let old_key = self.key(ROOT_KEY);
        let mut successors = Vec::new();
        let root_key = match rotation.root {
            true => self.successor(ROOT_KEY, &mut successors)?,
            false => self.key(ROOT_KEY),
        };
        let registry_key = match rotation.registry {
            true => self.successor(REGISTRY_KEY, &mut successors)?,
            false => self.key(REGISTRY_KEY),
        };
        name_keys(&mut root, &root_key, &[RoleType::Root]).await?;
        let signing = [RoleType::Targets, RoleType::Snapshot, RoleType::Timestamp];
        name_keys(&mut root, &registry_key, &signing).await?;
        root.keys.retain(|id, _| root.roles.values().any(|role| role.keyids.contains(id)));
        let file = self.metadata().join(format!("{}.root.json", root.version));
        let signed = sign_both(root, before.signed, root_key, old_key).await?;
        write_new(&file, signed.buffer(), 0o644)?;
        self.replace(successors, &before_name(&file))?;
        let (editor, version) = self.editor(registry).await?;
        self.sign(editor, version, now).await?;
        Ok(file)
    }

    async fn read_root(&self, path: &Path) -> Result<Signed<Root>> {
        let what = || path.display().to_string();
        let bytes = tokio::fs::read(path).await.map_err(failed(what()))?;
        serde_json::from_slice(&bytes).map_err(|fault| Error::Publisher {
            what: what(),
            reason: format!("line {} is not as expected", fault.line()),
        })
    }

    fn key(&self, name: &str) -> LocalKeySource {
        LocalKeySource { path: self.keys.join(name) }
    }

    /// Makes the key that takes the place of another one. One that an attempt left behind which broke off has signed
    /// nothing that counts, and is made anew.
    fn successor(&self, name: &'static str, successors: &mut Vec<Successor>) -> Result<LocalKeySource> {
        let waiting = format!("{name}.new");
        let path = self.keys.join(&waiting);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(waiting)(error));
            }
            _ => {}
        }
        successors.push(Successor { name, waiting: path });
        self.new_key(&waiting)
    }

    fn replace(&self, successors: Vec<Successor>, before: &str) -> Result<()> {
        for Successor { name, waiting } in successors {
            let place = self.keys.join(name);
            let former = self.keys.join(format!("{name}.before-{before}"));
            std::fs::rename(&place, &former).map_err(failed(name))?;
            std::fs::rename(&waiting, &place).map_err(failed(name))?;
        }
        Ok(())
    }
}

/// `2` of `2.root.json`.
fn before_name(file: &Path) -> String {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Makes a key the only one of some roles.
async fn name_keys(root: &mut Root, key: &LocalKeySource, roles: &[RoleType]) -> Result<()> {
    let fault = |error: &dyn std::fmt::Display| Error::Publisher {
        what: key.path.display().to_string(),
        reason: error.to_string(),
    };
    let public: Key = key.as_sign().await.map_err(|error| fault(&error))?.tuf_key();
    let id = public.key_id().map_err(|error| fault(&error))?;
    root.keys.insert(id.clone(), public);
    for role in roles {
        let keys = RoleKeys {
            keyids: vec![id.clone()],
            threshold: NonZeroU64::MIN,
            _extra: std::collections::HashMap::new(),
        };
        root.roles.insert(*role, keys);
    }
    Ok(())
}

/// Signs a root with its own key and with the one that the root before it names.
async fn sign_both(
    root: Root,
    before: Root,
    key: LocalKeySource,
    old_key: LocalKeySource,
) -> Result<SignedRole<Root>> {
    let random = SystemRandom::new();
    let former = KeyHolder::Root(before);
    let by_former =
        SignedRole::new(root.clone(), &former, &[Box::new(old_key) as Box<dyn KeySource>], &random)
            .await
            .map_err(library("the root"))?;
    if by_former.signed().signatures.is_empty() {
        let reason = "it is not the key that the present root names".to_owned();
        return Err(Error::Publisher { what: ROOT_KEY.to_owned(), reason });
    }
    let own = KeyHolder::Root(root.clone());
    let by_own = SignedRole::new(root, &own, &[Box::new(key) as Box<dyn KeySource>], &random)
        .await
        .map_err(library("the root"))?;
    by_own.add_old_signatures(by_former.signed().signatures.clone()).map_err(library("the root"))
}
