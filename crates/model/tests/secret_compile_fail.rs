//! Security test 18: a secret cannot be shown, copied, compared or written by accident; the compiler refuses.

use flero_model::secret::{SecretBytes, SecretString};

/// Security test 18: what the compiler must refuse, one case a file.
#[test]
fn the_compiler_refuses_to_show_copy_compare_or_write_a_secret() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/secret_compile_fail/*.rs");
}

/// Security test 18: what compiles, `Debug`, reveals nothing, not even the length, and not inside other values either.
#[test]
fn debug_shows_the_type_alone() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "the fields are read by `Debug`")]
    struct Form {
        name: &'static str,
        token: SecretString,
        key: Option<SecretBytes>,
    }
    let form = Form {
        name: "x",
        token: "canary-value".into(),
        key: Some(SecretBytes::new(b"canary-bytes".to_vec())),
    };
    assert_eq!(format!("{form:?}"), r#"Form { name: "x", token: Secret(..), key: Some(Secret(..)) }"#);
    assert!(!format!("{form:#?}").contains("canary"));
}

/// A wrong type in a request is refused without quoting what was submitted.
#[test]
fn a_refused_secret_is_not_quoted() {
    for body in ["12345678", r#"["canary-value"]"#, r#"{"canary-value":1}"#, "true"] {
        let error = serde_json::from_str::<SecretString>(body).expect_err("it is not a string").to_string();
        assert!(error.contains("expected a string"), "{error}");
        assert!(!error.contains("canary") && !error.contains("12345678"), "{error}");
    }
}
