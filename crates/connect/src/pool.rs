//! Connection pools that cannot mix credentials.
//!
//! A connection can carry identity (a TLS session, HTTP/2 state, a proxy's idea of who is at the other end), so
//! it is only ever reused for the same credential with the same secret, or, without a credential, for the same
//! workspace. Inside a pool, connections are kept by scheme, host and port.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    auth::certificate::Identity,
    client::HttpClient,
    dial::{Connector, Dialer},
};
use flero_model::{CredentialId, WorkspaceId};

/// Whose connections they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// A credential, and which writing of its secret.
    Credential(CredentialId, u64),
    /// Requests without a credential.
    Workspace(WorkspaceId),
}

/// The pools in use. The least recently used goes when there are too many; its idle connections close.
pub(crate) struct Pools {
    dialer: Arc<Dialer>,
    max_pools: usize,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    pools: HashMap<(Owner, bool), Entry>,
    uses: u64,
}

struct Entry {
    client: Arc<HttpClient>,
    last_use: u64,
}

impl Pools {
    pub(crate) fn new(dialer: Arc<Dialer>, max_pools: usize) -> Self {
        Self { dialer, max_pools: max_pools.max(1), table: Mutex::default() }
    }

    /// The pool of an owner. The identity is the owner's own and stays the same as long as its secret does.
    pub(crate) fn get(
        &self,
        owner: Owner,
        verify: bool,
        identity: Option<&Arc<Identity>>,
    ) -> Arc<HttpClient> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.uses += 1;
        let now = table.uses;
        if let Some(entry) = table.pools.get_mut(&(owner, verify)) {
            entry.last_use = now;
            return Arc::clone(&entry.client);
        }
        if table.pools.len() >= self.max_pools {
            let oldest = table.pools.iter().min_by_key(|(_, entry)| entry.last_use).map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                table.pools.remove(&oldest);
            }
        }
        let client = Arc::new(self.build(verify, identity));
        table.pools.insert((owner, verify), Entry { client: Arc::clone(&client), last_use: now });
        client
    }

    /// A pool for one use, which nothing else can reach: for a credential that is not stored.
    pub(crate) fn single_use(&self, verify: bool, identity: Option<&Arc<Identity>>) -> Arc<HttpClient> {
        Arc::new(self.build(verify, identity))
    }

    /// Forgets every pool of a credential, whatever its revision.
    pub(crate) fn forget(&self, credential: CredentialId) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.pools.retain(|(owner, _), _| !matches!(owner, Owner::Credential(id, _) if *id == credential));
    }

    fn build(&self, verify: bool, identity: Option<&Arc<Identity>>) -> HttpClient {
        HttpClient::new(Connector::new(Arc::clone(&self.dialer), verify, identity.cloned()))
    }
}
