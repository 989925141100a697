//! What holds for every text as the URL of a call: what is read is what is sent, and reading it again gives the same.
//! Called by the fuzz target and by the tests of `flero-model`.
#![allow(unreachable_pub, reason = "it is a module of a fuzz target and of the tests of a crate")]

use flero_model::destination::{HostPattern, read_url};

/// Checks one text.
pub fn destination(text: &str) {
    if let Ok((url, destination)) = read_url(text) {
        assert!(matches!(url.scheme(), "http" | "https"), "another scheme was let through");
        assert!(url.username().is_empty() && url.password().is_none(), "user information was let through");
        let (again, same) = read_url(url.as_str()).expect("what was read cannot be read again");
        assert_eq!(again, url, "reading changes the URL a second time");
        assert_eq!(same.to_string(), destination.to_string());
        assert!(!destination.to_string().contains(['?', '#', '@', '\\']), "more than a host");
    }
    if let Ok(pattern) = text.parse::<HostPattern>() {
        let written = pattern.to_string();
        let again: HostPattern = written.parse().expect("what was written cannot be read again");
        assert_eq!(again.to_string(), written);
    }
}
