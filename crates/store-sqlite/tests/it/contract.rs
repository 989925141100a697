//! The suite of the storage port.

use std::sync::Arc;

use flero_store::Store;
use flero_store_sqlite::SqliteStore;

/// An empty store in a folder of its own. The store is dropped before the folder.
async fn empty() -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("flero.db")).unwrap();
    (Arc::new(store), folder)
}

flero_store::contract_suite!(super::empty);
