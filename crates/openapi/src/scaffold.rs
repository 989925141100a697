//! The folder that a new connector begins with: it has no finding of [`crate::lint`], so that whatever is found later
//! was written by its author.

use std::collections::BTreeMap;

use url::Url;

use crate::{folder, names};

/// What a new connector is told.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The folder's name, which is the connector's identifier.
    pub id: &'a str,
    /// The service's name for people.
    pub name: &'a str,
    /// Where the service is called, an `https://` address without a query.
    pub url: &'a str,
    /// The vendor's documentation.
    pub docs: &'a str,
}

/// The files of a new connector, by their names in its folder.
///
/// # Errors
/// A sentence that says what to change.
pub fn files(asked: &Asked<'_>) -> Result<BTreeMap<String, Vec<u8>>, String> {
    if !names::is_slug(asked.id) {
        return Err(
            "the folder is named with small letters, digits and hyphens, as the connector will be".into()
        );
    }
    let base = https(asked.url).ok_or("the base address is an https:// URL without a query")?;
    let docs = https(asked.docs).ok_or("the documentation is an https:// URL")?;
    let host = match base.port() {
        Some(port) => format!("{}:{port}", base.host_str().unwrap_or_default()),
        None => base.host_str().unwrap_or_default().to_owned(),
    };
    let url = base.as_str().trim_end_matches('/');
    let name = asked.name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err("the service has a name of one line".into());
    }
    // A JSON text is a YAML text too (YAML 1.2 section 1.3), whatever signs the name has.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let fill = |text: &str| {
        text.replace("\"{{title}}\"", &quoted(name))
            .replace("{{name}}", name)
            .replace("{{keyword}}", asked.id)
            .replace("{{url}}", url)
            .replace("{{host}}", &host)
            .replace("{{docs}}", docs.as_str())
            .into_bytes()
    };
    Ok(BTreeMap::from([
        (folder::MAIN.to_owned(), fill(include_str!("scaffold/connector.yaml"))),
        ("operations/account.yaml".to_owned(), fill(include_str!("scaffold/account.yaml"))),
        ("fixtures/getAccount.http".to_owned(), fill(include_str!("scaffold/getAccount.http"))),
        ("guide.md".to_owned(), fill(include_str!("scaffold/guide.md"))),
    ]))
}

fn https(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let is_plain = url.scheme() == "https" && url.query().is_none() && url.fragment().is_none();
    (is_plain && url.username().is_empty() && url.password().is_none() && !text.contains(['{', '}']))
        .then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::lint;

    const ASKED: Asked<'_> = Asked {
        id: "acme",
        name: "Acme \"Cloud\": # 1",
        url: "https://api.acme.example:8443/v1/",
        docs: "https://acme.example/docs",
    };

    #[test]
    fn a_new_folder_has_no_finding() {
        let linted = lint("acme", &files(&ASKED).unwrap());
        assert_eq!(linted.findings, []);
        let connector = linted.compiled.unwrap().connector;
        assert_eq!(connector.name, "Acme \"Cloud\": # 1");
        assert_eq!(connector.base_url, "https://api.acme.example:8443/v1");
        assert_eq!(connector.auth[0].test.len(), 1);
    }

    #[test]
    fn what_makes_no_connector_is_refused() {
        for asked in [
            Asked { id: "Acme", ..ASKED },
            Asked { url: "http://api.acme.example", ..ASKED },
            Asked { url: "https://user@api.acme.example", ..ASKED },
            Asked { docs: "docs", ..ASKED },
            Asked { name: " ", ..ASKED },
        ] {
            files(&asked).unwrap_err();
        }
    }
}
