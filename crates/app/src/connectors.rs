//! Connectors: those that are built in and those that a workspace imported.

mod check;
mod curl;
mod import;
mod options;
mod view;

use std::sync::Arc;

use flero_model::policy::{Action, Principal};
use flero_openapi::Pack;
pub use flero_openapi::{Report, Summary, Tier, limits::MAX_DOCUMENT_BYTES};

pub use curl::document_of_curl;
pub use import::{ImportSource, Imported};
pub use options::{Choice, Form, Options, OptionsOf};
pub use view::{ConnectorView, OperationView};

use crate::{App, Error, Result, app::permit};

/// Which connectors are asked for.
#[derive(Debug, Clone, Default)]
pub struct ConnectorFilter {
    /// What was typed; typing errors are forgiven.
    pub text: Option<String>,
    /// Only of this tier.
    pub tier: Option<Tier>,
    /// Only of this category.
    pub category: Option<String>,
}

impl App {
    /// The connectors that the caller's workspace can use, best first where something was typed, else by name.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_connectors(&self, who: &Principal, filter: &ConnectorFilter) -> Result<Vec<Summary>> {
        permit(who, Action::ReadConnectors)?;
        let imported = self.store().list_connectors(who.workspace).await?;
        let imported: Vec<Summary> =
            imported.iter().filter_map(|summary| serde_json::from_str(summary).ok()).collect();
        let mut all: Vec<&Summary> = imported.iter().collect();
        for summary in flero_catalog::all() {
            all.push(summary);
        }
        all.retain(|summary| {
            filter.tier.is_none_or(|tier| summary.tier == tier)
                && filter.category.as_ref().is_none_or(|category| summary.category == *category)
        });
        let typed = filter.text.as_deref().unwrap_or_default();
        Ok(flero_catalog::find(all.into_iter(), typed).into_iter().cloned().collect())
    }

    /// One connector with its operations.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn get_connector(&self, who: &Principal, id: &str) -> Result<ConnectorView> {
        permit(who, Action::ReadConnectors)?;
        let pack = self.connector_pack(who, id).await?;
        ConnectorView::of(&pack).map_err(|_| Error::Internal("a connector cannot be read; import it again"))
    }

    /// One operation with everything that a form needs.
    ///
    /// # Errors
    /// As [`App::get_connector`].
    pub async fn get_operation(&self, who: &Principal, id: &str, operation: &str) -> Result<OperationView> {
        permit(who, Action::ReadConnectors)?;
        let pack = self.connector_pack(who, id).await?;
        let damaged = |_| Error::Internal("a connector cannot be read; import it again");
        let found = pack.operation(operation).map_err(damaged)?.ok_or(Error::NotFound)?;
        OperationView::of(&pack, found).map_err(damaged)
    }

    pub(crate) async fn connector_pack(&self, who: &Principal, id: &str) -> Result<Arc<Pack>> {
        if !flero_openapi::names::is_slug(id) {
            return Err(Error::NotFound);
        }
        self.0.engine.connector(who.workspace, id).await?.ok_or(Error::NotFound)
    }
}
