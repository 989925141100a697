//! What is made of a callback's query, without a server.

use flero_model::{CredentialId, Timestamp, UserId, WorkspaceId};
use flero_store::oauth::Grant;

use super::*;

fn attempt(issuer: Option<&str>, requires_issuer: bool, bound_to: &str) -> Attempt {
    let who = flero_model::policy::Principal {
        user: UserId::from_u128(1),
        organization: flero_model::OrganizationId::from_u128(2),
        workspace: WorkspaceId::from_u128(3),
        role: flero_model::role::Role::Owner,
        organization_role: flero_model::role::OrganizationRole::Owner,
        via: flero_model::policy::Via::Local,
    };
    let mut draft = crate::credentials::sample(&who);
    draft.id = CredentialId::from_u128(9);
    draft.policy.service = "http".into();
    Attempt {
        id: OauthAttemptId::from_u128(1),
        workspace: who.workspace,
        user: who.user,
        bound_to: bound_to.into(),
        state_hash: [0; 32],
        status: AttemptStatus::Exchanging,
        draft,
        reconnects: false,
        redirect_uri: String::new(),
        issuer: issuer.map(str::to_owned),
        requires_issuer,
        grant: Grant::default(),
        account: None,
        error: None,
        message: None,
        created_at: Timestamp::default(),
        expires_at: Timestamp::default(),
    }
}

fn verdict(attempt: &Attempt, query: &str, session: Option<&str>) -> std::result::Result<String, String> {
    let callback = Callback {
        name: attempt.draft.id.to_string(),
        query: SecretString::from(query),
        session: session.map(str::to_owned),
        is_right_host: true,
    };
    accept(attempt, &callback, &Parameters::read(query))
        .map(|code| code.expose().clone())
        .map_err(|refusal| refusal.code)
}

/// Security test 49: the issuer that the answer names is the one that is set up, and where it must be named, it is.
#[test]
fn a_mixed_up_issuer_is_refused_before_the_code_is_used() {
    let strict = attempt(Some("https://as.example.com"), true, "key:x");
    let lenient = attempt(Some("https://as.example.com"), false, "key:x");
    let unknown = attempt(None, false, "key:x");
    let good = "code=c&iss=https%3A%2F%2Fas.example.com";
    for attempt in [&strict, &lenient, &unknown] {
        assert_eq!(verdict(attempt, good, None), Ok("c".to_owned()));
    }
    for wrong in ["https://evil.example.com", "https://as.example.com/", "https://AS.example.com", ""] {
        let query =
            format!("code=c&iss={}", form_urlencoded::byte_serialize(wrong.as_bytes()).collect::<String>());
        for attempt in [&strict, &lenient] {
            assert_eq!(verdict(attempt, &query, None), Err("issuer_mismatch".to_owned()), "{wrong}");
        }
    }
    assert_eq!(verdict(&strict, "code=c", None), Err("issuer_mismatch".to_owned()));
    assert_eq!(verdict(&lenient, "code=c", None), Ok("c".to_owned()));
    assert_eq!(verdict(&strict, &format!("{good}&iss=x"), None), Err("invalid_callback".to_owned()));
    // An error of another issuer says nothing about this one either.
    assert_eq!(verdict(&strict, "error=access_denied&iss=x", None), Err("issuer_mismatch".to_owned()));
}

/// Security test 48: an attempt that a browser's session began is finished in that session alone.
#[test]
fn another_browser_cannot_finish_an_attempt() {
    let bound = attempt(None, false, "session:one");
    assert_eq!(verdict(&bound, "code=c", Some("session:one")), Ok("c".to_owned()));
    for other in [None, Some("session:two"), Some("")] {
        assert_eq!(verdict(&bound, "code=c", other), Err("other_browser".to_owned()));
    }
}

#[test]
fn a_callback_that_says_something_twice_or_nothing_is_refused() {
    let attempt = attempt(None, false, "local");
    for query in ["code=a&code=b", "code=", "", "code=a&error=access_denied&error=x"] {
        assert_eq!(verdict(&attempt, query, None), Err("invalid_callback".to_owned()), "{query}");
    }
    let long = format!("code={}", "a".repeat(MAX_CODE_BYTES + 1));
    assert_eq!(verdict(&attempt, &long, None), Err("invalid_callback".to_owned()));
    let mut elsewhere = attempt.clone();
    elsewhere.draft.policy.service = "slack".into();
    assert_eq!(verdict(&elsewhere, "code=a", None), Err("wrong_callback".to_owned()));
}

/// Security test 55: what a service says stays text, in its bounds, and a known reason is told from its words.
#[test]
fn the_services_words_are_kept_short_and_plain() {
    let described = format!("<script>alert(1)</script>\u{7}\n{}", "x".repeat(1_000));
    let refusal = refused_by_service("access_denied", &described);
    assert_eq!(refusal.code, "access_denied");
    assert!(refusal.message.chars().count() < 500);
    assert!(!refusal.message.contains(char::is_control));
    let admin =
        refused_by_service("access_denied", "AADSTS65001: The user or administrator has not consented");
    assert_eq!(admin.code, "admin_consent_required");
    assert_eq!(refused_by_service("no_such_code", "").code, "other");
}
