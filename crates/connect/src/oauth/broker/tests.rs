//! What is decided about a grant at each moment of its life.

use flero_model::credential::KeyScopeRef;
use flero_store::keys::{SealedSecret, SecretAddress, SecretSlot};
use serde_json::json;

use super::*;

fn settings(grant: &str) -> Settings {
    let serde_json::Value::Object(parameters) = json!({"grantType": grant}) else { unreachable!() };
    Settings::read(&Policy {
        service: "http".into(),
        auth_type: flero_model::credential::AuthType::Oauth2,
        allowed_hosts: Vec::new(),
        parameters,
    })
    .unwrap()
}

fn stored(revision: u64, life_ms: Option<(i64, i64)>, has_refresh_token: bool) -> StoredGrant {
    let tokens = SealedSecret {
        address: SecretAddress { owner: "x".into(), field: "tokens".into(), slot: SecretSlot::Current },
        revision,
        scope: KeyScopeRef::workspace(flero_model::WorkspaceId::from_u128(1)),
        key_version: 1,
        bound_type: "oauth2".into(),
        policy_hash: Vec::new(),
        blob: Vec::new(),
        destroy_at: None,
    };
    StoredGrant {
        grant: Grant {
            revision,
            expires_at: life_ms.map(|(_, end)| Timestamp::from_millis(end)),
            refresh_at: life_ms.map(|(due, _)| Timestamp::from_millis(due)),
            has_refresh_token,
            ..Grant::default()
        },
        leased_until: None,
        retry_at: None,
        failures: 0,
        tokens: Some(tokens),
    }
}

#[test]
fn each_moment_of_a_grant_has_one_answer() {
    let (code, machine) = (settings("authorization_code"), settings("client_credentials"));
    let ask = |usable| Step::Ask { usable };
    let life = Some((80, 100));
    let ended = StoredGrant { failures: 1, ..stored(3, life, true) };
    let rests = StoredGrant { retry_at: Some(Timestamp::default()), ..ended.clone() };
    let refused = Step::Never(Fault::Refused(OauthError::InvalidGrant));
    for (name, settings, grant, newer_than, now, expected) in [
        ("ended by the service", &code, Some(ended), None, 0, refused),
        ("failed for a passing reason", &code, Some(rests), None, 0, Step::Use),
        ("never connected", &code, None, None, 0, Step::Never(Fault::NotConnected)),
        ("a machine's first", &machine, None, None, 0, ask(false)),
        ("fresh", &code, Some(stored(1, life, true)), None, 79, Step::Use),
        ("due", &code, Some(stored(1, life, true)), None, 80, ask(true)),
        ("over", &code, Some(stored(1, life, true)), None, 100, ask(false)),
        ("due without a way to renew", &code, Some(stored(1, life, false)), None, 99, Step::Use),
        (
            "over without a way to renew",
            &code,
            Some(stored(1, life, false)),
            None,
            100,
            Step::Never(Fault::Ended),
        ),
        ("a machine's needs no refresh token", &machine, Some(stored(1, life, false)), None, 100, ask(false)),
        ("no life told", &code, Some(stored(1, None, true)), None, i64::MAX, Step::Use),
        ("refused", &code, Some(stored(3, None, true)), Some(3), 0, ask(false)),
        ("refused, but renewed since", &code, Some(stored(4, None, true)), Some(3), 0, Step::Use),
        ("refused for good", &code, Some(stored(3, None, false)), Some(3), 0, Step::Never(Fault::Ended)),
    ] {
        let decided = step(settings, grant.as_ref(), newer_than, Timestamp::from_millis(now));
        assert_eq!(decided, expected, "{name}");
    }
}

#[test]
fn a_token_is_due_a_minute_or_a_fifth_of_its_life_ahead_and_up_to_a_tenth_earlier() {
    for (life, latest, earliest) in
        [(3_600_000, 3_540_000, 3_534_000), (100_000, 80_000, 78_000), (1_000, 800, 780)]
    {
        assert_eq!((due_ms(life, 0), due_ms(life, u16::MAX)), (latest, earliest));
        assert!((earliest..latest).contains(&due_ms(life, u16::MAX / 2)));
    }
}
