//! What every built-in connector makes of the failures of its service.

use flero_openapi::{
    answer::error_of,
    extension::{ErrorClass, ErrorRules, Places},
};
use serde_json::{Value, json};

/// A body with a value at a JSON pointer whose names are no numbers.
fn body_with(pointer: &str, value: Value) -> Value {
    let names = pointer.split('/').skip(1).collect::<Vec<_>>();
    names.into_iter().rev().fold(value, |inner, name| match name.parse::<usize>() {
        Ok(place) => (0..=place).map(|at| if at == place { inner.clone() } else { Value::Null }).collect(),
        Err(_) => json!({ name: inner }),
    })
}

/// The rules of a connector and of those of its operations that have their own.
fn rules(id: &str) -> Vec<ErrorRules> {
    let connector = flero_catalog::get(id).unwrap().whole().unwrap();
    let own = connector.operations.into_iter().filter_map(|one| one.hints.errors);
    own.chain([connector.flero.errors.unwrap_or_default()]).collect()
}

/// Security test 39: every failure of every connector is told as one, of the class that says what to do, and of what the
/// service says about it one word alone goes into the error.
#[test]
fn every_failure_of_every_connector_has_its_class_and_quotes_nothing() {
    let usual = [
        (400, ErrorClass::Validation),
        (401, ErrorClass::Authentication),
        (403, ErrorClass::Permission),
        (404, ErrorClass::NotFound),
        (409, ErrorClass::Conflict),
        (422, ErrorClass::Validation),
        (429, ErrorClass::RateLimit),
        (500, ErrorClass::Server),
        (502, ErrorClass::Server),
        (503, ErrorClass::Server),
        (504, ErrorClass::Server),
    ];
    let mut held = 0;
    for summary in flero_catalog::all() {
        for rules in rules(&summary.id) {
            for (status, class) in usual {
                let wanted = rules.statuses.get(&status.to_string()).copied().unwrap_or(class);
                for body in [Value::Null, json!("<html>no"), json!({}), json!([])] {
                    let error = error_of(Some(&rules), status, &body).map(|error| error.class);
                    assert_eq!(error, Some(wanted), "{}: {status} {body}", summary.id);
                    held += 1;
                }
            }
            let places = rules.code.as_ref().map(Places::all).unwrap_or_default();
            // The first place that has something counts, so each is alone here.
            for place in places {
                for (code, class) in &rules.codes {
                    let error = error_of(Some(&rules), 400, &body_with(place, json!(code))).unwrap();
                    assert_eq!(
                        (error.class, error.code.as_ref()),
                        (*class, Some(code)),
                        "{}: {place}",
                        summary.id
                    );
                }
                let quoted = body_with(place, json!("what was sent: Bearer abc def"));
                let error = error_of(Some(&rules), 400, &quoted).unwrap();
                assert_eq!(error.code, None, "{}: {place}", summary.id);
            }
        }
    }
    assert!(held > 100 * usual.len(), "{held}");
}
