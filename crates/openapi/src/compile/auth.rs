//! Security schemes as ways to authenticate.

mod kinds;
mod oauth;

use std::collections::HashSet;

use flero_model::{
    credential::AuthType,
    service::{AuthKind, TestRequest},
};
use serde_json::{Map, Value};

use super::Work;
use crate::{
    connector::Connector,
    document::{Version, child},
    extension::AuthHints,
    limits::MAX_SCHEMES,
    names,
    request::test_request,
};

impl<'d> Work<'d> {
    /// The security schemes of the document, references followed.
    fn schemes(&self) -> Vec<(String, &'d Map<String, Value>, String)> {
        let document = self.document;
        let (all, at) = if document.version == Version::V2 {
            (document.section("securityDefinitions"), "/securityDefinitions".to_owned())
        } else {
            let components = document.section("components");
            let all = components
                .and_then(|components| components.get("securitySchemes"))
                .and_then(Value::as_object);
            (all, "/components/securitySchemes".to_owned())
        };
        let read = |(id, given): (&String, &'d Value)| {
            let (given, at) = document.follow(given, &child(&at, id)).ok()?;
            Some((id.clone(), given.as_object()?, at))
        };
        all.into_iter().flatten().take(MAX_SCHEMES).filter_map(read).collect()
    }

    /// The places of paths that credentials fill, as `x-flero-auth` says: a token in the path is never an input.
    pub(super) fn keys_in_path(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (_, scheme, _) in self.schemes() {
            let Some(hints) = scheme.get("x-flero-auth") else { continue };
            let parameters =
                hints.get("parameters").filter(|parameters| parameters.get("in") == Some(&"path".into()));
            let placements = hints.get("placements").and_then(Value::as_array).into_iter().flatten();
            let placements = placements.filter(|placement| placement.get("in") == Some(&"path".into()));
            let all = parameters.into_iter().chain(placements);
            names.extend(all.filter_map(|one| one.get("name")?.as_str()).map(str::to_owned));
        }
        names
    }

    pub(super) fn any_scheme(&self) -> bool {
        !self.schemes().is_empty()
    }

    /// Where schemes put keys, and under which names.
    pub(super) fn keys_of_schemes(&self) -> HashSet<(&'d str, String)> {
        let keys = self.schemes().into_iter().filter_map(|(_, scheme, _)| {
            let text = |member: &str| scheme.get(member).and_then(Value::as_str).unwrap_or_default();
            (text("type") == "apiKey").then(|| (text("in"), text("name").to_ascii_lowercase()))
        });
        keys.collect()
    }

    /// Whether a scheme puts its key into this place under this name.
    pub(super) fn is_scheme(&self, place: &str, name: &str) -> bool {
        self.keys.contains(&(place, name.to_ascii_lowercase()))
    }

    /// Every way to authenticate. Schemes that nothing can be done with are told.
    pub(super) fn auth_kinds(&mut self, connector: &Connector, headers: &[(String, usize)]) -> Vec<AuthKind> {
        let schemes: Vec<(String, Map<String, Value>, String)> =
            self.schemes().into_iter().map(|(id, scheme, at)| (id, scheme.clone(), at)).collect();
        let combined = self.combined(&schemes);
        let mut all = Vec::new();
        for (id, scheme, at) in &schemes {
            let hints = scheme.get("x-flero-auth");
            let hints = hints
                .map(|hints| self.extension::<AuthHints>(hints, &child(at, "x-flero-auth")))
                .unwrap_or_default();
            if hints.hidden || combined.as_ref().is_some_and(|kind| kind.1.contains(id)) {
                continue;
            }
            match kinds::of_scheme(id, scheme, &hints, &self.flero.permissions) {
                Ok(kind) => all.push(hinted(kind, hints)),
                Err(reason) => self.report().leave_out(at.clone(), reason),
            }
        }
        all.extend(combined.map(|(kind, _)| kind));
        if schemes.is_empty() && !headers.is_empty() {
            let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
            all.push(kinds::of_headers(&names));
        }
        let test = self.test(connector, None);
        for kind in &mut all {
            self.connected(kind, connector, test.as_ref());
        }
        all
    }

    /// Adds what a kind has from the connector: the parameters of the connection that a person gives, and the test.
    fn connected(&mut self, kind: &mut AuthKind, connector: &Connector, test: Option<&TestRequest>) {
        for field in &connector.connection {
            let is_known = kind.fields.iter().any(|known| known.name == field.name);
            // What the service tells with its token is asked of nobody.
            let is_told = kind.oauth.as_ref().is_some_and(|oauth| {
                oauth.answer_values.contains_key(&field.name) || oauth.callback_values.contains(&field.name)
            });
            let server = kind.server.as_ref();
            let is_used = server.is_none_or(|server| server.names().any(|name| name == field.name));
            if !is_known && !is_told && is_used {
                kind.fields.push(field.clone());
            }
        }
        if kind.test.is_empty() {
            let own = match &kind.server {
                Some(server) => self.test(connector, Some(server.as_str())),
                None => test.cloned(),
            };
            kind.test.extend(own);
        }
    }

    /// Several keys that every request needs together (one requirement with several `apiKey` schemes) are one
    /// credential.
    fn combined(&self, schemes: &[(String, Map<String, Value>, String)]) -> Option<(AuthKind, Vec<String>)> {
        let requirements = self.document.root.get("security").and_then(Value::as_array)?;
        let all: Vec<&String> = requirements
            .iter()
            .filter_map(Value::as_object)
            .find(|requirement| requirement.len() > 1)?
            .keys()
            .collect();
        let keys: Option<Vec<(&String, &Map<String, Value>)>> = all
            .iter()
            .map(|wanted| {
                let found = schemes.iter().find(|(id, ..)| id == *wanted)?;
                (found.1.get("type")? == "apiKey").then_some((&found.0, &found.1))
            })
            .collect();
        let kind = kinds::of_keys(&keys?)?;
        Some((kind, all.into_iter().cloned().collect()))
    }

    /// The connector's test operation as a request.
    fn test(&mut self, connector: &Connector, server: Option<&str>) -> Option<TestRequest> {
        let test = self.flero.test.clone()?;
        let Some(operation) = connector.operations.iter().find(|operation| operation.id == test.operation)
        else {
            self.report().leave_out("/x-flero/test/operation", "No operation has this operationId.");
            return None;
        };
        let base = server.unwrap_or(&connector.base_url).trim_end_matches('/');
        match test_request(base, operation, &test, &self.flero.headers) {
            Ok(request) => Some(request),
            Err(reason) => {
                self.report().leave_out("/x-flero/test", format!("The test cannot be made: {reason}"));
                None
            }
        }
    }
}

/// A kind with what `x-flero-auth` says in place of what the scheme says.
fn hinted(mut kind: AuthKind, hints: AuthHints) -> AuthKind {
    if let Some(name) = hints.name {
        kind.name = name;
    }
    if !hints.fields.is_empty() {
        kind.fields = hints.fields;
    }
    kind.parameters.extend(hints.parameters);
    if !hints.placements.is_empty() {
        kind.placements = hints.placements;
    }
    kind.server = hints.server;
    kind.login = hints.login;
    kind.test = hints.test;
    kind
}

/// The name of a kind for people.
fn label(auth_type: AuthType, id: &str) -> String {
    match auth_type {
        AuthType::Oauth2 => "OAuth 2".to_owned(),
        AuthType::Basic => "User name and password".to_owned(),
        AuthType::Bearer => "Access token".to_owned(),
        AuthType::Digest => "User name and password (Digest)".to_owned(),
        AuthType::AwsSigV4 => "AWS access key".to_owned(),
        AuthType::Certificate => "Client certificate".to_owned(),
        _ => {
            let name = names::humanize(id);
            if name.is_empty() { "API key".to_owned() } else { name }
        }
    }
}
