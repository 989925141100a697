use super::*;

/// A nonce as the server makes it, but always the same.
fn get(path: &str, accept_encoding: &str) -> Option<Asset> {
    asset(path, accept_encoding, || "bm9uY2U".into())
}

#[test]
fn the_page_names_only_files_that_there_are_and_has_no_inline_script() {
    let page = get("/", "").unwrap();
    let html = std::str::from_utf8(&page.body).unwrap();
    let quoted = html.split('"').filter(|piece| piece.starts_with('/') && !piece.starts_with("/api/"));
    for piece in quoted {
        assert!(get(piece, "").is_some_and(|asset| asset.policy.is_none()), "{piece}");
    }
    for script in html.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(tag.contains("src=") && rest.starts_with("</script>"), "{script}");
    }
    assert!(!html.contains("<style") && !html.contains("onclick") && !html.contains(" style="));
}

#[test]
fn the_nonce_of_the_page_is_the_one_of_its_policy() {
    let page = get("/", "").unwrap();
    let policy = page.policy.unwrap();
    assert!(policy.contains("style-src 'self' 'nonce-bm9uY2U'"), "{policy}");
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert!(!std::str::from_utf8(&page.body).unwrap().contains(NONCE_PLACE));
}

#[test]
fn other_paths_are_not_answered() {
    for path in [
        "",
        "//",
        "//evil.example",
        "/api/health",
        "/assets/../Cargo.toml",
        "/index.html",
        "/nothing",
        "logs",
    ] {
        assert!(get(path, "").is_none(), "{path}");
    }
}

#[test]
fn a_deep_link_gets_the_page() {
    for section in files::SECTIONS.iter().filter(|section| !section.is_empty()) {
        for path in [format!("/{section}"), format!("/{section}/a/b")] {
            assert!(get(&path, "").is_some_and(|asset| asset.policy.is_some()), "{path}");
        }
    }
}

#[test]
fn hashed_files_are_kept_and_sent_as_the_browser_can_read_them() {
    for file in files::FILES.iter().filter(|file| file.path.starts_with("/assets/")) {
        let plain = get(file.path, "").unwrap();
        assert_eq!((plain.cache_control, plain.encoding), (IMMUTABLE, None), "{}", file.path);
        let encoded = get(file.path, "gzip;q=0.5, br").unwrap();
        assert!(encoded.body.len() <= plain.body.len());
        assert_eq!(encoded.encoding.is_some(), file.brotli.is_some());
        assert!(!matches!(get(file.path, "br;q=0, deflate").unwrap().encoding, Some("br" | "gzip")));
    }
}
