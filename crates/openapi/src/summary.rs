//! What lists show of a connector and of its operations, and finding one by a few letters.

use flero_model::credential::AuthType;
use serde::{Deserialize, Serialize};

use crate::connector::{Connector, Operation};

/// Where a connector comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Written and checked by the project.
    Curated,
    /// Known how to authenticate at; operations are those that people make of it.
    Known,
    /// Made of a document that somebody imported.
    #[default]
    Imported,
    /// Installed from a registry.
    Marketplace,
}

impl Tier {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Curated => "curated",
            Self::Known => "known",
            Self::Imported => "imported",
            Self::Marketplace => "marketplace",
        }
    }
}

/// A connector in a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// The name of its folder, or of its import.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it is, in a sentence or two.
    pub description: String,
    /// Where it comes from.
    pub tier: Tier,
    /// What kind of service it is.
    pub category: String,
    /// Other words by which it is found.
    pub keywords: Vec<String>,
    /// The brand's colour.
    pub color: Option<String>,
    /// The version of the service's API.
    pub version: String,
    /// The ways to authenticate.
    pub auth_types: Vec<AuthType>,
    /// How many operations there are.
    pub operation_count: usize,
    /// How many events there are.
    pub event_count: usize,
}

/// The longest description in a list, in bytes.
const MAX_DESCRIPTION: usize = 240;

impl Summary {
    /// The summary of a connector.
    #[must_use]
    pub fn of(id: &str, tier: Tier, connector: &Connector) -> Self {
        let mut auth_types: Vec<AuthType> = Vec::new();
        for kind in &connector.auth {
            if !auth_types.contains(&kind.auth_type) {
                auth_types.push(kind.auth_type);
            }
        }
        Self {
            id: id.to_owned(),
            name: connector.name.clone(),
            description: crate::names::plain(&connector.description, MAX_DESCRIPTION),
            tier,
            category: connector.flero.category.clone(),
            keywords: connector.flero.keywords.clone(),
            color: connector.flero.color.clone(),
            version: connector.version.clone(),
            auth_types,
            operation_count: connector.operations.len(),
            event_count: connector.triggers.len(),
        }
    }
}

/// An operation in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OperationSummary {
    /// Its identifier.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The group that it is shown in.
    pub group: String,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// Whether the vendor advises against using it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
}

impl OperationSummary {
    /// The summary of an operation.
    #[must_use]
    pub fn of(operation: &Operation) -> Self {
        Self {
            id: operation.id.clone(),
            name: operation.name.clone(),
            group: operation.group.clone(),
            method: operation.method.clone(),
            path: operation.path.clone(),
            deprecated: operation.deprecated,
        }
    }
}
