//! Importing a document as a connector of the workspace.

use flero_connect::{Call, Intent, Purpose, Request, call::Credential as Used};
use flero_model::{
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
};
use flero_openapi::{
    Document, Error as Fault, Report, Summary, Tier, compile, limits::MAX_DOCUMENT_BYTES, names, pack,
};
use flero_store::connectors::NewConnector;
use http::Method;

use super::document_of_curl;
use crate::{App, Error, Result, app::permit};

/// Where a document comes from.
pub enum ImportSource {
    /// It was handed in.
    Document(bytes::Bytes),
    /// It is fetched through the door, without any credential.
    Url(String),
    /// A cURL command; secrets in it are dropped.
    Curl(String),
}

impl std::fmt::Debug for ImportSource {
    /// A command may hold a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ImportSource(..)")
    }
}

/// What came of an import.
#[derive(Debug)]
pub struct Imported {
    /// The connector.
    pub summary: Summary,
    /// What was taken over and what was not.
    pub report: Report,
}

/// A document becomes a connector: what lists show, the pack, the report.
type Made = (Summary, Vec<u8>, Report);

impl App {
    /// Imports a document. It takes the place of an earlier import of the same title; credentials that were made for
    /// that one keep their own hosts.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] with what is wrong with the document; [`Error::Call`] when it cannot
    /// be fetched.
    pub async fn import_connector(&self, who: &Principal, source: ImportSource) -> Result<Imported> {
        permit(who, Action::WriteConnectors)?;
        let bytes = match source {
            ImportSource::Document(bytes) => Ok(bytes),
            ImportSource::Url(url) => Ok(self.fetch_document(who, url).await?),
            ImportSource::Curl(command) => Err(command),
        };
        // Reading a large document takes seconds, which no other request should wait for.
        let made = tokio::task::spawn_blocking(move || match bytes {
            Ok(bytes) => make(Document::read(&bytes)),
            Err(command) => {
                let document = document_of_curl(&command);
                make(Ok(document.map_err(|fault| Error::field("/curl", "curl.command", sentence(&fault)))?))
            }
        });
        let (summary, pack, report) =
            made.await.map_err(|_| Error::Internal("the document could not be read"))??;
        let text =
            serde_json::to_string(&summary).map_err(|_| Error::Internal("a summary has no JSON form"))?;
        let detail = AuditDetail {
            name: Some(summary.id.clone()),
            count: Some(report.operations as u64),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::ConnectorImported, who.workspace, detail);
        let connector = NewConnector {
            workspace: who.workspace,
            id: summary.id.clone(),
            summary: text,
            pack,
            by: who.user,
            at: self.now(),
        };
        self.store().put_connector(connector, vec![record]).await?;
        self.0.engine.connector_changed(who.workspace, &summary.id);
        Ok(Imported { summary, report })
    }

    /// Removes an imported connector. Credentials that were made for it stay.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn delete_connector(&self, who: &Principal, id: &str) -> Result<()> {
        permit(who, Action::WriteConnectors)?;
        let detail = AuditDetail { name: Some(id.chars().take(64).collect()), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::ConnectorRemoved, who.workspace, detail);
        self.store().delete_connector(who.workspace, id, vec![record]).await?;
        self.0.engine.connector_changed(who.workspace, id);
        Ok(())
    }

    async fn fetch_document(&self, who: &Principal, url: String) -> Result<bytes::Bytes> {
        let mut request = Request::new(Method::GET, url);
        request.max_body_bytes = MAX_DOCUMENT_BYTES as u64;
        let call = Call {
            principal: who.clone(),
            purpose: Purpose::Test,
            credential: Used::None,
            intent: Intent::Record,
            request,
        };
        let reply = self.0.connect.send(call).await.map_err(Error::Call)?;
        if !(200..300).contains(&reply.status) {
            let message = format!("The document could not be fetched (status {}).", reply.status);
            return Err(Error::field("/url", "connector.fetch", message));
        }
        Ok(reply.body)
    }
}

/// A fault as a sentence for people.
fn sentence(fault: &str) -> String {
    let mut message = fault.to_owned();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let end = if message.ends_with('.') { "" } else { "." };
    format!("{message}{end}")
}

fn make(document: std::result::Result<Document, Fault>) -> Result<Made> {
    let invalid = |fault: Fault| Error::field("", "connector.document", sentence(&fault.to_string()));
    let document = document.map_err(invalid)?;
    let compiled = compile(&document).map_err(invalid)?;
    // What was read takes more memory than everything that became of it, and nothing needs it any more.
    drop(document);
    let mut id = names::slug(&compiled.connector.name);
    // A built-in connector is never hidden by an import.
    if flero_catalog::get(&id).is_some() || id == "http" {
        id.push_str("-imported");
    }
    let summary = Summary::of(&id, Tier::Imported, &compiled.connector);
    let pack = pack::write(summary.clone(), compiled.connector, "");
    Ok((summary, pack, compiled.report))
}
