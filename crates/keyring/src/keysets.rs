//! Scope keysets: made at the first seal of a scope, loaded at first use, loaded once more when a version is
//! unknown, and then closed.

use std::sync::Arc;

use flero_model::credential::KeyScopeRef;
use flero_store::keys::{KeyVersionState, ScopeKeyRow};
use flero_vault::{ScopeKey, ScopeKeyset, ScopeRef, WrappedScopeKey};

use crate::keyring::{Keyring, Tree, read, write};
use crate::open_slots::ATTEMPTS;
use crate::{Error, Result, rows};

impl Keyring {
    /// The keyset of a scope as it is loaded, or loads it. A scope that has no key yet gives an empty keyset.
    pub(crate) async fn keyset(&self, scope: &KeyScopeRef) -> Result<(Arc<Tree>, Arc<ScopeKeyset>)> {
        let tree = self.tree()?;
        if let Some(keyset) = read(&tree.keysets).get(scope) {
            return Ok((Arc::clone(&tree), Arc::clone(keyset)));
        }
        self.load_keyset(scope).await
    }

    /// Loads the keyset of a scope from the store, whatever is loaded.
    pub(crate) async fn load_keyset(&self, scope: &KeyScopeRef) -> Result<(Arc<Tree>, Arc<ScopeKeyset>)> {
        let tree = self.tree()?;
        let stored = self.0.store.scope_keys(scope).await?;
        match unwrap_all(&tree, scope, &stored) {
            Ok(keyset) => Ok(remember(tree, scope, keyset)),
            Err(first) => {
                // The root key may have been exchanged since this process loaded it. Once more, then closed.
                let newer = self.reload_if_moved(&tree).await?.ok_or(first)?;
                let stored = self.0.store.scope_keys(scope).await?;
                let keyset = unwrap_all(&newer, scope, &stored)?;
                Ok(remember(newer, scope, keyset))
            }
        }
    }

    /// Loads the tree anew if the store's generation is another one than the tree's.
    async fn reload_if_moved(&self, tree: &Arc<Tree>) -> Result<Option<Arc<Tree>>> {
        let state = self.0.store.vault_state().await?.ok_or(Error::NotInitialised)?;
        if state.generation == tree.generation {
            return Ok(None);
        }
        self.reload(Some(tree)).await.map(Some)
    }

    /// The keyset of a scope with an active key, which is made if the scope has none.
    pub(crate) async fn keyset_for_sealing(
        &self,
        scope: &KeyScopeRef,
    ) -> Result<(Arc<Tree>, Arc<ScopeKeyset>)> {
        let loaded = self.keyset(scope).await?;
        if loaded.1.active().is_ok() {
            return Ok(loaded);
        }
        for _ in 0..ATTEMPTS {
            let loaded = self.load_keyset(scope).await?;
            match loaded.1.active() {
                Ok(_) => return Ok(loaded),
                // Versions without an active one are no new scope: something went wrong, so nothing is sealed.
                Err(error) if loaded.1.versions().next().is_some() => return Err(error.into()),
                Err(_) => self.make_first_key(scope, &loaded.0).await?,
            }
        }
        Err(Error::Busy)
    }

    async fn make_first_key(&self, scope: &KeyScopeRef, tree: &Arc<Tree>) -> Result<()> {
        let key = ScopeKey::generate(1)?;
        let now = self.0.clock.now();
        let row = ScopeKeyRow {
            scope: scope.clone(),
            version: 1,
            state: KeyVersionState::Active,
            wrapped: key.wrap(&tree.root, &ScopeRef::of(&tree.instance_text, scope))?,
            created_at: now,
            state_since: now,
        };
        match self.0.store.add_scope_key(tree.generation, row, Vec::new()).await {
            // Another process made it, or the tree moved on: look again.
            Ok(()) | Err(flero_store::Error::Taken { .. } | flero_store::Error::Conflict) => {
                self.reload(Some(tree)).await.map(|_| ())
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn unwrap_all(tree: &Tree, scope: &KeyScopeRef, stored: &[ScopeKeyRow]) -> Result<ScopeKeyset> {
    let wrapped: Vec<WrappedScopeKey> = stored.iter().map(rows::wrapped_scope_key).collect();
    Ok(ScopeKeyset::unwrap(&tree.root, &ScopeRef::of(&tree.instance_text, scope), &wrapped)?)
}

fn remember(tree: Arc<Tree>, scope: &KeyScopeRef, keyset: ScopeKeyset) -> (Arc<Tree>, Arc<ScopeKeyset>) {
    let keyset = Arc::new(keyset);
    // An empty keyset is not remembered: the scope's first key may be made by another process at any time.
    if keyset.versions().next().is_some() {
        write(&tree.keysets).insert(scope.clone(), Arc::clone(&keyset));
    }
    (tree, keyset)
}
