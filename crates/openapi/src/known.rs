//! Known services as connectors without operations: a file of `services/` becomes a pack like any other, so that
//! lists, searches and credentials need to know of one form only.

use flero_model::service::{Category, KnownService};

use crate::{
    connector::Connector,
    extension::Flero,
    pack,
    summary::{Summary, Tier},
};

#[cfg(test)]
mod tests;

/// Reads a file of `services/` and writes its pack; the guide is made of the entry.
///
/// # Errors
/// What is wrong with the file, in a sentence.
pub fn compiled(id: &str, text: &str) -> Result<(Summary, Vec<u8>), String> {
    let known: KnownService = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    if known.id != id {
        return Err(format!("its id is {}, which is not the name of the file", known.id));
    }
    let guide = known.guide();
    let connector = connector(known);
    let summary = Summary::of(id, Tier::Known, &connector);
    let bytes = pack::write(summary.clone(), connector, &guide);
    Ok((summary, bytes))
}

/// The entry as a connector.
fn connector(known: KnownService) -> Connector {
    let mut connection = Vec::new();
    for name in known.base_url.names() {
        let fields = known.auth.iter().flat_map(|kind| &kind.fields);
        connection.extend(fields.filter(|field| !field.secret && field.name == name).take(1).cloned());
    }
    let first = known.categories.first().map_or("utilities", |category| shelf(*category));
    // Its own words find it too where the shelf is called differently.
    let keywords =
        known.categories.iter().map(|category| word(*category)).filter(|own| own != first).collect();
    Connector {
        name: known.name,
        description: known.summary,
        documentation: known.docs.first().cloned(),
        base_url: known.base_url.as_str().trim_end_matches('/').to_owned(),
        connection,
        hosts: known.hosts,
        auth: known.auth,
        flero: Flero { category: first.to_owned(), keywords, ..Flero::default() },
        ..Connector::default()
    }
}

/// The word of a category, as its file writes it.
fn word(category: Category) -> String {
    serde_json::to_value(category).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The category of connectors under which a known service stands, so that one list of categories filters all.
const fn shelf(category: Category) -> &'static str {
    match category {
        Category::Ai => "ai",
        Category::Analytics => "analytics",
        Category::Ecommerce | Category::Shipping => "commerce",
        Category::Communication => "communication",
        Category::Crm => "crm",
        Category::Support => "customer-support",
        Category::Database | Category::Search => "data",
        Category::Design => "design",
        Category::Developer => "developer-tools",
        Category::Cms | Category::Knowledge | Category::Legal => "documents",
        Category::Email => "email",
        Category::Files => "files",
        Category::Accounting | Category::Banking | Category::Erp | Category::Finance => "finance",
        Category::Forms => "forms",
        Category::Hr | Category::Recruiting => "hr",
        Category::Infrastructure => "infrastructure",
        Category::Marketing => "marketing",
        Category::Media | Category::Video => "media",
        Category::Monitoring => "monitoring",
        Category::Payments => "payments",
        Category::Automation | Category::Productivity | Category::Time => "productivity",
        Category::Projects => "project-management",
        Category::Sales => "sales",
        Category::Calendar | Category::Events => "scheduling",
        Category::Identity | Category::Security => "security",
        Category::Social => "social",
        Category::Education | Category::Gaming | Category::Health | Category::Travel | Category::Web => {
            "utilities"
        }
    }
}
