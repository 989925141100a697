//! SK rotation, online: a new version is announced, made active, everything is moved to it, and the old version is
//! disabled and later destroyed. Every step is one transaction; after a crash the next call goes on from what is
//! stored.

use flero_model::Timestamp;
use flero_model::audit::NewAudit;
use flero_model::credential::KeyScopeRef;
use flero_store::keys::{KeyVersionState, Rewrapped, ScopeKeyRow};
use flero_vault::{ScopeKey, ScopeRef};

use crate::keyring::Keyring;
use crate::open_slots::ATTEMPTS;
use crate::{Binding, Error, Result};

/// Settings of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeRotationOptions {
    /// For how long a report of a process counts, in milliseconds.
    pub lease_ms: i64,
    /// How long a disabled version is kept before it is destroyed, in milliseconds.
    pub grace_ms: i64,
    /// How many secrets are moved in one transaction.
    pub batch: u32,
}

impl Default for ScopeRotationOptions {
    fn default() -> Self {
        Self { lease_ms: 60_000, grace_ms: 30 * 24 * 3_600_000, batch: 500 }
    }
}

/// Where the rotation of a scope's key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeRotation {
    /// Running processes have not loaded the latest change yet; call again in some seconds.
    WaitingForNodes {
        /// How many.
        count: usize,
    },
    /// Everything is moved; the old version is destroyed when its grace has passed.
    WaitingForGrace {
        /// When the next version is due.
        until: Timestamp,
    },
    /// One active version, and no other that could open anything.
    Done,
}

impl Keyring {
    /// Announces a new version of a scope's key, and returns its number. A version that is announced already is
    /// returned as it is, so that the call can be repeated.
    ///
    /// # Errors
    /// [`Error::Sealed`], [`Error::Store`], [`Error::Busy`].
    pub async fn begin_scope_rotation(&self, scope: &KeyScopeRef, audit: Vec<NewAudit>) -> Result<u32> {
        for _ in 0..ATTEMPTS {
            self.refresh().await?;
            self.keyset_for_sealing(scope).await?;
            let tree = self.tree()?;
            let stored = self.0.store.scope_keys(scope).await?;
            if let Some(announced) = stored.iter().find(|row| row.state == KeyVersionState::Pre) {
                return Ok(announced.version);
            }
            let version = stored.iter().map(|row| row.version).max().unwrap_or(0) + 1;
            let now = self.0.clock.now();
            let row = ScopeKeyRow {
                scope: scope.clone(),
                version,
                state: KeyVersionState::Pre,
                wrapped: ScopeKey::generate(version)?
                    .wrap(&tree.root, &ScopeRef::of(&tree.instance_text, scope))?,
                created_at: now,
                state_since: now,
            };
            match self.0.store.add_scope_key(tree.generation, row, audit.clone()).await {
                Err(flero_store::Error::Conflict | flero_store::Error::Taken { .. }) => {}
                result => {
                    result?;
                    self.reload(Some(&tree)).await?;
                    return Ok(version);
                }
            }
        }
        Err(Error::Busy)
    }

    /// Takes every step of a scope's rotation that can be taken now. `progress` is told how many secrets have been
    /// moved and how many are left. Safe to call at any time, from any process, and from several.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when secrets do not open (they stay, and so does their key); [`Error::Sealed`];
    /// [`Error::Store`].
    pub async fn advance_scope_rotation(
        &self,
        scope: &KeyScopeRef,
        options: ScopeRotationOptions,
        audit: Vec<NewAudit>,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<ScopeRotation> {
        self.refresh().await?;
        let stored = self.0.store.scope_keys(scope).await?;
        if let Some(announced) = stored.iter().find(|row| row.state == KeyVersionState::Pre) {
            if let Some(waiting) = self.nodes_behind(options.lease_ms).await? {
                return Ok(waiting);
            }
            self.activate(scope, announced.version, audit.clone()).await?;
        }
        let stored = self.0.store.scope_keys(scope).await?;
        for row in stored.iter().filter(|row| row.state == KeyVersionState::Decrypt) {
            self.rewrap_all(scope, row.version, options.batch, progress).await?;
            // A process that has not seen the flip may still write under the old version. That is allowed, and
            // moved above, until every process seals under the new one.
            if let Some(waiting) = self.nodes_behind(options.lease_ms).await? {
                return Ok(waiting);
            }
            self.rewrap_all(scope, row.version, options.batch, progress).await?;
            self.disable(scope, row.version).await?;
        }
        self.destroy_due(scope, options, audit).await
    }

    /// Goes on with every rotation that is under way, and begins none: what the server calls now and then, so that
    /// an interrupted rotation ends and old keys are destroyed when their grace has passed.
    ///
    /// # Errors
    /// The first one of [`Keyring::advance_scope_rotation`], after every scope has been tried.
    pub async fn resume_scope_rotations(
        &self,
        options: ScopeRotationOptions,
        audit: Vec<NewAudit>,
    ) -> Result<Vec<(KeyScopeRef, ScopeRotation)>> {
        let rows = self.0.store.all_scope_keys().await?;
        let under_way =
            |row: &ScopeKeyRow| !matches!(row.state, KeyVersionState::Active | KeyVersionState::Destroyed);
        let mut scopes: Vec<KeyScopeRef> = rows.into_iter().filter(under_way).map(|row| row.scope).collect();
        scopes.dedup();
        let (mut results, mut failure) = (Vec::new(), None);
        for scope in scopes {
            match self.advance_scope_rotation(&scope, options, audit.clone(), &|_, _| {}).await {
                Ok(step) => results.push((scope, step)),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(results), Err)
    }

    async fn activate(&self, scope: &KeyScopeRef, version: u32, audit: Vec<NewAudit>) -> Result<()> {
        let tree = self.tree()?;
        match self.0.store.activate_scope_key(scope, version, self.0.clock.now(), audit).await {
            // Another process took the same step.
            Ok(()) | Err(flero_store::Error::Conflict) => self.reload(Some(&tree)).await.map(|_| ()),
            Err(error) => Err(error.into()),
        }
    }

    async fn disable(&self, scope: &KeyScopeRef, version: u32) -> Result<()> {
        let tree = self.tree()?;
        match self.0.store.disable_scope_key(scope, version, self.0.clock.now()).await {
            // Refused: a write came in between, and the next call moves it. Conflict: another process was faster.
            Ok(()) | Err(flero_store::Error::Conflict | flero_store::Error::Refused { .. }) => {
                self.refresh_after(&tree).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn destroy_due(
        &self,
        scope: &KeyScopeRef,
        options: ScopeRotationOptions,
        audit: Vec<NewAudit>,
    ) -> Result<ScopeRotation> {
        let now = self.0.clock.now();
        let tree = self.tree()?;
        let mut next: Option<Timestamp> = None;
        for row in self.0.store.scope_keys(scope).await? {
            let due = row.state_since.plus_millis(options.grace_ms);
            match row.state {
                KeyVersionState::Disabled if due <= now => {
                    match self.0.store.destroy_scope_key(scope, row.version, now, audit.clone()).await {
                        Ok(()) | Err(flero_store::Error::Conflict) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                KeyVersionState::Disabled => next = Some(next.map_or(due, |earlier| earlier.min(due))),
                // Something was written under it after all; the next call goes on here.
                KeyVersionState::Decrypt => return Ok(ScopeRotation::WaitingForNodes { count: 0 }),
                _ => {}
            }
        }
        self.refresh_after(&tree).await?;
        Ok(next.map_or(ScopeRotation::Done, |until| ScopeRotation::WaitingForGrace { until }))
    }

    async fn refresh_after(&self, tree: &std::sync::Arc<crate::keyring::Tree>) -> Result<()> {
        let state = self.0.store.vault_state().await?.ok_or(Error::NotInitialised)?;
        if state.generation != tree.generation {
            self.reload(Some(tree)).await?;
        }
        Ok(())
    }

    /// Whether running processes have not loaded the latest generation. Those whose report is older than the
    /// lease do not count: they must refresh before they do anything else.
    async fn nodes_behind(&self, lease_ms: i64) -> Result<Option<ScopeRotation>> {
        let generation = self.0.store.vault_state().await?.ok_or(Error::NotInitialised)?.generation;
        let since = self.0.clock.now().plus_millis(-lease_ms);
        let nodes = self.0.store.live_nodes(since).await?;
        let behind =
            nodes.iter().filter(|node| node.node != self.0.node && node.generation < generation).count();
        Ok((behind > 0).then_some(ScopeRotation::WaitingForNodes { count: behind }))
    }

    /// Moves every secret of a version to the active one, in batches. Returns when none refers to it.
    async fn rewrap_all(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        batch: u32,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<()> {
        let mut moved = 0_u64;
        loop {
            let (mut cursor, mut in_this_pass, mut unreadable) = (None, 0_u64, 0_u64);
            loop {
                let rows = self.0.store.sealed_under(scope, version, cursor, batch.max(1)).await?;
                let Some(last) = rows.last() else { break };
                // The cursor only spares work within one pass; what it misses is counted below.
                cursor = Some(last.address.clone());
                let (replacements, failed) = self.rewrap_batch(scope, rows).await?;
                unreadable += failed;
                in_this_pass += self.0.store.rewrap(replacements).await?;
                let left = self.0.store.count_sealed_under(scope, version).await?;
                progress(moved + in_this_pass, left);
            }
            moved += in_this_pass;
            if self.0.store.count_sealed_under(scope, version).await? == 0 {
                return Ok(());
            }
            if in_this_pass == 0 && unreadable > 0 {
                return Err(Error::Unreadable { count: unreadable });
            }
        }
    }

    async fn rewrap_batch(
        &self,
        scope: &KeyScopeRef,
        sealed: Vec<flero_store::keys::SealedSecret>,
    ) -> Result<(Vec<Rewrapped>, u64)> {
        let (mut replacements, mut unreadable) = (Vec::with_capacity(sealed.len()), 0);
        for row in sealed {
            let binding = Binding::of_stored(&row)?;
            let plaintext = match self.open(&binding, &row.blob).await {
                Ok(plaintext) => plaintext,
                Err(Error::Tampered { .. }) => {
                    unreadable += 1;
                    continue;
                }
                Err(other) => return Err(other),
            };
            let (tree, keyset) = self.keyset_for_sealing(scope).await?;
            let key = keyset.active()?;
            let blob = flero_vault::seal(key, &binding.context(&tree.instance_text), plaintext.expose())?;
            replacements.push(Rewrapped {
                address: row.address,
                revision: row.revision,
                from_version: row.key_version,
                to_version: key.version(),
                blob,
            });
        }
        Ok((replacements, unreadable))
    }
}
