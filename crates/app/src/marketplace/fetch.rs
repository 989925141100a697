//! How the files of a registry come here: through the one door, or from a folder that the operator named.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use flero_connect::{Call, Intent, Purpose, Request, call::Credential as Used};
use flero_marketplace::{Error, Fetch, FetchError, Folder, Place, Result};
use flero_model::policy::Principal;
use flero_store::marketplace::StoredRegistry;
use http::Method;
use url::Url;

use crate::App;

/// Where the Marketplace keeps and finds files on this machine.
#[derive(Debug, Clone, Default)]
pub struct MarketplaceFolders {
    /// What was seen of registries, so that nothing older is taken later.
    pub memory: PathBuf,
    /// The folder below which registries may be read from the disk; `None` for nowhere.
    pub registries: Option<PathBuf>,
}

/// The door, as somebody of a workspace.
#[derive(Debug)]
struct Door {
    app: App,
    principal: Principal,
}

#[async_trait]
impl Fetch for Door {
    async fn fetch(&self, url: &Url, max_bytes: u64) -> std::result::Result<Bytes, FetchError> {
        if url.scheme() == "file" {
            return Folder.fetch(url, max_bytes).await;
        }
        let mut request = Request::new(Method::GET, url.as_str().to_owned());
        request.max_body_bytes = max_bytes;
        let call = Call {
            principal: self.principal.clone(),
            purpose: Purpose::Test,
            credential: Used::None,
            intent: Intent::Record,
            request,
        };
        let reply =
            self.app.0.connect.send(call).await.map_err(|error| FetchError::Failed(error.to_string()))?;
        match reply.status {
            200 => Ok(reply.body),
            // Static hosts answer 403 for what they do not have, too.
            403 | 404 | 410 => Err(FetchError::NotFound),
            status => Err(FetchError::Failed(format!("its server answered with status {status}"))),
        }
    }
}

impl App {
    pub(super) fn fetch_for(&self, who: &Principal) -> Arc<dyn Fetch> {
        Arc::new(Door { app: self.clone(), principal: who.clone() })
    }

    /// Where a registry is, if it may be read at all.
    pub(super) fn place_of(&self, registry: &StoredRegistry) -> Result<Place> {
        let url = self.registry_url(&registry.url)?;
        let folders = &self.0.marketplace;
        let memory = folders.memory.join(registry.organization.to_string()).join(&registry.id);
        Ok(Place { url, root: registry.root.clone(), memory: Some(memory) })
    }

    /// The address of a registry, if it is one: HTTPS, HTTP (which the guard allows only where the operator does), or
    /// a folder below the one that the operator named.
    pub(super) fn registry_url(&self, text: &str) -> Result<Url> {
        let no = |reason: &str| Error::Unreachable { reason: reason.to_owned() };
        let url = Url::parse(text).map_err(|_| no("its address is not a URL; begin with https://"))?;
        match url.scheme() {
            "https" | "http"
                if url.username().is_empty() && url.password().is_none() && url.query().is_none() =>
            {
                Ok(url)
            }
            "file" => {
                let allowed = self.0.marketplace.registries.as_deref();
                let path = url.to_file_path().ok().and_then(|path| path.canonicalize().ok());
                let is_below = path.zip(allowed).is_some_and(|(path, allowed)| {
                    allowed.canonicalize().is_ok_and(|allowed| path.starts_with(allowed))
                });
                let reason = "folders are read only below FLERO_MARKETPLACE_FOLDER of the server";
                is_below.then_some(url).ok_or_else(|| no(reason))
            }
            _ => Err(no("its address is neither https:// nor a folder, or has a user or a query in it")),
        }
    }
}
