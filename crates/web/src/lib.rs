//! The embedded user interface.
//!
//! One page that lists executions and shows one of them, until the full interface exists. It holds the API key
//! in memory alone: never in storage, a cookie or the address.

/// A file of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its bytes.
    pub body: &'static [u8],
    /// Its media type.
    pub content_type: &'static str,
    /// Whether it is a page, which a browser opens by itself.
    pub is_page: bool,
}

/// The Content-Security-Policy of every page: everything comes from this origin, nothing is inline, nobody frames it.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The file for a path, `None` when there is none. Every page has the same file: the script reads the address.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    let file = |body, content_type| Some(Asset { body, content_type, is_page: false });
    match path {
        "/assets/app.js" => file(include_bytes!("../assets/app.js"), "text/javascript; charset=utf-8"),
        "/assets/app.css" => file(include_bytes!("../assets/app.css"), "text/css; charset=utf-8"),
        "/assets/flero.svg" => file(include_bytes!("../assets/flero.svg"), "image/svg+xml"),
        "/" | "/logs" => Some(page()),
        _ if path.strip_prefix("/logs/").is_some_and(|id| !id.is_empty() && !id.contains('/')) => {
            Some(page())
        }
        _ => None,
    }
}

fn page() -> Asset {
    Asset {
        body: include_bytes!("../assets/index.html"),
        content_type: "text/html; charset=utf-8",
        is_page: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_only_files_that_there_are_and_has_nothing_inline() {
        let html = std::str::from_utf8(asset("/").unwrap().body).unwrap();
        for piece in html.split('"').filter(|piece| piece.starts_with("/assets/")) {
            assert!(asset(piece).is_some(), "{piece}");
        }
        assert!(!html.contains("<style") && !html.contains("onclick") && !html.contains("<script>"));
    }

    #[test]
    fn other_paths_are_not_answered() {
        for path in ["/logs/a/b", "/assets/../Cargo.toml", "/api/health", "/logs/", ""] {
            assert!(asset(path).is_none(), "{path}");
        }
    }
}
