//! The embedded user interface: what `build.rs` made of `web/`, and the rules under which a browser gets it.
//!
//! Files whose names carry a hash of their content may be kept for ever; they are there in Brotli and gzip too. The
//! page has one address for each screen, since its script reads the address. It allows scripts from this origin
//! alone, and style elements only with the nonce of the very answer.

use std::borrow::Cow;

mod files;

use files::File;

/// A file of the interface, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its bytes, encoded as `encoding` says.
    pub body: Cow<'static, [u8]>,
    /// Its media type.
    pub content_type: &'static str,
    /// The value of `Content-Encoding`, `None` for the plain bytes.
    pub encoding: Option<&'static str>,
    /// The value of `Cache-Control`.
    pub cache_control: &'static str,
    /// For the page, the value of `Content-Security-Policy`.
    pub policy: Option<String>,
}

/// What may be kept for ever: its name changes with its content (RFC 8246).
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What a browser has to ask for again.
const NO_CACHE: &str = "no-cache";

/// What stands in the page in place of the nonce.
const NONCE_PLACE: &str = "__FLERO_NONCE__";

/// The file for a path, `None` when there is none.
///
/// `accept_encoding` is the request's header, empty without one. `nonce` is called for the page alone; it gives
/// fresh random text in the alphabet of Base64 for every call.
#[must_use]
pub fn asset(path: &str, accept_encoding: &str, nonce: impl FnOnce() -> String) -> Option<Asset> {
    if let Ok(at) = files::FILES.binary_search_by(|file| file.path.cmp(path)) {
        return Some(file(&files::FILES[at], accept_encoding));
    }
    is_page(path).then(|| page(&nonce()))
}

/// Whether an address belongs to the page: its first segment is one of the page's sections.
fn is_page(path: &str) -> bool {
    let section = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    path == "/" || (path.starts_with('/') && !section.is_empty() && files::SECTIONS.contains(&section))
}

/// The page, as every address of its sections gets it. `nonce` is fresh random text in the alphabet of Base64. At an
/// address that it does not know it says that there is nothing.
#[must_use]
pub fn page(nonce: &str) -> Asset {
    Asset {
        body: Cow::Owned(files::PAGE.replace(NONCE_PLACE, nonce).into_bytes()),
        content_type: "text/html; charset=utf-8",
        encoding: None,
        cache_control: "no-store",
        policy: Some(policy(nonce)),
    }
}

/// The policy of the page: everything comes from this origin and nobody frames it. No script is inline. The
/// component library and the code editor add style elements while they run, which is what the nonce is for.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

fn file(file: &'static File, accept_encoding: &str) -> Asset {
    let accepts = |name: &str| {
        accept_encoding.split(',').any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            parts.next() == Some(name) && !parts.any(|part| matches!(part, "q=0" | "q=0.0"))
        })
    };
    let (body, encoding) = match (file.brotli, file.gzip) {
        (Some(body), _) if accepts("br") => (body, Some("br")),
        (_, Some(body)) if accepts("gzip") => (body, Some("gzip")),
        _ => (file.body, None),
    };
    Asset {
        body: Cow::Borrowed(body),
        content_type: content_type(file.path),
        encoding,
        cache_control: if file.path.starts_with("/assets/") { IMMUTABLE } else { NO_CACHE },
        policy: None,
    }
}

/// The media type by the ending of a name.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
