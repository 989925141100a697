//! The rule of hosts: every address that requests with a credential go to is at a host that `x-flero.hosts` declares.
//! A credential could not be used at another one, which nobody would notice before it is called.

use flero_model::service::HostRule;

use super::{Add, rules::place};
use crate::{compile::Compiled, document::Document};

pub(super) fn check(document: &Document, compiled: &Compiled, add: &mut Add<'_>) {
    let connector = &compiled.connector;
    let mut hold = |url: &str, at: &str| {
        let host = host(url);
        if !connector.hosts.iter().any(|rule| covers(rule, host)) {
            add(
                at,
                "hosts",
                format!("`x-flero.hosts` does not declare {host}, so no credential is sent there."),
            );
        }
    };
    hold(&connector.base_url, "/servers");
    for kind in &connector.auth {
        if let Some(server) = &kind.server {
            let at = format!("/components/securitySchemes/{}/x-flero-auth/server", kind.id);
            hold(server.as_str(), &at);
        }
    }
    for operation in &connector.operations {
        if let Some(url) = &operation.base_url {
            hold(url, &format!("{}/servers", place(document, &operation.id)));
        }
    }
}

/// The host of an address, with its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether a rule may be of a host. Places in braces, of the rule or of the host, stand for something.
fn covers(rule: &HostRule, named: &str) -> bool {
    let rule = host(rule.host.as_str());
    is_like(rule, named) || is_like(named, rule)
}

fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split(['{', '}']).step_by(2);
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        // Something stands in a place, so the next part does not begin where the last one ended.
        let Some(at) = rest
            .char_indices()
            .skip(1)
            .map(|(at, _)| at)
            .chain([rest.len()])
            .find(|at| rest[*at..].starts_with(part))
        else {
            return false;
        };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    // The last part ends the text; behind a place at the end anything may stand.
    rest.is_empty() || last.is_some_and(|part| part.is_empty() || rest.ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_for_something_and_everything_else_for_itself() {
        for (pattern, text) in [
            ("a.example", "a.example"),
            ("{x}.a.example", "eu.a.example"),
            ("{x}.a.example", "eu.a.example.a.example"),
            ("api.{region}.a.example", "api.eu.a.example"),
            ("{host}", "a.example:8443"),
        ] {
            assert!(is_like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a.example", "b.a.example"),
            ("a.example", "a.example.evil"),
            ("{x}.a.example", ".a.example"),
            ("{x}.a.example", "eu.a.example.evil"),
            ("api.{region}.a.example", "api.eu.b.example"),
        ] {
            assert!(!is_like(pattern, text), "{pattern} {text}");
        }
    }
}
