//! Every pair of method and path, in the order of the document.

use std::collections::HashSet;

use flero_model::service::{Field, HostRule};
use serde_json::Value;

use super::{TOO_LARGE, Work, parameter::Found};
use crate::{
    connector::{Connector, Operation},
    document::{Version, child},
    limits::{MAX_ADDRESS_BYTES, MAX_OPERATIONS},
};

/// The members of a path that are methods. `query` is one since 3.2.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What was found under `paths`.
#[derive(Debug, Default)]
pub(super) struct Paths {
    pub(super) operations: Vec<Operation>,
    /// All pairs, also those that cannot be called.
    pub(super) total: usize,
    /// Hosts of servers that belong to one path or operation.
    pub(super) hosts: Vec<HostRule>,
    /// Parameters of the connection that those servers name.
    pub(super) fields: Vec<Field>,
    /// Header parameters of operations that are credentials, with how many operations have them.
    pub(super) credential_headers: Vec<(String, usize)>,
    pub(super) taken: HashSet<String>,
}

impl<'d> Work<'d> {
    pub(super) fn paths(&mut self, connector: &Connector) -> Paths {
        let mut paths = Paths::default();
        let document = self.document;
        for (path, item) in document.section("paths").into_iter().flatten() {
            // Extensions may stand among the paths.
            if path.starts_with("x-") {
                continue;
            }
            let at = child("/paths", path);
            match document.follow(item, &at) {
                Ok((item, at)) => self.path_item(path, item, &at, connector, &mut paths),
                Err((reason, reference)) => {
                    paths.total += 1;
                    let reference: String = reference.chars().take(200).collect();
                    self.report()
                        .leave_out(at, format!("The path is a reference, {reference}, which {reason}."));
                }
            }
        }
        paths
    }

    fn path_item(&mut self, path: &str, item: &'d Value, at: &str, connector: &Connector, paths: &mut Paths) {
        let Value::Object(members) = item else {
            self.report().leave_out(at, "A path is an object of methods; this is something else.");
            return;
        };
        let base = (members.contains_key("servers") && self.document.version > Version::V2)
            .then(|| self.servers(members));
        let shared = self.found_parameters(members.get("parameters"), &child(at, "parameters"));
        let mut methods: Vec<(String, &'d Value, String)> = Vec::new();
        for (name, operation) in members {
            let is_method = METHODS.contains(&name.as_str())
                || (name == "query" && self.document.version == Version::V3_2);
            if is_method {
                methods.push((name.to_ascii_uppercase(), operation, child(at, name)));
            }
        }
        if self.document.version == Version::V3_2
            && let Some(Value::Object(more)) = members.get("additionalOperations")
        {
            let at = child(at, "additionalOperations");
            methods.extend(more.iter().map(|(name, operation)| (name.clone(), operation, child(&at, name))));
        }
        for (method, operation, at) in methods {
            paths.total += 1;
            if paths.total > MAX_OPERATIONS {
                self.report().leave_out(at, format!("A connector has at most {MAX_OPERATIONS} operations."));
                continue;
            }
            if matches!(method.as_str(), "TRACE" | "CONNECT")
                || http::Method::from_bytes(method.as_bytes()).is_err()
            {
                let reason =
                    "The method is never sent: TRACE echoes every header field, and CONNECT opens a tunnel.";
                self.report().leave_out(at, reason);
                continue;
            }
            if path.len() > MAX_ADDRESS_BYTES {
                let reason = format!("Paths of more than {MAX_ADDRESS_BYTES} bytes are not called.");
                self.report().leave_out(at, reason);
                continue;
            }
            if self.is_full() {
                self.report().leave_out(at, TOO_LARGE);
                continue;
            }
            let Value::Object(operation) = operation else {
                self.report().leave_out(at, "An operation is an object; this is something else.");
                continue;
            };
            let of = Of { path, method: &method, at: &at, base: base.as_ref() };
            self.operation(&of, operation, &shared, connector, paths);
        }
    }
}

/// What an operation belongs to.
pub(super) struct Of<'o> {
    pub(super) path: &'o str,
    pub(super) method: &'o str,
    pub(super) at: &'o str,
    /// The base address of its path, where that has one.
    pub(super) base: Option<&'o super::servers::Base>,
}

/// The parameters that hold for an operation: its own take the place of the path's (OpenAPI 3.1 section 4.8.10.1).
pub(super) fn merged<'p, 'd>(shared: &'p [Found<'d>], own: &'p [Found<'d>]) -> Vec<&'p Found<'d>> {
    let mut all: Vec<&Found<'_>> = Vec::new();
    for found in shared.iter().chain(own) {
        match all.iter_mut().find(|known| known.name == found.name && known.place == found.place) {
            Some(known) => *known = found,
            None => all.push(found),
        }
    }
    all
}
