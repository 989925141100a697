//! A document becomes a connector: as much of it as is sound, with a report of the rest.

mod auth;
mod body;
mod operation;
mod parameter;
mod paths;
mod references;
mod servers;
mod webhooks;
mod weight;

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{
    connector::Connector,
    document::Document,
    error::{Error, Result},
    extension::Flero,
    limits::{MAX_COMPILED_BYTES, MAX_DESCRIPTION_BYTES},
    names,
    report::Report,
    schema::Schemas,
};

/// What came of a document.
#[derive(Debug)]
pub struct Compiled {
    /// The connector.
    pub connector: Connector,
    /// What was taken over and what was not.
    pub report: Report,
}

/// Compiles a document.
///
/// # Errors
/// [`Error::NothingToCall`] when the document describes no operation that can be called; a success is never empty.
/// The report is lost then; [`check`] gives it.
pub fn compile(document: &Document) -> Result<Compiled> {
    let compiled = check(document);
    match nothing_to_call(&compiled.report) {
        Some(reason) => Err(Error::NothingToCall(reason)),
        None => Ok(compiled),
    }
}

/// As [`compile`], also where nothing can be called.
#[must_use]
pub fn check(document: &Document) -> Compiled {
    let mut work = Work::new(document);
    for entry in &document.left_out {
        work.report().leave_out(entry.pointer.clone(), entry.reason.clone());
    }
    if let Some(given) = document.root.get("x-flero") {
        work.flero = work.extension(given, "/x-flero");
    }
    let (name, description, version) = info(&document.root);
    let mut connector = Connector { name, description, version, ..Connector::default() };
    connector.documentation = documentation(&document.root);
    let nothing = Map::new();
    let base = work.servers(document.root.as_object().unwrap_or(&nothing));
    connector.base_url = base.url;
    connector.connection = base.fields;
    connector.hosts = base.hosts;
    let paths = work.paths(&connector);
    connector.operations = paths.operations;
    connector.triggers = work.webhooks();
    for host in paths.hosts {
        if work.flero.hosts.is_empty() && !connector.hosts.contains(&host) {
            connector.hosts.push(host);
        }
    }
    for field in paths.fields {
        if connector.connection.iter().all(|known| known.name != field.name) {
            connector.connection.push(field);
        }
    }
    connector.auth = work.auth_kinds(&connector, &paths.credential_headers);
    let events = document.section("webhooks").or_else(|| document.section("x-webhooks")).map_or(0, Map::len);
    work.sweep_references();
    let (schemas, mut report) = work.schemas.finish();
    connector.schemas = schemas;
    connector.flero = work.flero;
    share_pagination(&mut connector);
    report.total = paths.total + document.lost;
    report.operations = connector.operations.len();
    report.events = events;
    Compiled { connector, report }
}

/// The connector's way of paging, for the operations that say nothing of their own: those that take the input by which
/// a page is chosen, or, where a link leads on, answer with a list where the items stand.
fn share_pagination(connector: &mut Connector) {
    let Some(hint) = connector.flero.pagination.clone() else { return };
    let input = hint.input().map(crate::paging::segments);
    let input = input.as_deref().and_then(<[String]>::first);
    // `/data/items` is `/properties/data/properties/items` of the schema.
    let list = format!("{}/type", hint.items().replace('/', "/properties/"));
    for operation in connector.operations.iter_mut().filter(|one| one.hints.pagination.is_none()) {
        let inputs = operation.input.get("properties");
        let has_input = input.is_some_and(|input| inputs.is_some_and(|inputs| inputs.get(input).is_some()));
        let has_list = || operation.output.as_ref()?.pointer(&list)?.as_str();
        let has_pages = if hint.has_link() { has_list() == Some("array") } else { has_input };
        if has_pages {
            let hint = hint.clone();
            operation.hints.pagination = Some(if has_input { hint } else { hint.without_input() });
        }
    }
}

/// Why a document with this report is of no use, or `None`.
#[must_use]
pub fn nothing_to_call(report: &Report) -> Option<String> {
    if report.operations > 0 {
        return None;
    }
    Some(match (report.total, report.events) {
        (0, 0) => "The document describes no operations: it has no paths.".to_owned(),
        (0, events) => format!(
            "The document describes no operations, only {events} events (webhooks): there is nothing to call."
        ),
        (total, _) => {
            format!("None of the document's {total} operations can be called; see what was left out.")
        }
    })
}

/// What is at hand while a document is compiled.
pub(crate) struct Work<'d> {
    pub(crate) document: &'d Document,
    pub(crate) schemas: Schemas<'d>,
    pub(crate) flero: Flero,
    /// Places of paths that credentials fill.
    pub(crate) path_keys: Vec<String>,
    /// Where security schemes put keys, and under which names in small letters.
    keys: HashSet<(&'d str, String)>,
    /// Whether there is any security scheme.
    has_schemes: bool,
    /// The memory that operations and events take, in bytes.
    weight: usize,
}

/// What is told of an operation that has no room any more.
const TOO_LARGE: &str =
    "The operations before it are as large as a connector may be; they repeat what they name many times.";

impl<'d> Work<'d> {
    fn new(document: &'d Document) -> Self {
        let mut work = Self {
            document,
            schemas: Schemas::new(document),
            flero: Flero::default(),
            path_keys: Vec::new(),
            keys: HashSet::new(),
            has_schemes: false,
            weight: 0,
        };
        work.path_keys = work.keys_in_path();
        work.keys = work.keys_of_schemes();
        work.has_schemes = work.any_scheme();
        work
    }

    /// Counts something in, where there is room for it.
    fn has_room(&mut self, weight: usize) -> bool {
        self.weight = self.weight.saturating_add(weight);
        !self.is_full()
    }

    fn is_full(&self) -> bool {
        self.weight > MAX_COMPILED_BYTES
    }

    pub(crate) fn report(&mut self) -> &mut Report {
        &mut self.schemas.report
    }

    /// Reads an extension; a fault in it is told and it counts as absent.
    pub(crate) fn extension<T: serde::de::DeserializeOwned + Default>(
        &mut self,
        value: &Value,
        at: &str,
    ) -> T {
        T::deserialize(value).unwrap_or_else(|fault| {
            self.report().leave_out(at, format!("The extension is not as the format says: {fault}."));
            T::default()
        })
    }
}

fn info(root: &Value) -> (String, String, String) {
    let info = root.get("info");
    let text = |name: &str| info.and_then(|info| info.get(name)).and_then(Value::as_str).unwrap_or_default();
    let title = names::plain(text("title"), 100);
    let description = if text("summary").is_empty() { text("description") } else { text("summary") };
    let version = match info.and_then(|info| info.get("version")) {
        Some(Value::String(version)) => names::plain(version, 60),
        Some(Value::Number(version)) => version.to_string(),
        _ => String::new(),
    };
    let title = if title.is_empty() { "Imported API".to_owned() } else { title };
    (title, names::plain(description, MAX_DESCRIPTION_BYTES), version)
}

fn documentation(root: &Value) -> Option<String> {
    let url = root.get("externalDocs")?.get("url")?.as_str()?.trim();
    url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https")).map(Into::into)
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
