//! The guide of a known service, made of its entry: every word of it stands in the entry, so the two cannot differ.

use std::fmt::Write as _;

use super::{AuthKind, KnownService};
use crate::service::HostClass;

#[cfg(test)]
mod tests;

impl KnownService {
    /// The guide as Markdown, with the headings of a connector's guide: what it is, how to get a credential, the
    /// permissions and their reasons, where the secret may go, and the vendor's pages.
    #[must_use]
    pub fn guide(&self) -> String {
        let mut text = format!("# {}\n\n## What it does\n\n{}\n", self.name, self.summary);
        text.push_str(
            "Flero knows how to authenticate here. Use the credential in the HTTP Request node or over the proxy.\n",
        );
        text.push_str("\n## Get a credential\n");
        for kind in &self.auth {
            put_kind(kind, &mut text);
        }
        self.put_permissions(&mut text);
        self.put_hosts(&mut text);
        text.push_str("\n## Documentation\n\n");
        put_lines(self.docs.iter().map(|page| format!("- <{page}>")), &mut text);
        text
    }

    fn put_permissions(&self, text: &mut String) {
        let mut seen = Vec::new();
        let asked =
            self.auth.iter().filter_map(|kind| kind.oauth.as_ref()).flat_map(|oauth| &oauth.permissions);
        for permission in asked {
            if seen.is_empty() {
                text.push_str("\n## Permissions\n\n| scope | why |\n|---|---|\n");
            }
            if !seen.contains(&&permission.scope) {
                seen.push(&permission.scope);
                let optional = if permission.optional { " Asked for only when chosen." } else { "" };
                put_lines([format!("| `{}` | {}{optional} |", permission.scope, permission.reason)], text);
            }
        }
    }

    fn put_hosts(&self, text: &mut String) {
        let _ = write!(
            text,
            "\n## Hosts\n\nRequests go to `{}`. The secret is sent to:\n\n",
            self.base_url.as_str()
        );
        let lines = self.hosts.iter().map(|rule| {
            let who = match rule.class {
                HostClass::Fixed => "",
                HostClass::Label => ", where the part in braces is one label that you enter",
                HostClass::Listed => ", where the part in braces is one of a list",
                HostClass::Told => ", which the service names when you sign in",
                HostClass::Typed => ", a server that you enter",
            };
            format!("- `{}`{who}", rule.host.as_str())
        });
        put_lines(lines, text);
    }
}

fn put_kind(kind: &AuthKind, text: &mut String) {
    let _ = write!(text, "\n**{}**\n\n", kind.name);
    if kind.oauth.as_ref().is_some_and(|oauth| oauth.authorization_url.is_some()) {
        text.push_str("Register an app at the service with the callback URL that Flero shows.\n\n");
    }
    let lines = kind.fields.iter().map(|field| {
        let optional = if field.optional { " (optional)" } else { "" };
        let help = if field.help.is_empty() { String::new() } else { format!(": {}", field.help) };
        format!("- *{}*{optional}{help}", field.label)
    });
    put_lines(lines, text);
    if let Some(test) = kind.test.first() {
        let path = test.url.as_str().split('?').next().unwrap_or_default();
        let _ = write!(text, "\nIt is tested with `{} {path}`.\n", test.method);
    }
}

fn put_lines(lines: impl IntoIterator<Item = String>, text: &mut String) {
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
}
